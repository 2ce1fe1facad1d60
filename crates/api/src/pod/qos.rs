//! Quality of service of a pod. Mirrors pkg/apis/core/v1/helper/qos.

use apimachinery::{Quantity, Value};
use sim::collections::BTreeMap;

/// `Guaranteed`, `Burstable` or `BestEffort`, for a pod's spec.
pub fn qos_class(spec: &Value) -> &'static str {
    let mut requests = BTreeMap::new();
    let mut limits = BTreeMap::new();
    let mut guaranteed = true;
    let whole_pod = &spec["resources"];
    if whole_pod["requests"].is_empty() && whole_pod["limits"].is_empty() {
        for container in spec["containers"].items().iter().chain(spec["initContainers"].items()) {
            add(&mut requests, &container["resources"]["requests"]);
            let limited = add(&mut limits, &container["resources"]["limits"]);
            guaranteed &= limited == 2;
        }
    } else {
        add(&mut requests, &whole_pod["requests"]);
        guaranteed = add(&mut limits, &whole_pod["limits"]) == 2;
    }
    if requests.is_empty() && limits.is_empty() {
        return "BestEffort";
    }
    let equal = requests.len() == limits.len() && requests.iter().all(|(k, v)| limits.get(k) == Some(v));
    if guaranteed && equal { "Guaranteed" } else { "Burstable" }
}

/// Adds what matters (cpu and memory, more than nothing); gives how many of the two there were.
fn add<'a>(sums: &mut BTreeMap<&'a str, Quantity>, amounts: &'a Value) -> usize {
    let mut found = 0;
    for (name, amount) in amounts.fields().filter(|(name, _)| matches!(*name, "cpu" | "memory")) {
        let Some(amount) = Quantity::parse(amount.str()).filter(|q| !q.is_zero()) else { continue };
        found += 1;
        let sum = sums.entry(name).or_insert(Quantity::ZERO);
        *sum = *sum + amount;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn classes_follow_requests_and_limits() {
        let pod = |requests: Value, limits: Value| json!({"containers": [{"resources": {"requests": requests, "limits": limits}}]});
        let full = json!({"cpu": "1", "memory": "1Gi"});
        assert_eq!(qos_class(&pod(full.clone(), full.clone())), "Guaranteed");
        assert_eq!(qos_class(&pod(json!({"cpu": "500m"}), full)), "Burstable");
        assert_eq!(qos_class(&pod(json!({}), json!({}))), "BestEffort");
        assert_eq!(qos_class(&pod(json!({"cpu": "1"}), json!({"cpu": "1"}))), "Burstable");
    }
}
