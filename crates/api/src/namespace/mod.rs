//! Namespace.

mod validation;

use crate::kind::{BASE, Kind, Subresource, status_of};
use crate::meta::{age, column};
use apimachinery::{Object, Resource, Value, json};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Namespace", plural: "namespaces", namespaced: false };

/// The label that carries every namespace's own name.
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "namespace",
    short_names: &["ns"],
    verbs: &["create", "delete", "get", "list", "patch", "update", "watch"],
    subresources: &[
        Subresource { name: "finalize", kind: "Namespace", group_version: None, verbs: &["update"] },
        status_of("Namespace"),
    ],
    schema: "Namespace",
    defaults,
    name_errors: apimachinery::labels::dns1123_label_errors,
    validate_status_update: validation::validate_status_update,
    strategy_create,
    strategy_update,
    fields: |ns| vec![("status.phase", ns["status"]["phase"].str().to_string())],
    columns: &[column("Name"), column("Status"), column("Age")],
    row,
    ..BASE
};

/// Mirrors SetDefaults_Namespace.
fn defaults(ns: &mut Value) {
    let name = ns["metadata"]["name"].clone();
    if !name.str().is_empty() && ns["metadata"]["labels"][NAME_LABEL].is_null() {
        ns.field_mut("metadata").field_mut("labels").set(NAME_LABEL, name);
    }
}

/// Mirrors namespaceStrategy.PrepareForCreate: the finalizer keeps a namespace until it is empty.
fn strategy_create(ns: &mut Object) {
    ns.set("status", json!({"phase": "Active"}));
    let finalizers = ns.field_mut("spec").field_mut("finalizers").array_mut();
    let kubernetes = Value::from("kubernetes");
    if !finalizers.contains(&kubernetes) {
        finalizers.push(kubernetes);
    }
}

/// The finalizers change through `/finalize` alone.
fn strategy_update(new: &mut Object, old: &Object) {
    new.field_mut("spec").set("finalizers", old["spec"]["finalizers"].clone());
}

fn row(ns: &Object, now: Time) -> Vec<Value> {
    vec![ns.name().into(), ns["status"]["phase"].clone(), age(ns, now)]
}
