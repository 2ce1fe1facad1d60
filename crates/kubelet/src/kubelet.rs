//! The node agent itself: what wakes it, and in which order it does things. Mirrors pkg/kubelet/kubelet.go syncLoop.

use crate::config::{RELIST_PERIOD, STATUS_UPDATE};
use crate::exec::Sessions;
use crate::host::Host;
use crate::images::Images;
use crate::ipam::Ipam;
use crate::net::Net;
use crate::prober::ProbeKind;
use crate::pull::Store;
use crate::worker::{ContainerNo, Phase, Worker, WorkerId};
use crate::{NodeConfig, Outgoing};
use apimachinery::{Object, Value};
use client::{Component, Context, Delta, EventRecorder, EventType, Informer};
use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Rng, Time, Timers};
use std::rc::Rc;

/// How many timers are handled in one run; more wait for the next, at the same time.
const MAX_TIMERS_PER_RUN: usize = 20_000;

/// The kubelet of one node, with its container runtime and the node's own machine. All of it is plain data.
#[derive(Clone)]
pub struct Kubelet {
    pub(crate) config: NodeConfig,
    /// What the registries have.
    pub(crate) images: Images,
    /// What is on the node.
    pub(crate) store: Store,
    pub(crate) rng: Rng,
    pub(crate) recorder: EventRecorder,
    pub(crate) pods: Informer,
    pub(crate) services: Informer,
    /// Shared, so that a clone of a cluster copies only the pods that change afterwards.
    pub(crate) workers: BTreeMap<WorkerId, Rc<Worker>>,
    pub(crate) by_uid: BTreeMap<String, WorkerId>,
    pub(crate) next_worker: WorkerId,
    pub(crate) next_container: ContainerNo,
    pub(crate) timers: Timers<Timer>,
    pub(crate) ipam: Ipam,
    pub(crate) net: Net,
    pub(crate) host: Host,
    pub(crate) sessions: Sessions,
    pub(crate) power: Power,
    /// The last time at which it ran.
    pub(crate) clock: Time,
    /// When the kubelet was started.
    pub(crate) since: Option<Time>,
    pub(crate) disk_full: bool,
    /// The runtime is asked at `relist + n` seconds.
    pub(crate) relist: Duration,
    /// When some machine wants to run.
    pub(crate) machines: Option<Time>,
    /// Pods whose containers have run since they were last looked at.
    pub(crate) dirty: BTreeSet<WorkerId>,
    /// It was started again after it had been stopped.
    pub(crate) returned: bool,
    /// Something came in from outside since the last run.
    pub(crate) poked: bool,
}

/// Whether the node and its kubelet run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    On,
    /// The kubelet is silent; containers run on.
    KubeletOff,
    /// Nothing runs.
    Off,
}

/// What is due at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The node object and its status.
    NodeStatus,
    /// The node's lease.
    Lease,
    /// A pod's sync may begin.
    Sync(WorkerId),
    /// A pod is to be synced although nothing happened; of the sync with this token.
    Resync(WorkerId, u64),
    /// A step of the sync with this token is done.
    Step(WorkerId, u64),
    /// The runtime reports a change of a pod that happened at a time.
    Relist(WorkerId, Time),
    /// A container that is stopped is to be looked at.
    Stopping(WorkerId),
    /// A probe is due.
    Probe(WorkerId, ContainerNo, ProbeKind),
    /// A probe has taken too long.
    ProbeTimeout(WorkerId, ContainerNo, ProbeKind, u64),
    /// Something that must be evicted is looked for.
    Eviction,
    /// A pod with limits of local storage is looked at.
    LocalStorage(WorkerId),
}

