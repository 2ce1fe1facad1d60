//! Mirrors ValidateConfigMap and ValidateConfigMapUpdate.

use crate::meta::config_key_errors;
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// How much a ConfigMap or Secret may hold, in bytes. Mirrors MaxSecretSize.
pub const MAX_SIZE: usize = 1024 * 1024;

/// What is wrong with a new object.
pub fn validate(map: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut size = 0;
    for field in ["data", "binaryData"] {
        for (key, value) in map[field].fields() {
            let path = format!("{field}[{key}]");
            let shown = Value::from(key);
            errors
                .extend(config_key_errors(key).iter().map(|e| FieldError::invalid(path.as_str(), &shown, e)));
            if field == "data" && map["binaryData"].get(key).is_some() {
                errors.push(FieldError::invalid(path, &shown, "duplicate of key present in binaryData"));
            }
            size += if field == "data" { value.str().len() } else { value.str().len() / 4 * 3 };
        }
    }
    if size > MAX_SIZE {
        errors.push(FieldError::too_long("", MAX_SIZE));
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = unchanged_when_immutable(new, old, &["data", "binaryData"]);
    errors.extend(validate(new));
    errors
}

/// An object that was made immutable stays so, with these fields.
pub fn unchanged_when_immutable(new: &Object, old: &Object, fields: &[&str]) -> Vec<FieldError> {
    const DETAIL: &str = "field is immutable when `immutable` is set";
    if !old["immutable"].is_true() {
        return Vec::new();
    }
    let released = (!new["immutable"].is_true()).then_some("immutable");
    let changed = fields.iter().copied().filter(|f| new[*f] != old[*f]);
    released.into_iter().chain(changed).map(|f| FieldError::forbidden(f, DETAIL)).collect()
}
