//! Where packets from each place to each kind of address end, and over which hops.

use crate::{Delivery, Network, Target};
use apimachinery::rest::{Cursor, WatchEvent, WatchKind};
use apimachinery::{Body, Object, Request, Response, Value, json};
use client::{Component, Context, Hop, Place, Server, Signal, SignalKind};
use sim::net::{self, Error, HttpResponse, Payload, Record, RecordType, RequestId};
use sim::{Duration, Order, Rng, Time};

/// A server that only ever reports what it was given.
struct Fake(Vec<(&'static str, Object)>);

impl Server for Fake {
    fn request(&mut self, request: Request) -> Response {
        let cursor = Cursor {
            path: request.path,
            prefix: String::new(),
            label_selector: String::new(),
            field_selector: String::new(),
            table: false,
            revision: 0,
            initial: vec![],
        };
        Response { status: 200, warnings: vec![], body: Body::Watch(Box::new(cursor)) }
    }

    fn poll(&mut self, cursor: &mut Cursor) -> Vec<WatchEvent> {
        let from = std::mem::replace(&mut cursor.revision, self.0.len() as u64) as usize;
        let plural = cursor.path.rsplit('/').next().unwrap_or_default();
        let meant = self.0[from..].iter().filter(|(p, _)| *p == plural);
        meant.map(|(_, o)| WatchEvent { kind: WatchKind::Added, object: o.clone() }).collect()
    }
}

struct World {
    fake: Fake,
    network: Network,
    now: Time,
    signals: Vec<Signal>,
    next: u64,
}

fn place(text: &str) -> Place {
    match text {
        "laptop" => Place::Laptop,
        node if node.starts_with("minikube") => Place::Node(node.into()),
        pod => Place::Pod { namespace: "default".into(), name: pod.into() },
    }
}

fn name(hop: &Hop) -> String {
    match hop {
        Hop::Place(Place::Laptop) => "laptop".into(),
        Hop::Place(Place::Node(name) | Place::Pod { name, .. }) => name.clone(),
        Hop::Service(_, name) => format!("svc/{name}"),
        Hop::Outside(name) => name.clone(),
    }
}

impl World {
    /// Three nodes; `web-a` on the first and `web-b` on the second are ready behind `web`, `web-c` on the third is not;
    /// `other` on the first serves nothing; CoreDNS is on the first.
    fn new() -> World {
        let fake = Fake(Vec::new());
        let now = Time::from_secs(1000);
        let network = Network::new(Rng::new(1));
        let mut world = World { fake, network, now, signals: vec![], next: 0 };
        for namespace in ["default", "kube-system"] {
            world.put("namespaces", json!({"metadata": {"name": namespace}}));
        }
        for (i, node) in ["minikube", "minikube-m02", "minikube-m03"].into_iter().enumerate() {
            let labels =
                if i == 0 { json!({"node-role.kubernetes.io/control-plane": ""}) } else { json!({}) };
            world.put("nodes", json!({"metadata": {"name": node, "labels": labels},
                "spec": {"podCIDR": format!("10.244.{i}.0/24")},
                "status": {"addresses": [{"type": "InternalIP", "address": format!("192.168.49.{}", i + 2)}]}}));
        }
        world.pod("default", "web-a", "minikube", "10.244.0.5", json!({}));
        world.pod("default", "web-b", "minikube-m02", "10.244.1.5", json!({}));
        world.pod("default", "web-c", "minikube-m03", "10.244.2.5", json!({}));
        world.pod("default", "other", "minikube", "10.244.0.6", json!({}));
        world.pod("default", "hosty", "minikube-m02", "192.168.49.3", json!({"hostNetwork": true}));
        world.pod("kube-system", "coredns", "minikube", "10.244.0.2", json!({}));
        let backends: [(&str, &str, Value); 3] = [
            ("10.244.0.5", "minikube", json!({"ready": true, "serving": true})),
            ("10.244.1.5", "minikube-m02", json!({"ready": true, "serving": true})),
            ("10.244.2.5", "minikube-m03", json!({"ready": false, "serving": false})),
        ];
        let http = json!([{"port": 80, "nodePort": 30080}]);
        world.service(
            "web",
            json!({"type": "NodePort", "clusterIP": "10.96.1.1", "ports": http}),
            8080,
            &backends,
        );
        let local = json!([{"port": 80, "nodePort": 30081}]);
        let spec = json!({"type": "NodePort", "clusterIP": "10.96.1.2", "ports": local, "externalTrafficPolicy": "Local"});
        world.service("local", spec, 8080, &backends);
        let port = json!([{"port": 80}]);
        world.service("empty", json!({"clusterIP": "10.96.1.3", "ports": port.clone()}), 8080, &[]);
        world.service(
            "headless",
            json!({"clusterIP": "None", "ports": [{"name": "http", "port": 80}]}),
            8080,
            &backends,
        );
        world.service(
            "sticky",
            json!({"clusterIP": "10.96.1.4", "ports": port.clone(), "sessionAffinity": "ClientIP"}),
            8080,
            &backends,
        );
        world.service("alias", json!({"type": "ExternalName", "externalName": "example.com"}), 0, &[]);
        let leaving =
            [("10.244.1.5", "minikube-m02", json!({"ready": false, "serving": true, "terminating": true}))];
        world.service("leaving", json!({"clusterIP": "10.96.1.5", "ports": port.clone()}), 8080, &leaving);
        let api = [("192.168.49.2", "", json!({"ready": true}))];
        world.service("kubernetes", json!({"clusterIP": "10.96.0.1", "ports": [{"port": 443}]}), 8443, &api);
        let dns = [("10.244.0.2", "minikube", json!({"ready": true}))];
        let spec = json!({"clusterIP": "10.96.0.10", "ports": [{"port": 53, "protocol": "UDP"}]});
        world.service_in("kube-system", "kube-dns", spec, 53, &dns);
        world.sync();
        world
    }

    fn put(&mut self, plural: &'static str, object: Value) {
        let mut object = Object(object);
        object.set_at("metadata.resourceVersion", (self.fake.0.len() + 1).to_string());
        self.fake.0.push((plural, object));
    }

    fn pod(&mut self, namespace: &str, name: &str, node: &str, ip: &str, spec: Value) {
        let mut spec = spec;
        spec.set("nodeName", node);
        self.put(
            "pods",
            json!({"metadata": {"namespace": namespace, "name": name}, "spec": spec,
            "status": {"phase": "Running", "podIP": ip}}),
        );
    }

    fn service(&mut self, name: &str, spec: Value, target: i64, endpoints: &[(&str, &str, Value)]) {
        self.service_in("default", name, spec, target, endpoints);
    }

    fn service_in(
        &mut self,
        ns: &str,
        name: &str,
        spec: Value,
        target: i64,
        endpoints: &[(&str, &str, Value)],
    ) {
        let port = spec["ports"][0]["name"].clone();
        self.put("services", json!({"metadata": {"namespace": ns, "name": name}, "spec": spec}));
        let endpoint = |(ip, node, c): &(&str, &str, Value)| json!({"addresses": [*ip], "nodeName": *node, "conditions": c.clone()});
        let all: Vec<Value> = endpoints.iter().map(endpoint).collect();
        self.put("endpointslices", json!({
            "metadata": {"namespace": ns, "name": format!("{name}-1"), "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4", "endpoints": all, "ports": [{"name": port, "port": target}]}));
    }

    fn sync(&mut self) {
        let mut rng = Rng::new(2);
        let mut ctx = Context {
            now: self.now,
            rng: &mut rng,
            server: &mut self.fake,
            signals: &mut self.signals,
            agent: "network",
        };
        self.network.run(&mut ctx);
    }

    /// Sends, answers at once what arrives anywhere (`200`), and gives back the result, the time it took, and the delivery.
    fn exchange(
        &mut self,
        from: &str,
        host: &str,
        port: u16,
        payload: Payload,
    ) -> (Result<net::Response, Error>, Duration, Option<Delivery>) {
        let id = RequestId(self.next);
        self.next += 1;
        let start = self.now;
        let request = net::Request { host: host.into(), port, payload, timeout: None };
        self.network.send(self.now, id, place(from), request);
        let mut seen = None;
        loop {
            self.now = self.network.wake().expect("a request always ends").max(self.now);
            for delivery in self.network.take_deliveries(self.now) {
                let ok = Ok(net::Response::Http(HttpResponse::new(200, "text/plain", "ok")));
                seen = Some(delivery);
                self.network.delivered(self.now, id, ok);
            }
            if let Some((_, result)) = self.network.take_finished(self.now).pop() {
                self.signals = self.network.take_signals();
                return (result, self.now.since(start), seen);
            }
        }
    }

    fn get(
        &mut self,
        from: &str,
        host: &str,
        port: u16,
    ) -> (Result<net::Response, Error>, Duration, Option<Delivery>) {
        self.exchange(from, host, port, Payload::Http(net::HttpRequest::get("/")))
    }

    /// The hops of the last request's way there, DNS aside.
    fn hops(&self) -> String {
        let mut hops = Vec::new();
        for signal in &self.signals {
            if let SignalKind::Hop { from, to, answer: false, .. } = &signal.kind {
                if hops.last() != Some(&name(from)) {
                    hops = vec![name(from)];
                }
                hops.push(name(to));
            }
        }
        hops.join(" ")
    }

    fn why(&self) -> String {
        let mut ends = self.signals.iter().filter_map(|s| match &s.kind {
            SignalKind::End { outcome: client::Outcome::Failed(_, why), .. } => Some(why.clone()),
            _ => None,
        });
        ends.next_back().unwrap_or_default()
    }

    fn records(&mut self, from: &str, host: &str, kind: RecordType) -> Result<Vec<Record>, Error> {
        match self.exchange(from, host, 0, Payload::Lookup(kind)).0 {
            Ok(net::Response::Records { records, .. }) => Ok(records),
            Ok(other) => panic!("a lookup gives records, not {other:?}"),
            Err(error) => Err(error),
        }
    }
}

const REFUSED: &str = "connection refused";
const TIMEOUT: &str = "i/o timeout";
const NO_ROUTE: &str = "no route to host";
const NO_HOST: &str = "no such host";

#[test]
fn packets_go_where_real_ones_go() {
    // From, to, and: the hops with the address that the other side sees; or the error with a word of its reason.
    let cases: &[(&str, &str, u16, &str, &str)] = &[
        // The laptop reaches nodes, and pods through them only.
        ("laptop", "192.168.49.3", 22, "laptop minikube-m02", "192.168.49.1"),
        ("laptop", "192.168.49.2", 8443, "laptop minikube", "192.168.49.1"),
        ("laptop", "10.244.0.5", 8080, TIMEOUT, "pods exist inside"),
        ("laptop", "10.96.1.1", 80, TIMEOUT, "services exist inside"),
        ("laptop", "192.168.49.9", 80, NO_ROUTE, "no node has"),
        ("laptop", "web", 80, NO_HOST, "known to pods only"),
        ("laptop", "127.0.0.1", 8001, "laptop laptop", "127.0.0.1"),
        ("laptop", "localhost", 8001, "laptop laptop", "127.0.0.1"),
        ("laptop", "example.com", 80, "laptop example.com", ""),
        ("laptop", "example.com", 81, TIMEOUT, "port 81"),
        // policy Local: the client's own address, and nothing where there is no endpoint.
        ("laptop", "192.168.49.2", 30081, "laptop minikube svc/local web-a", "192.168.49.1"),
        ("laptop", "192.168.49.4", 30081, TIMEOUT, "policy Local"),
        // From inside the short cut: every endpoint.
        ("minikube-m03", "192.168.49.4", 30081, "*", ""),
        // Pods.
        ("other", "10.244.0.5", 8080, "other minikube web-a", "10.244.0.6"),
        ("other", "10.244.1.5", 8080, "other minikube minikube-m02 web-b", "10.244.0.6"),
        ("other", "10.244.1.77", 80, NO_ROUTE, "no pod has"),
        ("other", "10.244.0.77", 80, NO_ROUTE, "no pod has"),
        ("other", "localhost", 80, "other other", "127.0.0.1"),
        ("other", "10.244.0.6", 80, "other other", "10.244.0.6"),
        ("other", "other", 80, "other other", "10.244.0.6"),
        ("other", "leaving", 80, "other minikube svc/leaving minikube-m02 web-b", "10.244.0.6"),
        ("other", "empty", 80, REFUSED, "no endpoints"),
        ("other", "web", 81, TIMEOUT, "no service has"),
        ("other", "nosuch", 80, NO_HOST, "no such name"),
        ("other", "alias", 80, "other minikube example.com", ""),
        ("other", "kubernetes", 443, "other minikube svc/kubernetes minikube", "10.244.0.6"),
        ("web-b", "kubernetes", 443, "web-b minikube-m02 svc/kubernetes minikube", "192.168.49.3"),
        ("other", "host.minikube.internal", 8080, "other minikube laptop", "192.168.49.2"),
        ("other", "192.168.49.3", 22, "other minikube minikube-m02", "192.168.49.2"),
        ("hosty", "10.244.0.5", 8080, "hosty minikube web-a", "192.168.49.3"),
        ("hosty", "web", 80, NO_HOST, "known to pods only"),
        // Nodes.
        ("minikube", "10.244.0.5", 8080, "minikube web-a", "10.244.0.1"),
        ("minikube", "10.244.1.5", 8080, "minikube minikube-m02 web-b", "192.168.49.2"),
        ("minikube", "localhost", 30080, "*", ""),
        ("minikube", "localhost", 10250, "minikube", "127.0.0.1"),
        ("minikube", "minikube-m02", 22, "minikube minikube-m02", "192.168.49.2"),
        ("minikube", "control-plane.minikube.internal", 8443, "minikube", "192.168.49.2"),
    ];
    let mut world = World::new();
    for (from, host, port, expected, detail) in cases {
        let (result, _, delivery) = world.get(from, host, *port);
        let case = format!("{from} to {host}:{port}: {result:?}, {}, {}", world.hops(), world.why());
        match result {
            Err(error) => {
                assert_eq!(error.to_string(), *expected, "{case}");
                assert!(world.why().contains(detail), "{case}");
            }
            Ok(_) if *expected == "*" => assert!(world.hops().contains("web-"), "{case}"),
            Ok(_) => {
                let hops = world.hops();
                assert_eq!(if hops.is_empty() { from } else { hops.as_str() }, *expected, "{case}");
                assert_eq!(delivery.map(|d| d.peer).unwrap_or_default(), *detail, "{case}");
            }
        }
    }
}

#[test]
fn a_node_port_reaches_all_ready_endpoints_and_masquerades() {
    let mut world = World::new();
    let mut seen = sim::collections::BTreeSet::new();
    for _ in 0..40 {
        let (_, took, delivery) = world.get("laptop", "192.168.49.4", 30080);
        assert!(took < Duration::from_millis(3), "{took:?}");
        let delivery = delivery.expect("it arrives");
        assert_eq!((delivery.port, delivery.peer.as_str()), (8080, "192.168.49.4"));
        seen.insert(world.hops());
    }
    let expected =
        ["laptop minikube-m03 svc/web minikube web-a", "laptop minikube-m03 svc/web minikube-m02 web-b"];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn session_affinity_holds_for_its_time() {
    let mut world = World::new();
    let target = |w: &mut World| w.get("other", "sticky", 80).2.expect("it arrives").to;
    let first = target(&mut world);
    assert!((0..20).all(|_| target(&mut world) == first));
    let another = (0..20).any(|_| {
        world.now += Duration::from_secs(10_801);
        target(&mut world) != first
    });
    assert!(another);
}

#[test]
fn machines_that_are_gone_are_silent() {
    let mut world = World::new();
    world.network.set_node(world.now, "minikube-m02", false, false);
    let (result, took, _) = world.get("laptop", "192.168.49.3", 30080);
    assert_eq!((result, took.as_secs()), (Err(Error::NoRoute), 3));
    assert_eq!(world.get("other", "10.244.1.5", 8080).0, Err(Error::NoRoute));
    world.network.set_node(world.now, "minikube-m02", true, true);
    let (result, took, _) = world.get("laptop", "192.168.49.3", 30080);
    assert_eq!((result, took.as_secs()), (Err(Error::Timeout), 131));
    // Inside a node that is cut off, things go on, but not beyond it.
    assert!(world.get("minikube-m02", "10.244.1.5", 8080).0.is_ok());
    assert_eq!(world.get("minikube-m02", "10.244.0.5", 8080).0, Err(Error::Timeout));
    // A connection that is open when the cable is cut hangs.
    world.network.set_node(world.now, "minikube-m02", true, false);
    let request = net::Request {
        host: "192.168.49.3".into(),
        port: 22,
        payload: Payload::Connect,
        timeout: Some(Duration::from_secs(2)),
    };
    world.network.send(world.now, RequestId(999), Place::Laptop, request);
    let sent = world.now;
    world.now += Duration::from_millis(10);
    assert_eq!(world.network.take_deliveries(world.now).len(), 1);
    world.network.set_node(world.now, "minikube-m02", true, true);
    world.network.delivered(world.now, RequestId(999), Ok(net::Response::Connected));
    let deadline = sent + Duration::from_secs(2);
    assert_eq!(world.network.take_finished(deadline), [(RequestId(999), Err(Error::Unanswered))]);
    assert_eq!(world.network.under_way(), 0);
}

#[test]
fn the_tunnel_opens_services_to_the_laptop() {
    let mut world = World::new();
    world.network.set_tunnel(true);
    let (result, _, delivery) = world.get("laptop", "10.96.1.1", 80);
    assert!(result.is_ok() && world.hops().starts_with("laptop minikube svc/web "), "{}", world.hops());
    assert!(matches!(delivery.expect("it arrives").to, Target::Pod { .. }));
    assert_eq!(world.get("laptop", "10.96.1.99", 80).0, Err(Error::Timeout));
}

#[test]
fn names_are_those_of_cluster_dns() {
    use RecordType::{A, Aaaa, Cname, Ptr, Srv};
    let cases: &[(&str, RecordType, &str)] = &[
        ("web", A, "web.default.svc.cluster.local A 10.96.1.1"),
        ("web.default", A, "web.default.svc.cluster.local A 10.96.1.1"),
        ("WEB.default.svc", A, "web.default.svc.cluster.local A 10.96.1.1"),
        ("web.default.svc.cluster.local.", A, "web.default.svc.cluster.local A 10.96.1.1"),
        ("web", Aaaa, ""),
        ("kube-dns.kube-system", A, "kube-dns.kube-system.svc.cluster.local A 10.96.0.10"),
        (
            "headless",
            A,
            "headless.default.svc.cluster.local A 10.244.0.5, headless.default.svc.cluster.local A 10.244.1.5",
        ),
        ("10-244-1-5.headless", A, "10-244-1-5.headless.default.svc.cluster.local A 10.244.1.5"),
        ("10-244-2-5.headless", A, NO_HOST),
        ("10-1-2-3.default.pod", A, "10-1-2-3.default.pod.cluster.local A 10.1.2.3"),
        ("10-1-2-3.nosuch.pod", A, NO_HOST),
        ("web", Srv, "web.default.svc.cluster.local Srv 0 100 80 web.default.svc.cluster.local"),
        (
            "_http._tcp.headless",
            Srv,
            "_http._tcp.headless.default.svc.cluster.local Srv 0 50 80 10-244-0-5.headless.default.svc.cluster.local, \
             _http._tcp.headless.default.svc.cluster.local Srv 0 50 80 10-244-1-5.headless.default.svc.cluster.local",
        ),
        ("alias", Cname, "alias.default.svc.cluster.local Cname example.com"),
        ("alias", A, "alias.default.svc.cluster.local Cname example.com, example.com A 93.184.215.14"),
        ("10.96.1.1", Ptr, "1.1.96.10.in-addr.arpa Ptr web.default.svc.cluster.local"),
        ("example.com", A, "example.com A 93.184.215.14"),
        ("nosuch", A, NO_HOST),
        ("web.nosuch", A, NO_HOST),
    ];
    let mut world = World::new();
    for (host, kind, expected) in cases {
        let text = match world.records("other", host, *kind) {
            Err(error) => error.to_string(),
            Ok(mut records) => {
                if *host != "alias" {
                    records.order_by(|a, b| a.data.cmp(&b.data));
                }
                let show = |r: &Record| format!("{} {:?} {}", r.name, r.kind, r.data);
                // The endpoints' port stands in the SRV records of a headless service.
                records.iter().map(show).collect::<Vec<_>>().join(", ").replace(" 8080 ", " 80 ")
            }
        };
        assert_eq!(text, *expected, "{host} {kind:?}");
    }
}

#[test]
fn without_a_ready_coredns_names_time_out() {
    let mut world = World::new();
    let down = [("10.244.0.2", "minikube", json!({"ready": false}))];
    let spec = json!({"clusterIP": "10.96.0.10", "ports": [{"port": 53, "protocol": "UDP"}]});
    world.service_in("kube-system", "kube-dns", spec, 53, &down);
    world.sync();
    assert_eq!(world.records("other", "web", RecordType::A), Err(Error::Timeout));
    let (result, took, _) = world.get("other", "web", 80);
    assert_eq!((result, took.as_secs()), (Err(Error::NoSuchHost { server: String::new() }), 5));
    assert!(world.get("other", "10.96.1.1", 80).0.is_ok());
}
