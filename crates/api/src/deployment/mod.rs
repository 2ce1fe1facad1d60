//! Deployment.

mod validation;

use crate::kind::{BASE, Kind, SCALE, status_of};
use crate::meta::{age, column, container_cells, number, wide};
use crate::pod;
use apimachinery::{Object, Resource, Value, labels};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "apps", version: "v1", kind: "Deployment", plural: "deployments", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "deployment",
    short_names: &["deploy"],
    categories: &["all"],
    subresources: &[SCALE, status_of("Deployment")],
    schema: "Deployment",
    defaults,
    validate: validation::validate,
    validate_update: validation::validate_update,
    validate_status_update: validation::validate_status_update,
    warnings: |object| pod::template_warnings(object),
    generation: Some(changed),
    columns: &[
        column("Name"),
        column("Ready"),
        number("Up-to-date"),
        number("Available"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row,
    ..BASE
};

/// Mirrors SetDefaults_Deployment.
fn defaults(deployment: &mut Value) {
    let strategy = &deployment["spec"]["strategy"];
    if strategy["type"] == "RollingUpdate" {
        for key in ["maxSurge", "maxUnavailable"] {
            if deployment["spec"]["strategy"]["rollingUpdate"][key].is_null() {
                deployment.at_mut("spec.strategy.rollingUpdate").set(key, "25%");
            }
        }
    }
    pod::default_template(deployment);
}

/// Changed annotations count too. Mirrors deploymentStrategy.PrepareForUpdate.
fn changed(new: &Object, old: &Object) -> bool {
    new["spec"] != old["spec"] || new.meta("annotations") != old.meta("annotations")
}

/// Mirrors printDeployment.
fn row(deployment: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&deployment["spec"], &deployment["status"]);
    let [containers, images] = container_cells(&spec["template"]["spec"]);
    vec![
        deployment.name().into(),
        format!("{}/{}", status["readyReplicas"].int(), spec["replicas"].int()).into(),
        status["updatedReplicas"].int().into(),
        status["availableReplicas"].int().into(),
        age(deployment, now),
        containers,
        images,
        labels::format_selector(&spec["selector"]).into(),
    ]
}
