//! The service account `default` in every namespace. Mirrors pkg/controller/serviceaccount.

use crate::{Cache, Controller};
use apimachinery::{Resource, Status, json};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(5);
const SERVICE_ACCOUNTS: Resource = api::serviceaccount::RESOURCE;
const NAME: &str = "default";

/// The service account controller. Its queue holds names of namespaces.
#[derive(Clone, Default)]
pub struct ServiceAccountController {
    queue: WorkQueue,
}

impl Controller for ServiceAccountController {
    fn name(&self) -> &'static str {
        "service-account-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == api::namespace::RESOURCE {
            self.queue.add_at(now + REACTION, delta.object().name());
        } else if *resource == SERVICE_ACCOUNTS && delta.new.is_none() {
            self.queue.add_at(now + REACTION, delta.object().namespace());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(namespace) = self.queue.take(ctx.now) {
            match ensure(ctx, cache, &namespace) {
                Ok(()) => self.queue.forget(&namespace),
                Err(_) => self.queue.add_rate_limited(ctx.now, namespace),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

fn ensure(ctx: &mut Context<'_>, cache: &Cache, namespace: &str) -> Result<(), Status> {
    let active = cache.of(&api::namespace::RESOURCE).get(namespace).is_some_and(|n| !n.is_terminating());
    if !active || cache.of(&SERVICE_ACCOUNTS).get(&format!("{namespace}/{NAME}")).is_some() {
        return Ok(());
    }
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": namespace},
    });
    crate::unless_terminating(ctx.create(&SERVICE_ACCOUNTS, account))
}
