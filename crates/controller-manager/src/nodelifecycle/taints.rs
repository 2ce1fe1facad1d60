//! Which taints a node's conditions call for.

use crate::conditions;
use apimachinery::{Object, Value, json, time};
use sim::Time;

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

/// (condition, its status, the taint's key). Mirrors nodeConditionToTaintKeyStatusMap.
const BY_CONDITION: [(&str, &str, &str); 6] = [
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
];

/// The NoSchedule taints that a node should have: (key, effect).
pub fn of_conditions(node: &Object) -> Vec<(&'static str, &'static str)> {
    let status = &node["status"];
    let holds = |kind: &str, value: &str| conditions::get(status, kind)["status"] == value;
    let mut taints: Vec<_> = BY_CONDITION
        .iter()
        .filter(|(kind, value, _)| holds(kind, value))
        .map(|(_, _, key)| (*key, "NoSchedule"))
        .collect();
    if node.at("spec.unschedulable").is_true() {
        taints.push((UNSCHEDULABLE, "NoSchedule"));
    }
    taints
}

/// Whether a taint is one that conditions call for.
pub fn is_condition_taint(taint: &Value) -> bool {
    let known = BY_CONDITION.iter().any(|(_, _, key)| taint["key"] == *key) || taint["key"] == UNSCHEDULABLE;
    known && taint["effect"] == "NoSchedule"
}

/// Whether a taint is one that empties a node that is not ready.
pub fn is_evicting_taint(taint: &Value) -> bool {
    taint["effect"] == "NoExecute" && (taint["key"] == NOT_READY || taint["key"] == UNREACHABLE)
}

/// The key of the NoExecute taint that this status of Ready calls for.
pub fn evicting(ready: &str) -> Option<&'static str> {
    match ready {
        "True" => None,
        "False" => Some(NOT_READY),
        _ => Some(UNREACHABLE),
    }
}

/// The keys of the taints that empty this node now.
pub fn evicting_keys(node: &Object) -> Vec<&str> {
    let taints = node.at("spec.taints").items().iter();
    taints.filter(|t| is_evicting_taint(t)).map(|t| t["key"].str()).collect()
}

/// `spec.taints` with those of one family made these; `None` when they are that already.
pub fn swap(node: &Object, wanted: &[(&str, &str)], ours: fn(&Value) -> bool, now: Time) -> Option<Value> {
    let current = node.at("spec.taints").items();
    let is = |taint: &Value, (key, effect): &(&str, &str)| taint["key"] == *key && taint["effect"] == *effect;
    let stays = |taint: &&Value| !ours(taint) || wanted.iter().any(|w| is(taint, w));
    let mut taints: Vec<Value> = current.iter().filter(stays).cloned().collect();
    for w in wanted.iter().filter(|w| !current.iter().any(|t| is(t, w))) {
        taints.push(json!({"key": w.0, "effect": w.1, "timeAdded": time::format(now)}));
    }
    let taints = Value::array(taints);
    (taints.items() != current).then(|| if taints.is_empty() { Value::Null } else { taints })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_of_others_are_left_alone() {
        let mut node = Object(json!({
            "spec": {"unschedulable": true, "taints": [
                {"key": "dedicated", "effect": "NoSchedule"},
                {"key": NOT_READY, "effect": "NoSchedule"},
            ]},
            "status": {"conditions": [
                {"type": "Ready", "status": "Unknown"}, {"type": "DiskPressure", "status": "True"},
            ]},
        }));
        let taints = swap(&node, &of_conditions(&node), is_condition_taint, Time::from_secs(1)).unwrap();
        let keys: Vec<_> = taints.items().iter().map(|t| t["key"].str()).collect();
        assert_eq!(
            keys,
            [
                "dedicated",
                UNREACHABLE,
                "node.kubernetes.io/disk-pressure",
                "node.kubernetes.io/unschedulable"
            ]
        );
        node.0.set_at("spec.taints", taints);
        assert_eq!(swap(&node, &of_conditions(&node), is_condition_taint, Time::from_secs(9)), None);
        let evicting = swap(&node, &[(UNREACHABLE, "NoExecute")], is_evicting_taint, Time::from_secs(1));
        assert_eq!(evicting.unwrap().items().len(), 5);
    }
}
