//! TaintNodesByCondition: a new node is tainted until it is ready. Mirrors plugin/pkg/admission/nodetaint.

use apimachinery::{Object, json};

const NOT_READY: &str = "node.kubernetes.io/not-ready";

/// Adds the taint, unless it is there.
pub fn create(node: &mut Object) {
    let has = |t: &apimachinery::Value| t["key"] == NOT_READY && t["effect"] == "NoSchedule";
    if !node["spec"]["taints"].items().iter().any(has) {
        let taint = json!({"key": NOT_READY, "effect": "NoSchedule"});
        node.at_mut("spec.taints").array_mut().push(taint);
    }
}
