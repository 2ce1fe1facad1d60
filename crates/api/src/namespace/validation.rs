//! Mirrors ValidateNamespaceStatusUpdate.

use apimachinery::Object;
use apimachinery::status::FieldError;

/// What is wrong with a status change: a phase that does not fit.
pub fn validate_status_update(new: &Object, _: &Object) -> Vec<FieldError> {
    let phase = &new["status"]["phase"];
    let (terminating, says) = (new.is_terminating(), *phase == "Terminating");
    match (terminating, says) {
        (false, true) => {
            vec![FieldError::invalid(
                "status.Phase",
                phase,
                "may only be 'Active' if `deletionTimestamp` is empty",
            )]
        }
        (true, false) => vec![FieldError::invalid(
            "status.Phase",
            phase,
            "may only be 'Terminating' if `deletionTimestamp` is not empty",
        )],
        _ => Vec::new(),
    }
}
