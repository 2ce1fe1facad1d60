//! Deployments: a ReplicaSet for each template, and the way from one to the next. Mirrors pkg/controller/deployment.

mod progress;
mod recreate;
mod rolling;
mod sync;
#[cfg(test)]
mod tests;
mod util;

use crate::{Cache, Controller, decide, refmanager};
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes: the queue, the worker, the claim.
const REACTION: Duration = Duration::from_millis(15);
/// How often a sync that fails is tried again before the next change. Mirrors maxRetries.
const MAX_RETRIES: u32 = 15;

const DEPLOYMENTS: Resource = api::deployment::RESOURCE;
const REPLICA_SETS: Resource = api::replicaset::RESOURCE;

/// The deployment controller.
#[derive(Clone)]
pub struct DeploymentController {
    queue: WorkQueue,
    recorder: EventRecorder,
}

/// The ReplicaSets of a Deployment.
struct Sets {
    /// That of its template.
    new: Option<Object>,
    /// Those of former templates.
    old: Vec<Object>,
}

impl Sets {
    fn all(&self) -> Vec<Object> {
        self.old.iter().chain(&self.new).cloned().collect()
    }

    /// Puts a newer version of one of them in its place.
    fn put(&mut self, rs: Object) {
        if let Some(known) = self.old.iter_mut().chain(&mut self.new).find(|known| known.uid() == rs.uid()) {
            *known = rs;
        }
    }
}

impl Default for DeploymentController {
    fn default() -> Self {
        let recorder = EventRecorder::new("deployment-controller", "");
        DeploymentController { queue: WorkQueue::default(), recorder }
    }
}

impl Controller for DeploymentController {
    fn name(&self) -> &'static str {
        "deployment-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == DEPLOYMENTS {
            self.enqueue(now, delta.object());
        } else if *resource == REPLICA_SETS {
            for rs in delta.old.iter().chain(&delta.new) {
                self.replica_set_changed(now, rs, delta.new.is_some(), cache);
            }
        } else if *resource == api::pod::RESOURCE && delta.new.is_none() {
            self.pod_deleted(now, delta.object(), cache);
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.queue.take(ctx.now) {
            match self.sync_deployment(ctx, cache, &key) {
                Err(_) if self.queue.requeues(&key) < MAX_RETRIES => {
                    self.queue.add_rate_limited(ctx.now, key)
                }
                _ => self.queue.forget(&key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// The Deployment that controls a ReplicaSet, if it is there.
fn owner_of<'a>(rs: &Object, cache: &'a Cache) -> Option<&'a Object> {
    let owner = rs.controller().filter(|o| o.kind() == DEPLOYMENTS.kind)?;
    let d = cache.of(&DEPLOYMENTS).get(&format!("{}/{}", rs.namespace(), owner.name()))?;
    (d.uid() == owner.uid()).then_some(d)
}

impl DeploymentController {
    fn enqueue(&mut self, now: Time, d: &Object) {
        self.queue.add_at(now + REACTION, d.key());
    }

    fn replica_set_changed(&mut self, now: Time, rs: &Object, exists: bool, cache: &Cache) {
        if let Some(d) = owner_of(rs, cache) {
            self.enqueue(now, d);
        } else if exists && rs.controller().is_none() {
            for d in cache.of(&DEPLOYMENTS).namespace(rs.namespace()) {
                let selector = Selector::from_label_selector(d.at("spec.selector"));
                if selector.is_some_and(|s| !s.is_empty() && s.matches(rs.labels())) {
                    self.enqueue(now, d);
                }
            }
        }
    }

    /// When the last old pod is gone, a Deployment that recreates its pods goes on.
    fn pod_deleted(&mut self, now: Time, pod: &Object, cache: &Cache) {
        let Some(owner) = pod.controller().filter(|o| o.kind() == REPLICA_SETS.kind) else { return };
        let rs = cache.replica_sets().get(&format!("{}/{}", pod.namespace(), owner.name()));
        if let Some(d) = rs.filter(|rs| rs.uid() == owner.uid()).and_then(|rs| owner_of(rs, cache))
            && d.at("spec.strategy.type") == "Recreate"
        {
            self.enqueue(now, d);
        }
    }

    fn sync_deployment(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) -> Result<(), Status> {
        let Some(d) = cache.of(&DEPLOYMENTS).get(key) else { return Ok(()) };
        let mut d = d.clone();
        let Some(selector) = Selector::from_label_selector(d.at("spec.selector")) else { return Ok(()) };
        if selector.is_empty() {
            return self.selects_everything(ctx, d);
        }
        let candidates = cache.claimable(&REPLICA_SETS, &d);
        let owned = refmanager::claim(ctx, &DEPLOYMENTS, &d, &selector, &REPLICA_SETS, candidates)?;
        if d.is_terminating() {
            return self.sync_status_only(ctx, &mut d, &owned);
        }
        self.check_paused(ctx, &mut d)?;
        if d.at("spec.paused").is_true() || self.is_scaling(ctx, &mut d, &owned)? {
            return self.sync_scale(ctx, &mut d, &owned);
        }
        if util::is_rolling(&d) {
            self.rollout_rolling(ctx, &mut d, &owned)
        } else {
            self.rollout_recreate(ctx, cache, &mut d, &owned)
        }
    }

    fn selects_everything(&mut self, ctx: &mut Context<'_>, mut d: Object) -> Result<(), Status> {
        let message = "This deployment is selecting all pods. A non-empty selector is required.";
        self.recorder.event(ctx, &d, EventType::Warning, "SelectingAll", message);
        if d.at("status.observedGeneration").int() < d.generation() {
            let generation = d.generation();
            d.0.set_at("status.observedGeneration", generation);
            self.write_status(ctx, &mut d)?;
        }
        Ok(())
    }

    /// Whether the Deployment's size is another than the one that its ReplicaSets were made for. Mirrors isScalingEvent.
    fn is_scaling(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        owned: &[Object],
    ) -> Result<bool, Status> {
        let sets = self.all_replica_sets(ctx, d, owned, false)?;
        let wanted = util::replicas(d).to_string();
        let active = util::active(&sets.all());
        Ok(active.iter().any(|rs| rs.annotation(util::DESIRED_REPLICAS).is_some_and(|n| n != wanted)))
    }

    /// Writes an Event about a Deployment, and tells whoever looks on.
    fn say(&mut self, ctx: &mut Context<'_>, d: &Object, kind: EventType, reason: &str, message: String) {
        self.recorder.event(ctx, d, kind, reason, &message);
        decide(ctx, d, message);
    }
}
