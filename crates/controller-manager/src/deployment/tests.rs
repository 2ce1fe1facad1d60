use super::util::*;
use apimachinery::{Object, Value, json, time};
use sim::Time;

fn deployment(replicas: i64, surge: Value, unavailable: Value) -> Object {
    Object(json!({
        "metadata": {"name": "web", "generation": 1},
        "spec": {"replicas": replicas, "progressDeadlineSeconds": 600, "strategy": {
            "type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable},
        }},
    }))
}

fn replica_set(replicas: i64, available: i64) -> Object {
    Object(
        json!({"spec": {"replicas": replicas}, "status": {"availableReplicas": available, "replicas": replicas}}),
    )
}

#[test]
fn percentages_round_up_for_surge_and_down_for_unavailable() {
    // (replicas, maxSurge, maxUnavailable) and what they come to.
    let cases = [
        (4, json!("25%"), json!("25%"), (1, 1)),
        (3, json!("25%"), json!("25%"), (1, 0)),
        (1, json!("25%"), json!("25%"), (1, 0)),
        (10, json!("25%"), json!("25%"), (3, 2)),
        (1, json!(0), json!("10%"), (0, 1)),
        (5, json!(2), json!(9), (2, 5)),
        (0, json!("25%"), json!("25%"), (0, 0)),
    ];
    for (replicas, surge, unavailable, expected) in cases {
        let d = deployment(replicas, surge, unavailable);
        assert_eq!((max_surge(&d), max_unavailable(&d)), expected, "{d:?}");
    }
}

#[test]
fn a_new_replica_set_grows_into_the_surge() {
    let d = deployment(10, json!(3), json!(2));
    assert_eq!(new_rs_replicas(&d, &[replica_set(10, 10), replica_set(0, 0)], &replica_set(0, 0)), 3);
    assert_eq!(new_rs_replicas(&d, &[replica_set(8, 8), replica_set(3, 0)], &replica_set(3, 0)), 5);
    assert_eq!(new_rs_replicas(&d, &[replica_set(10, 10), replica_set(3, 0)], &replica_set(3, 0)), 3);
    assert_eq!(new_rs_replicas(&d, &[replica_set(1, 1), replica_set(9, 9)], &replica_set(9, 9)), 10);
}

#[test]
fn scaling_in_the_middle_of_a_rollout_is_shared_in_proportion() {
    // 10 to 20 with two ReplicaSets of 8 and 5 (surge 3): 13 pods become 25, 8 of 13 of them old.
    let mut d = deployment(20, json!("25%"), json!("25%"));
    d.0.set_at("status.replicas", 13);
    let set = |n: i64| {
        let mut rs = replica_set(n, n);
        annotate(&mut rs, MAX_REPLICAS, "13");
        rs
    };
    assert_eq!(proportion(&set(8), &d, 12, 0), 7);
    assert_eq!(proportion(&set(5), &d, 12, 7), 5);
    assert_eq!(proportion(&set(0), &d, 12, 0), 0);
    // Never more than is left.
    assert_eq!(proportion(&set(8), &d, 12, 10), 2);
}

#[test]
fn conditions_keep_the_time_of_their_transition() {
    let d = deployment(4, json!("25%"), json!("25%"));
    let (early, late) = (Time::from_secs(100), Time::from_secs(200));
    let status = calculate_status(&[replica_set(4, 2)], Some(&replica_set(4, 2)), &d, early);
    let available = &status["conditions"][0];
    assert_eq!(
        (available["status"].str(), available["reason"].str()),
        ("False", "MinimumReplicasUnavailable")
    );
    assert_eq!((status["unavailableReplicas"].int(), status["updatedReplicas"].int()), (2, 4));
    let mut status = calculate_status(&[replica_set(4, 3)], None, &d, early);
    set_condition(&mut status, condition(early, "Progressing", "True", "ReplicaSetUpdated", "a"));
    set_condition(&mut status, condition(late, "Progressing", "True", "NewReplicaSetAvailable", "b"));
    let progressing = &status["conditions"][1];
    assert_eq!(progressing["lastTransitionTime"], *time::format(early));
    assert_eq!(progressing["lastUpdateTime"], *time::format(late));
}

#[test]
fn the_deadline_counts_from_the_last_progress() {
    let d = deployment(4, json!("25%"), json!("25%"));
    let mut status = Value::object();
    assert!(!has_timed_out(&d, &status, Time::from_secs(10_000)));
    set_condition(
        &mut status,
        condition(Time::from_secs(100), "Progressing", "True", "ReplicaSetUpdated", ""),
    );
    assert!(!has_timed_out(&d, &status, Time::from_secs(700)));
    assert!(has_timed_out(&d, &status, Time::from_secs(701)));
}

#[test]
fn a_rollback_keeps_the_revision_that_it_had() {
    let mut d = deployment(1, json!(1), json!(0));
    annotate(&mut d, "kubernetes.io/change-cause", "undo");
    annotate(&mut d, REVISION, "3");
    let mut rs = replica_set(0, 0);
    annotate(&mut rs, REVISION, "1");
    assert!(set_new_annotations(&d, &mut rs, 4, true));
    assert_eq!(
        rs.meta("annotations").to_json(),
        r#"{"deployment.kubernetes.io/revision":"4","deployment.kubernetes.io/revision-history":"1","kubernetes.io/change-cause":"undo"}"#
    );
    assert!(!set_new_annotations(&d, &mut rs, 3, true));
    assert!(set_new_annotations(&d, &mut rs, 10, true));
    assert_eq!(rs.annotation(REVISION_HISTORY), Some("1,4"));
}
