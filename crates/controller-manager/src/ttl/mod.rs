//! Tells kubelets for how long they may keep Secrets and ConfigMaps, by the size of the cluster. Mirrors
//! pkg/controller/ttl.

use crate::{Cache, Controller};
use apimachinery::{Resource, json};
use client::{Context, Delta, WorkQueue};
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(5);
const NODES: Resource = api::node::RESOURCE;
const ANNOTATION: &str = "node.alpha.kubernetes.io/ttl";
/// From how many nodes on how many seconds.
const BOUNDARIES: [(usize, &str); 5] = [(2000, "300"), (1000, "60"), (500, "30"), (100, "15"), (0, "0")];

/// The TTL controller.
#[derive(Clone, Default)]
pub struct TtlController {
    queue: WorkQueue,
}

impl Controller for TtlController {
    fn name(&self) -> &'static str {
        "ttl-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == NODES {
            self.queue.add_at(now + REACTION, delta.object().key());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let size = cache.nodes().len();
        let seconds = BOUNDARIES.iter().find(|(from, _)| size > *from).map_or("0", |(_, seconds)| seconds);
        if let Some(key) = self.queue.take(ctx.now) {
            let Some(node) = cache.nodes().get(&key) else { return };
            if node.annotation(ANNOTATION) == Some(seconds) {
                return;
            }
            let patch = json!({"metadata": {"annotations": {(ANNOTATION): seconds}}});
            match ctx.patch(&NODES, "", node.name(), "", patch) {
                Err(error) if !error.is_not_found() => self.queue.add_rate_limited(ctx.now, key),
                _ => self.queue.forget(&key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}
