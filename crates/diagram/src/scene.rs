//! What the picture remembers from one look to the next.

use crate::layout::{Revision, Workload};
use crate::packets::Traffic;
use crate::pod_state::eviction;
use crate::slots::Slots;
use crate::{PodState, words};
use apimachinery::{Object, Resource};
use client::{Signal, SignalKind};
use cluster::Cluster;
use sim::Order;
use sim::Time;
use sim::collections::BTreeMap;

/// Tints of owners; there are no more, so that they stay tellable.
pub const TINTS: usize = 6;

/// What makes pods by itself.
const OTHERS: [Resource; 4] = [
    api::statefulset::RESOURCE,
    api::daemonset::RESOURCE,
    api::job::RESOURCE,
    api::replicationcontroller::RESOURCE,
];
/// The namespace whose pods are drawn small, at the foot of their nodes.
const SYSTEM: &str = "kube-system";

/// A cluster as it is drawn, with everybody's place.
#[derive(Clone, Default)]
pub struct Scene {
    pub(crate) service_slots: Slots,
    pub(crate) workload_slots: Slots,
    pub(crate) pod_slots: BTreeMap<String, Slots>,
    pub(crate) tray: Slots,
    node_slots: Slots,
    traffic: Traffic,
    revision: u64,
    signals: u64,
    machines: Vec<(String, bool)>,
    nodes: BTreeMap<String, Object>,
    services: Vec<Object>,
    slices: Vec<Object>,
    replica_sets: Vec<Object>,
    deployments: Vec<Object>,
    /// What else makes pods, without ReplicaSets.
    others: Vec<Object>,
    pods: Vec<PodView>,
    news: Option<News>,
}

/// A pod with what is drawn of it.
#[derive(Clone)]
pub(crate) struct PodView {
    pub(crate) uid: String,
    pub(crate) object: Object,
    pub(crate) node: String,
    pub(crate) state: PodState,
    pub(crate) leaves: Option<Time>,
    pub(crate) system: bool,
    pub(crate) tint: Option<usize>,
    pub(crate) workload: Option<String>,
}

/// A pod that a Service leads to.
pub(crate) struct Endpoint {
    pub(crate) uid: String,
    /// Whether it takes traffic now.
    pub(crate) ready: bool,
    /// Whether its pod is on its way out.
    pub(crate) ending: bool,
}

/// What just happened, in one line.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// When.
    pub at: Time,
    /// Who did it.
    pub agent: String,
    /// What, and why if that is known.
    pub text: String,
}

impl Scene {
    /// Takes note of what has happened. `display` is the time of the display in milliseconds, from which requests are
    /// shown: to be called every frame.
    pub fn listen(&mut self, cluster: &Cluster, display: f64) {
        let end = cluster.signals().end();
        if end < self.signals {
            self.signals = 0; // another cluster, or an earlier moment of this one
        }
        for signal in cluster.signals().since(self.signals) {
            self.traffic.signal(signal, display);
            if let Some(text) = news(signal) {
                self.news = Some(News { at: signal.at, agent: signal.agent.clone(), text });
            }
        }
        self.signals = end;
    }

    /// Looks at the cluster. Gives whether anything has changed.
    pub fn observe(&mut self, cluster: &Cluster) -> bool {
        let machines: Vec<(String, bool)> = cluster.machines().collect();
        let revision = cluster.api().revision();
        if revision == self.revision && machines == self.machines {
            return false;
        }
        (self.revision, self.machines) = (revision, machines);
        self.read(cluster);
        self.place();
        true
    }

    /// The newest line of what happened.
    pub fn news(&self) -> Option<&News> {
        self.news.as_ref()
    }

    /// The requests under way.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The requests under way, to move them on.
    pub fn traffic_mut(&mut self) -> &mut Traffic {
        &mut self.traffic
    }

