//! How many pods each PodDisruptionBudget lets go now. Mirrors pkg/controller/disruption.

mod scale;

use crate::{Cache, Controller, conditions, podutil};
use api::poddisruptionbudget::DISRUPTION_ALLOWED;
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status, Value, json, time};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);
/// After this long an evicted pod that is still there counts again. Mirrors DeletionTimeout.
const DELETION_TIMEOUT: Duration = Duration::from_secs(120);

const BUDGETS: Resource = api::poddisruptionbudget::RESOURCE;
const PODS: Resource = api::pod::RESOURCE;

/// The disruption controller.
#[derive(Clone)]
pub struct DisruptionController {
    queue: WorkQueue,
    recorder: EventRecorder,
}

impl Default for DisruptionController {
    fn default() -> Self {
        let recorder = EventRecorder::new("controllermanager", "");
        DisruptionController { queue: WorkQueue::default(), recorder }
    }
}

impl Controller for DisruptionController {
    fn name(&self) -> &'static str {
        "disruption-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == BUDGETS {
            self.queue.add_at(now + REACTION, delta.object().key());
        } else if *resource == PODS && !cache.of(&BUDGETS).is_empty() {
            let versions = [delta.new.as_ref(), delta.old.as_ref()];
            for pdb in cache.of(&BUDGETS).namespace(delta.object().namespace()) {
                if versions.into_iter().flatten().any(|pod| selects(pdb, pod)) {
                    self.queue.add_at(now + REACTION, pdb.key());
                }
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(pdb) = cache.of(&BUDGETS).get(&key) else { return };
        match self.sync_budget(ctx, cache, pdb) {
            Ok(()) => self.queue.forget(&key),
            Err(_) => self.queue.add_rate_limited(ctx.now, key),
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

fn selects(pdb: &Object, pod: &Object) -> bool {
    let selector = pdb.at("spec.selector");
    !selector.is_null() && Selector::from_label_selector(selector).is_some_and(|s| s.matches(pod.labels()))
}

impl DisruptionController {
    /// Mirrors trySync.
    fn sync_budget(&mut self, ctx: &mut Context<'_>, cache: &Cache, pdb: &Object) -> Result<(), Status> {
        let pods: Vec<&Object> =
            cache.pods().namespace(pdb.namespace()).filter(|pod| selects(pdb, pod)).collect();
        if pods.is_empty() {
            self.recorder.event(ctx, pdb, EventType::Normal, "NoPods", "No matching pods found");
        }
        let Some((expected, desired)) = self.expected(ctx, cache, pdb, &pods) else {
            return write(ctx, pdb, failed(ctx.now, pdb));
        };
        let (disrupted, again) = still_disrupted(ctx.now, pdb, &pods);
        if let Some(at) = again {
            self.queue.add_at(at, pdb.key());
        }
        let healthy = |pod: &&&Object| {
            !pod.is_terminating() && disrupted.get(pod.name()).is_none() && podutil::is_ready(pod)
        };
        let current = pods.iter().filter(healthy).count() as i64;
        write(ctx, pdb, status(ctx.now, pdb, Counts { expected, desired, current }, disrupted))
    }

    /// How many pods there should be, and how many of them have to be healthy. Mirrors getExpectedPodCount.
    fn expected(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        pdb: &Object,
        pods: &[&Object],
    ) -> Option<(i64, i64)> {
        let (min, max) = (pdb.at("spec.minAvailable"), pdb.at("spec.maxUnavailable"));
        if max.is_null() && min.as_str().is_none() {
            // By default nothing is asked for.
            return Some((pods.len() as i64, min.int()));
        }
        let (expected, unmanaged) = match scale::of(cache, pods) {
            Ok(found) => found,
            Err(why) => {
                let message = format!("Failed to calculate the number of expected pods: {why}");
                let reason = "CalculateExpectedPodCountFailed";
                self.recorder.event(ctx, pdb, EventType::Warning, reason, &message);
                return None;
            }
        };
        if unmanaged {
            let selector = apimachinery::labels::format_selector(pdb.at("spec.selector"));
            let message = format!(
                "Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a result, \
                 the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account \
                 for these pods please set \".spec.minAvailable\" field of the PDB to an integer value."
            );
            self.recorder.event(ctx, pdb, EventType::Warning, "UnmanagedPods", &message);
        }
        let desired = match max {
            Value::Null => scaled(min, expected),
            max => (expected - scaled(max, expected)).max(0),
        };
        Some((expected, desired))
    }
}

/// A number, or a percentage of `total`, rounded up.
fn scaled(value: &Value, total: i64) -> i64 {
    match value.as_str().and_then(api::meta::percent) {
        Some(percent) => (percent * total + 99) / 100,
        None => value.int(),
    }
}

/// The evicted pods that are still there, and when to look at them again. Mirrors buildDisruptedPodMap.
fn still_disrupted(now: Time, pdb: &Object, pods: &[&Object]) -> (Value, Option<Time>) {
    let (mut left, mut again) = (Value::object(), None);
    for (name, since) in pdb.at("status.disruptedPods").fields() {
        let here = pods.iter().any(|pod| pod.name() == name && !pod.is_terminating());
        let Some(until) = time::parse(since.str()).map(|at| at + DELETION_TIMEOUT) else { continue };
        if here && until > now {
            left.set(name, since.clone());
            again = again.into_iter().chain([until]).min();
        }
    }
    (left, again)
}

struct Counts {
    expected: i64,
    desired: i64,
    current: i64,
}

/// Mirrors updatePdbStatus.
fn status(now: Time, pdb: &Object, counts: Counts, disrupted: Value) -> Value {
    let spare = if counts.expected <= 0 { 0 } else { (counts.current - counts.desired).max(0) };
    let mut status = json!({
        "disruptionsAllowed": spare, "currentHealthy": counts.current, "desiredHealthy": counts.desired,
        "expectedPods": counts.expected, "observedGeneration": pdb.generation(),
    });
    if !disrupted.is_empty() {
        status.set("disruptedPods", disrupted);
    }
    let (word, reason) = if spare > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    status.set("conditions", conditions_with(now, pdb, word, reason, ""));
    status
}

/// Nothing may go as long as nobody knows how many there should be. Mirrors failSafe.
fn failed(now: Time, pdb: &Object) -> Value {
    let mut status = pdb["status"].clone();
    if status.is_null() {
        status = Value::object();
    }
    status.set("disruptionsAllowed", 0);
    let message = "Failed to calculate the number of expected pods";
    status.set("conditions", conditions_with(now, pdb, "False", "SyncFailed", message));
    status
}

fn conditions_with(now: Time, pdb: &Object, word: &str, reason: &str, message: &str) -> Value {
    let old = conditions::get(&pdb["status"], DISRUPTION_ALLOWED);
    let since = match old["status"] == word {
        true => old["lastTransitionTime"].clone(),
        false => time::format(now).into(),
    };
    let condition = json!({
        "type": DISRUPTION_ALLOWED, "status": word, "reason": reason, "message": message,
        "observedGeneration": pdb.generation(), "lastTransitionTime": since,
    });
    Value::array([condition])
}

fn write(ctx: &mut Context<'_>, pdb: &Object, status: Value) -> Result<(), Status> {
    if status == pdb["status"] {
        return Ok(());
    }
    let mut updated = pdb.clone();
    updated.set("status", status);
    match ctx.update_status(&BUDGETS, updated) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
