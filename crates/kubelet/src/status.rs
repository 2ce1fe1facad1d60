//! The status of a pod as the API shows it. Mirrors pkg/kubelet/kubelet_pods.go and pkg/kubelet/status/generate.go.

use crate::config::NodeConfig;
use crate::qos;
use crate::worker::{Container, Exit, Kind, Phase, Worker};
use apimachinery::{Value, json, time};
use sim::Time;

/// Condition types that the kubelet owns, in the order in which it writes them.
pub(crate) const CONDITIONS: [&str; 5] =
    ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/// The status of a pod now. `old` is what the API has: times of transitions and conditions of others are kept.
pub(crate) fn generate(worker: &Worker, node: &NodeConfig, old: &Value, now: Time) -> Value {
    let specs = worker.specs();
    let initialized = is_initialized(worker, &specs);
    let mut status = json!({
        "hostIP": node.address.as_str(), "hostIPs": [{"ip": node.address.as_str()}],
        "qosClass": qos::class(&worker.pod), "startTime": time::format(worker.seen),
    });
    if let Some(start) = old["startTime"].as_str() {
        status.set("startTime", start);
    }
    let ip = if worker.ip().is_empty() { old["podIP"].str() } else { worker.ip() };
    if !ip.is_empty() {
        status.set("podIP", ip);
        status.set("podIPs", json!([{"ip": ip}]));
    }
    let has_init = specs.iter().any(|(k, _)| matches!(k, Kind::Init | Kind::Sidecar));
    for (field, list) in [
        ("initContainerStatuses", "initContainers"),
        ("containerStatuses", "containers"),
        ("ephemeralContainerStatuses", "ephemeralContainers"),
    ] {
        let of = specs.iter().filter(|(k, _)| k.list() == list);
        let statuses: Vec<Value> =
            of.map(|(kind, spec)| container_status(worker, *kind, spec, has_init, &old[field])).collect();
        if !statuses.is_empty() {
            status.set(field, statuses);
        }
    }
    let (phase, reason, message) = match &worker.verdict {
        // A verdict is told when the containers have stopped. Mirrors mergePodStatus.
        Some((phase, reason, message)) if worker.running().next().is_none() => {
            (*phase, reason.as_str(), message.as_str())
        }
        _ => (phase(worker, &specs, initialized, &status, old), "", ""),
    };
    status.set("phase", phase);
    for (field, text) in [("reason", reason), ("message", message)] {
        if !text.is_empty() {
            status.set(field, text);
        }
    }
    if worker.sandbox.is_some() {
        status.set("resources", Value::object());
    }
    let generation = worker.pod.generation().max(1);
    status.set("observedGeneration", generation);
    let conditions = conditions(worker, &specs, &status, phase, initialized, old, generation, now);
    status.set("conditions", conditions);
    status
}

/// Whether all init containers are done and all sidecars have started.
pub(crate) fn is_initialized(worker: &Worker, specs: &[(Kind, Value)]) -> bool {
    let main_started =
        specs.iter().any(|(k, c)| *k == Kind::Main && worker.current(c["name"].str()).is_some());
    main_started
        || specs.iter().all(|(kind, spec)| {
            let current = worker.current(spec["name"].str());
            match kind {
                Kind::Init => current.is_some_and(|c| is_done(worker, c)),
                Kind::Sidecar => current.is_some_and(|c| c.is_running() && c.started_up),
                _ => true,
            }
        })
}

/// Whether an init container has done its work in this sandbox.
pub(crate) fn is_done(worker: &Worker, container: &Container) -> bool {
    container.sandbox == worker.sandboxes && container.exit.as_ref().is_some_and(|e| e.code == 0)
}

