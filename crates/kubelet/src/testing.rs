//! A server for tests: keeps objects, merges patches, tells watches. Knows no kinds.

use crate::{Images, Kubelet, NodeConfig, Outgoing};
use apimachinery::rest::{Cursor, WatchEvent, WatchKind};
use apimachinery::{Body, Method, Object, Request, Response, Status, Value, json};
use client::{Component, Context, Frame, Place, Server, Signal};
use sim::collections::BTreeMap;
use sim::net::{Payload, RequestId};
use sim::{Duration, Rng, Time};

#[derive(Default)]
pub(crate) struct Store {
    objects: BTreeMap<String, Value>,
    log: Vec<(String, WatchEvent)>,
    uids: u64,
}

impl Store {
    fn put(&mut self, path: &str, mut value: Value, kind: WatchKind) -> Response {
        value.set_at("metadata.resourceVersion", (self.log.len() + 1).to_string());
        self.log.push((path.into(), WatchEvent { kind, object: Object(value.clone()) }));
        self.objects.insert(path.into(), value.clone());
        Response::json(200, value)
    }
}

fn merge(into: &mut Value, patch: &Value) {
    for (key, value) in patch.fields() {
        match value {
            Value::Null => drop(into.remove(key)),
            Value::Object(_) => merge(into.field_mut(key), value),
            other => into.set(key, other),
        }
    }
    if patch.is_empty() && into.is_null() {
        *into = Value::object();
    }
}

impl Server for Store {
    fn request(&mut self, request: Request) -> Response {
        let path = request.path.trim_end_matches("/status").to_string();
        let not_found = Status::not_found("", "objects", &path);
        let body = match request.body.clone() {
            Body::Value(value) => value,
            _ => Value::Null,
        };
        match request.method {
            Method::Get if request.flag("watch") => {
                let cursor = Cursor {
                    path,
                    prefix: String::new(),
                    label_selector: String::new(),
                    field_selector: request.param("fieldSelector").unwrap_or("").into(),
                    table: false,
                    revision: 0,
                    initial: Vec::new(),
                };
                Response { status: 200, warnings: Vec::new(), body: Body::Watch(Box::new(cursor)) }
            }
            Method::Get => {
                self.objects.get(&path).map_or_else(|| not_found.into(), |v| Response::json(200, v))
            }
            Method::Post => {
                let mut value = body;
                self.uids += 1;
                value.set_at("metadata.uid", format!("uid-{}", self.uids));
                let path = format!("{path}/{}", value["metadata"]["name"].str());
                self.put(&path, value, WatchKind::Added)
            }
            Method::Put => self.put(&path, body, WatchKind::Modified),
            Method::Patch => {
                let Some(mut value) = self.objects.get(&path).cloned() else { return not_found.into() };
                merge(&mut value, &body);
                self.put(&path, value, WatchKind::Modified)
            }
            Method::Delete => {
                let Some(mut value) = self.objects.remove(&path) else { return not_found.into() };
                value.set_at("metadata.resourceVersion", (self.log.len() + 1).to_string());
                self.log.push((path, WatchEvent { kind: WatchKind::Deleted, object: Object(value.clone()) }));
                Response::json(200, value)
            }
        }
    }

    fn poll(&mut self, cursor: &mut Cursor) -> Vec<WatchEvent> {
        let (_, plural) = cursor.path.rsplit_once('/').unwrap_or(("", ""));
        let node = cursor.field_selector.strip_prefix("spec.nodeName=");
        let wanted = |(path, event): &&(String, WatchEvent)| {
            path.contains(&format!("/{plural}/"))
                && node.is_none_or(|n| event.object["spec"]["nodeName"] == n)
        };
        let new = &self.log[cursor.revision as usize..];
        let events = new.iter().filter(wanted).map(|(_, e)| e.clone()).collect();
        cursor.revision = self.log.len() as u64;
        events
    }
}

/// One node in virtual time.
pub(crate) struct World {
    pub(crate) kubelet: Kubelet,
    pub(crate) store: Store,
    pub(crate) now: Time,
    rng: Rng,
    signals: Vec<Signal>,
    pub(crate) outgoing: Vec<Outgoing>,
    next: u64,
}

impl World {
    pub(crate) fn new() -> World {
        let config = NodeConfig::minikube("node", 0, "192.168.49.2", "10.244.0.0/24");
        let mut world = World {
            kubelet: Kubelet::new(config, Images::new(), Rng::new(1)),
            store: Store::default(),
            now: Time::from_secs(1_795_000_000),
            rng: Rng::new(2),
            signals: Vec::new(),
            outgoing: Vec::new(),
            next: 0,
        };
        world.advance(Duration::from_millis(100));
        world
    }

