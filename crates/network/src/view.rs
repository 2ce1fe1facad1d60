//! What the network knows of the cluster: copies of objects with a few indexes, and the state of the machines.

use apimachinery::{Object, Value};
use client::{Context, Delta, Informer};
use sim::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The label of an EndpointSlice that names its Service.
const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// The label of the node that runs the control plane.
const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";

/// Whether a machine is there for the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Machine {
    /// It is.
    Up,
    /// It is switched off.
    Down,
    /// Its cable is cut.
    Cut,
}

/// Keys of objects by what packets carry.
#[derive(Clone, Debug, Default)]
struct Index {
    /// Pods by address.
    pods: BTreeMap<String, String>,
    /// Pods by (node, port of the node), with the port of the pod.
    host_ports: BTreeMap<(String, u16), (String, u16)>,
    /// Services by each of their addresses.
    services: BTreeMap<String, BTreeSet<String>>,
    /// Services by port of the nodes.
    node_ports: BTreeMap<u16, BTreeSet<String>>,
    /// EndpointSlices by Service.
    slices: BTreeMap<String, BTreeSet<String>>,
    /// Nodes by address.
    nodes: BTreeMap<String, String>,
}

/// What is known. Lags behind as a watch does.
#[derive(Clone, Debug)]
pub struct View {
    pods: Informer,
    nodes: Informer,
    services: Informer,
    slices: Informer,
    policies: Informer,
    /// Namespaces, which CoreDNS answers for.
    pub namespaces: Informer,
    index: Arc<Index>,
    machines: BTreeMap<String, Machine>,
}

impl Default for View {
    fn default() -> View {
        View {
            pods: Informer::new(api::pod::RESOURCE),
            nodes: Informer::new(api::node::RESOURCE),
            services: Informer::new(api::service::RESOURCE),
            slices: Informer::new(api::endpointslice::RESOURCE),
            policies: Informer::new(api::networkpolicy::RESOURCE),
            namespaces: Informer::new(api::namespace::RESOURCE),
            index: Arc::default(),
            machines: BTreeMap::new(),
        }
    }
}

impl View {
    /// Pulls what is new.
    pub fn sync(&mut self, ctx: &mut Context<'_>) {
        self.namespaces.sync(ctx);
        self.policies.sync(ctx);
        let index = Arc::make_mut(&mut self.index);
        keep(index, self.pods.sync(ctx), Index::pod);
        keep(index, self.nodes.sync(ctx), Index::node);
        keep(index, self.services.sync(ctx), Index::service);
        keep(index, self.slices.sync(ctx), Index::slice);
    }

    /// A pod.
    pub fn pod(&self, namespace: &str, name: &str) -> Option<&Object> {
        self.pods.get(&format!("{namespace}/{name}"))
    }

    /// The pod that has an address.
    pub fn pod_at(&self, ip: &str) -> Option<&Object> {
        self.pods.get(self.index.pods.get(ip)?)
    }

    /// The pod that has taken a port of a node, with the port that it listens on itself.
    pub fn host_port(&self, node: &str, port: u16) -> Option<(&Object, u16)> {
        let (key, own) = self.index.host_ports.get(&(node.to_string(), port))?;
        Some((self.pods.get(key)?, *own))
    }

    /// The Services that have an address.
    pub fn services_at(&self, ip: &str) -> impl Iterator<Item = &Object> {
        let keys = self.index.services.get(ip).into_iter().flatten();
        keys.filter_map(|key| self.services.get(key))
    }

    /// The Services that have a port of the nodes.
    pub fn services_on(&self, node_port: u16) -> impl Iterator<Item = &Object> {
        let keys = self.index.node_ports.get(&node_port).into_iter().flatten();
        keys.filter_map(|key| self.services.get(key))
    }

    /// A Service.
    pub fn service(&self, namespace: &str, name: &str) -> Option<&Object> {
        self.services.get(&format!("{namespace}/{name}"))
    }

    /// Whether there are no NetworkPolicies at all.
    pub fn has_no_policies(&self) -> bool {
        self.policies.is_empty()
    }

    /// The NetworkPolicies of a namespace.
    pub fn policies<'a>(&'a self, namespace: &str) -> impl Iterator<Item = &'a Object> {
        self.policies.namespace(namespace)
    }

    /// All Services.
    pub fn all_services(&self) -> impl Iterator<Item = &Object> {
        self.services.list()
    }

    /// The EndpointSlices of a Service.
    pub fn slices_of(&self, service: &Object) -> impl Iterator<Item = &Object> {
        let keys = self.index.slices.get(&service.key()).into_iter().flatten();
        keys.filter_map(|key| self.slices.get(key))
    }

    /// The node that has an address.
    pub fn node_at(&self, ip: &str) -> Option<&str> {
        self.index.nodes.get(ip).map(String::as_str)
    }

    /// A node's address; empty when it has none.
    pub fn node_ip(&self, node: &str) -> &str {
        self.nodes.get(node).map(node_ip).unwrap_or_default()
    }

    /// The node whose pods have addresses like this one.
    pub fn node_of_pod_range(&self, ip: &str) -> Option<&Object> {
        self.nodes.list().find(|n| in_range(ip, n["spec"]["podCIDR"].str()))
    }

    /// The address of a node's bridge in its pod range, `10.244.1.1`.
    pub fn gateway(&self, node: &str) -> String {
        let range = self.nodes.get(node).map(|n| n["spec"]["podCIDR"].str()).unwrap_or_default();
        let base = range.split('/').next().and_then(|base| base.strip_suffix(".0"));
        base.map_or_else(|| self.node_ip(node).to_string(), |base| format!("{base}.1"))
    }

    /// The node that runs the control plane.
    pub fn control_plane(&self) -> Option<&Object> {
        self.nodes.list().find(|n| n.label(CONTROL_PLANE).is_some())
    }

    /// Whether a node runs the control plane.
    pub fn is_control_plane(&self, node: &str) -> bool {
        self.nodes.get(node).is_some_and(|n| n.label(CONTROL_PLANE).is_some())
    }

    /// Whether a machine is there for the others.
    pub fn machine(&self, node: &str) -> Machine {
        self.machines.get(node).copied().unwrap_or(Machine::Up)
    }

    /// A machine has changed.
    pub fn set_machine(&mut self, node: &str, machine: Machine) {
        self.machines.insert(node.into(), machine);
    }
}

