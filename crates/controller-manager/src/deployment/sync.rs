//! Mirrors pkg/controller/deployment/sync.go.

use super::util::{self, replicas, set_condition, status};
use super::{DEPLOYMENTS, DeploymentController, REPLICA_SETS, Sets};
use crate::conditions;
use apimachinery::{Object, Status, Value, json};
use client::{Context, EventType};
use sim::Order;

impl DeploymentController {
    /// Scales, and writes the status: for a Deployment that is paused, or whose size has changed.
    pub(super) fn sync_scale(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        owned: &[Object],
    ) -> Result<(), Status> {
        let mut sets = self.all_replica_sets(ctx, d, owned, false)?;
        self.scale(ctx, d, &mut sets)?;
        if d.at("spec.paused").is_true() {
            self.cleanup(ctx, d, &sets)?;
        }
        self.sync_status(ctx, d, &sets)
    }

    /// Writes the status and nothing else: for a Deployment that is on its way out.
    pub(super) fn sync_status_only(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        owned: &[Object],
    ) -> Result<(), Status> {
        let sets = self.all_replica_sets(ctx, d, owned, false)?;
        self.sync_status(ctx, d, &sets)
    }

    fn sync_status(&mut self, ctx: &mut Context<'_>, d: &mut Object, sets: &Sets) -> Result<(), Status> {
        let new = util::calculate_status(&sets.all(), sets.new.as_ref(), d, ctx.now);
        if new == d["status"] {
            return Ok(());
        }
        d.set("status", new);
        self.write_status(ctx, d)
    }

    /// Says in the conditions that a Deployment was paused or resumed, so that the time in between does not count as lack
    /// of progress.
    pub(super) fn check_paused(&mut self, ctx: &mut Context<'_>, d: &mut Object) -> Result<(), Status> {
        let reason = conditions::get(&d["status"], "Progressing")["reason"].str();
        let (paused, said) = (d.at("spec.paused").is_true(), reason == "DeploymentPaused");
        if util::progress_deadline(d).is_none() || reason == "ProgressDeadlineExceeded" || paused == said {
            return Ok(());
        }
        let (reason, message) = match paused {
            true => ("DeploymentPaused", "Deployment is paused"),
            false => ("DeploymentResumed", "Deployment is resumed"),
        };
        let condition = util::condition(ctx.now, "Progressing", "Unknown", reason, message);
        set_condition(d.field_mut("status"), condition);
        self.write_status(ctx, d)
    }

    /// The new ReplicaSet (made if there is none and `create` says so) and the old ones, revisions brought up to date.
    /// Mirrors getAllReplicaSetsAndSyncRevision.
    pub(super) fn all_replica_sets(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        owned: &[Object],
        create: bool,
    ) -> Result<Sets, Status> {
        let new = util::find_new(d, owned);
        let is_new = |rs: &Object| new.as_ref().is_some_and(|new| new.uid() == rs.uid());
        let old: Vec<Object> = owned.iter().filter(|rs| !is_new(rs)).cloned().collect();
        let revision = old.iter().map(util::revision).max().unwrap_or_default() + 1;
        let new = match new {
            Some(new) => Some(self.update_new(ctx, d, new, revision)?),
            None if create => Some(self.create_new(ctx, d, &old, revision)?),
            None => None,
        };
        Ok(Sets { new, old })
    }

    fn update_new(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        mut rs: Object,
        revision: i64,
    ) -> Result<Object, Status> {
        let annotated = util::set_new_annotations(d, &mut rs, revision, true);
        let min_ready = d.at("spec.minReadySeconds").int();
        if annotated || rs.at("spec.minReadySeconds").int() != min_ready {
            match min_ready {
                0 => drop(rs.0.remove_at("spec.minReadySeconds")),
                seconds => rs.0.set_at("spec.minReadySeconds", seconds),
            }
            return ctx.update(&REPLICA_SETS, rs);
        }
        let own = rs.annotation(util::REVISION).unwrap_or_default();
        let mut write = util::annotate(d, util::REVISION, own);
        if util::progress_deadline(d).is_some() && conditions::get(&d["status"], "Progressing").is_null() {
            let message = format!("Found new replica set {:?}", rs.name());
            let found = util::condition(ctx.now, "Progressing", "True", "FoundNewReplicaSet", &message);
            set_condition(d.field_mut("status"), found);
            write = true;
        }
        if write {
            self.write_status(ctx, d)?;
        }
        Ok(rs)
    }

