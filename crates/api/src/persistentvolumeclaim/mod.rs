//! PersistentVolumeClaim: a wish for a volume.

use crate::kind::{BASE, Kind, status_of};
use crate::meta::{age, column, positive_quantity, validate_label_selector, wide};
use apimachinery::status::FieldError;
use apimachinery::{Object, Quantity, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "",
    version: "v1",
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    namespaced: true,
};

/// Keeps a claim from going while a pod has it.
pub const PROTECTION: &str = "kubernetes.io/pvc-protection";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "persistentvolumeclaim",
    short_names: &["pvc"],
    subresources: &[status_of("PersistentVolumeClaim")],
    schema: "PersistentVolumeClaim",
    strategy_create: |claim| claim.set_at("status.phase", "Pending"),
    validate: |claim| validate_spec(&claim["spec"], "spec"),
    validate_update,
    columns: &[
        column("Name"),
        column("Status"),
        column("Volume"),
        column("Capacity"),
        column("Access Modes"),
        column("StorageClass"),
        column("VolumeAttributesClass"),
        column("Age"),
        wide("VolumeMode"),
    ],
    row,
    ..BASE
};

/// What is wrong with a claim's spec, or with that of a template. Mirrors ValidatePersistentVolumeClaimSpec.
pub fn validate_spec(spec: &Value, path: &str) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let mut errors = Vec::new();
    if spec["accessModes"].is_empty() {
        errors.push(FieldError::required(at("accessModes"), "at least 1 access mode is required"));
    }
    if !spec["selector"].is_null() {
        errors.extend(validate_label_selector(&spec["selector"], &at("selector")));
    }
    errors.extend(access_mode_errors(&spec["accessModes"], &at("accessModes")));
    match &spec["resources"]["requests"]["storage"] {
        Value::Null => errors.push(FieldError::required(at("resources[storage]"), "")),
        storage => errors.extend(positive_quantity(storage, &at("resources[storage]"))),
    }
    let class = &spec["storageClassName"];
    if !class.str().is_empty() {
        let wrong = apimachinery::labels::dns1123_subdomain_errors(class.str());
        errors.extend(crate::meta::field_errors(wrong, &at("storageClassName"), class));
    }
    errors.extend(volume_mode_error(&spec["volumeMode"], &at("volumeMode")));
    errors
}

/// What is wrong with `spec.accessModes`.
pub fn validate_access_modes(modes: &Value) -> Vec<FieldError> {
    access_mode_errors(modes, "spec.accessModes")
}

fn access_mode_errors(modes: &Value, path: &str) -> Vec<FieldError> {
    let known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    let wrong = modes.items().iter().filter(|mode| !known.contains(&mode.str()));
    let mut errors: Vec<FieldError> =
        wrong.map(|mode| FieldError::not_supported(path, mode, &known)).collect();
    if modes.items().len() > 1 && modes.items().iter().any(|mode| *mode == "ReadWriteOncePod") {
        let detail = "may not use ReadWriteOncePod with other access modes";
        errors.push(FieldError::forbidden(path, detail));
    }
    errors
}

/// What is wrong with `spec.volumeMode`.
pub fn validate_volume_mode(mode: &Value) -> Option<FieldError> {
    volume_mode_error(mode, "spec.volumeMode")
}

fn volume_mode_error(mode: &Value, path: &str) -> Option<FieldError> {
    match mode.str() {
        "Filesystem" => None,
        "Block" => Some(FieldError::forbidden(path, crate::unsimulated::DETAIL)),
        _ => Some(FieldError::not_supported(path, mode, &["Block", "Filesystem"])),
    }
}

/// Mirrors ValidatePersistentVolumeClaimUpdate.
fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate_spec(&new["spec"], "spec");
    let mut spec = new["spec"].clone();
    // The binder may fill in what nobody said.
    if old.at("spec.volumeName").is_empty() {
        spec.remove("volumeName");
    }
    let bound = old.at("status.phase") == "Bound";
    if bound {
        spec.set_at("resources.requests", old.at("spec.resources.requests"));
    }
    if spec != old["spec"] {
        let difference = crate::pod::spec_diff("PersistentVolumeClaimSpec", &old["spec"], &spec);
        let detail = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n\
             {difference}"
        );
        errors.push(FieldError::forbidden("spec", &detail));
    }
    let storage = |claim: &Object| Quantity::parse(claim.at("spec.resources.requests.storage").str());
    if let (true, Some(now), Some(before)) = (bound, storage(new), storage(old))
        && before.more_than(now)
    {
        let detail = "field can not be less than status.capacity";
        errors.push(FieldError::forbidden("spec.resources.requests.storage", detail));
    }
    errors
}

/// `RWO,ROX`. Mirrors GetAccessModesAsString.
pub fn access_modes(modes: &Value) -> String {
    const SHORT: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let given = SHORT.iter().filter(|(long, _)| modes.items().iter().any(|mode| *mode == *long));
    given.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

/// Mirrors printPersistentVolumeClaim.
fn row(claim: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&claim["spec"], &claim["status"]);
    let phase = if claim.is_terminating() { "Terminating" } else { status["phase"].str() };
    let bound = !spec["volumeName"].is_empty();
    let of_volume = |text: String| if bound { text } else { String::new() };
    vec![
        claim.name().into(),
        phase.into(),
        spec["volumeName"].str().into(),
        of_volume(status["capacity"]["storage"].str().to_string()).into(),
        of_volume(access_modes(&status["accessModes"])).into(),
        spec["storageClassName"].str().into(),
        "<unset>".into(),
        age(claim, now),
        spec["volumeMode"].clone(),
    ]
}
