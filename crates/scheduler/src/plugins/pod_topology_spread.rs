//! PodTopologySpread: pods spread over nodes and zones. Mirrors plugins/podtopologyspread.

use crate::cache::NodeInfo;
use crate::framework::{ClusterEvent, Cycle, Listers, MAX_NODE_SCORE, Plugin, Status};
use crate::node_selector::RequiredNodeAffinity;
use crate::plugins::taint_toleration::repels;
use crate::pod::{PodInfo, same};
use apimachinery::labels::{Operator, Requirement, Selector};
use apimachinery::{Object, Value};
use sim::collections::{BTreeMap, BTreeSet};

pub struct PodTopologySpread;

const HOSTNAME: &str = "kubernetes.io/hostname";
const ZONE: &str = "topology.kubernetes.io/zone";
/// Spreading of pods that do not say how, as (label, maxSkew): soft. Mirrors systemDefaultConstraints.
const SYSTEM_DEFAULTS: [(&str, i64); 2] = [(HOSTNAME, 3), (ZONE, 5)];

/// One of `spec.topologySpreadConstraints`.
#[derive(Clone, Debug)]
struct Constraint {
    key: String,
    max_skew: i64,
    min_domains: i64,
    selector: Selector,
    honor_affinity: bool,
    honor_taints: bool,
}

/// What is prepared for one pod.
#[derive(Clone, Debug, Default)]
pub struct State {
    hard: Vec<Constraint>,
    /// Matching pods per value of the label, one map per hard constraint.
    hard_counts: Vec<BTreeMap<String, i64>>,
    soft: Vec<Constraint>,
    soft_counts: Vec<BTreeMap<String, i64>>,
    weights: Vec<f64>,
    /// Nodes that miss a label and are not scored.
    ignored: BTreeSet<String>,
}

