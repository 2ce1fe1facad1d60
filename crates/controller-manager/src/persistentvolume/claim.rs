//! What becomes of a claim. Mirrors syncClaim, findBestMatchForClaim and bind.

use super::{
    BIND_COMPLETED, BOUND_BY_CONTROLLER, CLAIMS, VOLUMES, annotate, is_meant_for, provision, set_volume_phase,
};
use crate::{Cache, decide};
use apimachinery::labels::Selector;
use apimachinery::{Object, Quantity, Status, json};
use client::{Context, EventRecorder, EventType};

/// Brings a claim up to date; gives whether it has what it wants.
pub(super) fn sync(
    ctx: &mut Context<'_>,
    cache: &Cache,
    recorder: &mut EventRecorder,
    key: &str,
) -> Result<bool, Status> {
    let Some(claim) = cache.of(&CLAIMS).get(key) else { return Ok(true) };
    if claim.is_terminating() && claim.at("spec.volumeName").is_empty() {
        return Ok(true);
    }
    if claim.annotation(BIND_COMPLETED).is_some() {
        return bound(ctx, cache, recorder, claim).map(|()| true);
    }
    let wanted = claim.at("spec.volumeName").str();
    if !wanted.is_empty() {
        let volume = cache
            .of(&VOLUMES)
            .get(wanted)
            .filter(|volume| is_meant_for(volume, claim) || volume.at("spec.claimRef").is_null());
        return match volume {
            Some(volume) => bind(ctx, volume, claim).map(|()| true),
            None => Ok(false),
        };
    }
    if waits(cache, claim) {
        let message = "waiting for first consumer to be created before binding";
        recorder.event(ctx, claim, EventType::Normal, "WaitForFirstConsumer", message);
        return Ok(false);
    }
    if let Some(volume) = best_match(cache, claim) {
        bind(ctx, volume, claim)?;
        return Ok(true);
    }
    provision::provision(ctx, cache, recorder, claim)
}

/// Whether its class wants a pod first that uses it. No volume here is tied to a node, so that there is one is enough, and
/// the scheduler need not have found its place. Mirrors shouldDelayBinding.
fn waits(cache: &Cache, claim: &Object) -> bool {
    let class = cache.of(&provision::CLASSES).get(claim.at("spec.storageClassName").str());
    let uses = |pod: &Object| super::claims_of(pod).any(|name| name == claim.name());
    class.is_some_and(|class| class["volumeBindingMode"] == "WaitForFirstConsumer")
        && !cache.pods().namespace(claim.namespace()).any(uses)
}

/// A claim that was bound once stays so, or has lost its volume. Mirrors syncBoundClaim.
fn bound(
    ctx: &mut Context<'_>,
    cache: &Cache,
    recorder: &mut EventRecorder,
    claim: &Object,
) -> Result<(), Status> {
    let name = claim.at("spec.volumeName").str();
    let volume = match cache.of(&VOLUMES).get(name) {
        Some(volume) => Some(volume.clone()),
        None => ctx.get(&VOLUMES, "", name).ok(),
    };
    if let Some(volume) = volume.filter(|volume| is_meant_for(volume, claim)) {
        return bind(ctx, &volume, claim);
    }
    if claim.at("status.phase") == "Lost" || claim.is_terminating() {
        return Ok(());
    }
    let mut lost = claim.clone();
    lost.set("status", json!({"phase": "Lost"}));
    ctx.update_status(&CLAIMS, lost)?;
    let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
    recorder.event(ctx, claim, EventType::Warning, "ClaimLost", message);
    Ok(())
}

/// The smallest volume that will do, or the one that is kept for this claim. Mirrors FindMatchingVolume.
fn best_match<'a>(cache: &'a Cache, claim: &Object) -> Option<&'a Object> {
    let volumes = || cache.of(&VOLUMES).list().filter(|volume| !volume.is_terminating());
    if let Some(kept) = volumes().find(|volume| is_meant_for(volume, claim)) {
        return Some(kept);
    }
    volumes()
        .filter(|volume| fits(volume, claim))
        .min_by_key(|volume| storage(volume, "spec.capacity.storage"))
}

/// Bytes of an amount.
fn storage(object: &Object, path: &str) -> i64 {
    Quantity::parse(object.at(path).str()).unwrap_or(Quantity::ZERO).value()
}

fn fits(volume: &Object, claim: &Object) -> bool {
    let (has, wants) = (&volume["spec"], &claim["spec"]);
    let modes = || wants["accessModes"].items().iter().all(|m| has["accessModes"].items().contains(m));
    let labels = || {
        wants["selector"].is_null()
            || Selector::from_label_selector(&wants["selector"]).is_some_and(|s| s.matches(volume.labels()))
    };
    volume.at("status.phase") == "Available"
        && has["claimRef"].is_null()
        && has["storageClassName"].str() == wants["storageClassName"].str()
        && has["volumeMode"] == wants["volumeMode"]
        && storage(volume, "spec.capacity.storage") >= storage(claim, "spec.resources.requests.storage")
        && modes()
        && labels()
}

/// Ties a volume and a claim together, first the volume, each in so far as it is not done. Mirrors bind.
pub(super) fn bind(ctx: &mut Context<'_>, volume: &Object, claim: &Object) -> Result<(), Status> {
    let mut tied = volume.clone();
    if volume.at("spec.claimRef.uid") != claim.uid() {
        decide(ctx, claim, format!("{} will do for {}", volume.name(), claim.name()));
        if volume.at("spec.claimRef").is_null() {
            annotate(&mut tied, BOUND_BY_CONTROLLER, "yes");
        }
        tied.set_at("spec.claimRef", provision::claim_reference(claim));
        tied = ctx.update(&VOLUMES, tied)?;
    }
    let mut mine = claim.clone();
    if claim.at("spec.volumeName").is_empty() {
        mine.set_at("spec.volumeName", volume.name());
        annotate(&mut mine, BOUND_BY_CONTROLLER, "yes");
    }
    if claim.annotation(BIND_COMPLETED).is_none() {
        annotate(&mut mine, BIND_COMPLETED, "yes");
        mine = ctx.update(&CLAIMS, mine)?;
    }
    set_volume_phase(ctx, &tied, "Bound")?;
    let status = json!({
        "phase": "Bound", "accessModes": tied.at("spec.accessModes"), "capacity": tied.at("spec.capacity"),
    });
    if mine["status"] != status {
        mine.set("status", status);
        ctx.update_status(&CLAIMS, mine)?;
    }
    Ok(())
}
