//! The scheduler against a small API server: what it decides, what it writes.

use crate::Scheduler;
use apimachinery::rest::{Cursor, WatchEvent, WatchKind};
use apimachinery::{Body, Method, Object, Request, Response, Status, Value, json};
use client::{Component, Context, Server, Signal, SignalKind};
use sim::collections::BTreeMap;
use sim::{Duration, Rng, Time};

/// Objects by path, and what happened to them.
#[derive(Default)]
struct Fake {
    objects: BTreeMap<String, Object>,
    log: Vec<(String, WatchEvent)>,
    requests: Vec<String>,
}

impl Fake {
    fn write(&mut self, path: String, mut object: Object) -> Response {
        object.set_at("metadata.resourceVersion", (self.log.len() + 1).to_string());
        let kind = if self.objects.contains_key(&path) { WatchKind::Modified } else { WatchKind::Added };
        self.objects.insert(path.clone(), object.clone());
        self.log.push((path, WatchEvent { kind, object: object.clone() }));
        Response::json(200, object)
    }

    fn delete(&mut self, path: &str) -> Response {
        let object = self.objects.remove(path).unwrap_or_default();
        self.log.push((path.into(), WatchEvent { kind: WatchKind::Deleted, object: object.clone() }));
        Response::json(200, object)
    }

    fn patch(&mut self, path: &str, patch: &Value) -> Response {
        let path = path.trim_end_matches("/status").to_string();
        let Some(mut object) = self.objects.get(&path).cloned() else {
            return Status::not_found("", "pods", &path).into();
        };
        for (key, value) in patch["status"].fields() {
            object.field_mut("status").set(key, value.clone());
        }
        if let Some(series) = patch.get("series") {
            object.set("series", series.clone());
        }
        self.write(path, object)
    }
}

impl Server for Fake {
    fn request(&mut self, request: Request) -> Response {
        let body = match &request.body {
            Body::Value(value) => value.clone(),
            _ => Value::Null,
        };
        if request.method != Method::Get {
            self.requests.push(format!("{:?} {}", request.method, request.path));
        }
        match request.method {
            Method::Get if request.flag("watch") => {
                let cursor = Cursor {
                    path: request.path,
                    prefix: String::new(),
                    label_selector: String::new(),
                    field_selector: String::new(),
                    table: false,
                    revision: 0,
                    initial: Vec::new(),
                };
                Response { status: 200, warnings: vec![], body: Body::Watch(Box::new(cursor)) }
            }
            Method::Get => Status::not_found("", "things", "x").into(),
            Method::Post if request.path.ends_with("/binding") => {
                let path = request.path.trim_end_matches("/binding").to_string();
                let mut pod = self.objects[&path].clone();
                pod.set_at("spec.nodeName", &body["target"]["name"]);
                self.write(path, pod)
            }
            Method::Post => {
                let path = format!("{}/{}", request.path, body["metadata"]["name"].str());
                self.write(path, Object(body))
            }
            Method::Patch => self.patch(&request.path, &body),
            Method::Delete => self.delete(&request.path),
            Method::Put => self.write(request.path, Object(body)),
        }
    }

    fn poll(&mut self, cursor: &mut Cursor) -> Vec<WatchEvent> {
        let from = std::mem::replace(&mut cursor.revision, self.log.len() as u64) as usize;
        let plural = cursor.path.rsplit('/').next().unwrap_or_default();
        let meant = |path: &str| path.rsplit('/').nth(1) == Some(plural);
        self.log[from..].iter().filter(|(path, _)| meant(path)).map(|(_, e)| e.clone()).collect()
    }
}

struct World {
    fake: Fake,
    scheduler: Scheduler,
    rng: Rng,
    signals: Vec<Signal>,
    now: Time,
}

impl World {
    fn new(nodes: &[Value]) -> World {
        let mut world = World {
            fake: Fake::default(),
            scheduler: Scheduler::default(),
            rng: Rng::new(1),
            signals: vec![],
            now: Time::from_secs(1_000_000),
        };
        nodes.iter().for_each(|n| world.put("/api/v1/nodes", n.clone()));
        world
    }

    fn put(&mut self, collection: &str, object: Value) {
        let path = format!("{collection}/{}", object["metadata"]["name"].str());
        self.fake.write(path, Object(object));
    }

