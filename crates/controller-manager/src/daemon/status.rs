//! The status of a DaemonSet. Mirrors updateDaemonSetStatus.

use super::{DAEMON_SETS, HASH, nodes};
use crate::{Cache, podutil};
use apimachinery::{Object, Status, Value, json};
use client::Context;
use sim::Time;
use sim::collections::BTreeMap;

/// What it should be now.
pub fn calculate(
    ds: &Object,
    cache: &Cache,
    by_node: &BTreeMap<String, Vec<Object>>,
    hash: &str,
    now: Time,
) -> Value {
    let min_ready = ds.at("spec.minReadySeconds").int();
    let (mut desired, mut current, mut misscheduled) = (0, 0, 0);
    let (mut ready, mut updated, mut available) = (0, 0, 0);
    for node in cache.nodes().list() {
        let pods = by_node.get(node.name()).map_or(&[][..], Vec::as_slice);
        if !nodes::place(ds, node).runs {
            misscheduled += i64::from(!pods.is_empty());
            continue;
        }
        desired += 1;
        // The oldest one counts.
        let oldest = pods.iter().min_by_key(|p| (p.meta("creationTimestamp").str().to_string(), p.name()));
        let Some(pod) = oldest else { continue };
        current += 1;
        ready += i64::from(podutil::is_ready(pod));
        available += i64::from(podutil::is_ready(pod) && podutil::is_available(pod, min_ready, now));
        updated += i64::from(pod.label(HASH) == Some(hash));
    }
    let mut status = json!({
        "currentNumberScheduled": current, "numberMisscheduled": misscheduled,
        "desiredNumberScheduled": desired, "numberReady": ready,
    });
    let numbers = [
        ("updatedNumberScheduled", updated),
        ("numberAvailable", available),
        ("numberUnavailable", desired - available),
        ("observedGeneration", ds.generation()),
    ];
    for (field, number) in numbers.into_iter().filter(|(_, n)| *n != 0) {
        status.set(field, number);
    }
    for kept in ["collisionCount", "conditions"] {
        if !ds["status"][kept].is_null() {
            status.set(kept, &ds["status"][kept]);
        }
    }
    status
}

/// Writes it, if it is another.
pub fn update(ctx: &mut Context<'_>, ds: &Object, status: Value) -> Result<(), Status> {
    if status == ds["status"] {
        return Ok(());
    }
    let mut updated = ds.clone();
    updated.set("status", &status);
    match ctx.update_status(&DAEMON_SETS, updated) {
        Err(error) if error.is_conflict() => {
            let mut fresh = ctx.get(&DAEMON_SETS, ds.namespace(), ds.name())?;
            fresh.set("status", status);
            ctx.update_status(&DAEMON_SETS, fresh).map(|_| ())
        }
        other => other.map(|_| ()),
    }
}
