//! Mirrors ValidateReplicaSetSpec and its updates in pkg/apis/apps/validation.

use crate::meta::{immutable, not_negative, validate_label_selector};
use crate::pod;
use apimachinery::labels::{Selector, label_value_errors, qualified_name_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// What is wrong with a new object.
pub fn validate(rs: &Object) -> Vec<FieldError> {
    let spec = &rs["spec"];
    let mut errors = Vec::new();
    errors.extend(not_negative(&spec["replicas"], "spec.replicas"));
    errors.extend(not_negative(&spec["minReadySeconds"], "spec.minReadySeconds"));
    errors.extend(selector_and_template(spec, &OWNER));
    errors
}

/// How messages call the kind that has a selector and a template.
pub struct Owner {
    /// Where its selector is empty.
    pub selector: &'static str,
    /// Where its template has what it cannot have.
    pub template: &'static str,
}

/// The words for ReplicaSets and Deployments.
pub const OWNER: Owner = Owner { selector: "deployment", template: "ReplicaSet" };

/// The selector and the template that it must match.
pub fn selector_and_template(spec: &Value, owner: &Owner) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let selector = &spec["selector"];
    if selector.is_null() {
        errors.push(FieldError::required("spec.selector", ""));
    } else {
        errors.extend(validate_label_selector(selector, "spec.selector"));
        if selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty() {
            let detail = format!("empty selector is invalid for {}", owner.selector);
            errors.push(FieldError::invalid("spec.selector", selector, &detail));
        }
    }
    let parsed = Selector::from_label_selector(selector);
    match parsed {
        None if !selector.is_null() => {
            errors.push(FieldError::invalid("spec.selector", selector, "invalid label selector"));
        }
        Some(parsed) if !is_sound(&parsed) => {
            errors.push(FieldError::invalid("spec.selector", selector, "invalid label selector"));
        }
        // No selector at all matches nothing.
        parsed => errors.extend(template(&spec["template"], parsed.as_ref(), owner)),
    }
    errors
}

/// Whether its keys and values could be those of labels. Mirrors labels.NewRequirement.
fn is_sound(selector: &Selector) -> bool {
    selector.0.iter().all(|r| {
        qualified_name_errors(&r.key).is_empty() && r.values.iter().all(|v| label_value_errors(v).is_empty())
    })
}

/// Mirrors ValidatePodTemplateSpecForReplicaSet.
fn template(template: &Value, selector: Option<&Selector>, owner: &Owner) -> Vec<FieldError> {
    const PATH: &str = "spec.template";
    let mut errors = Vec::new();
    let labels = &template["metadata"]["labels"];
    if !selector.is_some_and(|s| s.matches(labels)) {
        let (field, detail) =
            (format!("{PATH}.metadata.labels"), "`selector` does not match template `labels`");
        errors.push(FieldError::invalid(field, labels, detail));
    }
    errors.extend(pod::validate_template(template, PATH));
    let policy = &template["spec"]["restartPolicy"];
    if *policy != "Always" {
        errors.push(FieldError::not_supported(format!("{PATH}.spec.restartPolicy"), policy, &["Always"]));
    }
    if !template["spec"]["activeDeadlineSeconds"].is_null() {
        let field = format!("{PATH}.spec.activeDeadlineSeconds");
        let detail = format!("activeDeadlineSeconds in {} is not Supported", owner.template);
        errors.push(FieldError::forbidden(field, &detail));
    }
    errors
}

/// What is wrong with a change, alike for ReplicaSets and Deployments: their selectors stay.
pub fn selector_change(new: &Object, old: &Object) -> Vec<FieldError> {
    immutable(&new["spec"]["selector"], &old["spec"]["selector"], "spec.selector")
}

/// What is wrong with the numbers of a status: those below zero, and those (field, limit) that are greater than others.
/// Alike for ReplicaSets and Deployments.
pub fn status_numbers(status: &Value, fields: &[&str], limits: &[(&str, &str)]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in fields {
        errors.extend(not_negative(&status[*field], format!("status.{field}")));
    }
    for (field, limit) in limits {
        if status[*field].int() > status[*limit].int() {
            let limit = if *limit == "replicas" { "status.replicas" } else { limit };
            let detail = format!("cannot be greater than {limit}");
            errors.push(FieldError::invalid(format!("status.{field}"), &status[*field], &detail));
        }
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    errors.extend(selector_change(new, old));
    errors
}

/// What is wrong with a status change. Mirrors ValidateReplicaSetStatus.
pub fn validate_status_update(new: &Object, _: &Object) -> Vec<FieldError> {
    const NUMBERS: [&str; 5] =
        ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"];
    const LIMITS: [(&str, &str); 4] = [
        ("fullyLabeledReplicas", "replicas"),
        ("readyReplicas", "replicas"),
        ("availableReplicas", "replicas"),
        ("availableReplicas", "readyReplicas"),
    ];
    status_numbers(&new["status"], &NUMBERS, &LIMITS)
}
