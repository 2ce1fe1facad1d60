//! Mirrors ValidateIngress in pkg/apis/networking/validation.

use crate::meta::{field_errors, port_name_errors};
use apimachinery::labels::{dns1035_label_errors, dns1123_subdomain_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// What no path may have inside, and at its end.
const FORBIDDEN: [&str; 5] = ["//", "/./", "/../", "%2f", "%2F"];
const FORBIDDEN_ENDS: [&str; 2] = ["/..", "/."];

/// What is wrong with a new or changed object.
pub fn validate(ingress: &Object) -> Vec<FieldError> {
    let spec = &ingress["spec"];
    let mut errors = Vec::new();
    if spec["rules"].is_empty() && spec["defaultBackend"].is_null() {
        let detail = "either `defaultBackend` or `rules` must be specified";
        errors.push(FieldError::invalid("spec", &spec["rules"], detail));
    }
    if !spec["defaultBackend"].is_null() {
        errors.extend(backend(&spec["defaultBackend"], "spec.defaultBackend"));
    }
    for (i, rule) in spec["rules"].items().iter().enumerate() {
        let path = format!("spec.rules[{i}]");
        if !rule["host"].is_empty() {
            errors.extend(host(&rule["host"], &format!("{path}.host")));
        }
        if rule["http"].is_null() {
            continue;
        }
        let paths = rule["http"]["paths"].items();
        if paths.is_empty() {
            errors.push(FieldError::required(format!("{path}.http.paths"), ""));
        }
        for (j, entry) in paths.iter().enumerate() {
            errors.extend(http_path(entry, &format!("{path}.http.paths[{j}]")));
        }
    }
    for (i, tls) in spec["tls"].items().iter().enumerate() {
        for (j, name) in tls["hosts"].items().iter().enumerate() {
            errors.extend(host(name, &format!("spec.tls[{i}].hosts[{j}]")));
        }
        if !tls["secretName"].is_empty() {
            let wrong = dns1123_subdomain_errors(tls["secretName"].str());
            errors.extend(field_errors(wrong, &format!("spec.tls[{i}].secretName"), &tls["secretName"]));
        }
    }
    let class = &spec["ingressClassName"];
    if !class.is_null() {
        errors.extend(field_errors(dns1123_subdomain_errors(class.str()), "spec.ingressClassName", class));
    }
    errors
}

/// A name, maybe with `*.` before it; no address.
fn host(name: &Value, path: &str) -> Vec<FieldError> {
    let numbers = name.str().split('.').map(|part| part.parse::<u8>().is_ok());
    if name.str().split('.').count() == 4 && numbers.clone().all(|is| is) {
        return vec![FieldError::invalid(path, name, "must be a DNS name, not an IP address")];
    }
    if let Some(rest) = name.str().strip_prefix("*.").or(name.str().contains('*').then_some("*")) {
        let detail = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must \
                      consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character \
                      (e.g. '*.example.com', regex used for validation is \
                      '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
        let wrong = dns1123_subdomain_errors(rest).len();
        return (0..wrong.min(1)).map(|_| FieldError::invalid(path, name, detail)).collect();
    }
    field_errors(dns1123_subdomain_errors(name.str()), path, name)
}

fn http_path(entry: &Value, path: &str) -> Vec<FieldError> {
    let (text, at) = (&entry["path"], format!("{path}.path"));
    let kind = &entry["pathType"];
    let mut errors = Vec::new();
    let absolute = text.str().starts_with('/');
    let not_absolute = || FieldError::invalid(at.as_str(), text, "must be an absolute path");
    match kind.as_str() {
        None => return vec![FieldError::required(format!("{path}.pathType"), "pathType must be specified")],
        Some("Exact" | "Prefix") => {
            if !absolute {
                errors.push(not_absolute());
            }
            for part in FORBIDDEN.into_iter().filter(|part| text.str().contains(part)) {
                errors.push(FieldError::invalid(at.as_str(), text, &format!("must not contain '{part}'")));
            }
            for end in FORBIDDEN_ENDS.into_iter().filter(|end| text.str().ends_with(end)) {
                errors.push(FieldError::invalid(at.as_str(), text, &format!("cannot end with '{end}'")));
            }
        }
        Some("ImplementationSpecific") if !text.is_empty() && !absolute => errors.push(not_absolute()),
        Some("ImplementationSpecific") => {}
        Some(_) => {
            let known = ["Exact", "ImplementationSpecific", "Prefix"];
            errors.push(FieldError::not_supported(format!("{path}.pathType"), kind, &known));
        }
    }
    errors.extend(backend(&entry["backend"], &format!("{path}.backend")));
    errors
}

fn backend(backend: &Value, path: &str) -> Vec<FieldError> {
    let (service, resource) = (&backend["service"], &backend["resource"]);
    match (service.is_null(), resource.is_null()) {
        (true, true) => return vec![FieldError::required(path, "resource or service backend is required")],
        (false, false) => {
            let detail = "cannot set both resource and service backends";
            return vec![FieldError::invalid(path, &"".into(), detail)];
        }
        (true, false) => return Vec::new(),
        (false, true) => {}
    }
    let mut errors = Vec::new();
    let (name, at) = (&service["name"], format!("{path}.service.name"));
    match name.str() {
        "" => errors.push(FieldError::required(at, "")),
        text => errors.extend(field_errors(dns1035_label_errors(text), &at, name)),
    }
    let (port, at) = (&service["port"], format!("{path}.service.port"));
    match (port["name"].str(), port["number"].int()) {
        ("", 0) => errors.push(FieldError::required(at, "port name or number is required")),
        ("", number) if !(1..=65535).contains(&number) => {
            let detail = "must be between 1 and 65535, inclusive";
            errors.push(FieldError::invalid(format!("{at}.number"), &port["number"], detail));
        }
        ("", _) => {}
        (text, 0) => {
            let wrong = port_name_errors(text).into_iter().map(String::from).collect();
            errors.extend(field_errors(wrong, &format!("{at}.name"), &port["name"]));
        }
        _ => {
            let detail = "cannot set both port name & port number";
            errors.push(FieldError::invalid(path, &"".into(), detail));
        }
    }
    errors
}
