//! Watches: a cursor into the store's log. Mirrors apiserver/pkg/storage/cacher and endpoints/handlers/watch.go.

use super::selection::Selection;
use super::{errors, list, options, table};
use crate::kinds::Kind;
use crate::registry::prefix;
use crate::request_info::{self, Target};
use crate::{ApiServer, Call};
use apimachinery::rest::{Cursor, WatchEvent, WatchKind};
use apimachinery::{Body, Object, Response, Status, json};
use sim::Time;

/// The annotation of the bookmark that ends the initial objects of a streamed list.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

/// GET with `watch`.
pub fn begin(server: &ApiServer, call: &Call<'_>) -> Result<Response, Status> {
    let selection = list::selection(call)?;
    let wanted = options::number(call.request, "resourceVersion")?.unwrap_or(0);
    let streamed = call.request.flag("sendInitialEvents");
    let skipped = call.request.param("sendInitialEvents") == Some("false");
    let current = server.store.revision();
    let mut initial = Vec::new();
    if (wanted == 0 || streamed) && !skipped {
        let from = prefix(&call.kind.resource, call.namespace);
        let all = server.store.range(&from).map(|(_, entry)| &entry.value);
        initial.extend(all.filter(|object| selection.matches(call.kind, object)).cloned());
    }
    if streamed {
        initial.push(bookmark(call.served(), current));
    }
    if wanted > current {
        return Err(errors::too_large_version(wanted, current));
    }
    let (labels, fields) = list::selectors(call);
    let cursor = Cursor {
        path: match call.name {
            "" => call.request.path.clone(),
            _ => call.served().resource.path(call.namespace),
        },
        prefix: prefix(&call.kind.resource, call.namespace),
        label_selector: labels.into(),
        field_selector: fields,
        table: table::wants_table(call.request),
        revision: if wanted == 0 || streamed { current } else { wanted },
        initial,
    };
    Ok(Response { status: 200, warnings: Vec::new(), body: Body::Watch(Box::new(cursor)) })
}

fn bookmark(kind: &Kind, revision: u64) -> Object {
    Object(json!({
        "kind": kind.resource.kind, "apiVersion": kind.resource.api_version(),
        "metadata": {
            "resourceVersion": revision.to_string(), "annotations": {(INITIAL_EVENTS_END): "true"},
        },
    }))
}

/// What is new for a watch.
pub fn poll(server: &ApiServer, now: Time, cursor: &mut Cursor) -> Vec<WatchEvent> {
    if cursor.initial.is_empty() {
        // Most writes concern other kinds, which their keys say; nothing else is looked at then.
        let concerns = |change: &etcd::Change<_>| change.key.starts_with(&cursor.prefix);
        if server.store.since(cursor.revision).is_ok_and(|mut log| !log.any(concerns)) {
            cursor.revision = server.store.revision();
            return Vec::new();
        }
    }
    let Target::Objects(target) = request_info::parse(&cursor.path) else { return Vec::new() };
    let kind = target.kind;
    let mut events: Vec<WatchEvent> = std::mem::take(&mut cursor.initial)
        .into_iter()
        .map(|object| match object.annotation(INITIAL_EVENTS_END) {
            Some(_) if object.name().is_empty() => WatchEvent { kind: WatchKind::Bookmark, object },
            _ => WatchEvent { kind: WatchKind::Added, object },
        })
        .collect();
    match changes(server, cursor, kind, &mut events) {
        Ok(()) => cursor.revision = server.store.revision(),
        Err(status) => events.push(WatchEvent { kind: WatchKind::Error, object: Object(status.0) }),
    }
    if cursor.table {
        events.iter_mut().for_each(|event| table::transform_event(kind, now, event));
    } else if let Some(version) = target.version {
        for event in events.iter_mut().filter(|e| !matches!(e.kind, WatchKind::Error | WatchKind::Bookmark)) {
            event.object = version.serve(std::mem::take(&mut event.object));
        }
    }
    events
}

fn changes(
    server: &ApiServer,
    cursor: &Cursor,
    kind: &'static Kind,
    events: &mut Vec<WatchEvent>,
) -> Result<(), Status> {
    let current = server.store.revision();
    let log = server
        .store
        .since(cursor.revision)
        .map_err(|_| errors::expired(format!("too old resource version: {} ({current})", cursor.revision)))?;
    let mut log = log.filter(|change| change.key.starts_with(&cursor.prefix)).peekable();
    if log.peek().is_none() {
        return Ok(());
    }
    let selection = Selection::parse(kind, &cursor.label_selector, &cursor.field_selector)?;
    for change in log {
        let seen = |object: &&Object| selection.matches(kind, object);
        let (old, new) = (change.old.as_ref().filter(seen), change.new.as_ref().filter(seen));
        // An object that no longer matches is deleted as far as this watch is concerned, and the other way round.
        let (what, object) = match (old, new) {
            (None, None) => continue,
            (None, Some(new)) => (WatchKind::Added, new.clone()),
            (Some(_), Some(new)) => (WatchKind::Modified, new.clone()),
            (Some(old), None) => (WatchKind::Deleted, at_revision(old, change.revision)),
        };
        events.push(WatchEvent { kind: what, object });
    }
    Ok(())
}

/// An object as it was, with the resourceVersion of its end.
fn at_revision(object: &Object, revision: u64) -> Object {
    let mut object = object.clone();
    object.meta_mut().insert("resourceVersion", revision.to_string().into());
    object
}
