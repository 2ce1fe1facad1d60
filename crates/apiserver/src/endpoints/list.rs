//! Lists, with selectors and in pages. Mirrors apiserver/pkg/endpoints/handlers/get.go and Store.ListPredicate.

use super::selection::Selection;
use super::{errors, options, table};
use crate::registry::prefix;
use crate::{ApiServer, Call};
use apimachinery::{Object, Response, Status, Value, base64, json};

/// Where a page ends.
pub struct Page {
    next: Option<String>,
    remaining: usize,
}

/// GET of a collection.
pub fn list(server: &ApiServer, call: &Call<'_>) -> Result<Response, Status> {
    check_version(server, call)?;
    let selection = selection(call)?;
    let limit = options::number(call.request, "limit")?.unwrap_or(0) as usize;
    let after = match call.request.param("continue").unwrap_or_default() {
        "" => None,
        token => Some(read_token(token)?),
    };
    let from = prefix(&call.kind.resource, call.namespace);
    let mut items = Vec::new();
    let mut page = Page { next: None, remaining: 0 };
    let mut last = "";
    for (key, entry) in server.store.range(&from) {
        let skipped = after.as_ref().is_some_and(|after| &key[from.len()..] < after.as_str());
        if skipped || !selection.matches(call.kind, &entry.value) {
            continue;
        }
        if limit > 0 && items.len() == limit {
            page.next.get_or_insert_with(|| token(server.store.revision(), &last[from.len()..]));
            page.remaining += 1;
            continue;
        }
        last = key;
        items.push(entry.value.clone());
    }
    // A selector hides how many follow, as in reality.
    if !selection.is_empty() {
        page.remaining = 0;
    }
    Ok(Response::json(200, collection(server, call, items, Some(page))))
}

/// A continue token: the version of the list, and the key before which nothing more is wanted.
/// Mirrors storage.EncodeContinue.
fn token(revision: u64, last: &str) -> String {
    let start = format!("{last}\0");
    let token = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": start});
    // In Go's order of fields, since some print it.
    let text = format!(
        "{{\"v\":{},\"rv\":{},\"start\":{}}}",
        token["v"].to_json(),
        token["rv"].to_json(),
        token["start"].to_json()
    );
    base64::encode(text.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Where a token's page begins. Mirrors storage.DecodeContinue.
fn read_token(token: &str) -> Result<String, Status> {
    let bad = || Status::bad_request("continue key is not valid: illegal base64 data at input byte 0");
    let mut text = token.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    let bytes = base64::decode(&text).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let value = Value::from_json(&text).map_err(|_| bad())?;
    match (value["v"].str(), value["start"].str()) {
        ("meta.k8s.io/v1", start) if !start.is_empty() => Ok(start.into()),
        _ => Err(Status::bad_request(
            "continue key is not valid: server does not recognize this encoded version",
        )),
    }
}

/// The objects that a request's selectors leave.
pub fn select(server: &ApiServer, call: &Call<'_>) -> Result<Vec<Object>, Status> {
    let selection = selection(call)?;
    let from = prefix(&call.kind.resource, call.namespace);
    let all = server.store.range(&from).map(|(_, entry)| &entry.value);
    Ok(all.filter(|object| selection.matches(call.kind, object)).cloned().collect())
}

/// Both selectors of a request; a name in the path is a selector too.
pub fn selection(call: &Call<'_>) -> Result<Selection, Status> {
    let (labels, fields) = selectors(call);
    Selection::parse(call.kind, labels, &fields)
}

/// The texts of the selectors.
pub fn selectors<'c>(call: &'c Call<'_>) -> (&'c str, String) {
    let param = |key| call.request.param(key).unwrap_or_default();
    let mut fields = param("fieldSelector").to_string();
    if !call.name.is_empty() {
        if !fields.is_empty() {
            fields.push(',');
        }
        fields = format!("{fields}metadata.name={}", call.name);
    }
    (param("labelSelector"), fields)
}

/// A version from the future cannot be waited for.
fn check_version(server: &ApiServer, call: &Call<'_>) -> Result<(), Status> {
    let Some(text) = call.request.param("resourceVersion").filter(|v| !v.is_empty()) else { return Ok(()) };
    match text.parse::<u64>() {
        Ok(wanted) if wanted > server.store.revision() => {
            Err(errors::too_large_version(wanted, server.store.revision()))
        }
        Ok(_) => Ok(()),
        Err(_) => Err(Status::bad_request(format!("strconv.ParseUint: parsing {text:?}: invalid syntax"))),
    }
}

/// The list's JSON, or a Table, or the metadata alone, as `Accept` asks for it.
pub fn collection(server: &ApiServer, call: &Call<'_>, items: Vec<Object>, page: Option<Page>) -> Value {
    let mut metadata = json!({"resourceVersion": server.store.revision().to_string()});
    if let Some(Page { next: Some(next), remaining }) = page {
        metadata.set("continue", next);
        if remaining > 0 {
            metadata.set("remainingItemCount", remaining);
        }
    }
    table::transform_list(call, items, metadata)
}
