//! What is to be done with a StatefulSet's pods now: the lowest first when they come, the highest first when they go or
//! are made anew. Mirrors stateful_set_control.go.

use super::history::Revisions;
use super::{REVISION, pods};
use crate::{decide, podutil};
use apimachinery::{Object, Status};
use client::{Context, EventRecorder, EventType};
use sim::{Order, Time};

/// What a sync has done that no cache shows yet.
#[derive(Default)]
pub(super) struct Outcome {
    /// The revisions of the pods that were created.
    pub(super) created: Vec<String>,
}

/// Whether a pod runs and is ready.
pub(super) fn is_ready(pod: &Object) -> bool {
    pod.at("status.phase") == "Running" && podutil::is_ready(pod)
}

struct Plan<'a> {
    set: &'a Object,
    /// Whether each step waits for the one before.
    ordered: bool,
    revisions: &'a Revisions,
    min_ready: i64,
    now: Time,
}

impl Plan<'_> {
    fn is_available(&self, pod: &Object) -> bool {
        is_ready(pod) && podutil::is_available(pod, self.min_ready, self.now)
    }
}

/// Takes the next step, or all steps at once where the order does not matter.
pub(super) fn update(
    ctx: &mut Context<'_>,
    recorder: &mut EventRecorder,
    set: &Object,
    pods: &[Object],
    revisions: &Revisions,
) -> Result<Outcome, Status> {
    let plan = Plan {
        set,
        ordered: set.at("spec.podManagementPolicy") != "Parallel",
        revisions,
        min_ready: set.at("spec.minReadySeconds").int(),
        now: ctx.now,
    };
    let first = set.at("spec.ordinals.start").int();
    let wanted = first..first + set.at("spec.replicas").int();
    let (mut kept, mut condemned) = (Vec::new(), Vec::new());
    for pod in pods {
        let ordinal = pods::ordinal(set, pod.name()).unwrap_or(-1);
        if wanted.contains(&ordinal) { kept.push((ordinal, pod)) } else { condemned.push((ordinal, pod)) }
    }
    kept.order_by_key(|(ordinal, _)| *ordinal);
    condemned.order_by_key(|(ordinal, _)| std::cmp::Reverse(*ordinal));
    let mut outcome = Outcome::default();
    for ordinal in wanted {
        let pod = kept.iter().find(|(o, _)| *o == ordinal).map(|(_, pod)| *pod);
        if !settle(ctx, recorder, &plan, ordinal, pod, &mut outcome)? && plan.ordered {
            return Ok(outcome);
        }
    }
    for (_, pod) in condemned {
        if pod.is_terminating() {
            if plan.ordered {
                return Ok(outcome);
            }
            continue;
        }
        decide(ctx, set, format!("{} is one too many", pod.name()));
        pods::delete(ctx, recorder, set, pod)?;
        if plan.ordered {
            return Ok(outcome);
        }
    }
    renew(ctx, recorder, &plan, &kept)?;
    Ok(outcome)
}

/// Brings the pod with a number to life; gives whether it is there and well, so that the next may follow.
fn settle(
    ctx: &mut Context<'_>,
    recorder: &mut EventRecorder,
    plan: &Plan<'_>,
    ordinal: i64,
    pod: Option<&Object>,
    outcome: &mut Outcome,
) -> Result<bool, Status> {
    let set = plan.set;
    let Some(pod) = pod else {
        // Pods below the partition are made as they were.
        let old = set.at("spec.updateStrategy.type") == "RollingUpdate"
            && ordinal
                < set.at("spec.ordinals.start").int()
                    + set.at("spec.updateStrategy.rollingUpdate.partition").int();
        let (template, revision) = match old {
            true => (&plan.revisions.current_template, &plan.revisions.current),
            false => (set.at("spec.template"), &plan.revisions.update),
        };
        decide(ctx, set, format!("{} is missing", pods::name(set, ordinal)));
        pods::create(ctx, recorder, set, ordinal, template, revision)?;
        outcome.created.push(revision.clone());
        return Ok(false);
    };
    if podutil::is_terminal(pod) && !pod.is_terminating() {
        let (namespace, name) = (set.namespace(), set.name());
        let message = format!("StatefulSet {namespace}/{name} is recreating failed Pod {}", pod.name());
        recorder.event(ctx, set, EventType::Warning, "RecreatingFailedPod", &message);
        pods::delete(ctx, recorder, set, pod)?;
        return Ok(false);
    }
    Ok(!pod.is_terminating() && plan.is_available(pod))
}

/// Deletes the next pod that is not of the newest revision, once all above it are well. Mirrors the end of
/// updateStatefulSet.
fn renew(
    ctx: &mut Context<'_>,
    recorder: &mut EventRecorder,
    plan: &Plan<'_>,
    kept: &[(i64, &Object)],
) -> Result<(), Status> {
    let strategy = plan.set.at("spec.updateStrategy");
    if strategy["type"] == "OnDelete" {
        return Ok(());
    }
    let least = plan.set.at("spec.ordinals.start").int() + strategy["rollingUpdate"]["partition"].int();
    for (_, pod) in kept.iter().rev().filter(|(ordinal, _)| *ordinal >= least) {
        let is_new = pod.label(REVISION) == Some(plan.revisions.update.as_str());
        if !is_new && !pod.is_terminating() {
            decide(ctx, plan.set, format!("{} is not of the newest template", pod.name()));
            return pods::delete(ctx, recorder, plan.set, pod);
        }
        if pod.is_terminating() || !plan.is_available(pod) {
            return Ok(());
        }
    }
    Ok(())
}
