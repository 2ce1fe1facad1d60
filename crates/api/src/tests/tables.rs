//! Rows as `kubectl get` shows them.

use crate::by_kind;
use apimachinery::{Object, Value, json, time};

fn cells(object: Value) -> Vec<String> {
    let kind = by_kind(object["apiVersion"].str(), object["kind"].str()).unwrap();
    let now = time::parse("2026-11-23T02:10:00Z").unwrap();
    (kind.row)(&Object(object), now).iter().map(Value::to_go).collect()
}

/// READY, STATUS, RESTARTS and AGE of a pod.
fn pod(spec: Value, status: Value, deleted: bool) -> Vec<String> {
    let mut metadata = json!({"name": "p", "creationTimestamp": "2026-11-23T02:05:00Z"});
    if deleted {
        metadata.set("deletionTimestamp", "2026-11-23T02:10:30Z");
    }
    let pod =
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status});
    cells(pod)[1..5].to_vec()
}

#[test]
fn pods_say_how_they_are() {
    let one = || json!({"containers": [{"name": "c"}]});
    let running =
        || json!({"name": "c", "ready": true, "started": true, "restartCount": 0, "state": {"running": {}}});
    let waiting = |reason: &str| json!({"phase": "Pending", "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": reason}}}]});
    let ended = |reason: &str| json!({"name": "c", "restartCount": 0, "state": {"terminated": {"reason": reason, "exitCode": 0}}});
    assert_eq!(pod(one(), json!({"phase": "Pending"}), false), ["0/1", "Pending", "0", "5m"]);
    assert_eq!(pod(one(), waiting("ContainerCreating"), false), ["0/1", "ContainerCreating", "0", "5m"]);
    let status = json!({"phase": "Running", "containerStatuses": [running()]});
    assert_eq!(pod(one(), status.clone(), false), ["1/1", "Running", "0", "5m"]);
    assert_eq!(pod(one(), status, true), ["1/1", "Terminating", "0", "5m"]);
    let crashed = json!({
        "name": "c", "ready": false, "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-11-23T02:09:55Z"}},
    });
    assert_eq!(
        pod(one(), json!({"phase": "Running", "containerStatuses": [crashed]}), false),
        ["0/1", "CrashLoopBackOff", "2 (5s ago)", "5m"]
    );
    // What has run to its end keeps its word, also on its way out.
    let completed = json!({"phase": "Succeeded", "containerStatuses": [ended("Completed")]});
    assert_eq!(pod(one(), completed, true), ["0/1", "Completed", "0", "5m"]);
    let killed = json!({"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 137, "signal": 9}}}]});
    assert_eq!(pod(one(), killed, false)[1], "Signal:9");
    let evicted = json!({"phase": "Failed", "reason": "Evicted"});
    assert_eq!(pod(one(), evicted, false)[1], "Evicted");
    let two = json!({"containers": [{"name": "c"}, {"name": "d"}]});
    let half = json!({"phase": "Running", "containerStatuses": [ended("Completed"), running()]});
    assert_eq!(pod(two, half, false)[..2], ["1/2", "NotReady"]);
}

#[test]
fn init_containers_and_sidecars_count_as_they_do() {
    let spec = json!({
        "containers": [{"name": "c"}],
        "initContainers": [{"name": "a"}, {"name": "s", "restartPolicy": "Always"}, {"name": "b"}],
    });
    let done = json!({"name": "a", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}});
    let sidecar =
        json!({"name": "s", "ready": true, "started": true, "restartCount": 0, "state": {"running": {}}});
    let status = |inits: Value| json!({"phase": "Pending", "initContainerStatuses": inits, "containerStatuses": [{"state": {"waiting": {"reason": "PodInitializing"}}}]});
    let first = json!({"name": "a", "state": {"running": {}}});
    assert_eq!(pod(spec.clone(), status(json!([first])), false)[..2], ["0/2", "Init:0/3"]);
    let last = json!({"name": "b", "state": {"waiting": {"reason": "PodInitializing"}}});
    assert_eq!(
        pod(spec.clone(), status(json!([done.clone(), sidecar.clone(), last])), false)[..2],
        ["1/2", "Init:2/3"]
    );
    let failed =
        json!({"name": "b", "restartCount": 1, "state": {"terminated": {"exitCode": 1, "reason": "Error"}}});
    assert_eq!(pod(spec, status(json!([done, sidecar, failed])), false)[..3], ["1/2", "Init:Error", "1"]);
}

#[test]
fn other_kinds_show_their_columns() {
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "minikube", "labels": {"node-role.kubernetes.io/control-plane": ""}, "creationTimestamp": "2026-11-23T02:09:00Z"},
        "spec": {"unschedulable": true},
        "status": {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.36.2"}, "addresses": [{"type": "InternalIP", "address": "192.168.49.2"}]},
    });
    assert_eq!(
        cells(node)[..7],
        ["minikube", "Ready,SchedulingDisabled", "control-plane", "60s", "v1.36.2", "192.168.49.2", "<none>"]
    );
    let service = |kind: &str, port: Value| {
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"type": kind, "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ports": [port], "selector": {"app": "web"}},
            "status": {"loadBalancer": {}},
        })
    };
    let port = json!({"port": 80, "nodePort": 30080, "protocol": "TCP"});
    assert_eq!(
        cells(service("LoadBalancer", port))[1..],
        ["LoadBalancer", "10.96.0.9", "<pending>", "80:30080/TCP", "<unknown>", "app=web"]
    );
    let hpa = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {"minReplicas": 2, "maxReplicas": 6, "scaleTargetRef": {"kind": "Deployment", "name": "web"},
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]},
        "status": {"currentReplicas": 2},
    });
    assert_eq!(cells(hpa)[1..6], ["Deployment/web", "cpu: <unknown>/50%", "2", "6", "2"]);
    let endpoints = json!({
        "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web"},
        "subsets": [{"addresses": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}, {"ip": "10.0.0.3"}, {"ip": "10.0.0.4"}], "ports": [{"port": 80}]}],
    });
    assert_eq!(cells(endpoints)[1], "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...");
    let event = json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "p.1"}, "type": "Normal", "reason": "Scheduled",
        "involvedObject": {"kind": "Pod", "name": "p"}, "message": "ok\n", "eventTime": "2026-11-23T02:09:46.000000Z",
        "firstTimestamp": null, "lastTimestamp": null, "source": {}, "reportingComponent": "default-scheduler", "reportingInstance": "vm",
    });
    assert_eq!(
        cells(event),
        ["14s", "Normal", "Scheduled", "pod/p", "", "default-scheduler, vm", "ok", "14s", "1", "p.1"]
    );
}
