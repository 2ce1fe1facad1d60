//! From the body of a request to an object. Mirrors the decoding in apiserver/pkg/endpoints/handlers/create.go.

use super::{errors, gojson};
use crate::kinds::Kind;
use crate::{Call, MAX_REQUEST_BYTES};
use apimachinery::{Body, Object, Status, Value, yaml};

/// What `Content-Type` may be, besides nothing.
const JSON: &str = "application/json";
const YAML: &str = "application/yaml";

/// The object that the body holds: decoded for the kind, checked for unknown fields, with its defaults.
pub fn object(call: &mut Call<'_>) -> Result<Object, Status> {
    let object = of_kind(call, call.served())?;
    Ok(match call.version {
        Some(version) => version.store(object),
        None => object,
    })
}

/// The same for a kind that is not the one in the path, such as Scale.
pub fn of_kind(call: &mut Call<'_>, kind: &Kind) -> Result<Object, Status> {
    let value = value(call)?;
    check_type(kind, &value)?;
    let strictness = super::options::field_validation(call.request)?;
    let value = relevant(call, value);
    let (mut value, warnings) = kind.decode(&value, strictness)?;
    call.warnings.extend(warnings);
    kind.default(&mut value);
    let mut object = Object(value);
    // What is left out is what the path says.
    if object.api_version().is_empty() {
        object.set("apiVersion", kind.resource.api_version());
    }
    if object.kind().is_empty() {
        object.set("kind", kind.resource.kind);
    }
    Ok(object)
}

/// What a request may change at all: through `/status`, no spec, so nobody has to look at it.
pub fn relevant(call: &Call<'_>, mut value: Value) -> Value {
    if call.subresource == "status" && value.as_object().is_some() {
        value.object_mut().retain(|key, _| matches!(key, "apiVersion" | "kind" | "metadata" | "status"));
    }
    value
}

/// The body as a value; null when it is empty.
pub fn value(call: &mut Call<'_>) -> Result<Value, Status> {
    let value = match std::mem::take(&mut call.body) {
        Body::Empty => Value::Null,
        Body::Value(value) => value,
        Body::Text(text) if text.trim().is_empty() => Value::Null,
        Body::Text(text) => parse(&call.request.content_type, &text)?,
        Body::Watch(_) | Body::Connect(_) => return Err(Status::bad_request("a stream is no body")),
    };
    call.body = Body::Value(value.clone());
    Ok(value)
}

/// The body after [`value`] has read it.
pub fn parsed<'a>(call: &'a Call<'_>) -> Option<&'a Value> {
    match &call.body {
        Body::Value(value) => Some(value),
        _ => None,
    }
}

fn parse(content_type: &str, text: &str) -> Result<Value, Status> {
    debug_assert!(text.len() <= MAX_REQUEST_BYTES);
    match content_type.split(';').next().unwrap_or_default().trim() {
        "" | JSON => Value::from_json(text)
            .map_err(|_| Status::bad_request(gojson::syntax_error(text).unwrap_or_default())),
        YAML => yaml::parse(text).map_err(Status::bad_request),
        _ => Err(errors::unsupported_media_type(&[JSON, YAML])),
    }
}

/// The body may name its type, but then it has to be that of the path.
fn check_type(kind: &Kind, value: &Value) -> Result<(), Status> {
    let (version, given) = (value["apiVersion"].str(), value["kind"].str());
    let wanted = kind.resource.api_version();
    if !version.is_empty() && version != wanted {
        return Err(Status::bad_request(format!(
            "the API version in the data ({version}) does not match the expected API version ({wanted})"
        )));
    }
    let known = kind.resource.kind;
    if !given.is_empty() && given != known {
        let v = kind.resource.version;
        return Err(Status::bad_request(format!(
            "{given} in version {v:?} cannot be handled as a {known}: converting ({v}.{given}) to ({v}.{known}): unknown conversion"
        )));
    }
    Ok(())
}
