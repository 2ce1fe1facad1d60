//! Which slices there should be. Mirrors endpointslice/reconciler.go.

use super::membership::{self, is_headless};
use super::{MANAGED_BY, MANAGER, SERVICE_NAME, trigger};
use crate::podutil;
use apimachinery::{Object, Value, json};
use sim::Time;
use sim::collections::BTreeMap;

/// How many endpoints stand in one slice. Mirrors `--max-endpoints-per-slice`.
const MAX_ENDPOINTS: usize = 100;
const HEADLESS: &str = "service.kubernetes.io/headless";

/// What has to be written.
#[derive(Default)]
pub struct Plan {
    pub create: Vec<Object>,
    pub update: Vec<Object>,
    /// Names.
    pub delete: Vec<String>,
}

/// Endpoints of one set of ports, by what identifies them.
type Endpoints = BTreeMap<String, Value>;

/// From a Service, the pods that it selects, and the slices that it has, to what has to be written.
pub fn reconcile(service: &Object, pods: &[&Object], existing: &[&Object], trigger: Option<Time>) -> Plan {
    let mut desired: BTreeMap<String, (Value, Endpoints)> = BTreeMap::new();
    for pod in pods.iter().filter(|p| membership::belongs(p, true)) {
        let ports = slice_ports(service, pod);
        let (_, endpoints) =
            desired.entry(ports.to_json()).or_insert_with(|| (ports.clone(), Endpoints::new()));
        let endpoint = endpoint(service, pod);
        endpoints.insert(identity(&endpoint), endpoint);
    }
    let mut plan = Plan::default();
    let mut unwanted = Vec::new();
    for slice in existing {
        let ports = normal_ports(slice).to_json();
        desired.entry(ports).or_insert_with(|| (normal_ports(slice), Endpoints::new()));
    }
    for (key, (ports, endpoints)) in desired {
        let slices = existing.iter().filter(|s| normal_ports(s).to_json() == key).copied().collect();
        one_port_set(service, &ports, endpoints, slices, &mut plan, &mut unwanted);
    }
    keep_a_placeholder(service, existing, &mut plan, &mut unwanted);
    recycle(&mut plan, &mut unwanted);
    plan.delete = unwanted.iter().map(|s| s.name().to_string()).collect();
    for slice in plan.create.iter_mut().chain(&mut plan.update) {
        trigger::annotate(slice, trigger);
    }
    plan
}

/// Keeps what is right, takes out what is not, and puts what is missing where there is room: first into slices that
/// change anyway, then into one that has room for all of it, then into new ones. Mirrors reconcileByPortMapping.
fn one_port_set(
    service: &Object,
    ports: &Value,
    mut desired: Endpoints,
    slices: Vec<&Object>,
    plan: &mut Plan,
    unwanted: &mut Vec<Object>,
) {
    let mut changing: Vec<(Object, Vec<Value>)> = Vec::new();
    let mut unchanged: Vec<&Object> = Vec::new();
    for slice in slices {
        let mut updated = false;
        let mut kept = Vec::new();
        for endpoint in slice["endpoints"].items() {
            if let Some(wanted) = desired.remove(&identity(endpoint)) {
                updated |= wanted != *endpoint;
                kept.push(wanted);
            }
        }
        updated |= kept.len() != slice["endpoints"].items().len();
        if kept.is_empty() {
            unwanted.push(slice.clone());
        } else if updated || *slice.labels() != labels(service) {
            changing.push((slice.clone(), kept));
        } else {
            unchanged.push(slice);
        }
    }
    let mut missing: Vec<Value> = desired.into_values().collect();
    for (_, endpoints) in &mut changing {
        let room = MAX_ENDPOINTS.saturating_sub(endpoints.len()).min(missing.len());
        endpoints.extend(missing.drain(..room));
    }
    while !missing.is_empty() {
        let part: Vec<Value> = missing.drain(..missing.len().min(MAX_ENDPOINTS)).collect();
        let room = |s: &&Object| MAX_ENDPOINTS.saturating_sub(s["endpoints"].items().len());
        // The fullest that has room, so that slices stay full.
        let fitting = unchanged.iter().enumerate().filter(|(_, s)| room(s) >= part.len());
        match fitting.min_by_key(|(_, s)| room(s)).map(|(i, _)| i) {
            Some(i) => {
                let slice = unchanged.remove(i);
                let mut endpoints = slice["endpoints"].items().to_vec();
                endpoints.extend(part);
                changing.push((slice.clone(), endpoints));
            }
            None => plan.create.push(new_slice(service, ports, part)),
        }
    }
    for (mut slice, endpoints) in changing {
        slice.0.set_at("metadata.labels", labels(service));
        slice.set("endpoints", endpoints);
        plan.update.push(slice);
    }
}

