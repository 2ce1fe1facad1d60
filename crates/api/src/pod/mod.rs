//! Pod.

mod defaults;
mod hash;
mod qos;
mod resources;
pub mod table;
mod validation;
mod warnings;

pub use defaults::{default_template, pull_policy};
pub use hash::{template_hash, template_hash_after};
pub use qos::qos_class;
pub use resources::resources;
pub use validation::validate_template;
pub(crate) use validation::{spec_diff, template_in_go, validate_container_resource_name};
pub(crate) use warnings::warnings;

use crate::kind::{BASE, Kind, Subresource, spec_changed, status_of};
use apimachinery::{Object, Resource, Value, json};

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };

const fn connect(name: &'static str, kind: &'static str, verbs: &'static [&'static str]) -> Subresource {
    Subresource { name, kind, group_version: None, verbs }
}

const PROXY_VERBS: &[&str] = &["create", "delete", "get", "patch", "update"];

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "pod",
    short_names: &["po"],
    categories: &["all"],
    subresources: &[
        connect("attach", "PodAttachOptions", &["create", "get"]),
        connect("binding", "Binding", &["create"]),
        connect("ephemeralcontainers", "Pod", &["get", "patch", "update"]),
        Subresource {
            name: "eviction",
            kind: "Eviction",
            group_version: Some(("policy", "v1")),
            verbs: &["create"],
        },
        connect("exec", "PodExecOptions", &["create", "get"]),
        connect("log", "Pod", &["get"]),
        connect("portforward", "PodPortForwardOptions", &["create", "get"]),
        connect("proxy", "PodProxyOptions", PROXY_VERBS),
        connect("resize", "Pod", &["get", "patch", "update"]),
        status_of("Pod"),
    ],
    schema: "Pod",
    defaults: defaults::apply,
    validate: validation::validate,
    validate_update: validation::validate_update,
    validate_status_update: validation::validate_status_update,
    warnings: |pod| {
        let mut list = warnings(&pod["spec"], "spec");
        list.extend(hostname_warning(pod, "this is used in the Pod's hostname"));
        list
    },
    strategy_create: |pod| {
        let status = json!({"phase": "Pending", "qosClass": qos_class(&pod["spec"])});
        pod.set("status", status);
        gate_scheduling(pod);
        match_labels(pod);
    },
    generation: Some(spec_changed),
    fields,
    columns: table::COLUMNS,
    row: table::row,
    ..BASE
};

/// A pod with scheduling gates says so from its first moment. Mirrors applySchedulingGatedCondition.
fn gate_scheduling(pod: &mut Object) {
    if !pod["spec"]["schedulingGates"].items().is_empty() {
        pod.field_mut("status").field_mut("conditions").array_mut().push(json!({
            "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
            "message": "Scheduling is blocked due to non-empty scheduling gates",
            "lastProbeTime": null, "lastTransitionTime": null,
        }));
    }
}

/// Label keys of affinity terms become part of their selectors, with the pod's own values.
/// Mirrors applyMatchLabelKeysAndMismatchLabelKeys.
fn match_labels(pod: &mut Object) {
    let labels = pod.labels().clone();
    for kind in ["podAffinity", "podAntiAffinity"] {
        let affinity = &pod["spec"]["affinity"][kind];
        if affinity.is_null() {
            continue;
        }
        let mut changed = affinity.clone();
        for term in changed.field_mut("requiredDuringSchedulingIgnoredDuringExecution").array_mut() {
            match_labels_of_term(term, &labels);
        }
        for weighted in changed.field_mut("preferredDuringSchedulingIgnoredDuringExecution").array_mut() {
            match_labels_of_term(weighted.field_mut("podAffinityTerm"), &labels);
        }
        for list in [
            "requiredDuringSchedulingIgnoredDuringExecution",
            "preferredDuringSchedulingIgnoredDuringExecution",
        ] {
            if changed[list].is_empty() {
                changed.remove(list);
            }
        }
        if changed != *affinity {
            pod.set_at(&format!("spec.affinity.{kind}"), changed);
        }
    }
}

fn match_labels_of_term(term: &mut Value, labels: &Value) {
    if term["labelSelector"].is_null() {
        return;
    }
    for (list, operator) in [("matchLabelKeys", "In"), ("mismatchLabelKeys", "NotIn")] {
        for key in term[list].items().to_vec() {
            if let Some(value) = labels.get(key.str()) {
                let requirement = json!({"key": key, "operator": operator, "values": [(value.clone())]});
                term.field_mut("labelSelector").field_mut("matchExpressions").array_mut().push(requirement);
            }
        }
    }
}

/// Mirrors ToSelectableFields of the pod strategy.
fn fields(pod: &Object) -> Vec<(&'static str, String)> {
    let (spec, status) = (&pod["spec"], &pod["status"]);
    let text = |v: &apimachinery::Value| v.str().to_string();
    let ips: Vec<&str> = status["podIPs"].items().iter().map(|ip| ip["ip"].str()).collect();
    vec![
        ("spec.nodeName", text(&spec["nodeName"])),
        ("spec.restartPolicy", text(&spec["restartPolicy"])),
        ("spec.schedulerName", text(&spec["schedulerName"])),
        ("spec.serviceAccountName", text(&spec["serviceAccountName"])),
        ("spec.hostNetwork", spec["hostNetwork"].is_true().to_string()),
        ("status.phase", text(&status["phase"])),
        ("status.podIP", ips.first().copied().unwrap_or_default().to_string()),
        ("status.podIPs", ips.join(",")),
        ("status.nominatedNodeName", text(&status["nominatedNodeName"])),
    ]
}

/// What the name of a pod or of a workload means for hostnames, when it is no DNS label.
pub(crate) fn hostname_warning(object: &Object, used: &str) -> Option<String> {
    let wrong = apimachinery::labels::dns1123_label_errors(object.name());
    let why = "which can result in surprising behavior; a DNS label is recommended";
    (!wrong.is_empty()).then(|| format!("metadata.name: {used}, {why}: [{}]", wrong.join(" ")))
}

/// What the server warns of when it takes a workload with a pod template.
pub(crate) fn template_warnings(workload: &Object) -> Vec<String> {
    template_warnings_at(workload, "spec.template.spec")
}

/// The same with the template's spec at a path of its own.
pub(crate) fn template_warnings_at(workload: &Object, path: &str) -> Vec<String> {
    let name = hostname_warning(workload, "this is used in Pod names and hostnames");
    name.into_iter().chain(warnings(workload.at(path), path)).collect()
}
