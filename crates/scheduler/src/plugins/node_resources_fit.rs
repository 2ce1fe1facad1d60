//! NodeResourcesFit: a node must have left what the pod asks for; emptier nodes are better (LeastAllocated).
//! Mirrors plugins/noderesources/fit.go and least_allocated.go.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, MAX_NODE_SCORE, Plugin, Status};
use crate::pod::{PodInfo, Resources, same};

pub struct NodeResourcesFit;

impl Plugin for NodeResourcesFit {
    fn name(&self) -> &'static str {
        "NodeResourcesFit"
    }

    fn weight(&self) -> i64 {
        1
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        let mut status = Status { resolvable: true, reasons: Vec::new() };
        if node.pods.len() as i64 + 1 > node.allocatable.pods {
            status.reasons.push("Too many pods".into());
        }
        let mut check = |name: &str, wanted: i64, allocatable: i64, used: i64| {
            if wanted > 0 && wanted > allocatable - used {
                status.reasons.push(format!("Insufficient {name}").into());
                status.resolvable &= wanted <= allocatable;
            }
        };
        let (wanted, all, used) = (&cycle.pod.requests, &node.allocatable, &node.requested);
        check("cpu", wanted.milli_cpu, all.milli_cpu, used.milli_cpu);
        check("memory", wanted.memory, all.memory, used.memory);
        for (name, amount) in &wanted.others {
            let of = |r: &Resources| r.others.get(name).copied().unwrap_or_default();
            check(name, *amount, of(all), of(used));
        }
        if status.reasons.is_empty() { Ok(()) } else { Err(status) }
    }

    fn pre_score(&self, _: &mut Cycle<'_>, _: &[&NodeInfo]) -> bool {
        true
    }

    /// The mean over CPU and memory of the part that is left with the pod on the node.
    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        let (cpu, memory) = cycle.pod.non_zero;
        let left = |allocatable: i64, used: i64| match allocatable {
            0 => None,
            _ if used > allocatable => Some(0),
            _ => Some((allocatable - used) * MAX_NODE_SCORE / allocatable),
        };
        let cpu = left(node.allocatable.milli_cpu, node.non_zero.0 + cpu);
        let memory = left(node.allocatable.memory, node.non_zero.1 + memory);
        let parts = [cpu, memory].into_iter().flatten();
        parts.clone().sum::<i64>() / (parts.count() as i64).max(1)
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        match event {
            ClusterEvent::AssignedPod { old: Some(_), new: None } => true,
            ClusterEvent::AssignedPod { old: Some(old), new: Some(new) } => scaled_down(old, new),
            ClusterEvent::Node { old, new: Some(node) } => {
                let changed = |o: &apimachinery::Object| {
                    !same(&o["status"]["allocatable"], &node.object["status"]["allocatable"])
                };
                old.is_none_or(changed) && fits_empty(pod, node)
            }
            _ => false,
        }
    }
}

fn scaled_down(old: &PodInfo, new: &PodInfo) -> bool {
    new.requests.milli_cpu < old.requests.milli_cpu || new.requests.memory < old.requests.memory
}

fn fits_empty(pod: &PodInfo, node: &NodeInfo) -> bool {
    let (wanted, all) = (&pod.requests, &node.allocatable);
    wanted.milli_cpu <= all.milli_cpu
        && wanted.memory <= all.memory
        && wanted.others.iter().all(|(name, n)| *n <= all.others.get(name).copied().unwrap_or_default())
}
