//! ReplicaSets and ReplicationControllers: as many pods as asked for. Mirrors pkg/controller/replicaset, and
//! pkg/controller/replication, which is the same with another kind.

mod bulk;
mod status;
mod victims;

use crate::expectations::Expectations;
use crate::ratelimit::RateLimiter;
use crate::{Cache, Controller, decide, podutil, refmanager};
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status};
use bulk::Bulk;
use client::{Context, Delta, EventRecorder, WorkQueue};
use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Time};
use std::ops::Bound;

/// How many pods one sync creates or deletes at most. Mirrors BurstReplicas.
const BURST_REPLICAS: usize = 500;
/// From a change to the sync that it causes: the queue, the worker, the claim.
const REACTION: Duration = Duration::from_millis(15);

const PODS: Resource = api::pod::RESOURCE;
const REPLICA_SETS: Resource = api::replicaset::RESOURCE;

const REPLICATION_CONTROLLERS: Resource = api::replicationcontroller::RESOURCE;

/// The controller of one of the two kinds.
#[derive(Clone)]
pub struct ReplicaSetController {
    /// The kind.
    resource: Resource,
    name: &'static str,
    queue: WorkQueue,
    expectations: Expectations,
    limiter: RateLimiter,
    recorder: EventRecorder,
    /// Creations and deletions that wait for the limit on requests, by ReplicaSet. Its key is not synced meanwhile,
    /// as the worker that makes them in the real one is busy.
    bulk: BTreeMap<String, Bulk>,
    /// Whose turn it was.
    turn: String,
}

impl ReplicaSetController {
    /// Of ReplicaSets.
    pub fn of_replica_sets() -> ReplicaSetController {
        ReplicaSetController::new(REPLICA_SETS, "replicaset-controller")
    }

    /// Of ReplicationControllers.
    pub fn of_replication_controllers() -> ReplicaSetController {
        ReplicaSetController::new(REPLICATION_CONTROLLERS, "replication-controller")
    }

    fn new(resource: Resource, name: &'static str) -> ReplicaSetController {
        ReplicaSetController {
            resource,
            name,
            queue: WorkQueue::default(),
            expectations: Expectations::default(),
            limiter: RateLimiter::of_client(),
            recorder: EventRecorder::new(name, ""),
            bulk: BTreeMap::new(),
            turn: String::new(),
        }
    }
}

