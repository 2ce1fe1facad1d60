//! A container's environment. Mirrors pkg/kubelet/kubelet_pods.go makeEnvironmentVariables and pkg/kubelet/envvars.

use crate::qos::quantity;
use apimachinery::{Object, Value};
use sim::collections::BTreeMap;

/// Where the environment reads ConfigMaps and Secrets from: kind, name -> object, if there is one.
pub(crate) type Lookup<'a> = &'a mut dyn FnMut(&str, &str) -> Option<Object>;

/// What a fieldRef may see beside the pod itself.
pub(crate) struct Facts<'a> {
    /// The pod's address.
    pub(crate) pod_ip: &'a str,
    /// The node's address.
    pub(crate) host_ip: &'a str,
    /// The node's processors and memory: what limits default to.
    pub(crate) node: (i64, i64),
}

/// The environment of a container, without what its image brings. `Err`: why it cannot be made, as the event says it.
pub(crate) fn make(
    pod: &Object,
    container: &Value,
    services: &[&Object],
    facts: &Facts<'_>,
    lookup: Lookup<'_>,
) -> Result<BTreeMap<String, String>, String> {
    let service_env = if pod["spec"]["enableServiceLinks"].as_bool().unwrap_or(true) {
        service_variables(services, pod.namespace())
    } else {
        service_variables(services, "")
    };
    let mut env = BTreeMap::new();
    for source in container["envFrom"].items() {
        add_all(&mut env, source, lookup)?;
    }
    for entry in container["env"].items() {
        let name = entry["name"].str();
        let from = &entry["valueFrom"];
        let value = if from.is_null() {
            expand(entry["value"].str(), |n| env.get(n).or_else(|| service_env.get(n)).cloned())
        } else {
            match value_from(pod, container, from, facts, lookup)? {
                Some(value) => value,
                None => continue,
            }
        };
        env.insert(name.to_string(), value);
    }
    for (name, value) in service_env {
        env.entry(name).or_insert(value);
    }
    Ok(env)
}

fn add_all(env: &mut BTreeMap<String, String>, source: &Value, lookup: Lookup<'_>) -> Result<(), String> {
    let prefix = source["prefix"].str();
    for (field, kind) in [("configMapRef", "configmap"), ("secretRef", "secret")] {
        let reference = &source[field];
        if reference.is_null() {
            continue;
        }
        let name = reference["name"].str();
        match lookup(kind, name) {
            Some(object) => {
                for (key, value) in object["data"].fields() {
                    env.insert(format!("{prefix}{key}"), text(kind, value));
                }
            }
            None if reference["optional"].is_true() => {}
            None => return Err(format!("{kind} \"{name}\" not found")),
        }
    }
    Ok(())
}

fn value_from(
    pod: &Object,
    container: &Value,
    from: &Value,
    facts: &Facts<'_>,
    lookup: Lookup<'_>,
) -> Result<Option<String>, String> {
    if let Some(reference) = from.get("fieldRef") {
        return field(pod, reference["fieldPath"].str(), facts).map(Some);
    }
    if let Some(reference) = from.get("resourceFieldRef") {
        return resource(pod, container, reference, facts).map(Some);
    }
    for (source, kind) in [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")] {
        let Some(reference) = from.get(source) else { continue };
        let (name, key, optional) =
            (reference["name"].str(), reference["key"].str(), reference["optional"].is_true());
        let Some(object) = lookup(kind, name) else {
            return if optional { Ok(None) } else { Err(format!("{kind} \"{name}\" not found")) };
        };
        return match object["data"].get(key) {
            Some(value) => Ok(Some(text(kind, value))),
            None if optional => Ok(None),
            None => {
                let what = if kind == "secret" { "Secret" } else { "ConfigMap" };
                Err(format!("couldn't find key {key} in {what} {}/{name}", pod.namespace()))
            }
        };
    }
    Err("environment variable has no source that is simulated".into())
}

/// A value of a ConfigMap or Secret as text; a Secret's is base64.
pub(crate) fn text(kind: &str, value: &Value) -> String {
    if kind == "secret" {
        String::from_utf8_lossy(&base64(value.str())).into_owned()
    } else {
        value.str().to_string()
    }
}

/// Decodes base64; what is no base64 is skipped.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut out, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for d in text.bytes().filter_map(digit) {
        buffer = (buffer << 6) | u32::from(d);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    out
}

/// A field of the pod. Mirrors pkg/fieldpath and kubelet's podFieldSelectorRuntimeValue.
pub(crate) fn field(pod: &Object, path: &str, facts: &Facts<'_>) -> Result<String, String> {
    let map = |values: &Value| {
        let lines: Vec<String> = values.fields().map(|(k, v)| format!("{k}={:?}", v.str())).collect();
        lines.join("\n")
    };
    if let Some((path, key)) = path.strip_suffix("']").and_then(|p| p.split_once("['")) {
        return Ok(pod.at(path)[key].str().to_string());
    }
    Ok(match path {
        "metadata.name" | "metadata.namespace" | "metadata.uid" | "spec.nodeName" => {
            pod.at(path).str().to_string()
        }
        "spec.serviceAccountName" => pod["spec"]["serviceAccountName"].str().to_string(),
        "metadata.labels" => map(pod.labels()),
        "metadata.annotations" => map(pod.meta("annotations")),
        "status.hostIP" | "status.hostIPs" => facts.host_ip.to_string(),
        "status.podIP" | "status.podIPs" => facts.pod_ip.to_string(),
        other => return Err(format!("unsupported fieldPath: {other}")),
    })
}

