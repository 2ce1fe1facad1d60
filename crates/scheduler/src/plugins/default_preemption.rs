//! DefaultPreemption: when a pod fits nowhere, less important pods make room for it.
//! Mirrors plugins/defaultpreemption and pkg/scheduler/framework/preemption.

use crate::cache::NodeInfo;
use crate::framework::{Cycle, Snapshot, Status, filter_with_nominated};
use crate::pod::PodInfo;
use crate::schedule_one::unavailable;
use apimachinery::labels::Selector;
use apimachinery::{Object, time};
use sim::Order;
use sim::collections::BTreeMap;
use sim::{Rng, Time};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many nodes are tried: this part of them, but not fewer than that many.
/// Mirrors minCandidateNodesPercentage and minCandidateNodesAbsolute.
const MIN_CANDIDATES_PERCENT: usize = 10;
const MIN_CANDIDATES: usize = 100;

/// A node on which a pod would fit if these left.
pub struct Candidate {
    /// The node.
    pub node: String,
    /// Who would have to leave, the most important first.
    pub victims: Vec<Arc<PodInfo>>,
    violations: usize,
}

/// What came of it.
pub enum Outcome {
    /// Room is made.
    Room(Candidate),
    /// Nothing is done, and a nomination from before stays.
    NotEligible(&'static str),
    /// It would not help, and a nomination from before ends.
    NoHelp(String),
}

/// Looks for victims. `statuses` says why each node refused the pod; a node that is not in there cannot be helped.
pub fn post_filter(
    pod: &PodInfo,
    snapshot: Snapshot<'_>,
    statuses: &BTreeMap<String, Status>,
    budgets: &[Object],
    now: Time,
    rng: &mut Rng,
) -> Outcome {
    if let Some(why) = ineligible(pod, snapshot, statuses) {
        return Outcome::NotEligible(why);
    }
    let potential: Vec<&NodeInfo> = snapshot
        .nodes
        .iter()
        .filter(|n| statuses.get(&n.name).is_some_and(|status| status.resolvable))
        .collect();
    let offset = rng.below(potential.len() as u64) as usize;
    let wanted = (potential.len() * MIN_CANDIDATES_PERCENT / 100).max(MIN_CANDIDATES);
    let mut refused: BTreeMap<&str, Status> = BTreeMap::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for i in 0..potential.len() {
        let node = potential[(offset + i) % potential.len()];
        match select_victims(pod, snapshot, node, budgets, now) {
            Ok(candidate) => candidates.push(candidate),
            Err(status) => drop(refused.insert(&node.name, status)),
        }
        if candidates.len() >= wanted && candidates.iter().any(|c| c.violations == 0) {
            break;
        }
    }
    match candidates.into_iter().min_by_key(|c| preference(c, now)) {
        Some(best) => Outcome::Room(best),
        None => {
            let reason = |n: &NodeInfo| match refused.get(n.name.as_str()) {
                Some(status) => status.reasons.iter().map(|r| r.to_string()).collect(),
                None => vec!["Preemption is not helpful for scheduling".to_string()],
            };
            Outcome::NoHelp(unavailable(snapshot.nodes.len(), snapshot.nodes.iter().flat_map(reason)))
        }
    }
}

/// Why a pod may not preempt now. Mirrors PodEligibleToPreemptOthers.
fn ineligible(
    pod: &PodInfo,
    snapshot: Snapshot<'_>,
    statuses: &BTreeMap<String, Status>,
) -> Option<&'static str> {
    if pod.object["spec"]["preemptionPolicy"] == "Never" {
        return Some("not eligible due to preemptionPolicy=Never.");
    }
    let node = snapshot.nodes.get(pod.nominated_node())?;
    if statuses.get(&node.name).is_none_or(|status| !status.resolvable) {
        return None;
    }
    let leaving = |p: &&Arc<PodInfo>| p.priority < pod.priority && leaving_for_preemption(&p.object);
    let waits = node.pods.values().any(|p| leaving(&p));
    waits.then_some("not eligible due to a terminating pod on the nominated node.")
}

