//! What the controllers do together, in a whole cluster: rollouts, ownership, nodes that fail, namespaces that go.

use apimachinery::{Method, Request, Value, json, rest, time};
use cluster::{Cluster, Config, Fault};
use sim::{Duration, Order};

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
const REPLICA_SETS: &str = "/apis/apps/v1/namespaces/default/replicasets";
const PODS: &str = "/api/v1/namespaces/default/pods";
const EVENTS: &str = "/api/v1/namespaces/default/events";

struct World(Cluster);

impl World {
    fn new() -> World {
        World(Cluster::new(Config::default()))
    }

    fn send(&mut self, method: Method, path: &str, body: Value) -> Value {
        let response = self.0.request(Request::new(method, path).with_body(body));
        assert!(response.is_success(), "{method:?} {path}: {:?}", response.value());
        response.value()
    }

    fn patch(&mut self, path: &str, patch: Value) {
        let response = self.0.request(Request::patch(path, rest::STRATEGIC_PATCH, patch));
        assert!(response.is_success(), "{path}: {:?}", response.value());
    }

    fn get(&mut self, path: &str) -> Value {
        self.0.request(Request::get(path)).value()
    }

    fn list(&mut self, path: &str) -> Vec<Value> {
        self.get(path)["items"].items().to_vec()
    }

    fn deploy(&mut self, name: &str, replicas: i64, strategy: Value) {
        let spec = json!({
            "replicas": replicas, "strategy": strategy, "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "nginx", "image": "nginx:1.27"}]},
            },
        });
        self.send(
            Method::Post,
            DEPLOYMENTS,
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}),
        );
    }

    fn set_image(&mut self, name: &str, image: &str) {
        let containers = json!([{"name": "nginx", "image": image}]);
        let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}});
        self.patch(&format!("{DEPLOYMENTS}/{name}"), patch);
    }

    /// Virtual seconds until a condition holds, looking ten times a second.
    fn seconds_until(&mut self, limit: u32, mut condition: impl FnMut(&mut World) -> bool) -> f64 {
        for tenths in 0..limit * 10 {
            if condition(self) {
                return f64::from(tenths) / 10.0;
            }
            self.0.advance(Duration::from_millis(100));
        }
        panic!("not within {limit} seconds");
    }

    fn is_complete(&mut self, name: &str) -> bool {
        let d = self.get(&format!("{DEPLOYMENTS}/{name}"));
        let wanted = d.at("spec.replicas").int();
        d.at("status.observedGeneration").int() == d.at("metadata.generation").int()
            && ["replicas", "updatedReplicas", "availableReplicas"]
                .iter()
                .all(|f| d["status"][*f].int() == wanted)
    }

    /// (desired, available) of a Deployment's ReplicaSets, by revision.
    fn revisions(&mut self) -> Vec<(String, i64)> {
        let mut all: Vec<_> = self
            .list(REPLICA_SETS)
            .iter()
            .map(|rs| {
                let revision = &rs.at("metadata.annotations")["deployment.kubernetes.io/revision"];
                (revision.str().to_string(), rs.at("spec.replicas").int())
            })
            .collect();
        all.order();
        all
    }

    fn messages(&mut self, reason: &str) -> Vec<String> {
        let mut events = self.list(EVENTS);
        events.order_by_key(|e| e.at("metadata.resourceVersion").str().parse::<u64>().unwrap_or_default());
        let events = events.iter().filter(|e| e["reason"] == reason);
        events.map(|e| e["message"].str().to_string()).collect()
    }
}

