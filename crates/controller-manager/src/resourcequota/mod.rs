//! What quotas are used up by. New objects are counted by the API server; this counts what has gone, and all anew from
//! time to time. Mirrors pkg/controller/resourcequota.

use crate::{Cache, Controller, podutil};
use api::resourcequota::{covers, matches, usage};
use apimachinery::{Object, Quantity, Resource, Status, Value};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(15);
/// How often all is counted anew. Mirrors ResourceQuotaSyncPeriod.
const RESYNC: Duration = Duration::from_secs(300);

const QUOTAS: Resource = api::resourcequota::RESOURCE;

/// The resource quota controller.
#[derive(Clone, Default)]
pub struct ResourceQuotaController {
    queue: WorkQueue,
}

impl Controller for ResourceQuotaController {
    fn name(&self) -> &'static str {
        "resourcequota-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        let object = delta.object();
        if *resource == QUOTAS {
            // Its own status comes back and is no news.
            let spec = |quota: &Option<Object>| quota.as_ref().map(|q| q["spec"].clone());
            if spec(&delta.new) != spec(&delta.old) {
                self.queue.add_at(now + REACTION, object.key());
            }
        }
        if cache.of(&QUOTAS).is_empty() || !frees(resource, delta) {
            return;
        }
        for quota in cache.of(&QUOTAS).namespace(object.namespace()) {
            if quota.at("spec.hard").fields().any(|(name, _)| matches(name, resource)) {
                self.queue.add_at(now + REACTION, quota.key());
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let Some(key) = self.queue.take(ctx.now) else { return };
        let Some(quota) = cache.of(&QUOTAS).get(&key) else { return };
        match recount(ctx, cache, quota) {
            Ok(()) => {
                self.queue.forget(&key);
                self.queue.add_at(ctx.now + RESYNC, key);
            }
            Err(_) => self.queue.add_rate_limited(ctx.now, key),
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// Whether a change gives something back: an object is gone, a pod has ended, a Service is smaller.
fn frees(resource: &Resource, delta: &Delta) -> bool {
    let (Some(new), Some(old)) = (&delta.new, &delta.old) else { return delta.new.is_none() };
    match resource.plural {
        "pods" => podutil::is_terminal(new) && !podutil::is_terminal(old),
        "services" => new["spec"]["type"] != old["spec"]["type"],
        _ => false,
    }
}

/// Mirrors syncResourceQuota and CalculateUsage.
fn recount(ctx: &mut Context<'_>, cache: &Cache, quota: &Object) -> Result<(), Status> {
    let hard = quota.at("spec.hard");
    let mut used = Value::object();
    for (name, _) in hard.fields() {
        used.set(name, count(cache, quota, name, ctx.now).to_string());
    }
    let mut status = Value::object();
    if !hard.is_empty() {
        status.set("hard", hard.clone());
        status.set("used", used);
    }
    if status == quota["status"] {
        return Ok(());
    }
    let mut updated = quota.clone();
    updated.set("status", status);
    match ctx.update_status(&QUOTAS, updated) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// What the objects of a namespace take of one resource.
fn count(cache: &Cache, quota: &Object, name: &str, now: Time) -> Quantity {
    let mut sum = Quantity::ZERO;
    for informer in cache.all().iter().filter(|i| matches(name, i.resource())) {
        let resource = informer.resource();
        for object in informer.namespace(quota.namespace()).filter(|o| covers(quota, resource, o)) {
            if let Some(amount) = usage(resource, object, now).get(name) {
                sum = sum + *amount;
            }
        }
    }
    sum
}