impl Plugin for PodTopologySpread {
    fn name(&self) -> &'static str {
        "PodTopologySpread"
    }

    fn weight(&self) -> i64 {
        2
    }

    fn pre_filter(&self, cycle: &mut Cycle<'_>) -> Result<(), Status> {
        let hard = explicit(&cycle.pod.object, "DoNotSchedule");
        let mut counts = vec![BTreeMap::new(); hard.len()];
        if !hard.is_empty() {
            for node in cycle.snapshot.nodes.iter().filter(|n| has_labels(n, &hard)) {
                for (constraint, counts) in hard.iter().zip(&mut counts) {
                    if included(cycle, constraint, node) {
                        let value = node.label(&constraint.key).unwrap_or_default().to_string();
                        *counts.entry(value).or_default() += matching(cycle, constraint, node);
                    }
                }
            }
        }
        cycle.spread = State { hard, hard_counts: counts, ..State::default() };
        Ok(())
    }

    fn filter(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), Status> {
        let state = &cycle.spread;
        for (constraint, counts) in state.hard.iter().zip(&state.hard_counts) {
            let Some(value) = node.label(&constraint.key) else {
                return Err(Status::unresolvable(
                    "node(s) didn't match pod topology spread constraints (missing required label)",
                ));
            };
            let too_few = (counts.len() as i64) < constraint.min_domains;
            let least = if too_few { 0 } else { counts.values().copied().min().unwrap_or(i32::MAX.into()) };
            let own = i64::from(constraint.selector.matches(cycle.pod.object.labels()));
            let here = counts.get(value).copied().unwrap_or_default();
            if here + own - least > constraint.max_skew {
                return Err(Status::unschedulable("node(s) didn't match pod topology spread constraints"));
            }
        }
        Ok(())
    }

    fn pre_score(&self, cycle: &mut Cycle<'_>, nodes: &[&NodeInfo]) -> bool {
        let explicitly = !cycle.pod.object["spec"]["topologySpreadConstraints"].is_empty();
        let soft = if explicitly {
            explicit(&cycle.pod.object, "ScheduleAnyway")
        } else {
            defaults(cycle.pod, cycle.snapshot.listers)
        };
        if soft.is_empty() {
            return false;
        }
        let mut counts = vec![BTreeMap::new(); soft.len()];
        let mut ignored = BTreeSet::new();
        for node in nodes {
            if explicitly && !has_labels(node, &soft) {
                ignored.insert(node.name.clone());
                continue;
            }
            for (constraint, counts) in soft.iter().zip(&mut counts).filter(|(c, _)| c.key != HOSTNAME) {
                counts.insert(node.label(&constraint.key).unwrap_or_default().to_string(), 0);
            }
        }
        let scored = nodes.len() - ignored.len();
        let weight = |(c, counts): (&Constraint, &BTreeMap<String, i64>)| {
            let size = if c.key == HOSTNAME { scored } else { counts.len() };
            ((size + 2) as f64).ln()
        };
        let weights = soft.iter().zip(&counts).map(weight).collect();
        if soft.iter().any(|c| c.key != HOSTNAME) {
            let all = cycle.snapshot.nodes.iter();
            for node in all.filter(|n| !explicitly || has_labels(n, &soft)) {
                for (constraint, counts) in soft.iter().zip(&mut counts) {
                    let value = node.label(&constraint.key).unwrap_or_default();
                    if let Some(count) = counts.get_mut(value).filter(|_| included(cycle, constraint, node)) {
                        *count += matching(cycle, constraint, node);
                    }
                }
            }
        }
        let state = &mut cycle.spread;
        (state.soft, state.soft_counts, state.weights, state.ignored) = (soft, counts, weights, ignored);
        true
    }

    fn score(&self, cycle: &Cycle<'_>, node: &NodeInfo) -> i64 {
        let state = &cycle.spread;
        if state.ignored.contains(&node.name) {
            return 0;
        }
        let mut score = 0.0;
        for (i, constraint) in state.soft.iter().enumerate() {
            let Some(value) = node.label(&constraint.key) else { continue };
            let count = match constraint.key.as_str() {
                HOSTNAME => matching(cycle, constraint, node),
                _ => state.soft_counts[i].get(value).copied().unwrap_or_default(),
            };
            score += count as f64 * state.weights[i] + (constraint.max_skew - 1) as f64;
        }
        score.round() as i64
    }

    fn normalize(&self, cycle: &Cycle<'_>, nodes: &[&NodeInfo], scores: &mut [i64]) {
        let ignored: Vec<bool> = nodes.iter().map(|n| cycle.spread.ignored.contains(&n.name)).collect();
        let scored = scores.iter().zip(&ignored).filter(|(_, ignored)| !**ignored).map(|(score, _)| *score);
        let (least, most) = (scored.clone().min().unwrap_or(i64::MAX), scored.max().unwrap_or_default());
        for (score, ignored) in scores.iter_mut().zip(ignored) {
            *score = match () {
                () if ignored => 0,
                () if most == 0 => MAX_NODE_SCORE,
                () => MAX_NODE_SCORE * (most + least - *score) / most,
            };
        }
    }

    fn requeue(&self, pod: &PodInfo, event: &ClusterEvent<'_>, _: &Listers) -> bool {
        let hard = explicit(&pod.object, "DoNotSchedule");
        let concerns = |other: &PodInfo| {
            other.group.namespace == pod.group.namespace
                && hard.iter().any(|c| c.selector.matches(&other.group.labels))
        };
        match event {
            ClusterEvent::AssignedPod { old, new } => {
                let changed = old.zip(*new).is_none_or(|(a, b)| a.group.id != b.group.id);
                changed && (old.is_some_and(concerns) || new.is_some_and(concerns))
            }
            ClusterEvent::Node { old: Some(old), new: Some(new) } => {
                !same(old.labels(), new.object.labels())
                    || !same(&old["spec"]["taints"], &new.object["spec"]["taints"])
            }
            ClusterEvent::Node { old, new } => {
                let labels = new.map(|n| n.object.labels()).or(old.map(|o| o.labels()));
                labels.is_some_and(|labels| hard.iter().all(|c| labels.get(&c.key).is_some()))
            }
            ClusterEvent::Claim(_) => false,
        }
    }
}

