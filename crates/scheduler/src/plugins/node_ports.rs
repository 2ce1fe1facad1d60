//! NodePorts: a port of the node can be had once. Mirrors plugins/nodeports.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, Plugin, Status};
use crate::pod::PodInfo;

pub struct NodePorts;

impl Plugin for NodePorts {
    fn name(&self) -> &'static str {
        "NodePorts"
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        let wanted = &cycle.pod.ports;
        if !wanted.is_empty() && node.used_ports().any(|used| wanted.iter().any(|w| w.conflicts(used))) {
            return Err(Status::unschedulable("node(s) didn't have free ports for the requested pod ports"));
        }
        Ok(())
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        match event {
            ClusterEvent::AssignedPod { old: Some(gone), new: None } => {
                gone.ports.iter().any(|p| pod.ports.iter().any(|w| w.conflicts(p)))
            }
            ClusterEvent::Node { old: None, .. } => true,
            _ => false,
        }
    }
}
