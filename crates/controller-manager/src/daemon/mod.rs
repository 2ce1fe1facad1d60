//! DaemonSets: one pod on every node that fits. Mirrors pkg/controller/daemon.

mod history;
mod nodes;
mod status;
mod update;

use crate::expectations::Expectations;
use crate::{Cache, Controller, decide, is_namespace_terminating, podutil, refmanager};
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status, Value, json};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::Order;
use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Time};

/// How many pods one sync creates or deletes at most. Mirrors BurstReplicas.
const BURST_REPLICAS: usize = 250;
/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);

const PODS: Resource = api::pod::RESOURCE;
const DAEMON_SETS: Resource = api::daemonset::RESOURCE;
/// The label of a pod with the hash of the template that it was made from.
const HASH: &str = "controller-revision-hash";
const GENERATION: &str = "pod-template-generation";

/// The daemonset controller.
#[derive(Clone)]
pub struct DaemonSetsController {
    queue: WorkQueue,
    expectations: Expectations,
    recorder: EventRecorder,
}

impl Default for DaemonSetsController {
    fn default() -> Self {
        let recorder = EventRecorder::new("daemonset-controller", "");
        DaemonSetsController { queue: WorkQueue::default(), expectations: Expectations::default(), recorder }
    }
}

impl Controller for DaemonSetsController {
    fn name(&self) -> &'static str {
        "daemonset-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == DAEMON_SETS {
            let key = delta.object().key();
            if delta.new.is_none() {
                self.expectations.delete(&key);
            }
            self.queue.add_at(now + REACTION, key);
        } else if *resource == PODS {
            self.pod_changed(now, delta, cache);
        } else if *resource == api::node::RESOURCE {
            let same = |f: fn(&Object) -> &Value| delta.old.as_ref().map(f) == delta.new.as_ref().map(f);
            if !(same(|n| n.labels()) && same(|n| n.at("spec.taints"))) {
                cache.of(&DAEMON_SETS).list().for_each(|ds| self.queue.add_at(now + REACTION, ds.key()));
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.queue.take(ctx.now) {
            match self.sync_daemon_set(ctx, cache, &key) {
                Ok(()) => self.queue.forget(&key),
                Err(_) => self.queue.add_rate_limited(ctx.now, key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// The DaemonSet that controls a pod, if it is there.
fn owner_of<'a>(pod: &Object, cache: &'a Cache) -> Option<&'a Object> {
    let owner = pod.controller().filter(|o| o.kind() == DAEMON_SETS.kind)?;
    let ds = cache.of(&DAEMON_SETS).get(&format!("{}/{}", pod.namespace(), owner.name()))?;
    (ds.uid() == owner.uid()).then_some(ds)
}

impl DaemonSetsController {
    fn pod_changed(&mut self, now: Time, delta: &Delta, cache: &Cache) {
        let pod = delta.object();
        let Some(ds) = owner_of(pod, cache) else { return self.orphan_changed(now, pod, cache) };
        let key = ds.key();
        match (&delta.old, &delta.new) {
            (None, Some(_)) => self.expectations.creation_observed(&key),
            (_, None) => self.expectations.deletion_observed(&key, &pod.key()),
            (_, Some(pod)) if pod.is_terminating() => {
                self.expectations.deletion_observed(&key, &pod.key());
            }
            _ => {}
        }
        self.queue.add_at(now + REACTION, key);
    }

    /// Every DaemonSet whose selector matches an orphan may want to adopt it.
    fn orphan_changed(&mut self, now: Time, pod: &Object, cache: &Cache) {
        if pod.controller().is_some() {
            return;
        }
        for ds in cache.of(&DAEMON_SETS).namespace(pod.namespace()) {
            let selector = Selector::from_label_selector(ds.at("spec.selector"));
            if selector.is_some_and(|s| !s.is_empty() && s.matches(pod.labels())) {
                self.queue.add_at(now + REACTION, ds.key());
            }
        }
    }

    fn sync_daemon_set(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) -> Result<(), Status> {
        let Some(ds) = cache.of(&DAEMON_SETS).get(key) else {
            self.expectations.delete(key);
            return Ok(());
        };
        let Some(selector) = Selector::from_label_selector(ds.at("spec.selector")) else { return Ok(()) };
        if ds.is_terminating() {
            return Ok(());
        }
        let hash = api::pod::template_hash_after(ds.at("spec.template"), ds.at("status.collisionCount"));
        history::keep(ctx, cache, ds, &hash)?;
        let candidates = cache.claimable(&PODS, ds);
        let pods = refmanager::claim(ctx, &DAEMON_SETS, ds, &selector, &PODS, candidates)?;
        let mut by_node: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        for pod in pods {
            by_node.entry(nodes::target(&pod).to_string()).or_default().push(pod);
        }
        let mut result = Ok(());
        if self.expectations.satisfied(ctx.now, key) {
            result = self.manage(ctx, cache, ds, &by_node, &hash);
        }
        if result.is_ok() && self.expectations.satisfied(ctx.now, key) {
            let victims = update::victims(ds, cache, &by_node, &hash, ctx.now);
            result = self.delete_pods(ctx, ds, victims);
        }
        let new = status::calculate(ds, cache, &by_node, &hash, ctx.now);
        status::update(ctx, ds, new)?;
        let min_ready = ds.at("spec.minReadySeconds").int();
        let pods = by_node.values().flatten();
        if let Some(at) = pods.filter_map(|p| podutil::available_at(p, min_ready, ctx.now)).min() {
            self.queue.add_at(at, key);
        }
        result
    }

    /// Creates pods where they are missing, and deletes those that should not be. Mirrors manage and
    /// podsShouldBeOnNode.
    fn manage(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        ds: &Object,
        by_node: &BTreeMap<String, Vec<Object>>,
        hash: &str,
    ) -> Result<(), Status> {
        let (mut wanted, mut surplus) = (Vec::new(), Vec::new());
        for node in cache.nodes().list() {
            let place = nodes::place(ds, node);
            let pods = by_node.get(node.name()).map_or(&[][..], Vec::as_slice);
            let mut running: Vec<&Object> = Vec::new();
            for pod in pods.iter().filter(|p| !p.is_terminating()) {
                match pod.at("status.phase").str() {
                    phase @ ("Failed" | "Succeeded") if place.continues => {
                        self.finished(ctx, ds, node, pod, phase);
                        surplus.push(pod.name().to_string());
                    }
                    _ => running.push(pod),
                }
            }
            match () {
                () if place.runs && pods.is_empty() => wanted.push(node.name().to_string()),
                () if !place.continues => surplus.extend(pods.iter().map(|p| p.name().to_string())),
                () => {
                    // The oldest one stays.
                    running.order_by_key(|p| (p.meta("creationTimestamp").str(), p.name()));
                    surplus.extend(running.iter().skip(1).map(|p| p.name().to_string()));
                }
            }
        }
        // Pods on nodes that are no more are the pod garbage collector's.
        if !wanted.is_empty() {
            decide(ctx, ds, format!("{} nodes have no pod of it: as many to create", wanted.len()));
        }
        self.create_pods(ctx, ds, wanted, hash)?;
        self.delete_pods(ctx, ds, surplus)
    }

    fn finished(&mut self, ctx: &mut Context<'_>, ds: &Object, node: &Object, pod: &Object, phase: &str) {
        let (kind, reason, what) = match phase {
            "Failed" => (EventType::Warning, "FailedDaemonPod", "failed"),
            _ => (EventType::Normal, "SucceededDaemonPod", "succeeded"),
        };
        let verb = if phase == "Failed" { "kill" } else { "delete" };
        let message =
            format!("Found {what} daemon pod {} on node {}, will try to {verb} it", pod.key(), node.name());
        self.recorder.event(ctx, ds, kind, reason, &message);
    }

    fn create_pods(
        &mut self,
        ctx: &mut Context<'_>,
        ds: &Object,
        mut nodes: Vec<String>,
        hash: &str,
    ) -> Result<(), Status> {
        nodes.truncate(BURST_REPLICAS);
        if nodes.is_empty() {
            return Ok(());
        }
        let key = ds.key();
        self.expectations.expect(ctx.now, &key, nodes.len(), BTreeSet::new());
        let mut first = Ok(());
        for node in nodes {
            match ctx.create(&PODS, nodes::pod_for(ds, &node, hash)) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", pod.name());
                    self.recorder.event(ctx, ds, EventType::Normal, "SuccessfulCreate", &message);
                }
                Err(error) => {
                    self.expectations.creation_observed(&key);
                    if !is_namespace_terminating(&error) {
                        let message = format!("Error creating: {}", error.message());
                        self.recorder.event(ctx, ds, EventType::Warning, "FailedCreate", &message);
                        first = first.and(Err(error));
                    }
                }
            }
        }
        first
    }

    fn delete_pods(
        &mut self,
        ctx: &mut Context<'_>,
        ds: &Object,
        mut names: Vec<String>,
    ) -> Result<(), Status> {
        names.truncate(BURST_REPLICAS);
        if names.is_empty() {
            return Ok(());
        }
        let key = ds.key();
        let of = |name: &String| format!("{}/{name}", ds.namespace());
        self.expectations.expect(ctx.now, &key, 0, names.iter().map(of).collect());
        let mut first = Ok(());
        for name in names {
            match ctx.delete(&PODS, ds.namespace(), &name, json!({})) {
                Ok(()) => {
                    let message = format!("Deleted pod: {name}");
                    self.recorder.event(ctx, ds, EventType::Normal, "SuccessfulDelete", &message);
                }
                Err(error) => {
                    self.expectations.deletion_observed(&key, &of(&name));
                    if !error.is_not_found() {
                        first = first.and(Err(error));
                    }
                }
            }
        }
        first
    }
}
