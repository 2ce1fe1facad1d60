//! What NetworkPolicies let through. Mirrors kindnet, which enforces them in a minikube of several nodes, and the rules of
//! the NetworkPolicy API: a pod that no policy selects is open; one that is selected is open for what some policy allows.
//!
//! A packet is looked at where it has found its way, with the address that it came with and the one that it goes to after
//! kube-proxy. What a node sends to its own pods (probes) always passes.

use crate::cni::{Arrival, Sender, To};
use crate::network::Target;
use crate::view::{View, host_network, in_range};
use apimachinery::labels::Selector;
use apimachinery::{Object, Value};
use client::Place;

/// One end of a packet's way.
struct End<'a> {
    ip: &'a str,
    /// The pod there, unless it uses the network of its node.
    pod: Option<&'a Object>,
}

/// Why a packet that has found its way is dropped; `None` when it may pass.
pub fn refuses(view: &View, sender: &Sender, to: To<'_>, arrival: &Arrival) -> Option<String> {
    if view.has_no_policies() {
        return None;
    }
    let (target, port) = match arrival {
        Arrival::Target { to: Target::Pod { namespace, name }, port, .. } => {
            (view.pod(namespace, name).filter(|pod| !host_network(pod)), *port)
        }
        Arrival::Target { port, .. } | Arrival::Site(_, port) => (None, *port),
    };
    let source = match &sender.place {
        Place::Pod { namespace, name } if sender.own_network => view.pod(namespace, name),
        _ => None,
    };
    if source.is_some() && source.map(Object::uid) == target.map(Object::uid) {
        return None;
    }
    let from = End { ip: &sender.ip, pod: source };
    let ip = target.map_or(to.ip, |pod| pod["status"]["podIP"].str());
    let to_end = End { ip, pod: target };
    if let Some(why) = source.and_then(|pod| blocked(view, pod, "Egress", &to_end, target, port, to.protocol))
    {
        return Some(why);
    }
    let target = target?;
    // The kubelet of its node reaches every pod.
    let home = target["spec"]["nodeName"].str();
    if !sender.own_network && sender.node.as_deref() == Some(home) {
        return None;
    }
    blocked(view, target, "Ingress", &from, Some(target), port, to.protocol)
}

/// Why the policies of a pod do not let it talk with the other end in one direction.
fn blocked(
    view: &View,
    pod: &Object,
    direction: &str,
    other: &End<'_>,
    listener: Option<&Object>,
    port: u16,
    protocol: &str,
) -> Option<String> {
    let (list, peers) = if direction == "Ingress" { ("ingress", "from") } else { ("egress", "to") };
    let mut isolating = None;
    for policy in view.policies(pod.namespace()) {
        let spec = &policy["spec"];
        let meant = spec["policyTypes"].items().iter().any(|kind| *kind == direction);
        if !meant || !selects(&spec["podSelector"], pod.labels()) {
            continue;
        }
        isolating = isolating.or(Some(policy.name()));
        let allows = |rule: &Value| {
            fits_port(&rule["ports"], listener, port, protocol)
                && fits_peer(view, &rule[peers], policy, other)
        };
        if spec[list].items().iter().any(allows) {
            return None;
        }
    }
    let way = if direction == "Ingress" { "in to" } else { "out of" };
    isolating.map(|name| format!("no rule of network policy {name} lets this {way} pod {}", pod.name()))
}

fn selects(selector: &Value, labels: &Value) -> bool {
    Selector::from_label_selector(selector).is_some_and(|s| s.matches(labels))
}

/// Whether a port is one of a rule's; a rule without ports is for all.
fn fits_port(ports: &Value, listener: Option<&Object>, port: u16, protocol: &str) -> bool {
    let port = i64::from(port);
    let named = |name: &str| {
        let containers = listener.map_or(&[][..], |pod| pod["spec"]["containers"].items());
        let mut ports = containers.iter().flat_map(|c| c["ports"].items());
        ports.any(|p| p["name"] == name && p["containerPort"].int() == port)
    };
    let fits = |entry: &Value| {
        entry["protocol"].as_str().unwrap_or("TCP") == protocol
            && match &entry["port"] {
                Value::Null => true,
                Value::Int(first) => (*first..=entry["endPort"].as_i64().unwrap_or(*first)).contains(&port),
                name => named(name.str()),
            }
    };
    ports.is_empty() || ports.items().iter().any(fits)
}

/// Whether the other end is one of a rule's; a rule without peers is for everybody.
fn fits_peer(view: &View, peers: &Value, policy: &Object, other: &End<'_>) -> bool {
    let fits = |peer: &Value| {
        let block = &peer["ipBlock"];
        if !block.is_null() {
            let inside = |range: &str| in_range(other.ip, range) || range == "0.0.0.0/0";
            return inside(block["cidr"].str()) && !block["except"].items().iter().any(|e| inside(e.str()));
        }
        let Some(pod) = other.pod else { return false };
        let namespace = match &peer["namespaceSelector"] {
            Value::Null => pod.namespace() == policy.namespace(),
            selector => view.namespaces.get(pod.namespace()).is_some_and(|ns| selects(selector, ns.labels())),
        };
        namespace && (peer["podSelector"].is_null() || selects(&peer["podSelector"], pod.labels()))
    };
    peers.is_empty() || peers.items().iter().any(fits)
}