/// Mirrors getPhase.
fn phase(
    worker: &Worker,
    specs: &[(Kind, Value)],
    initialized: bool,
    status: &Value,
    old: &Value,
) -> &'static str {
    match old["phase"].str() {
        "Succeeded" => return "Succeeded",
        "Failed" => return "Failed",
        _ => {}
    }
    let policy = worker.pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
    let failed_init = specs.iter().any(|(kind, spec)| {
        *kind == Kind::Init
            && policy == "Never"
            && worker
                .current(spec["name"].str())
                .is_some_and(|c| c.exit.as_ref().is_some_and(|e| e.code != 0))
    });
    if failed_init && !worker.running().any(|c| c.kind != Kind::Sidecar) {
        return "Failed";
    }
    if !initialized {
        return "Pending";
    }
    let (mut unknown, mut running, mut waiting, mut stopped, mut succeeded) = (0, 0, 0, 0, 0);
    for entry in status["containerStatuses"].items() {
        let state = &entry["state"];
        if state.get("running").is_some() {
            running += 1;
        } else if let Some(terminated) = state.get("terminated") {
            stopped += 1;
            succeeded += i32::from(terminated["exitCode"].int() == 0);
        } else if state.get("waiting").is_some() {
            if entry["lastState"].get("terminated").is_some() { stopped += 1 } else { waiting += 1 }
        } else {
            unknown += 1;
        }
    }
    match () {
        () if waiting > 0 => "Pending",
        () if running > 0 && unknown == 0 => "Running",
        () if running == 0 && stopped > 0 && unknown == 0 => {
            let stopping = worker.phase >= Phase::Terminating;
            match policy {
                "Always" if !stopping => "Running",
                _ if stopped == succeeded => "Succeeded",
                "Never" => "Failed",
                _ if stopping => "Failed",
                _ => "Running",
            }
        }
        () => "Pending",
    }
}

fn container_status(worker: &Worker, kind: Kind, spec: &Value, has_init: bool, old: &Value) -> Value {
    let name = spec["name"].str();
    let waiting = if has_init && kind != Kind::Ephemeral { "PodInitializing" } else { "ContainerCreating" };
    let mut status = json!({
        "name": name, "image": spec["image"].str(), "imageID": "", "ready": false, "restartCount": 0,
        "started": false, "lastState": {}, "state": {"waiting": {"reason": waiting}},
    });
    let mounts = mounts(spec);
    if !mounts.is_empty() {
        status.set("volumeMounts", mounts);
    }
    let Some(container) = worker.current(name) else {
        // After the kubelet or the node was away the containers are gone: what was known of them becomes history.
        if let Some(before) = old.items().iter().find(|s| s["name"] == name && !s["containerID"].is_empty()) {
            status.set("restartCount", before["restartCount"].int());
            let last = before["state"].get("terminated").or(before["lastState"].get("terminated"));
            if let Some(last) = last {
                status.set_at("lastState.terminated", last);
            }
        }
        if let Some((reason, message)) = worker.reasons.get(name) {
            status.set("state", waiting_state(reason, message));
        }
        return status;
    };
    status.set("image", container.image.as_str());
    status.set("imageID", container.image_id.as_str());
    status.set("containerID", container_id(container));
    status.set("restartCount", container.restarts);
    status.set("ready", is_ready(container));
    status.set("started", container.is_running() && container.started_up);
    if let Some(last) = worker.previous(name).and_then(|c| c.exit.as_ref().map(|e| (c, e))) {
        status.set("lastState", json!({"terminated": terminated(last.0, last.1)}));
    } else if let Some(before) = old.items().iter().find(|s| s["name"] == name)
        && container.restarts > 0
        && let Some(last) = before["lastState"].get("terminated")
    {
        status.set_at("lastState.terminated", last);
    }
    resources(&mut status, spec, container);
    match (&container.exit, container.started) {
        (None, Some(started)) => {
            status.set("state", json!({"running": {"startedAt": time::format(started)}}))
        }
        (None, None) => {
            let (reason, message) =
                worker.reasons.get(name).map_or((waiting, ""), |(r, m)| (r.as_str(), m.as_str()));
            status.set("state", waiting_state(reason, message));
        }
        (Some(exit), _) => match worker.reasons.get(name).filter(|_| worker.phase == Phase::Syncing) {
            // What ended and waits to be started again is history already.
            Some((reason, message)) if will_restart(worker, container) => {
                status.set("lastState", json!({"terminated": terminated(container, exit)}));
                status.set("state", waiting_state(reason, message));
            }
            _ => status.set("state", json!({"terminated": terminated(container, exit)})),
        },
    }
    status
}

