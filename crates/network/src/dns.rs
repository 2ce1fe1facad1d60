//! From a name to an address, as the sender's resolver does it: /etc/hosts, search domains, then a server.

use crate::cni::{Arrival, LAPTOP_IP, Router, Sender, To};
use crate::coredns::{self, Answer};
use crate::network::Target;
use crate::outside;
use crate::view::{View, host_network};
use crate::walk::{Leg, OUTSIDE, Walk};
use apimachinery::Object;
use client::Place;
use sim::net::{Error, Record, RecordType};
use sim::{Duration, Time};

/// Where pods ask: the address of the Service kube-dns, as kubelet writes it into /etc/resolv.conf.
const CLUSTER_DNS: &str = "10.96.0.10";
/// Where nodes and the laptop ask.
const NODE_DNS: &str = LAPTOP_IP;
const LAPTOP_DNS: &str = "127.0.0.53";
/// How long a resolver waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a resolver on the same machine or network takes.
const LOCAL: Duration = Duration::from_micros(500);
/// Names with fewer dots are tried with the search domains first. Mirrors kubelet's `options ndots:5`.
const CLUSTER_NDOTS: usize = 5;
/// How many search domains there may be. Mirrors MaxDNSSearchPaths.
const MAX_SEARCHES: usize = 32;

/// What came of a question.
pub struct Resolved {
    /// The hops to the server.
    pub legs: Vec<Leg>,
    /// When it was known.
    pub at: Time,
    /// The server's address; empty when none was asked.
    pub server: String,
    /// The records, or NXDOMAIN, or that nobody answered.
    pub result: Result<Vec<Record>, Error>,
    /// In one sentence.
    pub why: String,
}

/// `/etc/resolv.conf`.
struct Config {
    server: String,
    searches: Vec<String>,
    ndots: usize,
}

/// Asks for a name. `host` is as the process wrote it.
pub fn resolve(
    router: &mut Router<'_>,
    sender: &Sender,
    host: &str,
    kind: RecordType,
    now: Time,
) -> Resolved {
    let host = host.to_ascii_lowercase();
    let pod = match &sender.place {
        Place::Pod { namespace, name } => router.view.pod(namespace, name),
        _ => None,
    };
    if let Some(ip) = hosts_file(router.view, sender, pod, host.trim_end_matches('.')) {
        let record = Record { name: host.trim_end_matches('.').into(), kind: RecordType::A, data: ip };
        let records = if kind == RecordType::A { vec![record] } else { vec![] };
        let why = "stands in /etc/hosts".to_string();
        return Resolved { legs: vec![], at: now, server: String::new(), result: Ok(records), why };
    }
    let config = config(sender, pod);
    let question = if kind == RecordType::Ptr { reverse_name(&host) } else { host };
    let names = candidates(&question, &config);
    match config.server.as_str() {
        CLUSTER_DNS => ask_cluster(router, sender, names, kind, now),
        _ => ask_host(router.view, sender, config.server, names, kind, now),
    }
}

/// The names to try, in order.
fn candidates(host: &str, config: &Config) -> Vec<String> {
    if let Some(absolute) = host.strip_suffix('.') {
        return vec![absolute.into()];
    }
    let searched = config.searches.iter().take(MAX_SEARCHES).map(|domain| format!("{host}.{domain}"));
    let absolute = host.to_string();
    if host.matches('.').count() >= config.ndots {
        std::iter::once(absolute).chain(searched).collect()
    } else {
        searched.chain(std::iter::once(absolute)).collect()
    }
}

fn reverse_name(host: &str) -> String {
    match host.parse::<std::net::Ipv4Addr>() {
        Ok(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa.")
        }
        Err(_) => format!("{}.", host.trim_end_matches('.')),
    }
}

/// Mirrors pkg/kubelet/network/dns: what `dnsPolicy` and `dnsConfig` make of /etc/resolv.conf.
fn config(sender: &Sender, pod: Option<&Object>) -> Config {
    let Some(pod) = pod else {
        let server = if sender.node.is_some() { NODE_DNS } else { LAPTOP_DNS };
        return Config { server: server.into(), searches: vec![], ndots: 1 };
    };
    let spec = &pod["spec"];
    let cluster = match spec["dnsPolicy"].str() {
        "ClusterFirstWithHostNet" => true,
        "Default" | "None" => false,
        _ => !host_network(pod),
    };
    let mut config = Config { server: NODE_DNS.into(), searches: vec![], ndots: 1 };
    if cluster {
        let zone = ["svc.cluster.local", "cluster.local"].map(String::from);
        config.searches = std::iter::once(format!("{}.{}", pod.namespace(), zone[0])).chain(zone).collect();
        (config.server, config.ndots) = (CLUSTER_DNS.into(), CLUSTER_NDOTS);
    }
    let own = &spec["dnsConfig"];
    if let Some(server) = own["nameservers"][0].as_str().filter(|_| !cluster) {
        config.server = server.into();
    }
    config.searches.extend(own["searches"].items().iter().map(|s| s.str().to_string()));
    let ndots = own["options"].items().iter().find(|o| o["name"] == "ndots");
    config.ndots = ndots.and_then(|o| o["value"].str().parse().ok()).unwrap_or(config.ndots);
    config
}

