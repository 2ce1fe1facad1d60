//! One pod's way from the queue to a node, or back with a reason. Mirrors pkg/scheduler/schedule_one.go.

use crate::cache::NodeInfo;
use crate::events::Event;
use crate::framework::{Cycle, Plugin, Snapshot, Status, filter_with_nominated};
use crate::plugins::PLUGINS;
use crate::plugins::default_preemption::{self, Candidate, Outcome};
use crate::pod::PodInfo;
use crate::queue::QueuedPod;
use crate::scheduler::Scheduler;
use apimachinery::{Method, Object, Request, Resource, Value, json, time};
use client::{Context, ObjectRef, SignalKind};
use sim::Order;
use sim::Rng;
use sim::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// In a large cluster not every node is looked at. Mirrors minFeasibleNodesToFind and
/// minFeasibleNodesPercentageToFind.
const MIN_FEASIBLE: usize = 100;
const MIN_FEASIBLE_PERCENT: usize = 5;
/// For how many nodes a decision tells details.
const MAX_DETAILS: usize = 100;

const POD: Resource = api::pod::RESOURCE;
/// Where disruption budgets live in the API.
const BUDGETS: Resource = Resource {
    group: "policy",
    version: "v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespaced: true,
};

/// A node was found.
struct Choice {
    node: String,
    text: String,
    details: Vec<(String, String)>,
    looked_at: usize,
}

/// No node was found, and why. Mirrors framework.Diagnosis.
#[derive(Default)]
struct Diagnosis {
    total: usize,
    /// Why each node refused the pod; empty when a rule refused it everywhere.
    statuses: BTreeMap<String, Status>,
    /// What is said about nodes that were not even looked at.
    absent: Option<String>,
    /// What a rule said that refused the pod everywhere.
    pre_filter: Option<String>,
    rejectors: BTreeSet<&'static str>,
}

