//! The cluster's zone, `cluster.local`. Mirrors CoreDNS' kubernetes plugin with `pods insecure`, as minikube sets it up.

use crate::kube_proxy::endpoints;
use crate::view::View;
use apimachinery::{Object, Value};
use sim::Rng;
use sim::net::{Record, RecordType};

/// The zone.
const ZONE: &str = "cluster.local";
/// How many CNAMEs are followed.
const MAX_CNAMES: usize = 8;

/// What CoreDNS says to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// These records; none when the name exists but has no record of that type.
    Records(Vec<Record>),
    /// NXDOMAIN.
    NoSuchName,
    /// It is no name of the cluster: others are asked.
    Forward,
}

/// Answers a question. `name` is fully qualified, in lower case and without the last dot.
pub fn answer(view: &View, name: &str, kind: RecordType, rng: &mut Rng) -> Answer {
    if let Some(reverse) = name.strip_suffix(".in-addr.arpa") {
        return pointer(view, name, reverse);
    }
    let Some(relative) = name.strip_suffix(ZONE) else { return Answer::Forward };
    if !(relative.is_empty() || relative.ends_with('.')) {
        return Answer::Forward;
    }
    let labels: Vec<&str> = relative.trim_end_matches('.').rsplit('.').filter(|l| !l.is_empty()).collect();
    let namespace_exists = |name: &str| view.namespaces.get(name).is_some();
    match labels.as_slice() {
        [] | ["svc" | "pod"] => Answer::Records(vec![]),
        ["svc" | "pod", namespace] if namespace_exists(namespace) => Answer::Records(vec![]),
        ["pod", namespace, dashed] if namespace_exists(namespace) => pod(name, dashed, kind),
        ["svc", namespace, service, rest @ ..] if rest.len() <= 2 => match view.service(namespace, service) {
            Some(service) => of_service(view, service, name, rest, kind, rng),
            None => Answer::NoSuchName,
        },
        _ => Answer::NoSuchName,
    }
}

fn record(name: &str, kind: RecordType, data: impl Into<String>) -> Record {
    Record { name: name.into(), kind, data: data.into() }
}

/// `10-244-1-3.default.pod.cluster.local`: any address will do, whether a pod has it or not.
fn pod(name: &str, dashed: &str, kind: RecordType) -> Answer {
    let ip = dashed.replace('-', ".");
    match (ip.parse::<std::net::Ipv4Addr>(), kind) {
        (Err(_), _) => Answer::NoSuchName,
        (Ok(_), RecordType::A) => Answer::Records(vec![record(name, RecordType::A, ip)]),
        (Ok(_), _) => Answer::Records(vec![]),
    }
}

/// A name of a Service: itself, one of its ports (`_http._tcp`), or one of its endpoints.
fn of_service(
    view: &View,
    service: &Object,
    name: &str,
    rest: &[&str],
    kind: RecordType,
    rng: &mut Rng,
) -> Answer {
    let spec = &service["spec"];
    if spec["type"] == "ExternalName" {
        return match rest {
            [] => external(view, name, spec["externalName"].str(), kind, rng),
            _ => Answer::NoSuchName,
        };
    }
    // From the right: `[protocol, port]` or `[endpoint]`.
    let (port, endpoint) = match rest {
        [] => (None, None),
        [protocol, port] => match (protocol.strip_prefix('_'), port.strip_prefix('_')) {
            (Some(protocol), Some(port)) => (Some((port, protocol)), None),
            _ => return Answer::NoSuchName,
        },
        [endpoint, ..] => (None, Some(*endpoint)),
    };
    let own = format!("{}.{}.svc.{ZONE}", service.name(), service.namespace());
    let mut found = match (spec["clusterIP"].str(), endpoint) {
        (ip, None) if ip != "None" => match wanted_ports(&spec["ports"], port) {
            ports if ports.is_empty() && port.is_some() => Vec::new(),
            ports => vec![(own.clone(), ip.to_string(), ports)],
        },
        (_, endpoint) => of_endpoints(view, service, &own, endpoint, port),
    };
    if found.is_empty() {
        return Answer::NoSuchName;
    }
    // Mirrors the plugin loadbalance: another order each time.
    let len = found.len() as u64;
    found.rotate_left(rng.below(len) as usize);
    Answer::Records(match kind {
        RecordType::A => found.into_iter().map(|(_, ip, _)| record(name, kind, ip)).collect(),
        RecordType::Srv => {
            let weight = 100 / len;
            let of = |(target, _, ports): &(String, String, Vec<i64>)| {
                let records = ports.iter().map(|p| record(name, kind, format!("0 {weight} {p} {target}")));
                records.collect::<Vec<_>>()
            };
            found.iter().flat_map(of).collect()
        }
        _ => Vec::new(),
    })
}