/// A Service always has a slice, be it empty.
fn keep_a_placeholder(service: &Object, existing: &[&Object], plan: &mut Plan, unwanted: &mut Vec<Object>) {
    if unwanted.len() < existing.len() || !plan.create.is_empty() {
        return;
    }
    let is_placeholder =
        |s: &Object| s["endpoints"].is_empty() && s["ports"].is_empty() && *s.labels() == labels(service);
    if unwanted.len() == 1 && is_placeholder(&unwanted[0]) {
        unwanted.clear();
    } else {
        plan.create.push(new_slice(service, &Value::Null, Vec::new()));
    }
}

/// What would be deleted takes the contents of what would be created. Mirrors recycleSlices.
fn recycle(plan: &mut Plan, unwanted: &mut Vec<Object>) {
    let count = plan.create.len().min(unwanted.len());
    for (new, mut old) in plan.create.drain(..count).zip(unwanted.drain(..count)) {
        old.0.set_at("metadata.labels", new.labels());
        old.set("endpoints", &new["endpoints"]);
        old.set("ports", &new["ports"]);
        plan.update.push(old);
    }
}

fn new_slice(service: &Object, ports: &Value, endpoints: Vec<Value>) -> Object {
    // Empty lists are null, as they are in the real ones.
    let list = |items: Value| if items.is_empty() { Value::Null } else { items };
    Object(json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {
            "generateName": format!("{}-", service.name()), "namespace": service.namespace(),
            "labels": labels(service), "ownerReferences": [owner_reference(service)],
        },
        "addressType": "IPv4", "endpoints": list(endpoints.into()), "ports": list(ports.clone()),
    }))
}

fn owner_reference(service: &Object) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "name": service.name(), "uid": service.uid(),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// The Service's labels and those that say whose slice it is. Mirrors setEndpointSliceLabels.
fn labels(service: &Object) -> Value {
    let mut labels = match service.labels() {
        Value::Null => Value::object(),
        labels => labels.clone(),
    };
    labels.remove(HEADLESS);
    if is_headless(service) {
        labels.set(HEADLESS, "");
    }
    labels.set(SERVICE_NAME, service.name());
    labels.set(MANAGED_BY, MANAGER);
    labels
}

/// Mirrors getEndpointPorts.
fn slice_ports(service: &Object, pod: &Object) -> Value {
    let ports = membership::ports(service, pod).into_iter().map(|(port, number)| {
        let mut result = json!({
            "name": port["name"].str(), "port": number, "protocol": port["protocol"].as_str().unwrap_or("TCP"),
        });
        if !port["appProtocol"].is_null() {
            result.set("appProtocol", &port["appProtocol"]);
        }
        result
    });
    Value::array(ports)
}

fn normal_ports(slice: &Object) -> Value {
    if slice["ports"].is_null() { Value::array([]) } else { slice["ports"].clone() }
}

/// Mirrors podToEndpoint.
fn endpoint(service: &Object, pod: &Object) -> Value {
    let (serving, terminating) = (podutil::is_ready(pod), pod.is_terminating());
    let ready = membership::publishes_not_ready(service) || (serving && !terminating);
    let mut endpoint = json!({
        "addresses": [pod.at("status.podIP")],
        "conditions": {"ready": ready, "serving": serving, "terminating": terminating},
        "targetRef": membership::target_ref(pod),
    });
    if !podutil::node(pod).is_empty() {
        endpoint.set("nodeName", podutil::node(pod));
    }
    if let Some(hostname) = membership::hostname(pod, service) {
        endpoint.set("hostname", hostname);
    }
    endpoint
}

