//! The columns of `kubectl get pods`. Mirrors printPod in pkg/printers/internalversion/printers.go.

use crate::meta::{age, column, condition, or, since, wide};
use apimachinery::table::Column;
use apimachinery::{Object, Value};
use sim::Time;

/// Columns.
pub const COLUMNS: &[Column] = &[
    column("Name"),
    column("Ready"),
    column("Status"),
    column("Restarts"),
    column("Age"),
    wide("IP"),
    wide("Node"),
    wide("Nominated Node"),
    wide("Readiness Gates"),
];

/// Cells.
pub fn row(pod: &Object, now: Time) -> Vec<Value> {
    let summary = Summary::of(pod);
    let (spec, status) = (&pod["spec"], &pod["status"]);
    let restarts = match (summary.restarts, summary.last_restart) {
        (n, Some(last)) if n != 0 => format!("{n} ({} ago)", since(last, now)),
        (n, _) => n.to_string(),
    };
    vec![
        pod.name().into(),
        format!("{}/{}", summary.ready, summary.total).into(),
        summary.reason.into(),
        restarts.into(),
        age(pod, now),
        or(status["podIPs"][0]["ip"].str(), "<none>").into(),
        or(spec["nodeName"].str(), "<none>").into(),
        or(status["nominatedNodeName"].str(), "<none>").into(),
        readiness_gates(pod).into(),
    ]
}

/// What READY, STATUS and RESTARTS say of a pod.
#[derive(Debug, Default)]
pub struct Summary<'a> {
    /// How many containers are ready, sidecars among them.
    pub ready: usize,
    /// How many containers there are, sidecars among them.
    pub total: usize,
    /// The STATUS, such as `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`.
    pub reason: String,
    /// How often containers were started again.
    pub restarts: i64,
    /// When the last one that was started again had ended.
    pub last_restart: Option<&'a Value>,
}

impl<'a> Summary<'a> {
    /// Of this pod.
    pub fn of(pod: &'a Object) -> Summary<'a> {
        let (spec, status) = (&pod["spec"], &pod["status"]);
        let phase = status["phase"].str();
        let mut s = Summary { reason: or(status["reason"].str(), phase).into(), ..Summary::default() };
        let sidecars = spec["initContainers"].items().iter().filter(|c| is_sidecar(c)).count();
        s.total = spec["containers"].items().len() + sidecars;
        if status["conditions"]
            .items()
            .iter()
            .any(|c| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated")
        {
            s.reason = "SchedulingGated".into();
        }
        let (initializing, sidecar_restarts) = s.init_containers(spec, status);
        if !initializing || condition(&status["conditions"], "Initialized") == "True" {
            (s.restarts, s.last_restart) = sidecar_restarts;
            s.containers(status);
        }
        if pod.is_terminating() && status["reason"] == "NodeLost" {
            s.reason = "Unknown".into();
        } else if pod.is_terminating() && !matches!(phase, "Succeeded" | "Failed") {
            s.reason = "Terminating".into();
        }
        s
    }

    /// Whether initialization is still going on, and the restarts of sidecars.
    fn init_containers(&mut self, spec: &'a Value, status: &'a Value) -> (bool, (i64, Option<&'a Value>)) {
        let specs = spec["initContainers"].items();
        let mut sidecars = (0, None);
        for (i, container) in status["initContainerStatuses"].items().iter().enumerate() {
            let sidecar = specs.iter().any(|c| c["name"] == container["name"] && is_sidecar(c));
            self.restarts += container["restartCount"].int();
            later(&mut self.last_restart, container);
            if sidecar {
                sidecars.0 += container["restartCount"].int();
                later(&mut sidecars.1, container);
            }
            let (terminated, waiting) = (&container["state"]["terminated"], &container["state"]["waiting"]);
            if !terminated.is_null() && terminated["exitCode"].int() == 0 {
                continue;
            }
            if sidecar && container["started"].is_true() {
                self.ready += usize::from(container["ready"].is_true());
                continue;
            }
            let waits_for = waiting["reason"].str();
            self.reason = if !terminated.is_null() {
                format!("Init:{}", end_reason(terminated))
            } else if !waits_for.is_empty() && waits_for != "PodInitializing" {
                format!("Init:{waits_for}")
            } else {
                format!("Init:{i}/{}", specs.len())
            };
            return (true, sidecars);
        }
        (false, sidecars)
    }

    fn containers(&mut self, status: &'a Value) {
        let mut running = false;
        for container in status["containerStatuses"].items().iter().rev() {
            self.restarts += container["restartCount"].int();
            later(&mut self.last_restart, container);
            let state = &container["state"];
            let waits_for = state["waiting"]["reason"].str();
            if !waits_for.is_empty() {
                self.reason = waits_for.into();
            } else if !state["terminated"].is_null() {
                self.reason = end_reason(&state["terminated"]);
            } else if container["ready"].is_true() && !state["running"].is_null() {
                running = true;
                self.ready += 1;
            }
        }
        // One that still runs says more than one that has completed.
        if self.reason == "Completed" && running {
            let ready = condition(&status["conditions"], "Ready") == "True";
            self.reason = if ready { "Running" } else { "NotReady" }.into();
        }
    }
}

/// Whether an init container is a sidecar: one that is started again for as long as the pod lives.
pub fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

fn end_reason(terminated: &Value) -> String {
    match (terminated["reason"].str(), terminated["signal"].int()) {
        ("", 0) => format!("ExitCode:{}", terminated["exitCode"].int()),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.into(),
    }
}

fn later<'a>(last: &mut Option<&'a Value>, container: &'a Value) {
    let ended = &container["lastState"]["terminated"]["finishedAt"];
    if !ended.is_null() && last.is_none_or(|l| l.str() < ended.str()) {
        *last = Some(ended);
    }
}

fn readiness_gates(pod: &Object) -> String {
    let gates = pod["spec"]["readinessGates"].items();
    if gates.is_empty() {
        return "<none>".into();
    }
    let conditions = &pod["status"]["conditions"];
    let open = gates.iter().filter(|g| condition(conditions, g["conditionType"].str()) == "True").count();
    format!("{open}/{}", gates.len())
}
