//! Makes a volume for a claim. The provisioner is the one for directories of a node, which a cluster of one machine has.
//! Mirrors provisionClaim and pkg/volume/hostpath.

use super::{BOUND_BY_CONTROLLER, CLAIMS, PROVISIONED_BY, VOLUMES, annotate, claim::bind};
use crate::{Cache, decide};
use apimachinery::{Object, Resource, Status, Value, json};
use client::{Context, EventRecorder, EventType};

pub(super) const CLASSES: Resource = api::storageclass::RESOURCE;
/// The provisioner that works here.
const HOST_PATH: &str = "kubernetes.io/host-path";
/// Where its directories are.
const DIRECTORY: &str = "/tmp/hostpath_pv";
/// Who is to make the volume: as annotations of the claim, the older name first.
const PROVISIONER: [&str; 2] =
    ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];

/// Makes a volume and binds it; gives whether that could be.
pub(super) fn provision(
    ctx: &mut Context<'_>,
    cache: &Cache,
    recorder: &mut EventRecorder,
    claim: &Object,
) -> Result<bool, Status> {
    let class = claim.at("spec.storageClassName").str();
    if class.is_empty() {
        let message = "no persistent volumes available for this claim and no storage class is set";
        recorder.event(ctx, claim, EventType::Normal, "FailedBinding", message);
        return Ok(false);
    }
    let Some(class) = cache.of(&CLASSES).get(class) else {
        let message = format!("storageclass.storage.k8s.io {class:?} not found");
        recorder.event(ctx, claim, EventType::Warning, "ProvisioningFailed", &message);
        return Ok(false);
    };
    let provisioner = class["provisioner"].str();
    let claim = name_provisioner(ctx, claim, provisioner)?;
    if provisioner != HOST_PATH {
        let message = format!(
            "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the \
             system administrator. If volume creation is delayed, please verify that the provisioner is running and \
             correctly registered."
        );
        recorder.event(ctx, &claim, EventType::Normal, "ExternalProvisioning", &message);
        return Ok(false);
    }
    let name = format!("pvc-{}", claim.uid());
    decide(ctx, &claim, format!("no volume will do for {}: {name} is made", claim.name()));
    let volume = match ctx.create(&VOLUMES, volume(&claim, class, &name)) {
        Ok(volume) => volume,
        Err(error) if error.is_already_exists() => ctx.get(&VOLUMES, "", &name)?,
        Err(error) => return Err(error),
    };
    let message = format!("Successfully provisioned volume {name} using {provisioner}");
    recorder.event(ctx, &claim, EventType::Normal, "ProvisioningSucceeded", &message);
    bind(ctx, &volume, &claim).map(|()| true)
}

/// Mirrors setClaimProvisioner.
fn name_provisioner(ctx: &mut Context<'_>, claim: &Object, provisioner: &str) -> Result<Object, Status> {
    if claim.annotation(PROVISIONER[1]) == Some(provisioner) {
        return Ok(claim.clone());
    }
    let mut named = claim.clone();
    for key in PROVISIONER {
        annotate(&mut named, key, provisioner);
    }
    ctx.update(&CLAIMS, named)
}

/// A volume's reference to the claim that has it.
pub(super) fn claim_reference(claim: &Object) -> Value {
    json!({
        "kind": "PersistentVolumeClaim", "namespace": claim.namespace(), "name": claim.name(), "uid": claim.uid(),
        "apiVersion": "v1", "resourceVersion": claim.resource_version(),
    })
}

fn volume(claim: &Object, class: &Object, name: &str) -> Value {
    let annotations = json!({
        "kubernetes.io/createdby": "hostpath-dynamic-provisioner", (BOUND_BY_CONTROLLER): "yes",
        (PROVISIONED_BY): HOST_PATH,
    });
    json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "accessModes": claim.at("spec.accessModes"),
            "capacity": {"storage": claim.at("spec.resources.requests.storage")},
            "claimRef": claim_reference(claim),
            "hostPath": {"path": format!("{DIRECTORY}/{}", claim.uid()), "type": ""},
            "persistentVolumeReclaimPolicy": &class["reclaimPolicy"],
            "storageClassName": class.name(),
            "volumeMode": claim.at("spec.volumeMode"),
        },
    })
}
