//! Mirrors ValidateService and ValidateServiceUpdate.

use crate::meta::{field_errors, ip_error, port, port_number_or_name, protocol, validate_labels};
use apimachinery::labels::{dns1123_label_errors, dns1123_subdomain_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value, json};

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
/// The port of kubelet, which must not be exposed.
const KUBELET_PORT: i64 = 10250;
/// The longest session affinity, in seconds. Mirrors MaxClientIPServiceAffinitySeconds.
const MAX_AFFINITY: i64 = 86_400;

/// What is wrong with a new object.
pub fn validate(service: &Object) -> Vec<FieldError> {
    let spec = &service["spec"];
    let kind = spec["type"].str();
    let mut errors = Vec::new();
    if spec["ports"].is_empty() && !is_headless(spec) && kind != "ExternalName" {
        errors.push(FieldError::required("spec.ports", ""));
    }
    errors.extend(validate_for_type(spec, kind));
    errors.extend(validate_ports(spec["ports"].items()));
    if !spec["selector"].is_null() {
        errors.extend(validate_labels(&spec["selector"], "spec.selector"));
    }
    errors.extend(validate_affinity(spec));
    errors.extend(validate_cluster_ips(spec));
    for (i, ip) in spec["externalIPs"].items().iter().enumerate() {
        errors.extend(ip_error(ip, format!("spec.externalIPs[{i}]")));
    }
    match kind {
        "" => errors.push(FieldError::required("spec.type", "")),
        _ if TYPES.contains(&kind) => {}
        _ => errors.push(FieldError::not_supported("spec.type", &spec["type"], &TYPES)),
    }
    errors.extend(validate_port_numbers(spec, kind));
    errors.extend(validate_load_balancer(spec, kind));
    errors.extend(validate_policies(spec, kind));
    errors
}

fn is_headless(spec: &Value) -> bool {
    spec["clusterIP"] == "None" || spec["clusterIPs"][0] == "None"
}

fn validate_for_type(spec: &Value, kind: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let none = |kind: &str| {
        let detail = format!("may not be set to 'None' for {kind} services");
        FieldError::invalid("spec.clusterIPs[0]", &Value::from("None"), &detail)
    };
    match kind {
        "LoadBalancer" => {
            for (i, entry) in spec["ports"].items().iter().enumerate() {
                if entry["port"].int() == KUBELET_PORT {
                    let detail =
                        format!("may not expose port {KUBELET_PORT} externally since it is used by kubelet");
                    errors.push(FieldError::invalid(format!("spec.ports[{i}]"), &entry["port"], &detail));
                }
            }
            errors.extend(is_headless(spec).then(|| none(kind)));
        }
        "NodePort" => errors.extend(is_headless(spec).then(|| none(kind))),
        "ExternalName" => {
            for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                if !spec[field].is_empty() {
                    let detail = "may not be set for ExternalName services";
                    errors.push(FieldError::forbidden(format!("spec.{field}"), detail));
                }
            }
            let name = spec["externalName"].str();
            match name.strip_suffix('.').unwrap_or(name) {
                "" => errors.push(FieldError::required("spec.externalName", "")),
                name => errors.extend(field_errors(
                    dns1123_subdomain_errors(name),
                    "spec.externalName",
                    &Value::from(name),
                )),
            }
        }
        _ => {}
    }
    errors
}

fn validate_ports(ports: &[Value]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, entry) in ports.iter().enumerate() {
        let path = |field: &str| format!("spec.ports[{i}].{field}");
        let name = &entry["name"];
        if !name.str().is_empty() {
            errors.extend(field_errors(dns1123_label_errors(name.str()), &path("name"), name));
            if ports[..i].iter().any(|p| p["name"] == *name) {
                errors.push(FieldError::duplicate(path("name"), name));
            }
        } else if ports.len() > 1 {
            errors.push(FieldError::required(path("name"), ""));
        }
        errors.extend(port(&entry["port"], path("port")));
        errors.extend(protocol(&entry["protocol"], path("protocol")));
        errors.extend(port_number_or_name(&entry["targetPort"], &path("targetPort")));
    }
    errors
}

