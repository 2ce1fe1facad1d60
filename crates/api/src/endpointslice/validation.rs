//! Mirrors ValidateEndpointSlice in pkg/apis/discovery/validation.

use crate::meta::{immutable, ip_error, port, protocol};
use apimachinery::labels::{dns1123_label_errors, dns1123_subdomain_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// How many endpoints a slice may have. Mirrors maxEndpoints.
const MAX_ENDPOINTS: usize = 1000;
/// How many addresses an endpoint may have. Mirrors maxAddresses.
const MAX_ADDRESSES: usize = 100;
/// How many ports a slice may have. Mirrors maxPorts.
const MAX_PORTS: usize = 20_000;

/// What is wrong with a new object.
pub fn validate(slice: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let kind = &slice["addressType"];
    match kind.str() {
        "" => errors.push(FieldError::required("addressType", "")),
        "IPv4" | "IPv6" | "FQDN" => {}
        _ => errors.push(FieldError::not_supported("addressType", kind, &["FQDN", "IPv4", "IPv6"])),
    }
    let endpoints = slice["endpoints"].items();
    if endpoints.len() > MAX_ENDPOINTS {
        errors.push(FieldError::too_many("endpoints", endpoints.len(), MAX_ENDPOINTS));
    }
    for (i, endpoint) in endpoints.iter().enumerate() {
        errors.extend(validate_endpoint(endpoint, kind.str(), &format!("endpoints[{i}]")));
    }
    errors.extend(validate_ports(slice["ports"].items()));
    errors
}

fn validate_endpoint(endpoint: &Value, kind: &str, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let addresses = endpoint["addresses"].items();
    match addresses.len() {
        0 => {
            errors.push(FieldError::required(format!("{path}.addresses"), "must contain at least 1 address"))
        }
        n if n > MAX_ADDRESSES => {
            errors.push(FieldError::too_many(format!("{path}.addresses"), n, MAX_ADDRESSES));
        }
        _ => {}
    }
    for (j, address) in addresses.iter().enumerate() {
        let path = format!("{path}.addresses[{j}]");
        match kind {
            "FQDN" => {
                let wrong = dns1123_subdomain_errors(address.str());
                errors.extend(wrong.iter().map(|e| FieldError::invalid(path.as_str(), address, e)));
            }
            _ => errors.extend(ip_error(address, path)),
        }
    }
    if let Some(hostname) = endpoint["hostname"].as_str() {
        let wrong = dns1123_label_errors(hostname);
        let path = format!("{path}.hostname");
        errors.extend(wrong.iter().map(|e| FieldError::invalid(path.as_str(), &endpoint["hostname"], e)));
    }
    errors
}

fn validate_ports(ports: &[Value]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if ports.len() > MAX_PORTS {
        errors.push(FieldError::too_many("ports", ports.len(), MAX_PORTS));
    }
    for (i, entry) in ports.iter().enumerate() {
        let path = format!("ports[{i}]");
        let name = &entry["name"];
        if !name.str().is_empty() {
            let wrong = dns1123_label_errors(name.str());
            errors.extend(wrong.iter().map(|e| FieldError::invalid(format!("{path}.name"), name, e)));
        }
        if ports[..i].iter().any(|p| p["name"] == *name) {
            errors.push(FieldError::duplicate(format!("{path}.name"), name));
        }
        errors.extend(protocol(&entry["protocol"], format!("{path}.protocol")));
        if !entry["port"].is_null() {
            errors.extend(port(&entry["port"], format!("{path}.port")));
        }
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    errors.extend(immutable(&new["addressType"], &old["addressType"], "addressType"));
    errors
}
