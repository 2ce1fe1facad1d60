//! LimitRange: what containers and pods of a namespace may ask for, and what they get when they ask for nothing.

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::column;
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "LimitRange", plural: "limitranges", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "limitrange",
    short_names: &["limits"],
    schema: "LimitRange",
    defaults,
    validate: validation::validate,
    validate_update: |new, _| validation::validate(new),
    columns: &[column("Name"), column("Created At")],
    row,
    ..BASE
};

/// A limit of containers is their default as well, and that is what they request, too; or the least is.
/// Mirrors SetDefaults_LimitRangeItem.
fn defaults(range: &mut Value) {
    if range["spec"]["limits"].items().is_empty() {
        return;
    }
    for item in range.at_mut("spec.limits").array_mut() {
        if item["type"] == "Container" {
            for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
                fill(item, from, to);
            }
        }
    }
}

fn fill(item: &mut Value, from: &str, to: &str) {
    for (name, amount) in item[from].clone().fields() {
        if item[to].get(name).is_none() {
            item.field_mut(to).set(name, amount.clone());
        }
    }
}

/// Mirrors printLimitRange of kinds that have nothing to show but when they were made.
fn row(range: &Object, _: Time) -> Vec<Value> {
    vec![range.name().into(), range.meta("creationTimestamp").clone()]
}
