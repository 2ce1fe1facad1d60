//! What is addressed to a Service goes to one of its endpoints. Mirrors pkg/proxy/iptables and pkg/proxy/topology.go.

use crate::view::View;
use apimachinery::{Object, Value};
use sim::Order;
use sim::collections::BTreeMap;
use sim::{Duration, Rng, Time};

/// How many clients are remembered for session affinity; the one that was silent longest is forgotten first.
const MAX_AFFINITY: usize = 10_000;
/// How long a client is remembered when the Service does not say. Mirrors DefaultClientIPServiceAffinitySeconds.
const DEFAULT_AFFINITY_SECONDS: i64 = 10_800;

/// What kube-proxy remembers.
#[derive(Clone, Debug, Default)]
pub struct KubeProxy {
    /// (Service with port, client) to the endpoint that it had, and when.
    affinity: BTreeMap<(String, String), (String, Time)>,
}

/// A Service's port that a packet is addressed to.
#[derive(Clone, Copy)]
pub struct ServicePort<'a> {
    /// The Service.
    pub service: &'a Object,
    /// The entry of `spec.ports`.
    pub port: &'a Value,
    /// Whether it came in by an address for the outside (node port, external address, load balancer).
    pub external: bool,
}

/// Which of a Service's endpoints may be used.
#[derive(Clone, Copy, PartialEq)]
enum Policy {
    Cluster,
    Local,
}

/// An endpoint of a Service's port.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Its address.
    pub ip: String,
    /// Its port.
    pub port: u16,
    /// The node that it is on.
    pub node: String,
    /// Whether it is ready.
    pub ready: bool,
    /// Whether it is on its way out but still serves.
    pub leaving: bool,
}

/// What the rules do with a packet.
pub enum Verdict {
    /// It goes to this endpoint, for this reason.
    Endpoint(Endpoint, String),
    /// It is refused (REJECT), for this reason.
    Reject(String),
    /// It is dropped, for this reason.
    Drop(String),
}

impl<'a> ServicePort<'a> {
    /// `default/web:80`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service.key(), self.port["port"].int())
    }

    /// Whether the packet's source is replaced unless the client is a pod (node ports and the like with policy
    /// Cluster: always).
    pub fn keeps_source(&self, from_cluster: bool) -> bool {
        self.external && !from_cluster && self.policy(from_cluster) == Policy::Local
    }

    /// Traffic from inside to an address for the outside takes a short cut: policy Local is for what comes from outside.
    fn policy(&self, from_cluster: bool) -> Policy {
        let field = if self.external { "externalTrafficPolicy" } else { "internalTrafficPolicy" };
        let local = self.service["spec"][field] == "Local";
        if local && !(self.external && from_cluster) { Policy::Local } else { Policy::Cluster }
    }
}

/// The Service's port that an address and port belong to, if any. The first is tried first: the ClusterIP.
pub fn match_address<'a>(view: &'a View, ip: &str, port: u16, protocol: &str) -> Option<ServicePort<'a>> {
    let found = view.services_at(ip).find_map(|service| {
        let ports = service["spec"]["ports"].items().iter();
        let port = ports.filter(|p| is_protocol(p, protocol)).find(|p| p["port"].int() == i64::from(port))?;
        Some((service, port))
    });
    let (service, port) = found?;
    Some(ServicePort { service, port, external: service["spec"]["clusterIP"] != ip })
}

/// The Service's port that a port of the nodes belongs to, if any.
pub fn match_node_port<'a>(view: &'a View, port: u16, protocol: &str) -> Option<ServicePort<'a>> {
    view.services_on(port).find_map(|service| {
        let ports = service["spec"]["ports"].items().iter();
        let mut ports = ports.filter(|p| is_protocol(p, protocol));
        let port = ports.find(|p| p["nodePort"].int() == i64::from(port))?;
        Some(ServicePort { service, port, external: true })
    })
}

fn is_protocol(port: &Value, protocol: &str) -> bool {
    match port["protocol"].str() {
        "" => protocol == "TCP",
        own => own == protocol,
    }
}

