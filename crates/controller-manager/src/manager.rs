use crate::Cache;
use crate::cache::watched;
use apimachinery::Resource;
use client::{Component, Context, Delta};
use sim::Time;
use std::sync::OnceLock;

/// How many syncs one run may take. More would be a defect: a key that is put back at once again and again. Whoever runs
/// the manager then finds that it wants to run at the same moment for ever, and can say so.
const MAX_SYNCS: usize = 100_000;

/// One control loop.
///
/// It hears of changes ([`Controller::changed`]) and puts keys into its queue; [`Controller::sync`] does what is due.
pub trait Controller {
    /// What it is called in requests and signals: `deployment-controller`.
    fn name(&self) -> &'static str;
    /// An object of some resource was added, changed or removed; the cache is up to date with it.
    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache);
    /// When it wants to sync next.
    fn wake(&self) -> Option<Time>;
    /// Syncs one key that is due at `ctx.now`, or does what else is due.
    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache);
    /// A copy: all of it is plain data.
    fn boxed(&self) -> Box<dyn Controller>;
}

impl Clone for Box<dyn Controller> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// kube-controller-manager: shared informers and every controller.
#[derive(Clone)]
pub struct ControllerManager {
    cache: Cache,
    controllers: Vec<Box<dyn Controller>>,
}

impl Default for ControllerManager {
    fn default() -> Self {
        ControllerManager { cache: Cache::default(), controllers: crate::controllers() }
    }
}

impl Component for ControllerManager {
    fn watches(&self) -> &'static [&'static str] {
        static WAKING: OnceLock<Vec<&'static str>> = OnceLock::new();
        // Not leases: every node renews its own each ten seconds, and they are looked at every five anyway.
        let waking = || watched().map(|r| r.plural).filter(|plural| *plural != "leases").collect();
        WAKING.get_or_init(waking)
    }

    fn wake(&self) -> Option<Time> {
        self.controllers.iter().filter_map(|c| c.wake()).min()
    }

    fn run(&mut self, ctx: &mut Context<'_>) {
        let agent = ctx.agent;
        for (resource, delta) in self.cache.sync(ctx) {
            for controller in &mut self.controllers {
                controller.changed(ctx.now, &resource, &delta, &self.cache);
            }
        }
        let mut left = MAX_SYNCS;
        for controller in &mut self.controllers {
            ctx.agent = controller.name();
            while left > 0 && controller.wake().is_some_and(|at| at <= ctx.now) {
                controller.sync(ctx, &self.cache);
                left -= 1;
            }
        }
        ctx.agent = agent;
    }
}
