//! Mirrors ValidateLeaseSpec.

use crate::meta::not_negative;
use apimachinery::Object;
use apimachinery::status::FieldError;

/// What is wrong with a new or changed object.
pub fn validate(lease: &Object) -> Vec<FieldError> {
    let spec = &lease["spec"];
    let mut errors = Vec::new();
    if spec["leaseDurationSeconds"].as_i64().is_some_and(|n| n <= 0) {
        let field = "spec.leaseDurationSeconds";
        errors.push(FieldError::invalid(field, &spec["leaseDurationSeconds"], "must be greater than 0"));
    }
    errors.extend(not_negative(&spec["leaseTransitions"], "spec.leaseTransitions"));
    errors
}
