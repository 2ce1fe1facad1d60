//! Jobs: pods that run to their end. Mirrors pkg/controller/job.

mod finish;
mod indexes;
mod pods;

use crate::expectations::Expectations;
use crate::{Cache, Controller, conditions, decide, podutil, refmanager};
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status, Value, time};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use finish::Finish;
use pods::Tally;
use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Order, Time};

/// From a change of a Job to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);
/// What happens to pods is looked at together. Mirrors syncJobBatchPeriod.
const BATCH: Duration = Duration::from_secs(1);
/// How many pods one sync creates or deletes at most. Mirrors MaxPodCreateDeletePerSync.
const BURST: usize = 500;
/// How long a pod that failed is not replaced, at first and at most. Mirrors DefaultJobPodFailureBackOff.
const BACKOFF: Duration = Duration::from_secs(10);
const MAX_BACKOFF: Duration = Duration::from_secs(600);

const JOBS: Resource = api::job::RESOURCE;
const PODS: Resource = api::pod::RESOURCE;

/// The pods that failed since the last one that succeeded, and when the last one did.
#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: Time,
}

/// The job controller.
#[derive(Clone)]
pub struct JobController {
    queue: WorkQueue,
    /// Pods that nobody will count any more, and that have to be let go.
    orphans: WorkQueue,
    expectations: Expectations,
    recorder: EventRecorder,
    /// Pods that are counted but that the cache shows as they were.
    counted: BTreeSet<String>,
    failures: BTreeMap<String, Failures>,
}

impl Default for JobController {
    fn default() -> Self {
        JobController {
            queue: WorkQueue::default(),
            orphans: WorkQueue::default(),
            expectations: Expectations::default(),
            recorder: EventRecorder::new("job-controller", ""),
            counted: BTreeSet::new(),
            failures: BTreeMap::new(),
        }
    }
}