/// Numbers of the ports, or of the one that is asked for as (name, protocol).
fn wanted_ports(ports: &Value, wanted: Option<(&str, &str)>) -> Vec<i64> {
    let is = |p: &&Value| {
        let protocol = if p["protocol"].str().is_empty() { "tcp" } else { p["protocol"].str() };
        wanted.is_none_or(|(name, proto)| {
            p["name"].str().eq_ignore_ascii_case(name) && protocol.eq_ignore_ascii_case(proto)
        })
    };
    ports.items().iter().filter(is).map(|p| p["port"].int()).collect()
}

/// The ready endpoints as (name, address, ports).
fn of_endpoints(
    view: &View,
    service: &Object,
    own: &str,
    wanted: Option<&str>,
    port: Option<(&str, &str)>,
) -> Vec<(String, String, Vec<i64>)> {
    let mut found = Vec::new();
    for slice in view.slices_of(service).filter(|s| s["addressType"] != "IPv6") {
        let ports = wanted_ports(&slice["ports"], port);
        if ports.is_empty() && port.is_some() {
            continue;
        }
        let ready = |e: &&Value| e["conditions"]["ready"].as_bool().unwrap_or(true);
        for endpoint in slice["endpoints"].items().iter().filter(ready) {
            let ip = endpoint["addresses"][0].str();
            let host = match endpoint["hostname"].str() {
                "" => ip.replace('.', "-"),
                host => host.to_string(),
            };
            if wanted.is_none_or(|wanted| wanted == host) {
                found.push((format!("{host}.{own}"), ip.to_string(), ports.clone()));
            }
        }
    }
    found
}

/// ExternalName: another name, and what that leads to.
fn external(view: &View, name: &str, target: &str, kind: RecordType, rng: &mut Rng) -> Answer {
    let mut records = vec![record(name, RecordType::Cname, target)];
    let mut target = target.trim_end_matches('.').to_ascii_lowercase();
    for _ in 0..MAX_CNAMES {
        let alias = target.strip_suffix(&format!(".svc.{ZONE}")).and_then(|n| n.split_once('.'));
        let next = alias.and_then(|(name, namespace)| view.service(namespace, name));
        match next.filter(|s| s["spec"]["type"] == "ExternalName") {
            Some(service) => {
                let further = service["spec"]["externalName"].str();
                records.push(record(&target, RecordType::Cname, further));
                target = further.trim_end_matches('.').to_ascii_lowercase();
            }
            None => break,
        }
    }
    if kind != RecordType::Cname {
        match answer_unless_external(view, &target, kind, rng) {
            Answer::Records(more) => records.extend(more),
            Answer::Forward => records.extend(crate::dns::upstream(view, &target, kind).unwrap_or_default()),
            Answer::NoSuchName => {}
        }
    }
    Answer::Records(records)
}

/// As [`answer`], but a chain of names that leads back to itself ends here.
fn answer_unless_external(view: &View, name: &str, kind: RecordType, rng: &mut Rng) -> Answer {
    let alias = name.strip_suffix(&format!(".svc.{ZONE}")).and_then(|n| n.split_once('.'));
    let service = alias.and_then(|(name, namespace)| view.service(namespace, name));
    match service {
        Some(service) if service["spec"]["type"] == "ExternalName" => Answer::NoSuchName,
        _ => answer(view, name, kind, rng),
    }
}

/// `10.0.96.10.in-addr.arpa`: the name of a Service or of an endpoint.
fn pointer(view: &View, name: &str, reverse: &str) -> Answer {
    let ip = reverse.rsplit('.').collect::<Vec<_>>().join(".");
    let service = view.services_at(&ip).find(|s| s["spec"]["clusterIP"] == ip.as_str());
    let own = |s: &Object| format!("{}.{}.svc.{ZONE}", s.name(), s.namespace());
    if let Some(service) = service {
        return Answer::Records(vec![record(name, RecordType::Ptr, own(service))]);
    }
    let mut services = view.all_services().filter(|s| s["spec"]["clusterIP"] == "None");
    let endpoint = services.find_map(|s| {
        let mut all = of_endpoints(view, s, &own(s), None, None).into_iter();
        all.find(|(_, address, _)| *address == ip).map(|(name, ..)| name)
    });
    let by_pod_service = || {
        let mut services = view.all_services().filter(|s| s["spec"]["clusterIP"] != "None");
        services.find_map(|s| {
            let ports = s["spec"]["ports"].items().iter();
            let has = |p: &Value| endpoints(view, s, p).iter().any(|e| e.ready && e.ip == ip);
            ports.clone().any(has).then(|| format!("{}.{}", ip.replace('.', "-"), own(s)))
        })
    };
    match endpoint.or_else(by_pod_service) {
        Some(target) => Answer::Records(vec![record(name, RecordType::Ptr, target)]),
        None => Answer::Forward,
    }
}