fn is_ready(object: &Value) -> bool {
    object.at("status.conditions").items().iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

#[test]
fn a_rollout_never_takes_away_more_than_it_may_and_can_be_undone() {
    let mut w = World::new();
    w.deploy("web", 4, json!({"type": "RollingUpdate"}));
    w.seconds_until(10, |w| w.is_complete("web"));
    w.set_image("web", "nginx:1.26");
    w.seconds_until(30, |w| {
        let status = w.get(&format!("{DEPLOYMENTS}/web"))["status"].clone();
        assert!(status["availableReplicas"].int() >= 3 && status["replicas"].int() <= 5, "{status:?}");
        w.is_complete("web")
    });
    assert_eq!(w.revisions(), [("1".into(), 0), ("2".into(), 4)]);
    w.set_image("web", "nginx:1.27");
    w.seconds_until(30, |w| w.is_complete("web"));
    // The first template came back as the third revision.
    assert_eq!(w.revisions(), [("2".into(), 0), ("3".into(), 4)]);
}

#[test]
fn an_image_that_is_not_there_leaves_three_of_four_serving() {
    let mut w = World::new();
    w.deploy("web", 4, json!({"type": "RollingUpdate"}));
    w.seconds_until(10, |w| w.is_complete("web"));
    w.patch(&format!("{DEPLOYMENTS}/web"), json!({"spec": {"progressDeadlineSeconds": 20}}));
    w.set_image("web", "nginx:typo");
    w.0.advance(Duration::from_secs(24));
    assert_eq!(w.revisions(), [("1".into(), 3), ("2".into(), 2)]);
    let status = w.get(&format!("{DEPLOYMENTS}/web"))["status"].clone();
    let reasons: Vec<&str> = status["conditions"].items().iter().map(|c| c["reason"].str()).collect();
    assert_eq!(reasons, ["MinimumReplicasAvailable", "ProgressDeadlineExceeded"]);
}

#[test]
fn recreate_waits_for_the_old_pods_to_end() {
    let mut w = World::new();
    w.deploy("rec", 3, json!({"type": "Recreate"}));
    w.seconds_until(10, |w| w.is_complete("rec"));
    w.set_image("rec", "nginx:1.26");
    w.seconds_until(30, |w| {
        let pods = w.list(PODS);
        let images = |image: &str| {
            let running =
                pods.iter().filter(|p| !matches!(p.at("status.phase").str(), "Succeeded" | "Failed"));
            running.filter(|p| p.at("spec.containers")[0]["image"] == image).count()
        };
        assert!(images("nginx:1.27") == 0 || images("nginx:1.26") == 0);
        w.is_complete("rec")
    });
    assert_eq!(w.messages("ScalingReplicaSet").len(), 3);
}

#[test]
fn many_pods_come_at_twenty_a_second_and_a_few_at_once() {
    let mut w = World::new();
    w.deploy("few", 3, Value::Null);
    let few = w.seconds_until(2, |w| w.list(PODS).len() == 3);
    assert!(few <= 0.1, "{few}");
    w.0.advance(Duration::from_secs(5));
    w.deploy("many", 100, Value::Null);
    let many = w.seconds_until(20, |w| w.list(PODS).len() == 103);
    assert!((3.0..5.0).contains(&many), "{many}");
}

#[test]
fn what_is_owned_goes_with_its_owner_or_stays_as_asked() {
    let mut w = World::new();
    w.deploy("web", 3, Value::Null);
    w.seconds_until(10, |w| w.is_complete("web"));
    // In the foreground the Deployment is the last to go.
    w.send(Method::Delete, &format!("{DEPLOYMENTS}/web"), json!({"propagationPolicy": "Foreground"}));
    w.seconds_until(40, |w| {
        let (d, rs, pods) = (w.list(DEPLOYMENTS).len(), w.list(REPLICA_SETS).len(), w.list(PODS).len());
        assert!(d >= rs && (rs > 0 || pods == 0), "{d} {rs} {pods}");
        d == 0
    });
    w.deploy("web", 2, Value::Null);
    w.seconds_until(10, |w| w.is_complete("web"));
    w.send(Method::Delete, &format!("{DEPLOYMENTS}/web"), json!({"propagationPolicy": "Orphan"}));
    w.seconds_until(5, |w| w.list(DEPLOYMENTS).is_empty());
    assert!(w.list(REPLICA_SETS)[0].at("metadata.ownerReferences").is_null());
    // A new Deployment with the same selector adopts it.
    w.deploy("web", 2, Value::Null);
    w.seconds_until(5, |w| w.is_complete("web"));
    assert_eq!(w.list(REPLICA_SETS)[0].at("metadata.ownerReferences")[0]["kind"], "Deployment");
    assert_eq!(w.list(PODS).len(), 2);
}

#[test]
fn a_pod_that_changes_its_label_is_released_and_replaced() {
    let mut w = World::new();
    w.deploy("web", 2, Value::Null);
    w.seconds_until(10, |w| w.is_complete("web"));
    let name = w.list(PODS)[0].at("metadata.name").str().to_string();
    w.patch(&format!("{PODS}/{name}"), json!({"metadata": {"labels": {"app": "isolated"}}}));
    w.seconds_until(5, |w| w.list(PODS).len() == 3);
    assert!(w.get(&format!("{PODS}/{name}")).at("metadata.ownerReferences").is_null());
}

#[test]
fn a_node_that_stops_is_noticed_and_emptied_and_may_come_back() {
    let mut w = World::new();
    w.deploy("web", 3, Value::Null);
    w.seconds_until(10, |w| w.is_complete("web"));
    let node = "/api/v1/nodes/minikube-m03";
    w.0.fault(&Fault::StopNode("minikube-m03".into())).unwrap();
    let noticed = w.seconds_until(70, |w| !is_ready(&w.get(node)));
    // 50 s of grace from the last lease, which is at most 10 s old, seen at most 5 s late, twice.
    assert!((40.0..=60.0).contains(&noticed), "{noticed}");
    w.0.advance(Duration::from_secs(1));
    let taints = w.get(node).at("spec.taints").clone();
    let mut list: Vec<_> = taints.items().iter().map(|t| (t["key"].str(), t["effect"].str())).collect();
    list.order();
    let unreachable = "node.kubernetes.io/unreachable";
    assert_eq!(list, [(unreachable, "NoExecute"), (unreachable, "NoSchedule")]);
    assert_eq!(w.list(PODS).iter().filter(|p| is_ready(p)).count(), 2);
    // The pod stays for the 300 seconds of its toleration.
    let evicted = w.seconds_until(320, |w| w.list(PODS).len() == 4);
    assert!((295.0..=305.0).contains(&evicted), "{evicted}");
    assert_eq!(w.messages("TaintManagerEviction").len(), 1);
    w.0.fault(&Fault::StartNode("minikube-m03".into())).unwrap();
    w.seconds_until(30, |w| is_ready(&w.get(node)) && w.get(node).at("spec.taints").is_empty());
    w.seconds_until(60, |w| w.list(PODS).len() == 3);
}

#[test]
fn a_namespace_takes_everything_with_it() {
    let mut w = World::new();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dev"}});
    w.send(Method::Post, "/api/v1/namespaces", namespace);
    w.seconds_until(1, |w| w.list("/api/v1/namespaces/dev/serviceaccounts").len() == 1);
    w.seconds_until(1, |w| w.list("/api/v1/namespaces/dev/configmaps").len() == 1);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
    });
    w.send(Method::Post, "/api/v1/namespaces/dev/pods", pod);
    w.0.advance(Duration::from_secs(5));
    w.send(Method::Delete, "/api/v1/namespaces/dev", json!({}));
    let gone = w.seconds_until(30, |w| w.0.request(Request::get("/api/v1/namespaces/dev")).status == 404);
    assert!((9.0..13.0).contains(&gone), "{gone}");
}

