use apimachinery::{Object, Value, time};
use sim::Time;

/// A pod's state as it is drawn: told by shape first, word second, colour third.
#[derive(Clone, Debug, PartialEq)]
pub enum PodState {
    /// On no node yet; why not, if the scheduler has said so.
    Pending(String),
    /// An image is being pulled.
    Pulling(String),
    /// On a node, its containers not running yet; what the kubelet is waiting for.
    Starting(String),
    /// Running, but not Ready.
    NotReady,
    /// Running and Ready.
    Ready,
    /// Waiting before the next try: reason, and when it ends if that is known.
    BackOff(String, Option<Time>),
    /// Being deleted: killed at the latest at this time.
    Terminating(Time),
    /// All containers ended well.
    Completed,
    /// Failed or evicted: the reason.
    Failed(String),
}

impl PodState {
    /// One lower-case word for styles: `pending`, `pulling`, ...
    pub fn word(&self) -> &'static str {
        match self {
            PodState::Pending(_) => "pending",
            PodState::Pulling(_) => "pulling",
            PodState::Starting(_) => "starting",
            PodState::NotReady => "notready",
            PodState::Ready => "ready",
            PodState::BackOff(..) => "backoff",
            PodState::Terminating(_) => "terminating",
            PodState::Completed => "completed",
            PodState::Failed(_) => "failed",
        }
    }

    /// The state in words, for readers of text.
    pub fn text(&self) -> String {
        match self {
            PodState::Pending(why) if why.is_empty() => "Pending".into(),
            PodState::Pending(why) => format!("Pending: {why}"),
            PodState::Pulling(image) => format!("Pulling {image}"),
            PodState::Starting(why) if why.is_empty() => "Starting".into(),
            PodState::Starting(why) => format!("Starting: {why}"),
            PodState::NotReady => "Running, not ready".into(),
            PodState::Ready => "Ready".into(),
            PodState::BackOff(reason, _) => reason.clone(),
            PodState::Terminating(_) => "Terminating".into(),
            PodState::Completed => "Completed".into(),
            PodState::Failed(reason) if reason.is_empty() => "Failed".into(),
            PodState::Failed(reason) => format!("Failed: {reason}"),
        }
    }

    /// The state of a pod; `pulling` names the image that its kubelet says it is pulling.
    pub fn of(pod: &Object, pulling: Option<&str>) -> PodState {
        let status = &pod["status"];
        match status["phase"].str() {
            "Succeeded" => return PodState::Completed,
            "Failed" => return PodState::Failed(failure(pod)),
            _ => {}
        }
        if let Some(until) = pod.deletion() {
            return PodState::Terminating(until);
        }
        if pod.at("spec.nodeName").is_empty() {
            return PodState::Pending(condition(pod, "PodScheduled")["message"].str().into());
        }
        let containers =
            || status["initContainerStatuses"].items().iter().chain(status["containerStatuses"].items());
        let waiting = containers().map(|c| (c, c.at("state.waiting.reason").str()));
        for (container, reason) in waiting {
            match reason {
                "" | "ContainerCreating" | "PodInitializing" => {}
                reason => return PodState::BackOff(reason.into(), back_off_end(container)),
            }
        }
        let running = |c: &Value| !c.at("state.running").is_null();
        if !status["containerStatuses"].items().iter().any(running) {
            return match pulling {
                Some(image) => PodState::Pulling(image.into()),
                None => PodState::Starting(init_progress(pod)),
            };
        }
        match condition(pod, "Ready")["status"].str() {
            "True" => PodState::Ready,
            _ => PodState::NotReady,
        }
    }
}

/// When a pod has to leave its node because of a taint that it tolerates for a while; `None`: it may stay, or goes already.
/// Mirrors pkg/controller/tainteviction/taint_eviction.go.
pub(crate) fn eviction(pod: &Object, node: &Object) -> Option<Time> {
    if pod.deletion().is_some() {
        return None;
    }
    let drives_away = |taint: &&Value| taint["effect"] == "NoExecute";
    node.at("spec.taints").items().iter().filter(drives_away).filter_map(|taint| leaves(pod, taint)).min()
}

