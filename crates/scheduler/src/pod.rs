//! What the scheduler keeps of a pod: read once when the pod is seen, used for every decision.

use apimachinery::labels::Selector;
use apimachinery::{Object, Quantity, Value};
use sim::collections::BTreeMap;
use std::sync::Arc;

/// What a container counts as when it asks for nothing, for scores only. Mirrors pkg/scheduler/util/pod_resources.go.
const DEFAULT_MILLI_CPU: i64 = 100;
const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// Amounts of resources. Mirrors framework.Resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// Millicores.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Every other resource but `pods`, by name, in its own unit.
    pub others: BTreeMap<String, i64>,
    /// How many pods (allocatable only).
    pub pods: i64,
}

impl Resources {
    /// From a map of quantities such as `status.allocatable` or `resources.requests`.
    pub fn from_list(list: &Value) -> Resources {
        let mut result = Resources::default();
        for (name, value) in list.fields() {
            let quantity = quantity(value);
            match name {
                "cpu" => result.milli_cpu = quantity.millis(),
                "memory" => result.memory = quantity.value(),
                "pods" => result.pods = quantity.value(),
                _ => drop(result.others.insert(name.to_string(), quantity.value())),
            }
        }
        result
    }

    /// Adds (`sign` 1) or takes away (-1).
    pub fn add(&mut self, other: &Resources, sign: i64) {
        self.milli_cpu += sign * other.milli_cpu;
        self.memory += sign * other.memory;
        for (name, amount) in &other.others {
            *self.others.entry(name.clone()).or_default() += sign * amount;
        }
    }

    fn at_least(&mut self, other: &Resources) {
        self.milli_cpu = self.milli_cpu.max(other.milli_cpu);
        self.memory = self.memory.max(other.memory);
        for (name, amount) in &other.others {
            let own = self.others.entry(name.clone()).or_default();
            *own = (*own).max(*amount);
        }
    }
}

fn quantity(value: &Value) -> Quantity {
    match value {
        Value::String(text) => Quantity::parse(text),
        number => Quantity::parse(&number.to_json()),
    }
    .unwrap_or(Quantity::ZERO)
}

/// A port of the node that a container wants for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct HostPort {
    protocol: String,
    ip: String,
    port: i64,
}

impl HostPort {
    /// Whether both cannot be had on one node. Mirrors HostPortInfo.CheckConflict.
    pub fn conflicts(&self, other: &HostPort) -> bool {
        let any = |p: &HostPort| p.ip == "0.0.0.0";
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip == other.ip || any(self) || any(other))
    }
}

/// One term of pod affinity. Mirrors framework.AffinityTerm.
#[derive(Clone, Debug)]
pub struct AffinityTerm {
    namespaces: Vec<String>,
    namespace_selector: Option<Selector>,
    selector: Option<Selector>,
    /// The label of nodes that says what counts as one place.
    pub topology_key: String,
    /// 1 for required terms.
    pub weight: i64,
}

impl AffinityTerm {
    /// Whether pods of this namespace with these labels are meant. `namespace_labels` finds a namespace's labels.
    pub fn matches(&self, group: &Group, namespace_labels: &dyn Fn(&str) -> Value) -> bool {
        let in_namespace = self.namespaces.contains(&group.namespace)
            || self
                .namespace_selector
                .as_ref()
                .is_some_and(|s| s.matches(&namespace_labels(&group.namespace)));
        in_namespace && self.selector.as_ref().is_some_and(|s| s.matches(&group.labels))
    }
}

/// The terms of `spec.affinity.podAffinity` or `podAntiAffinity`.
#[derive(Clone, Debug, Default)]
pub struct AffinityTerms {
    /// `requiredDuringSchedulingIgnoredDuringExecution`.
    pub required: Vec<AffinityTerm>,
    /// `preferredDuringSchedulingIgnoredDuringExecution`.
    pub preferred: Vec<AffinityTerm>,
}

