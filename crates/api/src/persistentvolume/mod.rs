//! PersistentVolume: a directory of a node that outlives pods.

use crate::kind::{BASE, Kind, status_of};
use crate::meta::{age, column, positive_quantity, wide};
use crate::persistentvolumeclaim::{access_modes, validate_access_modes, validate_volume_mode};
use crate::unsimulated;
use apimachinery::status::FieldError;
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "",
    version: "v1",
    kind: "PersistentVolume",
    plural: "persistentvolumes",
    namespaced: false,
};

/// Keeps a volume from going while a claim has it.
pub const PROTECTION: &str = "kubernetes.io/pv-protection";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "persistentvolume",
    short_names: &["pv"],
    subresources: &[status_of("PersistentVolume")],
    schema: "PersistentVolume",
    strategy_create: |volume| volume.set_at("status.phase", "Pending"),
    validate,
    validate_update,
    columns: &[
        column("Name"),
        column("Capacity"),
        column("Access Modes"),
        column("Reclaim Policy"),
        column("Status"),
        column("Claim"),
        column("StorageClass"),
        column("VolumeAttributesClass"),
        column("Reason"),
        column("Age"),
        wide("VolumeMode"),
    ],
    row,
    ..BASE
};

/// The sources that a volume can have here, and those that it could have elsewhere.
const SOURCES: [&str; 4] = ["hostPath", "nfs", "local", "csi"];

/// Mirrors ValidatePersistentVolume.
fn validate(volume: &Object) -> Vec<FieldError> {
    let spec = &volume["spec"];
    let mut errors = Vec::new();
    if spec["accessModes"].is_empty() {
        errors.push(FieldError::required("spec.accessModes", ""));
    }
    errors.extend(validate_access_modes(&spec["accessModes"]));
    if spec["capacity"].is_empty() {
        errors.push(FieldError::required("spec.capacity", ""));
    } else if spec["capacity"]["storage"].is_null() || spec["capacity"].fields().count() > 1 {
        errors.push(FieldError::not_supported("spec.capacity", &spec["capacity"], &["storage"]));
    }
    for (name, amount) in spec["capacity"].fields() {
        errors.extend(positive_quantity(amount, &format!("spec.capacity[{name}]")));
    }
    let (policy, field) = (&spec["persistentVolumeReclaimPolicy"], "spec.persistentVolumeReclaimPolicy");
    match policy.str() {
        "Delete" | "Retain" => {}
        "Recycle" => errors.push(FieldError::forbidden(field, unsimulated::DETAIL)),
        _ => errors.push(FieldError::not_supported(field, policy, &["Delete", "Recycle", "Retain"])),
    }
    match SOURCES.iter().filter(|source| !spec[**source].is_null()).count() {
        0 => errors.push(FieldError::required("spec", "must specify a volume type")),
        1 => {}
        _ => errors.push(FieldError::forbidden("spec", "may not specify more than 1 volume type")),
    }
    let path = &spec["hostPath"]["path"];
    if !spec["hostPath"].is_null() && path.str().is_empty() {
        errors.push(FieldError::required("spec.hostPath.path", ""));
    }
    if path.str().split('/').any(|part| part == "..") {
        errors.push(FieldError::invalid("spec.hostPath.path", path, "must not contain '..'"));
    }
    errors.extend(validate_volume_mode(&spec["volumeMode"]));
    errors
}

/// Mirrors ValidatePersistentVolumeUpdate.
fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    let (spec, before) = (&new["spec"], &old["spec"]);
    if SOURCES.iter().any(|source| spec[*source] != before[*source]) {
        let detail = "spec.persistentvolumesource is immutable after creation";
        errors.push(FieldError::forbidden("spec.persistentvolumesource", detail));
    }
    errors.extend(crate::meta::immutable(&spec["volumeMode"], &before["volumeMode"], "spec.volumeMode"));
    errors
}

/// Mirrors printPersistentVolume.
fn row(volume: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&volume["spec"], &volume["status"]);
    let claim = &spec["claimRef"];
    let claim = match claim["name"].str() {
        "" => String::new(),
        name => format!("{}/{name}", claim["namespace"].str()),
    };
    let phase = if volume.is_terminating() { "Terminating" } else { status["phase"].str() };
    vec![
        volume.name().into(),
        spec["capacity"]["storage"].str().into(),
        access_modes(&spec["accessModes"]).into(),
        spec["persistentVolumeReclaimPolicy"].clone(),
        phase.into(),
        claim.into(),
        spec["storageClassName"].str().into(),
        "<unset>".into(),
        status["reason"].str().into(),
        age(volume, now),
        spec["volumeMode"].clone(),
    ]
}
