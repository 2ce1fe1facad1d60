//! Namespaces: two phases, and a finalizer in the spec. Mirrors pkg/registry/core/namespace.

use crate::Call;
use apimachinery::{Object, json, time};

/// The finalizer that the namespace controller takes away when nothing is left inside.
const FINALIZER: &str = "kubernetes";

/// A new namespace is active and has its finalizer.
pub fn prepare_create(object: &mut Object) {
    object.set("status", json!({"phase": "Active"}));
    let mut finalizers = object["spec"]["finalizers"].items().to_vec();
    if !finalizers.iter().any(|f| *f == *FINALIZER) {
        finalizers.push(FINALIZER.into());
    }
    object.set_at("spec.finalizers", finalizers);
}

/// An ordinary update cannot touch the finalizers.
pub fn prepare_update(object: &mut Object, old: &Object) {
    object.set("spec", old["spec"].clone());
}

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