#[test]
fn an_autoscaler_keeps_to_its_limits_and_says_what_it_cannot_read() {
    let mut w = World::new();
    w.deploy("php", 1, Value::Null);
    let autoscaler = |name: &str, min: i64| {
        let metric = json!({
            "type": "Resource",
            "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
        });
        let target = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "php"});
        json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
            "spec": {"minReplicas": min, "maxReplicas": 5, "scaleTargetRef": target, "metrics": [metric]},
        })
    };
    let path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
    w.send(Method::Post, path, autoscaler("php", 1));
    w.send(Method::Post, path, autoscaler("two", 2));
    w.0.advance(Duration::from_secs(16));
    let why = "unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)";
    assert_eq!(w.messages("FailedGetResourceMetric"), [format!("failed to get cpu utilization: {why}")]);
    assert_eq!(
        w.messages("SuccessfulRescale"),
        ["New size: 2; reason: Current number of replicas below Spec.MinReplicas"]
    );
    assert_eq!(w.get(&format!("{DEPLOYMENTS}/php")).at("spec.replicas").int(), 2);
    // Now both look at the same pods.
    w.0.advance(Duration::from_secs(31));
    let why = "pods by selector app=php are controlled by multiple HPAs: [default/php default/two]";
    assert!(w.messages("AmbiguousSelector").contains(&why.to_string()));
    assert!(w.messages("FailedComputeMetricsReplicas").contains(&why.to_string()));
}

