//! Eviction: asks a pod to go, if disruption budgets allow. The body of a pod's `eviction` subresource.

use crate::kind::{BASE, Kind, Storage};
use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "policy", version: "v1", kind: "Eviction", plural: "evictions", namespaced: true };

/// The kind.
pub static KIND: Kind =
    Kind { resource: RESOURCE, verbs: &[], storage: Storage::Body, schema: "Eviction", ..BASE };