    fn create_new(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        old: &[Object],
        revision: i64,
    ) -> Result<Object, Status> {
        let mut rs = new_replica_set(d);
        let mut all = old.to_vec();
        all.push(rs.clone());
        let wanted = util::new_rs_replicas(d, &all, &rs);
        rs.0.set_at("spec.replicas", wanted);
        util::set_new_annotations(d, &mut rs, revision, false);
        let name = rs.name().to_string();
        let (created, existed) = match ctx.create(&REPLICA_SETS, rs) {
            Ok(rs) => (rs, false),
            Err(error) if error.is_already_exists() => (self.collided(ctx, d, &name, error)?, true),
            Err(error) => {
                self.creation_failed(ctx, d, &name, &error);
                return Err(error);
            }
        };
        let mut write = util::annotate(d, util::REVISION, &revision.to_string());
        if !existed {
            if wanted > 0 {
                let message = format!("Scaled up replica set {name} from 0 to {wanted}");
                self.say(ctx, d, EventType::Normal, "ScalingReplicaSet", message);
            }
            if util::progress_deadline(d).is_some() {
                let message = format!("Created new replica set {name:?}");
                let new = util::condition(ctx.now, "Progressing", "True", "NewReplicaSetCreated", &message);
                set_condition(d.field_mut("status"), new);
                write = true;
            }
        }
        if write {
            self.write_status(ctx, d)?;
        }
        Ok(created)
    }

    /// The ReplicaSet that has the name of the new one, if it is that; else the hash gets another ending.
    fn collided(
        &mut self,
        ctx: &mut Context<'_>,
        d: &mut Object,
        name: &str,
        error: Status,
    ) -> Result<Object, Status> {
        let there = ctx.get(&REPLICA_SETS, d.namespace(), name)?;
        let is_ours = there.controller().is_some_and(|o| o.uid() == d.uid());
        if is_ours && util::same_template(d.at("spec.template"), there.at("spec.template")) {
            return Ok(there);
        }
        let count = status(d, "collisionCount") + 1;
        d.0.set_at("status.collisionCount", count);
        self.write_status(ctx, d)?;
        Err(error)
    }

    fn creation_failed(&mut self, ctx: &mut Context<'_>, d: &mut Object, name: &str, error: &Status) {
        if crate::is_namespace_terminating(error) {
            return;
        }
        let reason = "ReplicaSetCreateError";
        let message = format!("Failed to create new replica set {name:?}: {}", error.message());
        if util::progress_deadline(d).is_some() {
            let failed = util::condition(ctx.now, "Progressing", "False", reason, &message);
            set_condition(d.field_mut("status"), failed);
            // The creation is tried again anyway, and then the status is written again.
            drop(self.write_status(ctx, d));
        }
        self.say(ctx, d, EventType::Warning, reason, message);
    }

    /// Brings the ReplicaSets to the Deployment's size; in the middle of a rollout, each in proportion.
    fn scale(&mut self, ctx: &mut Context<'_>, d: &Object, sets: &mut Sets) -> Result<(), Status> {
        let wanted = replicas(d);
        let all = sets.all();
        let active = util::active(&all);
        if active.len() <= 1 {
            let mut newest_old = sets.old.clone();
            util::sort_by_creation(&mut newest_old);
            let only = active.first().or(sets.new.as_ref()).or(newest_old.last()).cloned();
            return match only {
                Some(mut rs) => self.scale_and_record(ctx, d, &mut rs, wanted).map(|_| sets.put(rs)),
                None => Ok(()),
            };
        }
        if util::is_saturated(d, sets.new.as_ref()) {
            for rs in sets.old.iter_mut().filter(|rs| replicas(rs) > 0) {
                self.scale_and_record(ctx, d, rs, 0)?;
            }
            return Ok(());
        }
        if !util::is_rolling(d) {
            return Ok(());
        }
        for (mut rs, size) in proportional_sizes(d, active) {
            self.scale_replica_set(ctx, d, &mut rs, size)?;
            sets.put(rs);
        }
        Ok(())
    }

    /// Gives a ReplicaSet another size, if it is another, and says so. Says whether it did.
    pub(super) fn scale_and_record(
        &mut self,
        ctx: &mut Context<'_>,
        d: &Object,
        rs: &mut Object,
        size: i64,
    ) -> Result<bool, Status> {
        if replicas(rs) == size { Ok(false) } else { self.scale_replica_set(ctx, d, rs, size) }
    }

