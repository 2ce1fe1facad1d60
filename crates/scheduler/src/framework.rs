//! What a rule is, and what it sees. Mirrors pkg/scheduler/framework.

use crate::cache::{NodeInfo, Nodes};
use crate::node_selector::{RequiredNodeAffinity, Term};
use crate::plugins::{inter_pod_affinity, pod_topology_spread, taint_toleration::Toleration};
use crate::pod::PodInfo;
use apimachinery::{Object, Value};
use client::Informer;
use sim::collections::{BTreeMap, BTreeSet};
use std::borrow::Cow;
use std::sync::Arc;

/// The best score of a node in one rule.
pub const MAX_NODE_SCORE: i64 = 100;

/// Why a node (or all of them) does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// Whether taking other pods away might help (`Unschedulable`) or not (`UnschedulableAndUnresolvable`).
    pub resolvable: bool,
    /// In the words of the event.
    pub reasons: Vec<Cow<'static, str>>,
}

impl Status {
    /// Other pods are in the way.
    pub fn unschedulable(reason: &'static str) -> Status {
        Status { resolvable: true, reasons: vec![reason.into()] }
    }

    /// Taking pods away would not help.
    pub fn unresolvable(reason: impl Into<Cow<'static, str>>) -> Status {
        Status { resolvable: false, reasons: vec![reason.into()] }
    }
}

/// Something that may make a pod schedulable that was not. Mirrors framework.ClusterEvent with its queueing hints.
pub enum ClusterEvent<'a> {
    /// A node is new (`old` is none), has changed, or is gone (`new` is none).
    Node {
        /// Before.
        old: Option<&'a Object>,
        /// After.
        new: Option<&'a NodeInfo>,
    },
    /// A pod that has a node: new there (`old` is none), changed, or gone (`new` is none; also when it has ended).
    AssignedPod {
        /// Before.
        old: Option<&'a PodInfo>,
        /// After.
        new: Option<&'a PodInfo>,
    },
    /// A claim is new or has changed.
    Claim(&'a Object),
}

/// One rule. Every rule is one file and one line in [`crate::plugins::PLUGINS`].
pub trait Plugin: Sync {
    /// As in the scheduler's configuration.
    fn name(&self) -> &'static str;
    /// How much its score counts.
    fn weight(&self) -> i64 {
        0
    }
    /// Prepares the decision; an error refuses every node.
    fn pre_filter(&self, _cycle: &mut Cycle<'_>) -> Result<(), Status> {
        Ok(())
    }
    /// Whether a node will do.
    fn filter(&self, _cycle: &Cycle<'_>, _node: &NodeInfo) -> Result<(), Status> {
        Ok(())
    }
    /// Prepares the scores of these nodes; false when it has nothing to say about this pod.
    fn pre_score(&self, _cycle: &mut Cycle<'_>, _nodes: &[&NodeInfo]) -> bool {
        false
    }
    /// How good a node is, before [`Plugin::normalize`].
    fn score(&self, _cycle: &Cycle<'_>, _node: &NodeInfo) -> i64 {
        0
    }
    /// Brings the scores of all nodes into 0 to [`MAX_NODE_SCORE`].
    fn normalize(&self, _cycle: &Cycle<'_>, _nodes: &[&NodeInfo], _scores: &mut [i64]) {}
    /// Whether a pod that this rule refused may fit after this event.
    fn requeue(&self, _pod: &PodInfo, _event: &ClusterEvent<'_>, _listers: &Listers) -> bool {
        false
    }
}

/// Copies of what else rules ask for.
#[derive(Clone, Debug)]
pub struct Listers {
    /// Services, for the default spreading.
    pub services: Informer,
    /// ReplicaSets, for the default spreading.
    pub replicasets: Informer,
    /// Namespaces, for namespace selectors.
    pub namespaces: Informer,
    /// Claims, watched from the moment that a pod names one.
    pub claims: Option<Informer>,
}

impl Listers {
    /// A namespace's labels, as [`crate::pod::AffinityTerm::matches`] asks for them.
    pub fn namespace_labels(&self) -> impl Fn(&str) -> Value {
        |namespace| self.namespaces.get(namespace).map(|n| n.labels().clone()).unwrap_or_default()
    }
}

/// Pods that are waiting for their victims to leave, by node, then by key.
pub type Nominated = BTreeMap<String, BTreeMap<String, Arc<PodInfo>>>;

/// What a decision is made from.
#[derive(Clone, Copy)]
pub struct Snapshot<'a> {
    /// The nodes.
    pub nodes: Nodes<'a>,
    /// Everything else.
    pub listers: &'a Listers,
    /// Pods for which room is being made.
    pub nominated: &'a Nominated,
}