    fn read(&mut self, cluster: &Cluster) {
        let list = |r: &Resource| cluster.api().objects(r);
        let visible = |o: &Object| o.namespace() != SYSTEM;
        let mut services = list(&api::service::RESOURCE);
        // The API's own Service is there from the start and explains nothing.
        services.retain(|s| visible(s) && !(s.namespace() == "default" && s.name() == "kubernetes"));
        self.services = services;
        self.slices = list(&api::endpointslice::RESOURCE);
        self.replica_sets = list(&api::replicaset::RESOURCE).into_iter().filter(visible).collect();
        self.deployments = list(&api::deployment::RESOURCE).into_iter().filter(visible).collect();
        self.nodes = list(&api::node::RESOURCE).into_iter().map(|n| (n.name().to_string(), n)).collect();
        let pulling = pulling(&list(&api::event::RESOURCE));
        self.others = OTHERS.iter().flat_map(list).filter(visible).collect();
        let workloads = self.deployments.iter().chain(self.bare_replica_sets()).chain(&self.others);
        let workloads = by_creation(workloads, workload_key);
        self.workload_slots.keep(workloads.iter().map(String::as_str));
        self.pods = list(&api::pod::RESOURCE).into_iter().map(|p| self.view(p, &pulling)).collect();
    }

    fn view(&self, pod: Object, pulling: &BTreeMap<String, String>) -> PodView {
        let is_owner = |o: &&Object| pod.controller().is_some_and(|owner| owner.uid() == o.uid());
        let owner = self.replica_sets.iter().chain(&self.others).find(is_owner);
        let uid = pod.uid().to_string();
        // Whose owner is deleted before it keeps the look that it had.
        let before = self.pods.iter().find(|p| owner.is_none() && pod.controller().is_some() && p.uid == uid);
        PodView {
            node: pod.at("spec.nodeName").str().into(),
            leaves: self.nodes.get(pod.at("spec.nodeName").str()).and_then(|n| eviction(&pod, n)),
            state: PodState::of(&pod, pulling.get(&uid).map(String::as_str)),
            system: pod.namespace() == SYSTEM,
            tint: owner.map_or(before.and_then(|p| p.tint), |rs| Some(self.tint(rs))),
            workload: owner.map_or(before.and_then(|p| p.workload.clone()), |rs| Some(workload_key(rs))),
            object: pod,
            uid,
        }
    }

    /// Workloads are told apart by tint; the revisions of a Deployment have neighbouring ones.
    fn tint(&self, owner: &Object) -> usize {
        let slot = self.workload_slots.get(&workload_key(owner)).unwrap_or_default();
        (slot * 2 + (revision_number(owner) as usize + 1) % 2) % TINTS
    }

    fn place(&mut self) {
        let names: Vec<String> = self.machines.iter().map(|(n, _)| n.clone()).collect();
        self.node_slots.keep(names.iter().map(String::as_str));
        let services = by_creation(self.services.iter(), Object::key);
        self.service_slots.keep(services.iter().map(String::as_str));
        let on = |node: &str| {
            let mut here: Vec<&PodView> = self.pods.iter().filter(|p| p.node == node && !p.system).collect();
            here.order_by_key(|p| (p.object.created(), p.uid.clone()));
            here.iter().map(|p| p.uid.clone()).collect::<Vec<String>>()
        };
        let places: Vec<(String, Vec<String>)> = names.iter().map(|n| (n.clone(), on(n))).collect();
        let waiting = on("");
        self.pod_slots.retain(|node, _| names.contains(node));
        for (node, pods) in &places {
            self.pod_slots.entry(node.clone()).or_default().keep(pods.iter().map(String::as_str));
        }
        self.tray.keep(waiting.iter().map(String::as_str));
    }

    pub(crate) fn services(&self) -> impl Iterator<Item = &Object> {
        self.services.iter()
    }

    pub(crate) fn pods(&self) -> impl Iterator<Item = &PodView> {
        self.pods.iter()
    }

    pub(crate) fn node_names(&self) -> impl Iterator<Item = &str> {
        self.machines.iter().map(|(name, _)| name.as_str())
    }

    pub(crate) fn node(&self, name: &str) -> Option<&Object> {
        self.nodes.get(name)
    }

    pub(crate) fn is_running(&self, name: &str) -> bool {
        self.machines.iter().any(|(n, running)| n == name && *running)
    }

