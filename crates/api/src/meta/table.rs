//! Pieces of tables. Mirrors pkg/printers/internalversion/printers.go.

use apimachinery::table::Column;
use apimachinery::{Object, Value, time};
use sim::Time;

/// A text column that is always shown.
pub const fn column(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 0 }
}

/// A column of numbers that is always shown.
pub const fn number(name: &'static str) -> Column {
    Column { name, kind: "integer", priority: 0 }
}

/// A text column of `-o wide`.
pub const fn wide(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 1 }
}

/// The columns of kinds that have nothing to show.
pub const NAME_AND_AGE: &[Column] = &[column("Name"), column("Age")];

/// The row of kinds that have nothing to show.
pub fn name_and_age(object: &Object, now: Time) -> Vec<Value> {
    vec![object.name().into(), age(object, now)]
}

/// The cell of the column Age.
pub fn age(object: &Object, now: Time) -> Value {
    since(object.meta("creationTimestamp"), now).into()
}

/// How long ago a timestamp was, as `5m12s`; `<unknown>` for none. Mirrors translateTimestampSince.
pub fn since(timestamp: &Value, now: Time) -> String {
    match time::parse_rfc3339(timestamp.str()) {
        Some(then) => time::human_since(then, now),
        None => "<unknown>".into(),
    }
}

/// A text, or what stands for none.
pub fn or<'a>(text: &'a str, none: &'a str) -> &'a str {
    if text.is_empty() { none } else { text }
}

/// Names and images of a pod spec's containers: the wide columns of workloads. Mirrors layoutContainerCells.
pub fn container_cells(pod_spec: &Value) -> [Value; 2] {
    ["name", "image"].map(|key| {
        let list: Vec<&str> = pod_spec["containers"].items().iter().map(|c| c[key].str()).collect();
        list.join(",").into()
    })
}

/// Texts joined by commas, at most three; the rest is counted. `none` when there are no texts at all.
/// Mirrors the loops of formatEndpoints and formatDiscoveryEndpoints.
pub fn at_most_three(texts: &[String]) -> String {
    const MAX: usize = 3;
    let shown = texts[..texts.len().min(MAX)].join(",");
    match texts.len().saturating_sub(MAX) {
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}

/// The status of a condition in a list of conditions; `""` when it is not there.
pub fn condition<'a>(conditions: &'a Value, name: &str) -> &'a str {
    let found = conditions.items().iter().find(|c| c["type"] == *name);
    found.map_or("", |c| c["status"].str())
}
