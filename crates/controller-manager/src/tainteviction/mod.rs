//! Takes pods off nodes whose NoExecute taints they do not tolerate, or no longer. Mirrors pkg/controller/tainteviction.

use crate::{Cache, Controller, decide, podutil};
use apimachinery::{Object, Resource, Value, json, time};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// From a change to the look that it causes.
const REACTION: Duration = Duration::from_millis(10);
/// How often the deletion of a pod is tried. Mirrors retries.
const MAX_RETRIES: u32 = 5;

const PODS: Resource = api::pod::RESOURCE;
const NODES: Resource = api::node::RESOURCE;

/// The taint eviction controller.
#[derive(Clone)]
pub struct TaintEvictionController {
    /// Pods whose toleration has to be looked at.
    queue: WorkQueue,
    recorder: EventRecorder,
    /// When pods are to go, by key.
    evictions: BTreeMap<String, Time>,
}

impl Default for TaintEvictionController {
    fn default() -> Self {
        let recorder = EventRecorder::new("taint-eviction-controller", "");
        TaintEvictionController { queue: WorkQueue::default(), recorder, evictions: BTreeMap::new() }
    }
}

impl Controller for TaintEvictionController {
    fn name(&self) -> &'static str {
        "taint-eviction-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == PODS {
            let placed = |pod: Option<&Object>| {
                pod.map(|p| (podutil::node(p).to_string(), p.at("spec.tolerations").clone()))
            };
            if placed(delta.old.as_ref()) != placed(delta.new.as_ref()) {
                self.queue.add_at(now + REACTION, delta.object().key());
            }
        } else if *resource == NODES
            && delta.old.as_ref().map(no_execute) != delta.new.as_ref().map(no_execute)
        {
            let name = delta.object().name();
            for pod in cache.pods().list().filter(|pod| podutil::node(pod) == name) {
                self.queue.add_at(now + REACTION, pod.key());
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake().into_iter().chain(self.evictions.values().copied()).min()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.queue.take(ctx.now) {
            self.look_at(ctx, cache, &key);
        }
        let due: Vec<String> =
            self.evictions.iter().filter(|(_, at)| **at <= ctx.now).map(|(key, _)| key.clone()).collect();
        for key in due {
            self.evictions.remove(&key);
            self.evict(ctx, cache, &key);
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// The NoExecute taints of a node.
fn no_execute(node: &Object) -> Vec<Value> {
    let taints = node.at("spec.taints").items().iter();
    taints.filter(|t| t["effect"] == "NoExecute").cloned().collect()
}

/// For how long a pod may stay on a node with these taints: `None` for ever, zero not at all. Mirrors
/// GetMatchingTolerations and getMinTolerationTime.
fn may_stay(taints: &[Value], tolerations: &[Value]) -> Option<Duration> {
    let mut shortest = None;
    for taint in taints {
        let Some(toleration) = tolerations.iter().find(|t| tolerates(t, taint)) else {
            return Some(Duration::ZERO);
        };
        if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
            let time = Duration::from_secs(seconds.max(0) as u64);
            shortest = Some(shortest.map_or(time, |known: Duration| known.min(time)));
        }
    }
    shortest
}

/// Mirrors Toleration.ToleratesTaint.
/// Whether a toleration is about a taint. Mirrors ToleratesTaint.
pub(crate) fn tolerates(toleration: &Value, taint: &Value) -> bool {
    let (effect, key) = (&toleration["effect"], &toleration["key"]);
    if (!effect.is_empty() && effect != taint["effect"].str())
        || (!key.is_empty() && key != taint["key"].str())
    {
        return false;
    }
    match toleration["operator"].str() {
        "Exists" => true,
        "" | "Equal" => toleration["value"].str() == taint["value"].str(),
        _ => false,
    }
}

impl TaintEvictionController {
    /// Mirrors processPodOnNode.
    fn look_at(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) {
        let Some(pod) = cache.pods().get(key).filter(|pod| !podutil::node(pod).is_empty()) else {
            self.evictions.remove(key);
            return;
        };
        let Some(node) = cache.nodes().get(podutil::node(pod)) else { return };
        let taints = no_execute(node);
        match may_stay(&taints, pod.at("spec.tolerations").items()) {
            None => self.cancel(ctx, key),
            Some(Duration::ZERO) => {
                self.evictions.remove(key);
                self.evict(ctx, cache, key);
            }
            Some(time) => {
                // An eviction that is planned already stays where it is.
                self.evictions.entry(key.into()).or_insert(ctx.now + time);
            }
        }
    }

    fn cancel(&mut self, ctx: &mut Context<'_>, key: &str) {
        if self.evictions.remove(key).is_some() {
            self.say(ctx, key, &format!("Cancelling deletion of Pod {key}"));
        }
    }

    fn say(&mut self, ctx: &mut Context<'_>, key: &str, message: &str) {
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        let reference = json!({"kind": "Pod", "apiVersion": "v1", "name": name, "namespace": namespace});
        self.recorder.event_for(ctx, reference, EventType::Normal, "TaintManagerEviction", message);
    }

    fn evict(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) {
        let Some(pod) = cache.pods().get(key).filter(|pod| !pod.is_terminating()) else { return };
        self.say(ctx, key, &format!("Marking for deletion Pod {key}"));
        decide(ctx, pod, format!("node {} has a taint that the pod does not tolerate", podutil::node(pod)));
        let condition = json!({
            "type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastTransitionTime": time::format(ctx.now), "observedGeneration": pod.generation(),
        });
        let patch = json!({"metadata": {"uid": pod.uid()}, "status": {"conditions": [condition]}});
        let marked = ctx.patch(&PODS, pod.namespace(), pod.name(), "status", patch);
        let done = marked.and_then(|_| ctx.delete(&PODS, pod.namespace(), pod.name(), Value::object()));
        match done {
            Err(error) if !error.is_not_found() && self.queue.requeues(key) < MAX_RETRIES => {
                self.queue.add_rate_limited(ctx.now, key);
            }
            _ => self.queue.forget(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_toleration_counts_and_an_intolerable_taint_ends_it() {
        let taint = |key: &str| json!({"key": key, "effect": "NoExecute"});
        let tolerations = [
            json!({"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}),
            json!({"key": "b", "operator": "Exists", "tolerationSeconds": 60}),
            json!({"key": "c", "operator": "Exists"}),
            json!({"key": "d", "operator": "Equal", "value": "x", "effect": "NoSchedule"}),
        ];
        let stay = |keys: &[&str]| may_stay(&keys.iter().map(|k| taint(k)).collect::<Vec<_>>(), &tolerations);
        assert_eq!(stay(&[]), None);
        assert_eq!(stay(&["c"]), None);
        assert_eq!(stay(&["a"]), Some(Duration::from_secs(300)));
        assert_eq!(stay(&["a", "b", "c"]), Some(Duration::from_secs(60)));
        assert_eq!(stay(&["a", "d"]), Some(Duration::ZERO));
    }
}