/// Brings the index up to date: what was there goes, what is there now comes.
fn keep(index: &mut Index, deltas: Vec<Delta>, apply: fn(&mut Index, &Object, bool)) {
    for delta in deltas {
        delta.old.iter().for_each(|old| apply(index, old, false));
        delta.new.iter().for_each(|new| apply(index, new, true));
    }
}

/// Whether a pod uses its node's network instead of one of its own.
pub fn host_network(pod: &Object) -> bool {
    pod["spec"]["hostNetwork"].is_true()
}

fn node_ip(node: &Object) -> &str {
    let addresses = node["status"]["addresses"].items().iter();
    addresses.clone().find(|a| a["type"] == "InternalIP").map(|a| a["address"].str()).unwrap_or_default()
}

/// Whether an address lies in a range such as `10.244.1.0/24`.
pub fn in_range(ip: &str, range: &str) -> bool {
    let number = |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(u32::from);
    let Some((base, bits)) = range.split_once('/') else { return false };
    let mask = bits.parse::<u32>().ok().filter(|b| (1..=32).contains(b)).map(|b| u32::MAX << (32 - b));
    match (number(ip), number(base), mask) {
        (Some(ip), Some(base), Some(mask)) => ip & mask == base & mask,
        _ => false,
    }
}

/// The addresses under which kube-proxy answers for a Service.
fn service_ips(service: &Object) -> impl Iterator<Item = &str> {
    let spec = &service["spec"];
    let cluster = std::iter::once(spec["clusterIP"].str()).filter(|ip| !ip.is_empty() && *ip != "None");
    let external = spec["externalIPs"].items().iter().map(Value::str);
    let balancer = service["status"]["loadBalancer"]["ingress"].items().iter().map(|i| i["ip"].str());
    cluster.chain(external).chain(balancer.filter(|ip| !ip.is_empty()))
}

impl Index {
    fn pod(&mut self, pod: &Object, there: bool) {
        let key = pod.key();
        let ip = pod["status"]["podIP"].str();
        let ended = matches!(pod["status"]["phase"].str(), "Succeeded" | "Failed");
        if ip.is_empty() || host_network(pod) {
            return;
        }
        let there = there && !ended;
        put(&mut self.pods, ip.to_string(), key.clone(), there);
        let ports = pod["spec"]["containers"].items().iter().flat_map(|c| c["ports"].items());
        let host = pod["status"]["hostIP"].str();
        // An address that is not the node's (127.0.0.1) is reached by nobody outside of it.
        let outside = |p: &&Value| matches!(p["hostIP"].str(), "" | "0.0.0.0" | "::") || p["hostIP"] == host;
        for port in ports.filter(|p| p["hostPort"].int() > 0).filter(outside) {
            let of = |name: &str| port[name].int() as u16;
            let place = (pod["spec"]["nodeName"].str().to_string(), of("hostPort"));
            put(&mut self.host_ports, place, (key.clone(), of("containerPort")), there);
        }
    }

    fn node(&mut self, node: &Object, there: bool) {
        put(&mut self.nodes, node_ip(node).to_string(), node.name().to_string(), there);
    }

    fn service(&mut self, service: &Object, there: bool) {
        for ip in service_ips(service) {
            put_many(&mut self.services, ip.to_string(), service.key(), there);
        }
        for port in service["spec"]["ports"].items().iter().filter(|p| p["nodePort"].int() > 0) {
            put_many(&mut self.node_ports, port["nodePort"].int() as u16, service.key(), there);
        }
    }

    fn slice(&mut self, slice: &Object, there: bool) {
        if let Some(name) = slice.label(SERVICE_NAME) {
            let service = format!("{}/{name}", slice.namespace());
            put_many(&mut self.slices, service, slice.key(), there);
        }
    }
}

fn put<K: Ord, V: PartialEq>(map: &mut BTreeMap<K, V>, key: K, value: V, there: bool) {
    if there {
        map.insert(key, value);
    } else if map.get(&key) == Some(&value) {
        map.remove(&key);
    }
}

fn put_many<K: Ord>(map: &mut BTreeMap<K, BTreeSet<String>>, key: K, value: String, there: bool) {
    if there {
        map.entry(key).or_default().insert(value);
    } else if let Some(set) = map.get_mut(&key) {
        set.remove(&value);
        if set.is_empty() {
            map.remove(&key);
        }
    }
}
