//! ReplicaSet.

use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", namespaced: true };
