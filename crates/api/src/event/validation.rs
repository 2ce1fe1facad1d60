//! Mirrors ValidateEventCreate and legacyValidateEvent.

use crate::meta::immutable;
use apimachinery::Object;
use apimachinery::status::FieldError;

/// What is wrong with a new object.
pub fn validate(event: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let about = &event["involvedObject"]["namespace"];
    let fits = match about.str() {
        "" => matches!(event.namespace(), "" | "default"),
        namespace => namespace == event.namespace(),
    };
    if !fits {
        let field = "involvedObject.namespace";
        errors.push(FieldError::invalid(field, about, "does not match event.namespace"));
    }
    if event["eventTime"].is_null() {
        return errors;
    }
    for field in ["reportingComponent", "reportingInstance", "action", "reason"] {
        if event[field].str().is_empty() {
            let field = if field == "reportingComponent" { "reportingController" } else { field };
            errors.push(FieldError::required(field, ""));
        }
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    if !new["eventTime"].is_null() {
        for field in ["involvedObject", "reason", "related", "type", "eventTime"] {
            errors.extend(immutable(&new[field], &old[field], field));
        }
    }
    errors
}