fn leaving_for_preemption(pod: &Object) -> bool {
    let conditions = pod["status"]["conditions"].items().iter();
    pod.is_terminating()
        && conditions
            .filter(|c| c["type"] == "DisruptionTarget")
            .any(|c| c["status"] == "True" && c["reason"] == "PreemptionByScheduler")
}

/// The fewest and least important pods of a node that must leave. Mirrors SelectVictimsOnNode.
fn select_victims(
    pod: &PodInfo,
    snapshot: Snapshot<'_>,
    node: &NodeInfo,
    budgets: &[Object],
    now: Time,
) -> Result<Candidate, Status> {
    let less = node.pods.values().filter(|p| p.priority < pod.priority);
    let mut potential: Vec<Arc<PodInfo>> = less.cloned().collect();
    if potential.is_empty() {
        return Err(Status::unresolvable("No preemption victims found for incoming pod"));
    }
    let mut trial = node.clone();
    potential.iter().for_each(|p| trial.remove(&p.key));
    fits(pod, snapshot, &trial)?;
    potential.order_by_key(|p| importance(p, now));
    let (violating, harmless) = split_by_budgets(potential, budgets);
    let mut victims = Vec::new();
    let mut violations = 0;
    // First those may stay that a disruption budget protects, the most important first; then the others.
    for (reprieved, protected) in
        violating.into_iter().map(|p| (p, true)).chain(harmless.into_iter().map(|p| (p, false)))
    {
        trial.add(reprieved.clone());
        if fits(pod, snapshot, &trial).is_err() {
            trial.remove(&reprieved.key);
            victims.push(reprieved);
            violations += usize::from(protected);
        }
    }
    victims.order_by_key(|p| importance(p, now));
    Ok(Candidate { node: node.name.clone(), victims, violations })
}

fn fits(pod: &PodInfo, snapshot: Snapshot<'_>, node: &NodeInfo) -> Result<(), Status> {
    let snapshot = Snapshot { nodes: snapshot.nodes.with(node), ..snapshot };
    let cycle = Cycle::begin(pod, snapshot).map_err(|(_, status)| status)?;
    filter_with_nominated(&cycle, node).map_err(|(_, status)| status)
}

/// Sorts the more important first: by priority, then by how long it has run. Mirrors util.MoreImportantPod.
fn importance(pod: &PodInfo, now: Time) -> (Reverse<i64>, Time) {
    (Reverse(pod.priority), started(pod, now))
}

fn started(pod: &PodInfo, now: Time) -> Time {
    time::parse(pod.object["status"]["startTime"].str()).unwrap_or(now)
}

/// Which candidate is taken: the least by this key. Mirrors pickOneNodeForPreemption.
fn preference(candidate: &Candidate, now: Time) -> (usize, i64, i64, usize, Reverse<Time>) {
    let victims = &candidate.victims;
    let highest = victims.first().map(|p| p.priority).unwrap_or(i64::MIN);
    let sum = victims.iter().map(|p| p.priority + i64::from(i32::MAX) + 1).sum();
    let of_highest = victims.iter().filter(|p| p.priority == highest);
    let earliest = of_highest.map(|p| started(p, now)).min().unwrap_or(now);
    (candidate.violations, highest, sum, victims.len(), Reverse(earliest))
}

/// Those whose leaving would break a PodDisruptionBudget, and the others. Mirrors filterPodsWithPDBViolation.
fn split_by_budgets(pods: Vec<Arc<PodInfo>>, budgets: &[Object]) -> (Vec<Arc<PodInfo>>, Vec<Arc<PodInfo>>) {
    let mut allowed: Vec<i64> = budgets.iter().map(|b| b["status"]["disruptionsAllowed"].int()).collect();
    pods.into_iter().partition(|pod| {
        let mut violated = false;
        for (budget, allowed) in budgets.iter().zip(&mut allowed) {
            let selector = Selector::from_label_selector(&budget["spec"]["selector"]).unwrap_or_default();
            let meant = budget.namespace() == pod.object.namespace()
                && !selector.is_empty()
                && selector.matches(pod.object.labels())
                && budget["status"]["disruptedPods"][pod.object.name()].is_null();
            *allowed -= i64::from(meant);
            violated |= meant && *allowed < 0;
        }
        violated
    })
}
