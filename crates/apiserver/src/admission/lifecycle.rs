//! NamespaceLifecycle: nothing is created in a namespace that is not there or on its way out, and three namespaces
//! stay for ever. Mirrors apiserver/pkg/admission/plugin/namespace/lifecycle.

use crate::{ApiServer, Call};
use apimachinery::{Object, Status, json};

/// Namespaces that cannot be deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];

/// The namespace has to be there and to stay.
pub fn create(server: &ApiServer, call: &Call<'_>, object: &Object) -> Result<(), Status> {
    let Some(namespace) = find(server, call)? else { return Ok(()) };
    if namespace["status"]["phase"] != "Terminating" && !namespace.is_terminating() {
        return Ok(());
    }
    let why = format!(
        "unable to create new content in namespace {} because it is being terminated",
        call.namespace
    );
    let mut status = call.forbidden(object.name(), &why);
    let cause = json!({
        "reason": "NamespaceTerminating", "field": "metadata.namespace",
        "message": format!("namespace {} is being terminated", call.namespace),
    });
    status.0.set_at("details.causes", vec![cause]);
    Err(status)
}

/// An update needs the namespace, terminating or not.
pub fn update(server: &ApiServer, call: &Call<'_>) -> Result<(), Status> {
    find(server, call).map(drop)
}

/// Some namespaces cannot go.
pub fn delete(call: &Call<'_>, old: &Object) -> Result<(), Status> {
    match call.kind.resource.plural {
        "namespaces" if IMMORTAL.contains(&old.name()) => {
            Err(call.forbidden(old.name(), "this namespace may not be deleted"))
        }
        _ => Ok(()),
    }
}

fn find<'s>(server: &'s ApiServer, call: &Call<'_>) -> Result<Option<&'s Object>, Status> {
    if call.namespace.is_empty() {
        return Ok(None);
    }
    match server.get_object(&api::namespace::RESOURCE, "", call.namespace) {
        Some(namespace) => Ok(Some(namespace)),
        None => Err(Status::not_found("", "namespaces", call.namespace)),
    }
}
