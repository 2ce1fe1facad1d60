//! What the kubelet knows of one pod: how far its worker is, its sandbox, its containers.
//! Mirrors pkg/kubelet/pod_workers.go and pkg/kubelet/container/runtime.go.

use crate::backoff::Backoff;
use crate::logs::Log;
use crate::prober::Probe;
use crate::qos;
use crate::volumes::Volume;
use apimachinery::{Object, Value};
use sim::collections::{BTreeMap, BTreeSet};
use sim::net::{Error, RequestId, Response};
use sim::{Duration, Time};
use std::collections::VecDeque;
use userland::{Machine, Pid};

/// Number of a pod's worker on its node; never used twice.
pub(crate) type WorkerId = u32;
/// Number of a container on its node; never used twice.
pub(crate) type ContainerNo = u32;

/// How far a pod is. It only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// It should run.
    Syncing,
    /// It will not run again; its end begins when the runtime was asked once more.
    Ending,
    /// Its containers are being stopped.
    Terminating,
    /// Its containers have stopped; the last word about it is to be said.
    Terminated,
    /// The last word is said; its volumes are being taken away.
    Unmounting,
    /// Nothing is left to do but to delete the object, once somebody asks for it.
    Finished,
}

/// One pod on the node.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) id: WorkerId,
    /// Newest version from the API.
    pub(crate) pod: Object,
    /// What it asks for: thousandths of a CPU, bytes of memory.
    pub(crate) requests: (i64, i64),
    pub(crate) phase: Phase,
    /// When the kubelet first saw it.
    pub(crate) seen: Time,
    /// The sync that is under way.
    pub(crate) activity: Option<Activity>,
    /// Something has happened since the last sync began.
    pub(crate) pending: bool,
    /// The runtime's state is not read again before this time, so that no sync begins earlier.
    pub(crate) fresh_at: Time,
    /// Counts syncs, so that timers of earlier ones are told apart.
    pub(crate) token: u64,
    /// Why a container waits: name -> (reason, message). Mirrors reason_cache.go.
    pub(crate) reasons: BTreeMap<String, (String, String)>,
    /// Container -> back-off of its restarts.
    pub(crate) crashes: BTreeMap<String, Backoff>,
    /// Image -> back-off of its pulls.
    pub(crate) pulls: BTreeMap<String, Backoff>,
    pub(crate) sandbox: Option<Sandbox>,
    /// How many sandboxes it has had.
    pub(crate) sandboxes: u32,
    /// When its last sync began.
    pub(crate) synced: Time,
    /// Oldest first; of each name the newest and the one before.
    pub(crate) containers: Vec<Container>,
    /// What the API knows, as far as the kubelet wrote it.
    pub(crate) status: Value,
    /// resourceVersion of the last write of the status.
    pub(crate) written: u64,
    pub(crate) volumes: Option<Vec<Volume>>,
    /// Why volumes are not mounted yet: when to try again, after what delay, since when.
    pub(crate) mounting: Option<Mounting>,
    /// An end that was decided: (phase, reason, message), such as Evicted.
    pub(crate) verdict: Option<(&'static str, String, String)>,
    /// The grace period that was decided with it.
    pub(crate) grace: Option<Duration>,
    /// When the pod's containers must have stopped, once they are being stopped.
    pub(crate) stop_by: Option<Time>,
    /// When its sandbox is gone, once nothing runs in it any more.
    pub(crate) down_at: Option<Time>,
    /// The object is gone from the API.
    pub(crate) deleted: bool,
}

/// Volumes that could not be mounted yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mounting {
    pub(crate) next: Time,
    pub(crate) delay: Duration,
    pub(crate) since: Time,
}

/// A pod's network and identity.
#[derive(Clone, Debug)]
pub(crate) struct Sandbox {
    pub(crate) ip: String,
    /// Whether it is still there.
    pub(crate) ready: bool,
}

/// A sync that is under way, step by step in virtual time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    pub(crate) steps: VecDeque<Step>,
    /// Something was started or stopped.
    pub(crate) changed: bool,
    /// Something failed: try again soon.
    pub(crate) failed: bool,
}

/// What a sync does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Mount the volumes.
    Mount,
    /// See what is to be done, and put it into the queue.
    Plan,
    /// The sandbox comes up.
    Sandbox,
    /// It is up, and the API hears of it.
    SandboxReady,
    /// A container is stopped; wait for its end.
    Kill(ContainerNo),
    /// A container is to be started: see whether it may be.
    Start(String),
    /// Its image is there, or on its way since a time.
    Pull(String, Time),
    /// It is created.
    Create(String),
    /// It is started.
    Run(ContainerNo),
    /// Its postStart hook runs.
    PostStart(ContainerNo),
}

/// Where a container stands in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Init,
    /// An init container that keeps running.
    Sidecar,
    Main,
    Ephemeral,
}

impl Kind {
    /// The list of the spec that it stands in.
    pub(crate) fn list(self) -> &'static str {
        match self {
            Kind::Init | Kind::Sidecar => "initContainers",
            Kind::Main => "containers",
            Kind::Ephemeral => "ephemeralContainers",
        }
    }
}

