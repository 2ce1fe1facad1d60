use super::*;
use apimachinery::rest::{JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH};

#[test]
fn a_pod_is_created_read_changed_listed_and_deleted() {
    let mut s = server();
    let made = post(&mut s, PODS, pod("p")).unwrap();
    assert_eq!((made["status"]["phase"].str(), made["status"]["qosClass"].str()), ("Pending", "BestEffort"));
    assert_eq!(get(&mut s, &format!("{PODS}/p")).unwrap(), made);
    let labels = json!({"metadata": {"labels": {"x": "y"}}});
    let patched = patch(&mut s, &format!("{PODS}/p"), MERGE_PATCH, labels).unwrap();
    assert_eq!(patched.label("x"), Some("y"));
    assert_eq!(put(&mut s, &format!("{PODS}/p"), made).unwrap_err().reason(), "Conflict");
    let list = send(&mut s, Request::get(PODS).with("labelSelector", "x=y")).unwrap();
    assert_eq!((list.kind(), list["items"].items().len()), ("PodList", 1));
    delete(&mut s, &format!("{PODS}/p"), json!({})).unwrap();
    assert_eq!(get(&mut s, &format!("{PODS}/p")).unwrap_err().message(), "pods \"p\" not found");
}

#[test]
fn admission_completes_a_pod() {
    let mut s = server();
    let p = post(&mut s, PODS, pod("p")).unwrap();
    let spec = &p["spec"];
    assert_eq!((spec["serviceAccountName"].str(), spec["serviceAccount"].str()), ("default", "default"));
    assert_eq!(
        (spec["priority"].as_i64(), spec["preemptionPolicy"].str()),
        (Some(0), "PreemptLowerPriority")
    );
    let tolerations: Vec<&str> = spec["tolerations"].items().iter().map(|t| t["key"].str()).collect();
    assert_eq!(tolerations, ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);
    let volume = spec["volumes"][0]["name"].str();
    assert!(volume.starts_with("kube-api-access-") && volume.len() == 21, "{volume}");
    assert_eq!(spec["containers"][0]["volumeMounts"][0]["name"].str(), volume);
    assert_eq!(
        spec["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"].int(),
        3607
    );
}

#[test]
fn a_write_that_changes_nothing_is_no_write() {
    let mut s = server();
    let made = post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    let revision = s.revision();
    let same =
        patch(&mut s, &format!("{DEPLOYMENTS}/web"), MERGE_PATCH, json!({"spec": {"replicas": 1}})).unwrap();
    assert_eq!((same.resource_version(), s.revision()), (made.resource_version(), revision));
}

#[test]
fn a_new_spec_is_a_new_generation_and_a_new_status_is_not() {
    let mut s = server();
    let path = format!("{DEPLOYMENTS}/web");
    let made = post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    assert_eq!((made.generation(), &made["status"]), (1, &json!({})));
    let status = json!({"spec": {"replicas": 9}, "status": {"replicas": 3, "observedGeneration": 1}});
    let o = patch(&mut s, &format!("{path}/status"), MERGE_PATCH, status).unwrap();
    assert_eq!((o.generation(), o.at("status.replicas").int(), o.at("spec.replicas").int()), (1, 3, 1));
    let both = json!({"spec": {"replicas": 4}, "status": {"replicas": 0}});
    let o = patch(&mut s, &path, MERGE_PATCH, both).unwrap();
    assert_eq!((o.generation(), o.at("status.replicas").int(), o.at("spec.replicas").int()), (2, 3, 4));
    let labels = json!({"metadata": {"labels": {"a": "b"}}});
    assert_eq!(patch(&mut s, &path, MERGE_PATCH, labels).unwrap().generation(), 2);
}

