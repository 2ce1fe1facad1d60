//! Mirrors ValidateDaemonSet and its updates in pkg/apis/apps/validation.

use crate::meta::{NOT_NEGATIVE, not_negative};
use crate::replicaset::{Owner, selector_and_template, selector_change, status_numbers};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

const OWNER: Owner = Owner { selector: "daemonset", template: "DaemonSet" };

/// What is wrong with a new object.
pub fn validate(ds: &Object) -> Vec<FieldError> {
    let spec = &ds["spec"];
    let mut errors = selector_and_template(spec, &OWNER);
    for field in ["minReadySeconds", "revisionHistoryLimit"] {
        errors.extend(not_negative(&spec[field], format!("spec.{field}")));
    }
    errors.extend(strategy(&spec["updateStrategy"]));
    errors
}

fn strategy(strategy: &Value) -> Vec<FieldError> {
    const PATH: &str = "spec.updateStrategy";
    match strategy["type"].str() {
        "OnDelete" => Vec::new(),
        "RollingUpdate" => {
            let value = &strategy["rollingUpdate"]["maxUnavailable"];
            let path = format!("{PATH}.rollingUpdate.maxUnavailable");
            match value {
                Value::Int(0) => vec![FieldError::invalid(path, value, "cannot be 0 when maxSurge is 0")],
                Value::Int(n) if *n < 0 => vec![FieldError::invalid(path, value, NOT_NEGATIVE)],
                _ => Vec::new(),
            }
        }
        _ => {
            let known = ["RollingUpdate", "OnDelete"];
            vec![FieldError::not_supported(format!("{PATH}.type"), &strategy["type"], &known)]
        }
    }
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    errors.extend(selector_change(new, old));
    errors
}

/// What is wrong with a status change. Mirrors ValidateDaemonSetStatusUpdate.
pub fn validate_status_update(new: &Object, _: &Object) -> Vec<FieldError> {
    const NUMBERS: [&str; 8] = [
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
    ];
    status_numbers(&new["status"], &NUMBERS, &[])
}
