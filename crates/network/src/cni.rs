//! Addresses, and the ways between them: pods hang on their node's bridge, nodes on the laptop's.
//!
//! Nodes are 192.168.49.2 and up, the laptop is 192.168.49.1 there; pods are 10.244.N.0/24 on node N; Services are
//! 10.96.0.0/12. Pods with the node's network live at the node's address.

use crate::kube_proxy::{self, KubeProxy, ServicePort, Verdict};
use crate::network::Target;
use crate::outside::{self, Site};
use crate::policy;
use crate::view::{Machine, View, host_network, in_range};
use crate::walk::{BETWEEN_NODES, LAPTOP, Lost, OUTSIDE, RULES, VETH, Walk};
use apimachinery::Object;
use client::{Hop, Place};
use sim::Rng;

/// The laptop's address on the nodes' network.
pub const LAPTOP_IP: &str = "192.168.49.1";
/// Where Services have their addresses.
const SERVICE_RANGE: &str = "10.96.0.0/12";
/// Where nodes have theirs.
const NODE_RANGE: &str = "192.168.49.0/24";
/// The port of the API server on the control plane.
const API_SERVER_PORT: u16 = 8443;

/// Who sends, as the network sees it.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The place.
    pub place: Place,
    /// Its address.
    pub ip: String,
    /// The node that its packets pass; none for the laptop.
    pub node: Option<String>,
    /// Whether it has a network of its own (a pod).
    pub own_network: bool,
}

impl Sender {
    /// Looks a place up. The error is why it has no network.
    pub fn at(view: &View, place: &Place) -> Result<Sender, String> {
        let sender = |ip: &str, node: Option<&str>, own_network: bool| Sender {
            place: place.clone(),
            ip: ip.into(),
            node: node.map(Into::into),
            own_network,
        };
        match place {
            Place::Laptop => Ok(sender(LAPTOP_IP, None, false)),
            Place::Node(name) => match view.machine(name) {
                Machine::Down => Err(format!("node {name} is switched off")),
                _ => Ok(sender(view.node_ip(name), Some(name), false)),
            },
            Place::Pod { namespace, name } => {
                let pod = view.pod(namespace, name).ok_or("the pod is gone")?;
                let node = pod["spec"]["nodeName"].str();
                match pod["status"]["podIP"].str() {
                    _ if view.machine(node) == Machine::Down => Err(format!("node {node} is switched off")),
                    _ if host_network(pod) => Ok(sender(view.node_ip(node), Some(node), false)),
                    "" if node.is_empty() => Err("the pod is on no node".into()),
                    // Its containers run before its status says which address it has; so an empty one may go out.
                    ip => Ok(sender(ip, Some(node), true)),
                }
            }
        }
    }
}

/// Where a packet has arrived.
pub enum Arrival {
    /// At somebody who may listen there.
    Target {
        /// Who.
        to: Target,
        /// At which port.
        port: u16,
        /// The source address that they see.
        peer: String,
    },
    /// At a site outside, at this port.
    Site(&'static Site, u16),
}

/// What a packet is on its way to: address, port, protocol.
#[derive(Clone, Copy)]
pub struct To<'a> {
    /// Address.
    pub ip: &'a str,
    /// Port.
    pub port: u16,
    /// `TCP` or `UDP`.
    pub protocol: &'a str,
}

/// What decides where packets go.
pub struct Router<'a> {
    /// The cluster as far as it is known.
    pub view: &'a View,
    /// Rules and their memory.
    pub proxy: &'a mut KubeProxy,
    /// Whether `minikube tunnel` runs.
    pub tunnel: bool,
    /// For the choice among endpoints.
    pub rng: &'a mut Rng,
}

type Routed = Result<Arrival, Lost>;