/// When one taint drives a pod away. Of several tolerations the shortest counts.
fn leaves(pod: &Object, taint: &Value) -> Option<Time> {
    let tolerates = |t: &&Value| {
        let any = |field: &str| t[field].is_empty();
        (any("effect") || t["effect"] == taint["effect"])
            && (any("key") || t["key"] == taint["key"])
            && (t["operator"] == "Exists" || t["value"].str() == taint["value"].str())
    };
    let tolerations = pod.at("spec.tolerations").items().iter().filter(tolerates);
    let seconds = tolerations.filter_map(|t| t["tolerationSeconds"].as_i64()).min()?;
    Some(time::parse(taint["timeAdded"].str())? + sim::Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// A condition of an object by its type; null when it has none of that type.
pub(crate) fn condition<'a>(object: &'a Object, kind: &str) -> &'a Value {
    const NONE: &Value = &Value::Null;
    object.at("status.conditions").items().iter().find(|c| c["type"].str() == kind).unwrap_or(NONE)
}

fn failure(pod: &Object) -> String {
    match pod.at("status.reason").str() {
        "" => {
            let ended = pod.at("status.containerStatuses").items().iter().map(|c| c.at("state.terminated"));
            let failed = ended.filter(|t| t["exitCode"].int() != 0).map(|t| t["reason"].str().to_string());
            failed.into_iter().next().unwrap_or_default()
        }
        reason => reason.into(),
    }
}

/// When a crashed container is started again: the back-off is in the kubelet's message, counted from the crash.
fn back_off_end(container: &Value) -> Option<Time> {
    let message = container.at("state.waiting.message").str();
    let ended = time::parse(container.at("lastState.terminated.finishedAt").str())?;
    let seconds = message.strip_prefix("back-off ")?.split_whitespace().next()?;
    Some(ended + duration(seconds)?)
}

/// Go's form of a duration, minutes and seconds only: `10s`, `2m40s`, `5m0s`.
fn duration(text: &str) -> Option<sim::Duration> {
    let (minutes, rest) = text.split_once('m').unwrap_or(("0", text));
    let seconds = rest.strip_suffix('s').unwrap_or("0");
    Some(sim::Duration::from_secs(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?))
}

fn init_progress(pod: &Object) -> String {
    let init = pod.at("status.initContainerStatuses").items();
    let done = init.iter().filter(|c| c.at("state.terminated.exitCode").as_i64() == Some(0)).count();
    if init.is_empty() { String::new() } else { format!("Init:{done}/{}", init.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn each_state_is_told_from_the_others() {
        let node = json!({"nodeName": "n"});
        let ready = |s: &str| json!([{"type": "Ready", "status": s}]);
        let running = json!([{"state": {"running": {}}}]);
        let crash = json!([{
            "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 1m20s restarting failed container"}},
            "lastState": {"terminated": {"finishedAt": "1970-01-01T00:00:10Z"}},
        }]);
        let cases = [
            (json!({"spec": {}, "status": {"phase": "Pending"}}), "pending"),
            (json!({"spec": &node, "status": {"phase": "Pending"}}), "starting"),
            (
                json!({"spec": &node, "status": {"phase": "Running", "containerStatuses": &running, "conditions": ready("False")}}),
                "notready",
            ),
            (
                json!({"spec": &node, "status": {"phase": "Running", "containerStatuses": &running, "conditions": ready("True")}}),
                "ready",
            ),
            (json!({"spec": &node, "status": {"phase": "Running", "containerStatuses": &crash}}), "backoff"),
            (
                json!({"metadata": {"deletionTimestamp": "1970-01-01T00:01:00Z"}, "spec": &node}),
                "terminating",
            ),
            (json!({"spec": &node, "status": {"phase": "Succeeded"}}), "completed"),
            (json!({"spec": &node, "status": {"phase": "Failed", "reason": "Evicted"}}), "failed"),
        ];
        for (pod, word) in cases {
            assert_eq!(PodState::of(&Object(pod), None).word(), word);
        }
        let pod = Object(json!({"spec": &node, "status": {"containerStatuses": &crash}}));
        assert_eq!(
            PodState::of(&pod, None),
            PodState::BackOff("CrashLoopBackOff".into(), Some(Time::from_secs(90)))
        );
    }

    #[test]
    fn a_tolerated_taint_drives_a_pod_away_later() {
        let unreachable = json!({"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "timeAdded": "2026-01-05T08:00:00Z"});
        let node = Object(json!({"spec": {"taints": [unreachable]}}));
        let pod = |tolerations: Value| Object(json!({"spec": {"tolerations": tolerations}}));
        let patient = json!([{"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]);
        assert_eq!(eviction(&pod(patient), &node), time::parse("2026-01-05T08:05:00Z"));
        assert_eq!(eviction(&pod(json!([{"operator": "Exists"}])), &node), None);
        assert_eq!(
            eviction(&pod(json!([{"key": "other", "operator": "Exists", "tolerationSeconds": 5}])), &node),
            None
        );
    }
}
