//! Namespaces go in two steps, and their finalizer stands in the spec. Mirrors pkg/registry/core/namespace/storage.

use crate::Call;
use apimachinery::{Object, time};

/// The namespace on its way out, when a deletion begins or its finalizer still stands; `None` when it can go.
pub fn begin_deletion(call: &Call<'_>, old: &Object) -> Option<Object> {
    let mut object = old.clone();
    if !old.is_terminating() {
        object.meta_mut().insert("deletionTimestamp", time::format(call.now).into());
        object.set_at("status.phase", "Terminating");
        return Some(object);
    }
    (!old["spec"]["finalizers"].items().is_empty()).then_some(object)
}
