//! Lets a claim go when no pod has it any more. Mirrors pkg/controller/volume/pvcprotection.

use crate::persistentvolume::claims_of;
use crate::{Cache, Controller, podutil};
use api::persistentvolumeclaim::{PROTECTION, RESOURCE as CLAIMS};
use apimachinery::{Object, Resource, json};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);

/// The PVC protection controller.
#[derive(Clone, Default)]
pub struct PvcProtectionController {
    queue: WorkQueue,
}

impl Controller for PvcProtectionController {
    fn name(&self) -> &'static str {
        "pvc-protection-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        let object = delta.object();
        if *resource == CLAIMS && object.is_terminating() {
            self.queue.add_at(now + REACTION, object.key());
        } else if *resource == api::pod::RESOURCE
            && !cache.of(&CLAIMS).is_empty()
            && delta.new.as_ref().is_none_or(podutil::is_terminal)
        {
            for name in claims_of(object) {
                self.queue.add_at(now + REACTION, format!("{}/{name}", object.namespace()));
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(claim) = cache.of(&CLAIMS).get(&key).filter(|claim| claim.is_terminating()) else { return };
        let uses =
            |pod: &&Object| !podutil::is_terminal(pod) && claims_of(pod).any(|name| name == claim.name());
        if cache.pods().namespace(claim.namespace()).any(|pod| uses(&pod)) {
            return;
        }
        match release(ctx, &CLAIMS, claim, PROTECTION) {
            Ok(()) => self.queue.forget(&key),
            Err(_) => self.queue.add_rate_limited(ctx.now, key),
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// Takes a finalizer off an object.
pub(crate) fn release(
    ctx: &mut Context<'_>,
    resource: &Resource,
    object: &Object,
    finalizer: &str,
) -> Result<(), apimachinery::Status> {
    let kept = object.meta("finalizers").items().iter().filter(|f| **f != finalizer).cloned();
    let finalizers: Vec<_> = kept.collect();
    if finalizers.len() == object.meta("finalizers").items().len() {
        return Ok(());
    }
    let patch = json!({"metadata": {
        "uid": object.uid(), "resourceVersion": object.resource_version(), "finalizers": finalizers,
    }});
    match ctx.merge_patch(resource, object.namespace(), object.name(), "", patch) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