/// One decision about one pod: what the rules have prepared. Mirrors framework.CycleState.
pub struct Cycle<'a> {
    /// The pod.
    pub pod: &'a PodInfo,
    /// What it is made from.
    pub snapshot: Snapshot<'a>,
    /// Only these nodes come into question, where a rule has said so: (rule, nodes).
    pub only: Option<(&'static str, BTreeSet<String>)>,
    /// Prepared by NodeAffinity.
    pub node_affinity: RequiredNodeAffinity,
    /// Prepared by NodeAffinity for scores: terms with their weights.
    pub preferred_nodes: Vec<(i64, Term)>,
    /// Prepared by TaintToleration.
    pub tolerations: Vec<Toleration<'a>>,
    /// Prepared by PodTopologySpread.
    pub spread: pod_topology_spread::State,
    /// Prepared by InterPodAffinity.
    pub affinity: inter_pod_affinity::State<'a>,
}

impl<'a> Cycle<'a> {
    /// Runs the PreFilter of every rule. The error says which rule refuses the pod everywhere, and why.
    pub fn begin(pod: &'a PodInfo, snapshot: Snapshot<'a>) -> Result<Cycle<'a>, (&'static str, Status)> {
        let mut cycle = Cycle {
            pod,
            snapshot,
            only: None,
            node_affinity: RequiredNodeAffinity::default(),
            preferred_nodes: Vec::new(),
            tolerations: Vec::new(),
            spread: Default::default(),
            affinity: Default::default(),
        };
        for plugin in crate::plugins::PLUGINS {
            plugin.pre_filter(&mut cycle).map_err(|status| (plugin.name(), status))?;
        }
        Ok(cycle)
    }

    /// The first rule that refuses a node.
    pub fn filter(&self, node: &NodeInfo) -> Result<(), (&'static str, Status)> {
        let mut rules = crate::plugins::PLUGINS.iter();
        rules.try_for_each(|p| p.filter(self, node).map_err(|status| (p.name(), status)))
    }
}

/// Whether a node will do, now and once the more important pods that wait for room on it have come.
/// Mirrors RunFilterPluginsWithNominatedPods.
pub fn filter_with_nominated(cycle: &Cycle<'_>, node: &NodeInfo) -> Result<(), (&'static str, Status)> {
    let expected = cycle.snapshot.nominated.get(&node.name).into_iter().flat_map(|pods| pods.values());
    let expected: Vec<_> =
        expected.filter(|p| p.priority >= cycle.pod.priority && p.key != cycle.pod.key).collect();
    if !expected.is_empty() {
        let mut later = node.clone();
        expected.into_iter().for_each(|p| later.add(p.clone()));
        let snapshot = Snapshot { nodes: cycle.snapshot.nodes.with(&later), ..cycle.snapshot };
        Cycle::begin(cycle.pod, snapshot)?.filter(&later)?;
    }
    cycle.filter(node)
}

/// Brings scores to 0 to 100 by the greatest; `reverse` when less is better. Mirrors helper.DefaultNormalizeScore.
pub fn default_normalize(reverse: bool, scores: &mut [i64]) {
    let greatest = scores.iter().copied().max().unwrap_or_default();
    for score in scores {
        let part = if greatest == 0 { 0 } else { MAX_NODE_SCORE * *score / greatest };
        *score = if reverse { MAX_NODE_SCORE - part } else { part };
    }
}
