//! events.k8s.io/v1 Event: the same objects as those of the core group under other names.
//! Mirrors pkg/apis/core/v1/conversion.go and pkg/apis/events/v1/conversion.go.

use super::{Version, rename};
use api::event::KIND;
use api::kind::{BASE, Kind};
use apimachinery::{Resource, Value, json};

/// The version.
pub static VERSION: Version = Version {
    kind: Kind {
        resource: Resource { group: "events.k8s.io", ..api::event::RESOURCE },
        singular: "event",
        short_names: &["ev"],
        schema: "events1.Event",
        ..BASE
    },
    stored: &KIND,
    to_stored,
    from_stored,
};

/// Names of events.k8s.io with those of the core group.
const NAMES: [(&str, &str); 7] = [
    ("regarding", "involvedObject"),
    ("note", "message"),
    ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
];

fn to_stored(event: &mut Value) {
    NAMES.iter().for_each(|(new, core)| rename(event, new, core));
    for key in ["involvedObject", "source"] {
        if event[key].is_null() {
            event.set(key, json!({}));
        }
    }
    for key in ["reportingComponent", "reportingInstance"] {
        if event[key].is_null() {
            event.set(key, "");
        }
    }
}

fn from_stored(event: &mut Value) {
    NAMES.iter().for_each(|(new, core)| rename(event, core, new));
    for key in ["reportingController", "reportingInstance"] {
        if event[key].str().is_empty() {
            event.remove(key);
        }
    }
}
