//! NodeName: a pod that names its node fits there only. Mirrors plugins/nodename.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, Plugin, Status};
use crate::pod::PodInfo;

pub struct NodeName;

fn fits(pod: &PodInfo, node: &str) -> bool {
    let wanted = pod.object["spec"]["nodeName"].str();
    wanted.is_empty() || wanted == node
}

impl Plugin for NodeName {
    fn name(&self) -> &'static str {
        "NodeName"
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        if fits(cycle.pod, &node.name) {
            return Ok(());
        }
        Err(Status::unresolvable("node(s) didn't match the requested node name"))
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        matches!(event, ClusterEvent::Node { old: None, new: Some(node) } if fits(pod, &node.name))
    }
}