fn resources(status: &mut Value, spec: &Value, container: &Container) {
    if container.started.is_none() && container.exit.is_none() {
        return;
    }
    let resources = &spec["resources"];
    status.set("resources", if resources.is_null() { Value::object() } else { resources.clone() });
    if !resources["requests"].is_empty() {
        status.set("allocatedResources", &resources["requests"]);
    }
}

/// Ready as the endpoint controllers see it.
pub(crate) fn is_ready(container: &Container) -> bool {
    match container.kind {
        // Its work is done. Mirrors prober_manager.go UpdatePodStatus.
        Kind::Init => container.exit.as_ref().is_some_and(|e| e.code == 0),
        _ => container.is_running() && container.ready && container.started_up,
    }
}

/// Mirrors ShouldContainerBeRestarted for a container that has ended.
pub(crate) fn will_restart(worker: &Worker, container: &Container) -> bool {
    let Some(exit) = &container.exit else { return false };
    if worker.pod.is_terminating() || worker.phase > Phase::Syncing {
        return false;
    }
    let policy = worker.pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
    match container.kind {
        Kind::Sidecar => true,
        Kind::Ephemeral => false,
        Kind::Init => exit.code != 0 && policy != "Never",
        Kind::Main => match policy {
            "Never" => false,
            "OnFailure" => exit.code != 0,
            _ => true,
        },
    }
}

fn container_id(container: &Container) -> String {
    format!("containerd://{}", container.id)
}

fn waiting_state(reason: &str, message: &str) -> Value {
    let mut waiting = json!({"reason": reason});
    if !message.is_empty() {
        waiting.set("message", message);
    }
    json!({"waiting": waiting})
}

fn terminated(container: &Container, exit: &Exit) -> Value {
    let started = container.started.unwrap_or(Time::ZERO);
    let mut state = json!({
        "containerID": container_id(container), "exitCode": exit.code, "reason": exit.reason,
        "startedAt": time::format(started), "finishedAt": time::format(exit.at),
    });
    if !exit.message.is_empty() {
        state.set("message", exit.message.as_str());
    }
    state
}

fn mounts(spec: &Value) -> Vec<Value> {
    let entry = |m: &Value| {
        let mut out = json!({"name": m["name"].str(), "mountPath": m["mountPath"].str()});
        if m["readOnly"].is_true() {
            out.set("readOnly", true);
            out.set("recursiveReadOnly", "Disabled");
        }
        out
    };
    spec["volumeMounts"].items().iter().map(entry).collect()
}