impl Kubelet {
    /// The kubelet of a node that is switched on with the first run.
    pub fn new(config: NodeConfig, images: Images, mut rng: Rng) -> Kubelet {
        let own = format!("spec.nodeName={}", config.name);
        let relist = Duration::from_micros(rng.below(RELIST_PERIOD.as_micros() as u64));
        Kubelet {
            recorder: EventRecorder::new("kubelet", &config.name),
            pods: Informer::new(api::pod::RESOURCE).with_field_selector(&own),
            services: Informer::new(api::service::RESOURCE),
            ipam: Ipam::new(&config.pod_cidr),
            net: Net::new(config.index),
            host: Host::new(&config),
            store: Store::default(),
            workers: BTreeMap::new(),
            by_uid: BTreeMap::new(),
            next_worker: 1,
            next_container: 1,
            timers: Timers::default(),
            sessions: Sessions::default(),
            power: Power::On,
            clock: Time::ZERO,
            since: None,
            disk_full: false,
            relist,
            machines: None,
            dirty: BTreeSet::new(),
            returned: false,
            poked: false,
            config,
            images,
            rng,
        }
    }

    /// The node's name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// What the node is.
    pub fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// The registries' images: to add some.
    pub fn images_mut(&mut self) -> &mut Images {
        &mut self.images
    }

    /// Takes what the node's machines have sent since the last call. To be called after everything that runs them.
    pub fn take_outgoing(&mut self) -> Vec<Outgoing> {
        std::mem::take(&mut self.net.outgoing)
    }

    /// Whether something waits to be taken out with [`Kubelet::take_outgoing`].
    pub fn has_outgoing(&self) -> bool {
        !self.net.outgoing.is_empty()
    }

    // --- Timers and triggers.

    /// The next time after `now` at which the runtime is asked what changed.
    pub(crate) fn next_relist(&self, now: Time) -> Time {
        let period = RELIST_PERIOD.as_micros() as u64;
        let phase = self.relist.as_micros() as u64;
        let n = (now.as_micros() + period - phase) / period;
        Time::from_micros(n * period + phase)
    }

    /// A pod's containers have changed: its worker hears of it when the runtime is asked next.
    pub(crate) fn notice(&mut self, worker: &Worker, now: Time) {
        self.timers.push(self.next_relist(now), Timer::Relist(worker.id, now));
    }

    /// Has a pod synced as soon as that can be.
    pub(crate) fn trigger(&mut self, worker: &mut Worker, now: Time) {
        if !worker.pending && worker.activity.is_none() {
            self.timers.push(now.max(worker.fresh_at), Timer::Sync(worker.id));
        }
        worker.pending = true;
    }

    /// Breaks a pod's sync off, so that its end can begin as soon as the runtime was asked what that sync has done.
    pub(crate) fn abandon_sync(&mut self, worker: &mut Worker, now: Time) {
        if worker.phase == Phase::Syncing {
            if worker.activity.take().is_some() {
                worker.fresh_at = self.next_relist(now);
            }
            worker.pending = false;
            worker.token += 1;
        }
    }

    /// Does something with a worker that is taken out of the map meanwhile.
    pub(crate) fn with_worker<T>(
        &mut self,
        id: WorkerId,
        what: impl FnOnce(&mut Kubelet, &mut Worker) -> T,
    ) -> Option<T> {
        let mut worker = self.workers.remove(&id)?;
        let result = what(self, Rc::make_mut(&mut worker));
        self.workers.insert(id, worker);
        Some(result)
    }

    /// Writes an Event about a pod, or about one of its containers.
    pub(crate) fn event(
        &mut self,
        ctx: &mut Context<'_>,
        worker: &Worker,
        field_path: &str,
        kind: EventType,
        reason: &str,
        message: &str,
    ) {
        let pod = &worker.pod;
        let mut reference = apimachinery::json!({
            "kind": "Pod", "apiVersion": "v1", "namespace": pod.namespace(), "name": pod.name(), "uid": pod.uid(),
            "resourceVersion": pod.resource_version(),
        });
        if !field_path.is_empty() {
            reference.set("fieldPath", field_path);
        }
        self.recorder.event_for(ctx, reference, kind, reason, message);
    }

    /// Writes an Event about a container.
    pub(crate) fn container_event(
        &mut self,
        ctx: &mut Context<'_>,
        worker: &Worker,
        name: &str,
        kind: EventType,
        reason: &str,
        message: &str,
    ) {
        let list = worker.spec(name).map_or("containers", |(kind, _)| kind.list());
        self.event(ctx, worker, &format!("spec.{list}{{{name}}}"), kind, reason, message);
    }

