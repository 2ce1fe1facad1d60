//! Lets a volume go when no claim has it any more. Mirrors pkg/controller/volume/pvprotection.

use crate::pvcprotection::release;
use crate::{Cache, Controller};
use api::persistentvolume::{PROTECTION, RESOURCE as VOLUMES};
use apimachinery::Resource;
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);

/// The PV protection controller.
#[derive(Clone, Default)]
pub struct PvProtectionController {
    queue: WorkQueue,
}

impl Controller for PvProtectionController {
    fn name(&self) -> &'static str {
        "pv-protection-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == VOLUMES && delta.new.as_ref().is_some_and(|volume| volume.is_terminating()) {
            self.queue.add_at(now + REACTION, delta.object().key());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(volume) = cache.of(&VOLUMES).get(&key).filter(|volume| volume.is_terminating()) else {
            return;
        };
        if volume.at("status.phase") == "Bound" {
            return;
        }
        match release(ctx, &VOLUMES, volume, PROTECTION) {
            Ok(()) => self.queue.forget(&key),
            Err(_) => self.queue.add_rate_limited(ctx.now, key),
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}
