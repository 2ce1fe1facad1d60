//! NodeResourcesBalancedAllocation: CPU and memory should fill up alike. Mirrors plugins/noderesources/balanced_allocation.go.

use crate::cache::NodeInfo;
use crate::framework::{Cycle, MAX_NODE_SCORE, Plugin};

pub struct NodeResourcesBalancedAllocation;

impl Plugin for NodeResourcesBalancedAllocation {
    fn name(&self) -> &'static str {
        "NodeResourcesBalancedAllocation"
    }

    fn weight(&self) -> i64 {
        1
    }

    /// Says nothing about pods that ask for nothing.
    fn pre_score(&self, cycle: &mut Cycle<'_>, _: &[&NodeInfo]) -> bool {
        cycle.pod.requests.milli_cpu > 0 || cycle.pod.requests.memory > 0
    }

    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        let fraction = |wanted: i64, all: i64| (wanted as f64 / all as f64).min(1.0);
        let (pod, used, all) = (&cycle.pod.requests, &node.requested, &node.allocatable);
        let deviation = if all.milli_cpu == 0 || all.memory == 0 {
            0.0
        } else {
            let cpu = fraction(used.milli_cpu + pod.milli_cpu, all.milli_cpu);
            let memory = fraction(used.memory + pod.memory, all.memory);
            ((cpu - memory) / 2.0).abs()
        };
        ((1.0 - deviation) * MAX_NODE_SCORE as f64) as i64
    }
}
