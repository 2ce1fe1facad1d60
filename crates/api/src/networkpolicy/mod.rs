//! NetworkPolicy: who may talk with the pods of a namespace. What it says is done in the network.

mod validation;

use crate::kind::{BASE, Kind, spec_changed};
use crate::meta::{age, column};
use apimachinery::{Object, Resource, Value, labels};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "networking.k8s.io",
    version: "v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "networkpolicy",
    short_names: &["netpol"],
    schema: "NetworkPolicy",
    defaults,
    validate: validation::validate,
    validate_update: |new, _| validation::validate(new),
    generation: Some(spec_changed),
    columns: &[column("Name"), column("Pod-Selector"), column("Age")],
    row,
    ..BASE
};

/// Mirrors SetDefaults_NetworkPolicy.
fn defaults(policy: &mut Value) {
    let spec = policy.field_mut("spec");
    if spec["policyTypes"].is_empty() {
        let egress = !spec["egress"].is_empty();
        spec.set("policyTypes", if egress { vec!["Ingress", "Egress"] } else { vec!["Ingress"] });
    }
}

/// Mirrors printNetworkPolicy.
fn row(policy: &Object, now: Time) -> Vec<Value> {
    let selector = labels::format_selector(policy.at("spec.podSelector"));
    vec![policy.name().into(), selector.into(), age(policy, now)]
}