    fn scale_replica_set(
        &mut self,
        ctx: &mut Context<'_>,
        d: &Object,
        rs: &mut Object,
        size: i64,
    ) -> Result<bool, Status> {
        let before = replicas(rs);
        let mut scaled = rs.clone();
        let annotated = util::set_size_annotations(&mut scaled, d);
        if !annotated && before == size {
            return Ok(false);
        }
        scaled.0.set_at("spec.replicas", size);
        *rs = ctx.update(&REPLICA_SETS, scaled)?;
        if before != size {
            let way = if before > size { "down" } else { "up" };
            let message = format!("Scaled {way} replica set {} from {before} to {size}", rs.name());
            self.say(ctx, d, EventType::Normal, "ScalingReplicaSet", message);
        }
        Ok(before != size)
    }

    /// Deletes old ReplicaSets beyond the limit of the history, those of the lowest revisions.
    pub(super) fn cleanup(&mut self, ctx: &mut Context<'_>, d: &Object, sets: &Sets) -> Result<(), Status> {
        let limit = d.at("spec.revisionHistoryLimit").as_i64();
        let Some(limit) = limit.filter(|l| *l != i64::from(i32::MAX)) else { return Ok(()) };
        let mut old: Vec<&Object> = sets.old.iter().filter(|rs| !rs.is_terminating()).collect();
        let excess = old.len().saturating_sub(limit.max(0) as usize);
        old.order_by(|a, b| {
            (util::revision(a), a.created(), a.name()).cmp(&(util::revision(b), b.created(), b.name()))
        });
        for rs in old.into_iter().take(excess) {
            let unsettled = status(rs, "replicas") != 0
                || replicas(rs) != 0
                || rs.generation() > status(rs, "observedGeneration");
            if unsettled {
                continue;
            }
            match ctx.delete(&REPLICA_SETS, rs.namespace(), rs.name(), Value::object()) {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes a Deployment's status, and its revision, which goes along; `d` becomes what the API made of it.
    pub(super) fn write_status(&mut self, ctx: &mut Context<'_>, d: &mut Object) -> Result<(), Status> {
        *d = ctx.update_status(&DEPLOYMENTS, d.clone())?;
        Ok(())
    }
}

/// The ReplicaSet of a Deployment's template, of size 0. Mirrors getNewReplicaSet.
fn new_replica_set(d: &Object) -> Object {
    let mut template = d.at("spec.template").clone();
    let hash = api::pod::template_hash_after(&template, &d["status"]["collisionCount"]);
    template.at_mut("metadata.labels").set(util::POD_TEMPLATE_HASH, hash.as_str());
    let mut selector = d.at("spec.selector").clone();
    selector.at_mut("matchLabels").set(util::POD_TEMPLATE_HASH, hash.as_str());
    let mut rs = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", d.name()), "namespace": d.namespace(),
            "labels": template.at("metadata.labels"), "ownerReferences": [d.controller_ref()],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    });
    let min_ready = d.at("spec.minReadySeconds").int();
    if min_ready != 0 {
        rs.set_at("spec.minReadySeconds", min_ready);
    }
    Object(rs)
}

/// What each ReplicaSet of a rollout gets of the Deployment's new size. The largest take their part first, and what
/// rounding leaves over is theirs. Mirrors the rolling case of scale.
fn proportional_sizes(d: &Object, mut active: Vec<Object>) -> Vec<(Object, i64)> {
    let allowed = if replicas(d) > 0 { replicas(d) + util::max_surge(d) } else { 0 };
    let to_add = allowed - util::total_replicas(&active);
    // Of the same size, the newer ones first when growing, the older ones when shrinking.
    util::sort_by_creation(&mut active);
    if to_add > 0 {
        active.reverse();
    }
    active.order_by_key(|rs| std::cmp::Reverse(replicas(rs)));
    let mut added = 0;
    let mut sizes = Vec::new();
    for rs in active {
        let part = util::proportion(&rs, d, to_add, added);
        added += part;
        let size = replicas(&rs) + part;
        sizes.push((rs, size));
    }
    if let Some((_, size)) = sizes.first_mut() {
        *size = (*size + to_add - added).max(0);
    }
    sizes
}
