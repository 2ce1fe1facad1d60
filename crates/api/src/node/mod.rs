//! Node.

mod validation;

use crate::kind::{BASE, Kind, Subresource, status_of};
use crate::meta::{age, column, condition, or, wide};
use apimachinery::{Object, Resource, Value};
use sim::Order;
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Node", plural: "nodes", namespaced: false };

/// Labels that begin with this say a role of a node.
const ROLE_PREFIX: &str = "node-role.kubernetes.io/";
/// The label whose value is a role of a node.
const ROLE_LABEL: &str = "kubernetes.io/role";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "node",
    short_names: &["no"],
    subresources: &[
        Subresource {
            name: "proxy",
            kind: "NodeProxyOptions",
            group_version: None,
            verbs: &["create", "delete", "get", "patch", "update"],
        },
        status_of("Node"),
    ],
    schema: "Node",
    defaults,
    validate: validation::validate,
    validate_update: validation::validate_update,
    validate_status_update: |new, _| validation::validate_status(new),
    fields: |node| vec![("spec.unschedulable", node["spec"]["unschedulable"].is_true().to_string())],
    columns: &[
        column("Name"),
        column("Status"),
        column("Roles"),
        column("Age"),
        column("Version"),
        wide("Internal-IP"),
        wide("External-IP"),
        wide("OS-Image"),
        wide("Kernel-Version"),
        wide("Container-Runtime"),
    ],
    row,
    ..BASE
};

/// What can be allocated is everything there is, unless said. Mirrors SetDefaults_NodeStatus.
fn defaults(node: &mut Value) {
    let capacity = node["status"]["capacity"].clone();
    if !capacity.is_null() && node["status"]["allocatable"].is_null() {
        node.field_mut("status").set("allocatable", capacity);
    }
}

/// Mirrors printNode.
fn row(node: &Object, now: Time) -> Vec<Value> {
    let info = &node["status"]["nodeInfo"];
    let known = |key: &str| Value::from(or(info[key].str(), "<unknown>"));
    // Since 1.35 the architecture stands behind the kernel.
    let kernel = match (info["kernelVersion"].str(), info["architecture"].str()) {
        ("", _) => "<unknown>".to_string(),
        (kernel, "") => kernel.to_string(),
        (kernel, architecture) => format!("{kernel} ({architecture})"),
    };
    vec![
        node.name().into(),
        status(node).into(),
        roles(node).into(),
        age(node, now),
        info["kubeletVersion"].str().into(),
        address(node, "InternalIP"),
        address(node, "ExternalIP"),
        known("osImage"),
        kernel.into(),
        known("containerRuntimeVersion"),
    ]
}

/// `Ready`, `NotReady`, `Unknown`, with `,SchedulingDisabled` when cordoned.
pub fn status(node: &Object) -> String {
    let ready = match condition(&node["status"]["conditions"], "Ready") {
        "" => "Unknown",
        "True" => "Ready",
        _ => "NotReady",
    };
    let cordoned = if node["spec"]["unschedulable"].is_true() { ",SchedulingDisabled" } else { "" };
    format!("{ready}{cordoned}")
}

/// The roles that labels say, sorted, or `<none>`. Mirrors findNodeRoles.
pub fn roles(node: &Object) -> String {
    let role = |(key, value): (&str, &Value)| match key.strip_prefix(ROLE_PREFIX) {
        Some(role) if !role.is_empty() => Some(role.to_string()),
        _ if key == ROLE_LABEL && !value.str().is_empty() => Some(value.str().to_string()),
        _ => None,
    };
    let mut roles: Vec<String> = node.labels().fields().filter_map(role).collect();
    roles.order();
    roles.dedup();
    if roles.is_empty() { "<none>".into() } else { roles.join(",") }
}

fn address(node: &Object, kind: &str) -> Value {
    let found = node["status"]["addresses"].items().iter().find(|a| a["type"] == *kind);
    found.map_or("<none>".into(), |a| a["address"].clone())
}