    // --- The API's pods.

    fn pod_changed(&mut self, ctx: &mut Context<'_>, delta: Delta) {
        match (delta.new, delta.old) {
            (Some(pod), _) => self.pod_seen(ctx, pod),
            (None, Some(old)) => self.pod_gone(ctx, &old),
            (None, None) => {}
        }
    }

    fn pod_seen(&mut self, ctx: &mut Context<'_>, pod: Object) {
        let now = ctx.now;
        if let Some(id) = self.by_uid.get(pod.uid()).copied() {
            self.with_worker(id, |kubelet, worker| {
                // What the kubelet wrote itself comes back and is no news.
                let news = worker.pod["spec"] != pod["spec"]
                    || worker.pod["metadata"]["deletionTimestamp"] != pod["metadata"]["deletionTimestamp"]
                    || worker.pod["metadata"]["deletionGracePeriodSeconds"]
                        != pod["metadata"]["deletionGracePeriodSeconds"]
                    || worker.pod.labels() != pod.labels()
                    || worker.pod.meta("annotations") != pod.meta("annotations")
                    || (!pod["spec"]["readinessGates"].is_empty() && worker.pod["status"] != pod["status"]);
                worker.pod = pod;
                kubelet.reconcile(ctx, worker);
                if news {
                    if worker.phase == Phase::Finished && worker.pod.is_terminating() {
                        kubelet.delete_object(ctx, worker);
                    } else {
                        kubelet.shorten_grace(worker, now);
                        if worker.pod.is_terminating() {
                            kubelet.abandon_sync(worker, now);
                        }
                        kubelet.trigger(worker, now);
                    }
                }
            });
            return;
        }
        if pod["status"]["phase"] == "Succeeded" || pod["status"]["phase"] == "Failed" {
            // It ended before this kubelet knew it: nothing is left to run.
            self.adopt_finished(ctx, pod);
            return;
        }
        let id = self.next_worker;
        self.next_worker += 1;
        self.by_uid.insert(pod.uid().to_string(), id);
        let mut worker = Worker::new(id, pod, now);
        if let Err((reason, message)) = self.admit(ctx, &worker) {
            self.reject(ctx, &mut worker, &reason, &message);
        }
        self.watch_local_storage(&worker, now);
        self.trigger(&mut worker, now);
        self.workers.insert(id, Rc::new(worker));
    }

    fn adopt_finished(&mut self, ctx: &mut Context<'_>, pod: Object) {
        let id = self.next_worker;
        self.next_worker += 1;
        self.by_uid.insert(pod.uid().to_string(), id);
        let mut worker = Worker::new(id, pod, ctx.now);
        worker.phase = Phase::Finished;
        if worker.pod.is_terminating() {
            self.delete_object(ctx, &mut worker);
        }
        self.workers.insert(id, Rc::new(worker));
    }

    fn pod_gone(&mut self, ctx: &mut Context<'_>, pod: &Object) {
        let Some(id) = self.by_uid.get(pod.uid()).copied() else { return };
        self.with_worker(id, |kubelet, worker| {
            worker.deleted = true;
            if worker.phase < Phase::Terminating {
                // Deleted without grace: its containers get the shortest there is.
                worker.grace = Some(crate::config::MIN_GRACE);
                kubelet.abandon_sync(worker, ctx.now);
            }
            kubelet.trigger(worker, ctx.now);
        });
        self.forget_if_done(id);
    }

    /// Drops what is left of a pod whose object is gone and whose containers have stopped.
    pub(crate) fn forget_if_done(&mut self, id: WorkerId) {
        let Some(worker) = self.workers.get(&id) else { return };
        if worker.deleted && worker.phase >= Phase::Terminated && worker.running().next().is_none() {
            let uid = worker.pod.uid().to_string();
            self.by_uid.remove(&uid);
            self.workers.remove(&id);
        }
    }

