//! What may be wrong with pods and pod templates. Mirrors ValidatePod and its kin in pkg/apis/core/validation.

mod container;
mod diff;
mod placement;
mod update;
mod volume;

pub use container::validate_container_resource_name;
pub use diff::{specs as spec_diff, template_in_go};
pub use update::{validate_status_update, validate_update};

use crate::meta::{field_errors, ip_error, validate_annotations, validate_labels};
use apimachinery::labels::{dns1123_label_errors, dns1123_subdomain_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// What is wrong with a new pod.
pub fn validate(pod: &Object) -> Vec<FieldError> {
    validate_spec(&pod["spec"], "spec")
}

/// What is wrong with the template of a workload, `path` being where it stands.
pub fn validate_template(template: &Value, path: &str) -> Vec<FieldError> {
    let metadata = &template["metadata"];
    let mut errors = validate_labels(&metadata["labels"], &format!("{path}.labels"));
    errors.extend(validate_annotations(&metadata["annotations"], &format!("{path}.annotations")));
    errors.extend(validate_spec(&template["spec"], &format!("{path}.spec")));
    if !template["spec"]["ephemeralContainers"].is_empty() {
        let field = format!("{path}.spec.ephemeralContainers");
        errors.push(FieldError::forbidden(field, "ephemeral containers not allowed in pod template"));
    }
    errors
}

/// Mirrors ValidatePodSpec.
fn validate_spec(spec: &Value, path: &str) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let mut errors = volume::validate(&spec["volumes"], &at("volumes"));
    errors.extend(container::validate_all(spec, path));
    errors.extend(one_of(&spec["restartPolicy"], at("restartPolicy"), &["Always", "OnFailure", "Never"]));
    let dns = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    errors.extend(one_of(&spec["dnsPolicy"], at("dnsPolicy"), &dns));
    errors.extend(validate_labels(&spec["nodeSelector"], &at("nodeSelector")));
    errors.extend(validate_host_network(spec, path));
    errors.extend(container::validate_ids(&spec["securityContext"], &at("securityContext")));
    errors.extend(placement::validate(spec, path));
    errors.extend(validate_dns_config(spec, &at("dnsConfig")));
    let name = |field: &str, check: fn(&str) -> Vec<String>| match spec[field].str() {
        "" => Vec::new(),
        text => field_errors(check(text), &at(field), &spec[field]),
    };
    errors.extend(name("serviceAccountName", dns1123_subdomain_errors));
    errors.extend(name("nodeName", dns1123_subdomain_errors));
    let deadline = &spec["activeDeadlineSeconds"];
    if deadline.as_i64().is_some_and(|n| !(1..=i64::from(i32::MAX)).contains(&n)) {
        let detail = "must be between 1 and 2147483647, inclusive";
        errors.push(FieldError::invalid(at("activeDeadlineSeconds"), deadline, detail));
    }
    errors.extend(name("hostname", dns1123_label_errors));
    errors.extend(name("subdomain", dns1123_label_errors));
    errors.extend(placement::validate_tolerations(spec, &at("tolerations")));
    for (i, alias) in spec["hostAliases"].items().iter().enumerate() {
        errors.extend(ip_error(&alias["ip"], at(&format!("hostAliases[{i}].ip"))));
        for (j, host) in alias["hostnames"].items().iter().enumerate() {
            let field = at(&format!("hostAliases[{i}].hostnames[{j}]"));
            errors.extend(field_errors(dns1123_subdomain_errors(host.str()), &field, host));
        }
    }
    errors.extend(name("priorityClassName", dns1123_subdomain_errors));
    if !spec["preemptionPolicy"].is_null() {
        let known = ["Never", "PreemptLowerPriority"];
        errors.extend(one_of(&spec["preemptionPolicy"], at("preemptionPolicy"), &known));
    }
    errors
}

/// Whether a text is one of these; the error otherwise, `Required value` for none.
fn one_of(value: &Value, field: String, known: &[&str]) -> Option<FieldError> {
    match value.str() {
        "" => Some(FieldError::required(field, "")),
        text if known.contains(&text) => None,
        _ => Some(FieldError::not_supported(field, value, known)),
    }
}

/// Mirrors validateHostNetwork.
fn validate_host_network(spec: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !spec["hostNetwork"].is_true() {
        return errors;
    }
    for (i, container) in spec["containers"].items().iter().enumerate() {
        for (j, port) in container["ports"].items().iter().enumerate() {
            if port["hostPort"].int() != 0 && port["hostPort"] != port["containerPort"] {
                let field = format!("{path}.containers[{i}].ports[{j}].containerPort");
                let detail = "must match `hostPort` when `hostNetwork` is true";
                errors.push(FieldError::invalid(field, &port["containerPort"], detail));
            }
        }
    }
    errors
}

/// Mirrors validatePodDNSConfig.
fn validate_dns_config(spec: &Value, path: &str) -> Vec<FieldError> {
    const MAX_NAMESERVERS: usize = 3;
    const MAX_SEARCHES: usize = 32;
    let config = &spec["dnsConfig"];
    let mut errors = Vec::new();
    let (servers, searches) = (config["nameservers"].items(), config["searches"].items());
    if spec["dnsPolicy"] == "None" && servers.is_empty() {
        let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        errors.push(FieldError::required(format!("{path}.nameservers"), detail));
    }
    if servers.len() > MAX_NAMESERVERS {
        let detail = format!("must not have more than {MAX_NAMESERVERS} nameservers");
        errors.push(FieldError::invalid(format!("{path}.nameservers"), &config["nameservers"], &detail));
    }
    for (i, server) in servers.iter().enumerate() {
        errors.extend(ip_error(server, format!("{path}.nameservers[{i}]")));
    }
    if searches.len() > MAX_SEARCHES {
        let detail = format!("must not have more than {MAX_SEARCHES} search paths");
        errors.push(FieldError::invalid(format!("{path}.searches"), &config["searches"], &detail));
    }
    for (i, option) in config["options"].items().iter().enumerate() {
        if option["name"].str().is_empty() {
            errors.push(FieldError::required(format!("{path}.options[{i}]"), "must not be empty"));
        }
    }
    errors
}
