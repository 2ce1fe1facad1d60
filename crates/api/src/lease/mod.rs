//! Lease.

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::{age, column};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "coordination.k8s.io",
    version: "v1",
    kind: "Lease",
    plural: "leases",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "lease",
    schema: "Lease",
    validate: validation::validate,
    validate_update: |new, _| validation::validate(new),
    columns: &[column("Name"), column("Holder"), column("Age")],
    row,
    ..BASE
};

fn row(lease: &Object, now: Time) -> Vec<Value> {
    vec![lease.name().into(), lease["spec"]["holderIdentity"].str().into(), age(lease, now)]
}
