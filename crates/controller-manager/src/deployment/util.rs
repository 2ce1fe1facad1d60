//! What is computed about Deployments and their ReplicaSets, without touching anything.
//! Mirrors pkg/controller/deployment/util.

use crate::conditions;
use apimachinery::{Object, Value, json, time};
use sim::Order;
use sim::{Duration, Time};

pub const REVISION: &str = "deployment.kubernetes.io/revision";
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
pub const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
/// The label that tells the pods of one template from those of another.
pub const POD_TEMPLATE_HASH: &str = "pod-template-hash";

/// Annotations of a Deployment that its ReplicaSets do not get.
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];
/// How many characters of former revisions an annotation holds. Mirrors maxRevHistoryLengthInChars.
const MAX_HISTORY_LENGTH: usize = 2000;

/// `spec.replicas`.
pub fn replicas(object: &Object) -> i64 {
    object.at("spec.replicas").int()
}

/// A number of `status`.
pub fn status(object: &Object, field: &str) -> i64 {
    object["status"][field].int()
}

/// Whether its strategy is RollingUpdate.
pub fn is_rolling(d: &Object) -> bool {
    d.at("spec.strategy.type") == "RollingUpdate"
}

/// A number, or a percentage of `total`.
fn scaled(value: &Value, total: i64, round_up: bool) -> i64 {
    let percent = value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|n| n.parse::<i64>().ok());
    match percent {
        Some(percent) if round_up => (percent * total + 99) / 100,
        Some(percent) => percent * total / 100,
        None => value.int(),
    }
}

