//! Mirrors ValidateEndpoints.

use crate::meta::{ip_error, port};
use apimachinery::labels::dns1123_label_errors;
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// What is wrong with a new or changed object.
pub fn validate(endpoints: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, subset) in endpoints["subsets"].items().iter().enumerate() {
        let path = format!("subsets[{i}]");
        if subset["addresses"].is_empty() && subset["notReadyAddresses"].is_empty() {
            errors
                .push(FieldError::required(path.as_str(), "must specify `addresses` or `notReadyAddresses`"));
        }
        for field in ["addresses", "notReadyAddresses"] {
            for (j, address) in subset[field].items().iter().enumerate() {
                errors.extend(ip_error(&address["ip"], format!("{path}.{field}[{j}].ip")));
            }
        }
        let ports = subset["ports"].items();
        for (j, entry) in ports.iter().enumerate() {
            errors.extend(validate_port(entry, ports.len() > 1, &format!("{path}.ports[{j}]")));
        }
    }
    errors
}

fn validate_port(entry: &Value, named: bool, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let name = &entry["name"];
    if named && name.str().is_empty() {
        errors.push(FieldError::required(format!("{path}.name"), ""));
    } else if !name.str().is_empty() {
        let wrong = dns1123_label_errors(name.str());
        errors.extend(wrong.iter().map(|e| FieldError::invalid(format!("{path}.name"), name, e)));
    }
    errors.extend(port(&entry["port"], format!("{path}.port")));
    errors.extend(crate::meta::protocol(&entry["protocol"], format!("{path}.protocol")));
    errors
}
