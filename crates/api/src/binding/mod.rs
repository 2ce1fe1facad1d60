//! Binding: says on which node a pod runs. The body of a pod's `binding` subresource.

use crate::kind::{BASE, Kind, Storage};
use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Binding", plural: "bindings", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "binding",
    verbs: &["create"],
    storage: Storage::Body,
    schema: "Binding",
    ..BASE
};
