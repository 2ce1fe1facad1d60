//! Whether the node takes a pod, and whom it throws out when it runs short.
//! Mirrors pkg/kubelet/lifecycle/predicate.go and pkg/kubelet/eviction.

use crate::config::MAX_PODS;
use crate::kubelet::Timer;
use crate::worker::{Phase, Worker};
use crate::{Kubelet, qos, sysctl};
use apimachinery::json;
use apimachinery::labels::Selector;
use client::{Context, EventType};
use sim::Duration;

/// How often the eviction manager looks while the node is short of something. Mirrors evictionMonitoringPeriod.
const PERIOD: Duration = Duration::from_secs(10);
/// What a full disk has left, and what it should have: the figures in the eviction's message.
const AVAILABLE: &str = "1Gi";
const THRESHOLD: &str = "2Gi";

impl Kubelet {
    /// Whether the node may run a pod and has room for it. `Err`: (reason, message).
    pub(crate) fn admit(&self, ctx: &mut Context<'_>, w: &Worker) -> Result<(), (String, String)> {
        if w.pod.annotation("kubernetes.io/config.mirror").is_some() {
            return Ok(());
        }
        if self.disk_full && !critical(w) {
            return Err(("Evicted".into(), "The node had condition: [DiskPressure]. ".into()));
        }
        let selector = &w.pod["spec"]["nodeSelector"];
        if !selector.is_empty() {
            let node = ctx.get(&api::node::RESOURCE, "", &self.config.name).unwrap_or_default();
            if !Selector::from_map(selector).matches(node.labels()) {
                let message =
                    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
                return Err(("NodeAffinity".into(), message.into()));
            }
        }
        if !matches!(w.pod["spec"]["os"]["name"].str(), "" | "linux") {
            let message = "Failed to admit pod as the OS field doesn't match node OS";
            return Err(("PodOSNotSupported".into(), message.into()));
        }
        sysctl::admit(&w.pod)?;
        let active = || self.workers.values().filter(|o| o.phase < Phase::Terminated);
        let count = active().count();
        let short = |name: &str, requested: i64, used: i64, capacity: i64| {
            let message = format!(
                "Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}"
            );
            Err((format!("OutOf{name}"), message))
        };
        if count + 1 > MAX_PODS {
            return short("pods", 1, count as i64, MAX_PODS as i64);
        }
        let used = active().fold((0, 0), |sum, o| (sum.0 + o.requests.0, sum.1 + o.requests.1));
        let resources = [
            ("cpu", w.requests.0, used.0, self.config.cpu * 1000),
            ("memory", w.requests.1, used.1, self.config.memory),
        ];
        for (name, requested, used, capacity) in resources {
            if requested > 0 && used + requested > capacity {
                return short(name, requested, used, capacity);
            }
        }
        Ok(())
    }

    /// Says that the node does not take a pod. Mirrors rejectPod.
    pub(crate) fn reject(&mut self, ctx: &mut Context<'_>, w: &mut Worker, reason: &str, message: &str) {
        self.event(ctx, w, "", EventType::Warning, reason, message);
        let mut status = w.status.clone();
        for (field, text) in [
            ("phase", "Failed"),
            ("reason", reason),
            ("message", &format!("Pod was rejected: {message}")),
            ("qosClass", qos::class(&w.pod)),
            ("startTime", &apimachinery::time::format(ctx.now)),
        ] {
            status.set(field, text);
        }
        status.set("observedGeneration", w.pod.generation().max(1));
        self.write_status(ctx, w, status);
        w.phase = Phase::Finished;
    }

    /// Throws out one pod while the disk is full: first those that are worth least, then those that ask for least.
    pub(crate) fn evict(&mut self, ctx: &mut Context<'_>) {
        if !self.disk_full {
            return;
        }
        self.timers.push(ctx.now + PERIOD, Timer::Eviction);
        let class = |w: &Worker| match qos::class(&w.pod) {
            "BestEffort" => 0,
            "Burstable" => 1,
            _ => 2,
        };
        let running = |w: &&Worker| w.phase == Phase::Syncing && w.verdict.is_none() && !critical(w);
        let candidates = self.workers.values().map(std::rc::Rc::as_ref).filter(running);
        let rank = |w: &&Worker| (w.pod["spec"]["priority"].int(), class(w), std::cmp::Reverse(w.id));
        let Some(id) = candidates.min_by_key(rank).map(|w| w.id) else { return };
        self.with_worker(id, |kubelet, w| {
            let message = format!(
                "The node was low on resource: ephemeral-storage. Threshold quantity: {THRESHOLD}, available: {AVAILABLE}. "
            );
            let now = apimachinery::time::format(ctx.now);
            let target = json!({
                "type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet", "message": message.as_str(),
                "lastProbeTime": null, "lastTransitionTime": now, "observedGeneration": w.pod.generation().max(1),
            });
            w.pod.at_mut("status.conditions").array_mut().push(target);
            kubelet.throw_out(ctx, w, &message);
        });
        let message = "Attempting to reclaim ephemeral-storage";
        let name = self.config.name.clone();
        let reference = json!({"kind": "Node", "name": name.as_str(), "uid": name.as_str()});
        self.recorder.event_for(ctx, reference, EventType::Warning, "EvictionThresholdMet", message);
    }
}

impl Kubelet {
    /// Ends a pod at once, for good. Mirrors evictPod.
    pub(crate) fn throw_out(&mut self, ctx: &mut Context<'_>, w: &mut Worker, message: &str) {
        self.event(ctx, w, "", EventType::Warning, "Evicted", message);
        w.verdict = Some(("Failed", "Evicted".into(), message.into()));
        w.grace = Some(Duration::from_secs(0).max(crate::config::MIN_GRACE));
        self.abandon_sync(w, ctx.now);
        self.trigger(w, ctx.now);
    }
}

/// Pods that the node must have. Mirrors IsCriticalPod.
fn critical(w: &Worker) -> bool {
    w.pod["spec"]["priority"].int() >= 2_000_000_000
        || w.pod.annotation("kubernetes.io/config.source").is_some()
        || w.pod.namespace() == "kube-system"
}