    fn timer(&mut self, ctx: &mut Context<'_>, timer: Timer) {
        match timer {
            Timer::NodeStatus => self.node_status(ctx),
            Timer::Lease => self.renew_lease(ctx),
            Timer::Eviction => self.evict(ctx),
            Timer::LocalStorage(id) => self.check_local_storage(ctx, id),
            Timer::Sync(id) => {
                self.with_worker(id, |k, w| k.begin_sync(ctx, w));
                self.forget_if_done(id);
            }
            Timer::Resync(id, token) => {
                self.with_worker(id, |k, w| {
                    if w.token == token {
                        k.trigger(w, ctx.now);
                    }
                });
            }
            Timer::Relist(id, changed) => {
                self.with_worker(id, |k, w| {
                    // A sync that began later has seen it already.
                    if w.synced <= changed {
                        k.trigger(w, ctx.now);
                    }
                });
            }
            Timer::Step(id, token) => {
                self.with_worker(id, |k, w| {
                    if w.token == token {
                        k.advance_sync(ctx, w);
                    }
                });
                self.forget_if_done(id);
            }
            Timer::Stopping(id) => {
                self.with_worker(id, |k, w| k.progress_stopping(ctx, w));
                self.forget_if_done(id);
            }
            Timer::Probe(id, container, kind) => {
                self.with_worker(id, |k, w| k.start_probe(ctx, w, container, kind));
            }
            Timer::ProbeTimeout(id, container, kind, number) => {
                self.with_worker(id, |k, w| k.probe_timeout(ctx, w, container, kind, number));
            }
        }
    }

    /// Reads what a pod's volumes are made from: a ConfigMap, a Secret or a claim of a namespace, or a volume.
    pub(crate) fn lookup(ctx: &mut Context<'_>, namespace: &str, kind: &str, name: &str) -> Option<Object> {
        let (resource, namespace) = match kind {
            "secret" => (api::secret::RESOURCE, namespace),
            "persistentvolumeclaim" => (api::persistentvolumeclaim::RESOURCE, namespace),
            "persistentvolume" => (api::persistentvolume::RESOURCE, ""),
            _ => (api::configmap::RESOURCE, namespace),
        };
        ctx.get(&resource, namespace, name).ok()
    }

    /// `spec` of the pod's volumes and the like, by name.
    pub(crate) fn volume_spec(worker: &Worker, name: &str) -> Value {
        worker.pod["spec"]["volumes"].items().iter().find(|v| v["name"] == name).cloned().unwrap_or_default()
    }
}

impl Component for Kubelet {
    fn watches(&self) -> &'static [&'static str] {
        &["pods"]
    }

    fn wake(&self) -> Option<Time> {
        let timers = || self.timers.next().filter(|_| self.power == Power::On);
        let machines = self.machines.filter(|_| self.power != Power::Off);
        match () {
            () if self.power == Power::Off => None,
            () if self.power == Power::On && (self.since.is_none() || self.poked) => Some(Time::ZERO),
            () => [timers(), machines].into_iter().flatten().min(),
        }
    }

    fn run(&mut self, ctx: &mut Context<'_>) {
        if self.power == Power::Off {
            return;
        }
        self.clock = ctx.now;
        if self.power == Power::On {
            if self.since.is_none() {
                self.begin(ctx);
            }
            for delta in self.pods.sync(ctx) {
                self.pod_changed(ctx, delta);
            }
        }
        self.run_machines(ctx.now);
        if self.power == Power::On {
            self.settle(ctx);
            for _ in 0..MAX_TIMERS_PER_RUN {
                let Some((_, timer)) = self.timers.pop(ctx.now) else { break };
                self.timer(ctx, timer);
                self.settle(ctx);
            }
        }
        self.poked = false;
        self.find_machine_wake();
    }
}

impl Kubelet {
    /// The first run after the kubelet was started.
    fn begin(&mut self, ctx: &mut Context<'_>) {
        self.since = Some(ctx.now);
        let returns = self.register(ctx);
        self.timers.push(ctx.now, Timer::Lease);
        let first = if returns { STATUS_UPDATE } else { Duration::ZERO };
        self.timers.push(ctx.now + first, Timer::NodeStatus);
        self.resume(ctx.now);
    }
}
