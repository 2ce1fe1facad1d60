//! What an object takes of a quota. Mirrors pkg/quota/v1/evaluator/core.

use crate::pod;
use apimachinery::{Object, Quantity, Resource, Value};
use sim::collections::BTreeMap;
use sim::{Duration, Order, Time};

/// Resources and amounts, by name.
pub type Usage = BTreeMap<String, Quantity>;

/// The resources of pods that a quota may name beside their number.
const COMPUTE: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];
/// The kinds whose number has a name of its own.
const COUNTED: [&str; 7] = [
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
];
/// Each container has to ask for these where a quota names them. Mirrors validationSet.
const EXPLICIT: [&str; 6] =
    ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/// `count/deployments.apps` of a kind.
fn count_name(resource: &Resource) -> String {
    match resource.group {
        "" => format!("count/{}", resource.plural),
        group => format!("count/{}.{group}", resource.plural),
    }
}

/// Whether a quota's resource has to do with a kind.
pub fn matches(name: &str, resource: &Resource) -> bool {
    if name == count_name(resource) {
        return true;
    }
    if !resource.group.is_empty() {
        return false;
    }
    if COUNTED.contains(&name) {
        return name == resource.plural;
    }
    match resource.plural {
        "pods" => {
            let compute = name.strip_prefix("requests.").or(name.strip_prefix("limits.")).unwrap_or(name);
            COMPUTE.contains(&compute) || compute.contains('/') && !name.starts_with("count/")
        }
        "services" => matches!(name, "services.nodeports" | "services.loadbalancers"),
        _ => false,
    }
}

/// What an object takes. A pod that has ended takes nothing but its place in `count/pods`.
pub fn usage(resource: &Resource, object: &Object, now: Time) -> Usage {
    let mut used = Usage::new();
    let one = Quantity::count(1);
    used.insert(count_name(resource), one);
    if !resource.group.is_empty() {
        return used;
    }
    match resource.plural {
        "pods" if counts(object, now) => pod_usage(object, &mut used),
        "pods" => {}
        "services" => {
            used.insert("services".into(), one);
            service_usage(object, &mut used);
        }
        counted if COUNTED.contains(&counted) => drop(used.insert(counted.into(), one)),
        _ => {}
    }
    used
}

/// Whether a pod takes anything. Mirrors QuotaV1Pod.
fn counts(pod: &Object, now: Time) -> bool {
    if matches!(pod.at("status.phase").str(), "Failed" | "Succeeded") {
        return false;
    }
    // One that should be gone by now hangs on a node that is lost.
    let grace = pod.meta("deletionGracePeriodSeconds").int().max(0) as u64;
    pod.deletion().is_none_or(|at| now <= at + Duration::from_secs(grace))
}

fn pod_usage(object: &Object, used: &mut Usage) {
    used.insert("pods".into(), Quantity::count(1));
    for (list, prefix) in [("requests", "requests."), ("limits", "limits.")] {
        for (name, amount) in pod::resources(&object["spec"], list) {
            if list == "requests" && COMPUTE.contains(&name.as_str()) {
                used.insert(name.clone(), amount);
            }
            used.insert(format!("{prefix}{name}"), amount);
        }
    }
}

fn service_usage(service: &Object, used: &mut Usage) {
    let spec = &service["spec"];
    let ports = spec["ports"].items();
    let (nodes, balancers) = match spec["type"].str() {
        "NodePort" => (ports.len(), 0),
        "LoadBalancer" if spec["allocateLoadBalancerNodePorts"].as_bool() == Some(false) => {
            (ports.iter().filter(|p| p["nodePort"].int() != 0).count(), 1)
        }
        "LoadBalancer" => (ports.len(), 1),
        _ => (0, 0),
    };
    for (name, count) in [("services.nodeports", nodes), ("services.loadbalancers", balancers)] {
        used.insert(name.into(), Quantity::count(count as i64));
    }
}

/// What a pod has to say and does not, in the words of the error, when a quota has these resources; empty when all is
/// said. Mirrors podEvaluator.Constraints.
pub fn missing(pod: &Object, hard: &Value) -> String {
    let spec = &pod["spec"];
    let mut said: Vec<String> = Vec::new();
    for name in EXPLICIT.into_iter().filter(|name| hard.get(name).is_some()) {
        let (list, resource) = match name.split_once('.') {
            Some((list, resource)) => (list, resource),
            None => ("requests", name),
        };
        let lists = ["containers", "initContainers"];
        let silent = lists
            .iter()
            .flat_map(|l| spec[*l].items())
            .filter(|c| c["resources"][list].get(resource).is_none());
        let mut names: Vec<&str> = silent.map(|c| c["name"].str()).collect();
        if !names.is_empty() {
            names.order_by_key(|n| n.to_string());
            said.push(format!("{name} for: {}", names.join(",")));
        }
    }
    said.order_by_key(Clone::clone);
    said.join("; ")
}

/// Whether a quota's scopes take an object in. Only pods have scopes. Mirrors podMatchesScopeFunc.
pub fn covers(quota: &Object, resource: &Resource, object: &Object) -> bool {
    let spec = &quota["spec"];
    let scopes = spec["scopes"].items().iter().map(|s| (s.str(), "Exists", &Value::Null));
    let selected = spec["scopeSelector"]["matchExpressions"].items().iter();
    let selected = selected.map(|e| (e["scopeName"].str(), e["operator"].str(), &e["values"]));
    let mut all = scopes.chain(selected).peekable();
    all.peek().is_none() || (*resource == pod::RESOURCE && all.all(|(s, o, v)| in_scope(object, s, o, v)))
}

fn in_scope(object: &Object, scope: &str, operator: &str, values: &Value) -> bool {
    let spec = &object["spec"];
    let deadline = !spec["activeDeadlineSeconds"].is_null();
    let best_effort = pod::qos_class(&object["spec"]) == "BestEffort";
    match scope {
        "Terminating" => deadline,
        "NotTerminating" => !deadline,
        "BestEffort" => best_effort,
        "NotBestEffort" => !best_effort,
        "PriorityClass" => {
            let class = spec["priorityClassName"].str();
            let listed = values.items().iter().any(|v| *v == class);
            match operator {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => !class.is_empty(),
                _ => class.is_empty(),
            }
        }
        "CrossNamespacePodAffinity" => {
            let affinity = spec["affinity"].to_json();
            affinity.contains("\"namespaces\"") || affinity.contains("\"namespaceSelector\"")
        }
        _ => false,
    }
}
