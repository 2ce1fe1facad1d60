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

const QUOTAS: &str = "/api/v1/namespaces/default/resourcequotas";

/// A quota whose controller has counted already.
fn quota(s: &mut ApiServer, name: &str, spec: Value, used: Value) {
    let made = post(s, QUOTAS, json!({"metadata": {"name": name}, "spec": spec})).unwrap();
    let status = json!({"status": {"hard": made.at("spec.hard"), "used": used}});
    patch(s, &format!("{QUOTAS}/{name}/status"), MERGE_PATCH, status).unwrap();
}

#[test]
fn what_a_quota_has_no_room_for_is_refused_and_the_rest_is_counted() {
    let mut s = server();
    let hard = json!({"pods": "2", "requests.cpu": "1", "services": "1", "services.nodeports": "0", "count/deployments.apps": "1"});
    let none = json!({"pods": "0", "requests.cpu": "0", "services": "0", "services.nodeports": "0", "count/deployments.apps": "0"});
    quota(&mut s, "q", json!({"hard": hard}), none);
    assert_eq!(
        refused(post(&mut s, PODS, pod("a"))),
        "pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: c"
    );
    let asking = |name: &str, cpu: &str| {
        let mut pod = pod(name);
        pod.at_mut("spec.containers").array_mut()[0].set("resources", json!({"requests": {"cpu": cpu}}));
        pod
    };
    post(&mut s, PODS, asking("a", "600m")).unwrap();
    assert_eq!(
        refused(post(&mut s, PODS, asking("b", "500m"))),
        "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1"
    );
    post(&mut s, PODS, asking("b", "400m")).unwrap();
    assert_eq!(
        refused(post(&mut s, PODS, asking("d", "1"))),
        "pods \"d\" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=1, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1"
    );
    let service = json!({"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}});
    post(&mut s, SERVICES, service).unwrap();
    assert_eq!(
        refused(patch(&mut s, &format!("{SERVICES}/s"), MERGE_PATCH, json!({"spec": {"type": "NodePort"}}))),
        "services \"s\" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0"
    );
    post(&mut s, DEPLOYMENTS, deployment("one")).unwrap();
    assert!(
        refused(post(&mut s, DEPLOYMENTS, deployment("two"))).contains("requested: count/deployments.apps=1")
    );
    let used = get(&mut s, &format!("{QUOTAS}/q")).unwrap().at("status.used").clone();
    assert_eq!(
        used,
        json!({"count/deployments.apps": "1", "pods": "2", "requests.cpu": "1", "services": "1", "services.nodeports": "0"})
    );
}

#[test]
fn a_quota_with_scopes_counts_what_they_take_in() {
    let mut s = server();
    quota(&mut s, "q", json!({"hard": {"pods": "0"}, "scopes": ["NotBestEffort"]}), json!({"pods": "0"}));
    post(&mut s, PODS, pod("effortless")).unwrap();
    let mut asking = pod("asking");
    asking.at_mut("spec.containers").array_mut()[0].set("resources", json!({"requests": {"cpu": "1m"}}));
    assert!(refused(post(&mut s, PODS, asking)).contains("exceeded quota: q, requested: pods=1"));
    for (spec, why) in [
        (json!({"hard": {"bogus": "1"}}), "must be a standard resource for quota]"),
        (json!({"hard": {"pods": "1.5"}}), "spec.hard[pods]: Invalid value: \"1500m\": must be an integer"),
        (
            json!({"hard": {"services": "1"}, "scopes": ["BestEffort"]}),
            "unsupported scope applied to resource",
        ),
    ] {
        let body = json!({"metadata": {"name": "bad"}, "spec": spec});
        let said = refused(post(&mut s, QUOTAS, body));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_limit_range_fills_in_and_refuses() {
    let mut s = server();
    let ranges = "/api/v1/namespaces/default/limitranges";
    let item = json!({"type": "Container", "max": {"cpu": "800m"}, "min": {"cpu": "100m"}, "default": {"cpu": "500m"},
        "defaultRequest": {"cpu": "200m", "memory": "64Mi"}});
    let whole = json!({"type": "Pod", "max": {"cpu": "1"}});
    post(&mut s, ranges, json!({"metadata": {"name": "lr"}, "spec": {"limits": [item, whole]}})).unwrap();
    let made = post(&mut s, PODS, pod("p")).unwrap();
    assert_eq!(
        made.at("spec.containers")[0]["resources"],
        json!({"limits": {"cpu": "500m"}, "requests": {"cpu": "200m", "memory": "64Mi"}})
    );
    assert_eq!(
        made.annotation("kubernetes.io/limit-ranger"),
        Some("LimitRanger plugin set: cpu, memory request for container c; cpu limit for container c")
    );
    let mut big = pod("big");
    big.at_mut("spec.containers").array_mut()[0].set("resources", json!({"limits": {"cpu": "2"}}));
    assert_eq!(
        refused(post(&mut s, PODS, big)),
        "pods \"big\" is forbidden: [maximum cpu usage per Container is 800m, but limit is 2, maximum cpu usage per Pod is 1, but limit is 2]"
    );
    let mut small = pod("small");
    small.at_mut("spec.containers").array_mut()[0].set("resources", json!({"requests": {"cpu": "10m"}}));
    assert_eq!(
        refused(post(&mut s, PODS, small)),
        "pods \"small\" is forbidden: minimum cpu usage per Container is 100m, but request is 10m"
    );
    let upside = json!({"metadata": {"name": "bad"}, "spec": {"limits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}}]}});
    assert!(
        refused(post(&mut s, ranges, upside)).contains(
            "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1"
        )
    );
}

#[test]
fn an_eviction_needs_room_in_the_disruption_budget() {
    let mut s = server();
    let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    let spec = json!({"minAvailable": 1, "selector": {"matchLabels": {"tier": "web"}}});
    post(&mut s, budgets, json!({"metadata": {"name": "web"}, "spec": spec})).unwrap();
    let ready = json!({"metadata": {"labels": {"tier": "web"}}});
    for name in ["a", "b", "c"] {
        running_pod(&mut s, name);
        patch(&mut s, &format!("{PODS}/{name}"), MERGE_PATCH, ready.clone()).unwrap();
        let status = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}]}});
        patch(&mut s, &format!("{PODS}/{name}/status"), MERGE_PATCH, status).unwrap();
    }
    let evict = |s: &mut ApiServer, name: &str| {
        let body = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}});
        post(s, &format!("{PODS}/{name}/eviction"), body)
    };
    // Nobody has looked at the budget yet.
    let error = evict(&mut s, "a").unwrap_err();
    assert_eq!((error.code(), error.reason()), (429, "TooManyRequests"));
    assert!(error.0.at("details.causes")[0]["message"].str().contains("still being processed"));
    let counted = json!({"status": {"observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}});
    patch(&mut s, &format!("{budgets}/web/status"), MERGE_PATCH, counted).unwrap();
    evict(&mut s, "a").unwrap();
    let gone = get(&mut s, &format!("{PODS}/a")).unwrap();
    assert!(gone.is_terminating());
    assert!(gone.at("status.conditions").items().iter().any(|c| c["reason"] == "EvictionByEvictionAPI"));
    let budget = get(&mut s, &format!("{budgets}/web")).unwrap();
    assert_eq!(budget.at("status.disruptionsAllowed").int(), 0);
    assert!(budget.at("status.disruptedPods").get("a").is_some());
    let error = evict(&mut s, "b").unwrap_err();
    assert_eq!(error.message(), "Cannot evict pod as it would violate the pod's disruption budget.");
    assert_eq!(
        error.0.at("details.causes")[0]["message"],
        "The disruption budget web needs 1 healthy pods and has 2 currently"
    );
    // One that serves nobody goes, as long as the others are enough.
    let status = json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}});
    patch(&mut s, &format!("{PODS}/c/status"), MERGE_PATCH, status).unwrap();
    evict(&mut s, "c").unwrap();
    let both = json!({"metadata": {"name": "both"}, "spec": {"minAvailable": 1, "maxUnavailable": "150%"}});
    let said = refused(post(&mut s, budgets, both));
    assert!(said.contains("mutually exclusive") && said.contains("must not be greater than 100%"), "{said}");
}

