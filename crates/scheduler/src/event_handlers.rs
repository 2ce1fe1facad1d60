//! What watch deltas do to the cache and the queue. Mirrors pkg/scheduler/eventhandlers.go.

use crate::framework::ClusterEvent;
use crate::pod::{PodInfo, same};
use crate::scheduler::Scheduler;
use apimachinery::{Object, Resource};
use client::{Context, Delta, Informer};
use sim::Time;
use std::sync::Arc;

/// The name that pods ask for this scheduler by.
const SCHEDULER_NAME: &str = "default-scheduler";

/// Where claims live in the API.
const CLAIMS: Resource = Resource {
    group: "",
    version: "v1",
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    namespaced: true,
};

impl Scheduler {
    /// Pulls what is new.
    pub(crate) fn sync(&mut self, ctx: &mut Context<'_>) {
        self.listers.services.sync(ctx);
        self.listers.replicasets.sync(ctx);
        self.listers.namespaces.sync(ctx);
        for delta in self.nodes.sync(ctx) {
            self.on_node(delta, ctx.now);
        }
        for delta in self.pods.sync(ctx) {
            self.on_pod(delta, ctx.now);
        }
        if let Some(claims) = &mut self.listers.claims {
            for delta in claims.sync(ctx) {
                if let Some(claim) = &delta.new {
                    self.queue.on_event(&ClusterEvent::Claim(claim), &self.listers, ctx.now);
                }
            }
        }
    }

    fn on_node(&mut self, delta: Delta, now: Time) {
        let Delta { old, new } = delta;
        let name = old.as_ref().or(new.as_ref()).map(|n| n.name().to_string()).unwrap_or_default();
        match new {
            Some(node) => {
                let changed = old.as_ref().is_none_or(|old| node_changed(old, &node));
                self.cache.set_node(node);
                if changed {
                    let event = ClusterEvent::Node { old: old.as_ref(), new: self.cache.view().get(&name) };
                    self.queue.on_event(&event, &self.listers, now);
                }
            }
            None => {
                self.cache.remove_node(&name);
                let event = ClusterEvent::Node { old: old.as_ref(), new: None };
                self.queue.on_event(&event, &self.listers, now);
            }
        }
    }

    fn on_pod(&mut self, delta: Delta, now: Time) {
        match delta.new {
            Some(pod) if !has_ended(&pod) => match pod["spec"]["nodeName"].str() {
                "" => self.on_waiting_pod(pod, now),
                node => {
                    let node = node.to_string();
                    self.on_assigned_pod(pod, &node, now);
                }
            },
            Some(pod) => self.on_gone_pod(&pod.key(), now),
            None => self.on_gone_pod(&delta.old.map(|p| p.key()).unwrap_or_default(), now),
        }
    }

    fn on_waiting_pod(&mut self, pod: Object, now: Time) {
        let wanted = pod["spec"]["schedulerName"].str();
        let bound = self.assumed.get(&pod.key()).is_some_and(|uid| uid == pod.uid());
        // Older news about a pod that this scheduler has bound meanwhile changes nothing.
        if bound || !(wanted.is_empty() || wanted == SCHEDULER_NAME) {
            return;
        }
        let pod = PodInfo::new(pod);
        if pod.claims().next().is_some() && self.listers.claims.is_none() {
            self.listers.claims = Some(Informer::new(CLAIMS));
        }
        self.queue.update(Arc::new(pod), now);
    }

    fn on_assigned_pod(&mut self, pod: Object, node: &str, now: Time) {
        let key = pod.key();
        let known = self.cache.pod(&key).filter(|known| known.uid() == pod.uid()).cloned();
        let confirmed = self.assumed.remove(&key).is_some();
        let info = Arc::new(match &known {
            Some(known) => known.updated(pod),
            None => PodInfo::new(pod),
        });
        self.queue.remove(&key);
        self.cache.set_pod(info.clone(), node);
        let old = known.as_deref().filter(|_| !confirmed);
        let relevant = |old: &PodInfo| old.group.id != info.group.id || old.requests != info.requests;
        if old.is_none_or(relevant) {
            let event = ClusterEvent::AssignedPod { old, new: Some(&info) };
            self.queue.on_event(&event, &self.listers, now);
        }
    }

    /// A pod was deleted or has ended: either way it takes up nothing any more.
    fn on_gone_pod(&mut self, key: &str, now: Time) {
        self.assumed.remove(key);
        self.queue.remove(key);
        if let Some(gone) = self.cache.pod(key).cloned() {
            self.cache.remove_pod(key);
            let event = ClusterEvent::AssignedPod { old: Some(&gone), new: None };
            self.queue.on_event(&event, &self.listers, now);
        }
    }
}

fn has_ended(pod: &Object) -> bool {
    matches!(pod["status"]["phase"].str(), "Succeeded" | "Failed")
}

/// Whether a node has changed in a way that any rule looks at. Mirrors nodeSchedulingPropertiesChange.
fn node_changed(old: &Object, new: &Object) -> bool {
    !(same(&old["spec"], &new["spec"])
        && same(old.labels(), new.labels())
        && same(&old["status"]["allocatable"], &new["status"]["allocatable"]))
}
