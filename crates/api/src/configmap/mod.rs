//! ConfigMap.

mod validation;

pub use validation::{MAX_SIZE, unchanged_when_immutable};

use crate::kind::{BASE, Kind};
use crate::meta::{age, column, number};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "configmap",
    short_names: &["cm"],
    schema: "ConfigMap",
    validate: validation::validate,
    validate_update: validation::validate_update,
    columns: &[column("Name"), number("Data"), column("Age")],
    row,
    ..BASE
};

fn row(map: &Object, now: Time) -> Vec<Value> {
    let count = map["data"].fields().count() + map["binaryData"].fields().count();
    vec![map.name().into(), count.into(), age(map, now)]
}
