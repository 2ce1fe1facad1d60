//! Claims and volumes: the default class, what keeps them while they are used, and claims that want to grow.
//! Mirrors plugin/pkg/admission/storage.

use crate::{ApiServer, Call};
use api::{persistentvolume, persistentvolumeclaim, storageclass};
use apimachinery::{Object, Quantity, Status};

/// DefaultStorageClass and StorageObjectInUseProtection.
pub fn create(server: &ApiServer, object: &mut Object) {
    let is_claim = object.kind() == "PersistentVolumeClaim";
    if is_claim && object.at("spec.storageClassName").is_null() {
        let classes = server.objects(&storageclass::RESOURCE).into_iter();
        // The youngest, should there be several; names decide between those of one second.
        let youngest = classes
            .filter(storageclass::is_default)
            .max_by(|a, b| a.created().cmp(&b.created()).then_with(|| b.name().cmp(a.name())));
        if let Some(class) = youngest {
            object.set_at("spec.storageClassName", class.name());
        }
    }
    let keeper = if is_claim { persistentvolumeclaim::PROTECTION } else { persistentvolume::PROTECTION };
    let finalizers = object.at_mut("metadata.finalizers").array_mut();
    if !finalizers.iter().any(|f| *f == keeper) {
        finalizers.push(keeper.into());
    }
}

/// PersistentVolumeClaimResize: no provisioner of this cluster can make a volume larger.
pub fn update(call: &Call<'_>, claim: &Object, old: &Object) -> Result<(), Status> {
    let storage = |claim: &Object| Quantity::parse(claim.at("spec.resources.requests.storage").str());
    match (storage(claim), storage(old)) {
        (Some(now), Some(before)) if now.more_than(before) && !old.at("spec.volumeName").is_empty() => {
            let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
            Err(call.forbidden(claim.name(), why))
        }
        _ => Ok(()),
    }
}
