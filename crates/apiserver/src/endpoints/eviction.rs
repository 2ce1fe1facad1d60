//! A pod's `eviction`: deletes it, if its disruption budget allows. Mirrors pkg/registry/core/pod/storage/eviction.go.

use super::{body, options};
use crate::registry::{self, key};
use crate::{ApiServer, Call};
use api::poddisruptionbudget::{self as budget, DISRUPTION_ALLOWED};
use apimachinery::labels::Selector;
use apimachinery::{Object, Response, Status, Value, json, time};

/// The most pods that a budget may be waiting for at a time. Mirrors MaxDisruptedPodSize.
const MAX_DISRUPTED: usize = 2000;
/// How long whoever asked should wait before the next attempt, in seconds.
const RETRY: i64 = 10;

/// Handles POST of an Eviction.
pub fn evict(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let eviction = body::value(call)?;
    let name = eviction["metadata"]["name"].str();
    if !name.is_empty() && name != call.name {
        return Err(Status::bad_request("name in URL does not match name in Eviction object"));
    }
    let delete = registry::Options::read(call, &eviction["deleteOptions"])?;
    let dry = eviction["deleteOptions"]["dryRun"].items().iter().map(Value::str).collect::<Vec<_>>();
    call.dry_run |= options::check_dry_run(&dry)?;
    let pod = super::stored(server, call)?.clone();
    if !needs_no_budget(&pod)
        && let Some(budget) = budget_of(server, &pod)?
        && !may_go_unhealthy(&pod, &budget)
    {
        take_from(server, call, &pod, budget)?;
    }
    if !call.dry_run {
        mark(server, call, pod);
    }
    registry::delete(server, call, &delete)?;
    let done =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Response::json(201, done))
}

/// Pods that serve nobody go without a question. Mirrors canIgnorePDB.
fn needs_no_budget(pod: &Object) -> bool {
    matches!(pod.at("status.phase").str(), "Succeeded" | "Failed" | "Pending") || pod.is_terminating()
}

fn budget_of(server: &ApiServer, pod: &Object) -> Result<Option<Object>, Status> {
    let covers = |pdb: &Object| {
        pdb.namespace() == pod.namespace()
            && Selector::from_label_selector(pdb.at("spec.selector")).is_some_and(|s| s.matches(pod.labels()))
    };
    let mut found = server.objects(&budget::RESOURCE).into_iter().filter(covers);
    let first = found.next();
    if found.next().is_some() {
        let why = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
        return Err(Status::new(500, "", why));
    }
    Ok(first)
}

/// Whether the pod is none of those that the budget keeps: it is not ready, and enough others are.
fn may_go_unhealthy(pod: &Object, pdb: &Object) -> bool {
    let ready =
        pod.at("status.conditions").items().iter().any(|c| c["type"] == "Ready" && c["status"] == "True");
    let status = &pdb["status"];
    let enough = status["currentHealthy"].int() >= status["desiredHealthy"].int()
        && status["desiredHealthy"].int() > 0;
    !ready && (pdb.at("spec.unhealthyPodEvictionPolicy") == "AlwaysAllow" || enough)
}

/// Mirrors checkAndDecrement.
fn take_from(server: &mut ApiServer, call: &Call<'_>, pod: &Object, mut pdb: Object) -> Result<(), Status> {
    let status = &pdb["status"];
    if status["observedGeneration"].int() < pdb.generation() {
        let why = format!("The disruption budget {} is still being processed by the server.", pdb.name());
        return Err(refused(&why, RETRY));
    }
    let allowed = status["disruptionsAllowed"].int();
    if allowed <= 0 {
        let why = format!(
            "The disruption budget {} needs {} healthy pods and has {} currently",
            pdb.name(),
            status["desiredHealthy"].int(),
            status["currentHealthy"].int()
        );
        return Err(refused(&why, 0));
    }
    if status["disruptedPods"].fields().count() > MAX_DISRUPTED {
        return Err(call.forbidden(
            pdb.name(),
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
        ));
    }
    if call.dry_run {
        return Ok(());
    }
    pdb.set_at("status.disruptionsAllowed", allowed - 1);
    if allowed == 1 {
        let now = time::format(call.now);
        let conditions = pdb.at_mut("status.conditions").array_mut();
        for condition in conditions.iter_mut().filter(|c| c["type"] == DISRUPTION_ALLOWED) {
            condition.set("status", "False");
            condition.set("reason", "InsufficientPods");
            condition.set("lastTransitionTime", now.as_str());
        }
    }
    pdb.at_mut("status.disruptedPods").set(pod.name(), time::format(call.now));
    let at = key(&budget::RESOURCE, pdb.namespace(), pdb.name());
    server.write(&budget::KIND, &at, pdb);
    Ok(())
}

fn refused(why: &str, retry: i64) -> Status {
    let message = "Cannot evict pod as it would violate the pod's disruption budget.";
    let mut status = Status::new(429, "TooManyRequests", message);
    status.0.set_at("details.causes", vec![json!({"reason": "DisruptionBudget", "message": why})]);
    if retry > 0 {
        status.0.set_at("details.retryAfterSeconds", retry);
    }
    status
}

/// The pod is told why it goes. Mirrors addConditionAndDeletePod.
fn mark(server: &mut ApiServer, call: &Call<'_>, mut pod: Object) {
    let mut condition = json!({
        "type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting", "lastProbeTime": null, "lastTransitionTime": time::format(call.now),
    });
    if pod.generation() > 0 {
        condition.set("observedGeneration", pod.generation());
    }
    let conditions = pod.at_mut("status.conditions").array_mut();
    conditions.retain(|c| c["type"] != "DisruptionTarget");
    conditions.push(condition);
    let at = key(&api::pod::RESOURCE, pod.namespace(), pod.name());
    server.write(&api::pod::KIND, &at, pod);
}
