//! ServiceAccount.

use crate::kind::{BASE, Kind};
use apimachinery::Resource;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "serviceaccount",
    short_names: &["sa"],
    schema: "ServiceAccount",
    ..BASE
};
