//! What a pod's worker does, step by step. Mirrors pkg/kubelet/kubelet.go SyncPod and
//! pkg/kubelet/kuberuntime/kuberuntime_manager.go.

use crate::config::{
    BACKOFF_PERIOD, CREATE_TIME, MOUNT_POLL, MOUNT_RETRY, MOUNT_TIMEOUT, RELIST_AFTER_SYNC, RESYNC_INTERVAL,
    SANDBOX_TIME, START_TIME,
};
use crate::env::Facts;
use crate::kubelet::Timer;
use crate::pull::PullStep;
use crate::status;
use crate::worker::{Activity, Kind, Mounting, Phase, Sandbox, Step, Worker};
use crate::{Kubelet, volumes};
use apimachinery::Value;
use client::{Context, EventType};
use sim::{Duration, Time};

/// What comes after a step.
pub(crate) enum Go {
    /// The next one.
    On,
    /// The next one, after a while.
    Wait(Duration),
    /// Somebody will say when.
    Hold,
}

impl Kubelet {
    /// Begins a sync, if one is wanted and may begin.
    pub(crate) fn begin_sync(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        if !w.pending || w.activity.is_some() {
            return;
        }
        if ctx.now < w.fresh_at {
            self.timers.push(w.fresh_at, Timer::Sync(w.id));
            return;
        }
        w.pending = false;
        w.token += 1;
        w.synced = ctx.now;
        match w.phase {
            Phase::Syncing => self.sync(ctx, w),
            Phase::Ending => self.terminate(ctx, w),
            Phase::Terminating => self.progress_stopping(ctx, w),
            Phase::Terminated => self.last_word(ctx, w),
            Phase::Unmounting => self.finish(ctx, w),
            Phase::Finished if w.pod.is_terminating() => self.delete_object(ctx, w),
            Phase::Finished => {}
        }
    }

    fn sync(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        if w.deleted || w.pod.is_terminating() || w.verdict.is_some() {
            return self.terminate(ctx, w);
        }
        self.check_deadline(ctx, w);
        let over = self.update_status(ctx, w);
        if over || w.verdict.is_some() {
            // The worker's next turn waits for news from the runtime. Mirrors completeSync and GetNewerThan.
            w.phase = Phase::Ending;
            w.fresh_at = self.next_relist(ctx.now);
            w.pending = false;
            return self.trigger(w, ctx.now);
        }
        self.refresh_volumes(ctx, w);
        w.activity = Some(Activity { steps: [Step::Mount, Step::Plan].into(), ..Default::default() });
        self.advance_sync(ctx, w);
    }

    /// Mirrors active_deadline.go.
    fn check_deadline(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        let Some(seconds) = w.pod["spec"]["activeDeadlineSeconds"].as_i64() else { return };
        let end = w.seen + Duration::from_secs(seconds.max(0) as u64);
        if ctx.now < end {
            // The next sync at the latest then.
            self.timers.push(end, Timer::Relist(w.id, end));
            return;
        }
        let message = "Pod was active on the node longer than the specified deadline";
        w.verdict = Some(("Failed", "DeadlineExceeded".into(), message.into()));
        self.event(ctx, w, "", EventType::Normal, "DeadlineExceeded", message);
        self.event(ctx, w, "", EventType::Normal, "DeadlineExceeded", message);
    }

    /// Goes on with a sync until it has to wait or is done.
    pub(crate) fn advance_sync(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        loop {
            let Some(step) = w.activity.as_mut().map(|a| a.steps.pop_front()) else { return };
            let Some(step) = step else { return self.end_sync(ctx, w) };
            match self.step(ctx, w, step) {
                Go::On => {}
                Go::Wait(time) => {
                    self.timers.push(ctx.now + time, Timer::Step(w.id, w.token));
                    return;
                }
                Go::Hold => return,
            }
        }
    }