impl AffinityTerms {
    fn read(namespace: &str, value: &Value) -> AffinityTerms {
        let term = |v: &Value, weight: i64| {
            let named = v["namespaces"].items().iter().map(|n| n.str().to_string());
            let mut namespaces: Vec<String> = named.collect();
            let namespace_selector = Selector::from_label_selector(&v["namespaceSelector"]);
            if namespaces.is_empty() && namespace_selector.is_none() {
                namespaces.push(namespace.to_string());
            }
            AffinityTerm {
                namespaces,
                namespace_selector,
                selector: Selector::from_label_selector(&v["labelSelector"]),
                topology_key: v["topologyKey"].str().into(),
                weight,
            }
        };
        let required = value["requiredDuringSchedulingIgnoredDuringExecution"].items();
        let preferred = value["preferredDuringSchedulingIgnoredDuringExecution"].items();
        AffinityTerms {
            required: required.iter().map(|v| term(v, 1)).collect(),
            preferred: preferred.iter().map(|v| term(&v["podAffinityTerm"], v["weight"].int())).collect(),
        }
    }

    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.required.is_empty() && self.preferred.is_empty()
    }
}

/// What pods of one template have in common as far as other pods' rules see it: selectors are matched once per group
/// instead of once per pod.
#[derive(Clone, Debug)]
pub struct Group {
    /// Names it: all of the below as text.
    pub id: String,
    /// The pods' namespace.
    pub namespace: String,
    /// The pods' labels.
    pub labels: Value,
    /// Whether the pods are on their way out (topology spreading does not count those).
    pub terminating: bool,
    /// `spec.affinity.podAffinity`.
    pub affinity: AffinityTerms,
    /// `spec.affinity.podAntiAffinity`.
    pub anti_affinity: AffinityTerms,
}

impl Group {
    fn of(pod: &Object) -> Group {
        let affinity = pod.at("spec.affinity");
        let terms = |key: &str| match &affinity[key] {
            Value::Null => String::new(),
            terms => terms.to_json(),
        };
        let (near, far) = (terms("podAffinity"), terms("podAntiAffinity"));
        let id =
            format!("{}/{}/{}/{near}/{far}", pod.namespace(), pod.is_terminating(), pod.labels().to_json());
        Group {
            id,
            namespace: pod.namespace().into(),
            labels: pod.labels().clone(),
            terminating: pod.is_terminating(),
            affinity: AffinityTerms::read(pod.namespace(), &affinity["podAffinity"]),
            anti_affinity: AffinityTerms::read(pod.namespace(), &affinity["podAntiAffinity"]),
        }
    }

    /// Whether its pods have any rule about other pods.
    pub fn has_affinity(&self) -> bool {
        !self.affinity.is_empty() || !self.anti_affinity.is_empty()
    }
}

/// A pod, read. Mirrors framework.PodInfo.
#[derive(Clone, Debug)]
pub struct PodInfo {
    /// `namespace/name`.
    pub key: String,
    /// As it stands in the API.
    pub object: Object,
    /// `spec.priority`.
    pub priority: i64,
    /// What it asks for.
    pub requests: Resources,
    /// Millicores and bytes that it counts as in scores, with a default for containers that ask for nothing.
    pub non_zero: (i64, i64),
    /// Ports of the node that it wants.
    pub ports: Vec<HostPort>,
    /// What other pods' rules see of it.
    pub group: Arc<Group>,
}

impl PodInfo {
    /// Reads a pod.
    pub fn new(pod: Object) -> PodInfo {
        let spec = &pod["spec"];
        let requests = pod_requests(spec, &|list| Resources::from_list(list));
        let non_zero = pod_requests(spec, &|list| {
            let mut asked = Resources::from_list(list);
            asked.milli_cpu = if list["cpu"].is_null() { DEFAULT_MILLI_CPU } else { asked.milli_cpu };
            asked.memory = if list["memory"].is_null() { DEFAULT_MEMORY } else { asked.memory };
            asked
        });
        PodInfo {
            key: pod.key(),
            priority: spec["priority"].int(),
            requests,
            non_zero: (non_zero.milli_cpu, non_zero.memory),
            ports: host_ports(spec),
            group: Arc::new(Group::of(&pod)),
            object: pod,
        }
    }

