//! Validation.

use apimachinery::Object;
use apimachinery::status::FieldError;

/// What is wrong with a new object.
pub fn validate(_: &Object) -> Vec<FieldError> {
    Vec::new()
}
/// What is wrong with a change.
pub fn validate_update(_: &Object, _: &Object) -> Vec<FieldError> {
    Vec::new()
}
/// What is wrong with a status.
pub fn validate_status(_: &Object) -> Vec<FieldError> {
    Vec::new()
}
