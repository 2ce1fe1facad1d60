//! Mirrors ValidateNode and ValidateNodeUpdate.

use apimachinery::labels::{label_value_errors, qualified_name_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Quantity};

/// What taints can do.
pub const TAINT_EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/// What is wrong with a new object.
pub fn validate(node: &Object) -> Vec<FieldError> {
    let mut errors = validate_taints(node);
    errors.extend(validate_status(node));
    errors
}

fn validate_taints(node: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let taints = node["spec"]["taints"].items();
    for (i, taint) in taints.iter().enumerate() {
        let path = |field: &str| format!("spec.taints[{i}].{field}");
        let wrong = qualified_name_errors(taint["key"].str());
        errors.extend(wrong.iter().map(|e| FieldError::invalid(path("key"), &taint["key"], e)));
        let wrong = label_value_errors(taint["value"].str());
        if !wrong.is_empty() {
            errors.push(FieldError::invalid(path("value"), &taint["value"], &wrong.join(";")));
        }
        match taint["effect"].str() {
            "" => errors.push(FieldError::required(path("effect"), "")),
            effect if TAINT_EFFECTS.contains(&effect) => {}
            _ => errors.push(FieldError::not_supported(path("effect"), &taint["effect"], &TAINT_EFFECTS)),
        }
        if taints[..i].iter().any(|t| t["key"] == taint["key"] && t["effect"] == taint["effect"]) {
            let shown = format!(
                "{{\"Key\":{},\"Value\":{:?},\"Effect\":{},\"TimeAdded\":null}}",
                taint["key"].to_json(),
                taint["value"].str(),
                taint["effect"].to_json()
            );
            errors.push(FieldError {
                reason: "FieldValueDuplicate",
                field: format!("spec.taints[{i}]"),
                message: format!("Duplicate value: {shown}: taints must be unique by key and effect pair"),
            });
        }
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate_taints(new);
    for field in ["podCIDR", "providerID"] {
        let (before, after) = (&old["spec"][field], &new["spec"][field]);
        if !before.str().is_empty() && before != after {
            let name = if field == "podCIDR" { "podCIDRs" } else { field };
            let detail = format!("node updates may not change {field} except from \"\" to valid");
            errors.push(FieldError::forbidden(format!("spec.{name}"), &detail));
        }
    }
    errors
}

/// What is wrong with a status: amounts of resources below nothing.
pub fn validate_status(node: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for list in ["capacity", "allocatable"] {
        for (name, amount) in node["status"][list].fields() {
            if Quantity::parse(amount.str()).is_some_and(Quantity::is_negative) {
                let field = format!("status.{list}[{name}]");
                errors.push(FieldError::invalid(field, amount, crate::meta::NOT_NEGATIVE));
            }
        }
    }
    errors
}
