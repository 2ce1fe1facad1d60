//! Whether a rollout gets on. Mirrors pkg/controller/deployment/progress.go.

use super::util::{self, set_condition};
use super::{DeploymentController, Sets};
use crate::conditions;
use apimachinery::{Object, Status, Value, time};
use client::Context;
use sim::Duration;

impl DeploymentController {
    /// Writes the status of a Deployment whose rollout is under way.
    pub(super) fn sync_rollout_status(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        sets: &Sets,
    ) -> Result<(), Status> {
        let mut new = util::calculate_status(&sets.all(), sets.new.as_ref(), d, ctx.now);
        match util::progress_deadline(d) {
            None => conditions::remove(&mut new, "Progressing"),
            Some(_) => estimate_progress(ctx, d, sets, &mut new),
        }
        match replica_failure(sets) {
            Some(failure) => set_condition(&mut new, failure),
            None => conditions::remove(&mut new, "ReplicaFailure"),
        }
        if new == d["status"] {
            self.requeue_stuck(d);
            return Ok(());
        }
        d.set("status", new);
        self.write_status(ctx, d)
    }

    /// Comes back when the deadline passes. Mirrors requeueStuckDeployment.
    fn requeue_stuck(&mut self, d: &Object) {
        let current = conditions::get(&d["status"], "Progressing");
        let (Some(deadline), Some(updated)) =
            (util::progress_deadline(d), time::parse(current["lastUpdateTime"].str()))
        else {
            return;
        };
        // A rollout that has ended, well or not, can no longer time out.
        let ended = ["ProgressDeadlineExceeded", "NewReplicaSetAvailable"].contains(&current["reason"].str());
        if ended || util::is_complete(d, &d["status"]) {
            return;
        }
        // A second more, as timestamps have whole seconds.
        self.queue.add_at(updated + deadline + Duration::from_secs(1), d.key());
    }
}

fn estimate_progress(ctx: &Context<'_>, d: &Object, sets: &Sets, new: &mut Value) {
    let current = conditions::get(&d["status"], "Progressing");
    let was_complete = new["replicas"].int() == new["updatedReplicas"].int()
        && current["reason"] == "NewReplicaSetAvailable";
    if was_complete {
        return;
    }
    let what = match &sets.new {
        Some(rs) => format!("ReplicaSet {:?}", rs.name()),
        None => format!("Deployment {:?}", d.name()),
    };
    let progressing = |status, reason, end: &str| {
        util::condition(ctx.now, "Progressing", status, reason, &format!("{what} {end}"))
    };
    if util::is_complete(d, new) {
        set_condition(new, progressing("True", "NewReplicaSetAvailable", "has successfully progressed."));
    } else if util::is_progressing(d, new) {
        let mut condition = progressing("True", "ReplicaSetUpdated", "is progressing.");
        if current["status"] == "True" {
            condition.set("lastTransitionTime", &current["lastTransitionTime"]);
        }
        // Replaced even if nothing but the time of the update is another: the deadline counts from there.
        conditions::put(new, condition);
    } else if util::has_timed_out(d, new, ctx.now) {
        set_condition(new, progressing("False", "ProgressDeadlineExceeded", "has timed out progressing."));
    }
}

/// The condition ReplicaFailure of a ReplicaSet, of the new one if it has one. Mirrors getReplicaFailures.
fn replica_failure(sets: &Sets) -> Option<Value> {
    let failures =
        sets.new.iter().chain(&sets.old).map(|rs| conditions::get(&rs["status"], "ReplicaFailure"));
    let mut failure = failures.into_iter().find(|c| !c.is_null())?.clone();
    let since = failure["lastTransitionTime"].clone();
    failure.set("lastUpdateTime", since);
    Some(failure)
}