fn validate_affinity(spec: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let (affinity, config) = (&spec["sessionAffinity"], &spec["sessionAffinityConfig"]);
    match affinity.str() {
        "" => errors.push(FieldError::required("spec.sessionAffinity", "")),
        "ClientIP" => {
            let field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
            let seconds = &config["clientIP"]["timeoutSeconds"];
            if seconds.is_null() {
                errors.push(FieldError::required(field, ""));
            } else if !(1..=MAX_AFFINITY).contains(&seconds.int()) {
                let detail = format!("must be greater than 0 and less than {MAX_AFFINITY}");
                errors.push(FieldError::invalid(field, seconds, &detail));
            }
        }
        "None" if !config.is_null() => errors.push(FieldError::forbidden(
            "spec.sessionAffinityConfig",
            "must not be set when session affinity is None",
        )),
        "None" => {}
        _ => {
            errors.push(FieldError::not_supported("spec.sessionAffinity", affinity, &["ClientIP", "None"]));
        }
    }
    errors
}

/// Mirrors ValidateServiceClusterIPsRelatedFields.
fn validate_cluster_ips(spec: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let (one, all) = (spec["clusterIP"].str(), spec["clusterIPs"].items());
    match all.first() {
        Some(first) if one.is_empty() && !first.str().is_empty() => {
            let detail = "must be empty when `clusterIP` is not specified";
            errors.push(FieldError::invalid("spec.clusterIPs", &spec["clusterIPs"], detail));
        }
        Some(first) if first.str() != one => {
            let detail = "first value must match `clusterIP`";
            errors.push(FieldError::invalid("spec.clusterIPs", &spec["clusterIPs"], detail));
        }
        _ => {}
    }
    for (i, ip) in all.iter().enumerate() {
        let field = format!("spec.clusterIPs[{i}]");
        match ip.str() {
            "None" if all.len() > 1 => {
                errors.push(FieldError::invalid(field, ip, "'None' must be the first and only value"))
            }
            "None" | "" => {}
            _ => errors.extend(ip_error(ip, field)),
        }
    }
    for (i, family) in spec["ipFamilies"].items().iter().enumerate() {
        if !matches!(family.str(), "IPv4" | "IPv6") {
            let field = format!("spec.ipFamilies[{i}]");
            errors.push(FieldError::not_supported(field, family, &["IPv4", "IPv6"]));
        }
    }
    let policy = &spec["ipFamilyPolicy"];
    if !policy.is_null() && !matches!(policy.str(), "SingleStack" | "PreferDualStack" | "RequireDualStack") {
        let known = ["SingleStack", "PreferDualStack", "RequireDualStack"];
        errors.push(FieldError::not_supported("spec.ipFamilyPolicy", policy, &known));
    }
    errors
}

fn validate_port_numbers(spec: &Value, kind: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let ports = spec["ports"].items();
    for (i, entry) in ports.iter().enumerate() {
        if kind == "ClusterIP" && entry["nodePort"].int() != 0 {
            let detail = "may not be used when `type` is 'ClusterIP'";
            errors.push(FieldError::forbidden(format!("spec.ports[{i}].nodePort"), detail));
        }
    }
    for (i, entry) in ports.iter().enumerate().filter(|(_, p)| p["nodePort"].int() != 0) {
        let same = |p: &Value| p["nodePort"] == entry["nodePort"] && p["protocol"] == entry["protocol"];
        if ports[..i].iter().any(same) {
            errors.push(FieldError::duplicate(format!("spec.ports[{i}].nodePort"), &entry["nodePort"]));
        }
    }
    for (i, entry) in ports.iter().enumerate() {
        let same = |p: &Value| p["port"] == entry["port"] && p["protocol"] == entry["protocol"];
        if ports[..i].iter().any(same) {
            // The server shows its internal type, whose fields have Go's names.
            let shown = json!({"Protocol": &entry["protocol"], "Port": &entry["port"]});
            let shown = format!(
                "{{\"Name\":\"\",\"Protocol\":{},\"AppProtocol\":null,\"Port\":{},\"TargetPort\":0,\"NodePort\":0}}",
                shown["Protocol"].to_json(),
                shown["Port"].to_json()
            );
            errors.push(FieldError {
                reason: "FieldValueDuplicate",
                field: format!("spec.ports[{i}]"),
                message: format!("Duplicate value: {shown}"),
            });
        }
    }
    errors
}

