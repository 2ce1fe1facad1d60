//! Mirrors ValidateStorageClass and its updates in pkg/apis/storage/validation.

use crate::meta::{field_errors, immutable};
use apimachinery::labels::qualified_name_errors;
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// The most parameters, and the most bytes that they have together.
const MAX_PARAMETERS: (usize, usize) = (512, 256 * 1024);

/// What is wrong with a new object.
pub fn validate(class: &Object) -> Vec<FieldError> {
    let mut errors = provisioner(&class["provisioner"]);
    errors.extend(parameters(&class["parameters"]));
    for (field, known) in [
        ("reclaimPolicy", ["Delete", "Retain"]),
        ("volumeBindingMode", ["Immediate", "WaitForFirstConsumer"]),
    ] {
        if !known.contains(&class[field].str()) {
            errors.push(FieldError::not_supported(field, &class[field], &known));
        }
    }
    errors
}

fn provisioner(value: &Value) -> Vec<FieldError> {
    match value.str() {
        "" => vec![FieldError::required("provisioner", "")],
        name => field_errors(qualified_name_errors(&name.to_lowercase()), "provisioner", value),
    }
}

fn parameters(parameters: &Value) -> Vec<FieldError> {
    let (count, bytes) = MAX_PARAMETERS;
    let mut errors = Vec::new();
    if parameters.fields().count() > count {
        errors.push(FieldError::too_long("Provisioner Parameters", count));
        return errors;
    }
    let mut size = 0;
    for (key, value) in parameters.fields() {
        if key.is_empty() {
            errors.push(FieldError::invalid("parameters", &key.into(), "field can not be empty."));
        }
        size += key.len() + value.str().len();
    }
    if size > bytes {
        errors.push(FieldError::too_long("parameters", bytes));
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in ["parameters", "provisioner", "reclaimPolicy"] {
        if new[field] != old[field] {
            let detail = format!("updates to {field} are forbidden.");
            errors.push(FieldError::forbidden(field, &detail));
        }
    }
    errors.extend(immutable(&new["volumeBindingMode"], &old["volumeBindingMode"], "volumeBindingMode"));
    errors
}
