//! Mirrors pkg/controller/deployment/rolling.go.

use super::util::{self, replicas, status};
use super::{DeploymentController, Sets};
use apimachinery::{Object, Status};
use client::Context;

impl DeploymentController {
    /// Rolls a Deployment to its template, step by step.
    pub(super) fn rollout_rolling(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        owned: &[Object],
    ) -> Result<(), Status> {
        let mut sets = self.all_replica_sets(ctx, d, owned, true)?;
        // Scale up, if we can. Scale down, if we can.
        let moved = self.reconcile_new(ctx, d, &mut sets)? || self.reconcile_old(ctx, d, &mut sets)?;
        if !moved && util::is_complete(d, &d["status"]) {
            self.cleanup(ctx, d, &sets)?;
        }
        self.sync_rollout_status(ctx, d, &sets)
    }

    fn reconcile_new(&mut self, ctx: &mut Context<'_>, d: &Object, sets: &mut Sets) -> Result<bool, Status> {
        let all = sets.all();
        let Some(new) = &mut sets.new else { return Ok(false) };
        let wanted = match replicas(new).cmp(&replicas(d)) {
            std::cmp::Ordering::Equal => return Ok(false),
            std::cmp::Ordering::Greater => replicas(d),
            std::cmp::Ordering::Less => util::new_rs_replicas(d, &all, new),
        };
        self.scale_and_record(ctx, d, new, wanted)
    }

    /// Takes from the old ReplicaSets what availability allows: first what is not healthy anyway.
    fn reconcile_old(&mut self, ctx: &mut Context<'_>, d: &Object, sets: &mut Sets) -> Result<bool, Status> {
        let mut old = util::active(&sets.old);
        if old.is_empty() {
            return Ok(false);
        }
        let new_unavailable =
            sets.new.as_ref().map_or(0, |rs| replicas(rs) - status(rs, "availableReplicas"));
        let min_available = replicas(d) - util::max_unavailable(d);
        let max_scaled_down = util::total_replicas(&sets.all()) - min_available - new_unavailable;
        if max_scaled_down <= 0 {
            return Ok(false);
        }
        util::sort_by_creation(&mut old);
        let Some(cleaned) = self.clean_up_unhealthy(ctx, d, &mut old, max_scaled_down)? else {
            return Ok(false);
        };
        let scaled = self.scale_down_old(ctx, d, &mut old, sets.new.as_ref())?;
        for rs in old {
            if let Some(known) = sets.old.iter_mut().find(|known| known.uid() == rs.uid()) {
                *known = rs;
            }
        }
        Ok(cleaned + scaled > 0)
    }

    /// How many it took away; `None` when a status is older than the last scaling: more pods would count as available
    /// than are wanted, and nothing can be decided yet.
    fn clean_up_unhealthy(
        &mut self,
        ctx: &mut Context<'_>,
        d: &Object,
        old: &mut [Object],
        max: i64,
    ) -> Result<Option<i64>, Status> {
        let mut total = 0;
        for rs in old {
            let unhealthy = replicas(rs) - status(rs, "availableReplicas");
            let count = unhealthy.min(max - total);
            if unhealthy < 0 && total < max && replicas(rs) > 0 {
                return Ok(None);
            }
            if count > 0 {
                let wanted = replicas(rs) - count;
                self.scale_and_record(ctx, d, rs, wanted)?;
                total += count;
            }
        }
        Ok(Some(total))
    }

    fn scale_down_old(
        &mut self,
        ctx: &mut Context<'_>,
        d: &Object,
        old: &mut [Object],
        new: Option<&Object>,
    ) -> Result<i64, Status> {
        let available = util::total_status(old, "availableReplicas")
            + new.map_or(0, |rs| status(rs, "availableReplicas"));
        let spare = available - (replicas(d) - util::max_unavailable(d));
        let mut total = 0;
        for rs in old {
            let count = replicas(rs).min(spare - total);
            if count > 0 {
                let wanted = replicas(rs) - count;
                self.scale_and_record(ctx, d, rs, wanted)?;
                total += count;
            }
        }
        Ok(total)
    }
}
