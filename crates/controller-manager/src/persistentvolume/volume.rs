//! What becomes of a volume. Mirrors syncVolume and reclaimVolume.

use super::{CLAIMS, VOLUMES, claim_key, is_meant_for, set_volume_phase};
use crate::{Cache, decide};
use apimachinery::{Object, Status, json};
use client::Context;

/// Brings a volume up to date.
pub(super) fn sync(ctx: &mut Context<'_>, cache: &Cache, name: &str) -> Result<(), Status> {
    let Some(volume) = cache.of(&VOLUMES).get(name) else { return Ok(()) };
    let Some(key) = claim_key(volume) else {
        return set_volume_phase(ctx, volume, "Available").map(drop);
    };
    if volume.at("spec.claimRef.uid").is_empty() {
        // Kept by its owner for a claim of that name, which the claim's sync will find.
        return set_volume_phase(ctx, volume, "Available").map(drop);
    }
    let cached = cache.of(&CLAIMS).get(&key).filter(|claim| is_meant_for(volume, claim)).cloned();
    let claim = match cached {
        Some(claim) => Some(claim),
        // The cache may be old: nothing is taken away before the API has been asked.
        None => {
            let (namespace, name) = key.split_once('/').unwrap_or_default();
            ctx.get(&CLAIMS, namespace, name).ok().filter(|claim| is_meant_for(volume, claim))
        }
    };
    match claim {
        Some(claim) if claim.at("spec.volumeName") == name => {
            set_volume_phase(ctx, volume, "Bound").map(drop)
        }
        Some(_) => Ok(()),
        None => reclaim(ctx, volume),
    }
}

fn reclaim(ctx: &mut Context<'_>, volume: &Object) -> Result<(), Status> {
    let released = set_volume_phase(ctx, volume, "Released")?;
    if volume.at("spec.persistentVolumeReclaimPolicy") != "Delete" || volume.is_terminating() {
        return Ok(());
    }
    decide(ctx, volume, format!("the claim of {} is gone, and its reclaim policy is Delete", volume.name()));
    match ctx.delete(&VOLUMES, "", volume.name(), json!({"preconditions": {"uid": released.uid()}})) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