impl Router<'_> {
    /// Walks a packet from its sender to where it arrives or is lost, or where a policy drops it.
    pub fn route(&mut self, walk: &mut Walk, sender: &Sender, to: To<'_>) -> Routed {
        let arrival = self.way(walk, sender, to)?;
        match policy::refuses(self.view, sender, to, &arrival) {
            Some(why) => Err(walk.dropped(why)),
            None => Ok(arrival),
        }
    }

    fn way(&mut self, walk: &mut Walk, sender: &Sender, to: To<'_>) -> Routed {
        let loopback = to.ip.starts_with("127.") || to.ip == "::1";
        if loopback || to.ip == sender.ip {
            return self.loop_back(walk, sender, to, loopback);
        }
        match sender.node.as_deref() {
            None => self.leave_laptop(walk, to),
            Some(node) => {
                if sender.own_network {
                    walk.go_node(node, VETH, "through the bridge of its node");
                }
                self.leave_node(walk, node, sender, to)
            }
        }
    }

    fn loop_back(&mut self, walk: &mut Walk, sender: &Sender, to: To<'_>, loopback: bool) -> Routed {
        let peer = if loopback { "127.0.0.1".to_string() } else { sender.ip.clone() };
        match (&sender.node, &sender.place) {
            (Some(node), place) if !sender.own_network => {
                let node = node.clone();
                if *place != Place::Node(node.clone()) {
                    walk.go_node(&node, RULES, "the pod uses the network of its node");
                }
                self.at_node(walk, &node, to, (&peer, true))
            }
            (_, Place::Pod { namespace, name }) => {
                walk.go(walk.here.clone(), RULES, "stays inside the pod");
                let to_pod = Target::Pod { namespace: namespace.clone(), name: name.clone() };
                Ok(Arrival::Target { to: to_pod, port: to.port, peer })
            }
            _ => {
                walk.go(walk.here.clone(), RULES, "stays on the laptop");
                Ok(Arrival::Target { to: Target::Laptop, port: to.port, peer })
            }
        }
    }

    fn leave_laptop(&mut self, walk: &mut Walk, to: To<'_>) -> Routed {
        if let Some(node) = self.view.node_at(to.ip).map(str::to_string) {
            self.reach(walk, &node, LAPTOP, "the laptop and the nodes share a network".into())?;
            return self.at_node(walk, &node, to, (LAPTOP_IP, false));
        }
        let entry = self.view.control_plane().filter(|_| self.tunnel && in_range(to.ip, SERVICE_RANGE));
        if let Some(node) = entry.map(|n| n.name().to_string()) {
            self.reach(walk, &node, LAPTOP, "minikube tunnel routes addresses of services there".into())?;
            return self.at_node(walk, &node, to, (LAPTOP_IP, false));
        }
        if let Some(arrival) = to_outside(walk, to.ip, to.port) {
            return Ok(arrival);
        }
        if in_range(to.ip, NODE_RANGE) {
            return Err(walk.unreachable("no node has that address"));
        }
        let what = match () {
            () if in_range(to.ip, SERVICE_RANGE) => "addresses of services exist inside the cluster only",
            () if self.view.node_of_pod_range(to.ip).is_some() => {
                "addresses of pods exist inside the cluster only"
            }
            () => "nobody has that address",
        };
        Err(walk.dropped(format!("{what}: the laptop's router does not know {}", to.ip)))
    }

    /// A packet leaves a node, its own or that of one of its pods.
    fn leave_node(&mut self, walk: &mut Walk, node: &str, sender: &Sender, to: To<'_>) -> Routed {
        if let Some(target) = kube_proxy::match_address(self.view, to.ip, to.port, to.protocol) {
            return self.via_service(walk, node, target, (&sender.ip, true), sender.own_network);
        }
        if self.view.pod_at(to.ip).is_some() {
            let peer = if sender.own_network { sender.ip.clone() } else { self.masquerade(node, to.ip) };
            return self.reach_pod(walk, node, to.ip, to.port, peer);
        }
        if let Some(other) = self.view.node_at(to.ip).map(str::to_string) {
            let peer = if sender.own_network && other == node { &sender.ip } else { self.view.node_ip(node) };
            let peer = peer.to_string();
            if other != node {
                self.between(walk, node, &other, "nodes reach each other".into())?;
            }
            return self.at_node(walk, &other, to, (&peer, true));
        }
        if self.view.machine(node) == Machine::Cut {
            return Err(walk.dropped(format!("node {node} is cut off from the network")));
        }
        if to.ip == LAPTOP_IP {
            walk.go(Hop::Place(Place::Laptop), LAPTOP, "the laptop and the nodes share a network");
            let peer = self.view.node_ip(node).to_string();
            return Ok(Arrival::Target { to: Target::Laptop, port: to.port, peer });
        }
        if let Some(arrival) = to_outside(walk, to.ip, to.port) {
            return Ok(arrival);
        }
        if let Some(home) = self.view.node_of_pod_range(to.ip).map(|n| n.name().to_string()) {
            if home != node {
                self.between(walk, node, &home, format!("pods with addresses like {} live there", to.ip))?;
            }
            return Err(walk.unreachable(format!("no pod has the address {} (any more)", to.ip)));
        }
        let why = match () {
            () if in_range(to.ip, SERVICE_RANGE) => {
                format!("no service has the address {} with port {}", to.ip, to.port)
            }
            () if in_range(to.ip, NODE_RANGE) => return Err(walk.unreachable("no node has that address")),
            () => format!("nobody has the address {}", to.ip),
        };
        Err(walk.dropped(why))
    }

    /// A packet has come to one of a node's own addresses. `client`: source address, and whether it is in the cluster.
    fn at_node(&mut self, walk: &mut Walk, node: &str, to: To<'_>, client: (&str, bool)) -> Routed {
        let target = kube_proxy::match_node_port(self.view, to.port, to.protocol)
            .or_else(|| kube_proxy::match_address(self.view, to.ip, to.port, to.protocol));
        if let Some(target) = target {
            return self.via_service(walk, node, target, client, false);
        }
        if self.view.node_at(to.ip) != Some(node) && !to.ip.starts_with("127.") {
            return Err(walk.dropped(format!("no service has the address {} with port {}", to.ip, to.port)));
        }
        if let Some((pod, port)) = self.view.host_port(node, to.port) {
            let ip = pod["status"]["podIP"].str().to_string();
            return self.reach_pod(walk, node, &ip, port, client.0.to_string());
        }
        Ok(self.host(node, to.port, client.0))
    }

    fn host(&self, node: &str, port: u16, peer: &str) -> Arrival {
        let api_server = port == API_SERVER_PORT && self.view.is_control_plane(node);
        let to = if api_server { Target::ApiServer } else { Target::Host(node.into()) };
        Arrival::Target { to, port, peer: peer.into() }
    }

    /// kube-proxy's rules on a node take over. `is_pod`: whether the client is a pod of this node.
    fn via_service(
        &mut self,
        walk: &mut Walk,
        node: &str,
        target: ServicePort<'_>,
        client: (&str, bool),
        is_pod: bool,
    ) -> Routed {
        let service = Hop::Service(target.service.namespace().into(), target.service.name().into());
        walk.go(service, RULES, how_matched(&target));
        let endpoint = match self.proxy.choose(self.view, target, node, client, walk.at, self.rng) {
            Verdict::Endpoint(endpoint, why) => {
                walk.legs.last_mut().into_iter().for_each(|leg| leg.why = format!("{}: {why}", leg.why));
                endpoint
            }
            Verdict::Reject(why) => return Err(walk.refused(why)),
            Verdict::Drop(why) => return Err(walk.dropped(why)),
        };
        // A pod that calls itself through a Service would otherwise answer itself past the rules.
        let hairpin = endpoint.ip == client.0;
        let keeps = match target.external {
            true => target.keeps_source(client.1),
            false => is_pod && !hairpin,
        };
        let peer = if keeps { client.0.to_string() } else { self.masquerade(node, &endpoint.ip) };
        if self.view.pod_at(&endpoint.ip).is_some() || self.view.node_of_pod_range(&endpoint.ip).is_some() {
            return self.reach_pod(walk, node, &endpoint.ip, endpoint.port, peer);
        }
        if let Some(other) = self.view.node_at(&endpoint.ip).map(str::to_string) {
            if other == node {
                walk.go_node(node, RULES, "the endpoint is the node itself");
            } else {
                self.between(walk, node, &other, "the endpoint is that node".into())?;
            }
            // Addresses of pods are not known outside of the pod network.
            let peer = if is_pod && other != node { self.view.node_ip(node).to_string() } else { peer };
            return Ok(self.host(&other, endpoint.port, &peer));
        }
        match to_outside(walk, &endpoint.ip, endpoint.port) {
            Some(arrival) => Ok(arrival),
            None => Err(walk.dropped(format!("nobody has the address {} of the endpoint", endpoint.ip))),
        }
    }

    /// The way from a node to a pod's address, on this node or another.
    fn reach_pod(&mut self, walk: &mut Walk, node: &str, ip: &str, port: u16, peer: String) -> Routed {
        let pod = self.view.pod_at(ip);
        let home = pod.map(|p| p["spec"]["nodeName"].str());
        let home = home.or_else(|| self.view.node_of_pod_range(ip).map(|n| n.name())).unwrap_or(node);
        let home = home.to_string();
        if home != node {
            self.between(walk, node, &home, format!("{ip} is on that node"))?;
        }
        let Some(pod) = pod else {
            return Err(walk.unreachable(format!("no pod has the address {ip} (any more)")));
        };
        let (namespace, name) = (pod.namespace().to_string(), pod.name().to_string());
        let place = Place::Pod { namespace: namespace.clone(), name: name.clone() };
        walk.go(Hop::Place(place), VETH, format!("{} has the address {ip}", name_of(pod)));
        Ok(Arrival::Target { to: Target::Pod { namespace, name }, port, peer })
    }

    /// From one node to another.
    fn between(&mut self, walk: &mut Walk, node: &str, other: &str, why: String) -> Result<(), Lost> {
        if self.view.machine(node) == Machine::Cut {
            return Err(walk.dropped(format!("node {node} is cut off from the network")));
        }
        self.reach(walk, other, BETWEEN_NODES, why)
    }

    /// One hop to a node over the network of nodes.
    fn reach(&mut self, walk: &mut Walk, node: &str, took: sim::Duration, why: String) -> Result<(), Lost> {
        match self.view.machine(node) {
            Machine::Up => {
                walk.go_node(node, took, why);
                Ok(())
            }
            Machine::Down => Err(walk.unreachable(format!("node {node} is switched off"))),
            Machine::Cut => Err(walk.dropped(format!("node {node} is cut off from the network"))),
        }
    }

    /// The source address that replaces the real one: that of the node's interface towards the endpoint.
    fn masquerade(&self, node: &str, endpoint: &str) -> String {
        let home = self.view.pod_at(endpoint).map(|p| p["spec"]["nodeName"].str());
        if home == Some(node) { self.view.gateway(node) } else { self.view.node_ip(node).to_string() }
    }
}

fn name_of(pod: &Object) -> String {
    format!("pod {}", pod.name())
}

fn how_matched(target: &ServicePort<'_>) -> String {
    let how = match (target.external, target.port["nodePort"].int()) {
        (false, _) => "address".to_string(),
        (true, 0) => "external address".to_string(),
        (true, port) => format!("node port {port}"),
    };
    format!("{how} of service {}", target.name())
}

fn to_outside(walk: &mut Walk, ip: &str, port: u16) -> Option<Arrival> {
    let site = outside::by_address(ip)?;
    walk.go(Hop::Outside(site.names[0].into()), OUTSIDE, "out into the internet");
    Some(Arrival::Site(site, port))
}
