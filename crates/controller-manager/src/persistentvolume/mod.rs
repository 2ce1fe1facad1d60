//! Finds volumes for claims, makes them, and takes them back. Mirrors pkg/controller/volume/persistentvolume.

mod claim;
mod provision;
mod volume;

use crate::{Cache, Controller};
use api::persistentvolume::RESOURCE as VOLUMES;
use api::persistentvolumeclaim::RESOURCE as CLAIMS;
use apimachinery::{Object, Resource, Status, Value, time};
use client::{Context, Delta, EventRecorder, WorkQueue};
use sim::{Duration, Time};

/// From a change of a claim to the sync that it causes.
const REACTION: Duration = Duration::from_millis(10);
/// The same of a volume: it has to be written as Available before a claim can have it.
const VOLUME_REACTION: Duration = Duration::from_millis(30);
/// How often claims without a volume and volumes without a claim are looked at again. Mirrors PVClaimBinderSyncPeriod.
const RESYNC: Duration = Duration::from_secs(15);

/// The controller has bound a claim: as an annotation of the claim.
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// The controller, not a user, chose the other side: as an annotation of either.
const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// Who made a volume, as an annotation of it.
const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";

/// The persistent volume controller. Claims and volumes have a queue each.
#[derive(Clone)]
pub struct PersistentVolumeController {
    claims: WorkQueue,
    volumes: WorkQueue,
    recorder: EventRecorder,
}

impl Default for PersistentVolumeController {
    fn default() -> Self {
        PersistentVolumeController {
            claims: WorkQueue::default(),
            volumes: WorkQueue::default(),
            recorder: EventRecorder::new("persistentvolume-controller", ""),
        }
    }
}

impl Controller for PersistentVolumeController {
    fn name(&self) -> &'static str {
        "persistent-volume-binder"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, cache: &Cache) {
        let object = delta.object();
        if *resource == api::pod::RESOURCE && delta.old.is_none() && !cache.of(&CLAIMS).is_empty() {
            for name in claims_of(object) {
                self.claims.add_at(now + REACTION, format!("{}/{name}", object.namespace()));
            }
        }
        if *resource == VOLUMES {
            self.volumes.add_at(now + VOLUME_REACTION, object.name());
            if let Some(key) = claim_key(object).filter(|_| delta.new.is_none()) {
                self.claims.add_at(now + REACTION, key);
            }
        } else if *resource == CLAIMS {
            self.claims.add_at(now + REACTION, object.key());
            if delta.new.is_none() && !object.at("spec.volumeName").is_empty() {
                self.volumes.add_at(now + VOLUME_REACTION, object.at("spec.volumeName").str());
            }
        }
    }

    fn wake(&self) -> Option<Time> {
        [self.claims.wake(), self.volumes.wake()].into_iter().flatten().min()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        if let Some(name) = self.volumes.take(ctx.now) {
            match volume::sync(ctx, cache, &name) {
                Ok(()) => self.volumes.forget(&name),
                Err(_) => self.volumes.add_rate_limited(ctx.now, name),
            }
        }
        if let Some(key) = self.claims.take(ctx.now) {
            match claim::sync(ctx, cache, &mut self.recorder, &key) {
                Ok(true) => self.claims.forget(&key),
                Ok(false) => {
                    self.claims.forget(&key);
                    self.claims.add_at(ctx.now + RESYNC, key);
                }
                Err(_) => self.claims.add_rate_limited(ctx.now, key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

/// The claims that a pod names.
pub(crate) fn claims_of(pod: &Object) -> impl Iterator<Item = &str> {
    pod.at("spec.volumes").items().iter().filter_map(|v| v["persistentVolumeClaim"]["claimName"].as_str())
}

/// `namespace/name` of the claim that a volume names.
fn claim_key(volume: &Object) -> Option<String> {
    let claim = volume.at("spec.claimRef");
    (!claim["name"].is_empty()).then(|| format!("{}/{}", claim["namespace"].str(), claim["name"].str()))
}

/// Whether a volume is meant for this very claim. Mirrors IsVolumeBoundToClaim.
fn is_meant_for(volume: &Object, claim: &Object) -> bool {
    let uid = volume.at("spec.claimRef.uid").str();
    claim_key(volume) == Some(claim.key()) && (uid.is_empty() || uid == claim.uid())
}

/// Writes the phase of a volume if it is another.
fn set_volume_phase(ctx: &mut Context<'_>, volume: &Object, phase: &str) -> Result<Object, Status> {
    if volume.at("status.phase") == phase {
        return Ok(volume.clone());
    }
    let mut updated = volume.clone();
    updated.set_at("status.phase", phase);
    updated.set_at("status.lastPhaseTransitionTime", time::format(ctx.now));
    ctx.update_status(&VOLUMES, updated)
}

fn annotate(object: &mut Object, key: &str, value: &str) {
    object.at_mut("metadata.annotations").set(key, Value::from(value));
}