fn validate_load_balancer(spec: &Value, kind: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let only = |field: &str| {
        FieldError::forbidden(format!("spec.{field}"), "may only be used when `type` is 'LoadBalancer'")
    };
    let balanced = kind == "LoadBalancer";
    for field in ["loadBalancerSourceRanges", "allocateLoadBalancerNodePorts", "loadBalancerClass"] {
        if !spec[field].is_empty() && !balanced {
            errors.push(only(field));
        }
    }
    if balanced && spec["allocateLoadBalancerNodePorts"].is_null() {
        errors.push(FieldError::required("spec.allocateLoadBalancerNodePorts", ""));
    }
    for (i, range) in spec["loadBalancerSourceRanges"].items().iter().enumerate() {
        let valid = range.str().trim().split_once('/').is_some_and(|(ip, bits)| {
            let bits = bits.parse::<u8>().ok();
            ip.parse::<std::net::IpAddr>()
                .is_ok_and(|ip| bits.is_some_and(|b| b <= if ip.is_ipv4() { 32 } else { 128 }))
        });
        if !valid {
            let detail = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            errors.push(FieldError::invalid(format!("spec.loadBalancerSourceRanges[{i}]"), range, detail));
        }
    }
    errors
}

fn validate_policies(spec: &Value, kind: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let external = &spec["externalTrafficPolicy"];
    let reachable = matches!(kind, "LoadBalancer" | "NodePort")
        || (kind == "ClusterIP" && !spec["externalIPs"].is_empty());
    if !external.is_null() && !reachable {
        let detail = "may only be set for externally-accessible services";
        errors.push(FieldError::invalid("spec.externalTrafficPolicy", external, detail));
    } else if !external.is_null() && !matches!(external.str(), "Cluster" | "Local") {
        errors.push(FieldError::not_supported("spec.externalTrafficPolicy", external, &["Cluster", "Local"]));
    }
    let check_port = &spec["healthCheckNodePort"];
    if check_port.int() != 0 && !(kind == "LoadBalancer" && *external == "Local") {
        let detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
        errors.push(FieldError::invalid("spec.healthCheckNodePort", check_port, detail));
    }
    let internal = &spec["internalTrafficPolicy"];
    match internal.str() {
        "" if matches!(kind, "ClusterIP" | "NodePort" | "LoadBalancer") => {
            errors.push(FieldError::required("spec.internalTrafficPolicy", ""));
        }
        "" | "Cluster" | "Local" => {}
        _ => {
            errors.push(FieldError::not_supported(
                "spec.internalTrafficPolicy",
                internal,
                &["Cluster", "Local"],
            ));
        }
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let external = |s: &Object| s["spec"]["type"] == "ExternalName";
    let (before, after) = (&old["spec"]["clusterIPs"], &new["spec"]["clusterIPs"]);
    if !external(new) && !external(old) && !before.is_empty() {
        if after.is_empty() {
            let detail = "primary clusterIP can not be unset";
            errors.push(FieldError::invalid("spec.clusterIPs[0]", after, detail));
        } else if before[0] != after[0] {
            errors.push(FieldError::invalid("spec.clusterIPs[0]", after, "may not change once set"));
        }
    }
    errors.extend(validate(new));
    errors
}

/// What the server warns of. Mirrors GetWarningsForService.
pub fn warnings(service: &Object) -> Vec<String> {
    let spec = &service["spec"];
    let external = spec["type"] == "ExternalName";
    let mut list = Vec::new();
    if is_headless(spec) && !spec["loadBalancerIP"].is_empty() {
        list.push("spec.loadBalancerIP is ignored for headless services".to_string());
    }
    if is_headless(spec) && !spec["externalIPs"].is_empty() {
        list.push("spec.externalIPs is ignored for headless services".into());
    }
    if is_headless(spec) && spec["sessionAffinity"] != "None" {
        list.push("spec.SessionAffinity is ignored for headless services".into());
    }
    if external && !spec["externalIPs"].is_empty() {
        list.push("spec.externalIPs is ignored when spec.type is \"ExternalName\"".into());
    }
    if !external && !spec["externalName"].is_empty() {
        list.push("spec.externalName is ignored when spec.type is not \"ExternalName\"".into());
    }
    list
}
