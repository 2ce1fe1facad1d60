//! Event (core).

mod validation;

use crate::kind::{BASE, Kind};
use crate::meta::{column, or, since, wide};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "", version: "v1", kind: "Event", plural: "events", namespaced: true };

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "event",
    short_names: &["ev"],
    schema: "Event",
    validate: validation::validate,
    validate_update: validation::validate_update,
    fields,
    columns: &[
        column("Last Seen"),
        column("Type"),
        column("Reason"),
        column("Object"),
        wide("Subobject"),
        wide("Source"),
        column("Message"),
        wide("First Seen"),
        wide("Count"),
        wide("Name"),
    ],
    row,
    ..BASE
};

/// Mirrors ToSelectableFields of the event strategy.
fn fields(event: &Object) -> Vec<(&'static str, String)> {
    const FIELDS: [&str; 11] = [
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ];
    let value = |path: &'static str| match path {
        "source" => or(event["source"]["component"].str(), event["reportingComponent"].str()).to_string(),
        path => event.at(path).str().to_string(),
    };
    FIELDS.iter().map(|path| (*path, value(path))).collect()
}

/// Mirrors printEvent.
fn row(event: &Object, now: Time) -> Vec<Value> {
    let or_event_time = |key: &str| match &event[key] {
        Value::Null => &event["eventTime"],
        timestamp => timestamp,
    };
    let first = since(or_event_time("firstTimestamp"), now);
    let series = &event["series"];
    let (last, count) = match (series, event["count"].int()) {
        (Value::Object(_), _) => (since(&series["lastObservedTime"], now), series["count"].int()),
        (_, count) if event["lastTimestamp"].is_null() => (first.clone(), count.max(1)),
        (_, count) => (since(&event["lastTimestamp"], now), count.max(1)),
    };
    let involved = &event["involvedObject"];
    let kind = involved["kind"].str().to_lowercase();
    let object = match involved["name"].str() {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let component = or(event["source"]["component"].str(), event["reportingComponent"].str());
    let source = match or(event["source"]["host"].str(), event["reportingInstance"].str()) {
        "" => component.to_string(),
        host => format!("{component}, {host}"),
    };
    vec![
        last.into(),
        event["type"].str().into(),
        event["reason"].str().into(),
        object.into(),
        involved["fieldPath"].str().into(),
        source.into(),
        event["message"].str().trim().into(),
        first.into(),
        count.into(),
        event.name().into(),
    ]
}