    /// The same pod after a change of its object. Reads only what has changed.
    pub fn updated(&self, pod: Object) -> PodInfo {
        let old = &self.object;
        let alike = same(&old["spec"], &pod["spec"])
            && same(old.labels(), pod.labels())
            && old.is_terminating() == pod.is_terminating();
        if alike { PodInfo { object: pod, ..self.clone() } } else { PodInfo::new(pod) }
    }

    /// `metadata.uid`.
    pub fn uid(&self) -> &str {
        self.object.uid()
    }

    /// `status.nominatedNodeName`.
    pub fn nominated_node(&self) -> &str {
        self.object["status"]["nominatedNodeName"].str()
    }

    /// The names of the claims among its volumes.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        let volumes = self.object["spec"]["volumes"].items().iter();
        volumes.filter_map(|v| v["persistentVolumeClaim"]["claimName"].as_str())
    }
}

/// The sum of the containers and sidecars, or what the greatest init container needs if that is more, and the overhead.
/// Mirrors component-helpers/resource.PodRequests.
fn pod_requests(spec: &Value, read: &dyn Fn(&Value) -> Resources) -> Resources {
    let mut total = Resources::default();
    for container in spec["containers"].items() {
        total.add(&read(&container["resources"]["requests"]), 1);
    }
    let mut sidecars = Resources::default();
    let mut greatest_init = Resources::default();
    for container in spec["initContainers"].items() {
        let mut asked = read(&container["resources"]["requests"]);
        if container["restartPolicy"] == "Always" {
            total.add(&asked, 1);
            sidecars.add(&asked, 1);
            asked = sidecars.clone();
        } else {
            asked.add(&sidecars, 1);
        }
        greatest_init.at_least(&asked);
    }
    total.at_least(&greatest_init);
    let of_pod = Resources::from_list(&spec["resources"]["requests"]);
    for (name, _) in spec["resources"]["requests"].fields() {
        match name {
            "cpu" => total.milli_cpu = of_pod.milli_cpu,
            "memory" => total.memory = of_pod.memory,
            other => drop(total.others.insert(other.into(), of_pod.others.get(other).copied().unwrap_or(0))),
        }
    }
    total.add(&Resources::from_list(&spec["overhead"]), 1);
    total
}

fn host_ports(spec: &Value) -> Vec<HostPort> {
    let containers = spec["containers"].items().iter();
    let sidecars = spec["initContainers"].items().iter().filter(|c| c["restartPolicy"] == "Always");
    let ports = containers.chain(sidecars).flat_map(|c| c["ports"].items());
    let or = |text: &str, default: &str| if text.is_empty() { default.to_string() } else { text.to_string() };
    ports
        .filter(|p| p["hostPort"].int() > 0)
        .map(|p| HostPort {
            protocol: or(p["protocol"].str(), "TCP"),
            ip: or(p["hostIP"].str(), "0.0.0.0"),
            port: p["hostPort"].int(),
        })
        .collect()
}

/// Whether two values are the same; quick when they are one shared value.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(a, b) || a == b,
        (Value::Array(a), Value::Array(b)) => Arc::ptr_eq(a, b) || a == b,
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn requests_are_the_sum_or_the_greatest_init_container() {
        let ask = |cpu: &str| json!({"requests": {"cpu": cpu}});
        let cases = [
            (json!({"containers": [{"resources": ask("100m")}, {"resources": ask("1")}]}), 1100),
            (
                json!({"containers": [{"resources": ask("1")}], "initContainers": [{"resources": ask("2")}]}),
                2000,
            ),
            // A sidecar counts beside the containers and beside the init containers after it.
            (
                json!({"containers": [{"resources": ask("1")}], "initContainers": [
                    {"resources": ask("500m"), "restartPolicy": "Always"}, {"resources": ask("1")}]}),
                1500,
            ),
            (json!({"containers": [{}], "overhead": {"cpu": "250m"}}), 250),
        ];
        for (spec, milli_cpu) in cases {
            let pod = PodInfo::new(Object(json!({"metadata": {"name": "a"}, "spec": spec.clone()})));
            assert_eq!(pod.requests.milli_cpu, milli_cpu, "{spec:?}");
        }
        let silent = PodInfo::new(Object(json!({"spec": {"containers": [{}, {}]}})));
        assert_eq!(silent.non_zero, (200, 2 * DEFAULT_MEMORY));
    }
}
