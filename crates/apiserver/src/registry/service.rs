//! Services: cluster addresses, node ports, address families.
//! Mirrors pkg/registry/core/service/storage/alloc.go.
//!
//! Nothing is remembered of what is taken: the services in the store say it. So nothing can leak.

use super::prefix;
use crate::{ApiServer, same};
use apimachinery::status::FieldError;
use apimachinery::{Object, Status, Value};
use sim::Rng;
use sim::collections::BTreeSet;
use std::net::Ipv4Addr;

/// First address of the service range, 10.96.0.0/12.
const RANGE_BASE: u32 = u32::from_be_bytes([10, 96, 0, 0]);
/// How many addresses the range has.
const RANGE_SIZE: u32 = 1 << 20;
/// Addresses below this offset are kept for those who ask for a fixed one. Mirrors calculateRangeOffset.
const STATIC_IPS: u32 = 256;
/// First and last node port.
const NODE_PORTS: (u16, u16) = (30_000, 32_767);
/// Node ports below this offset are kept for those who ask for a fixed one.
const STATIC_PORTS: u16 = 86;
/// How often a random pick is tried before the range is searched from its beginning.
const RANDOM_TRIES: usize = 16;

/// Gives a service whatever addresses and ports it needs and has not, and checks those that it asks for.
/// `old` is the version before an update. With `dry_run` nothing is taken, and so the range of ports is not looked at, as
/// in the real allocator.
pub fn allocate(
    server: &mut ApiServer,
    service: &mut Object,
    old: Option<&Object>,
    dry_run: bool,
) -> Result<(), Status> {
    let mut errors = Vec::new();
    let mut taken = Taken::collect(server, old);
    taken.any_port = dry_run;
    families(service, &mut errors);
    if errors.is_empty() && needs_cluster_ip(service) {
        cluster_ip(&mut server.rng, &taken, service, old, &mut errors);
    }
    if errors.is_empty() && needs_node_ports(service) {
        node_ports(&mut server.rng, &taken, service, old, &mut errors);
    }
    if errors.is_empty() && needs_health_port(service) {
        health_port(&mut server.rng, &taken, service, old, &mut errors);
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(Status::invalid("", "Service", service.name(), &errors)),
    }
}

/// Takes over what was allocated before. Mirrors patchAllocatedValues.
pub fn prepare_update(service: &mut Object, old: &Object) {
    normalize_cluster_ips(service, Some(old));
    if needs_cluster_ip(service) && needs_cluster_ip(old) {
        for key in ["clusterIP", "clusterIPs"] {
            if service["spec"][key].is_empty() {
                service.set_at(&format!("spec.{key}"), &old["spec"][key]);
            }
        }
    }
    if needs_node_ports(service) && needs_node_ports(old) {
        keep_node_ports(service, old);
    }
    if needs_health_port(service)
        && needs_health_port(old)
        && service["spec"]["healthCheckNodePort"].int() == 0
    {
        service.set_at("spec.healthCheckNodePort", &old["spec"]["healthCheckNodePort"]);
    }
    if needs_health_port(old)
        && !needs_health_port(service)
        && same(&service["spec"]["healthCheckNodePort"], &old["spec"]["healthCheckNodePort"])
    {
        service.field_mut("spec").remove("healthCheckNodePort");
    }
}

/// Ports that name no node port get the one that the port of that name had, unless another asks for it.
fn keep_node_ports(service: &mut Object, old: &Object) {
    let (asked, before) = (ports_in(service), old["spec"]["ports"].items());
    for port in service.at_mut("spec.ports").array_mut() {
        let known =
            before.iter().find(|p| p["name"].str() == port["name"].str()).map_or(0, |p| p["nodePort"].int());
        if port["nodePort"].int() == 0 && known != 0 && !asked.contains(&known) {
            port.set("nodePort", known);
        }
    }
}

fn ports_in(service: &Object) -> BTreeSet<i64> {
    service["spec"]["ports"].items().iter().map(|p| p["nodePort"].int()).filter(|p| *p != 0).collect()
}

fn kind(service: &Object) -> &str {
    service["spec"]["type"].str()
}

fn needs_cluster_ip(service: &Object) -> bool {
    matches!(kind(service), "ClusterIP" | "NodePort" | "LoadBalancer")
}

