//! Rolling updates: which old pods make room for new ones now. Mirrors pkg/controller/daemon/update.go.

use super::{HASH, nodes};
use crate::{Cache, podutil};
use apimachinery::Object;
use sim::Order;
use sim::Time;
use sim::collections::BTreeMap;

/// How many pods may be missing at the same time. Mirrors UnavailableCount, which rounds percentages up.
fn max_unavailable(ds: &Object, desired: i64) -> i64 {
    let value = ds.at("spec.updateStrategy.rollingUpdate.maxUnavailable");
    match value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|n| n.parse::<i64>().ok()) {
        Some(percent) => (percent * desired + 99) / 100,
        None => value.int(),
    }
}

/// The names of the pods to delete.
pub fn victims(
    ds: &Object,
    cache: &Cache,
    by_node: &BTreeMap<String, Vec<Object>>,
    hash: &str,
    now: Time,
) -> Vec<String> {
    if ds.at("spec.updateStrategy.type") != "RollingUpdate" {
        return Vec::new();
    }
    let min_ready = ds.at("spec.minReadySeconds").int();
    let (mut desired, mut unavailable) = (0, 0);
    let (mut candidates, mut free) = (Vec::new(), Vec::new());
    for node in cache.nodes().list().filter(|node| nodes::place(ds, node).runs) {
        desired += 1;
        let mut pods: Vec<&Object> = by_node.get(node.name()).into_iter().flatten().collect();
        pods.order_by_key(|p| (p.meta("creationTimestamp").str(), p.name()));
        let alive = pods.iter().rev().find(|p| !p.is_terminating());
        let Some(pod) = alive else {
            unavailable += 1;
            continue;
        };
        let available = podutil::is_available(pod, min_ready, now);
        match (pod.label(HASH) == Some(hash), available) {
            (true, true) => {}
            (true, false) => unavailable += 1,
            (false, true) => candidates.push(pod.name().to_string()),
            // What does not serve anyway can go at once.
            (false, false) => {
                unavailable += 1;
                free.push(pod.name().to_string());
            }
        }
    }
    let room = (max_unavailable(ds, desired) - unavailable).max(0);
    free.extend(candidates.into_iter().take(room as usize));
    free
}
