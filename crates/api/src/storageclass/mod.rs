//! StorageClass.

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::{age, column};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "storage.k8s.io",
    version: "v1",
    kind: "StorageClass",
    plural: "storageclasses",
    namespaced: false,
};

/// Marks the class of claims that name none, now and in former times.
const IS_DEFAULT: [&str; 2] =
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "storageclass",
    short_names: &["sc"],
    schema: "StorageClass",
    validate: validation::validate,
    validate_update: validation::validate_update,
    columns: &[
        column("Name"),
        column("Provisioner"),
        column("ReclaimPolicy"),
        column("VolumeBindingMode"),
        column("AllowVolumeExpansion"),
        column("Age"),
    ],
    row,
    ..BASE
};

/// Whether claims that name no class are of this one.
pub fn is_default(class: &Object) -> bool {
    IS_DEFAULT.iter().any(|key| class.annotation(key) == Some("true"))
}

/// Mirrors printStorageClass.
fn row(class: &Object, now: Time) -> Vec<Value> {
    let default = if is_default(class) { " (default)" } else { "" };
    vec![
        format!("{}{default}", class.name()).into(),
        class["provisioner"].clone(),
        class["reclaimPolicy"].clone(),
        class["volumeBindingMode"].clone(),
        class["allowVolumeExpansion"].is_true().into(),
        age(class, now),
    ]
}
