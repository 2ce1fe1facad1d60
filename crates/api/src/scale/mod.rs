//! Scale: the number of replicas of something that can be scaled. The body of `scale` subresources.

use crate::kind::{BASE, Kind, Storage};
use crate::meta::{age, column, not_negative, number};
use apimachinery::status::FieldError;
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "autoscaling", version: "v1", kind: "Scale", plural: "scales", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    verbs: &[],
    storage: Storage::Body,
    schema: "Scale",
    validate,
    columns: &[column("Name"), number("Desired"), number("Available"), column("Age")],
    row,
    ..BASE
};

/// Mirrors ValidateScale.
fn validate(scale: &Object) -> Vec<FieldError> {
    not_negative(&scale["spec"]["replicas"], "spec.replicas").into_iter().collect()
}

fn row(scale: &Object, now: Time) -> Vec<Value> {
    let (desired, current) = (scale["spec"]["replicas"].int(), scale["status"]["replicas"].int());
    vec![scale.name().into(), desired.into(), current.into(), age(scale, now)]
}