impl Diagnosis {
    /// The message, as far as rules determine it. Mirrors framework.FitError.
    fn message(&self) -> String {
        if let Some(text) = &self.pre_filter {
            return format!("0/{} nodes are available: {text}.", self.total);
        }
        let told = self.statuses.values().flat_map(|s| s.reasons.iter().map(|r| r.to_string()));
        let absent = self.total - self.statuses.len();
        let untold = self.absent.iter().flat_map(|text| std::iter::repeat_n(text.clone(), absent));
        unavailable(self.total, told.chain(untold))
    }
}

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) ...`: the reasons counted, in the order of their texts.
pub fn unavailable(total: usize, reasons: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    reasons.for_each(|reason| *counts.entry(reason).or_default() += 1);
    let mut texts: Vec<String> = counts.into_iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    texts.order();
    match texts.join(", ").as_str() {
        "" => format!("0/{total} nodes are available:"),
        list => format!("0/{total} nodes are available: {list}."),
    }
}

/// Finds a node for a pod. Mirrors schedulePod.
fn find_node(
    pod: &PodInfo,
    snapshot: Snapshot<'_>,
    start: usize,
    rng: &mut Rng,
) -> Result<Choice, Diagnosis> {
    let all: Vec<&NodeInfo> = snapshot.nodes.iter().collect();
    let mut diagnosis = Diagnosis { total: all.len(), ..Diagnosis::default() };
    let mut cycle = match Cycle::begin(pod, snapshot) {
        Ok(cycle) => cycle,
        Err((rule, status)) => {
            diagnosis.pre_filter = Some(status.reasons.join(", "));
            diagnosis.rejectors.insert(rule);
            return Err(diagnosis);
        }
    };
    let nominated = snapshot.nodes.get(pod.nominated_node());
    let feasible = match nominated.filter(|node| filter_with_nominated(&cycle, node).is_ok()) {
        Some(node) => vec![node],
        None => feasible_nodes(&cycle, &all, start, &mut diagnosis),
    };
    match feasible.as_slice() {
        [] => Err(diagnosis),
        [node] => {
            let text = format!("goes to {}: the only node that fits", node.name);
            let mut details = refusals(&diagnosis);
            details.push((node.name.clone(), "fits".into()));
            Ok(Choice { node: node.name.clone(), text, details, looked_at: 1 + diagnosis.statuses.len() })
        }
        nodes => {
            let scores = prioritize(&mut cycle, nodes);
            let best = scores.iter().map(|s| s.0).max().unwrap_or_default();
            let ties: Vec<usize> = (0..nodes.len()).filter(|i| scores[*i].0 == best).collect();
            let chosen = nodes[ties[rng.below(ties.len() as u64) as usize]];
            let text = match ties.len() {
                1 => format!("goes to {}: score {best}, the best of {}", chosen.name, nodes.len()),
                n => format!("goes to {}: score {best}, drawn from {n} equally good nodes", chosen.name),
            };
            let mut details = refusals(&diagnosis);
            let scored = nodes.iter().zip(scores).map(|(n, (_, text))| (n.name.clone(), text));
            details.extend(scored.take(MAX_DETAILS));
            let looked_at = nodes.len() + diagnosis.statuses.len();
            Ok(Choice { node: chosen.name.clone(), text, details, looked_at })
        }
    }
}

fn refusals(diagnosis: &Diagnosis) -> Vec<(String, String)> {
    let told = diagnosis.statuses.iter().take(MAX_DETAILS);
    told.map(|(node, status)| (node.clone(), status.reasons.join(", "))).collect()
}

/// The nodes that fit, beginning at `start`, until there are enough of them. Mirrors findNodesThatPassFilters.
fn feasible_nodes<'a>(
    cycle: &Cycle<'a>,
    all: &[&'a NodeInfo],
    start: usize,
    diagnosis: &mut Diagnosis,
) -> Vec<&'a NodeInfo> {
    let only = cycle.only.as_ref();
    if let Some((rule, _)) = only {
        diagnosis.absent = Some(format!("node(s) didn't satisfy plugin(s) [{rule}]"));
        diagnosis.rejectors.insert(rule);
    }
    let enough = enough_nodes(only.map_or(all.len(), |(_, names)| names.len()));
    let mut feasible = Vec::new();
    for i in 0..all.len() {
        let node = all[(start + i) % all.len()];
        if only.is_some_and(|(_, names)| !names.contains(&node.name)) {
            continue;
        }
        match filter_with_nominated(cycle, node) {
            Ok(()) => feasible.push(node),
            Err((rule, status)) => {
                diagnosis.rejectors.insert(rule);
                diagnosis.statuses.insert(node.name.clone(), status);
            }
        }
        if feasible.len() >= enough {
            break;
        }
    }
    feasible
}

/// After how many nodes that fit the search ends. Mirrors numFeasibleNodesToFind.
fn enough_nodes(all: usize) -> usize {
    if all < MIN_FEASIBLE {
        return all.max(1);
    }
    let percent = 50usize.saturating_sub(all / 125).max(MIN_FEASIBLE_PERCENT);
    (all * percent / 100).max(MIN_FEASIBLE)
}

/// The weighted sum of all scores of each node, and how it came about. Mirrors prioritizeNodes.
fn prioritize(cycle: &mut Cycle<'_>, nodes: &[&NodeInfo]) -> Vec<(i64, String)> {
    let mut totals = vec![(0, String::new()); nodes.len()];
    for plugin in PLUGINS.iter().filter(|p| p.weight() > 0) {
        if !plugin.pre_score(cycle, nodes) {
            continue;
        }
        let mut scores: Vec<i64> = nodes.iter().map(|node| plugin.score(cycle, node)).collect();
        plugin.normalize(cycle, nodes, &mut scores);
        for (i, ((total, text), score)) in totals.iter_mut().zip(scores).enumerate() {
            *total += plugin.weight() * score;
            if i < MAX_DETAILS {
                add_score(text, *plugin, score);
            }
        }
    }
    totals.iter_mut().for_each(|(total, text)| text.insert_str(0, &format!("{total}: ")));
    totals
}

fn add_score(text: &mut String, plugin: &dyn Plugin, score: i64) {
    if !text.is_empty() {
        text.push_str(", ");
    }
    text.push_str(plugin.name());
    let _ = match plugin.weight() {
        1 => write!(text, " {score}"), // writing to a string cannot fail
        weight => write!(text, " {score} × {weight}"),
    };
}

impl Scheduler {
    /// Takes the next pod from the queue and decides about it.
    pub(crate) fn schedule_one(&mut self, ctx: &mut Context<'_>) {
        let Some(queued) = self.queue.pop() else { return };
        let pod = queued.pod.clone();
        if pod.object.is_terminating() {
            return;
        }
        let snapshot =
            Snapshot { nodes: self.cache.view(), listers: &self.listers, nominated: &self.queue.nominated };
        let nodes = snapshot.nodes.len();
        if nodes == 0 {
            let failure =
                Failure::refused("no nodes available to schedule pods".into(), Vec::new(), Vec::new());
            return self.fail(ctx, queued, failure);
        }
        match find_node(&pod, snapshot, self.next_start, ctx.rng) {
            Ok(choice) => {
                self.next_start = (self.next_start + choice.looked_at) % nodes;
                self.bind(ctx, queued, choice);
            }
            Err(diagnosis) => {
                self.next_start = (self.next_start + diagnosis.statuses.len()) % nodes;
                self.post_filter(ctx, queued, diagnosis);
            }
        }
    }

    /// Writes the decision down. Mirrors bindingCycle.
    fn bind(&mut self, ctx: &mut Context<'_>, queued: QueuedPod, choice: Choice) {
        let pod = &queued.pod;
        let (namespace, name) = (pod.object.namespace(), pod.object.name());
        let binding = json!({
            "apiVersion": "v1", "kind": "Binding",
            "metadata": {"name": name, "namespace": namespace, "uid": pod.uid()},
            "target": {"kind": "Node", "name": choice.node.as_str()},
        });
        let path = format!("{}/binding", POD.object_path(namespace, name));
        let answer = ctx.send(Request::new(Method::Post, path).with_body(binding));
        match answer.into_object() {
            Ok(_) => {
                ctx.signal(SignalKind::Decision {
                    object: ObjectRef::of(&pod.object),
                    text: format!("{name} {}", choice.text),
                    details: choice.details,
                });
                let note = format!("Successfully assigned {namespace}/{name} to {}", choice.node);
                self.assume(pod, &choice.node);
                self.recorder.event(
                    ctx,
                    Event {
                        about: &pod.object,
                        related: None,
                        kind: "Normal",
                        reason: "Scheduled",
                        action: "Binding",
                        note: &note,
                    },
                );
            }
            Err(status) if status.is_not_found() => {}
            Err(status) => {
                let message = format!("binding rejected: {}", status.message());
                let nominated = Some(String::new());
                self.fail(ctx, queued, Failure { message, rejectors: None, nominated, details: Vec::new() });
            }
        }
    }

    /// Counts a pod as being on its node before the watch tells so.
    fn assume(&mut self, pod: &Arc<PodInfo>, node: &str) {
        let mut object = pod.object.clone();
        object.set_at("spec.nodeName", node);
        let assumed = PodInfo { object, ..(**pod).clone() };
        self.assumed.insert(pod.key.clone(), pod.uid().into());
        self.queue.remove(&pod.key);
        self.cache.set_pod(Arc::new(assumed), node);
    }

    /// Nothing fits: tries to make room. Mirrors the PostFilter plugins DynamicResources and DefaultPreemption.
    fn post_filter(&mut self, ctx: &mut Context<'_>, queued: QueuedPod, diagnosis: Diagnosis) {
        let rejectors = diagnosis.rejectors.iter().copied().collect();
        let mut failure = Failure::refused(diagnosis.message(), rejectors, refusals(&diagnosis));
        if diagnosis.pre_filter.is_some() {
            // DynamicResources has not prepared anything in that case, and says so.
            failure.message += " not found";
            return self.fail(ctx, queued, failure);
        }
        let budgets = match queued.pod.priority {
            0 => Vec::new(), // nothing less important is there, as a rule: spares the request
            _ => ctx.list(&BUDGETS, "").unwrap_or_default(),
        };
        let snapshot =
            Snapshot { nodes: self.cache.view(), listers: &self.listers, nominated: &self.queue.nominated };
        let statuses = &diagnosis.statuses;
        match default_preemption::post_filter(&queued.pod, snapshot, statuses, &budgets, ctx.now, ctx.rng) {
            Outcome::Room(candidate) => {
                self.preempt(ctx, &queued.pod, &candidate);
                failure.nominated = Some(candidate.node);
            }
            Outcome::NotEligible(why) => {
                failure.message += &format!(" no new claims to deallocate, preemption: {why}");
            }
            Outcome::NoHelp(why) => {
                failure.message += &format!(" no new claims to deallocate, preemption: {why}");
                failure.nominated = Some(String::new());
            }
        }
        self.fail(ctx, queued, failure);
    }

    /// Makes room: the victims are deleted. Mirrors prepareCandidate.
    fn preempt(&mut self, ctx: &mut Context<'_>, preemptor: &PodInfo, candidate: &Candidate) {
        let waiting = self.queue.nominated.get(&candidate.node).cloned().unwrap_or_default();
        for other in waiting.values().filter(|p| p.priority < preemptor.priority) {
            let patch = json!({"status": {"nominatedNodeName": null}});
            // A pod that is gone needs no room either.
            let _ = ctx.patch(&POD, other.object.namespace(), other.object.name(), "status", patch);
            self.queue.nominate(other, "");
        }
        for victim in candidate.victims.iter().filter(|v| !v.object.is_terminating()) {
            let (namespace, name) = (victim.object.namespace(), victim.object.name());
            let text = "default-scheduler: preempting to accommodate a higher priority pod";
            let condition =
                condition(&victim.object, "DisruptionTarget", "True", "PreemptionByScheduler", text, ctx);
            if let Some(condition) = condition {
                let patch = json!({"status": {"conditions": [condition]}});
                if ctx.patch(&POD, namespace, name, "status", patch).is_err() {
                    continue;
                }
            }
            if ctx.delete(&POD, namespace, name, json!({})).is_err() {
                continue;
            }
            let note = format!("Preempted by pod {} on node {}", preemptor.uid(), candidate.node);
            self.recorder.event(
                ctx,
                Event {
                    about: &victim.object,
                    related: Some(&preemptor.object),
                    kind: "Normal",
                    reason: "Preempted",
                    action: "Preempting",
                    note: &note,
                },
            );
        }
    }

    /// The pod goes back into the queue, and everybody is told why. Mirrors handleSchedulingFailure.
    fn fail(&mut self, ctx: &mut Context<'_>, queued: QueuedPod, failure: Failure) {
        let pod = queued.pod.clone();
        ctx.signal(SignalKind::Decision {
            object: ObjectRef::of(&pod.object),
            text: format!("{} has no node: {}", pod.object.name(), failure.message),
            details: failure.details,
        });
        let reason = match failure.rejectors {
            Some(rejectors) => {
                self.queue.add_unschedulable(queued, rejectors, ctx.now);
                "Unschedulable"
            }
            None => {
                self.queue.add_errored(queued, ctx.now);
                "SchedulerError"
            }
        };
        if let Some(node) = &failure.nominated {
            self.queue.nominate(&pod, node);
        }
        let (about, note) = (&pod.object, failure.message.as_str());
        let event = Event {
            about,
            related: None,
            kind: "Warning",
            reason: "FailedScheduling",
            action: "Scheduling",
            note,
        };
        self.recorder.event(ctx, event);
        let mut status = Value::object();
        if let Some(condition) = condition(about, "PodScheduled", "False", reason, note, ctx) {
            status.set("conditions", Value::array([condition]));
        }
        if let Some(node) = failure.nominated.filter(|node| *node != pod.nominated_node()) {
            status.set("nominatedNodeName", if node.is_empty() { Value::Null } else { node.into() });
        }
        if !status.is_empty() {
            // A pod that is gone needs no condition.
            let _ = ctx.patch(&POD, about.namespace(), about.name(), "status", json!({"status": status}));
        }
    }
}

/// Why a pod goes back into the queue.
struct Failure {
    message: String,
    /// Which rules refused it; `None` when something else went wrong.
    rejectors: Option<Vec<&'static str>>,
    /// The node on which room is made for it; empty for none; `None` leaves that as it is.
    nominated: Option<String>,
    /// Why each node refused it.
    details: Vec<(String, String)>,
}

impl Failure {
    /// Rules refused the pod.
    fn refused(message: String, rejectors: Vec<&'static str>, details: Vec<(String, String)>) -> Failure {
        Failure { message, rejectors: Some(rejectors), nominated: None, details }
    }
}

/// A condition as it should be written, or `None` when it stands there already. Mirrors podutil.UpdatePodCondition.
fn condition(
    pod: &Object,
    kind: &str,
    status: &str,
    reason: &str,
    message: &str,
    ctx: &Context<'_>,
) -> Option<Value> {
    let known = pod["status"]["conditions"].items().iter().find(|c| c["type"] == kind);
    let same_status = known.filter(|c| c["status"] == status);
    let since = same_status.map(|c| c["lastTransitionTime"].clone());
    let wanted = json!({
        "type": kind, "status": status, "reason": reason, "message": message, "lastProbeTime": null,
        "lastTransitionTime": since.unwrap_or_else(|| time::format(ctx.now).into()),
        "observedGeneration": pod.generation(),
    });
    let fields = ["reason", "message", "observedGeneration"];
    let stands = same_status.is_some_and(|c| fields.iter().all(|f| c[*f] == wanted[*f]));
    (!stands).then_some(wanted)
}
