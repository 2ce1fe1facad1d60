//! Removes pods that nobody else will: those of nodes that are gone, and those that never had one. Mirrors
//! pkg/controller/podgc.

use crate::{Cache, Controller, decide, podutil};
use apimachinery::{Object, Resource, Status, json, time};
use client::{Context, Delta};
use sim::Order;
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// How often it looks. Mirrors gcCheckPeriod.
const PERIOD: Duration = Duration::from_secs(20);
/// How long a node has to be missing before its pods go. Mirrors quarantineTime.
const QUARANTINE: Duration = Duration::from_secs(40);
/// How many ended pods may lie about. Mirrors `--terminated-pod-gc-threshold`.
const MAX_TERMINATED: usize = 12_500;

const PODS: Resource = api::pod::RESOURCE;
const NODES: Resource = api::node::RESOURCE;

/// The pod garbage collector.
#[derive(Clone, Default)]
pub struct PodGcController {
    next: Time,
    /// Since when a node that pods name has been missing.
    missing: BTreeMap<String, Time>,
}

impl Controller for PodGcController {
    fn name(&self) -> &'static str {
        "pod-garbage-collector"
    }

    fn changed(&mut self, _: Time, _: &Resource, _: &Delta, _: &Cache) {
        // It looks from time to time.
    }

    fn wake(&self) -> Option<Time> {
        Some(self.next)
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        self.next = ctx.now + PERIOD;
        self.collect_orphaned(ctx, cache);
        collect_terminated(ctx, cache);
        // Pods that are on their way out and no node has heard of.
        let pods = cache.pods().list();
        for pod in pods.filter(|p| p.is_terminating() && podutil::node(p).is_empty()).collect::<Vec<_>>() {
            // What fails is found again at the next look.
            drop(remove(ctx, pod));
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

impl PodGcController {
    fn collect_orphaned(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let lost =
            |pod: &&Object| !podutil::node(pod).is_empty() && cache.nodes().get(podutil::node(pod)).is_none();
        let pods: Vec<&Object> = cache.pods().list().filter(lost).collect();
        self.missing.retain(|node, _| pods.iter().any(|pod| podutil::node(pod) == node));
        for pod in pods {
            let name = podutil::node(pod);
            let since = *self.missing.entry(name.into()).or_insert(ctx.now);
            let gone = ctx.now >= since + QUARANTINE
                && ctx.get(&NODES, "", name).is_err_and(|error| error.is_not_found());
            if gone {
                decide(ctx, pod, format!("its node {name} no longer exists"));
                let condition = json!({
                    "type": "DisruptionTarget", "status": "True", "reason": "DeletionByPodGC",
                    "message": "PodGC: node no longer exists", "lastTransitionTime": time::format(ctx.now),
                    "observedGeneration": pod.generation(),
                });
                drop(mark_failed(ctx, pod, Some(condition)).and_then(|()| remove(ctx, pod)));
            }
        }
    }
}

/// The oldest ended pods, should there be too many.
fn collect_terminated(ctx: &mut Context<'_>, cache: &Cache) {
    if cache.pods().len() <= MAX_TERMINATED {
        return;
    }
    let mut ended: Vec<&Object> = cache.pods().list().filter(|pod| podutil::is_terminal(pod)).collect();
    let excess = ended.len().saturating_sub(MAX_TERMINATED);
    ended.order_by_key(|pod| pod.created());
    for pod in ended.into_iter().take(excess) {
        drop(remove(ctx, pod));
    }
}

/// A pod that has not ended has failed, as nobody can tell any more.
fn mark_failed(
    ctx: &mut Context<'_>,
    pod: &Object,
    condition: Option<apimachinery::Value>,
) -> Result<(), Status> {
    if podutil::is_terminal(pod) {
        return Ok(());
    }
    let conditions: Vec<_> = condition.into_iter().collect();
    let patch =
        json!({"metadata": {"uid": pod.uid()}, "status": {"phase": "Failed", "conditions": conditions}});
    ctx.patch(&PODS, pod.namespace(), pod.name(), "status", patch).map(drop)
}

/// At once, without a grace period: no kubelet will confirm it.
fn remove(ctx: &mut Context<'_>, pod: &Object) -> Result<(), Status> {
    let options = json!({
        "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "preconditions": {"uid": pod.uid()},
    });
    ctx.delete(&PODS, pod.namespace(), pod.name(), options)
}