#[test]
fn the_three_patches_do_what_they_say() {
    let mut s = server();
    let path = format!("{DEPLOYMENTS}/web");
    post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    let side =
        json!({"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "redis:7"}]}}}});
    let o = patch(&mut s, &path, STRATEGIC_PATCH, side.clone()).unwrap();
    let names = |o: &Object| {
        let list = o.at("spec.template.spec.containers").items().to_vec();
        list.iter().map(|c| c["name"].str().to_string()).collect::<Vec<_>>().join(",")
    };
    assert_eq!(names(&o), "side,c");
    assert_eq!(names(&patch(&mut s, &path, MERGE_PATCH, side).unwrap()), "side");
    let image =
        json!([{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:2"}]);
    let o = patch(&mut s, &path, JSON_PATCH, image).unwrap();
    assert_eq!(o.at("spec.template.spec.containers")[0]["image"], "nginx:2");
}

#[test]
fn dry_run_leaves_nothing_behind() {
    let mut s = server();
    let revision = s.revision();
    let request = Request::new(Method::Post, DEPLOYMENTS).with("dryRun", "All").with_body(deployment("web"));
    assert_eq!(send(&mut s, request).unwrap().name(), "web");
    assert_eq!(s.revision(), revision);
}

#[test]
fn generated_names_are_new() {
    let mut s = server();
    let mut body = pod("x");
    body.set("metadata", json!({"generateName": "web-7d876db474-"}));
    let names: Vec<String> =
        (0..20).map(|_| post(&mut s, PODS, body.clone()).unwrap().name().to_string()).collect();
    assert!(names.iter().all(|n| n.starts_with("web-7d876db474-") && n.len() == 20));
    assert!(names.iter().enumerate().all(|(i, n)| !names[..i].contains(n)));
}

#[test]
fn lists_come_in_pages() {
    let mut s = server();
    for i in 0..5 {
        post(&mut s, PODS, pod(&format!("p{i}"))).unwrap();
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let request = Request::get(PODS).with("limit", "2").with("continue", token.as_str());
        let page = send(&mut s, request).unwrap();
        let left = page["metadata"]["remainingItemCount"].int();
        seen.extend(page["items"].items().iter().map(|p| p["metadata"]["name"].str().to_string()));
        assert_eq!(seen.len() as i64 + left, 5);
        token = page["metadata"]["continue"].str().to_string();
        if token.is_empty() {
            break;
        }
        // As in reality: {"v":"meta.k8s.io/v1","rv":...
        assert!(token.starts_with("eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6"), "{token}");
    }
    assert_eq!(seen, ["p0", "p1", "p2", "p3", "p4"]);
}

#[test]
fn scale_reads_and_writes_replicas() {
    let mut s = server();
    post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    let path = format!("{DEPLOYMENTS}/web/scale");
    let scale = get(&mut s, &path).unwrap();
    assert_eq!((scale.kind(), scale.api_version()), ("Scale", "autoscaling/v1"));
    assert_eq!((scale.at("spec.replicas").int(), scale.at("status.selector").str()), (1, "app=web"));
    patch(&mut s, &path, MERGE_PATCH, json!({"spec": {"replicas": 4}})).unwrap();
    assert_eq!(get(&mut s, &format!("{DEPLOYMENTS}/web")).unwrap().at("spec.replicas").int(), 4);
    let error = put(&mut s, &path, scale).unwrap_err();
    assert_eq!(error.reason(), "Conflict");
    let error = patch(&mut s, &path, MERGE_PATCH, json!({"spec": {"replicas": -1}})).unwrap_err();
    assert!(
        error.message().ends_with("spec.replicas: Invalid value: -1: must be greater than or equal to 0")
    );
}

#[test]
fn a_pod_is_bound_once() {
    let mut s = server();
    let p = running_pod(&mut s, "p");
    assert_eq!(p["spec"]["nodeName"], "minikube");
    assert_eq!(p["status"]["conditions"][0]["type"], "PodScheduled");
    let again = json!({"target": {"kind": "Node", "name": "minikube-m02"}});
    let error = post(&mut s, &format!("{PODS}/p/binding"), again).unwrap_err();
    assert_eq!(
        error.message(),
        "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"minikube\""
    );
}

#[test]
fn tables_have_the_columns_of_their_kind() {
    let mut s = server();
    post(&mut s, PODS, pod("p")).unwrap();
    let request = |path: &str| Request { accept: apimachinery::rest::AS_TABLE.into(), ..Request::get(path) };
    let table = send(&mut s, request(PODS)).unwrap();
    assert_eq!((table.kind(), table.api_version()), ("Table", "meta.k8s.io/v1"));
    assert_eq!(table["columnDefinitions"][0]["name"], "Name");
    let row = &table["rows"][0];
    assert_eq!((row["cells"][0].str(), row["object"]["kind"].str()), ("p", "PartialObjectMetadata"));
    let one = send(&mut s, request(&format!("{PODS}/p")).with("includeObject", "Object")).unwrap();
    assert_eq!(one["rows"][0]["object"]["spec"]["containers"][0]["name"], "c");
}

#[test]
fn other_versions_are_converted() {
    let mut s = server();
    let v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
    let body = json!({"metadata": {"name": "web"}, "spec": {
        "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"},
        "maxReplicas": 6, "targetCPUUtilizationPercentage": 50,
    }});
    let made = post(&mut s, v1, body).unwrap();
    assert_eq!((made.api_version(), made.at("spec.minReplicas").int()), ("autoscaling/v1", 1));
    let stored = get(&mut s, &format!("{}/web", v1.replace("v1", "v2"))).unwrap();
    assert_eq!(stored.at("spec.metrics")[0].at("resource.target.averageUtilization").int(), 50);
    let change = json!({"spec": {"targetCPUUtilizationPercentage": 70}});
    patch(&mut s, &format!("{v1}/web"), MERGE_PATCH, change).unwrap();
    let list = get(&mut s, v1).unwrap();
    assert_eq!(list["items"][0].at("spec.targetCPUUtilizationPercentage").int(), 70);
}

#[test]
fn events_live_for_an_hour() {
    let mut s = server();
    let path = "/api/v1/namespaces/default/events";
    let event = json!({
        "metadata": {"name": "e", "namespace": "default"}, "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
        "lastTimestamp": apimachinery::time::format(NOW), "firstTimestamp": apimachinery::time::format(NOW),
        "type": "Normal", "reason": "Created", "message": "m", "source": {"component": "kubelet"},
    });
    post(&mut s, path, event).unwrap();
    let count = |s: &mut ApiServer, seconds| {
        let at = NOW + sim::Duration::from_secs(seconds);
        s.handle(at, Request::get(path)).value()["items"].items().len()
    };
    assert_eq!((count(&mut s, 3600), count(&mut s, 3700)), (1, 0));
}

#[test]
fn a_clone_goes_its_own_way_and_a_seed_says_it_all() {
    let mut a = server();
    let mut b = a.clone();
    let (x, y) = (post(&mut a, PODS, pod("p")).unwrap(), post(&mut b, PODS, pod("p")).unwrap());
    assert_eq!(x, y);
    delete(&mut a, &format!("{PODS}/p"), json!({})).unwrap();
    assert!(get(&mut b, &format!("{PODS}/p")).is_ok());
}