/// (status, reason, message) of a condition.
type Verdict = (bool, &'static str, String);

#[allow(clippy::too_many_arguments)] // all of what conditions depend on, used once
fn conditions(
    worker: &Worker,
    specs: &[(Kind, Value)],
    status: &Value,
    phase: &str,
    initialized: bool,
    old: &Value,
    generation: i64,
    now: Time,
) -> Value {
    let containers_ready = containers_ready(specs, status, phase);
    let ready = pod_ready(worker, &containers_ready, old);
    let sandbox = worker.sandbox.as_ref().is_some_and(|s| s.ready);
    let verdicts = [
        (sandbox, "", String::new()),
        initialized_condition(specs, status, phase, initialized),
        ready,
        containers_ready,
        (true, "", String::new()),
    ];
    let known = old["conditions"].items();
    let mut list: Vec<Value> = Vec::new();
    // What others wrote stays as it is.
    list.extend(known.iter().filter(|c| !CONDITIONS.contains(&c["type"].str())).cloned());
    for (kind, (holds, reason, message)) in CONDITIONS.into_iter().zip(verdicts) {
        let word = if holds { "True" } else { "False" };
        let before = known.iter().find(|c| c["type"] == kind);
        let since = before
            .filter(|c| c["status"] == word)
            .map_or_else(|| Value::from(time::format(now)), |c| c["lastTransitionTime"].clone());
        let mut condition = json!({
            "type": kind, "status": word, "lastProbeTime": null, "lastTransitionTime": since,
            "observedGeneration": generation,
        });
        for (field, text) in [("reason", reason), ("message", message.as_str())] {
            if !text.is_empty() {
                condition.set(field, text);
            }
        }
        list.push(condition);
    }
    Value::array(list)
}

/// Mirrors GenerateContainersReadyCondition.
fn containers_ready(specs: &[(Kind, Value)], status: &Value, phase: &str) -> Verdict {
    match phase {
        "Succeeded" => return (false, "PodCompleted", String::new()),
        "Failed" => return (false, "PodFailed", String::new()),
        _ => {}
    }
    let unready: Vec<&str> = specs
        .iter()
        .filter(|(kind, _)| matches!(kind, Kind::Main | Kind::Sidecar))
        .map(|(kind, spec)| (kind.list(), spec["name"].str()))
        .filter(|(list, name)| {
            let field = if *list == "containers" { "containerStatuses" } else { "initContainerStatuses" };
            !status[field].items().iter().any(|s| s["name"] == *name && s["ready"].is_true())
        })
        .map(|(_, name)| name)
        .collect();
    match unready.is_empty() {
        true => (true, "", String::new()),
        false => {
            (false, "ContainersNotReady", format!("containers with unready status: [{}]", unready.join(" ")))
        }
    }
}

/// Mirrors GeneratePodReadyCondition.
fn pod_ready(worker: &Worker, containers: &Verdict, old: &Value) -> Verdict {
    if !containers.0 {
        return containers.clone();
    }
    let mut messages = Vec::new();
    for gate in worker.pod["spec"]["readinessGates"].items() {
        let kind = gate["conditionType"].str();
        let fresh = worker.pod["status"]["conditions"].items().iter();
        match fresh.chain(old["conditions"].items()).find(|c| c["type"] == kind) {
            None => messages
                .push(format!("corresponding condition of pod readiness gate {kind:?} does not exist.")),
            Some(c) if c["status"] != "True" => messages.push(format!(
                "the status of pod readiness gate {kind:?} is not \"True\", but {}",
                c["status"].str()
            )),
            Some(_) => {}
        }
    }
    match messages.is_empty() {
        true => (true, "", String::new()),
        false => (false, "ReadinessGatesNotReady", messages.join(", ")),
    }
}

/// Mirrors GeneratePodInitializedCondition.
fn initialized_condition(specs: &[(Kind, Value)], status: &Value, phase: &str, initialized: bool) -> Verdict {
    if phase == "Succeeded" {
        return (true, "PodCompleted", String::new());
    }
    if initialized {
        return (true, "", String::new());
    }
    let incomplete: Vec<&str> = specs
        .iter()
        .filter(|(kind, spec)| {
            let find =
                || status["initContainerStatuses"].items().iter().find(|s| s["name"] == spec["name"].str());
            match kind {
                Kind::Init => !find().is_some_and(|s| s["ready"].is_true()),
                Kind::Sidecar => !find().is_some_and(|s| s["started"].is_true()),
                _ => false,
            }
        })
        .map(|(_, spec)| spec["name"].str())
        .collect();
    let message = format!("containers with incomplete status: [{}]", incomplete.join(" "));
    (false, "ContainersNotInitialized", message)
}
