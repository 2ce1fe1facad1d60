//! Runtime classes: there are none in a new cluster, and a pod that asks for one is refused.
//! Mirrors plugin/pkg/admission/runtimeclass.

use crate::Call;
use apimachinery::{Object, Status};

/// Refuses a pod that names a class, or an overhead without one.
pub fn create(call: &Call<'_>, pod: &Object) -> Result<(), Status> {
    let spec = &pod["spec"];
    let why = match spec["runtimeClassName"].str() {
        "" if spec["overhead"].is_empty() => return Ok(()),
        "" => {
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead".to_string()
        }
        class => format!("pod rejected: RuntimeClass {class:?} not found"),
    };
    Err(call.forbidden(pod.name(), &why))
}