#[test]
fn endpoints_tell_since_when() {
    let mut w = World::new();
    w.deploy("web", 2, Value::Null);
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    });
    w.send(Method::Post, "/api/v1/namespaces/default/services", service);
    w.seconds_until(10, |w| w.is_complete("web"));
    w.0.advance(Duration::from_secs(1));
    let endpoints = w.get("/api/v1/namespaces/default/endpoints/web");
    assert_eq!(endpoints["subsets"][0]["addresses"].items().len(), 2);
    let since = &endpoints.at("metadata.annotations")["endpoints.kubernetes.io/last-change-trigger-time"];
    assert!(time::parse(since.str()).is_some_and(|at| at <= w.0.now()));
    let slices = w.list("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices");
    let slice = slices.iter().find(|s| s.at("metadata.generateName") == "web-").unwrap();
    assert!(slice["endpoints"].items().iter().all(|e| e.at("conditions.ready").is_true()));
}

#[test]
fn a_daemon_set_has_a_pod_on_every_node_that_fits() {
    const DAEMON_SETS: &str = "/apis/apps/v1/namespaces/default/daemonsets";
    let mut w = World::new();
    let labels = json!({"app": "agent"});
    w.send(
        Method::Post,
        DAEMON_SETS,
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": {
            "selector": {"matchLabels": labels.clone()},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]}}}}),
    );
    let status = |w: &mut World, field: &str| w.get(&format!("{DAEMON_SETS}/agent"))["status"][field].int();
    w.seconds_until(10, |w| status(w, "numberAvailable") == 3);
    w.0.fault(&Fault::AddNode).unwrap();
    w.seconds_until(30, |w| status(w, "numberAvailable") == 4);
    let nodes: sim::collections::BTreeSet<String> =
        w.list(PODS).iter().map(|p| p.at("spec.nodeName").str().to_string()).collect();
    assert_eq!(nodes.len(), 4, "one each");
    // One after the other gets the new image, and the old template stays in the history.
    let containers = json!([{"name": "c", "image": "nginx:1.26"}]);
    w.patch(
        &format!("{DAEMON_SETS}/agent"),
        json!({"spec": {"template": {"spec": {"containers": containers}}}}),
    );
    w.seconds_until(60, |w| {
        assert!(status(w, "numberUnavailable") <= 1);
        let done = ["updatedNumberScheduled", "numberAvailable"].iter().all(|f| status(w, f) == 4);
        done && status(w, "observedGeneration") == 2
    });
    assert_eq!(w.list("/apis/apps/v1/namespaces/default/controllerrevisions").len(), 2);
    // A taint keeps new pods away, one that evicts takes the pod too.
    let taint = json!({"spec": {"taints": [{"key": "k", "effect": "NoExecute"}]}});
    w.patch("/api/v1/nodes/minikube-m02", taint);
    w.seconds_until(60, |w| status(w, "desiredNumberScheduled") == 3 && w.list(PODS).len() == 3);
}