    fn step(&mut self, ctx: &mut Context<'_>, w: &mut Worker, step: Step) -> Go {
        match step {
            Step::Mount => self.mount(ctx, w),
            Step::Plan => {
                condemn_changed(w);
                self.look_for_pull_secrets(ctx, w);
                let mut steps = plan(w);
                if let Some(activity) = &mut w.activity {
                    steps.extend(activity.steps.drain(..));
                    activity.steps = steps.into();
                }
                Go::On
            }
            Step::Sandbox => self.create_sandbox(ctx, w),
            Step::SandboxReady => self.sandbox_ready(ctx, w),
            Step::Kill(no) => self.kill_in_sync(ctx, w, no),
            Step::Start(name) => {
                if self.in_crash_backoff(ctx, w, &name) {
                    fail(w);
                    return Go::On;
                }
                first(w, Step::Pull(name, Time::ZERO));
                Go::On
            }
            Step::Pull(name, since) => match self.pull(ctx, w, &name, since) {
                PullStep::Present => {
                    first(w, Step::Create(name));
                    Go::On
                }
                PullStep::Wait(time) => {
                    first(w, Step::Pull(name, ctx.now));
                    Go::Wait(time)
                }
                PullStep::Failed(reason, message) => {
                    let text = format!("Error: {reason}");
                    self.container_event(ctx, w, &name, EventType::Warning, "Failed", &text);
                    w.reasons.insert(name, (reason.into(), message));
                    fail(w);
                    Go::On
                }
            },
            Step::Create(name) => match self.create_container(ctx, w, &name) {
                Ok(no) => {
                    change(w);
                    first(w, Step::Run(no));
                    Go::Wait(CREATE_TIME + START_TIME)
                }
                Err((reason, message)) => {
                    let text = format!("Error: {message}");
                    self.container_event(ctx, w, &name, EventType::Warning, "Failed", &text);
                    w.reasons.insert(name, (reason.into(), message));
                    fail(w);
                    Go::On
                }
            },
            Step::Run(no) => self.start_container(ctx, w, no),
            Step::PostStart(no) => self.post_start(ctx, w, no),
        }
    }

    fn end_sync(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        let Some(activity) = w.activity.take() else { return };
        let soon = activity.changed && !activity.failed;
        w.fresh_at = if soon { ctx.now + RELIST_AFTER_SYNC } else { self.next_relist(ctx.now) };
        if w.pending {
            self.timers.push(w.fresh_at, Timer::Sync(w.id));
        } else if activity.changed {
            self.timers.push(w.fresh_at, Timer::Relist(w.id, ctx.now));
        }
        let changing = || w.pod["spec"]["volumes"].items().iter().any(volumes::can_change);
        let period = match () {
            () if activity.failed => BACKOFF_PERIOD,
            () if changing() => RESYNC_INTERVAL,
            () => return,
        };
        let jitter = period.mul_f64(self.rng.fraction() / 2.0);
        self.timers.push(ctx.now + period + jitter, Timer::Resync(w.id, w.token));
    }

    /// Mirrors volumemanager WaitForAttachAndMount.
    fn mount(&mut self, ctx: &mut Context<'_>, w: &mut Worker) -> Go {
        let now = ctx.now;
        if w.volumes.is_some() {
            return Go::On;
        }
        let Some(mounting) = w.mounting else {
            w.mounting = Some(Mounting { next: now + MOUNT_POLL, delay: MOUNT_RETRY.0, since: now });
            first(w, Step::Mount);
            return Go::Wait(MOUNT_POLL);
        };
        if now < mounting.next {
            first(w, Step::Mount);
            return Go::Wait(mounting.next.since(now));
        }
        match self.mount_all(ctx, w) {
            Ok(mounted) => {
                w.volumes = Some(mounted);
                w.mounting = None;
                Go::On
            }
            Err(failed) => {
                let names: Vec<&str> = failed.iter().map(|f| f.0.as_str()).collect();
                for (_, message) in &failed {
                    self.event(ctx, w, "", EventType::Warning, "FailedMount", message);
                }
                let (next, delay) = (now + mounting.delay, (mounting.delay * 2).min(MOUNT_RETRY.1));
                let late = now.since(mounting.since) >= MOUNT_TIMEOUT;
                if late {
                    let message = format!(
                        "Unable to attach or mount volumes: unmounted volumes=[{0}], unattached volumes=[], \
                         failed to process volumes=[]: context deadline exceeded",
                        names.join(" ")
                    );
                    self.event(ctx, w, "", EventType::Warning, "FailedMount", &message);
                    fail(w);
                    if let Some(activity) = &mut w.activity {
                        activity.steps.clear();
                    }
                }
                w.mounting = Some(Mounting { next, delay, since: if late { now } else { mounting.since } });
                if !late {
                    first(w, Step::Mount);
                }
                if late { Go::On } else { Go::Wait(mounting.delay) }
            }
        }
    }

