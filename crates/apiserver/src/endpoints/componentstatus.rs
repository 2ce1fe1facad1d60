//! ComponentStatus: made up when somebody asks. Mirrors pkg/registry/core/componentstatus.

use super::table;
use crate::Call;
use api::kind::{BASE, Kind, Storage};
use apimachinery::table::Column;
use apimachinery::{Object, Resource, Response, Status, Value, json};

/// The components, in the order in which they answer.
const COMPONENTS: [&str; 3] = ["etcd-0", "scheduler", "controller-manager"];

const fn column(name: &'static str) -> Column {
    Column { name, kind: "string", priority: 0 }
}

/// The kind.
pub static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        kind: "ComponentStatus",
        plural: "componentstatuses",
        namespaced: false,
    },
    singular: "componentstatus",
    short_names: &["cs"],
    verbs: &["get", "list"],
    storage: Storage::Computed,
    columns: &[column("Name"), column("Status"), column("Message"), column("Error")],
    row: |object, _| {
        let condition = &object["conditions"][0];
        let status = if condition["status"] == "True" { "Healthy" } else { "Unhealthy" };
        vec![object.name().into(), status.into(), condition["message"].str().into(), "".into()]
    },
    ..BASE
};

/// GET of all or of one.
pub fn get(call: &Call<'_>) -> Result<Response, Status> {
    if call.name.is_empty() {
        let items = COMPONENTS.iter().map(|name| status(name)).collect();
        return Ok(Response::json(200, table::transform_list(call, items, json!({}))));
    }
    match COMPONENTS.contains(&call.name) {
        true => Ok(call.respond(200, status(call.name))),
        false => Err(call.not_found()),
    }
}

/// In this cluster the control plane is well, or nothing answers at all.
fn status(name: &str) -> Object {
    let condition: Value = json!({"type": "Healthy", "status": "True", "message": "ok"});
    Object(json!({
        "kind": "ComponentStatus", "apiVersion": "v1", "metadata": {"name": name}, "conditions": [condition],
    }))
}
