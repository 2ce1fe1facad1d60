//! Watches over nodes: marks those that stopped answering, taints them by their conditions, and marks their pods not
//! ready. Mirrors pkg/controller/nodelifecycle.

mod health;
mod taints;
mod zone;

use crate::ratelimit::RateLimiter;
use crate::{Cache, Controller, conditions, decide, podutil};
use apimachinery::{Object, Resource, Status, Value, json, time};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use health::Health;
use sim::collections::BTreeMap;
use sim::{Duration, Time};
use zone::Zone;

/// How often nodes are looked at. Mirrors `--node-monitor-period`.
const MONITOR_PERIOD: Duration = Duration::from_secs(5);
/// From a change of a node to its taints.
const REACTION: Duration = Duration::from_millis(10);
/// How often the queue of nodes that get a NoExecute taint is looked at. Mirrors NodeEvictionPeriod.
const EVICTION_PERIOD: Duration = Duration::from_millis(100);
/// How many nodes a second get a NoExecute taint, when all is well with most. Mirrors `--node-eviction-rate`.
const EVICTION_RATE: f64 = 0.1;

const NODES: Resource = api::node::RESOURCE;
const PODS: Resource = api::pod::RESOURCE;

/// The node life cycle controller.
#[derive(Clone)]
pub struct NodeLifecycleController {
    /// Nodes whose NoSchedule taints may have to change.
    queue: WorkQueue,
    /// Nodes that wait for a NoExecute taint, in order, and when the queue is looked at.
    to_evict: Vec<String>,
    next_eviction: Time,
    evictions: RateLimiter,
    recorder: EventRecorder,
    /// When each known node was last heard of.
    health: BTreeMap<String, Health>,
    zone: Zone,
    next_check: Time,
}

impl Default for NodeLifecycleController {
    fn default() -> Self {
        NodeLifecycleController {
            queue: WorkQueue::default(),
            to_evict: Vec::new(),
            next_eviction: Time::ZERO,
            evictions: RateLimiter::new(EVICTION_RATE, 1.0),
            recorder: EventRecorder::new("node-controller", ""),
            health: BTreeMap::new(),
            zone: Zone::Initial,
            next_check: Time::ZERO,
        }
    }
}

