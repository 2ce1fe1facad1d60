//! Pods: phase and quality of service at birth, and a grace period at death. Mirrors pkg/registry/core/pod/strategy.go.

use apimachinery::{Object, Quantity, Value, json};

/// A new pod is pending and has its class.
pub fn prepare_create(object: &mut Object) {
    let qos = qos_class(&object["spec"]);
    object.set("status", json!({"phase": "Pending", "qosClass": qos}));
}

/// How long a pod may take to end, in seconds. Mirrors CheckGracefulDelete.
pub fn grace_period(pod: &Object, asked: Option<i64>) -> i64 {
    let spec = &pod["spec"];
    let period = asked.or(spec["terminationGracePeriodSeconds"].as_i64()).unwrap_or(0);
    // Nobody runs it, or nothing is left to stop: no need to wait.
    let idle =
        spec["nodeName"].str().is_empty() || matches!(pod["status"]["phase"].str(), "Failed" | "Succeeded");
    match period {
        _ if idle => 0,
        negative if negative < 0 => 1,
        period => period,
    }
}

/// Whether the last finalizer's removal may take the pod out of the store: always, once its grace period is 0.
pub fn may_vanish(pod: &Object) -> bool {
    pod.meta("deletionGracePeriodSeconds").int() == 0
}

/// `Guaranteed`, `Burstable` or `BestEffort`. Mirrors pkg/apis/core/helper/qos.
pub fn qos_class(spec: &Value) -> &'static str {
    let containers = || spec["containers"].items().iter().chain(spec["initContainers"].items());
    let amount = |value: &Value| {
        let text = match value {
            Value::Int(n) => n.to_string(),
            other => other.str().to_string(),
        };
        Quantity::parse(&text).filter(|q| !q.is_zero())
    };
    let get = |c: &Value, kind: &str, resource: &str| amount(&c["resources"][kind][resource]);
    let any = containers().any(|c| {
        ["requests", "limits"].iter().any(|k| ["cpu", "memory"].iter().any(|r| get(c, k, r).is_some()))
    });
    if !any {
        return "BestEffort";
    }
    let guaranteed = containers().all(|c| {
        ["cpu", "memory"].iter().all(|r| {
            let limit = get(c, "limits", r);
            limit.is_some() && get(c, "requests", r).or(limit) == limit
        })
    });
    if guaranteed { "Guaranteed" } else { "Burstable" }
}
