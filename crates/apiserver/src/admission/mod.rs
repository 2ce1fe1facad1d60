//! What lets a request pass, or changes what it brings. One file per plugin, in the order in which the real server runs
//! them; each may change a new object ([`create`]) or refuse a request.

mod lifecycle;
mod node_taints;
mod priority;
mod runtime_class;
mod service_account;
mod tolerations;

use crate::{ApiServer, Call};
use apimachinery::{Object, Status};

/// Plugins on creation, before the registry and validation.
pub fn create(server: &mut ApiServer, call: &Call<'_>, object: &mut Object) -> Result<(), Status> {
    lifecycle::create(server, call, object)?;
    match call.kind.resource.plural {
        "pods" => {
            service_account::create(server, call, object)?;
            priority::create(server, call, object)?;
            runtime_class::create(call, object)?;
            tolerations::create(object);
        }
        "nodes" => node_taints::create(object),
        "priorityclasses" => priority::check_default(server, call, object)?,
        _ => {}
    }
    Ok(())
}

/// Plugins on update.
pub fn update(server: &ApiServer, call: &Call<'_>, object: &mut Object, old: &Object) -> Result<(), Status> {
    if call.kind.resource.plural == "pods" && call.subresource.is_empty() {
        priority::update(object, old);
        tolerations::create(object);
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
