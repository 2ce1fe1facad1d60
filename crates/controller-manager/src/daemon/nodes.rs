//! Which nodes a DaemonSet's pods belong on, and what such a pod looks like. Mirrors NodeShouldRunDaemonPod and
//! pkg/controller/daemon/util.

use super::{GENERATION, HASH};
use crate::tainteviction::tolerates;
use apimachinery::labels::{Operator, Requirement, Selector};
use apimachinery::{Object, Value, json};

/// Taints that no DaemonSet minds, with the effect that is tolerated. Mirrors AddOrUpdateDaemonPodTolerations.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];
const NETWORK_UNAVAILABLE: (&str, &str) = ("node.kubernetes.io/network-unavailable", "NoSchedule");

/// Whether a node gets a pod, and whether a pod that is there may stay.
pub struct Place {
    /// A pod is to run there.
    pub runs: bool,
    /// One that runs there may go on.
    pub continues: bool,
}

/// What a DaemonSet wants of a node.
pub fn place(ds: &Object, node: &Object) -> Place {
    let spec = ds.at("spec.template.spec");
    let named = spec["nodeName"].str();
    if !(named.is_empty() || named == node.name()) || !fits(spec, node) {
        return Place { runs: false, continues: false };
    }
    let tolerations = tolerations(spec);
    let bears = |effects: &[&str]| {
        let taints = node.at("spec.taints").items().iter().filter(|t| effects.contains(&t["effect"].str()));
        taints.into_iter().all(|taint| tolerations.iter().any(|t| tolerates(t, taint)))
    };
    Place { runs: bears(&["NoSchedule", "NoExecute"]), continues: bears(&["NoExecute"]) }
}

/// nodeSelector and the required node affinity. Mirrors GetRequiredNodeAffinity.
fn fits(spec: &Value, node: &Object) -> bool {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    let required = &spec["affinity"]["nodeAffinity"][REQUIRED];
    let terms = required["nodeSelectorTerms"].items();
    let fields = json!({"metadata.name": node.name()});
    let matches = |term: &Value| {
        let both = [(&term["matchExpressions"], node.labels()), (&term["matchFields"], &fields)];
        both.iter().any(|(list, _)| !list.is_empty())
            && both.iter().all(|(list, values)| list.items().iter().all(|r| requirement(r).matches(values)))
    };
    Selector::from_map(&spec["nodeSelector"]).matches(node.labels())
        && (required.is_null() || terms.iter().any(matches))
}

fn requirement(value: &Value) -> Requirement {
    let operator = match value["operator"].str() {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "Gt" => Operator::GreaterThan,
        "Lt" => Operator::LessThan,
        _ => Operator::DoesNotExist,
    };
    let values = value["values"].items().iter().map(|v| v.str().into()).collect();
    Requirement { key: value["key"].str().into(), operator, values }
}

fn tolerations(spec: &Value) -> Vec<Value> {
    let mut all = spec["tolerations"].items().to_vec();
    let network = spec["hostNetwork"].is_true().then_some(NETWORK_UNAVAILABLE);
    for (key, effect) in TOLERATED.into_iter().chain(network) {
        let known = |t: &Value| t["key"] == key && t["effect"] == effect && t["operator"] == "Exists";
        if !all.iter().any(known) {
            all.push(json!({"key": key, "operator": "Exists", "effect": effect}));
        }
    }
    all
}

/// The node that a pod is on, or is meant for.
pub fn target(pod: &Object) -> &str {
    let bound = pod.at("spec.nodeName").str();
    if !bound.is_empty() {
        return bound;
    }
    let affinity = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let fields = affinity["nodeSelectorTerms"].items().iter().flat_map(|t| t["matchFields"].items());
    let mut names = fields.filter(|f| f["key"] == "metadata.name").flat_map(|f| f["values"].items());
    names.next().map_or("", Value::str)
}

/// A pod of a DaemonSet for a node: the scheduler can bind it there alone. Mirrors CreatePodTemplate and
/// ReplaceDaemonSetPodNodeNameNodeAffinity.
pub fn pod_for(ds: &Object, node: &str, hash: &str) -> Value {
    let template = ds.at("spec.template");
    let mut metadata = json!({
        "generateName": format!("{}-", ds.name()), "namespace": ds.namespace(),
        "ownerReferences": [ds.controller_ref()], "labels": template["metadata"]["labels"].clone(),
    });
    for key in ["annotations", "finalizers"] {
        if !template["metadata"][key].is_empty() {
            metadata.set(key, &template["metadata"][key]);
        }
    }
    let labels = metadata.field_mut("labels");
    labels.set(HASH, hash);
    labels.set(GENERATION, ds.annotation(api::daemonset::TEMPLATE_GENERATION).unwrap_or("1"));
    let mut spec = template["spec"].clone();
    spec.set("tolerations", Value::array(tolerations(&template["spec"])));
    let field = json!({"key": "metadata.name", "operator": "In", "values": [node]});
    let affinity = spec.field_mut("affinity").field_mut("nodeAffinity");
    let required = json!({"nodeSelectorTerms": [{"matchFields": [field]}]});
    affinity.set("requiredDuringSchedulingIgnoredDuringExecution", required);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_and_selectors_decide() {
        let node = |taints: Value| {
            Object(json!({"metadata": {"name": "n", "labels": {"disk": "ssd"}}, "spec": {"taints": taints}}))
        };
        let ds = |spec: Value| Object(json!({"spec": {"template": {"spec": spec}}}));
        let cases = [
            (json!({}), json!([]), (true, true)),
            (json!({"nodeSelector": {"disk": "hdd"}}), json!([]), (false, false)),
            (json!({}), json!([{"key": "k", "effect": "NoSchedule"}]), (false, true)),
            (json!({}), json!([{"key": "k", "effect": "NoExecute"}]), (false, false)),
            (
                json!({}),
                json!([{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]),
                (true, true),
            ),
            (
                json!({"tolerations": [{"operator": "Exists"}]}),
                json!([{"key": "k", "effect": "NoExecute"}]),
                (true, true),
            ),
        ];
        for (spec, taints, expected) in cases {
            let place = place(&ds(spec.clone()), &node(taints));
            assert_eq!((place.runs, place.continues), expected, "{spec:?}");
        }
        let mut owner = ds(json!({"containers": []}));
        owner.0.set_at("metadata.name", "web");
        assert_eq!(target(&Object(pod_for(&owner, "n", "abc"))), "n");
    }
}
