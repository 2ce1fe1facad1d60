//! Which pods go first when there are too many. Mirrors ActivePodsWithRanks in pkg/controller/controller_utils.go.

use super::{PODS, REPLICA_SETS};
use crate::{Cache, podutil};
use apimachinery::Object;
use apimachinery::labels::Selector;
use sim::Time;
use sim::collections::BTreeMap;

/// Pods with a lower value go first.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";

/// The pods of every ReplicaSet that has the same controller (of a Deployment's rollout, that is the old ones too).
/// Mirrors getIndirectlyRelatedPods.
pub fn related_pods<'a>(cache: &'a Cache, rs: &Object) -> Vec<&'a Object> {
    let Some(owner) = rs.controller() else { return Vec::new() };
    let siblings = cache.of(&REPLICA_SETS).owned_by(owner.uid());
    let selectors: Vec<Selector> =
        siblings.filter_map(|s| Selector::from_label_selector(s.at("spec.selector"))).collect();
    let pods = cache.of(&PODS).namespace(rs.namespace());
    pods.filter(|pod| selectors.iter().any(|s| s.matches(pod.labels()))).collect()
}

/// The `count` pods of `pods` that go first.
pub fn choose<'a>(pods: &'a [Object], related: &[&Object], count: usize, now: Time) -> Vec<&'a Object> {
    let mut on_node: BTreeMap<&str, usize> = BTreeMap::new();
    for pod in related.iter().filter(|p| podutil::is_active(p)) {
        *on_node.entry(podutil::node(pod)).or_default() += 1;
    }
    let rank = |pod: &Object| on_node.get(podutil::node(pod)).copied().unwrap_or_default();
    let mut facts: Vec<Facts<'a>> = pods.iter().map(|pod| Facts::of(pod, rank(pod), now)).collect();
    if count < pods.len() {
        sort(&mut facts);
    }
    facts.iter().take(count).map(|f| f.pod).collect()
}

/// What is compared.
#[derive(Clone, Copy)]
struct Facts<'a> {
    pod: &'a Object,
    assigned: bool,
    phase: u8,
    ready: bool,
    cost: i64,
    rank: usize,
    ready_since: Option<Time>,
    ready_age: i32,
    restarts: (i64, i64),
    created: Option<Time>,
    age: i32,
}

