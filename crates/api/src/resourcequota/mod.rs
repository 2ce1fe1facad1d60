//! ResourceQuota: how much of everything the objects of a namespace may have together.

mod evaluate;
mod validation;

pub use evaluate::{Usage, covers, matches, missing, usage};

use crate::kind::{BASE, Kind, status_of};
use crate::meta::{age, column};
use apimachinery::{Object, Quantity, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "ResourceQuota", plural: "resourcequotas", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "resourcequota",
    short_names: &["quota"],
    subresources: &[status_of("ResourceQuota")],
    schema: "ResourceQuota",
    validate: validation::validate,
    validate_update: validation::validate_update,
    columns: &[column("Name"), column("Request"), column("Limit"), column("Age")],
    row,
    ..BASE
};

/// Mirrors printResourceQuota.
fn row(quota: &Object, now: Time) -> Vec<Value> {
    let status = &quota["status"];
    let cell = |limits: bool| {
        let of_column = status["hard"].fields().filter(|(name, _)| name.starts_with("limits.") == limits);
        let shown = |name: &str, hard: &Value| {
            let used = status["used"].get(name).and_then(|v| Quantity::parse(v.str()));
            format!("{name}: {}/{}", used.unwrap_or(Quantity::ZERO), hard.str())
        };
        Value::from(of_column.map(|(name, hard)| shown(name, hard)).collect::<Vec<_>>().join(", "))
    };
    vec![quota.name().into(), cell(false), cell(true), age(quota, now)]
}
