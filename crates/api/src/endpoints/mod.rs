//! Endpoints.

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::{age, at_most_three, column};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Endpoints", plural: "endpoints", namespaced: true };

/// What the API server says to everyone who uses it.
pub const DEPRECATION: &str = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "endpoints",
    short_names: &["ep"],
    schema: "Endpoints",
    validate: validation::validate,
    validate_update: |new, _| validation::validate(new),
    columns: &[column("Name"), column("Endpoints"), column("Age")],
    row,
    ..BASE
};

fn row(endpoints: &Object, now: Time) -> Vec<Value> {
    vec![endpoints.name().into(), format_endpoints(endpoints).into(), age(endpoints, now)]
}

/// The ready addresses with their ports: three, and how many more. Mirrors formatEndpoints.
pub fn format_endpoints(endpoints: &Value) -> String {
    let subsets = endpoints["subsets"].items();
    if subsets.is_empty() {
        return "<none>".into();
    }
    let mut list = Vec::new();
    for subset in subsets {
        let addresses = || subset["addresses"].items().iter().map(|a| a["ip"].str());
        if subset["ports"].items().is_empty() {
            list.extend(addresses().map(str::to_string));
        }
        for port in subset["ports"].items() {
            list.extend(addresses().map(|ip| match ip.contains(':') {
                true => format!("[{ip}]:{}", port["port"].int()),
                false => format!("{ip}:{}", port["port"].int()),
            }));
        }
    }
    at_most_three(&list)
}
