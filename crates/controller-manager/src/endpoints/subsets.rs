//! Mirrors pkg/api/v1/endpoints (RepackSubsets) and the loop of pkg/controller/endpoint.

use crate::endpointslice::membership;
use crate::podutil;
use apimachinery::{Object, Value, json};
use sim::Order;
use sim::collections::BTreeMap;

/// `subsets` of an Endpoints object.
pub struct Subsets {
    /// The list.
    pub list: Value,
    /// Whether addresses were left out, because they are too many.
    pub truncated: bool,
}

/// The addresses of these pods, those with the same ports together; each list sorted by address.
pub fn of(service: &Object, pods: &[&Object], max: usize) -> Subsets {
    let anyway = membership::publishes_not_ready(service);
    let mut pods: Vec<&Object> = pods.iter().copied().filter(|p| membership::belongs(p, anyway)).collect();
    pods.order_by(|a, b| (ip(a), a.uid()).cmp(&(ip(b), b.uid())));
    let is_ready = |pod: &Object| anyway || podutil::is_ready(pod);
    let truncated = pods.len() > max;
    if truncated {
        // Ready ones first.
        pods.order_by_key(|pod| !is_ready(pod));
        pods.truncate(max);
    }
    // By ports: (ports, ready, not ready).
    let mut groups: BTreeMap<String, (Value, Vec<Value>, Vec<Value>)> = BTreeMap::new();
    for pod in pods {
        let ports = ports(service, pod);
        let has_ports = !service.at("spec.ports").is_empty();
        if has_ports && ports.is_empty() {
            continue; // a named port that it does not have
        }
        let (_, ready, not_ready) = groups.entry(ports.to_json()).or_insert((ports, vec![], vec![]));
        let list = if is_ready(pod) { ready } else { not_ready };
        list.push(address(service, pod));
    }
    let subsets = groups.into_values().map(|(ports, ready, not_ready)| {
        let mut subset = Value::object();
        let lists = [("addresses", ready.into()), ("notReadyAddresses", not_ready.into()), ("ports", ports)];
        for (key, list) in lists {
            if !Value::is_empty(&list) {
                subset.set(key, list);
            }
        }
        subset
    });
    Subsets { list: Value::array(subsets), truncated }
}

fn ip(pod: &Object) -> &str {
    pod.at("status.podIP").str()
}

fn address(service: &Object, pod: &Object) -> Value {
    let mut address = json!({"ip": ip(pod), "targetRef": membership::target_ref(pod)});
    if !podutil::node(pod).is_empty() {
        address.set("nodeName", podutil::node(pod));
    }
    if let Some(hostname) = membership::hostname(pod, service) {
        address.set("hostname", hostname);
    }
    address
}

fn ports(service: &Object, pod: &Object) -> Value {
    let ports = membership::ports(service, pod).into_iter().map(|(port, number)| {
        let mut result = json!({"port": number, "protocol": port["protocol"].as_str().unwrap_or("TCP")});
        for optional in ["name", "appProtocol"] {
            if !port[optional].is_empty() {
                result.set(optional, &port[optional]);
            }
        }
        result
    });
    Value::array(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_and_not_ready_are_told_apart_and_sorted() {
        let mut service = Object(json!({
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"ports": [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]},
        }));
        let pod = |ip: &str, ready: &str| {
            Object(json!({
                "metadata": {"name": ip, "namespace": "default", "uid": ip},
                "status": {"podIP": ip, "phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
            }))
        };
        let pods = [pod("10.244.2.2", "True"), pod("10.244.1.3", "False"), pod("10.244.1.2", "True")];
        let pods: Vec<&Object> = pods.iter().collect();
        let ips = |v: &Value| v.items().iter().map(|a| a["ip"].str().to_string()).collect::<Vec<_>>();
        let subset = of(&service, &pods, 1000).list[0].clone();
        assert_eq!(ips(&subset["addresses"]), ["10.244.1.2", "10.244.2.2"]);
        assert_eq!(ips(&subset["notReadyAddresses"]), ["10.244.1.3"]);
        assert_eq!(subset["ports"].to_json(), r#"[{"name":"http","port":8080,"protocol":"TCP"}]"#);
        let truncated = of(&service, &pods, 2);
        assert!(truncated.truncated && truncated.list[0]["notReadyAddresses"].is_null());
        service.0.set_at("spec.publishNotReadyAddresses", true);
        assert_eq!(ips(&of(&service, &pods, 1000).list[0]["addresses"]).len(), 3);
        service.0.set_at("spec.ports", json!([{"port": 80, "targetPort": "nosuch"}]));
        assert!(of(&service, &pods, 1000).list.is_empty());
    }
}