    /// The pods that a Service leads to.
    pub(crate) fn endpoints(&self, service: &str) -> Vec<Endpoint> {
        let (namespace, name) = service.split_once('/').unwrap_or(("", service));
        let of =
            |s: &&Object| s.namespace() == namespace && s.label("kubernetes.io/service-name") == Some(name);
        let slices = self.slices.iter().filter(of);
        let endpoints = slices.flat_map(|s| s["endpoints"].items());
        let pod = |e: &apimachinery::Value| Endpoint {
            uid: e.at("targetRef.uid").str().into(),
            ready: e.at("conditions.ready").as_bool().unwrap_or(true),
            ending: e.at("conditions.terminating").is_true(),
        };
        endpoints.map(pod).filter(|e| !e.uid.is_empty()).collect()
    }

    fn bare_replica_sets(&self) -> impl Iterator<Item = &Object> {
        self.replica_sets.iter().filter(|rs| rs.controller().is_none())
    }

    pub(crate) fn workloads(&self) -> Vec<Workload> {
        let deployments = self.deployments.iter().map(|d| {
            let mut owned: Vec<&Object> = self
                .replica_sets
                .iter()
                .filter(|rs| rs.controller().is_some_and(|o| o.uid() == d.uid()))
                .collect();
            owned.order_by_key(|rs| std::cmp::Reverse(revision_number(rs)));
            self.workload(d, owned)
        });
        let bare = self.bare_replica_sets().map(|rs| self.workload(rs, vec![rs]));
        deployments.chain(bare).chain(self.others.iter().map(|o| self.workload(o, vec![o]))).collect()
    }

    fn workload(&self, object: &Object, owned: Vec<&Object>) -> Workload {
        let alive =
            |o: &&Object| o.kind() != "ReplicaSet" || wants(o).1 > 0 || o.at("status.replicas").int() > 0;
        let replica_sets: Vec<Revision> =
            owned.into_iter().filter(alive).map(|rs| self.revision(rs)).collect();
        let (ready, runs_out) = (wants(object), object.kind() == "Job");
        let name = format!("{}/{}", object.kind().to_lowercase(), words::display_name(object));
        let revisions: Vec<String> = replica_sets
            .iter()
            .map(|r| format!("{} with {} of {} pods", r.name, r.pods.0, r.pods.1))
            .collect();
        let state = if runs_out { "done" } else { "ready" };
        let text = format!("{name}, {} of {} {state}; {}", ready.0, ready.1, revisions.join("; "));
        let paused = object.at("spec.paused").is_true() || object.at("spec.suspend").is_true();
        let key = workload_key(object);
        Workload { key, name, ready, runs_out, paused, replica_sets, text, ..Workload::default() }
    }

    fn revision(&self, rs: &Object) -> Revision {
        let image = rs.at("spec.template.spec.containers")[0]["image"].str();
        Revision {
            name: rs.name().into(),
            number: rs.annotation(REVISION).unwrap_or_default().into(),
            image: words::short_image(image),
            pods: wants(rs),
            tint: self.tint(rs),
        }
    }
}

const REVISION: &str = "deployment.kubernetes.io/revision";

fn revision_number(replica_set: &Object) -> i64 {
    replica_set.annotation(REVISION).and_then(|r| r.parse().ok()).unwrap_or_default()
}

/// How many pods of a workload are as they should be, and how many should.
fn wants(object: &Object) -> (i64, i64) {
    let (there, wanted) = match object.kind() {
        "DaemonSet" => ("status.numberReady", "status.desiredNumberScheduled"),
        "Job" => ("status.succeeded", "spec.completions"),
        _ => ("status.readyReplicas", "spec.replicas"),
    };
    (object.at(there).int(), object.at(wanted).int())
}

/// The workload that an owner of pods belongs to: a ReplicaSet to its Deployment, others to themselves.
fn workload_key(owner: &Object) -> String {
    match owner.controller().filter(|c| c.kind() == "Deployment") {
        Some(deployment) => format!("Deployment/{}/{}", owner.namespace(), deployment.name()),
        None => format!("{}/{}", owner.kind(), owner.key()),
    }
}

/// The keys of objects, the oldest first: in this order they get their places.
fn by_creation<'a>(objects: impl Iterator<Item = &'a Object>, key: fn(&Object) -> String) -> Vec<String> {
    let mut list: Vec<(Option<Time>, String)> = objects.map(|o| (o.created(), key(o))).collect();
    list.order();
    list.into_iter().map(|(_, key)| key).collect()
}

