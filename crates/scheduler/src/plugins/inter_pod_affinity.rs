//! InterPodAffinity: near these pods, far from those. Mirrors plugins/interpodaffinity.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, MAX_NODE_SCORE, Plugin, Status};
use crate::pod::{AffinityTerm, Group, PodInfo, same};
use apimachinery::Value;
use sim::collections::BTreeMap;

pub struct InterPodAffinity;

/// What a required term of an existing pod counts when another pod's nodes are scored. Mirrors hardPodAffinityWeight.
const HARD_POD_AFFINITY_WEIGHT: i64 = 1;

/// Counts per place, a place being (label, value).
type Places = BTreeMap<(String, String), i64>;

/// What is prepared for one pod.
#[derive(Default)]
pub struct State<'a> {
    /// Existing pods that do not want this one near.
    existing_anti: Places,
    /// Existing pods that this one wants near.
    near: Places,
    /// Existing pods that this one does not want near.
    far: Places,
    /// The scores of places.
    scores: Places,
    /// The pod's own terms.
    own: Option<&'a Group>,
}

fn add(places: &mut Places, node: &NodeInfo, key: &str, count: i64) {
    if let Some(value) = node.label(key) {
        *places.entry((key.into(), value.into())).or_default() += count;
    }
}

fn at(places: &Places, node: &NodeInfo, key: &str) -> Option<i64> {
    let value = node.label(key)?;
    places.get(&(key.to_string(), value.to_string())).copied()
}

impl Plugin for InterPodAffinity {
    fn name(&self) -> &'static str {
        "InterPodAffinity"
    }

    fn weight(&self) -> i64 {
        2
    }

    fn pre_filter(&self, cycle: &mut Cycle<'_>) -> Result<(), Status> {
        let own = &*cycle.pod.group;
        let labels = cycle.snapshot.listers.namespace_labels();
        let mut state = State { own: Some(own), ..State::default() };
        let choosy = !own.affinity.required.is_empty() || !own.anti_affinity.required.is_empty();
        for node in cycle.snapshot.nodes.iter().filter(|n| choosy || n.affinity_groups > 0) {
            for (group, count) in node.groups.values() {
                let objecting = group.anti_affinity.required.iter().filter(|t| t.matches(own, &labels));
                objecting.for_each(|t| add(&mut state.existing_anti, node, &t.topology_key, *count));
                if matches_all(&own.affinity.required, group, &labels) {
                    let terms = own.affinity.required.iter();
                    terms.for_each(|t| add(&mut state.near, node, &t.topology_key, *count));
                }
                let unwanted = own.anti_affinity.required.iter().filter(|t| t.matches(group, &labels));
                unwanted.for_each(|t| add(&mut state.far, node, &t.topology_key, *count));
            }
        }
        cycle.affinity = state;
        Ok(())
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        let state = &cycle.affinity;
        let Some(own) = state.own else { return Ok(()) };
        if !satisfies_affinity(cycle, own, node) {
            return Err(Status::unresolvable("node(s) didn't match pod affinity rules"));
        }
        let near = |places: &Places, key: &str| at(places, node, key).is_some_and(|n| n > 0);
        if own.anti_affinity.required.iter().any(|t| near(&state.far, &t.topology_key)) {
            return Err(Status::unschedulable("node(s) didn't match pod anti-affinity rules"));
        }
        let objected = |((key, value), count): (&(String, String), &i64)| {
            *count > 0 && node.label(key) == Some(value.as_str())
        };
        if state.existing_anti.iter().any(objected) {
            return Err(Status::unschedulable("node(s) didn't satisfy existing pods anti-affinity rules"));
        }
        Ok(())
    }

    fn pre_score(&self, cycle: &mut Cycle<'_>, _: &[&NodeInfo]) -> bool {
        let own = &*cycle.pod.group;
        let labels = cycle.snapshot.listers.namespace_labels();
        let choosy = !own.affinity.preferred.is_empty() || !own.anti_affinity.preferred.is_empty();
        let mut scores = Places::new();
        for node in cycle.snapshot.nodes.iter().filter(|n| choosy || n.affinity_groups > 0) {
            for (group, count) in node.groups.values() {
                let mut weigh = |terms: &[AffinityTerm], target: &Group, factor: i64| {
                    for term in terms.iter().filter(|t| t.matches(target, &labels)) {
                        add(&mut scores, node, &term.topology_key, term.weight * factor * count);
                    }
                };
                weigh(&own.affinity.preferred, group, 1);
                weigh(&own.anti_affinity.preferred, group, -1);
                weigh(&group.affinity.required, own, HARD_POD_AFFINITY_WEIGHT);
                weigh(&group.affinity.preferred, own, 1);
                weigh(&group.anti_affinity.preferred, own, -1);
            }
        }
        cycle.affinity.scores = scores;
        !cycle.affinity.scores.is_empty()
    }

    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        let here = |((key, value), _): &(&(String, String), &i64)| node.label(key) == Some(value.as_str());
        cycle.affinity.scores.iter().filter(here).map(|(_, score)| score).sum()
    }

    fn normalize(&self, _: &Cycle<'_>, _: &[&NodeInfo], scores: &mut [i64]) {
        let least = scores.iter().copied().min().unwrap_or_default();
        let span = scores.iter().copied().max().unwrap_or_default() - least;
        for score in scores {
            let part = if span > 0 { (*score - least) as f64 / span as f64 } else { 0.0 };
            *score = (MAX_NODE_SCORE as f64 * part) as i64;
        }
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, listers: &Listers) -> bool {
        let labels = listers.namespace_labels();
        let own = &pod.group;
        let wanted = |p: &PodInfo| own.affinity.required.iter().any(|t| t.matches(&p.group, &labels));
        let unwanted = |p: &PodInfo| {
            own.anti_affinity.required.iter().any(|t| t.matches(&p.group, &labels))
                || p.group.anti_affinity.required.iter().any(|t| t.matches(own, &labels))
        };
        match event {
            ClusterEvent::AssignedPod { old: None, new: Some(new) } => wanted(new),
            ClusterEvent::AssignedPod { old: Some(old), new: None } => unwanted(old),
            ClusterEvent::AssignedPod { old: Some(old), new: Some(new) } => {
                (wanted(new) && !wanted(old)) || (unwanted(old) && !unwanted(new))
            }
            ClusterEvent::Node { old, new: Some(node) } => {
                old.is_none_or(|o| !same(o.labels(), node.object.labels()))
            }
            _ => false,
        }
    }
}

fn matches_all(terms: &[AffinityTerm], group: &Group, labels: &dyn Fn(&str) -> Value) -> bool {
    !terms.is_empty() && terms.iter().all(|t| t.matches(group, labels))
}

/// Every term must have a matching pod in the node's place; the first pod of a group that wants to be near itself may
/// go anywhere. Mirrors satisfyPodAffinity.
fn satisfies_affinity(cycle: &Cycle<'_>, own: &Group, node: &NodeInfo) -> bool {
    let terms = &own.affinity.required;
    if terms.iter().any(|t| node.label(&t.topology_key).is_none()) {
        return false;
    }
    let near = &cycle.affinity.near;
    if terms.iter().all(|t| at(near, node, &t.topology_key).is_some_and(|n| n > 0)) {
        return true;
    }
    near.is_empty() && matches_all(terms, own, &cycle.snapshot.listers.namespace_labels())
}
