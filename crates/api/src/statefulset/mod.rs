//! StatefulSet: pods with names and claims of their own, one after the other.

mod validation;

use crate::kind::{BASE, Kind, SCALE, spec_changed, status_of};
use crate::meta::{age, column, container_cells, wide};
use crate::pod;
use apimachinery::{Object, Resource, Value, json};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "apps", version: "v1", kind: "StatefulSet", plural: "statefulsets", namespaced: true };

/// The label of a pod with its name.
pub const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";
/// The label of a pod with its number.
pub const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "statefulset",
    short_names: &["sts"],
    categories: &["all"],
    subresources: &[SCALE, status_of("StatefulSet")],
    schema: "StatefulSet",
    defaults,
    validate: validation::validate,
    validate_update: validation::validate_update,
    validate_status_update: validation::validate_status_update,
    warnings: |object| pod::template_warnings(object),
    generation: Some(spec_changed),
    columns: &[column("Name"), column("Ready"), column("Age"), wide("Containers"), wide("Images")],
    row,
    ..BASE
};

/// Mirrors SetDefaults_StatefulSet.
fn defaults(set: &mut Value) {
    let spec = set.field_mut("spec");
    if spec["updateStrategy"]["type"].is_empty() {
        spec.set_at("updateStrategy.type", "RollingUpdate");
        // Without a word about it a rolling update is one of all pods.
        if spec["updateStrategy"]["rollingUpdate"].is_null() {
            spec.set_at("updateStrategy.rollingUpdate", json!({"partition": 0}));
        }
    }
    let strategy = &spec["updateStrategy"];
    if strategy["type"] == "RollingUpdate"
        && !strategy["rollingUpdate"].is_null()
        && strategy["rollingUpdate"]["partition"].is_null()
    {
        spec.set_at("updateStrategy.rollingUpdate.partition", 0);
    }
    for policy in ["whenDeleted", "whenScaled"] {
        let path = format!("persistentVolumeClaimRetentionPolicy.{policy}");
        if spec.at(&path).is_empty() {
            spec.set_at(&path, "Retain");
        }
    }
    if !spec["volumeClaimTemplates"].is_empty() {
        for claim in spec.field_mut("volumeClaimTemplates").array_mut() {
            claim.set("apiVersion", "v1");
            claim.set("kind", "PersistentVolumeClaim");
            claim.set_at("status.phase", "Pending");
        }
    }
    pod::default_template(set);
}

/// Mirrors printStatefulSet.
fn row(set: &Object, now: Time) -> Vec<Value> {
    let [containers, images] = container_cells(set.at("spec.template.spec"));
    let (ready, wanted) = (set.at("status.readyReplicas").int(), set.at("spec.replicas").int());
    vec![set.name().into(), format!("{ready}/{wanted}").into(), age(set, now), containers, images]
}
