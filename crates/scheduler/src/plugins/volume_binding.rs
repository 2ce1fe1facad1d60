//! VolumeBinding: the claims of a pod must be there and bound. Mirrors plugins/volumebinding.
//!
//! No volume is tied to a node: a claim whose class waits for its first consumer is bound as soon as there is one, and a
//! claim that is not bound is waited for.

use crate::framework::{ClusterEvent, Cycle, Listers, Plugin, Status};
use crate::pod::PodInfo;
use apimachinery::Object;

pub struct VolumeBinding;

impl Plugin for VolumeBinding {
    fn name(&self) -> &'static str {
        "VolumeBinding"
    }

    fn pre_filter(&self, cycle: &mut Cycle<'_>) -> Result<(), Status> {
        let mut unbound = false;
        for name in cycle.pod.claims() {
            let key = format!("{}/{name}", cycle.pod.object.namespace());
            let claim = cycle.snapshot.listers.claims.as_ref().and_then(|claims| claims.get(&key));
            let Some(claim) = claim else {
                return Err(Status::unresolvable(format!("persistentvolumeclaim {name:?} not found")));
            };
            usable(claim).map_err(Status::unresolvable)?;
            unbound |= claim["spec"]["volumeName"].str().is_empty();
        }
        if unbound {
            return Err(Status::unresolvable("pod has unbound immediate PersistentVolumeClaims"));
        }
        Ok(())
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        matches!(event, ClusterEvent::Claim(claim)
            if claim.namespace() == pod.object.namespace() && pod.claims().any(|name| name == claim.name()))
    }
}

fn usable(claim: &Object) -> Result<(), String> {
    let name = claim.name();
    if claim["status"]["phase"] == "Lost" {
        let volume = claim["spec"]["volumeName"].str();
        return Err(format!(
            "persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}"
        ));
    }
    if claim.is_terminating() {
        return Err(format!("persistentvolumeclaim {name:?} is being deleted"));
    }
    Ok(())
}
