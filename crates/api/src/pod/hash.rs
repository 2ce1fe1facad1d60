//! The hash that names a Deployment's ReplicaSets. Mirrors ComputeHash in pkg/controller/controller_utils.go.

use apimachinery::{Value, names};

/// The `pod-template-hash` of a template (`spec.template` of a Deployment).
pub fn template_hash(template: &Value) -> String {
    names::safe_encode(fnv1a(template.to_json().as_bytes()))
}

fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
