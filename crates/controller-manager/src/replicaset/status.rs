use super::PODS;
use crate::{Cache, conditions, podutil};
use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status, Value};
use client::Context;
use sim::Time;

/// The pods that a ReplicaSet controls.
pub fn controlled<'a>(cache: &'a Cache, rs: &Object) -> impl Iterator<Item = &'a Object> {
    let uid = rs.uid().to_string();
    let pods = cache.of(&PODS).owned_by(&uid);
    pods.filter(move |pod| pod.controller().is_some_and(|o| o.uid() == uid))
}

/// How many of its pods are on their way out and have not ended yet.
pub fn terminating(cache: &Cache, rs: &Object) -> usize {
    controlled(cache, rs).filter(|pod| pod.is_terminating() && !podutil::is_terminal(pod)).count()
}

/// The status that these pods make. Mirrors calculateStatus.
pub fn calculate(
    rs: &Object,
    pods: &[Object],
    terminating: usize,
    error: Option<&Status>,
    now: Time,
) -> Value {
    let template = Selector::from_map(rs.at("spec.template.metadata.labels"));
    let min_ready = rs.at("spec.minReadySeconds").int();
    let count = |f: &dyn Fn(&Object) -> bool| pods.iter().filter(|p| f(p)).count();
    let mut status = match &rs["status"] {
        Value::Null => Value::object(),
        old => old.clone(),
    };
    let failure = conditions::get(&status, "ReplicaFailure");
    match error {
        Some(error) if failure.is_null() => {
            let wanted = rs.at("spec.replicas").int() as usize;
            let reason = if pods.len() < wanted { "FailedCreate" } else { "FailedDelete" };
            let failure = conditions::new(now, "ReplicaFailure", "True", reason, error.message());
            conditions::put(&mut status, failure);
        }
        None if !failure.is_null() => conditions::remove(&mut status, "ReplicaFailure"),
        _ => {}
    }
    status.set("replicas", pods.len());
    status.set("terminatingReplicas", terminating);
    for (field, n) in [
        ("fullyLabeledReplicas", count(&|p| template.matches(p.labels()))),
        ("readyReplicas", count(&|p| podutil::is_ready(p))),
        ("availableReplicas", count(&|p| podutil::is_available(p, min_ready, now))),
    ] {
        // As in the API's own types, these are left out when they are zero.
        if n == 0 { drop(status.remove(field)) } else { status.set(field, n) }
    }
    status
}

/// Writes the status if it is another, and says whether it was. Mirrors updateReplicaSetStatus, with its one retry after
/// a conflict.
pub fn update(
    ctx: &mut Context<'_>,
    resource: &Resource,
    rs: &Object,
    mut status: Value,
) -> Result<bool, Status> {
    if status == rs["status"] && rs.generation() == rs.at("status.observedGeneration").int() {
        return Ok(false);
    }
    status.set("observedGeneration", rs.generation());
    let mut updated = rs.clone();
    updated.set("status", &status);
    match ctx.update_status(resource, updated) {
        Err(error) if error.is_conflict() => {
            let mut fresh = ctx.get(resource, rs.namespace(), rs.name())?;
            fresh.set("status", status);
            ctx.update_status(resource, fresh).map(|_| true)
        }
        other => other.map(|_| true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::{json, time};

    #[test]
    fn counts_leave_out_zeros_and_availability_takes_its_time() {
        let rs = Object(json!({
            "spec": {"replicas": 3, "minReadySeconds": 10, "template": {"metadata": {"labels": {"app": "web"}}}},
        }));
        let pod = |ready: &str, since: u64| {
            let since = time::format(Time::from_secs(since));
            Object(json!({
                "metadata": {"labels": {"app": "web", "x": "y"}},
                "status": {"conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}]},
            }))
        };
        let pods = [pod("True", 100), pod("True", 105), pod("False", 1)];
        let now = Time::from_secs(111);
        let expected = r#"{"availableReplicas":1,"fullyLabeledReplicas":3,"readyReplicas":2,"replicas":3,"terminatingReplicas":1}"#;
        assert_eq!(calculate(&rs, &pods, 1, None, now).to_json(), expected);
        assert_eq!(calculate(&rs, &[], 0, None, now).to_json(), r#"{"replicas":0,"terminatingReplicas":0}"#);
        let due: Vec<_> = pods.iter().filter_map(|p| podutil::available_at(p, 10, now)).collect();
        assert_eq!(due, [Time::from_secs(115)]);
    }

    #[test]
    fn a_failure_becomes_a_condition_and_goes_away() {
        let mut rs = Object(json!({"spec": {"replicas": 3}}));
        let error = Status::forbidden("", "pods", "x", "exceeded quota");
        let now = Time::from_secs(7);
        let failed = calculate(&rs, &[], 0, Some(&error), now);
        let condition = conditions::get(&failed, "ReplicaFailure");
        assert_eq!((condition["status"].str(), condition["reason"].str()), ("True", "FailedCreate"));
        assert_eq!(condition["message"], "pods \"x\" is forbidden: exceeded quota");
        rs.set("status", failed);
        assert!(calculate(&rs, &[], 0, None, now)["conditions"].is_null());
    }
}
