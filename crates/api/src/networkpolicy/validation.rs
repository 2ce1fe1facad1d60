//! Mirrors ValidateNetworkPolicySpec in pkg/apis/networking/validation.

use crate::meta::{port_name_errors, validate_label_selector};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// What is wrong with a new or changed object.
pub fn validate(policy: &Object) -> Vec<FieldError> {
    let spec = &policy["spec"];
    let mut errors = validate_label_selector(&spec["podSelector"], "spec.podSelector");
    for (list, peers) in [("ingress", "from"), ("egress", "to")] {
        for (i, rule) in spec[list].items().iter().enumerate() {
            let path = format!("spec.{list}[{i}]");
            for (j, port) in rule["ports"].items().iter().enumerate() {
                errors.extend(validate_port(port, &format!("{path}.ports[{j}]")));
            }
            for (j, peer) in rule[peers].items().iter().enumerate() {
                errors.extend(validate_peer(peer, &format!("{path}.{peers}[{j}]")));
            }
        }
    }
    let (types, known) = (&spec["policyTypes"], ["Egress", "Ingress"]);
    if types.items().len() > known.len() {
        let detail = format!("may not specify more than two policyTypes, but found {}", types.items().len());
        errors.push(FieldError::invalid("spec.policyTypes", types, &detail));
        return errors;
    }
    for (i, kind) in types.items().iter().enumerate().filter(|(_, kind)| !known.contains(&kind.str())) {
        errors.push(FieldError::not_supported(format!("spec.policyTypes[{i}]"), kind, &known));
    }
    errors
}

/// Mirrors ValidateNetworkPolicyPort.
fn validate_port(entry: &Value, path: &str) -> Vec<FieldError> {
    let at = |field: &str| format!("{path}.{field}");
    let (protocol, port, end) = (&entry["protocol"], &entry["port"], &entry["endPort"]);
    let mut errors = Vec::new();
    if !matches!(protocol.str(), "TCP" | "UDP" | "SCTP") {
        errors.push(FieldError::not_supported(at("protocol"), protocol, &["SCTP", "TCP", "UDP"]));
    }
    match port {
        Value::Null if end.is_null() => {}
        Value::Null => {
            errors.push(FieldError::required(at("port"), "must be specified when `endPort` is specified"))
        }
        Value::Int(number) => {
            if !(1..=65535).contains(number) {
                errors.push(FieldError::invalid(at("port"), port, "must be between 1 and 65535, inclusive"));
            }
            if !end.is_null() && end.int() < *number {
                let detail = "must be greater than or equal to `port`";
                errors.push(FieldError::invalid(at("endPort"), end, detail));
            }
            if end.int() > 65535 {
                errors.push(FieldError::invalid(
                    at("endPort"),
                    end,
                    "must be between 1 and 65535, inclusive",
                ));
            }
        }
        name => {
            if !end.is_null() {
                let detail = "may not be specified when `port` is non-numeric";
                errors.push(FieldError::invalid(at("endPort"), end, detail));
            }
            let wrong = port_name_errors(name.str());
            errors.extend(wrong.into_iter().map(|why| FieldError::invalid(at("port"), port, why)));
        }
    }
    errors
}

/// Mirrors ValidateNetworkPolicyPeer.
fn validate_peer(peer: &Value, path: &str) -> Vec<FieldError> {
    let given = peer.fields().count();
    let mut errors = Vec::new();
    for field in ["podSelector", "namespaceSelector"].into_iter().filter(|field| !peer[*field].is_null()) {
        errors.extend(validate_label_selector(&peer[field], &format!("{path}.{field}")));
    }
    let block = &peer["ipBlock"];
    if !block.is_null() {
        errors.extend(validate_block(block, &format!("{path}.ipBlock")));
    }
    if given == 0 {
        errors.push(FieldError::required(path, "must specify a peer"));
    } else if given > 1 && !block.is_null() {
        let detail = "may not specify both ipBlock and another peer";
        errors.push(FieldError::forbidden(path, detail));
    }
    errors
}

/// Mirrors ValidateIPBlock.
fn validate_block(block: &Value, path: &str) -> Vec<FieldError> {
    const CIDR_RULE: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    let cidr = &block["cidr"];
    if cidr.is_empty() {
        return vec![FieldError::required(format!("{path}.cidr"), "")];
    }
    let Some((base, bits)) = parse(cidr.str()) else {
        return vec![FieldError::invalid(format!("{path}.cidr"), cidr, CIDR_RULE)];
    };
    let mut errors = Vec::new();
    for (i, except) in block["except"].items().iter().enumerate() {
        let at = format!("{path}.except[{i}]");
        match parse(except.str()) {
            None => errors.push(FieldError::invalid(at, except, CIDR_RULE)),
            Some((inner, narrower)) => {
                let same = base.is_ipv4() == inner.is_ipv4();
                if !same || narrower <= bits || prefix(inner, bits) != prefix(base, bits) {
                    let detail = format!("must be a strict subset of `cidr` ({:?})", cidr.str());
                    errors.push(FieldError::invalid(at, except, &detail));
                }
            }
        }
    }
    errors
}

/// Address and length of the prefix.
fn parse(cidr: &str) -> Option<(std::net::IpAddr, u32)> {
    let (base, bits) = cidr.split_once('/')?;
    let base: std::net::IpAddr = base.parse().ok()?;
    let bits: u32 = bits.parse().ok()?;
    (bits <= if base.is_ipv4() { 32 } else { 128 }).then_some((base, bits))
}

/// The first bits of an address.
fn prefix(ip: std::net::IpAddr, bits: u32) -> u128 {
    let (number, all) = match ip {
        std::net::IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32),
        std::net::IpAddr::V6(ip) => (u128::from(ip), 128),
    };
    number.checked_shr(all - bits).unwrap_or(0)
}
