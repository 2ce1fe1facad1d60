//! ReplicationController: what ReplicaSets were called in their youth, with plain labels as its selector.

use crate::kind::{BASE, Kind, SCALE, spec_changed, status_of};
use crate::meta::{age, column, container_cells, not_negative, number, wide};
use crate::pod;
use crate::replicaset::{Owner, selector_and_template, status_numbers};
use apimachinery::status::FieldError;
use apimachinery::{Object, Resource, Value, json, labels};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "",
    version: "v1",
    kind: "ReplicationController",
    plural: "replicationcontrollers",
    namespaced: true,
};

const OWNER: Owner = Owner { selector: "replicationcontroller", template: "ReplicationController" };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "replicationcontroller",
    short_names: &["rc"],
    categories: &["all"],
    subresources: &[SCALE, status_of("ReplicationController")],
    schema: "ReplicationController",
    defaults,
    validate,
    validate_update: |new, _| validate(new),
    validate_status_update: |new, _| {
        const NUMBERS: [&str; 5] =
            ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"];
        status_numbers(&new["status"], &NUMBERS, &[])
    },
    warnings: |object| pod::template_warnings(object),
    generation: Some(spec_changed),
    fields: |rc| vec![("status.replicas", rc["status"]["replicas"].int().to_string())],
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

/// Mirrors SetDefaults_ReplicationController: its template's labels are its own and its selector, unless it says others.
fn defaults(rc: &mut Value) {
    let labels = rc["spec"]["template"]["metadata"]["labels"].clone();
    if !labels.is_empty() {
        for path in ["spec.selector", "metadata.labels"] {
            if rc.at(path).is_empty() {
                rc.set_at(path, labels.clone());
            }
        }
    }
    pod::default_template(rc);
}

/// Mirrors ValidateReplicationControllerSpec.
fn validate(rc: &Object) -> Vec<FieldError> {
    let mut spec = rc["spec"].clone();
    let mut errors: Vec<FieldError> =
        not_negative(&spec["minReadySeconds"], "spec.minReadySeconds").into_iter().collect();
    if spec["selector"].is_empty() {
        errors.push(FieldError::required("spec.selector", ""));
    }
    errors.extend(not_negative(&spec["replicas"], "spec.replicas"));
    if spec["template"].is_null() {
        errors.push(FieldError::required("spec.template", ""));
    } else if !spec["selector"].is_empty() {
        let selector = json!({"matchLabels": &spec["selector"]});
        spec.set("selector", selector);
        errors.extend(selector_and_template(&spec, &OWNER));
    }
    errors
}

/// Mirrors printReplicationController.
fn row(rc: &Object, now: Time) -> Vec<Value> {
    let [containers, images] = container_cells(&rc["spec"]["template"]["spec"]);
    vec![
        rc.name().into(),
        rc["spec"]["replicas"].int().into(),
        rc["status"]["replicas"].int().into(),
        rc["status"]["readyReplicas"].int().into(),
        age(rc, now),
        containers,
        images,
        labels::format(&rc["spec"]["selector"]).into(),
    ]
}
