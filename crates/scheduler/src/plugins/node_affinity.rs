//! NodeAffinity: nodeSelector and node affinity. Mirrors plugins/nodeaffinity.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, Plugin, Status, default_normalize};
use crate::node_selector::{RequiredNodeAffinity, Term};
use crate::pod::{PodInfo, same};
use apimachinery::labels::{Operator, Selector};
use sim::collections::BTreeSet;

pub struct NodeAffinity;

impl Plugin for NodeAffinity {
    fn name(&self) -> &'static str {
        "NodeAffinity"
    }

    fn weight(&self) -> i64 {
        2
    }

    fn pre_filter(&self, cycle: &mut Cycle<'_>) -> Result<(), Status> {
        cycle.node_affinity = RequiredNodeAffinity::of(&cycle.pod.object);
        let terms = cycle.node_affinity.terms.iter().flatten().flatten();
        let named: Option<Vec<_>> = terms.map(|t| named_nodes(&t.fields)).collect();
        match named {
            Some(named) if !named.is_empty() => {
                let nodes: BTreeSet<String> = named.into_iter().flatten().collect();
                if nodes.is_empty() {
                    return Err(Status::unresolvable("pod affinity terms conflict"));
                }
                cycle.only = Some((self.name(), nodes));
            }
            _ => {}
        }
        Ok(())
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        if cycle.node_affinity.matches(node) {
            return Ok(());
        }
        Err(Status::unresolvable("node(s) didn't match Pod's node affinity/selector"))
    }

    fn pre_score(&self, cycle: &mut Cycle<'_>, _: &[&NodeInfo]) -> bool {
        let preferred = &cycle.pod.object.at("spec.affinity.nodeAffinity")["preferredDuringSchedulingIgnoredDuringExecution"];
        let read = |p: &apimachinery::Value| Some((p["weight"].int(), Term::read(&p["preference"])?));
        cycle.preferred_nodes = preferred.items().iter().filter_map(read).collect();
        !cycle.preferred_nodes.is_empty()
    }

    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        cycle.preferred_nodes.iter().filter(|(_, term)| term.matches(node)).map(|(weight, _)| weight).sum()
    }

    fn normalize(&self, _: &Cycle<'_>, _: &[&NodeInfo], scores: &mut [i64]) {
        default_normalize(false, scores);
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        matches!(event, ClusterEvent::Node { old, new: Some(node) }
            if old.is_none_or(|o| !same(o.labels(), node.object.labels()))
                && RequiredNodeAffinity::of(&pod.object).matches(node))
    }
}

/// The nodes that a term names in its fields; `None` when it names none.
fn named_nodes(fields: &Selector) -> Option<BTreeSet<String>> {
    let named = fields.0.iter().filter(|r| r.key == "metadata.name" && r.operator == Operator::In);
    let sets = named.map(|r| r.values.iter().cloned().collect::<BTreeSet<String>>());
    sets.reduce(|a, b| a.intersection(&b).cloned().collect())
}
