//! EndpointSlice.

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::{age, at_most_three, column};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "endpointslice",
    schema: "EndpointSlice",
    defaults,
    validate: validation::validate,
    validate_update: validation::validate_update,
    generation: Some(changed),
    columns: &[column("Name"), column("AddressType"), column("Ports"), column("Endpoints"), column("Age")],
    row,
    ..BASE
};

/// Mirrors SetDefaults_EndpointPort.
fn defaults(slice: &mut Value) {
    if slice["ports"].items().iter().all(|p| !p["name"].is_null() && !p["protocol"].is_null()) {
        return;
    }
    for port in slice.field_mut("ports").array_mut() {
        for (key, default) in [("name", ""), ("protocol", "TCP")] {
            if port[key].is_null() {
                port.set(key, default);
            }
        }
    }
}

/// Everything but the metadata counts. Mirrors endpointSliceStrategy.PrepareForUpdate.
fn changed(new: &Object, old: &Object) -> bool {
    ["addressType", "endpoints", "ports"].iter().any(|key| new[*key] != old[*key])
        || new.labels() != old.labels()
}

fn row(slice: &Object, now: Time) -> Vec<Value> {
    vec![
        slice.name().into(),
        slice["addressType"].clone(),
        format_ports(&slice["ports"]).into(),
        format_endpoints(&slice["endpoints"]).into(),
        age(slice, now),
    ]
}

/// Mirrors formatDiscoveryPorts.
fn format_ports(ports: &Value) -> String {
    if ports.items().is_empty() {
        return "<unset>".into();
    }
    let port = |p: &Value| match (p["port"].as_i64(), p["name"].as_str()) {
        (Some(number), _) => number.to_string(),
        (None, Some(name)) => name.into(),
        (None, None) => "*".into(),
    };
    at_most_three(&ports.items().iter().map(port).collect::<Vec<_>>())
}

/// Mirrors formatDiscoveryEndpoints.
fn format_endpoints(endpoints: &Value) -> String {
    if endpoints.items().is_empty() {
        return "<unset>".into();
    }
    let addresses = endpoints.items().iter().flat_map(|e| e["addresses"].items());
    at_most_three(&addresses.map(|a| a.str().to_string()).collect::<Vec<_>>())
}
