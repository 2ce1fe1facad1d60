//! The component: when the scheduler runs and what it remembers.

use crate::cache::Cache;
use crate::events::Recorder;
use crate::framework::Listers;
use crate::queue::Queue;
use client::{Component, Context, Informer};
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// How long one pod takes, from the head of the queue to its node.
const CYCLE: Duration = Duration::from_millis(10);

/// kube-scheduler, in the default profile: pods whose `schedulerName` is `default-scheduler` (or empty).
#[derive(Clone, Debug)]
pub struct Scheduler {
    pub(crate) pods: Informer,
    pub(crate) nodes: Informer,
    pub(crate) listers: Listers,
    pub(crate) cache: Cache,
    pub(crate) queue: Queue,
    /// Pods that were bound and have not been seen on their nodes yet: key to uid.
    pub(crate) assumed: BTreeMap<String, String>,
    pub(crate) recorder: Recorder,
    /// Where the search for nodes begins next time, so that all have the same chance.
    pub(crate) next_start: usize,
    /// When the pod at the head of the queue is decided.
    due: Option<Time>,
}

impl Default for Scheduler {
    fn default() -> Scheduler {
        Scheduler {
            pods: Informer::new(api::pod::RESOURCE),
            nodes: Informer::new(api::node::RESOURCE),
            listers: Listers {
                services: Informer::new(api::service::RESOURCE),
                replicasets: Informer::new(api::replicaset::RESOURCE),
                namespaces: Informer::new(api::namespace::RESOURCE),
                claims: None,
            },
            cache: Cache::default(),
            queue: Queue::default(),
            assumed: BTreeMap::new(),
            recorder: Recorder::default(),
            next_start: 0,
            due: None,
        }
    }
}

impl Component for Scheduler {
    fn watches(&self) -> &'static [&'static str] {
        &["pods", "nodes", "persistentvolumeclaims"]
    }

    fn wake(&self) -> Option<Time> {
        self.due.into_iter().chain(self.queue.wake()).min()
    }

    fn run(&mut self, ctx: &mut Context<'_>) {
        self.sync(ctx);
        self.queue.flush(ctx.now);
        if self.due.is_some_and(|due| due <= ctx.now) {
            self.due = None;
            self.schedule_one(ctx);
        }
        if self.due.is_none() && self.queue.has_next() {
            self.due = Some(ctx.now + CYCLE);
        }
    }
}
