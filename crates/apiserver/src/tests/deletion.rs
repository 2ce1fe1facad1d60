use super::*;
use apimachinery::rest::MERGE_PATCH;

#[test]
fn a_running_pod_gets_its_grace_period_and_it_only_becomes_shorter() {
    let mut s = server();
    running_pod(&mut s, "p");
    let path = format!("{PODS}/p");
    let going = delete(&mut s, &path, json!({})).unwrap();
    assert_eq!(going.meta("deletionGracePeriodSeconds").int(), 30);
    assert_eq!(going.deletion(), Some(NOW + sim::Duration::from_secs(30)));
    assert_eq!(going.generation(), 2);
    let longer = delete(&mut s, &path, json!({"gracePeriodSeconds": 60})).unwrap();
    assert_eq!(longer.resource_version(), going.resource_version());
    let shorter = delete(&mut s, &path, json!({"gracePeriodSeconds": 5})).unwrap();
    assert_eq!(shorter.deletion(), Some(NOW + sim::Duration::from_secs(5)));
    let wrong = delete(&mut s, &path, json!({"gracePeriodSeconds": 0, "preconditions": {"uid": "x"}}));
    assert!(
        wrong
            .unwrap_err()
            .message()
            .contains("Precondition failed: UID in precondition: x, UID in object meta: ")
    );
    delete(&mut s, &path, json!({"gracePeriodSeconds": 0})).unwrap();
    assert!(get(&mut s, &path).unwrap_err().is_not_found());
}

#[test]
fn what_nobody_runs_goes_at_once() {
    let mut s = server();
    post(&mut s, PODS, pod("waiting")).unwrap();
    running_pod(&mut s, "done");
    patch(&mut s, &format!("{PODS}/done/status"), MERGE_PATCH, json!({"status": {"phase": "Succeeded"}}))
        .unwrap();
    for name in ["waiting", "done"] {
        delete(&mut s, &format!("{PODS}/{name}"), json!({})).unwrap();
        assert!(get(&mut s, &format!("{PODS}/{name}")).unwrap_err().is_not_found(), "{name}");
    }
}

#[test]
fn a_deletion_is_answered_by_a_status() {
    let mut s = server();
    let made = post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    let status =
        delete(&mut s, &format!("{DEPLOYMENTS}/web"), json!({"propagationPolicy": "Background"})).unwrap();
    let details = json!({"name": "web", "group": "apps", "kind": "deployments", "uid": made.uid()});
    assert_eq!((status.kind(), status["status"].str(), &status["details"]), ("Status", "Success", &details));
}

#[test]
fn finalizers_hold_an_object() {
    let mut s = server();
    let path = format!("{DEPLOYMENTS}/web");
    for (policy, finalizer) in [("Orphan", "orphan"), ("Foreground", "foregroundDeletion")] {
        post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
        let held = delete(&mut s, &path, json!({"propagationPolicy": policy})).unwrap();
        assert!(held.is_terminating());
        assert_eq!(held.meta("finalizers"), &json!([finalizer]));
        let error =
            patch(&mut s, &path, MERGE_PATCH, json!({"metadata": {"finalizers": ["a/b"]}})).unwrap_err();
        assert!(error.message().contains("no new finalizers can be added if the object is being deleted"));
        patch(&mut s, &path, MERGE_PATCH, json!({"metadata": {"finalizers": null}})).unwrap();
        assert!(get(&mut s, &path).unwrap_err().is_not_found());
    }
    let error = {
        post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
        delete(&mut s, &path, json!({"propagationPolicy": "Never"})).unwrap_err()
    };
    assert_eq!(error.code(), 422);
}

#[test]
fn a_namespace_ends_when_its_finalizer_is_taken_away() {
    let mut s = server();
    let made = post(&mut s, "/api/v1/namespaces", json!({"metadata": {"name": "dev"}})).unwrap();
    assert_eq!(made.label("kubernetes.io/metadata.name"), Some("dev"));
    let going = delete(&mut s, "/api/v1/namespaces/dev", json!({})).unwrap();
    assert_eq!(going["status"]["phase"], "Terminating");
    let late = post(&mut s, "/api/v1/namespaces/dev/pods", pod("late")).unwrap_err();
    assert_eq!(
        late.message(),
        "pods \"late\" is forbidden: unable to create new content in namespace dev because it is being terminated"
    );
    assert!(get(&mut s, "/api/v1/namespaces/dev").is_ok());
    let done = json!({"metadata": {"name": "dev"}, "spec": {"finalizers": []}});
    put(&mut s, "/api/v1/namespaces/dev/finalize", done).unwrap();
    assert!(get(&mut s, "/api/v1/namespaces/dev").unwrap_err().is_not_found());
}

#[test]
fn a_collection_is_deleted_by_selector() {
    let mut s = server();
    for name in ["a", "b", "c"] {
        post(&mut s, PODS, pod(name)).unwrap();
    }
    let request = Request::new(Method::Delete, PODS).with("labelSelector", "app in (a,c)");
    assert_eq!(send(&mut s, request).unwrap()["items"].items().len(), 2);
    let left = get(&mut s, PODS).unwrap();
    assert_eq!(left["items"].items().len(), 1);
    assert_eq!(left["items"][0]["metadata"]["name"], "b");
}

#[test]
fn eviction_deletes_gracefully() {
    let mut s = server();
    running_pod(&mut s, "p");
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}});
    let done = post(&mut s, &format!("{PODS}/p/eviction"), eviction).unwrap();
    assert_eq!(done["status"], "Success");
    assert!(get(&mut s, &format!("{PODS}/p")).unwrap().is_terminating());
}
