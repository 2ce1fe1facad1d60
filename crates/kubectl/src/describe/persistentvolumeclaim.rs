use super::{Writer, date, joined, list, plain, since};
use crate::{Ctx, Error};
use api::persistentvolumeclaim::access_modes;
use apimachinery::{Object, Request, Value};
use client::LocalFuture;

/// Mirrors describePersistentVolumeClaim.
pub(super) fn describe<'a>(
    c: &'a Ctx,
    claim: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let (spec, status) = (&claim["spec"], &claim["status"]);
        w.put(0, &format!("Name:\t{}\n", claim.name()));
        w.put(0, &format!("Namespace:\t{}\n", claim.namespace()));
        w.put(0, &format!("StorageClass:\t{}\n", spec["storageClassName"].str()));
        w.put(0, &format!("Status:\t{}\n", phase(c, claim)));
        w.put(0, &format!("Volume:\t{}\n", spec["volumeName"].str()));
        w.labels("Labels", claim.labels());
        w.annotations("Annotations", claim.meta("annotations"));
        w.put(0, &format!("Finalizers:\t[{}]\n", joined(claim.meta("finalizers"), " ")));
        let bound = !spec["volumeName"].is_empty();
        let of_volume = |text: String| if bound { text } else { String::new() };
        let capacity = status["capacity"]["storage"].as_str().unwrap_or("0").to_string();
        w.put(0, &format!("Capacity:\t{}\n", of_volume(capacity)));
        w.put(0, &format!("Access Modes:\t{}\n", of_volume(access_modes(&status["accessModes"]))));
        if !spec["volumeMode"].is_null() {
            w.put(0, &format!("VolumeMode:\t{}\n", plain(&spec["volumeMode"])));
        }
        let pods = list(c, Request::get(api::pod::RESOURCE.path(claim.namespace()))).await?;
        let uses = |pod: &&Object| {
            let volumes = pod.at("spec.volumes").items().iter();
            volumes.clone().any(|v| v["persistentVolumeClaim"]["claimName"] == claim.name())
        };
        let names: Vec<String> = pods.iter().filter(uses).map(|pod| pod.name().to_string()).collect();
        w.column("Used By", &names);
        conditions(&status["conditions"], w);
        Ok(())
    })
}

/// The phase, or since when it is on its way out.
pub(super) fn phase(c: &Ctx, object: &Object) -> String {
    match object.is_terminating() {
        true => format!("Terminating (lasts {})", since(c, object.meta("deletionTimestamp"))),
        false => object.at("status.phase").str().to_string(),
    }
}

fn conditions(conditions: &Value, w: &mut Writer) {
    if conditions.is_empty() {
        return;
    }
    w.put(0, "Conditions:\n");
    w.put(1, "Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage\n");
    w.put(1, "----\t------\t-----------------\t------------------\t------\t-------\n");
    for c in conditions.items() {
        let (kind, status, reason) = (c["type"].str(), c["status"].str(), c["reason"].str());
        let (probe, change) = (date(&c["lastProbeTime"]), date(&c["lastTransitionTime"]));
        w.put(1, &format!("{kind} \t{status} \t{probe} \t{change} \t{reason} \t{}\n", c["message"].str()));
    }
}