/// All endpoints of a Service's port, by address.
pub fn endpoints(view: &View, service: &Object, port: &Value) -> Vec<Endpoint> {
    let mut result: Vec<Endpoint> = Vec::new();
    for slice in view.slices_of(service).filter(|s| s["addressType"] != "IPv6") {
        let ports = slice["ports"].items().iter();
        let mut ports = ports.filter(|p| p["name"].str() == port["name"].str());
        let Some(number) = ports.next().map(|p| p["port"].int() as u16) else { continue };
        for endpoint in slice["endpoints"].items() {
            let conditions = &endpoint["conditions"];
            let is = |name: &str, default: bool| conditions[name].as_bool().unwrap_or(default);
            let ready = is("ready", true);
            let leaving = is("serving", ready) && is("terminating", false);
            let addresses = endpoint["addresses"].items().iter().take(1);
            result.extend(addresses.map(|ip| Endpoint {
                ip: ip.str().into(),
                port: number,
                node: endpoint["nodeName"].str().into(),
                ready,
                leaving,
            }));
        }
    }
    result.order_by(|a, b| a.ip.cmp(&b.ip));
    result.dedup_by(|a, b| a.ip == b.ip);
    result
}

impl KubeProxy {
    /// What the rules of a node do with a packet from `client`. `from_cluster`: whether it comes from a pod or a node.
    pub fn choose(
        &mut self,
        view: &View,
        target: ServicePort<'_>,
        node: &str,
        client: (&str, bool),
        now: Time,
        rng: &mut Rng,
    ) -> Verdict {
        let all = endpoints(view, target.service, target.port);
        let (client, from_cluster) = client;
        let policy = target.policy(from_cluster);
        let near = |e: &&Endpoint| policy == Policy::Cluster || e.node == node;
        // Ready endpoints; if there are none, those on their way out that still serve.
        let pick = |f: &dyn Fn(&Endpoint) -> bool| {
            all.iter().filter(near).filter(|e| f(e)).cloned().collect::<Vec<_>>()
        };
        let mut usable = pick(&|e| e.ready);
        let fallback = usable.is_empty();
        if fallback {
            usable = pick(&|e| e.leaving);
        }
        let name = target.name();
        if usable.is_empty() {
            let elsewhere = all.iter().any(|e| e.ready || e.leaving);
            return match (elsewhere, all.len()) {
                (true, _) => Verdict::Drop(format!(
                    "service {name} keeps traffic on the node (policy Local) and has no endpoint on {node}"
                )),
                (false, 0) => Verdict::Reject(format!("service {name} has no endpoints")),
                (false, n) => {
                    Verdict::Reject(format!("service {name} has {n} endpoints, none of them ready"))
                }
            };
        }
        let (chosen, how) = self.pick(target, &name, client, &usable, now, rng);
        let state = if fallback { "terminating, as none is ready" } else { "ready" };
        let why = format!("endpoint {}:{}, 1 of {} {state}, {how}", chosen.ip, chosen.port, usable.len());
        Verdict::Endpoint(chosen, why)
    }

    fn pick(
        &mut self,
        target: ServicePort<'_>,
        name: &str,
        client: &str,
        usable: &[Endpoint],
        now: Time,
        rng: &mut Rng,
    ) -> (Endpoint, &'static str) {
        let spec = &target.service["spec"];
        let sticky = spec["sessionAffinity"] == "ClientIP";
        let key = (name.to_string(), client.to_string());
        if sticky {
            let seconds = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"].as_i64();
            let seconds = seconds.unwrap_or(DEFAULT_AFFINITY_SECONDS).max(0) as u64;
            let known =
                self.affinity.get(&key).filter(|(_, at)| now.since(*at) < Duration::from_secs(seconds));
            let known = known.and_then(|(ip, _)| usable.iter().find(|e| e.ip == *ip)).cloned();
            if let Some(endpoint) = known {
                self.affinity.insert(key, (endpoint.ip.clone(), now));
                return (endpoint, "the one this client had before (session affinity)");
            }
        }
        let endpoint = usable[rng.below(usable.len() as u64) as usize].clone();
        if sticky {
            if self.affinity.len() >= MAX_AFFINITY {
                let oldest = self.affinity.iter().min_by_key(|(_, (_, at))| *at).map(|(key, _)| key.clone());
                oldest.map(|key| self.affinity.remove(&key));
            }
            self.affinity.insert(key, (endpoint.ip.clone(), now));
        }
        (endpoint, if usable.len() == 1 { "the only one" } else { "chosen at random" })
    }
}
