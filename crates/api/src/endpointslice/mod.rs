//! EndpointSlice.

use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    namespaced: true,
};
