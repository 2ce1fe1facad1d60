//! The container runtime: makes containers out of images, runs them, notices how they end.
//! Mirrors pkg/kubelet/kuberuntime/kuberuntime_container.go, and containerd where that is seen.

use crate::config::{MAX_ROUNDS, MAX_TERMINATION_MESSAGE, SHORTEST_LIFE};
use crate::images::Reference;
use crate::kubelet::Timer;
use crate::logs::Log;
use crate::net::{Outgoing, Owner, Socket};
use crate::qos::quantity;
use crate::sync::{self, Go};
use crate::worker::{Container, ContainerNo, Exit, Kind, Phase, Worker};
use crate::{Kubelet, furnish, local_storage};
use apimachinery::Value;
use client::{Context, EventType, Place};
use sim::Time;
use sim::collections::{BTreeMap, BTreeSet};
use sim::net::Error;
use userland::{Command, ExitStatus, Pid, Signal, SpawnError, Stream};

/// How many instances of one container are kept: the one that runs and the one before.
const KEPT_INSTANCES: usize = 2;

impl Kubelet {
    /// Creates a container of the pod. `Err`: (reason, message) of its waiting state.
    pub(crate) fn create_container(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        name: &str,
    ) -> Result<ContainerNo, (&'static str, String)> {
        let (kind, mut spec) =
            w.spec(name).ok_or(("CreateContainerError", "no such container".to_string()))?;
        let config = |message| ("CreateContainerConfigError", message);
        let reference = Reference::parse(spec["image"].str()).map_err(|_| config("invalid image".into()))?;
        let full = reference.full();
        let image =
            self.store.get(&full).cloned().ok_or_else(|| config(format!("image {full:?} is not present")))?;
        let env = self.environment(ctx, w, &spec, &image).map_err(config)?;
        furnish::expand_sub_paths(&mut spec, &env).map_err(config)?;
        let command = furnish::command(w, &spec, &image, env).map_err(config)?;
        self.make_sub_paths(w, &spec);
        let restarts = w.current(name).map_or_else(|| known_restarts(w, kind, name), |c| c.restarts + 1);
        let no = self.next_container;
        self.next_container += 1;
        let mut machine = image.machine(&self.hostname(w));
        self.furnish(&mut machine.files, w, &spec)?;
        let (memory, cpu) = limits(&spec);
        let own_bytes = local_storage::own_bytes(&machine.files, w, &spec);
        let id = self.hex_id();
        w.containers.push(Container {
            no,
            id,
            name: name.into(),
            kind,
            image: full,
            image_id: reference.id(),
            restarts,
            sandbox: w.sandboxes,
            started: None,
            exit: None,
            machine: Some(machine),
            main: Pid(1),
            start: command,
            stop_signal: image.stop_signal,
            log: Log::default(),
            wake: None,
            attached: BTreeSet::new(),
            answers: BTreeMap::new(),
            asking: BTreeSet::new(),
            serving: BTreeSet::new(),
            memory_limit: memory,
            cpu_limit: cpu,
            own_bytes,
            probes: Vec::new(),
            ready: true,
            started_up: true,
            condemned: None,
            stopping: None,
            oom: false,
            hook: None,
            spec,
        });
        prune(w, name);
        self.container_event(ctx, w, name, EventType::Normal, "Created", "Container created");
        Ok(no)
    }