/// Which pods' kubelets are pulling which image: the newest of their Events about images says `Pulling`.
fn pulling(events: &[Object]) -> BTreeMap<String, String> {
    let mut newest: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    for event in events {
        let reason = event["reason"].str();
        if !matches!(reason, "Pulling" | "Pulled" | "Failed" | "BackOff") {
            continue;
        }
        let uid = event.at("involvedObject.uid").str().to_string();
        // Names of Events end in the time at which they began, which is finer than their timestamps.
        let at = format!("{}/{}", event["lastTimestamp"].str(), event.name());
        let image = event["message"].str().split('"').nth(1).unwrap_or_default().to_string();
        let known = newest.entry(uid).or_default();
        if at >= known.0 {
            *known = (at, reason.into(), image);
        }
    }
    newest.into_iter().filter(|(_, n)| n.1 == "Pulling").map(|(uid, n)| (uid, n.2)).collect()
}

/// The line that tells of a signal; none for those that are too small to tell.
fn news(signal: &Signal) -> Option<String> {
    match &signal.kind {
        SignalKind::Decision { object, .. } if object.namespace == SYSTEM => None,
        SignalKind::Decision { text, .. } | SignalKind::Fault { text, .. } => Some(text.clone()),
        SignalKind::Change { verb, object, subresource, code }
            if *code < 300 && object.namespace != SYSTEM =>
        {
            let what = format!("{} {}", object.kind, object.name);
            let text = match (verb.as_str(), subresource.as_str()) {
                ("create", "binding") => format!("{what} was given a node"),
                ("create", "") => format!("{what} was created"),
                ("delete", _) => format!("{what} was deleted"),
                (_, "scale") => format!("{what} was scaled"),
                ("update" | "patch", "") if object.kind != "Pod" && object.kind != "Node" => {
                    format!("{what} was changed")
                }
                _ => return None,
            };
            matches!(
                object.kind.as_str(),
                "Pod" | "Deployment" | "ReplicaSet" | "Service" | "Node" | "HorizontalPodAutoscaler"
            )
            .then_some(text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::{Method, Request, json};
    use cluster::Config;
    use sim::Duration;

    #[test]
    fn whatever_makes_pods_is_drawn_with_them_and_they_outlive_it() {
        let mut cluster = Cluster::new(Config::default());
        let template = json!({
            "metadata": {"labels": {"app": "db"}},
            "spec": {"containers": [{"name": "c", "image": "registry.k8s.io/pause:3.10"}]}
        });
        let set = json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
            "spec": {"serviceName": "db", "replicas": 2, "selector": {"matchLabels": {"app": "db"}}, "template": template}
        });
        let path = "/apis/apps/v1/namespaces/default/statefulsets";
        assert_eq!(cluster.request(Request::new(Method::Post, path).with_body(set)).status, 201);
        let service =
            json!({"metadata": {"name": "db"}, "spec": {"selector": {"app": "db"}, "ports": [{"port": 80}]}});
        let post = Request::new(Method::Post, "/api/v1/namespaces/default/services").with_body(service);
        assert_eq!(cluster.request(post).status, 201);
        cluster.advance(Duration::from_secs(30));
        let mut scene = Scene::default();
        let mut look = |cluster: &Cluster| {
            scene.observe(cluster);
            scene.picture(900.0)
        };
        let picture = look(&cluster);
        let (key, ready) = ("StatefulSet/default/db", (2, 2));
        assert_eq!(
            picture.workloads.iter().map(|w| (w.key.as_str(), w.ready)).collect::<Vec<_>>(),
            [(key, ready)]
        );
        let service = picture.services.first().map(|s| (s.key.as_str(), s.ready));
        assert_eq!(service, Some(("default/db", Some((2, 2)))));
        assert_eq!(picture.links.len(), 2, "a line leads from it to each pod");
        let pods = |picture: &crate::Picture| -> Vec<(String, Option<usize>)> {
            picture.pods.iter().map(|p| (p.short.clone(), p.tint)).collect()
        };
        let before = pods(&picture);
        assert!(before.iter().all(|(name, tint)| name.starts_with("db-") && tint.is_some()), "{before:?}");
        assert_eq!(cluster.request(Request::new(Method::Delete, format!("{path}/db"))).status, 200);
        let picture = look(&cluster);
        assert_eq!(pods(&picture), before, "their owner is gone, and they look as they did");
        assert!(picture.workloads.is_empty());
    }
}
