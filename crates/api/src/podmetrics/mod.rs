//! PodMetrics: what a pod uses, as the metrics server tells.

use crate::kind::{BASE, Kind, Storage};
use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "metrics.k8s.io",
    version: "v1beta1",
    kind: "PodMetrics",
    plural: "pods",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "",
    verbs: &["get", "list"],
    storage: Storage::Computed,
    schema: "PodMetrics",
    ..BASE
};
