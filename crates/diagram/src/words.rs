//! What things say about themselves: the text twin of each shape.

use crate::PodState;
use apimachinery::{Object, Value};

/// An object's name, with its namespace where that is not `default`.
pub(crate) fn display_name(object: &Object) -> String {
    match object.namespace() {
        "" | "default" => object.name().into(),
        namespace => format!("{namespace}/{}", object.name()),
    }
}

/// The end of a generated name: `web-7c5b86fcf9-4kxh7` is told from its siblings by `4kxh7`.
pub(crate) fn short_name(name: &str, owned: bool) -> String {
    let end = name.rsplit('-').next().unwrap_or(name);
    let short = if owned { end } else { name };
    if short.chars().count() <= 9 { short.into() } else { short.chars().take(8).chain(['…']).collect() }
}

/// A Service's type and the way of its first ports: `NodePort 30080 → 80 → 8080`; a load balancer's address as kubectl
/// shows it.
pub(crate) fn service_detail(service: &Object) -> String {
    let spec = &service["spec"];
    let kind = spec["type"].str();
    if kind == "ExternalName" {
        return format!("ExternalName → {}", spec["externalName"].str());
    }
    let kind = if spec["clusterIP"] == "None" { "headless" } else { kind };
    let ports: Vec<String> = spec["ports"].items().iter().take(2).map(ports).collect();
    let more = if spec["ports"].items().len() > 2 { ", …" } else { "" };
    let external = match (kind, service.at("status.loadBalancer.ingress")[0]["ip"].str()) {
        ("LoadBalancer", "") => " · EXTERNAL-IP <pending>".to_string(),
        ("LoadBalancer", ip) => format!(" · EXTERNAL-IP {ip}"),
        _ => String::new(),
    };
    format!("{kind} {}{more}{external}", ports.join(", "))
}

/// Whether a Service has a port on every node.
pub(crate) fn has_node_port(service: &Object) -> bool {
    service.at("spec.ports").items().iter().any(|p| p["nodePort"].int() != 0)
}

fn ports(port: &Value) -> String {
    let number = |v: &Value| v.as_str().map_or_else(|| v.int().to_string(), str::to_string);
    let mut way = vec![number(&port["port"])];
    if port["nodePort"].int() != 0 {
        way.insert(0, number(&port["nodePort"]));
    }
    if !port["targetPort"].is_null() && number(&port["targetPort"]) != way[way.len() - 1] {
        way.push(number(&port["targetPort"]));
    }
    way.join(" → ")
}

/// A node's address and role.
pub(crate) fn node_detail(node: &Object) -> String {
    let internal = |a: &&Value| a["type"] == "InternalIP";
    let address =
        node.at("status.addresses").items().iter().find(internal).map_or("", |a| a["address"].str());
    match node.label("node-role.kubernetes.io/control-plane") {
        Some(_) => format!("{address} · control plane"),
        None => address.into(),
    }
}

/// Ready containers of all, and restarts.
pub(crate) fn containers(pod: &Object) -> (String, i64) {
    let statuses = pod.at("status.containerStatuses").items();
    let ready = statuses.iter().filter(|c| c["ready"].is_true()).count();
    let restarts = statuses.iter().map(|c| c["restartCount"].int()).sum();
    (format!("{ready}/{}", pod.at("spec.containers").items().len()), restarts)
}

pub(crate) fn pod(pod: &Object, state: &PodState, containers: &str, restarts: i64) -> String {
    let place = match pod.at("spec.nodeName").str() {
        "" => "on no node".to_string(),
        node => format!("on {node}"),
    };
    let address = match pod.at("status.podIP").str() {
        "" => String::new(),
        ip => format!(", address {ip}"),
    };
    let restarts = if restarts > 0 { format!(", {restarts} restarts") } else { String::new() };
    format!(
        "Pod {}, {} {place}{address}, {containers} containers ready{restarts}",
        display_name(pod),
        state.text()
    )
}

pub(crate) fn service(name: &str, detail: &str, selector: &str, ready: Option<(usize, usize)>) -> String {
    let Some((ready, all)) = ready else { return format!("Service {name}, {detail}") };
    let selects = if selector.is_empty() { "no selector".to_string() } else { format!("selects {selector}") };
    format!("Service {name}, {detail}, {selects}, {ready} of {all} endpoints ready")
}

pub(crate) fn node(
    name: &str,
    detail: &str,
    ready: bool,
    running: bool,
    cordoned: bool,
    pods: usize,
) -> String {
    let state = match (running, ready) {
        (false, _) => "its machine is switched off",
        (true, true) => "Ready",
        (true, false) => "NotReady",
    };
    let cordoned = if cordoned { ", takes no new pods" } else { "" };
    format!("Node {name}, {detail}, {state}{cordoned}, {pods} pods")
}

/// An image without its registry: `jocatalin/kubernetes-bootcamp:v2`.
pub(crate) fn short_image(image: &str) -> String {
    let parts: Vec<&str> = image.split('/').collect();
    parts[parts.len().saturating_sub(1)].into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn a_load_balancer_says_its_address_or_that_it_waits_for_one() {
        let detail = |kind: &str, ingress: Value| {
            let spec = json!({"type": kind, "ports": [{"port": 80, "nodePort": 30080, "targetPort": 8080}]});
            let service = json!({"spec": spec, "status": {"loadBalancer": {"ingress": ingress}}});
            service_detail(&Object::from(service))
        };
        let way = "30080 → 80 → 8080";
        assert_eq!(detail("NodePort", json!([])), format!("NodePort {way}"));
        assert_eq!(detail("LoadBalancer", json!([])), format!("LoadBalancer {way} · EXTERNAL-IP <pending>"));
        let ip = json!([{"ip": "10.96.1.2"}]);
        assert_eq!(detail("LoadBalancer", ip), format!("LoadBalancer {way} · EXTERNAL-IP 10.96.1.2"));
    }
}
