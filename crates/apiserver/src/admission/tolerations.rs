//! DefaultTolerationSeconds: pods stay for 300 s on a node that fails. Mirrors plugin/pkg/admission/defaulttolerationseconds.

use apimachinery::{Object, Value, json};

/// How long a pod stays, in seconds.
const SECONDS: i64 = 300;
const TAINTS: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/// Adds the two tolerations where the pod says nothing of its own about them.
pub fn create(pod: &mut Object) {
    let tolerates = |key: &str| {
        pod["spec"]["tolerations"].items().iter().any(|t: &Value| {
            (t["key"] == *key || t["key"].str().is_empty()) && matches!(t["effect"].str(), "NoExecute" | "")
        })
    };
    let missing: Vec<Value> = TAINTS
        .into_iter()
        .filter(|key| !tolerates(key))
        .map(|key| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS}))
        .collect();
    if !missing.is_empty() {
        pod.at_mut("spec.tolerations").array_mut().extend(missing);
    }
}