fn needs_node_ports(service: &Object) -> bool {
    match kind(service) {
        "NodePort" => true,
        "LoadBalancer" => service["spec"]["allocateLoadBalancerNodePorts"].as_bool() != Some(false),
        _ => false,
    }
}

fn needs_health_port(service: &Object) -> bool {
    kind(service) == "LoadBalancer" && service["spec"]["externalTrafficPolicy"] == "Local"
}

/// Keeps `clusterIP` and `clusterIPs[0]` the same thing. Mirrors NormalizeClusterIPs.
fn normalize_cluster_ips(service: &mut Object, old: Option<&Object>) {
    let (one, many) = (service["spec"]["clusterIP"].clone(), service["spec"]["clusterIPs"].clone());
    let Some(old) = old else {
        if !one.is_empty() && many.is_empty() {
            service.set_at("spec.clusterIPs", vec![one]);
        }
        return;
    };
    let same_list = same(&many, &old["spec"]["clusterIPs"]);
    if one.str() != old["spec"]["clusterIP"].str() {
        match (one.str(), same_list || many.is_empty()) {
            ("", true) => drop(service.field_mut("spec").remove("clusterIPs")),
            (_, true) => service.set_at("spec.clusterIPs", vec![one]),
            _ => {}
        }
    } else if many.is_empty() && !old["spec"]["clusterIPs"].is_empty() && one.str() == "None" {
        service.set_at("spec.clusterIPs", vec![one]);
    }
}

/// This cluster has IPv4 only. Mirrors initIPFamilyFields.
fn families(service: &mut Object, errors: &mut Vec<FieldError>) {
    if !needs_cluster_ip(service) {
        return;
    }
    let spec = &service["spec"];
    let headless = spec["clusterIP"] == "None" || spec["clusterIPs"][0] == "None";
    let (policy, selectorless) = (spec["ipFamilyPolicy"].clone(), spec["selector"].is_empty());
    if policy == "RequireDualStack" && !(headless && selectorless) {
        let why = "this cluster is not configured for dual-stack services";
        errors.push(FieldError::invalid("spec.ipFamilyPolicy", &policy, why));
    }
    for (i, family) in spec["ipFamilies"].items().iter().enumerate() {
        if *family != "IPv4" && !(headless && selectorless) {
            let why = "not configured on this cluster";
            errors.push(FieldError::invalid(format!("spec.ipFamilies[{i}]"), family, why));
        }
    }
    let special = headless && selectorless && policy.is_null();
    if policy.is_null() {
        service.set_at("spec.ipFamilyPolicy", if special { "RequireDualStack" } else { "SingleStack" });
    }
    if service["spec"]["ipFamilies"].is_empty() {
        let list = if special { vec!["IPv4", "IPv6"] } else { vec!["IPv4"] };
        service.set_at("spec.ipFamilies", list);
    }
}

/// Addresses and node ports that other services have.
struct Taken {
    ips: BTreeSet<u32>,
    ports: BTreeSet<u16>,
    /// Whether ports outside the range do as well.
    any_port: bool,
}

impl Taken {
    fn collect(server: &ApiServer, own: Option<&Object>) -> Taken {
        let mut taken = Taken { ips: BTreeSet::new(), ports: BTreeSet::new(), any_port: false };
        for (_, entry) in server.store.range(&prefix(&api::service::RESOURCE, "")) {
            let service = &entry.value;
            if own.is_some_and(|own| own.uid() == service.uid()) {
                continue;
            }
            taken.ips.extend(service["spec"]["clusterIPs"].items().iter().filter_map(|ip| address(ip.str())));
            taken.ports.extend(ports_in(service).into_iter().map(|p| p as u16));
            let health = service["spec"]["healthCheckNodePort"].int();
            taken.ports.extend((health != 0).then_some(health as u16));
        }
        taken
    }
}

fn address(text: &str) -> Option<u32> {
    text.parse::<Ipv4Addr>().ok().map(u32::from)
}

