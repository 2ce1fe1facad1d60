//! StatefulSets: pods that keep their names, one after the other. Mirrors pkg/controller/statefulset.

mod control;
mod history;
mod pods;

use crate::{Cache, Controller, podutil, refmanager};
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status, Value};
use client::{Context, Delta, EventRecorder, WorkQueue};
use control::Outcome;
use history::Revisions;
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);

const PODS: Resource = api::pod::RESOURCE;
const SETS: Resource = api::statefulset::RESOURCE;
const CLAIMS: Resource = api::persistentvolumeclaim::RESOURCE;
/// The label of a pod with the name of the revision that it was made from.
const REVISION: &str = "controller-revision-hash";

/// The statefulset controller.
#[derive(Clone)]
pub struct StatefulSetController {
    queue: WorkQueue,
    recorder: EventRecorder,
}

impl Default for StatefulSetController {
    fn default() -> Self {
        let recorder = EventRecorder::new("statefulset-controller", "");
        StatefulSetController { queue: WorkQueue::default(), recorder }
    }
}

impl Controller for StatefulSetController {
    fn name(&self) -> &'static str {
        "statefulset-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == SETS {
            self.queue.add_at(now + REACTION, delta.object().key());
        } else if *resource == PODS && !cache.of(&SETS).is_empty() {
            let pod = delta.object();
            match pod.controller() {
                Some(owner) if owner.kind() == SETS.kind => {
                    self.queue.add_at(now + REACTION, format!("{}/{}", pod.namespace(), owner.name()));
                }
                Some(_) => {}
                None => {
                    for set in cache.of(&SETS).namespace(pod.namespace()).filter(|set| selects(set, pod)) {
                        self.queue.add_at(now + REACTION, set.key());
                    }
                }
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(set) = cache.of(&SETS).get(&key) else { return };
        match self.sync_set(ctx, cache, set) {
            Ok(()) => self.queue.forget(&key),
            Err(_) => self.queue.add_rate_limited(ctx.now, key),
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

fn selects(set: &Object, pod: &Object) -> bool {
    Selector::from_label_selector(set.at("spec.selector")).is_some_and(|s| s.matches(pod.labels()))
}

impl StatefulSetController {
    fn sync_set(&mut self, ctx: &mut Context<'_>, cache: &Cache, set: &Object) -> Result<(), Status> {
        let Some(selector) = Selector::from_label_selector(set.at("spec.selector")) else { return Ok(()) };
        // A pod with another name cannot be one of this set.
        let named = |pod: &&Object| pods::ordinal(set, pod.name()).is_some();
        let candidates = cache.claimable(&PODS, set).into_iter().filter(named).collect();
        let mut mine = refmanager::claim(ctx, &SETS, set, &selector, &PODS, candidates)?;
        // The cache may not know yet what was created or deleted in the last sync: the API does, and each pod counts.
        mine.retain_mut(|pod| match ctx.get(&PODS, pod.namespace(), pod.name()) {
            Ok(fresh) if fresh.uid() == pod.uid() => {
                *pod = fresh;
                true
            }
            _ => false,
        });
        let revisions = history::keep(ctx, cache, set, &mine)?;
        let outcome = match set.is_terminating() {
            true => Ok(Outcome::default()),
            false => control::update(ctx, &mut self.recorder, set, &mine, &revisions),
        };
        let min_ready = set.at("spec.minReadySeconds").int();
        if let Some(at) = mine.iter().filter_map(|p| podutil::available_at(p, min_ready, ctx.now)).min() {
            self.queue.add_at(at, set.key());
        }
        let outcome = outcome?;
        write(ctx, set, &mine, &revisions, outcome)
    }
}

/// Mirrors updateStatefulSet's last part, completeRollingUpdate and updateStatefulSetStatus.
fn write(
    ctx: &mut Context<'_>,
    set: &Object,
    pods: &[Object],
    revisions: &Revisions,
    outcome: Outcome,
) -> Result<(), Status> {
    let mut status = set["status"].clone();
    if status.is_null() {
        status = Value::object();
    }
    let min_ready = set.at("spec.minReadySeconds").int();
    let count = |what: &dyn Fn(&Object) -> bool| pods.iter().filter(|pod| what(pod)).count() as i64;
    let of = |pod: &Object, revision: &str| !pod.is_terminating() && pod.label(REVISION) == Some(revision);
    let replicas = count(&|_| true) + outcome.created.len() as i64;
    let ready = count(&control::is_ready);
    let mut current = count(&|pod| of(pod, &revisions.current));
    let mut updated = count(&|pod| of(pod, &revisions.update));
    for revision in &outcome.created {
        current += i64::from(*revision == revisions.current);
        updated += i64::from(*revision == revisions.update);
    }
    let mut current_revision = revisions.current.as_str();
    let rolling = set.at("spec.updateStrategy.type") == "RollingUpdate";
    if rolling && updated == replicas && ready == replicas {
        (current, current_revision) = (updated, &revisions.update);
    }
    for (field, value) in [
        ("observedGeneration", set.generation()),
        ("replicas", replicas),
        ("readyReplicas", ready),
        (
            "availableReplicas",
            count(&|pod| control::is_ready(pod) && podutil::is_available(pod, min_ready, ctx.now)),
        ),
        ("currentReplicas", current),
        ("updatedReplicas", updated),
    ] {
        match value {
            0 if !matches!(field, "replicas" | "availableReplicas") => drop(status.remove(field)),
            value => status.set(field, value),
        }
    }
    status.set("currentRevision", current_revision);
    status.set("updateRevision", revisions.update.as_str());
    if status["collisionCount"].is_null() {
        status.set("collisionCount", 0);
    }
    if status == set["status"] {
        return Ok(());
    }
    let mut changed = set.clone();
    changed.set("status", status);
    match ctx.update_status(&SETS, changed) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