    /// 64 hexadecimal digits.
    pub(crate) fn hex_id(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.rng.next_u64())).collect()
    }

    /// Starts a container that was created.
    pub(crate) fn start_container(&mut self, ctx: &mut Context<'_>, w: &mut Worker, no: ContainerNo) -> Go {
        let now = ctx.now;
        let Some(c) = w.container(no) else { return Go::On };
        let (name, command) = (c.name.clone(), c.start.clone());
        let spawned = c.machine.as_mut().map(|m| m.spawn(command.clone()));
        if let Some(Err(error)) = spawned {
            let message = format!(
                "failed to create containerd task: failed to create shim task: OCI runtime create \
                failed: runc create failed: unable to start container process: error during container init: {}",
                exec_error(&command.argv, &error)
            );
            c.machine = None;
            c.exit = Some(Exit { at: now, code: 128, reason: "StartError", message: message.clone() });
            self.container_event(ctx, w, &name, EventType::Warning, "Failed", &format!("Error: {message}"));
            w.reasons.insert(name, ("RunContainerError".into(), message));
            sync::fail(w);
            return Go::On;
        }
        if let Some(Ok(pid)) = spawned {
            c.main = pid;
        }
        c.started = Some(now);
        c.ready = c.spec.get("readinessProbe").is_none();
        c.started_up = c.spec.get("startupProbe").is_none();
        w.reasons.remove(&name);
        self.container_event(ctx, w, &name, EventType::Normal, "Started", "Container started");
        self.run_machine(now, w, no);
        self.arm_probes(w, no, now);
        let hook = w.container(no).map(|c| c.spec["lifecycle"]["postStart"].clone()).unwrap_or_default();
        if hook.is_null() {
            return Go::On;
        }
        match self.start_hook(w, no, &hook, now) {
            Ok(hook) => {
                if let Some(c) = w.container(no) {
                    c.hook = Some(hook);
                }
                sync::wait_for_hook(w, no);
                self.check_hook_later(w, no, now)
            }
            Err(message) => {
                self.hook_failed(ctx, w, no, &message);
                Go::On
            }
        }
    }

    // --- Running.

    /// Runs every machine that wants to run.
    pub(crate) fn run_machines(&mut self, now: Time) {
        if self.machines.is_none_or(|at| at > now) {
            return;
        }
        self.host.run(now, &mut self.rng, &mut self.net, &mut self.sessions);
        let due = |w: &Worker| w.containers.iter().any(|c| c.wake.is_some_and(|at| at <= now));
        let ids: Vec<_> = self.workers.values().filter(|w| due(w)).map(|w| w.id).collect();
        for id in ids {
            self.with_worker(id, |kubelet, w| {
                let due = |c: &&Container| c.wake.is_some_and(|at| at <= now);
                let list: Vec<ContainerNo> = w.containers.iter().filter(due).map(|c| c.no).collect();
                for no in list {
                    kubelet.run_machine(now, w, no);
                }
            });
        }
    }

    /// Finds out when a machine wants to run next.
    pub(crate) fn find_machine_wake(&mut self) {
        let containers = self.workers.values().flat_map(|w| &w.containers).filter_map(|c| c.wake);
        self.machines = containers.chain(self.host.wake()).min();
    }

    /// Runs one container's processes as far as they come, and looks at what became of them.
    pub(crate) fn run_machine(&mut self, now: Time, w: &mut Worker, no: ContainerNo) {
        let place = self.place(w);
        let Some(index) = w.containers.iter().position(|c| c.no == no) else { return };
        let c = &mut w.containers[index];
        let Some(machine) = &mut c.machine else { return };
        for _ in 0..MAX_ROUNDS {
            machine.run(&mut Socket {
                now,
                rng: &mut self.rng,
                net: &mut self.net,
                owner: Owner::Container(w.id, no),
                place: &place,
                answers: &mut c.answers,
                asking: &mut c.asking,
                serving: &mut c.serving,
            });
            for (stream, bytes) in machine.take_output(c.main) {
                c.log.write(now, stream == Stream::Stderr, &bytes);
                self.sessions.attached_output(&c.attached, stream, &bytes);
            }
            self.sessions.collect(Owner::Container(w.id, no), machine);
            if machine.wake().is_none_or(|at| at > now) {
                break;
            }
        }
        c.wake = machine.wake();
        if c.memory_limit > 0 && machine.usage().memory_bytes > c.memory_limit as u64 {
            c.oom = true;
            machine.signal(c.main, Signal::Kill);
        }
        let mut status = machine.status(c.main);
        if let Some(seen) =
            c.started.map(|at| at + SHORTEST_LIFE).filter(|seen| *seen > now && status.is_some())
        {
            c.wake = Some(c.wake.map_or(seen, |at| at.min(seen)));
            status = None;
        }
        self.share_volumes(w, index);
        if let Some(status) = status {
            self.container_ended(now, w, index, status);
        }
        self.dirty.insert(w.id);
    }

    /// Where a pod's packets start from.
    pub(crate) fn place(&self, w: &Worker) -> Place {
        if w.host_network() {
            Place::Node(self.config.name.clone())
        } else {
            Place::Pod { namespace: w.pod.namespace().into(), name: w.pod.name().into() }
        }
    }

    /// What a container wrote to a shared volume is there for the others too.
    fn share_volumes(&mut self, w: &mut Worker, index: usize) {
        let Some(mut mounted) = w.volumes.take() else { return };
        for volume in mounted.iter_mut().filter(|v| v.shared) {
            let c = &w.containers[index];
            let Some(machine) = &c.machine else { break };
            let mut changed = false;
            for mount in c.spec["volumeMounts"].items().iter().filter(|m| m["name"] == volume.name.as_str()) {
                let (path, sub) = (mount["mountPath"].str(), mount["subPath"].str());
                let before = volume.part(sub);
                if before.is_some_and(|node| machine.files.is_same(path, &node)) {
                    continue;
                }
                let Some(node) = machine.files.subtree(path) else { continue };
                volume.put_part(sub, node);
                changed = true;
                // Another mount of the same volume in this container has not heard of it yet.
                break;
            }
            if !changed {
                continue;
            }
            if let Some(host_path) = &volume.host_path {
                self.host.machine.files.graft(host_path, volume.node.clone());
            }
            let mounts = w.containers[index].spec["volumeMounts"].items();
            let once = mounts.iter().filter(|m| m["name"] == volume.name.as_str()).count() == 1;
            furnish::graft(&mut w.containers, volume, once.then_some(index));
        }
        w.volumes = Some(mounted);
    }

    fn container_ended(&mut self, now: Time, w: &mut Worker, index: usize, status: ExitStatus) {
        let c = &mut w.containers[index];
        let Some(machine) = c.machine.take() else { return };
        let (code, reason) = match (c.oom, status.code()) {
            (true, _) => (137, "OOMKilled"),
            (_, 0) => (0, "Completed"),
            (_, code) => (code, "Error"),
        };
        let path = c.spec["terminationMessagePath"].as_str().unwrap_or("/dev/termination-log");
        let written = machine.files.read(path).unwrap_or_default();
        let cut = written.len().min(MAX_TERMINATION_MESSAGE);
        let mut message = String::from_utf8_lossy(&written[..cut]).into_owned();
        if message.is_empty() && code != 0 && c.spec["terminationMessagePolicy"] == "FallbackToLogsOnError" {
            message = c.log.termination_tail();
        }
        c.exit = Some(Exit { at: now, code, reason, message });
        (c.wake, c.hook) = (None, None);
        c.probes.clear();
        for id in std::mem::take(&mut c.serving) {
            self.net.answer(id, Err(Error::Reset));
        }
        for id in std::mem::take(&mut c.asking) {
            if self.net.asking.remove(&id).is_some() {
                self.net.outgoing.push(Outgoing::Cancel { id });
            }
        }
        c.answers.clear();
        self.sessions.container_ended(Owner::Container(w.id, c.no), &c.attached, code);
        self.notice(w, now);
        if w.activity.is_some() {
            self.timers.push(now, Timer::Step(w.id, w.token));
        }
        if w.phase == Phase::Terminating {
            self.timers.push(now, Timer::Stopping(w.id));
        }
    }

    /// Looks at what the machines that ran have done: hooks and probes that are answered.
    pub(crate) fn settle(&mut self, ctx: &mut Context<'_>) {
        for id in std::mem::take(&mut self.dirty) {
            self.with_worker(id, |kubelet, w| {
                kubelet.settle_probes(ctx, w);
                if w.containers
                    .iter()
                    .any(|c| c.hook.is_some() || c.stopping.as_ref().is_some_and(|s| s.hook.is_some()))
                {
                    if w.activity.is_some() {
                        kubelet.timers.push(ctx.now, Timer::Step(w.id, w.token));
                    }
                    kubelet.timers.push(ctx.now, Timer::Stopping(w.id));
                }
            });
        }
    }
}

