//! ReplicaSet.

mod validation;

pub(crate) use validation::{OWNER, Owner, selector_and_template, selector_change, status_numbers};

use crate::kind::{BASE, Kind, SCALE, spec_changed, status_of};
use crate::meta::{age, column, container_cells, number, wide};
use crate::pod;
use apimachinery::{Object, Resource, Value, labels};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "replicaset",
    short_names: &["rs"],
    categories: &["all"],
    subresources: &[SCALE, status_of("ReplicaSet")],
    schema: "ReplicaSet",
    defaults: |rs| pod::default_template(rs),
    validate: validation::validate,
    validate_update: validation::validate_update,
    validate_status_update: validation::validate_status_update,
    warnings: |object| pod::template_warnings(object),
    generation: Some(spec_changed),
    fields: |rs| vec![("status.replicas", rs["status"]["replicas"].int().to_string())],
    columns: &[
        column("Name"),
        number("Desired"),
        number("Current"),
        number("Ready"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row,
    ..BASE
};

/// Mirrors printReplicaSet.
fn row(rs: &Object, now: Time) -> Vec<Value> {
    let [containers, images] = container_cells(&rs["spec"]["template"]["spec"]);
    vec![
        rs.name().into(),
        rs["spec"]["replicas"].int().into(),
        rs["status"]["replicas"].int().into(),
        rs["status"]["readyReplicas"].int().into(),
        age(rs, now),
        containers,
        images,
        labels::format_selector(&rs["spec"]["selector"]).into(),
    ]
}
