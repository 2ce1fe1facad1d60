//! CronJobs: a Job each time the clock says so. Mirrors pkg/controller/cronjob.

mod history;

use crate::{Cache, Controller, conditions, decide};
use api::cronjob::{SCHEDULED, Schedule};
use apimachinery::{Object, Resource, Status, Value, json, time};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::{Duration, Order, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);
/// How long after the minute a Job is made. Mirrors nextScheduleDelta.
const DELTA: Duration = Duration::from_millis(100);
/// How many starts may have been missed before it is warned of. Mirrors the 100 of mostRecentScheduleTime.
const MANY_MISSED: usize = 100;

const CRON_JOBS: Resource = api::cronjob::RESOURCE;
const JOBS: Resource = api::job::RESOURCE;

/// The cronjob controller.
#[derive(Clone)]
pub struct CronJobController {
    queue: WorkQueue,
    recorder: EventRecorder,
}

impl Default for CronJobController {
    fn default() -> Self {
        let recorder = EventRecorder::new("cronjob-controller", "");
        CronJobController { queue: WorkQueue::default(), recorder }
    }
}

impl Controller for CronJobController {
    fn name(&self) -> &'static str {
        "cronjob-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == CRON_JOBS {
            self.queue.add_at(now + REACTION, delta.object().key());
        } else if *resource == JOBS
            && let Some(owner) = delta.object().controller().filter(|o| o.kind() == CRON_JOBS.kind)
        {
            self.queue.add_at(now + REACTION, format!("{}/{}", delta.object().namespace(), owner.name()));
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(cron) = cache.of(&CRON_JOBS).get(&key) else { return };
        let mut jobs: Vec<Object> =
            cache.of(&JOBS).owned_by(cron.uid()).filter(|j| j.controller().is_some()).cloned().collect();
        jobs.order_by(|a, b| (a.created(), a.name()).cmp(&(b.created(), b.name())));
        match self.sync_cron_job(ctx, cron, jobs) {
            Ok(again) => {
                self.queue.forget(&key);
                if let Some(at) = again {
                    self.queue.add_at(at, key);
                }
            }
            Err(_) => self.queue.add_rate_limited(ctx.now, key),
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// Whether it has ended, and how: `Complete` or `Failed`.
fn finished(job: &Object) -> Option<&'static str> {
    ["Complete", "Failed"].into_iter().find(|kind| conditions::is_true(&job["status"], kind))
}

impl CronJobController {
    /// Brings the status up to date and starts what is due. Gives when to look again. Mirrors syncCronJob.
    fn sync_cron_job(
        &mut self,
        ctx: &mut Context<'_>,
        cron: &Object,
        mut jobs: Vec<Object>,
    ) -> Result<Option<Time>, Status> {
        history::clean_up(ctx, cron, &mut jobs, &mut self.recorder);
        let mut status = cron["status"].clone();
        if status.is_null() {
            status = Value::object();
        }
        self.note_ended(ctx, cron, &jobs, &mut status);
        let again = match cron.is_terminating() || cron.at("spec.suspend").is_true() {
            true => None,
            false => self.start_due(ctx, cron, &jobs, &mut status)?,
        };
        write(ctx, cron, status)?;
        Ok(again)
    }

    /// Takes what has ended, or is no more, out of the list of active Jobs.
    fn note_ended(&mut self, ctx: &mut Context<'_>, cron: &Object, jobs: &[Object], status: &mut Value) {
        let mut active: Vec<Value> = status["active"].items().to_vec();
        for job in jobs {
            let known = active.iter().position(|a| a["uid"] == job.uid());
            match (finished(job), known) {
                (Some(how), Some(at)) => {
                    active.remove(at);
                    let message = format!("Saw completed job: {}, condition: {how}", job.name());
                    self.recorder.event(ctx, cron, EventType::Normal, "SawCompletedJob", &message);
                }
                (None, None) => {
                    // The cache may not know that it is known.
                    let fresh = ctx.get(&CRON_JOBS, cron.namespace(), cron.name()).unwrap_or_default();
                    let listed = fresh.at("status.active").items().iter().find(|a| a["uid"] == job.uid());
                    if let Some(listed) = listed {
                        active.push(listed.clone());
                        continue;
                    }
                    let message =
                        format!("Saw a job that the controller did not create or forgot: {}", job.name());
                    self.recorder.event(ctx, cron, EventType::Warning, "UnexpectedJob", &message);
                }
                _ => {}
            }
            let ended = &job["status"]["completionTime"];
            if finished(job) == Some("Complete")
                && time::parse(ended.str()) > time::parse(status["lastSuccessfulTime"].str())
            {
                status.set("lastSuccessfulTime", ended.clone());
            }
        }
        active.retain(|a| {
            let here = jobs.iter().any(|job| a["uid"] == job.uid());
            // The cache may not know a new Job yet.
            here || ctx.get(&JOBS, cron.namespace(), a["name"].str()).is_ok_and(|job| a["uid"] == job.uid())
        });
        set_active(status, active);
    }

    /// Starts a Job if one is due, and gives when the next one is.
    fn start_due(
        &mut self,
        ctx: &mut Context<'_>,
        cron: &Object,
        jobs: &[Object],
        status: &mut Value,
    ) -> Result<Option<Time>, Status> {
        let Ok(schedule) = Schedule::parse(cron.at("spec.schedule").str()) else { return Ok(None) };
        let next = schedule.next(ctx.now).map(|at| at + DELTA);
        let (due, missed) = most_recent(cron, &schedule, status, ctx.now);
        if missed > MANY_MISSED {
            let message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
            self.recorder.event(ctx, cron, EventType::Warning, "TooManyMissedTimes", message);
        }
        let Some(due) = due else { return Ok(next) };
        let deadline = cron.at("spec.startingDeadlineSeconds").as_i64();
        if deadline.is_some_and(|s| due + Duration::from_secs(s.max(0) as u64) < ctx.now) {
            let when = time::format_rfc1123z(due);
            let message = format!("Missed scheduled time to start a job: {when}");
            self.recorder.event(ctx, cron, EventType::Warning, "MissSchedule", &message);
            return Ok(next);
        }
        let name = job_name(cron, due);
        if status["active"].items().iter().any(|a| a["name"] == name.as_str()) {
            return Ok(next);
        }
        match cron.at("spec.concurrencyPolicy").str() {
            "Forbid" if !status["active"].is_empty() => {
                let message =
                    "Not starting job because prior execution is running and concurrency policy is Forbid";
                self.recorder.event(ctx, cron, EventType::Normal, "JobAlreadyActive", message);
                return Ok(next);
            }
            "Replace" => {
                let active = status["active"].items().to_vec();
                for job in jobs.iter().filter(|j| active.iter().any(|a| a["uid"] == j.uid())) {
                    history::delete(ctx, cron, job, &mut self.recorder)?;
                }
                set_active(status, Vec::new());
            }
            _ => {}
        }
        self.start(ctx, cron, &name, due, status)?;
        Ok(next)
    }

    fn start(
        &mut self,
        ctx: &mut Context<'_>,
        cron: &Object,
        name: &str,
        due: Time,
        status: &mut Value,
    ) -> Result<(), Status> {
        decide(ctx, cron, format!("{} was due at {}", cron.name(), time::format(due)));
        let job = match ctx.create(&JOBS, template(cron, name, due)) {
            Ok(job) => job,
            Err(error) if crate::is_namespace_terminating(&error) => return Ok(()),
            // It was made before the status could be written.
            Err(error) if error.is_already_exists() => {
                let job = ctx.get(&JOBS, cron.namespace(), name)?;
                if job.controller().is_none_or(|o| o.uid() != cron.uid()) {
                    return Err(error);
                }
                job
            }
            Err(error) => {
                let message = format!("Error creating job: {}", error.message());
                self.recorder.event(ctx, cron, EventType::Warning, "FailedCreate", &message);
                return Err(error);
            }
        };
        let message = format!("Created job {name}");
        self.recorder.event(ctx, cron, EventType::Normal, "SuccessfulCreate", &message);
        let mut active = status["active"].items().to_vec();
        active.push(json!({
            "kind": "Job", "apiVersion": "batch/v1", "namespace": job.namespace(), "name": name, "uid": job.uid(),
            "resourceVersion": job.resource_version(),
        }));
        set_active(status, active);
        status.set("lastScheduleTime", time::format(due));
        Ok(())
    }
}

/// An empty list is not written.
fn set_active(status: &mut Value, active: Vec<Value>) {
    match active.is_empty() {
        true => drop(status.remove("active")),
        false => status.set("active", active),
    }
}

/// The name of the Job of a time: there can be but one. Mirrors getJobName.
fn job_name(cron: &Object, due: Time) -> String {
    format!("{}-{}", cron.name(), due.as_secs() / 60)
}

/// Mirrors getJobFromTemplate2.
fn template(cron: &Object, name: &str, due: Time) -> Value {
    let template = cron.at("spec.jobTemplate");
    let mut annotations = template["metadata"]["annotations"].clone();
    annotations.set(SCHEDULED, time::format(due));
    let mut metadata = json!({
        "name": name, "namespace": cron.namespace(), "annotations": annotations,
        "ownerReferences": [cron.controller_ref()],
    });
    if !template["metadata"]["labels"].is_empty() {
        metadata.set("labels", &template["metadata"]["labels"]);
    }
    json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": &template["spec"]})
}

/// The last time at which a Job should have been started and was not, and how many there were, counted no further than
/// anybody wants to know. Mirrors mostRecentScheduleTime.
fn most_recent(cron: &Object, schedule: &Schedule, status: &Value, now: Time) -> (Option<Time>, usize) {
    let last = time::parse(status["lastScheduleTime"].str());
    let mut at = last.or(cron.created()).unwrap_or(now);
    if let Some(seconds) = cron.at("spec.startingDeadlineSeconds").as_i64() {
        let earliest = now.as_secs().saturating_sub(seconds.max(0) as u64);
        at = at.max(Time::from_secs(earliest));
    }
    let (mut due, mut missed) = (None, 0);
    while let Some(next) = schedule.next(at).filter(|next| *next <= now) {
        (due, at) = (Some(next), next);
        missed += 1;
        if missed > MANY_MISSED {
            // Not one by one through what may be years: from here on only the latest counts.
            at = at.max(Time::from_secs(now.as_secs().saturating_sub(now.since(next).as_secs() / 2)));
        }
    }
    (due, missed)
}

fn write(ctx: &mut Context<'_>, cron: &Object, status: Value) -> Result<(), Status> {
    if status == cron["status"] {
        return Ok(());
    }
    let mut updated = cron.clone();
    updated.set("status", status);
    match ctx.update_status(&CRON_JOBS, updated) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