    fn pod(&mut self, name: &str, spec: Value) {
        let labels = json!({"app": name.split('-').next().unwrap_or_default()});
        let meta = json!({"name": name, "namespace": "default", "uid": format!("uid-{name}"),
            "labels": labels, "generation": 1});
        self.put(PODS, json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}));
    }

    fn node_of(&self, pod: &str) -> String {
        self.fake.objects[&format!("{PODS}/{pod}")]["spec"]["nodeName"].str().to_string()
    }

    fn message(&self, pod: &str) -> String {
        let pod = &self.fake.objects[&format!("{PODS}/{pod}")];
        pod["status"]["conditions"][0]["message"].str().to_string()
    }

    /// Lets the scheduler run whenever it wants to, for this long.
    fn run(&mut self, span: Duration) {
        let end = self.now + span;
        let mut known = self.fake.log.len();
        loop {
            let mut ctx = Context {
                now: self.now,
                rng: &mut self.rng,
                server: &mut self.fake,
                signals: &mut self.signals,
                agent: "default-scheduler",
            };
            let seen = ctx.now;
            self.scheduler.run(&mut ctx);
            // Its own writes come back to it by the watch, a moment later.
            let changed = (self.fake.log.len() > known).then_some(seen + Duration::from_millis(1));
            known = self.fake.log.len();
            match self.scheduler.wake().into_iter().chain(changed).min() {
                Some(wake) if wake <= end => self.now = wake.max(self.now),
                _ => break,
            }
        }
        self.now = end;
    }

    fn settle(&mut self) {
        self.run(Duration::from_secs(20));
    }
}

const PODS: &str = "/api/v1/namespaces/default/pods";

fn node(name: &str, changes: Value) -> Value {
    let mut node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "spec": {}, "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    });
    for (path, value) in changes.fields() {
        node.set_at(path, value.clone());
    }
    node
}

fn three() -> Vec<Value> {
    ["minikube", "minikube-m02", "minikube-m03"].map(|n| node(n, json!({}))).into()
}

fn cpu(amount: &str) -> Value {
    json!({"containers": [{"image": "nginx:1.27", "resources": {"requests": {"cpu": amount}}}]})
}

fn with(mut spec: Value, more: Value) -> Value {
    more.fields().for_each(|(k, v)| spec.set(k, v.clone()));
    spec
}

#[test]
fn refusals_have_the_real_words() {
    const NO_HELP: &str = " no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
    const NO_VICTIMS: &str = " no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.";
    let term = json!([{"labelSelector": {"matchLabels": {"app": "first"}}, "topologyKey": "kubernetes.io/hostname"}]);
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let port = json!([{"image": "a", "ports": [{"containerPort": 80, "hostPort": 80}]}]);
    let pinned = json!({"nodeAffinity": {(required): {"nodeSelectorTerms": [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["nosuch"]}]}]}}});
    let spread = json!([{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "it"}}}]);
    let cases = [
        (json!({}), cpu("100"), format!("3 Insufficient cpu.{NO_HELP}")),
        (
            json!({}),
            with(cpu("1"), json!({"nodeSelector": {"disk": "ssd"}})),
            format!("3 node(s) didn't match Pod's node affinity/selector.{NO_HELP}"),
        ),
        (
            json!({"spec.taints": [{"key": "lock", "value": "yes", "effect": "NoSchedule"}]}),
            cpu("1"),
            format!("3 node(s) had untolerated taint(s).{NO_HELP}"),
        ),
        (json!({"spec.unschedulable": true}), cpu("1"), format!("3 node(s) were unschedulable.{NO_HELP}")),
        (
            json!({}),
            with(cpu("1"), json!({"volumes": [{"persistentVolumeClaim": {"claimName": "nosuch"}}]})),
            "persistentvolumeclaim \"nosuch\" not found. not found".into(),
        ),
        (
            json!({}),
            with(cpu("1"), json!({"affinity": {"podAffinity": {(required): term.clone()}}})),
            format!("3 node(s) didn't match pod affinity rules.{NO_HELP}"),
        ),
        (
            json!({}),
            with(cpu("1"), json!({"affinity": {"podAntiAffinity": {(required): term.clone()}}})),
            String::new(),
        ),
        (json!({}), with(cpu("1"), json!({"containers": port})), String::new()),
        (
            json!({}),
            with(cpu("1"), json!({"affinity": pinned})),
            format!("3 node(s) didn't satisfy plugin(s) [NodeAffinity].{NO_HELP}"),
        ),
        (
            json!({}),
            with(cpu("1"), json!({"topologySpreadConstraints": spread})),
            format!(
                "3 node(s) didn't match pod topology spread constraints (missing required label).{NO_HELP}"
            ),
        ),
        (
            json!({"status.allocatable": {"cpu": "4", "memory": "1Gi", "pods": "0"}}),
            cpu("1"),
            format!("3 Too many pods.{NO_VICTIMS}"),
        ),
    ];
    for (changes, spec, expected) in cases {
        let nodes: Vec<Value> = ["a", "b", "c"].map(|n| node(n, changes.clone())).into();
        let mut world = World::new(&nodes);
        world.pod("it", spec.clone());
        world.settle();
        let expected = match expected.as_str() {
            "" => String::new(),
            text => format!("0/3 nodes are available: {text}"),
        };
        assert_eq!(world.message("it"), expected, "{spec:?}");
        assert_eq!(world.node_of("it").is_empty(), !expected.is_empty());
    }
}