impl Controller for JobController {
    fn name(&self) -> &'static str {
        "job-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == JOBS {
            let key = delta.object().key();
            if delta.new.is_none() {
                self.expectations.delete(&key);
                self.failures.remove(&key);
                for pod in cache.pods().owned_by(delta.object().uid()).filter(|p| is_tracked(p)) {
                    self.orphans.add_at(now + REACTION, pod.key());
                }
            }
            self.queue.add_at(now + REACTION, key);
        } else if *resource == PODS {
            self.pod_changed(now, delta, cache);
        }
    }

    fn wake(&self) -> Option<Time> {
        [self.queue.wake(), self.orphans.wake()].into_iter().flatten().min()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(key) = self.orphans.take(ctx.now) {
            let orphan = cache.pods().get(&key).filter(|pod| is_tracked(pod));
            match orphan.filter(|pod| owner_of(pod, cache).is_none()).map(|pod| pods::let_go(ctx, pod)) {
                Some(Err(_)) => self.orphans.add_rate_limited(ctx.now, key),
                _ => self.orphans.forget(&key),
            }
        }
        if let Some(key) = self.queue.take(ctx.now) {
            match self.sync_job(ctx, cache, &key) {
                Ok(()) => self.queue.forget(&key),
                Err(_) => self.queue.add_rate_limited(ctx.now, key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// The Job that controls a pod, if it is there.
fn owner_of<'a>(pod: &Object, cache: &'a Cache) -> Option<&'a Object> {
    let owner = pod.controller().filter(|o| o.kind() == JOBS.kind)?;
    let job = cache.of(&JOBS).get(&format!("{}/{}", pod.namespace(), owner.name()))?;
    (job.uid() == owner.uid()).then_some(job)
}

/// Whether its Job has still to count it.
fn is_tracked(pod: &Object) -> bool {
    pod.meta("finalizers").items().iter().any(|f| *f == api::job::TRACKING)
}

/// Whether it has ended, one way or the other. Mirrors IsJobFinished.
fn is_finished(job: &Object) -> bool {
    ["Complete", "Failed"].into_iter().any(|kind| conditions::is_true(&job["status"], kind))
}

impl JobController {
    fn pod_changed(&mut self, now: Time, delta: &Delta, cache: &Cache) {
        let pod = delta.object();
        if delta.new.is_none() || !is_tracked(pod) {
            self.counted.remove(pod.uid());
        }
        let Some(job) = owner_of(pod, cache) else {
            if pod.controller().is_some_and(|o| o.kind() == JOBS.kind) && is_tracked(pod) {
                self.orphans.add_at(now + REACTION, pod.key());
            }
            return;
        };
        match (&delta.old, &delta.new) {
            (None, Some(_)) => self.expectations.creation_observed(&job.key()),
            (Some(_), Some(pod)) if pod.is_terminating() => {
                self.expectations.deletion_observed(&job.key(), &pod.key());
            }
            (_, None) => self.expectations.deletion_observed(&job.key(), &pod.key()),
            _ => {}
        }
        self.queue.add_at(now + BATCH, job.key());
    }

    /// Mirrors syncJob.
    fn sync_job(&mut self, ctx: &mut Context<'_>, cache: &Cache, key: &str) -> Result<(), Status> {
        let Some(job) = cache.of(&JOBS).get(key) else { return Ok(()) };
        if is_finished(job) {
            self.failures.remove(key);
            return Ok(());
        }
        let Some(selector) = Selector::from_label_selector(job.at("spec.selector")) else { return Ok(()) };
        let candidates = cache.claimable(&PODS, job);
        let pods = refmanager::claim(ctx, &JOBS, job, &selector, &PODS, candidates)?;
        let mut status = job["status"].clone();
        self.begin(ctx, job, &mut status);
        let tally = Tally::new(job, &pods, &self.counted);
        let mut failures = self.failures.get(key).copied().unwrap_or_default();
        tally.note_failures(&mut failures);
        let mut finish = finish::decide(job, &status, &tally, &pods, ctx.now);
        let mut active = tally.active.len();
        let mut failed = Ok(());
        if finish.is_some() {
            self.delete(ctx, job, &tally.active);
            active = 0;
        } else if self.expectations.satisfied(ctx.now, key) && !job.is_terminating() {
            let before = active;
            failed = self.manage(ctx, job, &tally, failures, &mut active);
            if active == 0 && before == 0 && failed.is_ok() {
                finish = finish::complete(job, &tally);
            }
        }
        self.suspension(ctx, job, &mut status);
        tally.write(job, &mut status, active);
        let left = !tally.active.is_empty() || tally.terminating > 0;
        let ended = finish.is_some_and(|f| f.apply(&mut status, left, ctx.now));
        self.write(ctx, job, status)?;
        self.failures.insert(key.into(), failures);
        for pod in &tally.done {
            self.counted.insert(pod.uid().into());
            pods::let_go(ctx, pod)?;
        }
        if ended {
            let kind = if finish.is_some_and(|f| f.failed) { EventType::Warning } else { EventType::Normal };
            let (reason, message) = finish.map_or(("", ""), Finish::event);
            self.recorder.event(ctx, job, kind, reason, message);
            decide(ctx, job, format!("{}: {message}", job.name()));
        }
        failed
    }

    /// Notes when it began, and comes back when it may not go on.
    fn begin(&mut self, ctx: &mut Context<'_>, job: &Object, status: &mut Value) {
        if status.is_null() {
            *status = Value::object();
        }
        if job.at("spec.suspend").is_true() {
            return;
        }
        if status["startTime"].is_null() {
            status.set("startTime", time::format(ctx.now));
        }
        if let (Some(begun), Some(seconds)) =
            (time::parse(status["startTime"].str()), job.at("spec.activeDeadlineSeconds").as_i64())
        {
            let end = begun + Duration::from_secs(seconds.max(0) as u64);
            if end > ctx.now {
                self.queue.add_at(end, job.key());
            }
        }
    }

    /// Creates or deletes pods so that as many run as should. Mirrors manageJob.
    fn manage(
        &mut self,
        ctx: &mut Context<'_>,
        job: &Object,
        tally: &Tally,
        failures: Failures,
        active: &mut usize,
    ) -> Result<(), Status> {
        let wanted = if job.at("spec.suspend").is_true() { 0 } else { tally.wanted(job) };
        if *active > wanted {
            let surplus = (*active - wanted).min(BURST);
            // Those that are not ready go first, then the youngest.
            let mut victims = tally.active.clone();
            victims.reverse();
            victims.order_by_key(podutil::is_ready);
            victims.truncate(surplus);
            self.delete(ctx, job, &victims);
            *active -= victims.len();
            return Ok(());
        }
        let missing = (wanted - *active).min(BURST);
        if missing == 0 {
            return Ok(());
        }
        if let Some(again) = failures.until().filter(|at| *at > ctx.now) {
            self.queue.add_at(again, job.key());
            return Ok(());
        }
        decide(ctx, job, format!("{} pods run, {wanted} should: {missing} to create", *active));
        self.expectations.expect(ctx.now, &job.key(), missing, BTreeSet::new());
        let indexes = tally.free_indexes(job, missing);
        for at in 0..missing {
            match pods::create(ctx, job, indexes.get(at).copied(), &mut self.recorder) {
                Ok(()) => *active += 1,
                Err(error) => {
                    // What was never tried is not expected either.
                    (at..missing).for_each(|_| self.expectations.creation_observed(&job.key()));
                    return crate::unless_terminating(Err(error));
                }
            }
        }
        Ok(())
    }

    fn delete(&mut self, ctx: &mut Context<'_>, job: &Object, victims: &[Object]) {
        if victims.is_empty() {
            return;
        }
        let keys = victims.iter().map(Object::key).collect();
        self.expectations.expect(ctx.now, &job.key(), 0, keys);
        for pod in victims {
            if pods::delete(ctx, job, pod, &mut self.recorder).is_err() {
                self.expectations.deletion_observed(&job.key(), &pod.key());
            }
        }
    }

    /// The condition Suspended. Mirrors the part of syncJob about it.
    fn suspension(&mut self, ctx: &mut Context<'_>, job: &Object, status: &mut Value) {
        let (is, was) = (job.at("spec.suspend").is_true(), conditions::is_true(&job["status"], "Suspended"));
        let (value, condition, event, message) = match (is, was) {
            (true, false) => ("True", "JobSuspended", "Suspended", "Job suspended"),
            (false, true) => ("False", "JobResumed", "Resumed", "Job resumed"),
            _ => return,
        };
        conditions::put(status, finish::condition(ctx.now, "Suspended", value, condition, message));
        if was {
            status.set("startTime", time::format(ctx.now));
        }
        self.recorder.event(ctx, job, EventType::Normal, event, message);
    }

    fn write(&mut self, ctx: &mut Context<'_>, job: &Object, status: Value) -> Result<(), Status> {
        if status == job["status"] {
            return Ok(());
        }
        let mut updated = job.clone();
        updated.set("status", status);
        match ctx.update_status(&JOBS, updated) {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }
}

impl Failures {
    /// Until when no pod is created: 10 s after the first failure, twice as long after each further one.
    fn until(self) -> Option<Time> {
        let doublings = self.count.checked_sub(1)?.min(10);
        Some(self.last + (BACKOFF * 2u32.pow(doublings)).min(MAX_BACKOFF))
    }
}
