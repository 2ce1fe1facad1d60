//! What `Accept` asks for: objects as they are, Tables, or metadata alone.
//! Mirrors apiserver/pkg/endpoints/handlers/response.go.

use crate::Call;
use crate::kinds::Kind;
use apimachinery::rest::{WatchEvent, WatchKind};
use apimachinery::table::{IncludeObject, Row, Table};
use apimachinery::{Object, Request, Value, json};
use sim::Time;

/// Whether a request wants a Table.
pub fn wants_table(request: &Request) -> bool {
    request.accept.contains("as=Table")
}

fn wants_metadata(request: &Request) -> bool {
    request.accept.contains("as=PartialObjectMetadata")
}

pub fn include(request: &Request) -> IncludeObject {
    match request.param("includeObject") {
        Some("None") => IncludeObject::None,
        Some("Object") => IncludeObject::Object,
        _ => IncludeObject::Metadata,
    }
}

fn table(kind: &Kind, objects: Vec<Object>, now: Time, version: &str) -> Table {
    Table {
        columns: kind.columns.to_vec(),
        rows: objects.into_iter().map(|object| Row { cells: (kind.row)(&object, now), object }).collect(),
        resource_version: version.into(),
    }
}

/// One object.
pub fn transform(call: &Call<'_>, object: Object) -> Value {
    if wants_table(call.request) {
        let version = object.resource_version().to_string();
        return table(call.kind, vec![object], call.now, &version).to_value(include(call.request));
    }
    if wants_metadata(call.request) {
        return partial(&object);
    }
    call.serve(object).0
}

/// A list with its metadata.
pub fn transform_list(call: &Call<'_>, items: Vec<Object>, metadata: Value) -> Value {
    if wants_table(call.request) {
        let table = table(call.kind, items, call.now, "");
        let mut value = table.to_value(include(call.request));
        value.set("metadata", metadata);
        return value;
    }
    let (api_version, kind, items) = if wants_metadata(call.request) {
        let items = Value::array(items.iter().map(partial));
        ("meta.k8s.io/v1".into(), "PartialObjectMetadataList".into(), items)
    } else {
        let items = Value::array(items.into_iter().map(|object| call.serve(object).0));
        let r = &call.served().resource;
        (r.api_version(), format!("{}List", r.kind), items)
    };
    json!({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items})
}

fn partial(object: &Object) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": &object["metadata"],
    })
}

/// One event of a watch that wants Tables: the object becomes a Table with one row.
pub fn transform_event(kind: &Kind, now: Time, event: &mut WatchEvent) {
    if matches!(event.kind, WatchKind::Error) {
        return;
    }
    let object = std::mem::take(&mut event.object);
    let version = object.resource_version().to_string();
    let rows = if event.kind == WatchKind::Bookmark { Vec::new() } else { vec![object] };
    event.object = Object(table(kind, rows, now, &version).to_value(IncludeObject::Metadata));
}
