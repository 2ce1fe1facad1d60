use super::{Writer, joined, persistentvolumeclaim, plain};
use crate::{Ctx, Error};
use api::persistentvolumeclaim::access_modes;
use apimachinery::Object;
use client::LocalFuture;

/// Mirrors describePersistentVolume.
pub(super) fn describe<'a>(
    c: &'a Ctx,
    volume: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let spec = &volume["spec"];
        w.put(0, &format!("Name:\t{}\n", volume.name()));
        w.labels("Labels", volume.labels());
        w.annotations("Annotations", volume.meta("annotations"));
        w.put(0, &format!("Finalizers:\t[{}]\n", joined(volume.meta("finalizers"), " ")));
        w.put(0, &format!("StorageClass:\t{}\n", spec["storageClassName"].str()));
        w.put(0, &format!("Status:\t{}\n", persistentvolumeclaim::phase(c, volume)));
        let claim = match &spec["claimRef"] {
            claim if claim.is_null() => String::new(),
            claim => format!("{}/{}", claim["namespace"].str(), claim["name"].str()),
        };
        w.put(0, &format!("Claim:\t{claim}\n"));
        w.put(0, &format!("Reclaim Policy:\t{}\n", spec["persistentVolumeReclaimPolicy"].str()));
        w.put(0, &format!("Access Modes:\t{}\n", access_modes(&spec["accessModes"])));
        if !spec["volumeMode"].is_null() {
            w.put(0, &format!("VolumeMode:\t{}\n", plain(&spec["volumeMode"])));
        }
        w.put(0, &format!("Capacity:\t{}\n", spec["capacity"]["storage"].as_str().unwrap_or("0")));
        w.put(0, "Node Affinity:\t<none>\n");
        w.put(0, &format!("Message:\t{}\n", volume.at("status.message").str()));
        w.put(0, "Source:\n");
        let path = &spec["hostPath"];
        w.put(
            2,
            &format!(
                "Type:\tHostPath (bare host directory volume)\n    Path:\t{}\n    HostPathType:\t{}\n",
                path["path"].str(),
                path["type"].str()
            ),
        );
        Ok(())
    })
}
