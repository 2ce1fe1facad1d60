//! Ingress: which HTTP requests go to which Service. It asks for a controller, and a new cluster has none, as with the
//! real minikube: until one writes an address into its status, nobody listens.

mod validation;

use crate::kind::{BASE, Kind, spec_changed, status_of};
use crate::meta::{age, at_most_three, column, or};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "networking.k8s.io",
    version: "v1",
    kind: "Ingress",
    plural: "ingresses",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "ingress",
    short_names: &["ing"],
    subresources: &[status_of("Ingress")],
    schema: "Ingress",
    validate: validation::validate,
    validate_update: |new, _| validation::validate(new),
    generation: Some(spec_changed),
    columns: &[
        column("Name"),
        column("Class"),
        column("Hosts"),
        column("Address"),
        column("Ports"),
        column("Age"),
    ],
    row,
    ..BASE
};

/// Mirrors printIngress.
fn row(ingress: &Object, now: Time) -> Vec<Value> {
    let spec = &ingress["spec"];
    let hosts: Vec<String> = spec["rules"]
        .items()
        .iter()
        .map(|r| r["host"].str())
        .filter(|h| !h.is_empty())
        .map(String::from)
        .collect();
    let hosts = if hosts.is_empty() { "*".to_string() } else { at_most_three(&hosts) };
    let ports = if spec["tls"].is_empty() { "80" } else { "80, 443" };
    vec![
        ingress.name().into(),
        or(spec["ingressClassName"].str(), "<none>").into(),
        hosts.into(),
        addresses(ingress).into(),
        ports.into(),
        age(ingress, now),
    ]
}

/// Where it can be reached. Mirrors ingressLoadBalancerStatusStringer.
pub fn addresses(ingress: &Object) -> String {
    let entries = ingress.at("status.loadBalancer.ingress").items().iter();
    let texts: Vec<&str> =
        entries.map(|e| if e["ip"].is_empty() { e["hostname"].str() } else { e["ip"].str() }).collect();
    texts.join(",")
}
