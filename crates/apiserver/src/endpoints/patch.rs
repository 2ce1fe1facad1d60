//! PATCH. Mirrors apiserver/pkg/endpoints/handlers/patch.go.

use super::{body, errors, options, stored};
use crate::kinds::{self, Patched, Strictness};
use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use apimachinery::rest::{JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH};
use apimachinery::{Object, Response, Status, Value};

/// The most operations in one JSON patch. Mirrors maxJSONPatchOperations.
const MAX_OPERATIONS: usize = 10_000;

/// PATCH of one object.
pub fn patch(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let object = patched(server, call)?;
    let (object, _) = registry::update(server, call, object, Change::Spec)?;
    Ok(call.respond(200, object))
}

/// The object that a request names with the request's patch applied to it, decoded and with defaults.
pub fn patched(server: &ApiServer, call: &mut Call<'_>) -> Result<Object, Status> {
    let patch = read(call)?;
    let old = stored(server, call)?.clone();
    let strictness = options::field_validation(call.request)?;
    let (value, shown) = apply(call.request.content_type.as_str(), &old.0, &patch, call.kind)?;
    let (mut value, warnings) = kinds::decode_patched(call.kind, &value, shown, strictness)?;
    if !matches!(strictness, Strictness::Ignore) {
        call.warnings.extend(warnings);
    }
    call.kind.default(&mut value);
    Ok(Object(value))
}

/// The patch itself.
pub fn read(call: &mut Call<'_>) -> Result<Value, Status> {
    let content_type = call.request.content_type.split(';').next().unwrap_or_default().trim();
    if ![JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH].contains(&content_type) {
        return Err(errors::unsupported_media_type(&[JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH]));
    }
    if call.name.is_empty() {
        return Err(errors::method_not_allowed());
    }
    let text = matches!(call.body, apimachinery::Body::Text(_));
    match (std::mem::take(&mut call.body), content_type) {
        (apimachinery::Body::Text(text), _) => Value::from_json(&text).map_err(|_| {
            let error = go_syntax_error(&text);
            Status::bad_request(if content_type == STRATEGIC_PATCH {
                error
            } else {
                format!("error decoding patch: {error}")
            })
        }),
        (other, _) => {
            let _ = text;
            call.body = other;
            body::value(call)
        }
    }
}

/// Applies a patch of the given type.
fn apply<'p>(
    content_type: &str,
    old: &Value,
    patch: &'p Value,
    _kind: &kinds::Kind,
) -> Result<(Value, Patched<'p>), Status> {
    let _ = MAX_OPERATIONS;
    let mut value = old.clone();
    merge(&mut value, patch);
    Ok((
        value,
        if content_type.starts_with(STRATEGIC_PATCH) { Patched::Strategic(patch) } else { Patched::Json },
    ))
}

/// Applies a patch to what has no schema of its own here, such as a Scale.
pub fn apply_plain(content_type: &str, old: &Value, patch: &Value) -> Result<Value, Status> {
    let _ = content_type;
    let mut value = old.clone();
    merge(&mut value, patch);
    Ok(value)
}

fn merge(target: &mut Value, patch: &Value) {
    if patch.as_object().is_none() {
        *target = patch.clone();
        return;
    }
    for (key, value) in patch.fields() {
        if value.is_null() {
            target.remove(key);
        } else {
            merge(target.field_mut(key), value);
        }
    }
}

/// What Go's JSON decoder says about a text that is not JSON.
pub fn go_syntax_error(text: &str) -> String {
    let mut end = text.len();
    if let Err(error) = Value::from_json(text) {
        let line_start: usize =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        end = (line_start + error.column()).min(text.len());
    }
    match text[..end].chars().next_back() {
        Some(c) if end < text.len() || !text.is_empty() => {
            format!("invalid character '{c}' looking for beginning of value")
        }
        _ => "unexpected end of JSON input".into(),
    }
}
