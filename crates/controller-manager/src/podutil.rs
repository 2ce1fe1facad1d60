//! Questions about pods that several controllers ask. Mirrors pkg/api/v1/pod and pkg/controller/controller_utils.go.

use crate::conditions;
use apimachinery::{Object, Value, time};
use sim::{Duration, Time};

/// Whether the condition Ready is True.
pub fn is_ready(pod: &Object) -> bool {
    conditions::is_true(&pod["status"], "Ready")
}

/// Since when the condition Ready is what it is.
pub fn ready_transition(pod: &Object) -> Option<Time> {
    time::parse(conditions::get(&pod["status"], "Ready")["lastTransitionTime"].str())
}

/// Whether it has been ready for `min_ready_seconds`. Mirrors IsPodAvailable.
pub fn is_available(pod: &Object, min_ready_seconds: i64, now: Time) -> bool {
    is_ready(pod)
        && (min_ready_seconds == 0
            || ready_transition(pod)
                .is_some_and(|since| since + Duration::from_secs(min_ready_seconds.max(0) as u64) <= now))
}

/// When a pod that is ready becomes available, if it is not yet.
pub fn available_at(pod: &Object, min_ready_seconds: i64, now: Time) -> Option<Time> {
    if min_ready_seconds == 0 || !is_ready(pod) {
        return None;
    }
    let at = ready_transition(pod)? + Duration::from_secs(min_ready_seconds.max(0) as u64);
    (at > now).then_some(at)
}

/// Whether its phase is final.
pub fn is_terminal(pod: &Object) -> bool {
    matches!(pod.at("status.phase").str(), "Failed" | "Succeeded")
}

/// Whether it neither ended nor is on its way out. Mirrors IsPodActive.
pub fn is_active(pod: &Object) -> bool {
    !is_terminal(pod) && !pod.is_terminating()
}

/// The node that it is bound to; empty for none.
pub fn node(pod: &Object) -> &str {
    pod.at("spec.nodeName").str()
}

/// The number of a container port that a service port leads to. Mirrors podutil.FindPort.
pub fn find_port(pod: &Object, service_port: &Value) -> Option<i64> {
    let target = &service_port["targetPort"];
    if let Some(number) = target.as_i64() {
        return Some(if number == 0 { service_port["port"].int() } else { number });
    }
    let protocol = protocol(service_port);
    // Containers first, then restartable init containers.
    let sidecars = pod.at("spec.initContainers").items().iter().filter(|c| c["restartPolicy"] == "Always");
    let containers = pod.at("spec.containers").items().iter().chain(sidecars);
    let mut ports = containers.flat_map(|c| c["ports"].items());
    let named = ports.find(|p| p["name"] == target.str() && self::protocol(p) == protocol);
    named.map(|p| p["containerPort"].int())
}

fn protocol(port: &Value) -> &str {
    port["protocol"].as_str().unwrap_or("TCP")
}
