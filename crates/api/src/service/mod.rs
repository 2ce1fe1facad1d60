//! Service.

mod strategy;
mod validation;

use crate::kind::{BASE, Kind, Subresource, status_of};
use crate::meta::{age, column, or, wide};
use apimachinery::{Object, Resource, Value, labels};
use sim::Order;
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Service", plural: "services", namespaced: true };

/// How long session affinity lasts unless said, in seconds. Mirrors DefaultClientIPServiceAffinitySeconds.
const AFFINITY_SECONDS: i64 = 10_800;

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "service",
    short_names: &["svc"],
    categories: &["all"],
    subresources: &[
        Subresource {
            name: "proxy",
            kind: "ServiceProxyOptions",
            group_version: None,
            verbs: &["create", "delete", "get", "patch", "update"],
        },
        status_of("Service"),
    ],
    schema: "Service",
    defaults,
    name_errors: apimachinery::labels::dns1123_label_errors,
    validate: validation::validate,
    validate_update: validation::validate_update,
    warnings: validation::warnings,
    strategy_create: strategy::create,
    strategy_update: strategy::update,
    fields: |service| {
        let text = |key: &str| service["spec"][key].str().to_string();
        vec![("spec.clusterIP", text("clusterIP")), ("spec.type", text("type"))]
    },
    columns: &[
        column("Name"),
        column("Type"),
        column("Cluster-IP"),
        column("External-IP"),
        column("Port(s)"),
        column("Age"),
        wide("Selector"),
    ],
    row,
    ..BASE
};

/// Mirrors SetDefaults_Service.
fn defaults(service: &mut Value) {
    let Some(spec) = service.get("spec") else { return };
    let mut spec = spec.clone();
    if spec["sessionAffinity"] == "None" {
        spec.remove("sessionAffinityConfig");
    } else if spec["sessionAffinity"] == "ClientIP"
        && spec.at("sessionAffinityConfig.clientIP.timeoutSeconds").is_null()
    {
        spec.set_at("sessionAffinityConfig.clientIP.timeoutSeconds", AFFINITY_SECONDS);
    }
    if !spec["ports"].items().is_empty() {
        for port in spec.field_mut("ports").array_mut() {
            if matches!(&port["targetPort"], Value::Int(0)) || port["targetPort"].is_empty() {
                let number = port["port"].clone();
                port.set("targetPort", number);
            }
        }
    }
    let ty = spec["type"].str().to_string();
    let inside = matches!(ty.as_str(), "ClusterIP" | "NodePort" | "LoadBalancer");
    let outside = matches!(ty.as_str(), "NodePort" | "LoadBalancer")
        || (ty == "ClusterIP" && !spec["externalIPs"].items().is_empty());
    if outside && spec["externalTrafficPolicy"].is_null() {
        spec.set("externalTrafficPolicy", "Cluster");
    }
    if inside && spec["internalTrafficPolicy"].is_null() {
        spec.set("internalTrafficPolicy", "Cluster");
    }
    if ty == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"].is_null() {
        spec.set("allocateLoadBalancerNodePorts", true);
    }
    service.set("spec", spec);
}

/// Mirrors printService.
fn row(service: &Object, now: Time) -> Vec<Value> {
    let spec = &service["spec"];
    let cluster_ip = or(spec["clusterIPs"][0].str(), spec["clusterIP"].str());
    vec![
        service.name().into(),
        spec["type"].clone(),
        or(cluster_ip, "<none>").into(),
        external_ip(service).into(),
        or(&ports(&spec["ports"]), "<none>").into(),
        age(service, now),
        labels::format(&spec["selector"]).into(),
    ]
}

/// Mirrors getServiceExternalIP.
fn external_ip(service: &Object) -> String {
    let spec = &service["spec"];
    let external: Vec<String> = spec["externalIPs"].items().iter().map(|ip| ip.str().to_string()).collect();
    match spec["type"].str() {
        "ClusterIP" | "NodePort" if external.is_empty() => "<none>".into(),
        "ClusterIP" | "NodePort" => external.join(","),
        "LoadBalancer" => {
            let ingress = service["status"]["loadBalancer"]["ingress"].items();
            let mut all: Vec<String> =
                ingress.iter().map(|i| or(i["ip"].str(), i["hostname"].str()).to_string()).collect();
            all.order();
            all.dedup();
            all.extend(external);
            if all.is_empty() { "<pending>".into() } else { all.join(",") }
        }
        "ExternalName" => spec["externalName"].str().into(),
        _ => "<unknown>".into(),
    }
}

/// `80/TCP,443:30443/TCP`. Mirrors makePortString.
pub fn ports(ports: &Value) -> String {
    let port = |p: &Value| match p["nodePort"].int() {
        0 => format!("{}/{}", p["port"].int(), p["protocol"].str()),
        node_port => format!("{}:{node_port}/{}", p["port"].int(), p["protocol"].str()),
    };
    ports.items().iter().map(port).collect::<Vec<_>>().join(",")
}
