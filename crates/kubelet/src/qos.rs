//! Requests, limits and quality of service of a pod. Mirrors pkg/apis/core/v1/helper/qos and resource helpers.

use apimachinery::quantity::Quantity;
use apimachinery::{Object, Value};

/// Reads a quantity; what is missing or wrong is 0.
pub(crate) fn quantity(value: &Value) -> Quantity {
    match value {
        Value::Int(n) => Quantity::parse(&n.to_string()).unwrap_or(Quantity::ZERO),
        other => Quantity::parse(other.str()).unwrap_or(Quantity::ZERO),
    }
}

/// `Guaranteed`, `Burstable` or `BestEffort`.
pub(crate) fn class(pod: &Object) -> &'static str {
    let (mut any, mut guaranteed) = (false, true);
    let containers = ["initContainers", "containers"].into_iter().flat_map(|k| pod["spec"][k].items());
    for container in containers {
        let resources = &container["resources"];
        for name in ["cpu", "memory"] {
            let (request, limit) =
                (quantity(&resources["requests"][name]), quantity(&resources["limits"][name]));
            any |= !request.is_zero() || !limit.is_zero();
            guaranteed &= !limit.is_zero() && request == limit;
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// What a pod asks for of `cpu` (thousandths) or `memory` (bytes): the sum of its containers and sidecars, or its
/// largest init container if that is more.
pub(crate) fn request(pod: &Object, name: &str) -> i64 {
    let amount = |c: &Value| {
        let q = quantity(&c["resources"]["requests"][name]);
        if name == "cpu" { q.millis() } else { q.value() }
    };
    let spec = &pod["spec"];
    let main: i64 = spec["containers"].items().iter().map(amount).sum();
    let (mut sidecars, mut largest) = (0, 0);
    for container in spec["initContainers"].items() {
        if container["restartPolicy"] == "Always" {
            sidecars += amount(container);
            largest = largest.max(sidecars);
        } else {
            largest = largest.max(sidecars + amount(container));
        }
    }
    largest.max(main + sidecars)
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn classes_and_sums() {
        let container = |cpu: &str, memory: &str, limits: bool| {
            let r = json!({"cpu": cpu, "memory": memory});
            json!({"resources": {"requests": r.clone(), "limits": (if limits { r } else { Value::Null })}})
        };
        let pod = |init: Value, main: Value| {
            Object(json!({"spec": {"initContainers": [init], "containers": [main.clone(), main]}}))
        };
        let guaranteed = pod(container("300m", "10Mi", true), container("100m", "1Mi", true));
        assert_eq!(class(&guaranteed), "Guaranteed");
        assert_eq!((request(&guaranteed, "cpu"), request(&guaranteed, "memory")), (300, 10 << 20));
        assert_eq!(class(&pod(json!({}), container("100m", "1Mi", false))), "Burstable");
        assert_eq!(class(&pod(json!({}), json!({}))), "BestEffort");
    }
}