/// Starts a process in a running container, in its environment.
pub(crate) fn exec_in(
    w: &mut Worker,
    no: ContainerNo,
    argv: Vec<String>,
    tty: Option<userland::Tty>,
    stdin: bool,
) -> Result<Pid, SpawnError> {
    let c = w.container(no).ok_or(SpawnError::NotFound)?;
    let mut command = Command { argv, tty, stdin, ..c.start.clone() };
    if tty.is_some() {
        command.env.entry("TERM".into()).or_insert_with(|| "xterm".into());
    }
    c.machine.as_mut().ok_or(SpawnError::NotFound)?.spawn(command)
}

/// What the runtime says of a program that it cannot start.
pub(crate) fn exec_error(argv: &[String], error: &SpawnError) -> String {
    let program = argv.first().map_or("", |s| s);
    let why = match error {
        SpawnError::NotFound if program.contains('/') => format!("stat {program}: no such file or directory"),
        SpawnError::NotFound => "executable file not found in $PATH".into(),
        SpawnError::NotExecutable => "permission denied".into(),
        SpawnError::IsDirectory => "is a directory".into(),
        SpawnError::TooMany => "resource temporarily unavailable".into(),
    };
    format!("exec: {program:?}: {why}")
}

fn limits(spec: &Value) -> (i64, i64) {
    let limits = &spec["resources"]["limits"];
    (quantity(&limits["memory"]).value(), quantity(&limits["cpu"]).millis())
}

/// Restarts that the API knows of although the kubelet has lost the containers.
fn known_restarts(w: &Worker, kind: Kind, name: &str) -> i64 {
    let field = match kind {
        Kind::Init | Kind::Sidecar => "initContainerStatuses",
        Kind::Main => "containerStatuses",
        Kind::Ephemeral => "ephemeralContainerStatuses",
    };
    let before = w.status[field].items().iter().find(|s| s["name"] == name && !s["containerID"].is_empty());
    before.map_or(0, |s| s["restartCount"].int() + 1)
}

fn prune(w: &mut Worker, name: &str) {
    let of_name = w.containers.iter().filter(|c| c.name == name).count();
    let mut surplus = of_name.saturating_sub(KEPT_INSTANCES);
    w.containers.retain(|c| {
        let drop = c.name == name && surplus > 0;
        surplus -= usize::from(drop);
        !drop
    });
}
