//! PATCH. Mirrors apiserver/pkg/endpoints/handlers/patch.go.

use super::{body, errors, gojson, options, stored};
use crate::kinds::{Kind, Patched, Strictness, decode_patched};
use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use api::schema::schema;
use apimachinery::rest::{JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH};
use apimachinery::{Body, Object, Response, Status, Value, patch};

/// The most operations in one JSON patch. Mirrors maxJSONPatchOperations.
const MAX_OPERATIONS: usize = 10_000;
/// Fields of an operation of a JSON patch.
const OPERATION_FIELDS: [&str; 4] = ["op", "path", "from", "value"];

/// PATCH of one object.
pub fn patch_object(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    if call.name.is_empty() {
        return Err(errors::method_not_allowed());
    }
    let object = patched(server, call)?;
    let (object, _) = registry::update(server, call, object, Change::Spec)?;
    Ok(call.respond(200, object))
}

/// The object that a request names with the request's patch applied to it, decoded and with defaults.
pub fn patched(server: &ApiServer, call: &mut Call<'_>) -> Result<Object, Status> {
    check_content_type(call)?;
    let old = call.serve(stored(server, call)?.clone());
    let object = Object(apply(call, call.served(), &old)?);
    Ok(match call.version {
        Some(version) => version.store(object),
        None => object,
    })
}

/// Applies the request's patch to an object of a kind; the result is decoded and has its defaults.
pub fn apply(call: &mut Call<'_>, kind: &Kind, old: &Value) -> Result<Value, Status> {
    let content_type = check_content_type(call)?;
    let strictness = options::field_validation(call.request)?;
    let patch = read(call, content_type)?;
    check_shape(content_type, &patch)?;
    let value = match content_type {
        JSON_PATCH => {
            check_operations(call, &patch, strictness)?;
            patch::json_patch(old, &patch).map_err(|_| rejected())?
        }
        MERGE_PATCH => patch::merge_patch(old, &patch),
        _ => {
            let schema = schema().type_by_name(kind.schema).expect("kinds name types of the schema");
            patch::strategic_merge(old, &patch, schema).map_err(|e| merge_error(&e))?
        }
    };
    let patched = match content_type {
        STRATEGIC_PATCH => Patched::Strategic(&patch),
        _ => Patched::Json,
    };
    let (mut value, warnings) = decode_patched(kind, &body::relevant(call, value), patched, strictness)?;
    call.warnings.extend(warnings);
    kind.default(&mut value);
    Ok(value)
}

/// The type of the patch. Server-side apply is not simulated, and says so.
fn check_content_type<'r>(call: &Call<'r>) -> Result<&'r str, Status> {
    let content_type = call.request.content_type.split(';').next().unwrap_or_default().trim();
    match [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH].contains(&content_type) {
        true => Ok(content_type),
        false => Err(errors::unsupported_media_type(&[JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH])),
    }
}

/// The patch itself.
fn read(call: &mut Call<'_>, content_type: &str) -> Result<Value, Status> {
    let Body::Text(text) = &call.body else { return body::value(call) };
    Value::from_json(text).map_err(|_| {
        let error = gojson::syntax_error(text).unwrap_or_else(|| "exceeded max depth".into());
        Status::bad_request(match content_type {
            STRATEGIC_PATCH => error,
            _ => format!("error decoding patch: {error}"),
        })
    })
}

/// A JSON patch is a list, the others are objects.
fn check_shape(content_type: &str, patch: &Value) -> Result<(), Status> {
    let (shown, fits, wanted) = match patch {
        Value::Array(_) => ("array", content_type == JSON_PATCH, "map[string]interface {}"),
        Value::Object(_) => ("object", content_type != JSON_PATCH, "[]handlers.jsonPatchOp"),
        Value::String(_) => ("string", false, ""),
        Value::Bool(_) => ("bool", false, ""),
        Value::Null => return Ok(()),
        _ => ("number", false, ""),
    };
    if fits {
        return Ok(());
    }
    let wanted = match (wanted, content_type) {
        ("", JSON_PATCH) => "[]handlers.jsonPatchOp",
        ("", _) => "map[string]interface {}",
        (wanted, _) => wanted,
    };
    let error = format!("json: cannot unmarshal {shown} into Go value of type {wanted}");
    Err(Status::bad_request(match content_type {
        STRATEGIC_PATCH => error,
        _ => format!("error decoding patch: {error}"),
    }))
}

/// Unknown fields of operations are reported as those of objects are.
fn check_operations(call: &mut Call<'_>, patch: &Value, strictness: Strictness) -> Result<(), Status> {
    let operations = patch.items();
    if operations.len() > MAX_OPERATIONS {
        let message = format!(
            "The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}",
            operations.len()
        );
        return Err(errors::too_large(message));
    }
    let mut unknown = Vec::new();
    for (i, operation) in operations.iter().enumerate() {
        let others = operation.fields().filter(|(key, _)| !OPERATION_FIELDS.contains(key));
        unknown.extend(others.map(|(key, _)| format!("json patch unknown field \"[{i}].{key}\"")));
    }
    match strictness {
        Strictness::Strict if !unknown.is_empty() => {
            let error = format!("strict decoding error: {}", unknown.join(", "));
            let error = apimachinery::status::FieldError::invalid("patch", &patch.to_json().into(), &error);
            Err(Status::invalid("", "", "", &[error]))
        }
        Strictness::Warn => {
            call.warnings.append(&mut unknown);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A JSON patch that cannot be applied. Mirrors NewGenericServerResponse for 422: the reason stays with the server.
fn rejected() -> Status {
    let mut status =
        Status::new(422, "Invalid", "the server rejected our request due to an error in our request");
    status.0.set_at("details", Value::object());
    status
}

/// Mirrors interpretStrategicMergePatchError.
fn merge_error(error: &patch::MergeError) -> Status {
    match error.bad_request {
        true => Status::bad_request(error.message.as_str()),
        false => Status::new(500, "", error.message.as_str()),
    }
}
