//! ControllerRevision: what a DaemonSet's template was.

use crate::kind::{BASE, Kind};
use crate::meta::{age, column};
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "apps",
    version: "v1",
    kind: "ControllerRevision",
    plural: "controllerrevisions",
    namespaced: true,
};

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "controllerrevision",
    schema: "ControllerRevision",
    columns: &[column("Name"), column("Controller"), column("Revision"), column("Age")],
    row,
    ..BASE
};

/// Mirrors printControllerRevision.
fn row(revision: &Object, now: Time) -> Vec<Value> {
    let group = |version: &str| version.rsplit_once('/').map_or(String::new(), |(g, _)| format!(".{g}"));
    let owner = revision.controller().map_or("<none>".to_string(), |o| {
        format!("{}{}/{}", o.kind().to_lowercase(), group(o.0["apiVersion"].str()), o.name())
    });
    vec![revision.name().into(), owner.into(), revision["revision"].int().into(), age(revision, now)]
}
