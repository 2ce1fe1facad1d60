//! `scale` of Deployments and ReplicaSets: autoscaling/v1 Scale. Mirrors pkg/registry/apps/deployment/storage.

use super::{body, errors, patch, stored};
use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use api::scale::KIND as SCALE;
use apimachinery::labels;
use apimachinery::{Method, Object, Response, Status, Value, json};

/// GET, PUT and PATCH of the scale.
pub fn handle(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let mut object = stored(server, call)?.clone();
    let before = scale_of(&object);
    let wanted = match call.request.method {
        Method::Get => return Ok(Response::json(200, before)),
        Method::Put => body::of_kind(call, &SCALE)?.0,
        Method::Patch => patch::apply(call, &SCALE, &before)?,
        _ => return Err(errors::method_not_allowed()),
    };
    let errors = (SCALE.validate)(&Object(wanted.clone()));
    if !errors.is_empty() {
        return Err(Status::invalid("autoscaling", "Scale", call.name, &errors));
    }
    object.set_at("spec.replicas", wanted["spec"]["replicas"].int());
    for key in ["resourceVersion", "uid"] {
        if !wanted["metadata"][key].str().is_empty() {
            object.meta_mut().insert(key, wanted["metadata"][key].clone());
        }
    }
    let (object, _) = registry::update(server, call, object, Change::Spec)?;
    Ok(Response::json(200, scale_of(&object)))
}

/// The scale of an object with `spec.replicas`, `status.replicas` and `spec.selector`.
fn scale_of(object: &Object) -> Value {
    let mut metadata = json!({});
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if !object.meta(key).is_null() {
            metadata.set(key, object.meta(key));
        }
    }
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": object["spec"]["replicas"].int()},
        "status": {"replicas": object["status"]["replicas"].int(), "selector": labels::format_selector(&object["spec"]["selector"])},
    })
}