fn cluster_ip(
    rng: &mut Rng,
    taken: &Taken,
    service: &mut Object,
    old: Option<&Object>,
    errors: &mut Vec<FieldError>,
) {
    normalize_cluster_ips(service, None);
    let asked = service["spec"]["clusterIPs"].clone();
    let first = asked[0].str();
    // An address is for life; validation refuses another one.
    let settled = old.is_some_and(|old| !old["spec"]["clusterIPs"].is_empty()) && !first.is_empty();
    if settled || first == "None" {
        service.set_at("spec.clusterIP", first);
        return;
    }
    let problem = match address(first) {
        _ if first.is_empty() => None,
        Some(ip) if !(RANGE_BASE + 1..RANGE_BASE + RANGE_SIZE - 1).contains(&ip) => {
            Some("the provided network does not match the current range")
        }
        Some(ip) if taken.ips.contains(&ip) => Some("provided IP is already allocated"),
        _ => None,
    };
    if let Some(problem) = problem {
        let why = format!("failed to allocate IP {first}: {problem}");
        errors.push(FieldError::invalid("spec.clusterIPs", &asked, &why));
        return;
    }
    let ip: Value = match first {
        "" => match free_ip(rng, taken) {
            Some(ip) => Ipv4Addr::from(ip).to_string().into(),
            None => {
                let why = "failed to allocate a serviceIP: range is full";
                errors.push(FieldError::invalid("spec.clusterIPs", &asked, why));
                return;
            }
        },
        fixed => fixed.into(),
    };
    service.set_at("spec.clusterIP", ip.clone());
    service.set_at("spec.clusterIPs", vec![ip]);
}

fn free_ip(rng: &mut Rng, taken: &Taken) -> Option<u32> {
    let span = RANGE_SIZE - STATIC_IPS - 2;
    let random = (0..RANDOM_TRIES).map(|_| RANGE_BASE + STATIC_IPS + 1 + rng.below(span.into()) as u32);
    random.chain(RANGE_BASE + 1..RANGE_BASE + RANGE_SIZE - 1).find(|ip| !taken.ips.contains(ip))
}

fn free_port(rng: &mut Rng, taken: &Taken, own: &BTreeSet<u16>) -> Option<u16> {
    let (first, last) = NODE_PORTS;
    let span = last - first - STATIC_PORTS + 1;
    let random = (0..RANDOM_TRIES).map(|_| first + STATIC_PORTS + rng.below(span.into()) as u16);
    random.chain(first..=last).find(|port| !taken.ports.contains(port) && !own.contains(port))
}

/// Why a node port that was asked for cannot be had.
fn port_problem(port: i64, taken: &Taken) -> Option<String> {
    let (first, last) = NODE_PORTS;
    if !taken.any_port && !(i64::from(first)..=i64::from(last)).contains(&port) {
        let why = "provided port is not in the valid range. The range of valid ports is";
        return Some(format!("{why} {first}-{last}"));
    }
    taken.ports.contains(&(port as u16)).then(|| "provided port is already allocated".into())
}

fn node_ports(
    rng: &mut Rng,
    taken: &Taken,
    service: &mut Object,
    old: Option<&Object>,
    errors: &mut Vec<FieldError>,
) {
    let before = old.map(ports_in).unwrap_or_default();
    let mut own: BTreeSet<u16> = ports_in(service).into_iter().map(|p| p as u16).collect();
    for (i, port) in service.at_mut("spec.ports").array_mut().iter_mut().enumerate() {
        let asked = port["nodePort"].int();
        if asked == 0 {
            match free_port(rng, taken, &own) {
                Some(free) => {
                    own.insert(free);
                    port.set("nodePort", free);
                }
                None => {
                    let why = "failed to allocate a nodePort: range is full";
                    errors.push(FieldError::invalid(
                        format!("spec.ports[{i}].nodePort"),
                        &Value::Int(0),
                        why,
                    ));
                }
            }
        } else if !before.contains(&asked)
            && let Some(why) = port_problem(asked, taken)
        {
            errors.push(FieldError::invalid(format!("spec.ports[{i}].nodePort"), &Value::Int(asked), &why));
        }
    }
}

fn health_port(
    rng: &mut Rng,
    taken: &Taken,
    service: &mut Object,
    old: Option<&Object>,
    errors: &mut Vec<FieldError>,
) {
    const FIELD: &str = "spec.healthCheckNodePort";
    let asked = service["spec"]["healthCheckNodePort"].int();
    if asked != 0 {
        let known = old.is_some_and(|old| old["spec"]["healthCheckNodePort"].int() == asked);
        if let Some(why) = port_problem(asked, taken).filter(|_| !known) {
            errors.push(FieldError::invalid(FIELD, &Value::Int(asked), &why));
        }
        return;
    }
    let own = ports_in(service).into_iter().map(|p| p as u16).collect();
    if let Some(port) = free_port(rng, taken, &own) {
        service.set_at(FIELD, port);
    }
}