#[test]
fn replicas_spread_and_the_signal_says_why() {
    let mut world = World::new(&three());
    let selector = json!({"matchLabels": {"app": "web"}});
    world.put(
        "/apis/apps/v1/namespaces/default/replicasets",
        json!({"metadata": {"name": "web", "namespace": "default"}, "spec": {"selector": selector}}),
    );
    for i in 0..6 {
        world.pod(&format!("web-{i}"), json!({"containers": [{"image": "nginx"}]}));
        let path = format!("{PODS}/web-{i}");
        let mut pod = world.fake.objects[&path].clone();
        let owner = json!([{"kind": "ReplicaSet", "name": "web", "controller": true}]);
        pod.set_at("metadata.ownerReferences", owner);
        world.fake.write(path, pod);
    }
    world.settle();
    let mut counts = BTreeMap::<String, usize>::new();
    (0..6).for_each(|i| *counts.entry(world.node_of(&format!("web-{i}"))).or_default() += 1);
    assert_eq!(counts.values().copied().collect::<Vec<_>>(), [2, 2, 2]);
    let decision = world.signals.iter().find_map(|s| match &s.kind {
        SignalKind::Decision { details, .. } => Some(details.clone()),
        _ => None,
    });
    let details = decision.expect("a decision is told");
    assert_eq!(details.len(), 3);
    assert!(details[0].1.contains("TaintToleration 100 × 3, NodeResourcesFit 9"), "{details:?}");
    let event = world.fake.objects.values().find(|o| o["reason"] == "Scheduled").expect("an event");
    assert!(event["message"].str().starts_with("Successfully assigned default/web-0 to minikube"));
}

#[test]
fn anti_affinity_keeps_pods_apart() {
    let mut world = World::new(&three());
    let term =
        json!([{"labelSelector": {"matchLabels": {"app": "anti"}}, "topologyKey": "kubernetes.io/hostname"}]);
    let affinity = json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": term}});
    for i in 0..4 {
        world.pod(&format!("anti-{i}"), with(cpu("100m"), json!({"affinity": affinity.clone()})));
    }
    world.settle();
    assert_eq!(
        world.message("anti-3"),
        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. \
        no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
    );
    // The fourth comes in as soon as one of the others has gone.
    let freed = world.node_of("anti-1");
    world.fake.delete(&format!("{PODS}/anti-1"));
    world.settle();
    assert_eq!(world.node_of("anti-3"), freed);
}

#[test]
fn the_more_important_pod_takes_the_place_of_another() {
    let mut world = World::new(&three());
    for i in 0..3 {
        world.pod(&format!("big-{i}"), cpu("3"));
    }
    world.settle();
    world.pod("vip", with(cpu("3"), json!({"priority": 100_000})));
    world.settle();
    let gone: Vec<i32> =
        (0..3).filter(|i| !world.fake.objects.contains_key(&format!("{PODS}/big-{i}"))).collect();
    assert_eq!(gone.len(), 1);
    let place = world.node_of("vip");
    assert!(!place.is_empty());
    assert_eq!(world.message("vip"), "0/3 nodes are available: 3 Insufficient cpu.");
    let event = world.fake.objects.values().find(|o| o["reason"] == "Preempted").expect("an event");
    assert_eq!(event["message"], format!("Preempted by pod uid-vip on node {place}").as_str());
}

#[test]
fn what_happens_brings_a_pod_back_and_nothing_else_does() {
    let mut world = World::new(&three());
    world.pod("it", with(cpu("1"), json!({"nodeSelector": {"disk": "ssd"}})));
    world.pod("gated", with(cpu("1"), json!({"schedulingGates": [{"name": "later"}]})));
    world.settle();
    let writes = world.fake.requests.len();
    assert_eq!(writes, 2, "an event and a condition: {:?}", world.fake.requests);
    // A heartbeat helps nobody.
    world.put("/api/v1/nodes", node("minikube", json!({"status.conditions": [{"type": "Ready"}]})));
    world.settle();
    assert_eq!(world.fake.requests.len(), writes);
    world.put("/api/v1/nodes", node("minikube", json!({"metadata.labels": {"disk": "ssd"}})));
    world.pod("gated", cpu("1"));
    world.settle();
    assert_eq!(world.node_of("it"), "minikube");
    assert!(!world.node_of("gated").is_empty());
    // After five minutes it is tried again all the same, and the repeat is counted in the event's series.
    world.pod("huge", cpu("100"));
    world.settle();
    world.run(Duration::from_secs(301));
    world.run(Duration::from_secs(301));
    let failed = world.fake.objects.values().filter(|o| o["message"].str().contains("Insufficient"));
    let counts: Vec<i64> = failed.map(|o| o["series"]["count"].int()).collect();
    assert_eq!(counts, [0, 2]);
}
