//! Deployment.

use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "apps", version: "v1", kind: "Deployment", plural: "deployments", namespaced: true };
