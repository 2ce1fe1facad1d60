use super::*;
use apimachinery::rest::MERGE_PATCH;

const CLASSES: &str = "/apis/scheduling.k8s.io/v1/priorityclasses";

/// A server with the system's priority classes.
fn with_classes() -> ApiServer {
    let mut s = server();
    for (name, value, _) in api::priorityclass::SYSTEM {
        post(&mut s, CLASSES, json!({"metadata": {"name": name}, "value": value})).unwrap();
    }
    s
}

fn refused(result: Result<Object, Status>) -> String {
    result.unwrap_err().message().to_string()
}

#[test]
fn a_pods_priority_is_that_of_its_class() {
    let mut s = with_classes();
    let class = |name: &str, value: i64, default: bool| json!({"metadata": {"name": name}, "value": value, "globalDefault": default});
    let mut vip = pod("vip");
    vip.set_at("spec.priorityClassName", "high");
    assert_eq!(
        refused(post(&mut s, PODS, vip.clone())),
        "pods \"vip\" is forbidden: no PriorityClass with name high was found"
    );
    let mut high = class("high", 1000, false);
    high.set("preemptionPolicy", "Never");
    post(&mut s, CLASSES, high).unwrap();
    let vip = post(&mut s, PODS, vip).unwrap();
    assert_eq!((vip.at("spec.priority").int(), vip.at("spec.preemptionPolicy").str()), (1000, "Never"));
    post(&mut s, CLASSES, class("usual", 5, true)).unwrap();
    let plain = post(&mut s, PODS, pod("plain")).unwrap();
    assert_eq!((plain.at("spec.priority").int(), plain.at("spec.priorityClassName").str()), (5, "usual"));
    for (result, why) in [
        (
            post(&mut s, CLASSES, class("other", 6, true)),
            "priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked as default. Only one default can exist",
        ),
        (
            post(&mut s, CLASSES, class("huge", 2_000_000_000, false)),
            "PriorityClass.scheduling.k8s.io \"huge\" is invalid: value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
        ),
        (
            patch(&mut s, &format!("{CLASSES}/usual"), MERGE_PATCH, json!({"value": 6})),
            "PriorityClass.scheduling.k8s.io \"usual\" is invalid: value: Forbidden: may not be changed in an update.",
        ),
        (
            delete(&mut s, &format!("{CLASSES}/system-node-critical"), json!({})),
            "priorityclasses.scheduling.k8s.io \"system-node-critical\" is forbidden: this is a system priority class and cannot be deleted",
        ),
    ] {
        assert_eq!(refused(result), why);
    }
}

#[test]
fn a_storage_class_keeps_what_volumes_were_made_from() {
    let mut s = server();
    let path = "/apis/storage.k8s.io/v1/storageclasses";
    let made =
        post(&mut s, path, json!({"metadata": {"name": "fast"}, "provisioner": "example.com/disk"})).unwrap();
    assert_eq!((made["reclaimPolicy"].str(), made["volumeBindingMode"].str()), ("Delete", "Immediate"));
    assert_eq!(
        refused(patch(&mut s, &format!("{path}/fast"), MERGE_PATCH, json!({"reclaimPolicy": "Retain"}))),
        "StorageClass.storage.k8s.io \"fast\" is invalid: reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."
    );
    assert_eq!(
        refused(post(&mut s, path, json!({"metadata": {"name": "none"}, "volumeBindingMode": "Later"}))),
        "StorageClass.storage.k8s.io \"none\" is invalid: [provisioner: Required value, volumeBindingMode: Unsupported value: \
         \"Later\": supported values: \"Immediate\", \"WaitForFirstConsumer\"]"
    );
}