#[test]
fn a_quota_counts_what_is_there_and_gives_back_what_goes() {
    let mut world = World::new();
    const QUOTAS: &str = "/api/v1/namespaces/default/resourcequotas";
    world.deploy("web", 1, json!({"type": "Recreate"}));
    world.seconds_until(10, |w| w.list(PODS).len() == 1);
    let hard = json!({"pods": "2", "count/replicasets.apps": "5", "configmaps": "9"});
    world.send(Method::Post, QUOTAS, json!({"metadata": {"name": "q"}, "spec": {"hard": hard}}));
    let used = |w: &mut World| w.get(&format!("{QUOTAS}/q"))["status"]["used"].clone();
    world.seconds_until(2, |w| {
        used(w) == json!({"configmaps": "1", "count/replicasets.apps": "1", "pods": "1"})
    });
    world.patch(&format!("{DEPLOYMENTS}/web"), json!({"spec": {"replicas": 4}}));
    world.seconds_until(10, |w| w.list(PODS).len() == 2);
    let events = world.list(EVENTS);
    let refused = |e: &&Value| {
        e["reason"] == "FailedCreate"
            && e["message"]
                .str()
                .contains("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2")
    };
    assert!(events.iter().any(|e| refused(&e)), "{events:?}");
    world.patch(&format!("{DEPLOYMENTS}/web"), json!({"spec": {"replicas": 0}}));
    world.seconds_until(20, |w| used(w)["pods"] == "0");
}

#[test]
fn a_budget_knows_how_many_pods_may_go() {
    let mut world = World::new();
    const BUDGETS: &str = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    let spec = json!({"maxUnavailable": "50%", "selector": {"matchLabels": {"app": "web"}}});
    world.send(Method::Post, BUDGETS, json!({"metadata": {"name": "web"}, "spec": spec}));
    world.seconds_until(2, |w| w.list(EVENTS).iter().any(|e| e["reason"] == "NoPods"));
    world.deploy("web", 3, json!({"type": "RollingUpdate"}));
    let status = |w: &mut World| w.get(&format!("{BUDGETS}/web"))["status"].clone();
    world.seconds_until(20, |w| status(w)["disruptionsAllowed"].int() == 2);
    let now = status(&mut world);
    let counts = ["currentHealthy", "desiredHealthy", "expectedPods"].map(|field| now[field].int());
    assert_eq!((counts, now["conditions"][0]["reason"].str()), ([3, 1, 3], "SufficientPods"));
    let pod = world.list(PODS)[0].clone();
    let name = pod["metadata"]["name"].str().to_string();
    world.send(
        Method::Post,
        &format!("{PODS}/{name}/eviction"),
        json!({"metadata": {"name": name.as_str()}}),
    );
    assert_eq!(status(&mut world)["disruptionsAllowed"].int(), 1);
    // The replacement makes up for it, and the evicted pod is forgotten.
    world.seconds_until(20, |w| {
        status(w)["disruptionsAllowed"].int() == 2 && status(w)["disruptedPods"].is_null()
    });
}

#[test]
fn a_replication_controller_keeps_as_many_pods_as_asked_for() {
    let mut world = World::new();
    const CONTROLLERS: &str = "/api/v1/namespaces/default/replicationcontrollers";
    let template = json!({
        "metadata": {"labels": {"app": "old"}}, "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
    });
    let spec = json!({"replicas": 2, "template": template});
    let made = world.send(Method::Post, CONTROLLERS, json!({"metadata": {"name": "old"}, "spec": spec}));
    assert_eq!(
        (&made["spec"]["selector"], &made["metadata"]["labels"]),
        (&json!({"app": "old"}), &json!({"app": "old"}))
    );
    world.seconds_until(20, |w| w.get(&format!("{CONTROLLERS}/old"))["status"]["readyReplicas"].int() == 2);
    let scale = world.get(&format!("{CONTROLLERS}/old/scale"));
    assert_eq!(scale["status"], json!({"replicas": 2, "selector": "app=old"}));
    world.patch(&format!("{CONTROLLERS}/old/scale"), json!({"spec": {"replicas": 1}}));
    world.seconds_until(20, |w| w.list(PODS).len() == 1);
    // A pod that loses the label is let go, and another takes its place.
    let name = world.list(PODS)[0]["metadata"]["name"].str().to_string();
    world.patch(&format!("{PODS}/{name}"), json!({"metadata": {"labels": {"app": "free"}}}));
    world.seconds_until(20, |w| w.list(PODS).len() == 2);
    assert!(world.get(&format!("{PODS}/{name}"))["metadata"]["ownerReferences"].is_null());
}
