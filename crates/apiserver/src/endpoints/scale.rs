//! `scale` of Deployments and ReplicaSets: autoscaling/v1 Scale. Mirrors pkg/registry/apps/deployment/storage.

use super::{body, errors, patch, stored};
use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use apimachinery::labels::{Operator, Selector};
use apimachinery::status::FieldError;
use apimachinery::{Method, Object, Response, Status, Value, json};

/// GET, PUT and PATCH of the scale.
pub fn handle(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let object = stored(server, call)?.clone();
    let before = scale_of(&object);
    let wanted = match call.request.method {
        Method::Get => return Ok(Response::json(200, before)),
        Method::Put => body::value(call)?,
        Method::Patch => {
            let change = patch::read(call)?;
            patch::apply_plain(&call.request.content_type, &before, &change)?
        }
        _ => return Err(errors::method_not_allowed()),
    };
    let replicas = replicas(call, &wanted)?;
    let mut object = object;
    object.set_at("spec.replicas", replicas);
    let version = wanted["metadata"]["resourceVersion"].str();
    if !version.is_empty() {
        object.meta_mut().insert("resourceVersion", version.into());
    }
    let uid = wanted["metadata"]["uid"].str();
    if !uid.is_empty() {
        object.meta_mut().insert("uid", uid.into());
    }
    let (object, _) = registry::update(server, call, object, Change::Spec)?;
    Ok(Response::json(200, scale_of(&object)))
}

/// How many replicas a Scale wants; not less than none.
fn replicas(call: &Call<'_>, scale: &Value) -> Result<i64, Status> {
    let given = &scale["spec"]["replicas"];
    let replicas = match given {
        Value::Null => 0,
        Value::Int(n) => *n,
        other => {
            let shown = if other.as_str().is_some() { "string" } else { "object" };
            return Err(Status::bad_request(format!(
                "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal {shown} into Go struct field ScaleSpec.spec.replicas of type int32"
            )));
        }
    };
    if replicas < 0 {
        let why = "must be greater than or equal to 0";
        let error = FieldError::invalid("spec.replicas", given, why);
        return Err(Status::invalid("autoscaling", "Scale", call.name, &[error]));
    }
    Ok(replicas)
}

/// The scale of an object with `spec.replicas`, `status.replicas` and `spec.selector`.
fn scale_of(object: &Object) -> Value {
    let mut metadata = json!({});
    for key in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if !object.meta(key).is_null() {
            metadata.set(key, object.meta(key));
        }
    }
    let selector = Selector::from_label_selector(&object["spec"]["selector"]).unwrap_or_default();
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": object["spec"]["replicas"].int()},
        "status": {"replicas": object["status"]["replicas"].int(), "selector": text(&selector)},
    })
}

/// A selector as labels.Selector prints it.
fn text(selector: &Selector) -> String {
    let mut parts: Vec<String> = Vec::new();
    for r in &selector.0 {
        let (key, list) = (&r.key, r.values.join(","));
        parts.push(match r.operator {
            Operator::In if r.values.len() == 1 => format!("{key}={list}"),
            Operator::In => format!("{key} in ({list})"),
            Operator::NotIn if r.values.len() == 1 => format!("{key}!={list}"),
            Operator::NotIn => format!("{key} notin ({list})"),
            Operator::Exists => key.clone(),
            Operator::DoesNotExist => format!("!{key}"),
            Operator::GreaterThan => format!("{key}>{list}"),
            Operator::LessThan => format!("{key}<{list}"),
        });
    }
    parts.sort();
    parts.join(",")
}