/// The constraints that a pod has itself. `action` is `DoNotSchedule` or `ScheduleAnyway`.
fn explicit(pod: &Object, action: &str) -> Vec<Constraint> {
    let all = pod["spec"]["topologySpreadConstraints"].items().iter();
    let or = |value: &Value, default: i64| value.as_i64().unwrap_or(default);
    let read = |c: &Value| {
        // A constraint without a selector matches no pod.
        let nothing = Requirement { key: String::new(), operator: Operator::In, values: vec![] };
        let selector = Selector::from_label_selector(&c["labelSelector"]);
        let mut selector = selector.unwrap_or(Selector(vec![nothing]));
        for key in c["matchLabelKeys"].items() {
            if let Some(value) = pod.label(key.str()) {
                let (key, values) = (key.str().to_string(), vec![value.to_string()]);
                selector.0.push(Requirement { key, operator: Operator::In, values });
            }
        }
        Constraint {
            key: c["topologyKey"].str().into(),
            max_skew: or(&c["maxSkew"], 1),
            min_domains: or(&c["minDomains"], 1),
            selector,
            honor_affinity: c["nodeAffinityPolicy"] != "Ignore",
            honor_taints: c["nodeTaintsPolicy"] == "Honor",
        }
    };
    all.filter(|c| c["whenUnsatisfiable"] == action).map(read).collect()
}

/// How pods are spread that do not say: like the pods of the same Services and of the same owner.
/// Mirrors buildDefaultConstraints and helper.DefaultSelector.
fn defaults(pod: &PodInfo, listers: &Listers) -> Vec<Constraint> {
    let labels = pod.object.labels();
    let mut selector = Selector::default();
    for service in listers.services.namespace(pod.object.namespace()) {
        let wanted = &service["spec"]["selector"];
        let theirs = Selector::from_map(wanted);
        if !wanted.is_null() && theirs.matches(labels) {
            selector.0.extend(theirs.0);
        }
    }
    if let Some(owner) = pod.object.controller().filter(|o| o.kind() == "ReplicaSet") {
        let key = format!("{}/{}", pod.object.namespace(), owner.name());
        let theirs = listers.replicasets.get(&key).map(|rs| &rs["spec"]["selector"]);
        selector.0.extend(theirs.and_then(Selector::from_label_selector).unwrap_or_default().0);
    }
    if selector.is_empty() {
        return Vec::new();
    }
    let constraint = |(key, max_skew): (&str, i64)| Constraint {
        key: key.into(),
        max_skew,
        min_domains: 1,
        selector: selector.clone(),
        honor_affinity: true,
        honor_taints: false,
    };
    SYSTEM_DEFAULTS.map(constraint).into()
}

fn has_labels(node: &NodeInfo, constraints: &[Constraint]) -> bool {
    constraints.iter().all(|c| node.label(&c.key).is_some())
}

/// Whether a node's pods count. Mirrors matchNodeInclusionPolicies.
fn included(cycle: &Cycle<'_>, constraint: &Constraint, node: &NodeInfo) -> bool {
    (!constraint.honor_affinity || node_affinity(cycle).matches(node))
        && (!constraint.honor_taints || !repels(node, &cycle.tolerations))
}

fn node_affinity<'c>(cycle: &'c Cycle<'_>) -> &'c RequiredNodeAffinity {
    &cycle.node_affinity
}

fn matching(cycle: &Cycle<'_>, constraint: &Constraint, node: &NodeInfo) -> i64 {
    node.count(cycle.pod.object.namespace(), &|labels| constraint.selector.matches(labels))
}
