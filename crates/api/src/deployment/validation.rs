//! Mirrors ValidateDeployment and its updates in pkg/apis/apps/validation.

use crate::meta::{not_negative, percent, positive_int_or_percent};
use crate::replicaset::{OWNER, selector_and_template, selector_change, status_numbers};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// What is wrong with a new object.
pub fn validate(deployment: &Object) -> Vec<FieldError> {
    let spec = &deployment["spec"];
    let mut errors = Vec::new();
    errors.extend(not_negative(&spec["replicas"], "spec.replicas"));
    errors.extend(selector_and_template(spec, &OWNER));
    errors.extend(validate_strategy(&spec["strategy"]));
    for field in ["minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
        errors.extend(not_negative(&spec[field], format!("spec.{field}")));
    }
    let deadline = &spec["progressDeadlineSeconds"];
    if deadline.as_i64().is_some_and(|d| d <= spec["minReadySeconds"].int()) {
        let field = "spec.progressDeadlineSeconds";
        errors.push(FieldError::invalid(field, deadline, "must be greater than minReadySeconds"));
    }
    errors
}

fn validate_strategy(strategy: &Value) -> Vec<FieldError> {
    const PATH: &str = "spec.strategy";
    let rolling = &strategy["rollingUpdate"];
    match strategy["type"].str() {
        "Recreate" if !rolling.is_null() => {
            let detail = "may not be specified when strategy `type` is 'Recreate'";
            vec![FieldError::forbidden(format!("{PATH}.rollingUpdate"), detail)]
        }
        "Recreate" => Vec::new(),
        "RollingUpdate" => validate_rolling_update(rolling),
        other => {
            // The server shows its internal type, whose fields have Go's names.
            let shown = rolling_in_go(rolling);
            let shown = format!("{{\"Type\":{other:?},\"RollingUpdate\":{shown}}}");
            vec![FieldError {
                reason: "FieldValueNotSupported",
                field: PATH.into(),
                message: format!(
                    "Unsupported value: {shown}: supported values: \"Recreate\", \"RollingUpdate\""
                ),
            }]
        }
    }
}

fn rolling_in_go(rolling: &Value) -> String {
    if rolling.is_null() {
        return "null".into();
    }
    let (unavailable, surge) = (&rolling["maxUnavailable"], &rolling["maxSurge"]);
    let shown = |v: &Value| if v.is_null() { "0".to_string() } else { v.to_json() };
    format!("{{\"MaxUnavailable\":{},\"MaxSurge\":{}}}", shown(unavailable), shown(surge))
}

fn validate_rolling_update(rolling: &Value) -> Vec<FieldError> {
    const PATH: &str = "spec.strategy.rollingUpdate";
    let mut errors = Vec::new();
    let path = |field: &str| format!("{PATH}.{field}");
    for field in ["maxUnavailable", "maxSurge"] {
        errors.extend(positive_int_or_percent(&rolling[field], &path(field)));
    }
    let amount = |field: &str| match &rolling[field] {
        Value::String(text) => percent(text).unwrap_or_default(),
        value => value.int(),
    };
    let unavailable = &rolling["maxUnavailable"];
    if amount("maxUnavailable") == 0 && amount("maxSurge") == 0 {
        let detail = "may not be 0 when `maxSurge` is 0";
        errors.push(FieldError::invalid(path("maxUnavailable"), unavailable, detail));
    }
    if unavailable.as_str().and_then(percent).is_some_and(|p| p > 100) {
        errors.push(FieldError::invalid(
            path("maxUnavailable"),
            unavailable,
            "must not be greater than 100%",
        ));
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    errors.extend(selector_change(new, old));
    errors
}

/// What is wrong with a status change. Mirrors ValidateDeploymentStatusUpdate.
pub fn validate_status_update(new: &Object, old: &Object) -> Vec<FieldError> {
    const NUMBERS: [&str; 6] = [
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
    ];
    const LIMITS: [(&str, &str); 4] = [
        ("updatedReplicas", "replicas"),
        ("readyReplicas", "replicas"),
        ("availableReplicas", "replicas"),
        ("availableReplicas", "readyReplicas"),
    ];
    let (status, before) = (&new["status"], &old["status"]);
    let mut errors = status_numbers(status, &NUMBERS, &LIMITS);
    if status["collisionCount"].int() < before["collisionCount"].int() {
        let detail = "cannot be decremented";
        errors.push(FieldError::invalid("status.collisionCount", &status["collisionCount"], detail));
    }
    errors
}
