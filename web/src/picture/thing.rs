//! The things that can be pointed at and chosen, and what belongs to them.

use diagram::Picture;
use sim::collections::BTreeSet;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

/// The kinds of things that are drawn.
const KINDS: [&str; 9] = [
    "Pod",
    "Service",
    "Node",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "ReplicationController",
];
/// The attribute that says which thing a shape is.
pub const ATTRIBUTE: &str = "data-thing";

/// What the learner points at or has chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Kind, as the API says it.
    pub kind: &'static str,
    /// Namespace; empty for a node.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// The value of the attribute: kind, namespace and name. `key` is `namespace/name`, or a node's name.
pub fn label(kind: &str, key: &str) -> String {
    let slash = if key.contains('/') { "/" } else { "//" };
    format!("{kind}{slash}{key}")
}

impl Chosen {
    /// The opposite of [`label`].
    fn read(label: &str) -> Option<Chosen> {
        let mut parts = label.splitn(3, '/');
        let kind = parts.next()?;
        let kind = KINDS.into_iter().find(|k| *k == kind)?;
        Some(Chosen { kind, namespace: parts.next()?.into(), name: parts.next()?.into() })
    }

    /// The thing to which a part of the picture belongs; none for the ground between them.
    pub fn of(target: Option<EventTarget>) -> Option<Chosen> {
        let element = target?.dyn_into::<Element>().ok()?;
        let shape = element.closest(&format!("[{ATTRIBUTE}]")).ok().flatten()?;
        Chosen::read(&shape.get_attribute(ATTRIBUTE)?)
    }

    /// All that has happened: the Events of the cluster.
    pub fn all_events() -> Chosen {
        Chosen { kind: "Event", namespace: String::new(), name: String::new() }
    }

    /// As a shape names it.
    pub fn label(&self) -> String {
        label(self.kind, &self.key())
    }

    /// `namespace/name`, or the name of what has no namespace.
    pub fn key(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }
}

/// How a shape stands out while something is pointed at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Light {
    /// Nothing is pointed at.
    #[default]
    Plain,
    /// It belongs to what is pointed at.
    Lit,
    /// It does not.
    Dim,
}

impl Light {
    /// As a style class.
    pub fn class(self) -> &'static str {
        match self {
            Light::Plain => "",
            Light::Lit => "lit",
            Light::Dim => "dim",
        }
    }
}

/// What belongs to the thing that is pointed at: pods by uid, the rest by key. A workload's key is its label.
#[derive(Debug, Default)]
pub struct Related<'a> {
    pods: BTreeSet<&'a str>,
    services: BTreeSet<&'a str>,
    workloads: BTreeSet<&'a str>,
    any: bool,
}

impl<'a> Related<'a> {
    /// A Service and its pods; a pod with its Services and its owner; a workload with its pods and their Services; a node
    /// with its pods.
    pub fn to(chosen: Option<&Chosen>, picture: &'a Picture) -> Related<'a> {
        let Some(chosen) = chosen else { return Related::default() };
        let (key, label) = (chosen.key(), chosen.label());
        let node = picture.nodes.iter().find(|n| chosen.kind == "Node" && n.name == key);
        let linked = |uid: &str| picture.links.iter().any(|l| l.pod == uid && l.service == key);
        let concerned = |pod: &&std::rc::Rc<diagram::PodMark>| match chosen.kind {
            "Pod" => pod.name == chosen.name && pod.namespace == chosen.namespace,
            "Service" => linked(&pod.uid),
            "Node" => node.is_some_and(|n| n.area.holds(pod.spot)),
            _ => pod.workload.as_ref() == Some(&label),
        };
        let pods: Vec<&'a diagram::PodMark> = picture.pods.iter().filter(concerned).map(|p| &**p).collect();
        let mut related = Related { any: true, ..Related::default() };
        related.pods = pods.iter().map(|p| p.uid.as_str()).collect();
        related.workloads = pods.iter().filter_map(|p| p.workload.as_deref()).collect();
        related.workloads.extend(picture.workloads.iter().map(|w| w.key.as_str()).filter(|k| *k == label));
        let own = |service: &str| chosen.kind == "Service" && service == key;
        let leads = |service: &str| {
            chosen.kind != "Service"
                && picture.links.iter().any(|l| l.service == service && related.pods.contains(l.pod.as_str()))
        };
        related.services =
            picture.services.iter().map(|s| s.key.as_str()).filter(|s| own(s) || leads(s)).collect();
        related
    }

    fn light(&self, lit: bool) -> Light {
        match (self.any, lit) {
            (false, _) => Light::Plain,
            (true, true) => Light::Lit,
            (true, false) => Light::Dim,
        }
    }

    /// For a pod.
    pub fn pod(&self, uid: &str) -> Light {
        self.light(self.pods.contains(uid))
    }

    /// For a Service.
    pub fn service(&self, key: &str) -> Light {
        self.light(self.services.contains(key))
    }

    /// For what makes pods.
    pub fn workload(&self, key: &str) -> Light {
        self.light(self.workloads.contains(key))
    }

    /// For the line from a Service to a pod.
    pub fn link(&self, service: &str, pod: &str) -> Light {
        self.light(self.pods.contains(pod) && self.services.contains(service))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diagram::{Link, PodMark, PodState, ServiceBar, Spot};
    use std::rc::Rc;

    fn pod(name: &str) -> Rc<PodMark> {
        Rc::new(PodMark {
            uid: format!("uid-{name}"),
            namespace: "default".into(),
            name: name.into(),
            short: name.into(),
            state: PodState::Ready,
            leaves: None,
            containers: "1/1".into(),
            restarts: 0,
            tint: None,
            workload: None,
            spot: Spot::default(),
            text: String::new(),
        })
    }

    #[test]
    fn a_pod_and_what_selects_it_belong_together() {
        let service = |key: &str| Rc::new(ServiceBar { key: key.into(), ..ServiceBar::default() });
        let link =
            Link { service: "default/web".into(), pod: "uid-a".into(), ready: true, points: Vec::new() };
        let picture = Picture {
            pods: vec![pod("a"), pod("b")],
            services: vec![service("default/web"), service("default/other")],
            links: vec![Rc::new(link)],
            ..Picture::default()
        };
        for label in [label("Pod", "default/a"), label("Service", "default/web")] {
            let chosen = Chosen::read(&label);
            let related = Related::to(chosen.as_ref(), &picture);
            assert_eq!([related.pod("uid-a"), related.pod("uid-b")], [Light::Lit, Light::Dim]);
            let services = [related.service("default/web"), related.service("default/other")];
            assert_eq!(services, [Light::Lit, Light::Dim]);
            assert_eq!(related.link("default/web", "uid-a"), Light::Lit);
        }
        assert_eq!(Chosen::read(&label("Node", "minikube")).map(|c| c.key()), Some("minikube".into()));
        assert_eq!(Related::to(None, &picture).pod("uid-a"), Light::Plain);
    }
}