impl Controller for NodeLifecycleController {
    fn name(&self) -> &'static str {
        "node-lifecycle-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == NODES && delta.new.is_some() {
            self.queue.add_at(now + REACTION, delta.object().key());
        }
    }

    fn wake(&self) -> Option<Time> {
        let evict = if self.to_evict.is_empty() { None } else { self.evictions.next() };
        let evict = evict.map(|at| at.max(self.next_eviction));
        [Some(self.next_check), evict, self.queue.wake()].into_iter().flatten().min()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if self.next_check <= ctx.now {
            self.next_check = ctx.now + MONITOR_PERIOD;
            self.monitor(ctx, cache);
        }
        if let Some(key) = self.queue.take(ctx.now) {
            let Some(node) = cache.nodes().get(&key) else { return };
            match taint(ctx, node, &taints::of_conditions(node), taints::is_condition_taint) {
                Err(error) if !error.is_not_found() => self.queue.add_rate_limited(ctx.now, key),
                _ => self.queue.forget(&key),
            }
        }
        while !self.to_evict.is_empty() && self.next_eviction <= ctx.now && self.evictions.try_take(ctx.now) {
            self.evict_next(ctx, cache);
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

impl NodeLifecycleController {
    /// Looks at every node. Mirrors monitorNodeHealth.
    fn monitor(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        self.welcome_and_forget(ctx, cache);
        let mut states = Vec::new();
        for node in cache.nodes().list() {
            let lease = cache.of(&api::lease::RESOURCE).get(&format!("kube-node-lease/{}", node.name()));
            let health = self.health.entry(node.name().into()).or_insert_with(|| Health::new(ctx.now, node));
            health.observe(ctx.now, node, lease);
            let node = match health.is_over_due(ctx.now, node) {
                true => self.mark_unknown(ctx, node),
                false => node.clone(),
            };
            self.mark_pods(ctx, cache, &node);
            states.push(ready_status(&node).to_string());
            self.decide_eviction(ctx, &node);
        }
        self.handle_disruption(ctx, cache, &states);
    }

    fn welcome_and_forget(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let gone: Vec<String> =
            self.health.keys().filter(|name| cache.nodes().get(name).is_none()).cloned().collect();
        for name in gone {
            let uid = self.health.remove(&name).map_or(String::new(), |h| h.uid);
            self.say(ctx, &name, &uid, "RemovingNode", &format!("Removing Node {name} from Controller"));
            self.to_evict.retain(|n| *n != name);
        }
        for node in cache.nodes().list().filter(|n| !self.health.contains_key(n.name())).collect::<Vec<_>>() {
            let message = format!("Registered Node {} in Controller", node.name());
            self.say(ctx, node.name(), node.uid(), "RegisteredNode", &message);
            self.health.insert(node.name().into(), Health::new(ctx.now, node));
        }
    }

    /// Mirrors RecordNodeEvent.
    fn say(&mut self, ctx: &mut Context<'_>, name: &str, uid: &str, reason: &str, what: &str) {
        let reference =
            json!({"kind": "Node", "apiVersion": "v1", "name": name, "uid": uid, "namespace": ""});
        let message = format!("Node {name} event: {what}");
        self.recorder.event_for(ctx, reference, EventType::Normal, reason, &message);
    }

    /// A node that was not heard of for too long: nothing is known about it.
    fn mark_unknown(&mut self, ctx: &mut Context<'_>, node: &Object) -> Object {
        let was = ready_status(node).to_string();
        let Some(changed) = health::unknown(node, ctx.now) else { return node.clone() };
        let Ok(node) = ctx.update_status(&NODES, changed) else { return node.clone() };
        decide(ctx, &node, format!("node {} has not renewed its lease: its state is unknown", node.name()));
        if was == "True" {
            let reference = json!({"kind": "Node", "apiVersion": "v1", "name": node.name(), "uid": node.uid(), "namespace": ""});
            let message = format!("Node {} status is now: NodeNotReady", node.name());
            self.recorder.event_for(ctx, reference, EventType::Normal, "NodeNotReady", &message);
        }
        node
    }

    /// The pods of a node that is not ready are not ready. Mirrors MarkPodsNotReady.
    fn mark_pods(&mut self, ctx: &mut Context<'_>, cache: &Cache, node: &Object) {
        if ready_status(node) == "True" || conditions::get(&node["status"], "Ready").is_null() {
            return;
        }
        let pods: Vec<&Object> =
            cache.pods().list().filter(|p| podutil::node(p) == node.name() && podutil::is_ready(p)).collect();
        for pod in pods {
            let condition =
                json!({"type": "Ready", "status": "False", "lastTransitionTime": time::format(ctx.now)});
            let patch = json!({"status": {"conditions": [condition]}});
            if ctx.patch(&PODS, pod.namespace(), pod.name(), "status", patch).is_ok() {
                let message = "Node is not ready";
                self.recorder.event(ctx, pod, EventType::Warning, "NodeNotReady", message);
            }
        }
    }

    /// Puts a node in the queue of those that are to be emptied, or takes the taint away that empties it. Mirrors
    /// processTaintBaseEviction.
    fn decide_eviction(&mut self, ctx: &mut Context<'_>, node: &Object) {
        let wanted = taints::evicting(ready_status(node));
        let current: Vec<&str> = taints::evicting_keys(node);
        match wanted {
            None => {
                self.to_evict.retain(|name| name != node.name());
                if !current.is_empty() {
                    // Tried again at the next look when it fails.
                    drop(taint(ctx, node, &[], taints::is_evicting_taint));
                }
            }
            Some(key) if current == [key] => {}
            Some(key) if !current.is_empty() => {
                drop(taint(ctx, node, &[(key, "NoExecute")], taints::is_evicting_taint));
            }
            Some(_) if self.zone == Zone::Full || self.to_evict.iter().any(|name| name == node.name()) => {}
            Some(_) => {
                self.to_evict.push(node.name().into());
                self.next_eviction = ctx.now + EVICTION_PERIOD;
            }
        }
    }

    fn evict_next(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let name = self.to_evict.remove(0);
        // The cache may be behind the look that put it here.
        let Ok(node) = ctx.get(&NODES, "", &name) else { return };
        if cache.nodes().get(&name).is_none() {
            return;
        }
        if let Some(key) = taints::evicting(ready_status(&node)) {
            drop(taint(ctx, &node, &[(key, "NoExecute")], taints::is_evicting_taint));
        }
    }

    /// When no node is left that is ready, the fault may be on this side: nothing is evicted. Mirrors handleDisruption.
    fn handle_disruption(&mut self, ctx: &mut Context<'_>, cache: &Cache, states: &[String]) {
        let zone = Zone::of(states);
        if zone == self.zone {
            return;
        }
        if zone == Zone::Full {
            self.to_evict.clear();
            for node in cache.nodes().list() {
                drop(taint(ctx, node, &[], taints::is_evicting_taint));
            }
        } else if self.zone == Zone::Full {
            self.health.values_mut().for_each(|h| h.heard(ctx.now));
        }
        self.evictions.set_rate(ctx.now, zone.eviction_rate(states.len()));
        self.zone = zone;
    }
}

/// The status of the condition Ready; `Unknown` when it is missing.
fn ready_status(node: &Object) -> &str {
    conditions::get(&node["status"], "Ready")["status"].as_str().unwrap_or("Unknown")
}

/// Makes the node's taints of one family (`ours`) these, and leaves the others alone. Mirrors SwapNodeControllerTaint.
fn taint(
    ctx: &mut Context<'_>,
    node: &Object,
    wanted: &[(&str, &str)],
    ours: fn(&Value) -> bool,
) -> Result<(), Status> {
    let Some(taints) = taints::swap(node, wanted, ours, ctx.now) else { return Ok(()) };
    let patch = json!({"metadata": {"resourceVersion": node.resource_version()}, "spec": {"taints": taints}});
    let patched = ctx.merge_patch(&NODES, "", node.name(), "", patch);
    let list: Vec<&str> = wanted.iter().map(|(key, _)| *key).collect();
    if patched.is_ok() && !list.is_empty() {
        decide(ctx, node, format!("node {} is tainted: {}", node.name(), list.join(", ")));
    }
    patched.map(drop)
}