impl<'a> Facts<'a> {
    fn of(pod: &'a Object, rank: usize, now: Time) -> Facts<'a> {
        let ready = podutil::is_ready(pod);
        let ready_since = podutil::ready_transition(pod).filter(|_| ready);
        Facts {
            pod,
            assigned: !podutil::node(pod).is_empty(),
            phase: match pod.at("status.phase").str() {
                "Running" => 2,
                "Unknown" => 1,
                _ => 0,
            },
            ready,
            cost: pod
                .annotation(DELETION_COST)
                .and_then(|c| c.parse::<i32>().ok())
                .unwrap_or_default()
                .into(),
            rank,
            ready_since,
            ready_age: age_bucket(now, ready_since),
            restarts: max_restarts(pod),
            created: pod.created(),
            age: age_bucket(now, pod.created()),
        }
    }

    /// Whether this pod goes before the other.
    fn goes_before(&self, other: &Facts<'_>) -> bool {
        if self.assigned != other.assigned {
            return !self.assigned;
        }
        if self.phase != other.phase {
            return self.phase < other.phase;
        }
        if self.ready != other.ready {
            return !self.ready;
        }
        if self.cost != other.cost {
            return self.cost < other.cost;
        }
        if self.rank != other.rank {
            return self.rank > other.rank;
        }
        if self.ready && self.ready_since != other.ready_since {
            return self.younger(
                other,
                self.ready_since,
                other.ready_since,
                self.ready_age - other.ready_age,
            );
        }
        if self.restarts != other.restarts {
            return self.restarts > other.restarts;
        }
        self.created != other.created
            && self.younger(other, self.created, other.created, self.age - other.age)
    }

    /// Younger by orders of magnitude; of the same order, chance (the uid) decides. Mirrors logarithmicRankDiff.
    fn younger(&self, other: &Facts<'_>, mine: Option<Time>, theirs: Option<Time>, difference: i32) -> bool {
        match (mine, theirs) {
            (None, _) => true,
            (_, None) => false,
            _ if difference == 0 => self.pod.uid() < other.pod.uid(),
            _ => difference < 0,
        }
    }
}

/// The power of two of an age in nanoseconds; -1 for none.
fn age_bucket(now: Time, since: Option<Time>) -> i32 {
    let nanos = since.map_or(0, |since| now.since(since).as_nanos());
    if nanos == 0 { -1 } else { nanos.ilog2() as i32 }
}

/// The most restarts of a container, and of a sidecar.
fn max_restarts(pod: &Object) -> (i64, i64) {
    let max = |list: &str, only: &dyn Fn(&str) -> bool| {
        let statuses = pod["status"][list].items().iter();
        statuses.filter(|s| only(s["name"].str())).map(|s| s["restartCount"].int()).max().unwrap_or_default()
    };
    let init = pod.at("spec.initContainers").items();
    let sidecar = |name: &str| init.iter().any(|c| c["name"] == name && c["restartPolicy"] == "Always");
    (max("containerStatuses", &|_| true), max("initContainerStatuses", &sidecar))
}

/// Merges halves. Not `sort_by`: the order above is not always transitive, and the real one does not mind either.
fn sort(facts: &mut [Facts<'_>]) {
    if facts.len() < 2 {
        return;
    }
    let (left, right) = facts.split_at_mut(facts.len() / 2);
    sort(left);
    sort(right);
    let (mut l, mut r) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    let mut merged = Vec::with_capacity(left.len() + right.len());
    while let (Some(a), Some(b)) = (l.peek(), r.peek()) {
        let next = if b.goes_before(a) { r.next() } else { l.next() };
        merged.extend(next);
    }
    merged.extend(l);
    merged.extend(r);
    facts.copy_from_slice(&merged);
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::{json, time};

    const NOW: Time = Time::from_secs(1_000_000);

    fn pod(name: &str, node: &str, phase: &str, ready_for: Option<u64>, restarts: i64, cost: &str) -> Object {
        let ready = match ready_for {
            Some(age) => {
                let since = time::format(Time::from_secs(1_000_000 - age));
                json!([{"type": "Ready", "status": "True", "lastTransitionTime": since}])
            }
            None => json!([]),
        };
        Object(json!({
            "metadata": {
                "name": name, "namespace": "d", "uid": name, "annotations": {(DELETION_COST): cost},
                "creationTimestamp": time::format(Time::from_secs(900_000)),
            },
            "spec": {"nodeName": node},
            "status": {"phase": phase, "conditions": ready, "containerStatuses": [{"restartCount": restarts}]},
        }))
    }

    #[test]
    fn the_least_useful_go_first() {
        // In the order in which they have to go.
        let pods = [
            pod("unassigned", "", "Pending", None, 0, ""),
            pod("pending", "n1", "Pending", None, 0, ""),
            pod("unready", "n1", "Running", None, 0, ""),
            pod("cheap", "n1", "Running", Some(9000), 0, "-5"),
            pod("crowded", "n2", "Running", Some(9000), 0, ""),
            pod("young", "n1", "Running", Some(10), 0, ""),
            pod("restarted", "n1", "Running", Some(9000), 3, ""),
            pod("steady", "n1", "Running", Some(9000), 0, ""),
            pod("dear", "n1", "Running", Some(9000), 0, "100"),
        ];
        let related: Vec<Object> =
            (0..20).map(|i| pod(&i.to_string(), "n2", "Running", None, 0, "")).collect();
        let related: Vec<&Object> = related.iter().chain(&pods).collect();
        let expected: Vec<&str> = pods.iter().map(|p| p.name()).collect();
        let mut shuffled = pods.clone();
        for turn in 0..pods.len() {
            shuffled.rotate_left(turn);
            let chosen = choose(&shuffled, &related, 8, NOW);
            assert_eq!(chosen.iter().map(|p| p.name()).collect::<Vec<_>>(), expected[..8]);
        }
    }

    #[test]
    fn ages_of_one_order_of_magnitude_are_alike() {
        // 5000 s and 5200 s: the uid decides. 5000 s and 80 s: the younger goes.
        let pods = [
            pod("b", "n", "Running", Some(5200), 0, ""),
            pod("a", "n", "Running", Some(5000), 0, ""),
            pod("c", "n", "Running", Some(80), 0, ""),
        ];
        let chosen = choose(&pods, &[], 2, NOW);
        assert_eq!(chosen.iter().map(|p| p.name()).collect::<Vec<_>>(), ["c", "a"]);
    }
}