#[test]
fn an_ingress_gets_the_default_class_and_its_paths_are_checked() {
    let mut s = server();
    let (classes, ingresses) = (
        "/apis/networking.k8s.io/v1/ingressclasses",
        "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    );
    let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
    let with = |name: &str, path: Value| json!({"metadata": {"name": name}, "spec": {"rules": [{"host": "a.example.com", "http": {"paths": [path]}}]}});
    let good = json!({"path": "/", "pathType": "Prefix", "backend": backend});
    assert!(post(&mut s, ingresses, with("a", good.clone())).unwrap().at("spec.ingressClassName").is_null());
    let default = json!({"ingressclass.kubernetes.io/is-default-class": "true"});
    let class = |name: &str| json!({"metadata": {"name": name, "annotations": default.clone()}, "spec": {"controller": "k8s.io/ingress-nginx"}});
    post(&mut s, classes, class("nginx")).unwrap();
    let made = post(&mut s, ingresses, with("b", good.clone())).unwrap();
    assert_eq!((made.at("spec.ingressClassName").str(), made.generation()), ("nginx", 1));
    post(&mut s, classes, class("other")).unwrap();
    assert_eq!(
        refused(post(&mut s, ingresses, with("c", good.clone()))),
        "ingresses.networking.k8s.io \"c\" is forbidden: 2 default IngressClasses were found, only 1 allowed"
    );
    for (field, value, why) in [
        (
            "pathType",
            Value::Null,
            "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
        ),
        (
            "path",
            "x".into(),
            "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path",
        ),
        ("path", "/a//b".into(), "must not contain '//'"),
        (
            "backend",
            json!({}),
            "spec.rules[0].http.paths[0].backend: Required value: resource or service backend is required",
        ),
    ] {
        let mut path = good.clone();
        path.set(field, value);
        let mut body = with("d", path);
        body.set_at("spec.ingressClassName", "nginx");
        let said = refused(post(&mut s, ingresses, body));
        assert!(said.contains(why), "{said}");
    }
}