/// (maxSurge, maxUnavailable) as numbers; never both zero. Mirrors ResolveFenceposts.
fn fenceposts(d: &Object) -> (i64, i64) {
    let rolling = d.at("spec.strategy.rollingUpdate");
    let surge = scaled(&rolling["maxSurge"], replicas(d), true);
    let unavailable = scaled(&rolling["maxUnavailable"], replicas(d), false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

/// How many pods more than asked for there may be.
pub fn max_surge(d: &Object) -> i64 {
    if is_rolling(d) { fenceposts(d).0 } else { 0 }
}

/// How many pods may be missing.
pub fn max_unavailable(d: &Object) -> i64 {
    if !is_rolling(d) || replicas(d) == 0 { 0 } else { fenceposts(d).1.min(replicas(d)) }
}

/// The sum of `spec.replicas`.
pub fn total_replicas(sets: &[Object]) -> i64 {
    sets.iter().map(replicas).sum()
}

/// The sum of a number of `status`.
pub fn total_status(sets: &[Object], field: &str) -> i64 {
    sets.iter().map(|rs| status(rs, field)).sum()
}

/// Those that want pods.
pub fn active(sets: &[Object]) -> Vec<Object> {
    sets.iter().filter(|rs| replicas(rs) > 0).cloned().collect()
}

/// The oldest first; names decide between those of one second.
pub fn sort_by_creation(sets: &mut [Object]) {
    sets.order_by(|a, b| (a.created(), a.name()).cmp(&(b.created(), b.name())));
}

fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    if !template["metadata"]["labels"][POD_TEMPLATE_HASH].is_null() {
        template.at_mut("metadata.labels").remove(POD_TEMPLATE_HASH);
    }
    template
}

/// Whether two pod templates are the same but for the hash label. Mirrors EqualIgnoreHash.
pub fn same_template(a: &Value, b: &Value) -> bool {
    // The spec is nearly always shared, so this is quick; labels are compared without the hash.
    without_hash(a) == without_hash(b)
}

/// The ReplicaSet of the Deployment's template: the oldest, should there be several. Mirrors FindNewReplicaSet.
pub fn find_new(d: &Object, sets: &[Object]) -> Option<Object> {
    let mut sets = sets.to_vec();
    sort_by_creation(&mut sets);
    sets.into_iter().find(|rs| same_template(rs.at("spec.template"), d.at("spec.template")))
}

/// The revision that a ReplicaSet or Deployment says it has; 0 for none.
pub fn revision(object: &Object) -> i64 {
    object.annotation(REVISION).and_then(|r| r.parse().ok()).unwrap_or_default()
}

/// Sets an annotation; says whether that changed anything.
pub fn annotate(object: &mut Object, key: &str, value: &str) -> bool {
    let changed = object.annotation(key) != Some(value);
    if changed {
        object.0.at_mut("metadata.annotations").set(key, value);
    }
    changed
}

/// Sets what a ReplicaSet's annotations say of its Deployment's size. Mirrors SetReplicasAnnotations.
pub fn set_size_annotations(rs: &mut Object, d: &Object) -> bool {
    let desired = annotate(rs, DESIRED_REPLICAS, &replicas(d).to_string());
    annotate(rs, MAX_REPLICAS, &(replicas(d) + max_surge(d)).to_string()) || desired
}

/// Gives the newest ReplicaSet the Deployment's annotations and its revision; a revision that it had before goes into
/// its history. Says whether something changed. Mirrors SetNewReplicaSetAnnotations.
pub fn set_new_annotations(d: &Object, rs: &mut Object, new_revision: i64, exists: bool) -> bool {
    let mut changed = false;
    for (key, value) in d.meta("annotations").fields() {
        if !NOT_COPIED.contains(&key) {
            changed |= annotate(rs, key, value.str());
        }
    }
    let old = rs.annotation(REVISION).map(str::to_string);
    if old.as_deref().and_then(|r| r.parse().ok()).unwrap_or(0) < new_revision {
        changed = true;
        annotate(rs, REVISION, &new_revision.to_string());
        if let Some(old) = old {
            let history = rs.annotation(REVISION_HISTORY).unwrap_or_default();
            let mut history: Vec<&str> = history.split(',').filter(|r| !r.is_empty()).collect();
            history.push(&old);
            while history.len() > 1 && history.join(",").len() > MAX_HISTORY_LENGTH {
                history.remove(0);
            }
            let history = history.join(",");
            annotate(rs, REVISION_HISTORY, &history);
        }
    }
    if !exists {
        changed |= set_size_annotations(rs, d);
    }
    changed
}

/// How many pods the new ReplicaSet should want now. Mirrors NewRSNewReplicas.
pub fn new_rs_replicas(d: &Object, all: &[Object], new: &Object) -> i64 {
    if !is_rolling(d) {
        return replicas(d);
    }
    let surge = scaled(d.at("spec.strategy.rollingUpdate.maxSurge"), replicas(d), true);
    let room = replicas(d) + surge - total_replicas(all);
    replicas(new) + room.min(replicas(d) - replicas(new)).max(0)
}

/// Whether the new ReplicaSet serves all of the Deployment. Mirrors IsSaturated.
pub fn is_saturated(d: &Object, rs: Option<&Object>) -> bool {
    rs.is_some_and(|rs| {
        let desired = rs.annotation(DESIRED_REPLICAS).and_then(|n| n.parse::<i64>().ok());
        let wanted = replicas(d);
        replicas(rs) == wanted && desired == Some(wanted) && status(rs, "availableReplicas") == wanted
    })
}

/// By how much a ReplicaSet takes part when a Deployment in the middle of a rollout is scaled by `to_add` in all, of
/// which `added` have been given out. Mirrors GetReplicaSetProportion.
pub fn proportion(rs: &Object, d: &Object, to_add: i64, added: i64) -> i64 {
    if replicas(rs) == 0 || to_add == 0 || to_add == added {
        return 0;
    }
    let (fraction, allowed) = (fraction(rs, d), to_add - added);
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

/// Mirrors getReplicaSetFraction.
fn fraction(rs: &Object, d: &Object) -> i64 {
    if replicas(d) == 0 {
        return -replicas(rs);
    }
    let size = replicas(d) + max_surge(d);
    let annotated = rs.annotation(MAX_REPLICAS).and_then(|n| n.parse::<i64>().ok()).filter(|n| *n != 0);
    let before = annotated.unwrap_or_else(|| status(d, "replicas"));
    if before == 0 {
        return 0;
    }
    let scaled = (replicas(rs) * size) as f64 / before as f64;
    scaled.round() as i64 - replicas(rs)
}

/// `spec.progressDeadlineSeconds`, if there is a deadline.
pub fn progress_deadline(d: &Object) -> Option<Duration> {
    let seconds = d.at("spec.progressDeadlineSeconds").as_i64().filter(|s| *s != i64::from(i32::MAX))?;
    Some(Duration::from_secs(seconds.max(0) as u64))
}

/// A condition of a Deployment.
pub fn condition(now: Time, kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let mut condition = conditions::new(now, kind, status, reason, message);
    condition.set("lastUpdateTime", time::format(now));
    condition
}

/// Puts a condition, unless one of the same status and reason is there; the time of the last transition is that of the
/// last change of the status. Mirrors SetDeploymentCondition.
pub fn set_condition(status: &mut Value, mut condition: Value) {
    let current = conditions::get(status, condition["type"].str());
    if current["status"] == condition["status"] {
        if current["reason"] == condition["reason"] {
            return;
        }
        let since = current["lastTransitionTime"].clone();
        condition.set("lastTransitionTime", since);
    }
    conditions::put(status, condition);
}

/// The status that these ReplicaSets make. Mirrors calculateStatus.
pub fn calculate_status(all: &[Object], new: Option<&Object>, d: &Object, now: Time) -> Value {
    let available = total_status(all, "availableReplicas");
    let mut result = json!({"observedGeneration": d.generation()});
    let numbers = [
        ("replicas", total_status(all, "replicas")),
        ("updatedReplicas", new.map_or(0, |rs| status(rs, "replicas"))),
        ("readyReplicas", total_status(all, "readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", (total_replicas(all) - available).max(0)),
    ];
    for (field, n) in numbers.into_iter().filter(|(_, n)| *n != 0) {
        result.set(field, n);
    }
    // A ReplicaSet that was never synced says nothing yet, and that is no reason to say nothing at all.
    let says = |rs: &&Object| status(rs, "observedGeneration") != 0;
    if all.iter().filter(says).all(|rs| !rs["status"]["terminatingReplicas"].is_null()) {
        result.set("terminatingReplicas", total_status(all, "terminatingReplicas"));
    }
    for kept in ["collisionCount", "conditions"] {
        if !d["status"][kept].is_null() {
            result.set(kept, &d["status"][kept]);
        }
    }
    let condition = if available >= replicas(d) - max_unavailable(d) {
        condition(
            now,
            "Available",
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
        )
    } else {
        let message = "Deployment does not have minimum availability.";
        condition(now, "Available", "False", "MinimumReplicasUnavailable", message)
    };
    set_condition(&mut result, condition);
    result
}

/// Whether all that was asked for is there, and nothing else. Mirrors DeploymentComplete.
pub fn is_complete(d: &Object, status: &Value) -> bool {
    let wanted = replicas(d);
    ["updatedReplicas", "replicas", "availableReplicas"].iter().all(|field| status[*field].int() == wanted)
        && status["observedGeneration"].int() >= d.generation()
}

/// Whether something has moved towards it since the last status. Mirrors DeploymentProgressing.
pub fn is_progressing(d: &Object, new: &Value) -> bool {
    let old = &d["status"];
    let outdated = |s: &Value| s["replicas"].int() - s["updatedReplicas"].int();
    let grew = |field: &str| new[field].int() > old[field].int();
    grew("updatedReplicas")
        || outdated(new) < outdated(old)
        || grew("readyReplicas")
        || grew("availableReplicas")
}

/// Whether nothing has moved for as long as the deadline says. Mirrors DeploymentTimedOut.
pub fn has_timed_out(d: &Object, status: &Value, now: Time) -> bool {
    let (Some(deadline), current) = (progress_deadline(d), conditions::get(status, "Progressing")) else {
        return false;
    };
    match current["reason"].str() {
        "NewReplicaSetAvailable" => false,
        "ProgressDeadlineExceeded" => true,
        _ => time::parse(current["lastUpdateTime"].str()).is_some_and(|at| at + deadline < now),
    }
}
