//! What the controllers of EndpointSlices and of Endpoints have in common: which Services are to be looked at again, and
//! which pods belong to one.

use super::membership;
use super::trigger::TriggerTimes;
use crate::Cache;
use apimachinery::{Object, Resource};
use client::{Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes: the queue, the worker, the computation.
const REACTION: Duration = Duration::from_millis(10);
/// How often a sync that fails is tried again before the next change. Mirrors maxRetries.
const MAX_RETRIES: u32 = 15;

/// The Services that are to be looked at.
#[derive(Clone, Default)]
pub struct Services {
    queue: WorkQueue,
    /// When what changed them happened.
    triggers: TriggerTimes,
}

/// A Service with its pods.
pub struct Members<'a> {
    /// The Service.
    pub service: &'a Object,
    /// The pods that its selector matches.
    pub pods: Vec<&'a Object>,
}

impl Services {
    /// Looks at a Service soon.
    pub fn add(&mut self, now: Time, key: String) {
        self.queue.add_at(now + REACTION, key);
    }

    /// Takes notice of a change of a Service or of a pod; ignores others.
    pub fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        if *resource == api::service::RESOURCE {
            self.add(now, delta.object().key());
        } else if *resource == api::pod::RESOURCE {
            for key in membership::services_of_change(cache, delta) {
                self.add(now, key);
            }
        }
    }

    /// When the next Service is due.
    pub fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    /// The next Service that is due, as a key.
    pub fn take(&mut self, now: Time) -> Option<String> {
        self.queue.take(now)
    }

    /// A Service was looked at; if that failed, it is looked at again some times.
    pub fn done(&mut self, now: Time, key: String, failed: bool) {
        if failed && self.queue.requeues(&key) < MAX_RETRIES {
            self.queue.add_rate_limited(now, key);
        } else {
            self.queue.forget(&key);
        }
    }

    /// A Service that is no more.
    pub fn forget(&mut self, key: &str) {
        self.triggers.forget(key);
    }

    /// The pods of a Service; `None` for one without a selector.
    pub fn members<'a>(service: &'a Object, cache: &'a Cache) -> Option<Members<'a>> {
        let selector = membership::selector(service)?;
        let pods = cache.pods().namespace(service.namespace());
        Some(Members { service, pods: pods.filter(|p| selector.matches(p.labels())).collect() })
    }

    /// When the change happened that is written now; see [`TriggerTimes::compute`].
    pub fn trigger(&mut self, key: &str, members: &Members<'_>) -> Option<Time> {
        self.triggers.compute(key, members.service, &members.pods)
    }
}