    /// All volumes, or (name, message) of those that cannot be mounted.
    fn mount_all(
        &mut self,
        ctx: &mut Context<'_>,
        w: &Worker,
    ) -> Result<Vec<volumes::Volume>, Vec<(String, String)>> {
        let (mut mounted, mut failed) = (Vec::new(), Vec::new());
        let facts =
            Facts { pod_ip: "", host_ip: &self.config.address, node: (self.config.cpu, self.config.memory) };
        let (namespace, now) = (w.pod.namespace().to_string(), ctx.now);
        for volume in w.pod["spec"]["volumes"].items() {
            let mut lookup = |kind: &str, name: &str| find(ctx, &namespace, kind, name);
            let host = &mut self.host.machine.files;
            match volumes::mount(&w.pod, volume, &facts, host, now, &mut lookup) {
                Ok(volume) => mounted.push(volume),
                Err(message) => failed.push((volume["name"].str().to_string(), message)),
            }
        }
        if failed.is_empty() { Ok(mounted) } else { Err(failed) }
    }

    /// Data volumes follow their sources with each sync.
    fn refresh_volumes(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        let Some(mut mounted) = w.volumes.take() else { return };
        let ip = w.ip().to_string();
        let facts =
            Facts { pod_ip: &ip, host_ip: &self.config.address, node: (self.config.cpu, self.config.memory) };
        let (namespace, now) = (w.pod.namespace().to_string(), ctx.now);
        for volume in &mut mounted {
            let spec = Kubelet::volume_spec(w, &volume.name);
            let mut lookup = |kind: &str, name: &str| find(ctx, &namespace, kind, name);
            if volumes::can_change(&spec) && volumes::refresh(volume, &w.pod, &spec, &facts, now, &mut lookup)
            {
                crate::furnish::graft(&mut w.containers, volume, None);
            }
        }
        w.volumes = Some(mounted);
    }

    fn create_sandbox(&mut self, ctx: &mut Context<'_>, w: &mut Worker) -> Go {
        let address = if w.host_network() { Some(self.config.address.clone()) } else { self.ipam.allocate() };
        let Some(ip) = address else {
            let message = format!(
                "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: \
                 failed to allocate for range 0: no IP addresses available in range set: {}",
                self.config.pod_cidr
            );
            self.event(ctx, w, "", EventType::Warning, "FailedCreatePodSandBox", &message);
            fail(w);
            if let Some(activity) = &mut w.activity {
                activity.steps.clear();
            }
            return Go::On;
        };
        w.sandbox = Some(Sandbox { ip, ready: true });
        w.sandboxes += 1;
        change(w);
        Go::Wait(SANDBOX_TIME)
    }

    /// The API hears of the sandbox before images are pulled. Mirrors OnPodSandboxReady.
    fn sandbox_ready(&mut self, ctx: &mut Context<'_>, w: &mut Worker) -> Go {
        let mut status = w.status.clone();
        let now = apimachinery::time::format(ctx.now);
        for condition in status.field_mut("conditions").array_mut() {
            if condition["type"] == status::CONDITIONS[0] && condition["status"] != "True" {
                condition.set("status", "True");
                condition.set("lastTransitionTime", now.as_str());
            }
        }
        status.set("resources", Value::object());
        self.write_status(ctx, w, status);
        Go::On
    }

    /// Mirrors doBackOff: whether a container that has ended may not be started again yet.
    fn in_crash_backoff(&mut self, ctx: &mut Context<'_>, w: &mut Worker, name: &str) -> bool {
        // As the runtime was seen when the sync began: an instance that was killed in this very sync does not count,
        // the one before does.
        let known = |c: &&crate::worker::Container| {
            c.name == name && c.exit.as_ref().is_some_and(|e| e.at < w.synced)
        };
        let ended = w.containers.iter().rev().find(known).and_then(|c| c.exit.as_ref()).map(|e| e.at);
        let Some(ended) = ended else { return false };
        let backoff = w.crashes.entry(name.to_string()).or_default();
        if !backoff.is_in_backoff_since(ended, ctx.now) {
            backoff.next(ended, ctx.now);
            return false;
        }
        // Beside the usual retries a sync comes when the back-off is over, with the work queue's grain of a second.
        let over = ended + backoff.delay();
        let grain = Duration::from_millis(self.rng.below(1000));
        self.timers.push(over + grain, Timer::Relist(w.id, over));
        let delay = go_duration(backoff.delay());
        let (pod, namespace, uid) = (w.pod.name(), w.pod.namespace(), w.pod.uid());
        let event = format!("Back-off restarting failed container {name} in pod {pod}_{namespace}({uid})");
        let message =
            format!("back-off {delay} restarting failed container={name} pod={pod}_{namespace}({uid})");
        self.container_event(ctx, w, name, EventType::Warning, "BackOff", &event);
        w.reasons.insert(name.to_string(), ("CrashLoopBackOff".into(), message));
        true
    }
}

