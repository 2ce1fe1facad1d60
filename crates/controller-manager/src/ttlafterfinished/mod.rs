//! Deletes Jobs a while after they have ended. Mirrors pkg/controller/ttlafterfinished.

use crate::{Cache, Controller, conditions};
use apimachinery::{Object, Resource, json, time};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(5);
const JOBS: Resource = api::job::RESOURCE;

/// The TTL-after-finished controller.
#[derive(Clone, Default)]
pub struct TtlAfterFinishedController {
    queue: WorkQueue,
}

/// When a Job is to go, if ever.
fn expires(job: &Object) -> Option<Time> {
    let seconds = job.at("spec.ttlSecondsAfterFinished").as_i64()?;
    let ended = ["Complete", "Failed"].into_iter().map(|kind| conditions::get(&job["status"], kind));
    let ended = ended.into_iter().find(|c| c["status"] == "True")?;
    Some(time::parse(ended["lastTransitionTime"].str())? + Duration::from_secs(seconds.max(0) as u64))
}

impl Controller for TtlAfterFinishedController {
    fn name(&self) -> &'static str {
        "ttl-after-finished-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == JOBS
            && let Some(job) = &delta.new
            && let Some(at) = expires(job)
        {
            self.queue.add_at(at.max(now + REACTION), job.key());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(job) = cache.of(&JOBS).get(&key).filter(|job| !job.is_terminating()) else { return };
        match expires(job) {
            Some(at) if at > ctx.now => self.queue.add_at(at, key),
            None => {}
            Some(_) => {
                let options = json!({"propagationPolicy": "Foreground", "preconditions": {"uid": job.uid()}});
                match ctx.delete(&JOBS, job.namespace(), job.name(), options) {
                    Err(error) if !error.is_not_found() => self.queue.add_rate_limited(ctx.now, key),
                    _ => self.queue.forget(&key),
                }
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}