impl Controller for ReplicaSetController {
    fn name(&self) -> &'static str {
        self.name
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == self.resource {
            let key = delta.object().key();
            if delta.new.as_ref().map(Object::uid) != delta.old.as_ref().map(Object::uid)
                && delta.old.is_some()
            {
                self.expectations.delete(&key);
            }
            self.queue.add_at(now + REACTION, key);
        } else if *resource == PODS {
            match (&delta.old, &delta.new) {
                (_, Some(pod)) if pod.is_terminating() => self.pod_deleted(now, pod, cache),
                (None, Some(pod)) => self.pod_added(now, pod, cache),
                (Some(old), Some(pod)) => self.pod_updated(now, old, pod, cache),
                (Some(pod), None) => self.pod_deleted(now, pod, cache),
                (None, None) => {}
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        let work = if self.bulk.is_empty() { self.queue.wake()? } else { Time::ZERO };
        Some(work.max(self.limiter.next()?))
    }

    /// One key, and one request of those that wait for the limit: they take turns, as the real one's workers do.
    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.queue.take(ctx.now) {
            if let Some(bulk) = self.bulk.get_mut(&key) {
                bulk.again = true;
            } else {
                match self.sync_replica_set(ctx, cache, &key) {
                    Ok(()) => self.queue.forget(&key),
                    Err(_) => self.queue.add_rate_limited(ctx.now, key),
                }
            }
        }
        let after = (Bound::Excluded(self.turn.as_str()), Bound::Unbounded);
        let next = self.bulk.range::<str, _>(after).chain(&self.bulk).map(|(key, _)| key.clone()).next();
        if let Some(key) = next {
            self.go_on(ctx, cache, &key);
            self.turn = key;
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// Which pods it wants. A ReplicationController has plain labels.
fn selector(rs: &Object) -> Option<Selector> {
    let wanted = rs.at("spec.selector");
    match rs.kind() == REPLICATION_CONTROLLERS.kind {
        true => Some(Selector::from_map(wanted)),
        false => Selector::from_label_selector(wanted),
    }
}

impl ReplicaSetController {
    /// The object that controls a pod, if it is there. Mirrors resolveControllerRef.
    fn owner_of<'a>(&self, pod: &Object, cache: &'a Cache) -> Option<&'a Object> {
        let owner = pod.controller().filter(|o| o.kind() == self.resource.kind)?;
        let rs = cache.of(&self.resource).get(&format!("{}/{}", pod.namespace(), owner.name()))?;
        (rs.uid() == owner.uid()).then_some(rs)
    }

    fn enqueue(&mut self, now: Time, rs: &Object) {
        self.queue.add_at(now + REACTION, rs.key());
    }

    fn pod_added(&mut self, now: Time, pod: &Object, cache: &Cache) {
        if pod.controller().is_none() {
            return self.orphan_changed(now, pod, cache);
        }
        if let Some(rs) = self.owner_of(pod, cache) {
            self.expectations.creation_observed(&rs.key());
            self.enqueue(now, rs);
        }
    }

    fn pod_updated(&mut self, now: Time, old: &Object, pod: &Object, cache: &Cache) {
        let owner_changed = old.controller().map(|o| o.uid()) != pod.controller().map(|o| o.uid());
        if owner_changed && let Some(rs) = self.owner_of(old, cache) {
            self.enqueue(now, rs);
        }
        if let Some(rs) = self.owner_of(pod, cache) {
            self.enqueue(now, rs);
        } else if pod.controller().is_none() && (owner_changed || old.labels() != pod.labels()) {
            self.orphan_changed(now, pod, cache);
        }
    }

    fn pod_deleted(&mut self, now: Time, pod: &Object, cache: &Cache) {
        if let Some(rs) = self.owner_of(pod, cache) {
            self.expectations.deletion_observed(&rs.key(), &pod.key());
            self.enqueue(now, rs);
        }
    }

    /// Every ReplicaSet whose selector matches an orphan may want to adopt it.
    fn orphan_changed(&mut self, now: Time, pod: &Object, cache: &Cache) {
        for rs in cache.of(&self.resource).namespace(pod.namespace()) {
            if selector(rs).is_some_and(|s| !s.is_empty() && s.matches(pod.labels())) {
                self.enqueue(now, rs);
            }
        }
    }

    fn sync_replica_set(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) -> Result<(), Status> {
        let Some(rs) = cache.of(&self.resource).get(key) else {
            self.expectations.delete(key);
            return Ok(());
        };
        let needs_sync = self.expectations.satisfied(ctx.now, key);
        let Some(selector) = selector(rs) else { return Ok(()) };
        let mut candidates = cache.claimable(&PODS, rs);
        candidates.retain(|pod| podutil::is_active(pod));
        let pods = refmanager::claim(ctx, &self.resource, rs, &selector, &PODS, candidates)?;
        if needs_sync && !rs.is_terminating() && self.manage(ctx, cache, rs, &pods) {
            return Ok(()); // goes on when it is its turn
        }
        self.finish(ctx, cache, rs, &pods, None)
    }

    /// Begins to create or delete pods; says whether there is something to do. Mirrors manageReplicas.
    fn manage(&mut self, ctx: &mut Context<'_>, cache: &Cache, rs: &Object, pods: &[Object]) -> bool {
        let (key, wanted) = (rs.key(), rs.at("spec.replicas").int().max(0) as usize);
        if pods.len() < wanted {
            let count = (wanted - pods.len()).min(BURST_REPLICAS);
            self.expectations.expect(ctx.now, &key, count, BTreeSet::new());
            decide(ctx, rs, format!("{} of {wanted} replicas exist: {count} to create", pods.len()));
            self.bulk.insert(key, Bulk::creating(count));
        } else if pods.len() > wanted {
            let count = (pods.len() - wanted).min(BURST_REPLICAS);
            let related = victims::related_pods(cache, rs);
            let chosen = victims::choose(pods, &related, count, ctx.now);
            let keys = chosen.iter().map(|pod| pod.key()).collect();
            self.expectations.expect(ctx.now, &key, 0, keys);
            decide(ctx, rs, format!("replicas: {} there, {wanted} wanted, {count} to delete", pods.len()));
            self.bulk.insert(key, Bulk::deleting(chosen.iter().map(|pod| pod.name().into()).collect()));
        } else {
            return false;
        }
        true
    }

    /// Creates or deletes one more pod; after the last one writes the status.
    fn go_on(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) {
        let Some(mut bulk) = self.bulk.remove(key) else { return };
        let Some(rs) = cache.of(&self.resource).get(key) else {
            self.expectations.delete(key);
            return;
        };
        if self.limiter.try_take(ctx.now) {
            bulk.step(ctx, rs, &mut self.recorder, &mut self.expectations);
        }
        if !bulk.is_done() {
            self.bulk.insert(key.into(), bulk);
            return;
        }
        let pods: Vec<Object> =
            status::controlled(cache, rs).filter(|p| podutil::is_active(p)).cloned().collect();
        let finished = self.finish(ctx, cache, rs, &pods, bulk.error.as_ref());
        if bulk.error.is_some() || finished.is_err() {
            self.queue.add_rate_limited(ctx.now, key);
        } else {
            self.queue.forget(key);
            if bulk.again {
                self.queue.add_at(ctx.now + REACTION, key);
            }
        }
    }

    /// Writes the status, and comes back when the next pod has been ready for long enough.
    fn finish(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        rs: &Object,
        pods: &[Object],
        error: Option<&Status>,
    ) -> Result<(), Status> {
        let new = status::calculate(rs, pods, status::terminating(cache, rs), error, ctx.now);
        if status::update(ctx, &self.resource, rs, new)? {
            self.limiter.try_take(ctx.now);
        }
        let min_ready = rs.at("spec.minReadySeconds").int();
        if let Some(at) = pods.iter().filter_map(|p| podutil::available_at(p, min_ready, ctx.now)).min() {
            self.queue.add_at(at, rs.key());
        }
        Ok(())
    }
}