/// Reads a ConfigMap or Secret. The cluster's root certificate is there for every namespace, also before its map is.
pub(crate) fn find(
    ctx: &mut Context<'_>,
    namespace: &str,
    kind: &str,
    name: &str,
) -> Option<apimachinery::Object> {
    let found = Kubelet::lookup(ctx, namespace, kind, name);
    if found.is_none() && name == "kube-root-ca.crt" {
        return Some(apimachinery::json!({"data": {"ca.crt": ""}}).into());
    }
    found
}

/// Puts a step before all others.
fn first(w: &mut Worker, step: Step) {
    if let Some(activity) = &mut w.activity {
        activity.steps.push_front(step);
    }
}

/// The sync failed at something; it goes on, and is repeated soon.
pub(crate) fn fail(w: &mut Worker) {
    if let Some(activity) = &mut w.activity {
        activity.failed = true;
    }
}

/// The sync changed something.
pub(crate) fn change(w: &mut Worker) {
    if let Some(activity) = &mut w.activity {
        activity.changed = true;
    }
}

/// Puts the wait for a postStart hook before all other steps.
pub(crate) fn wait_for_hook(w: &mut Worker, no: crate::worker::ContainerNo) {
    first(w, Step::PostStart(no));
}

/// Puts the wait for a container's end before all other steps.
pub(crate) fn wait_for_end(w: &mut Worker, no: crate::worker::ContainerNo) {
    first(w, Step::Kill(no));
}

/// A container whose entry in the spec was changed since it was started is started anew.
fn condemn_changed(w: &mut Worker) {
    let specs = w.specs();
    for c in w.containers.iter_mut().filter(|c| c.is_running() && c.condemned.is_none()) {
        let now = specs.iter().find(|(_, s)| s["name"] == c.name.as_str());
        if now.is_some_and(|(_, spec)| spec["image"] != c.spec["image"]) {
            c.condemned = Some(format!("Container {} definition changed, will be restarted", c.name));
        }
    }
}

/// What has to be done. Mirrors computePodActions.
fn plan(w: &Worker) -> Vec<Step> {
    if !w.sandbox.as_ref().is_some_and(|s| s.ready) {
        return vec![Step::Sandbox, Step::SandboxReady, Step::Plan];
    }
    let condemned: Vec<Step> =
        w.running().filter(|c| c.condemned.is_some()).map(|c| Step::Kill(c.no)).collect();
    if !condemned.is_empty() {
        return condemned.into_iter().chain([Step::Plan]).collect();
    }
    let specs = w.specs();
    let initialized = status::is_initialized(w, &specs);
    let mut steps = Vec::new();
    for (kind, spec) in &specs {
        let name = spec["name"].str();
        let current = w.current(name);
        // What ran in an earlier sandbox runs again in this one.
        let earlier = |c: &crate::worker::Container| c.sandbox != w.sandboxes && *kind == Kind::Init;
        let start = current.is_none_or(|c| status::will_restart(w, c) || earlier(c));
        match kind {
            Kind::Init if initialized => {}
            Kind::Sidecar if initialized && !start => {}
            Kind::Init if current.is_some_and(|c| status::is_done(w, c)) => {}
            Kind::Sidecar if current.is_some_and(|c| c.is_running() && c.started_up) => {}
            Kind::Init | Kind::Sidecar => {
                if start {
                    steps.push(Step::Start(name.into()));
                }
                if !initialized {
                    break; // one after the other
                }
            }
            Kind::Main if !initialized => {}
            Kind::Main | Kind::Ephemeral if start => steps.push(Step::Start(name.into())),
            Kind::Main | Kind::Ephemeral => {}
        }
    }
    steps
}

/// A duration as Go prints it: `10s`, `1m20s`, `5m0s`, `1.5s`, `300ms`.
pub(crate) fn go_duration(d: Duration) -> String {
    let (seconds, millis) = (d.as_secs(), d.subsec_millis());
    let fraction = match millis {
        0 => String::new(),
        n => format!(".{n:03}").trim_end_matches('0').to_string(),
    };
    match () {
        () if seconds == 0 && millis > 0 => format!("{millis}ms"),
        () if seconds >= 3600 => {
            format!("{}h{}m{}{fraction}s", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
        () if seconds >= 60 => format!("{}m{}{fraction}s", seconds / 60, seconds % 60),
        () => format!("{seconds}{fraction}s"),
    }
}

/// A container's entry in the spec, or null.
pub(crate) fn spec_of(w: &Worker, name: &str) -> Value {
    w.spec(name).map(|(_, spec)| spec).unwrap_or_default()
}
