//! `scale` of Deployments, ReplicaSets and their like: autoscaling/v1 Scale. Mirrors pkg/registry/apps/deployment/storage.

use super::{body, errors, patch, stored, table};
use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use api::meta::{age, column, number};
use api::scale::KIND as SCALE;
use apimachinery::labels;
use apimachinery::table::{Column, Row, Table};
use apimachinery::{Method, Object, Response, Status, Value, json};

/// GET, PUT and PATCH of the scale.
pub fn handle(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let mut object = stored(server, call)?.clone();
    let before = scale_of(&object);
    let wanted = match call.request.method {
        Method::Get if table::wants_table(call.request) => {
            return Ok(Response::json(200, table_of(call, Object(before))));
        }
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

/// A scale's table. Mirrors printScale of pkg/printers/internalversion.
fn table_of(call: &Call<'_>, scale: Object) -> Value {
    const COLUMNS: [Column; 4] = [column("Name"), number("Desired"), number("Available"), column("Age")];
    let cells = vec![
        scale.name().into(),
        scale.at("spec.replicas").clone(),
        scale.at("status.replicas").clone(),
        age(&scale, call.now),
    ];
    let resource_version = scale.resource_version().to_string();
    Table { columns: COLUMNS.to_vec(), rows: vec![Row { cells, object: scale }], resource_version }
        .to_value(table::include(call.request))
}

/// The scale of an object with `spec.replicas`, `status.replicas` and `spec.selector`.
fn scale_of(object: &Object) -> Value {
    let mut metadata = json!({});
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if !object.meta(key).is_null() {
            metadata.set(key, object.meta(key));
        }
    }
    let selector = match object.kind() {
        "ReplicationController" => labels::format(&object["spec"]["selector"]),
        _ => labels::format_selector(&object["spec"]["selector"]),
    };
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": object["spec"]["replicas"].int()},
        "status": {"replicas": object["status"]["replicas"].int(), "selector": selector},
    })
}
