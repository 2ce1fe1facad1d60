//! NodeMetrics: what a node uses, as the metrics server tells.

use crate::kind::{BASE, Kind, Storage};
use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "metrics.k8s.io",
    version: "v1beta1",
    kind: "NodeMetrics",
    plural: "nodes",
    namespaced: false,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "",
    verbs: &["get", "list"],
    storage: Storage::Computed,
    schema: "NodeMetrics",
    ..BASE
};