/// One instance of a container.
#[derive(Clone)]
pub(crate) struct Container {
    pub(crate) no: ContainerNo,
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Its entry in the spec when it was created.
    pub(crate) spec: Value,
    pub(crate) image: String,
    pub(crate) image_id: String,
    /// In which of its pod's sandboxes it was created.
    pub(crate) sandbox: u32,
    /// How many instances there were before.
    pub(crate) restarts: i64,
    pub(crate) started: Option<Time>,
    pub(crate) exit: Option<Exit>,
    /// Gone when it has ended.
    pub(crate) machine: Option<Machine>,
    pub(crate) main: Pid,
    /// The working directory, the user and the environment that exec begins with.
    pub(crate) start: userland::Command,
    /// What asks it to end.
    pub(crate) stop_signal: userland::Signal,
    pub(crate) log: Log,
    /// When its machine wants to run next.
    pub(crate) wake: Option<Time>,
    /// It was killed because it claimed more memory than it may.
    pub(crate) oom: bool,
    /// Its postStart hook, while that runs.
    pub(crate) hook: Option<Hook>,
    /// Sessions that are attached see the output too.
    pub(crate) attached: BTreeSet<u64>,
    /// Answers that its processes have not taken yet.
    pub(crate) answers: BTreeMap<RequestId, Result<Response, Error>>,
    /// Requests that its processes sent and that have no answer yet.
    pub(crate) asking: BTreeSet<RequestId>,
    /// Requests that were delivered to it and that it has not answered yet.
    pub(crate) serving: BTreeSet<RequestId>,
    pub(crate) memory_limit: i64,
    /// What its files weighed when it was created, volumes not counted.
    pub(crate) own_bytes: usize,
    pub(crate) cpu_limit: i64,
    pub(crate) probes: Vec<Probe>,
    /// Passed by its readiness probe, or has none.
    pub(crate) ready: bool,
    /// Passed by its startup probe, or has none.
    pub(crate) started_up: bool,
    /// A probe or a hook has condemned it: the message of the Killing event.
    pub(crate) condemned: Option<String>,
    pub(crate) stopping: Option<Stopping>,
}

/// How a container has ended.
#[derive(Clone, Debug)]
pub(crate) struct Exit {
    pub(crate) at: Time,
    pub(crate) code: i32,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

/// A container on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Stopping {
    /// Its preStop hook, while that runs.
    pub(crate) hook: Option<Hook>,
    /// SIGTERM has been sent.
    pub(crate) signalled: bool,
    /// When SIGKILL comes.
    pub(crate) kill_at: Time,
}

/// A life-cycle hook that runs.
#[derive(Clone, Debug)]
pub(crate) enum Hook {
    /// A command in the container.
    Exec(Pid),
    /// A request to the container.
    Http(RequestId),
    /// Until a time.
    Sleep(Time),
}

impl Container {
    /// Whether it runs.
    pub(crate) fn is_running(&self) -> bool {
        self.started.is_some() && self.exit.is_none()
    }
}

impl Worker {
    /// A pod that was just seen.
    pub(crate) fn new(id: WorkerId, pod: Object, now: Time) -> Worker {
        Worker {
            id,
            status: pod["status"].clone(),
            requests: (qos::request(&pod, "cpu"), qos::request(&pod, "memory")),
            pod,
            phase: Phase::Syncing,
            seen: now,
            activity: None,
            pending: false,
            fresh_at: Time::ZERO,
            token: 0,
            reasons: BTreeMap::new(),
            crashes: BTreeMap::new(),
            pulls: BTreeMap::new(),
            sandbox: None,
            sandboxes: 0,
            synced: Time::ZERO,
            containers: Vec::new(),
            written: 0,
            volumes: None,
            mounting: None,
            verdict: None,
            grace: None,
            stop_by: None,
            down_at: None,
            deleted: false,
        }
    }

    /// The newest instance of a container.
    pub(crate) fn current(&self, name: &str) -> Option<&Container> {
        self.containers.iter().rev().find(|c| c.name == name)
    }

    /// The instance before the newest.
    pub(crate) fn previous(&self, name: &str) -> Option<&Container> {
        self.containers.iter().rev().filter(|c| c.name == name).nth(1)
    }

    /// A container by its number.
    pub(crate) fn container(&mut self, no: ContainerNo) -> Option<&mut Container> {
        self.containers.iter_mut().find(|c| c.no == no)
    }

    /// Containers that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().filter(|c| c.is_running())
    }

    /// The spec's containers in order: init containers, containers, ephemeral ones.
    pub(crate) fn specs(&self) -> Vec<(Kind, Value)> {
        let spec = &self.pod["spec"];
        let init = spec["initContainers"].items().iter().map(|c| {
            let sidecar = c["restartPolicy"] == "Always";
            (if sidecar { Kind::Sidecar } else { Kind::Init }, c.clone())
        });
        let main = spec["containers"].items().iter().map(|c| (Kind::Main, c.clone()));
        let ephemeral = spec["ephemeralContainers"].items().iter().map(|c| (Kind::Ephemeral, c.clone()));
        init.chain(main).chain(ephemeral).collect()
    }

    /// A container of the spec by name.
    pub(crate) fn spec(&self, name: &str) -> Option<(Kind, Value)> {
        self.specs().into_iter().find(|(_, c)| c["name"] == name)
    }

    /// The pod's address, or empty.
    pub(crate) fn ip(&self) -> &str {
        self.sandbox.as_ref().filter(|s| s.ready).map_or("", |s| &s.ip)
    }

    /// Whether it shares its node's network.
    pub(crate) fn host_network(&self) -> bool {
        self.pod["spec"]["hostNetwork"].is_true()
    }
}