    /// Runs the kubelet at `now` and then whenever it wants, for a while.
    pub(crate) fn advance(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..1_000_000 {
            self.step();
            match self.kubelet.wake() {
                Some(at) if at <= end => self.now = self.now.max(at),
                _ => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("the kubelet does not come to rest");
    }

    fn step(&mut self) {
        let mut ctx = Context {
            now: self.now,
            rng: &mut self.rng,
            server: &mut self.store,
            signals: &mut self.signals,
            agent: "kubelet/node",
        };
        self.kubelet.run(&mut ctx);
        self.carry();
    }

    /// Carries what goes to a pod's own loopback; keeps the rest.
    fn carry(&mut self) {
        for _ in 0..100 {
            let outgoing = self.kubelet.take_outgoing();
            if outgoing.is_empty() {
                return;
            }
            for one in outgoing {
                match one {
                    Outgoing::Request { id, from: Place::Pod { namespace, name }, request }
                        if matches!(request.host.as_str(), "127.0.0.1" | "localhost") =>
                    {
                        let (port, payload) = (request.port, request.payload);
                        self.kubelet.deliver(self.now, &namespace, &name, port, id, "127.0.0.1", payload);
                    }
                    Outgoing::Answer { id, result } if id.0 > 1 << 32 => {
                        self.kubelet.answer(self.now, id, result)
                    }
                    other => self.outgoing.push(other),
                }
            }
        }
    }

    /// Runs a command in a pod's first container to its end: what it printed, and its exit code.
    pub(crate) fn exec(&mut self, pod: &str, argv: &[&str]) -> (String, i32) {
        let argv = argv.iter().map(|a| a.to_string()).collect();
        let command = userland::Command { argv, ..Default::default() };
        let session = match self.kubelet.exec(self.now, "default", pod, "", command) {
            Ok(session) => session,
            Err(error) => return (error.message().into(), -1),
        };
        self.carry();
        self.advance(Duration::from_millis(100));
        let (mut text, mut code) = (String::new(), -2);
        for frame in self.kubelet.session_read(session) {
            match frame {
                Frame::Stdout(bytes) | Frame::Stderr(bytes) => text += &String::from_utf8_lossy(&bytes),
                Frame::Exit(exit) => code = exit,
                Frame::Failed(error) => (text, code) = (error, -1),
                Frame::Event(_) => {}
            }
        }
        self.kubelet.session_close(self.now, session);
        (text, code)
    }

    /// Creates an object from YAML-like JSON at a path; pods are bound to the node.
    pub(crate) fn create(&mut self, plural: &str, name: &str, mut object: Value) {
        object.set_at("metadata.name", name);
        object.set_at("metadata.namespace", "default");
        object.set_at("metadata.generation", 1);
        if plural == "pods" {
            object.set("kind", "Pod");
            object.set_at("spec.nodeName", "node");
            if object.at("spec.restartPolicy").is_null() {
                object.set_at("spec.restartPolicy", "Always");
            }
        }
        let path = format!("/api/v1/namespaces/default/{plural}");
        self.store.request(Request::new(Method::Post, path).with_body(object));
    }

    /// A pod of one container.
    pub(crate) fn run(&mut self, name: &str, container: Value) {
        let mut container = container;
        container.set("name", "c");
        if container["imagePullPolicy"].is_null() {
            container.set("imagePullPolicy", "IfNotPresent");
        }
        self.create("pods", name, json!({"spec": {"containers": [container]}}));
    }

    pub(crate) fn pod(&self, name: &str) -> Value {
        self.store
            .objects
            .get(&format!("/api/v1/namespaces/default/pods/{name}"))
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn patch(&mut self, name: &str, patch: Value) {
        let path = format!("/api/v1/namespaces/default/pods/{name}");
        self.store.request(Request::patch(path, "", patch));
    }

    /// Asks for a pod's deletion, as the API server does.
    pub(crate) fn delete(&mut self, name: &str, grace: i64) {
        let at = apimachinery::time::format(self.now + Duration::from_secs(grace as u64));
        self.patch(name, json!({"metadata": {"deletionTimestamp": at, "deletionGracePeriodSeconds": grace}}));
    }

    /// Events about a pod: `reason: message xCOUNT`.
    pub(crate) fn events(&self, name: &str) -> Vec<String> {
        let events = self.store.objects.iter().filter(|(p, _)| p.contains("/events/")).map(|(_, v)| v);
        let about = events.filter(|e| e["involvedObject"]["name"] == name);
        about
            .map(|e| format!("{}: {} x{}", e["reason"].str(), e["message"].str(), e["count"].int()))
            .collect()
    }

    pub(crate) fn has_event(&self, name: &str, part: &str) -> bool {
        self.events(name).iter().any(|e| e.contains(part))
    }

    /// Sends a request to a pod and waits a little for what comes back.
    pub(crate) fn ask(
        &mut self,
        pod: &str,
        port: u16,
        payload: Payload,
    ) -> Option<Result<sim::net::Response, sim::net::Error>> {
        self.next += 1;
        let id = RequestId(self.next);
        self.kubelet.deliver(self.now, "default", pod, port, id, "10.244.0.1", payload);
        self.carry();
        self.advance(Duration::from_millis(500));
        self.outgoing.iter().find_map(|o| match o {
            Outgoing::Answer { id: other, result } if *other == id => Some(result.clone()),
            _ => None,
        })
    }
}
