//! Mirrors pkg/controller/deployment/recreate.go.

use super::util::{self, replicas};
use super::{DeploymentController, Sets};
use crate::{Cache, podutil};
use apimachinery::{Object, Status};
use client::Context;

impl DeploymentController {
    /// Takes all old pods away, waits until they are gone, and then creates the new ones.
    pub(super) fn rollout_recreate(
        &mut self,
        ctx: &mut Context<'_>,
        cache: &Cache,
        d: &mut Object,
        owned: &[Object],
    ) -> Result<(), Status> {
        let mut sets = self.all_replica_sets(ctx, d, owned, false)?;
        let mut scaled_down = false;
        for rs in sets.old.iter_mut().filter(|rs| replicas(rs) > 0) {
            scaled_down |= self.scale_and_record(ctx, d, rs, 0)?;
        }
        if scaled_down || old_pods_running(cache, &sets) {
            return self.sync_rollout_status(ctx, d, &sets);
        }
        if sets.new.is_none() {
            sets = self.all_replica_sets(ctx, d, owned, true)?;
        }
        if let Some(new) = &mut sets.new {
            self.scale_and_record(ctx, d, new, replicas(d))?;
        }
        if util::is_complete(d, &d["status"]) {
            self.cleanup(ctx, d, &sets)?;
        }
        self.sync_rollout_status(ctx, d, &sets)
    }
}

/// Whether a pod of an old template is there that has not ended, be it on its way out. Mirrors oldPodsRunning.
fn old_pods_running(cache: &Cache, sets: &Sets) -> bool {
    util::total_status(&sets.old, "replicas") > 0
        || sets.old.iter().any(|rs| cache.pods().owned_by(rs.uid()).any(|pod| !podutil::is_terminal(pod)))
}
