//! What lets a request pass, or changes what it brings. One file per plugin, in the order in which the real server runs
//! them; each may change a new object ([`create`]) or refuse a request.

mod ingress_class;
mod lifecycle;
mod limit_ranger;
mod node_taints;
mod priority;
mod quota;
mod runtime_class;
mod service_account;
mod storage;
mod tolerations;

pub use quota::{Charges, charge};

use crate::{ApiServer, Call};
use apimachinery::{Object, Status};

/// Plugins on creation, before the registry and validation.
pub fn create(server: &mut ApiServer, call: &Call<'_>, object: &mut Object) -> Result<(), Status> {
    lifecycle::create(server, call, object)?;
    match call.kind.resource.plural {
        "pods" => {
            limit_ranger::create(server, call, object);
            service_account::create(server, call, object)?;
            priority::create(server, call, object)?;
            runtime_class::create(call, object)?;
            tolerations::create(object);
        }
        "ingresses" => ingress_class::create(server, call, object)?,
        "nodes" => node_taints::create(object),
        "persistentvolumes" | "persistentvolumeclaims" => storage::create(server, object),
        "priorityclasses" => priority::check_default(server, call, object)?,
        _ => {}
    }
    Ok(())
}

/// Plugins that look at a new or changed object (`old`) when all else is right with it. Gives what the quotas of its
/// namespace will have been used up by, to be written when it is.
pub fn validate(
    server: &ApiServer,
    call: &Call<'_>,
    object: &Object,
    old: Option<&Object>,
) -> Result<Charges, Status> {
    if call.kind.resource.plural == "pods" && old.is_none() {
        limit_ranger::validate(server, call, object)?;
    }
    quota::check(server, call, object, old)
}

/// Plugins on update.
pub fn update(server: &ApiServer, call: &Call<'_>, object: &mut Object, old: &Object) -> Result<(), Status> {
    if call.kind.resource.plural == "pods" && call.subresource.is_empty() {
        priority::update(object, old);
        tolerations::create(object);
    }
    if call.kind.resource.plural == "persistentvolumeclaims" && call.subresource.is_empty() {
        storage::update(call, object, old)?;
    }
    if call.kind.resource.plural == "priorityclasses" {
        priority::check_default(server, call, object)?;
    }
    lifecycle::update(server, call)
}

/// Plugins on deletion.
pub fn delete(call: &Call<'_>, old: &Object) -> Result<(), Status> {
    if call.kind.resource.plural == "priorityclasses" {
        priority::delete(call, old)?;
    }
    lifecycle::delete(call, old)
}
