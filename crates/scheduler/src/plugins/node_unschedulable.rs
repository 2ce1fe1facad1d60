//! NodeUnschedulable: cordoned nodes take no pods but those that tolerate it. Mirrors plugins/nodeunschedulable.

use super::taint_toleration::{Toleration, tolerations};
use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, Plugin, Status};
use crate::pod::PodInfo;
use apimachinery::{Value, json};

pub struct NodeUnschedulable;

fn fits(tolerations: &[Toleration<'_>], node: &NodeInfo) -> bool {
    let cordoned = node.object["spec"]["unschedulable"].is_true();
    !cordoned || {
        let taint: Value = json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
        tolerations.iter().any(|t| t.tolerates(&taint))
    }
}

impl Plugin for NodeUnschedulable {
    fn name(&self) -> &'static str {
        "NodeUnschedulable"
    }

    fn pre_filter(&self, cycle: &mut Cycle<'_>) -> Result<(), Status> {
        cycle.tolerations = tolerations(cycle.pod);
        Ok(())
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        if fits(&cycle.tolerations, node) {
            return Ok(());
        }
        Err(Status::unresolvable("node(s) were unschedulable"))
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        matches!(event, ClusterEvent::Node { old, new: Some(node) }
            if fits(&tolerations(pod), node) && old.is_none_or(|o| o["spec"]["unschedulable"].is_true()))
    }
}