/// Mirrors hashEndpoint.
fn identity(endpoint: &Value) -> String {
    let target = &endpoint["targetRef"];
    let parts = [endpoint["addresses"].to_json(), endpoint["hostname"].str().into()];
    format!("{}/{}/{}", parts.join("/"), target["namespace"].str(), target["name"].str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(port: Value) -> Object {
        Object(json!({
            "metadata": {"name": "web", "namespace": "default", "uid": "s", "labels": {"app": "web"}},
            "spec": {"clusterIP": "10.96.0.9", "selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": port, "protocol": "TCP"}]},
        }))
    }

    fn pod(i: usize, ready: bool) -> Object {
        Object(json!({
            "metadata": {"name": format!("web-{i}"), "namespace": "default", "uid": format!("u{i}")},
            "spec": {"nodeName": "minikube", "containers": [{"ports": [{"name": "http", "containerPort": 8080}]}]},
            "status": {
                "phase": "Running", "podIP": format!("10.244.{}.{}", i / 200, i % 200 + 2),
                "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
            },
        }))
    }

    fn plan(service: &Object, pods: &[Object], slices: &[Object]) -> Plan {
        reconcile(service, &pods.iter().collect::<Vec<_>>(), &slices.iter().collect::<Vec<_>>(), None)
    }

    fn named(mut slice: Object, name: &str) -> Object {
        slice.0.set_at("metadata.name", name);
        slice
    }

    #[test]
    fn an_empty_service_has_a_placeholder_that_later_holds_its_endpoints() {
        let service = service(json!("http"));
        let created = plan(&service, &[], &[]).create;
        assert_eq!(created.len(), 1);
        assert!(created[0]["ports"].is_null() && created[0]["endpoints"].is_null());
        let slice = named(created[0].clone(), "web-abcde");
        let again = plan(&service, &[], std::slice::from_ref(&slice));
        assert_eq!((again.create.len(), again.update.len(), again.delete.len()), (0, 0, 0));
        let filled = plan(&service, &[pod(0, false)], &[slice]);
        assert_eq!((filled.create.len(), filled.delete.len()), (0, 0));
        let slice = &filled.update[0];
        assert_eq!(slice.name(), "web-abcde");
        assert_eq!(slice["ports"].to_json(), r#"[{"name":"","port":8080,"protocol":"TCP"}]"#);
        assert_eq!(
            slice["endpoints"].to_json(),
            r#"[{"addresses":["10.244.0.2"],"conditions":{"ready":false,"serving":false,"terminating":false},"nodeName":"minikube","targetRef":{"kind":"Pod","name":"web-0","namespace":"default","uid":"u0"}}]"#
        );
        assert_eq!(
            slice.labels().to_json(),
            r#"{"app":"web","endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io","kubernetes.io/service-name":"web"}"#
        );
    }

    #[test]
    fn a_slice_holds_a_hundred_and_little_is_written() {
        let service = service(json!(80));
        let mut pods: Vec<Object> = (0..250).map(|i| pod(i, true)).collect();
        let created = plan(&service, &pods, &[]).create;
        let sizes =
            |slices: &[Object]| slices.iter().map(|s| s["endpoints"].items().len()).collect::<Vec<_>>();
        assert_eq!(sizes(&created), [100, 100, 50]);
        let slices: Vec<Object> =
            created.into_iter().enumerate().map(|(i, s)| named(s, &format!("web-{i}"))).collect();
        // One more goes where there is room; nothing else is touched.
        pods.push(pod(250, true));
        let more = plan(&service, &pods, &slices);
        assert_eq!((more.create.len(), sizes(&more.update)), (0, vec![51]));
        // All gone: one of the slices stays as the placeholder.
        let none = plan(&service, &[], &slices);
        assert_eq!((none.create.len(), sizes(&none.update), none.delete.len()), (0, vec![0], 2));
    }

    #[test]
    fn a_pod_on_its_way_out_serves_until_it_ends() {
        let service = service(json!(80));
        let mut going = pod(0, true);
        going.0.set_at("metadata.deletionTimestamp", "2026-01-01T00:00:00Z");
        let mut ended = pod(1, true);
        ended.0.set_at("status.phase", "Succeeded");
        let slice = &plan(&service, &[going, ended], &[]).create[0];
        assert_eq!(
            slice["endpoints"][0]["conditions"].to_json(),
            r#"{"ready":false,"serving":true,"terminating":true}"#
        );
        assert_eq!(slice["endpoints"].items().len(), 1);
    }
}