/// A resource of a container, divided by the divisor and rounded up. Mirrors pkg/api/v1/resource ExtractContainerResourceValue.
pub(crate) fn resource(
    pod: &Object,
    container: &Value,
    reference: &Value,
    facts: &Facts<'_>,
) -> Result<String, String> {
    let name = reference["containerName"].str();
    let containers = || ["containers", "initContainers"].into_iter().flat_map(|k| pod["spec"][k].items());
    let container = match name {
        "" => container,
        name => {
            containers().find(|c| c["name"] == name).ok_or_else(|| format!("container {name} not found"))?
        }
    };
    let resource = reference["resource"].str();
    let (kind, what) = resource.split_once('.').unwrap_or((resource, ""));
    let set = quantity(&container["resources"][kind][what]);
    let cpu = what == "cpu";
    if !matches!(kind, "limits" | "requests") || !matches!(what, "cpu" | "memory" | "ephemeral-storage") {
        return Err(format!("unsupported container resource : {resource}"));
    }
    let divisor = match reference["divisor"].str() {
        "" | "0" => 0,
        _ if cpu => quantity(&reference["divisor"]).millis(),
        _ => quantity(&reference["divisor"]).value(),
    };
    let amount = match (set.is_zero(), kind, what) {
        (true, "limits", "cpu") => facts.node.0 * 1000,
        (true, "limits", "memory") => facts.node.1,
        _ if cpu => set.millis(),
        _ => set.value(),
    };
    let divisor = if divisor == 0 { if cpu { 1000 } else { 1 } } else { divisor };
    Ok((amount + divisor - 1).div_euclid(divisor).to_string())
}

/// Replaces `$(NAME)` by its value; `$$(NAME)` stays `$(NAME)`; an unknown name stays as it is.
/// Mirrors third_party/forked/golang/expansion.
pub(crate) fn expand(text: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            rest = tail;
        } else if let Some((name, tail)) = after.strip_prefix('(').and_then(|r| r.split_once(')')) {
            out.push_str(&lookup(name).unwrap_or_else(|| format!("$({name})")));
            rest = tail;
        } else {
            out.push('$');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The variables of the services of a namespace, and of the API server's. Mirrors envvars.FromServices.
fn service_variables(services: &[&Object], namespace: &str) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    let master = |s: &Object| s.namespace() == "default" && s.name() == "kubernetes";
    for service in services {
        let ip = service["spec"]["clusterIP"].str();
        let wanted = service.namespace() == namespace || master(service);
        if !wanted || ip.is_empty() || ip == "None" {
            continue;
        }
        let ports = service["spec"]["ports"].items();
        let Some(first) = ports.first() else { continue };
        let prefix = service.name().to_uppercase().replace('-', "_");
        env.insert(format!("{prefix}_SERVICE_HOST"), ip.to_string());
        env.insert(format!("{prefix}_SERVICE_PORT"), first["port"].int().to_string());
        for port in ports.iter().filter(|p| !p["name"].str().is_empty()) {
            let name = port["name"].str().to_uppercase().replace('-', "_");
            env.insert(format!("{prefix}_SERVICE_PORT_{name}"), port["port"].int().to_string());
        }
        env.insert(format!("{prefix}_PORT"), link_url(ip, first));
        for port in ports {
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            let base = format!("{prefix}_PORT_{}_{protocol}", port["port"].int());
            env.insert(format!("{base}_PROTO"), protocol.to_lowercase());
            env.insert(format!("{base}_PORT"), port["port"].int().to_string());
            env.insert(format!("{base}_ADDR"), ip.to_string());
            env.insert(base, link_url(ip, port));
        }
    }
    env
}

fn link_url(ip: &str, port: &Value) -> String {
    let protocol = port["protocol"].as_str().unwrap_or("TCP").to_lowercase();
    format!("{protocol}://{ip}:{}", port["port"].int())
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn values_come_from_everywhere_in_the_right_order() {
        let pod = Object(json!({
            "metadata": {"name": "p", "namespace": "default", "labels": {"a": "b"}}, "spec": {"nodeName": "n"}}));
        let service = Object(json!({"metadata": {"name": "kubernetes", "namespace": "default"},
            "spec": {"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}}));
        let container = json!({
            "envFrom": [{"configMapRef": {"name": "c"}, "prefix": "P_"}, {"secretRef": {"name": "s"}}],
            "env": [
                {"name": "A", "value": "1"}, {"name": "B", "value": "$(A)$(NO)$$(A) $(KUBERNETES_SERVICE_HOST)"},
                {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "L", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['a']"}}},
                {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                {"name": "M", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
                {"name": "O", "valueFrom": {"configMapKeyRef": {"name": "none", "key": "k", "optional": true}}},
            ],
            "resources": {"limits": {"memory": "64Mi"}},
        });
        let facts = Facts { pod_ip: "10.0.0.5", host_ip: "1.2.3.4", node: (4, 8 << 30) };
        let mut lookup = |kind: &str, name: &str| match (kind, name) {
            ("configmap", "c") => Some(Object(json!({"data": {"x": "y"}}))),
            ("secret", "s") => Some(Object(json!({"data": {"password": "aHVudGVyMg=="}}))),
            _ => None,
        };
        let env = make(&pod, &container, &[&service], &facts, &mut lookup).unwrap();
        let expected = [
            ("P_x", "y"),
            ("password", "hunter2"),
            ("B", "1$(NO)$(A) 10.96.0.1"),
            ("IP", "10.0.0.5"),
            ("L", "b"),
            ("CPU", "4"),
            ("M", "64"),
            ("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
            ("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
            ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
        ];
        for (name, value) in expected {
            assert_eq!(env.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert!(!env.contains_key("O"));
        let bad = json!({"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "missing", "key": "k"}}}]});
        let error = make(&pod, &bad, &[], &facts, &mut lookup).unwrap_err();
        assert_eq!(error, "configmap \"missing\" not found");
    }
}
