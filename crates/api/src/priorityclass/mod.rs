//! PriorityClass: a name for a pod's priority.

use crate::kind::{BASE, Kind};
use crate::meta::{age, column, immutable};
use apimachinery::status::FieldError;
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "scheduling.k8s.io",
    version: "v1",
    kind: "PriorityClass",
    plural: "priorityclasses",
    namespaced: false,
};

/// The classes that every cluster has: name, value, description.
pub const SYSTEM: [(&str, i64, &str); 2] = [
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
];

/// The highest priority that users may give. Mirrors HighestUserDefinablePriority.
const HIGHEST: i64 = 1_000_000_000;

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "priorityclass",
    short_names: &["pc"],
    schema: "PriorityClass",
    validate,
    validate_update,
    generation: Some(|_, _| false),
    columns: &[
        column("Name"),
        column("Value"),
        column("Global-Default"),
        column("Age"),
        column("PreemptionPolicy"),
    ],
    row,
    ..BASE
};

/// Mirrors ValidatePriorityClass.
fn validate(class: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if class.name().starts_with("system-") {
        if let Some(why) = unknown_system(class) {
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {why}"
            );
            errors.push(FieldError::forbidden("metadata.name", &detail));
        }
    } else if class["value"].int() > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.push(FieldError::forbidden("value", &detail));
    }
    let known = ["Never", "PreemptLowerPriority"];
    if !known.contains(&class["preemptionPolicy"].str()) {
        let policy = &class["preemptionPolicy"];
        errors.push(FieldError::not_supported("preemptionPolicy", policy, &known));
    }
    errors
}

/// Why it is none of the system's classes. Mirrors IsKnownSystemPriorityClass.
fn unknown_system(class: &Object) -> Option<String> {
    let name = class.name();
    let Some((_, value, _)) = SYSTEM.iter().find(|(known, ..)| *known == name) else {
        return Some(format!("{name} is not a known system priority class"));
    };
    if class["value"].int() != *value {
        return Some(format!("value of {name} PriorityClass must be {value}"));
    }
    class["globalDefault"].is_true().then(|| format!("globalDefault of {name} PriorityClass must be false"))
}

/// Mirrors ValidatePriorityClassUpdate.
fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if new["value"] != old["value"] {
        errors.push(FieldError::forbidden("value", "may not be changed in an update."));
    }
    errors.extend(immutable(&new["preemptionPolicy"], &old["preemptionPolicy"], "preemptionPolicy"));
    errors
}

/// Mirrors printPriorityClass.
fn row(class: &Object, now: Time) -> Vec<Value> {
    vec![
        class.name().into(),
        class["value"].int().into(),
        class["globalDefault"].is_true().into(),
        age(class, now),
        class["preemptionPolicy"].clone(),
    ]
}
