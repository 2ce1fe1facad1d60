//! The container runtime: makes containers out of images, runs them, notices how they end.
//! Mirrors pkg/kubelet/kuberuntime/kuberuntime_container.go, and containerd where that is seen.

use crate::Kubelet;
use crate::config::{MAX_ROUNDS, MAX_TERMINATION_MESSAGE};
use crate::env::{self, Facts};
use crate::images::{Image, Reference};
use crate::kubelet::Timer;
use crate::logs::Log;
use crate::net::{Outgoing, Owner, Socket};
use crate::prober;
use crate::qos::quantity;
use crate::sync::{self, Go};
use crate::volumes::Volume;
use crate::worker::{Container, ContainerNo, Exit, Hook, Kind, Phase, Step, Worker};
use apimachinery::Value;
use client::{Context, EventType, Place};
use sim::Time;
use sim::net::Error;
use std::collections::{BTreeMap, BTreeSet};
use userland::{Command, ExitStatus, Files, Pid, Signal, SpawnError, Stream};

/// How many instances of one container are kept: the one that runs and the one before.
const KEPT_INSTANCES: usize = 2;
/// Where programs are looked for when neither image nor pod says it.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Kubelet {
    /// Creates a container of the pod. `Err`: (reason, message) of its waiting state.
    pub(crate) fn create_container(
        &mut self,
        ctx: &mut Context<'_>,
        w: &mut Worker,
        name: &str,
    ) -> Result<ContainerNo, (&'static str, String)> {
        let (kind, spec) = w.spec(name).ok_or(("CreateContainerError", "no such container".to_string()))?;
        let config = |message| ("CreateContainerConfigError", message);
        let reference = Reference::parse(spec["image"].str()).map_err(|_| config("invalid image".into()))?;
        let full = reference.full();
        let image =
            self.store.get(&full).cloned().ok_or_else(|| config(format!("image {full:?} is not present")))?;
        let env = self.environment(ctx, w, &spec, &image).map_err(config)?;
        let command = command(w, &spec, &image, env).map_err(config)?;
        let restarts = w.current(name).map_or_else(|| known_restarts(w, kind, name), |c| c.restarts + 1);
        let no = self.next_container;
        self.next_container += 1;
        let mut machine = image.machine(&self.hostname(w));
        self.furnish(&mut machine.files, w, &spec)?;
        let (memory, cpu) = limits(&spec);
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
            log: Log::default(),
            wake: None,
            attached: BTreeSet::new(),
            answers: BTreeMap::new(),
            asking: BTreeSet::new(),
            serving: BTreeSet::new(),
            memory_limit: memory,
            cpu_limit: cpu,
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

    fn environment(
        &mut self,
        ctx: &mut Context<'_>,
        w: &Worker,
        spec: &Value,
        image: &Image,
    ) -> Result<BTreeMap<String, String>, String> {
        self.services.sync(ctx);
        let services: Vec<&apimachinery::Object> = self.services.list().collect();
        let facts = Facts {
            pod_ip: w.ip(),
            host_ip: &self.config.address,
            node: (self.config.cpu, self.config.memory),
        };
        let namespace = w.pod.namespace().to_string();
        let mut lookup = |kind: &str, name: &str| Kubelet::lookup(ctx, &namespace, kind, name);
        let own = env::make(&w.pod, spec, &services, &facts, &mut lookup)?;
        let mut all: BTreeMap<String, String> = image.env.iter().cloned().collect();
        all.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
        all.insert("HOSTNAME".into(), self.hostname(w));
        all.insert("HOME".into(), "/root".into());
        all.extend(own);
        if spec["tty"].is_true() {
            all.entry("TERM".into()).or_insert_with(|| "xterm".into());
        }
        Ok(all)
    }

    fn hostname(&self, w: &Worker) -> String {
        match (w.host_network(), w.pod["spec"]["hostname"].str()) {
            (true, _) => self.config.name.clone(),
            (_, "") => {
                w.pod.name().chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_string()
            }
            (_, hostname) => hostname.to_string(),
        }
    }

    /// Files that the kubelet makes, and volumes.
    fn furnish(&mut self, files: &mut Files, w: &Worker, spec: &Value) -> Result<(), (&'static str, String)> {
        let hostname = self.hostname(w);
        files.put("/etc/hostname", format!("{hostname}\n"));
        files.put("/etc/hosts", self.hosts(w, &hostname));
        files.put("/etc/resolv.conf", resolv_conf(w));
        let path = spec["terminationMessagePath"].as_str().unwrap_or("/dev/termination-log");
        files.put(path, "");
        if spec["securityContext"]["readOnlyRootFilesystem"].is_true() {
            files.set_read_only("/", true);
            files.set_read_only("/dev", false);
        }
        for mount in spec["volumeMounts"].items() {
            let volume = w.volumes.iter().flatten().find(|v| mount["name"] == v.name.as_str());
            let Some(volume) = volume else {
                let message = format!("volume {:?} is not mounted", mount["name"].str());
                return Err(("CreateContainerConfigError", message));
            };
            place(files, volume, mount);
        }
        Ok(())
    }

    /// Mirrors managedHostsFileContent.
    fn hosts(&self, w: &Worker, hostname: &str) -> String {
        let mut text = String::from(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
             fe00::\tip6-localnet\nfe00::\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n",
        );
        let subdomain = w.pod["spec"]["subdomain"].str();
        if subdomain.is_empty() {
            text += &format!("{}\t{hostname}\n", w.ip());
        } else {
            let namespace = w.pod.namespace();
            text +=
                &format!("{}\t{hostname}.{subdomain}.{namespace}.svc.cluster.local\t{hostname}\n", w.ip());
        }
        let aliases = w.pod["spec"]["hostAliases"].items();
        if !aliases.is_empty() {
            text += "\n# Entries added by HostAliases.\n";
        }
        for alias in aliases {
            let names: Vec<&str> = alias["hostnames"].items().iter().map(Value::str).collect();
            text += &format!("{}\t{}\n", alias["ip"].str(), names.join("\t"));
        }
        text
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

    fn check_hook_later(&mut self, w: &mut Worker, no: ContainerNo, now: Time) -> Go {
        match w.container(no).and_then(|c| c.hook.clone()) {
            Some(Hook::Sleep(until)) => Go::Wait(until.since(now)),
            _ => Go::Hold,
        }
    }

    /// The postStart hook of a container: is it done?
    pub(crate) fn post_start(&mut self, ctx: &mut Context<'_>, w: &mut Worker, no: ContainerNo) -> Go {
        match self.hook_result(w, no, ctx.now) {
            None => {
                sync::wait_for_hook(w, no);
                self.check_hook_later(w, no, ctx.now)
            }
            Some(Ok(())) => Go::On,
            Some(Err(message)) => {
                self.hook_failed(ctx, w, no, &message);
                Go::On
            }
        }
    }

    fn hook_failed(&mut self, ctx: &mut Context<'_>, w: &mut Worker, no: ContainerNo, message: &str) {
        let Some(c) = w.container(no) else { return };
        c.condemned = Some("FailedPostStartHook".into());
        let name = c.name.clone();
        let text = format!("PostStartHook failed: {message}");
        self.container_event(ctx, w, &name, EventType::Warning, "FailedPostStartHook", &text);
        w.reasons.insert(name, ("PostStartHookError".into(), text));
        if let Some(activity) = &mut w.activity {
            activity.steps.push_front(Step::Kill(no));
        }
        sync::fail(w);
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
        let status = machine.status(c.main);
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
            let mount = c.spec["volumeMounts"].items().iter().find(|m| m["name"] == volume.name.as_str());
            let Some(mount) = mount.filter(|m| m["subPath"].is_empty()) else { continue };
            let path = mount["mountPath"].str();
            if machine.files.is_same(path, &volume.node) {
                continue;
            }
            let Some(node) = machine.files.subtree(path) else { continue };
            volume.node = node;
            if let Some(host_path) = &volume.host_path {
                self.host.machine.files.graft(host_path, volume.node.clone());
            }
            graft(&mut w.containers, volume, Some(index));
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

    // --- Hooks.

    /// Starts a life-cycle hook. `Err`: why it cannot be started.
    pub(crate) fn start_hook(
        &mut self,
        w: &mut Worker,
        no: ContainerNo,
        hook: &Value,
        now: Time,
    ) -> Result<Hook, String> {
        if let Some(sleep) = hook.get("sleep") {
            return Ok(Hook::Sleep(now + sim::Duration::from_secs(sleep["seconds"].int().max(0) as u64)));
        }
        if let Some(exec) = hook.get("exec") {
            let argv: Vec<String> = exec["command"].items().iter().map(|a| a.str().to_string()).collect();
            let pid = exec_in(w, no, argv.clone(), None, false).map_err(|e| exec_error(&argv, &e))?;
            self.run_machine(now, w, no);
            return Ok(Hook::Exec(pid));
        }
        if let Some(get) = hook.get("httpGet") {
            let Some(c) = w.container(no) else { return Err("no such container".into()) };
            let port = prober::port_number(&c.spec, &get["port"]).ok_or("invalid port")?;
            let (id, ip) = (self.net.fresh(), w.ip().to_string());
            let request = prober::http_request(get, &ip, port, "kube-lifecycle/1.36");
            self.net.own.insert(id, None);
            self.deliver_to_pod(now, w, port, id, sim::net::Payload::Http(request), "");
            return Ok(Hook::Http(id));
        }
        Err("tcpSocket hooks are not supported".into())
    }

    /// How a hook of a container ended; `None` while it runs.
    pub(crate) fn hook_result(
        &mut self,
        w: &mut Worker,
        no: ContainerNo,
        now: Time,
    ) -> Option<Result<(), String>> {
        let Some(c) = w.container(no) else { return Some(Ok(())) };
        let stop = c.stopping.as_mut().map(|s| &mut s.hook).filter(|h| h.is_some());
        let slot = stop.unwrap_or(&mut c.hook);
        let result = match slot.clone() {
            None => Ok(()),
            Some(Hook::Sleep(until)) if until > now => return None,
            Some(Hook::Sleep(_)) => Ok(()),
            Some(Hook::Exec(pid)) => {
                let Some(machine) = &mut c.machine else { return Some(Ok(())) };
                let status = machine.status(pid)?;
                let output: Vec<u8> = machine.take_output(pid).into_iter().flat_map(|(_, b)| b).collect();
                machine.forget(pid);
                match status.code() {
                    0 => Ok(()),
                    code => {
                        let text = String::from_utf8_lossy(&output).into_owned();
                        Err(format!("command exited with {code}: {text}, message: {text:?}"))
                    }
                }
            }
            Some(Hook::Http(id)) => {
                let answer = self.net.own.get(&id)?.clone()?;
                self.net.own.remove(&id);
                answer.map(drop).map_err(|e| e.to_string())
            }
        };
        *slot = None;
        Some(result)
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

/// Puts a volume into every container that mounts it, apart from the one at `except`.
pub(crate) fn graft(containers: &mut [Container], volume: &Volume, except: Option<usize>) {
    for (_, c) in containers.iter_mut().enumerate().filter(|(i, _)| Some(*i) != except) {
        let Some(machine) = &mut c.machine else { continue };
        for mount in c.spec["volumeMounts"].items().iter().filter(|m| m["name"] == volume.name.as_str()) {
            // As in reality, what is mounted by subPath does not follow changes of data volumes.
            if volume.shared || mount["subPath"].is_empty() {
                place(&mut machine.files, volume, mount);
            }
        }
    }
}

fn place(files: &mut Files, volume: &Volume, mount: &Value) {
    let path = mount["mountPath"].str();
    let sub = mount["subPath"].str();
    let node = if sub.is_empty() {
        Some(volume.node.clone())
    } else {
        let mut scratch = Files::new();
        scratch.graft("/v", volume.node.clone());
        let wanted = format!("/v/{sub}");
        if volume.shared && !scratch.exists(&wanted) {
            scratch.make_dirs(&wanted);
        }
        scratch.subtree(&wanted)
    };
    if let Some(node) = node {
        files.graft(path, node);
    }
    if mount["readOnly"].is_true() || !volume.shared {
        files.set_read_only(path, true);
    } else {
        files.set_read_only(path, false);
    }
}

/// Program, arguments, directory and user, as image and pod say. Mirrors ExpandContainerCommandAndArgs.
fn command(
    w: &Worker,
    spec: &Value,
    image: &Image,
    env: BTreeMap<String, String>,
) -> Result<Command, String> {
    let texts = |key: &str| -> Vec<String> {
        let expand = |v: &Value| env::expand(v.str(), |n| env.get(n).cloned());
        spec[key].items().iter().map(expand).collect()
    };
    let (own_command, own_args) = (texts("command"), texts("args"));
    let mut argv = if own_command.is_empty() { image.entrypoint.clone() } else { own_command.clone() };
    if !own_args.is_empty() {
        argv.extend(own_args);
    } else if own_command.is_empty() {
        argv.extend(image.cmd.iter().cloned());
    }
    if argv.is_empty() {
        return Err("no command specified".into());
    }
    let of = |key: &str| {
        let own = &spec["securityContext"][key];
        if own.is_null() { w.pod["spec"]["securityContext"][key].as_i64() } else { own.as_i64() }
    };
    let user = match (of("runAsUser"), of("runAsGroup")) {
        (Some(user), Some(group)) => format!("{user}:{group}"),
        (Some(user), None) => user.to_string(),
        (None, _) => image.user.clone(),
    };
    let own = spec["securityContext"]["runAsNonRoot"].as_bool();
    let non_root = own.unwrap_or(w.pod["spec"]["securityContext"]["runAsNonRoot"].is_true());
    let id = user.split(':').next().unwrap_or("");
    if non_root && matches!(id, "" | "0" | "root") {
        let name = w.pod.name();
        return Err(match of("runAsUser") {
            Some(_) => format!(
                "container's runAsUser breaks non-root policy (pod: \"{name}_{}({})\", container: {})",
                w.pod.namespace(),
                w.pod.uid(),
                spec["name"].str()
            ),
            None => format!(
                "container has runAsNonRoot and image will run as root (pod: \"{name}_{}({})\", container: {})",
                w.pod.namespace(),
                w.pod.uid(),
                spec["name"].str()
            ),
        });
    }
    let cwd = spec["workingDir"].as_str().unwrap_or(&image.working_dir).to_string();
    let tty = spec["tty"].is_true().then_some(userland::Tty { columns: 80, rows: 24 });
    Ok(Command { argv, env, cwd, user, tty, stdin: spec["stdin"].is_true() })
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

/// Mirrors pkg/kubelet/network/dns.
fn resolv_conf(w: &Worker) -> String {
    let spec = &w.pod["spec"];
    let (mut servers, mut searches, mut options) = (Vec::new(), Vec::new(), Vec::new());
    let policy = spec["dnsPolicy"].as_str().unwrap_or("ClusterFirst");
    let own_network = !w.host_network();
    match policy {
        "ClusterFirst" if own_network => {}
        "ClusterFirstWithHostNet" => {}
        "None" => {}
        _ => servers.push("192.168.49.1".to_string()),
    }
    if policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && own_network) {
        servers.push("10.96.0.10".into());
        let namespace = w.pod.namespace();
        searches.extend([
            format!("{namespace}.svc.cluster.local"),
            "svc.cluster.local".into(),
            "cluster.local".into(),
        ]);
        options.push("ndots:5".to_string());
    }
    let own = &spec["dnsConfig"];
    servers.extend(own["nameservers"].items().iter().map(|s| s.str().to_string()));
    searches.extend(own["searches"].items().iter().map(|s| s.str().to_string()));
    for option in own["options"].items() {
        let name = option["name"].str();
        options.retain(|o| o.split(':').next() != Some(name));
        options.push(option["value"].as_str().map_or(name.to_string(), |v| format!("{name}:{v}")));
    }
    let mut text: String = String::new();
    if !searches.is_empty() {
        text += &format!("search {}\n", searches.join(" "));
    }
    servers.iter().for_each(|s| text += &format!("nameserver {s}\n"));
    if !options.is_empty() {
        text += &format!("options {}\n", options.join(" "));
    }
    text
}
