//! What the server says over HTTP: reading bodies, answering, errors. Mirrors apiserver/pkg/endpoints.

mod body;
pub mod componentstatus;
mod connect;
pub mod discovery;
pub mod errors;
mod eviction;
mod gojson;
pub mod list;
pub mod metrics;
pub mod options;
pub mod patch;
mod scale;
mod selection;
pub mod subresource;
pub mod table;
pub mod watch;

use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use apimachinery::{Method, Object, Response, Status, Value};

/// The verb of a request, in the words of discovery.
pub fn verb(call: &Call<'_>) -> &'static str {
    match (call.request.method, call.name.is_empty()) {
        (Method::Get, _) if call.request.flag("watch") => "watch",
        (Method::Get, true) => "list",
        (Method::Get, false) => "get",
        (Method::Post, _) => "create",
        (Method::Put, _) => "update",
        (Method::Patch, _) => "patch",
        (Method::Delete, true) => "deletecollection",
        (Method::Delete, false) => "delete",
    }
}

/// GET of one object.
pub fn get(server: &ApiServer, call: &Call<'_>) -> Result<Response, Status> {
    let object = stored(server, call)?;
    Ok(call.respond(200, object.clone()))
}

/// The object that a request names.
pub fn stored<'s>(server: &'s ApiServer, call: &Call<'_>) -> Result<&'s Object, Status> {
    server.get_object(&call.kind.resource, call.namespace, call.name).ok_or_else(|| call.not_found())
}

/// POST to a collection.
pub fn create(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    if !call.name.is_empty() || call.kind.resource.namespaced && call.namespace.is_empty() {
        return Err(errors::method_not_allowed());
    }
    let object = body::object(call)?;
    let object = registry::create(server, call, object)?;
    Ok(call.respond(201, object))
}

/// PUT of one object.
pub fn update(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    if call.name.is_empty() {
        return Err(errors::method_not_allowed());
    }
    let object = body::object(call)?;
    let (object, created) = registry::update(server, call, object, Change::Spec)?;
    Ok(call.respond(if created { 201 } else { 200 }, object))
}

/// DELETE of one object.
pub fn delete(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let given = body::value(call)?;
    let options = registry::Options::read(call, &given)?;
    call.dry_run |= body_dry_run(call)?;
    let answer = registry::delete(server, call, &options)?;
    if answer["kind"] == "Status" && answer["apiVersion"] == "v1" {
        return Ok(Response::json(200, answer));
    }
    Ok(call.respond(200, Object(answer)))
}

/// Deletes what a list with these selectors would show. Mirrors Store.DeleteCollection.
pub fn delete_collection(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    if call.kind.resource.namespaced && call.namespace.is_empty() {
        return Err(errors::method_not_allowed());
    }
    let given = body::value(call)?;
    let options = registry::Options::read(call, &given)?;
    call.dry_run |= body_dry_run(call)?;
    let found = list::select(server, call)?;
    let mut deleted = Vec::with_capacity(found.len());
    for object in found {
        let one = Call {
            now: call.now,
            request: call.request,
            body: apimachinery::Body::Empty,
            kind: call.kind,
            version: call.version,
            namespace: object.namespace(),
            name: object.name(),
            subresource: "",
            rest: "",
            dry_run: call.dry_run,
            warnings: Vec::new(),
        };
        match registry::delete(server, &one, &options) {
            Ok(_) => deleted.push(object.clone()),
            Err(status) if status.is_not_found() => {}
            Err(status) => return Err(status),
        }
    }
    Ok(Response::json(200, list::collection(server, call, deleted, None)))
}

/// `dryRun` may stand in the body of a DELETE.
fn body_dry_run(call: &Call<'_>) -> Result<bool, Status> {
    let Some(value) = body::parsed(call) else { return Ok(false) };
    let values: Vec<&str> = value["dryRun"].items().iter().map(Value::str).collect();
    options::check_dry_run(&values)
}