/// What stands in /etc/hosts where the sender is.
fn hosts_file(view: &View, sender: &Sender, pod: Option<&Object>, name: &str) -> Option<String> {
    if name == "localhost" || name.ends_with(".localhost") {
        return Some("127.0.0.1".into());
    }
    if let Some(pod) = pod {
        let aliases = pod["spec"]["hostAliases"].items().iter();
        let alias = aliases.clone().find(|a| a["hostnames"].items().iter().any(|h| *h == name));
        if let Some(alias) = alias {
            return Some(alias["ip"].str().into());
        }
        let hostname = pod["spec"]["hostname"].as_str().unwrap_or(pod.name());
        if sender.own_network {
            return (name == hostname).then(|| sender.ip.clone());
        }
    }
    sender.node.as_ref()?;
    match name {
        "host.minikube.internal" => Some(LAPTOP_IP.into()),
        "control-plane.minikube.internal" => view.control_plane().map(|n| view.node_ip(n.name()).into()),
        _ => None,
    }
}

/// What the resolver of the nodes knows: the nodes themselves, and the internet.
pub fn upstream(view: &View, name: &str, kind: RecordType) -> Option<Vec<Record>> {
    let node = Some(view.node_ip(name)).filter(|ip| !ip.is_empty());
    let ip = node.or_else(|| outside::by_name(name).map(|site| site.address))?;
    let record = Record { name: name.into(), kind: RecordType::A, data: ip.into() };
    Some(if kind == RecordType::A { vec![record] } else { vec![] })
}

/// Asks CoreDNS, which must be reached first: the questions go to the Service kube-dns like any other packet.
fn ask_cluster(
    router: &mut Router<'_>,
    sender: &Sender,
    names: Vec<String>,
    kind: RecordType,
    now: Time,
) -> Resolved {
    let mut walk = Walk::begin(sender.place.clone(), now);
    let to = To { ip: CLUSTER_DNS, port: 53, protocol: "UDP" };
    let server = match router.route(&mut walk, sender, to) {
        Ok(Arrival::Target { to: Target::Pod { .. }, .. }) => CLUSTER_DNS.to_string(),
        other => {
            let why = match other {
                Err(lost) => lost.why,
                Ok(_) => "no CoreDNS listens there".into(),
            };
            let why = format!("the cluster's DNS does not answer: {why}");
            let result = Err(Error::Timeout);
            return Resolved { legs: walk.legs, at: now + TIMEOUT, server: String::new(), result, why };
        }
    };
    let round_trip = walk.way_back() * 2;
    let mut at = now;
    let mut exists = false;
    for name in &names {
        at += round_trip;
        let answer = match coredns::answer(router.view, name, kind, router.rng) {
            Answer::Forward => match forwarded(router.view, name, kind) {
                Some(records) => {
                    at += OUTSIDE;
                    Answer::Records(records)
                }
                None => Answer::NoSuchName,
            },
            answer => answer,
        };
        match answer {
            Answer::Records(records) if !records.is_empty() => {
                let why = format!("CoreDNS: {name} is {}", records[records.len() - 1].data);
                return Resolved { legs: walk.legs, at, server, result: Ok(records), why };
            }
            Answer::Records(_) => exists = true,
            Answer::NoSuchName | Answer::Forward => {}
        }
    }
    let why = format!("CoreDNS: no such name: {}", names.join(", "));
    let result = if exists { Ok(vec![]) } else { Err(Error::NoSuchHost { server: server.clone() }) };
    Resolved { legs: walk.legs, at, server, result, why }
}

/// What CoreDNS knows besides its zone: minikube's own name for the laptop, and what the node's resolver says.
fn forwarded(view: &View, name: &str, kind: RecordType) -> Option<Vec<Record>> {
    if name == "host.minikube.internal" {
        let record = Record { name: name.into(), kind: RecordType::A, data: LAPTOP_IP.into() };
        return Some(if kind == RecordType::A { vec![record] } else { vec![] });
    }
    upstream(view, name, kind)
}

/// Asks the resolver of the machine: it does not know the cluster.
fn ask_host(
    view: &View,
    sender: &Sender,
    server: String,
    names: Vec<String>,
    kind: RecordType,
    now: Time,
) -> Resolved {
    let of_laptop = |name: &str| outside::by_name(name).and_then(|_| upstream(view, name, kind));
    let known = names.iter().find_map(|name| match sender.node {
        Some(_) => upstream(view, name, kind),
        None => of_laptop(name),
    });
    let at = now + LOCAL + OUTSIDE;
    match known {
        Some(records) => {
            let why = format!("resolved by {server}");
            Resolved { legs: vec![], at, server, result: Ok(records), why }
        }
        None => {
            let mut why = format!("{} is not known to {server}", names[0]);
            if names[0].ends_with("cluster.local") || !names[0].contains('.') {
                why += ": names of services are known to pods only";
            }
            let result = Err(Error::NoSuchHost { server: server.clone() });
            Resolved { legs: vec![], at, server, result, why }
        }
    }
}
