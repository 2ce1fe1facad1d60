//! What stands below an object: status, scale, binding, eviction, and what connects the caller with a kubelet.

use super::{body, connect, errors, eviction, get, patch, scale};
use crate::registry::{self, Change};
use crate::{ApiServer, Call};
use apimachinery::status::FieldError;
use apimachinery::{Method, Object, Response, Status, json};

/// Handles a request for a subresource.
pub fn handle(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    if !call.served().has_subresource(call.subresource) {
        return Ok(errors::page_not_found());
    }
    match (call.subresource, call.request.method) {
        ("status", Method::Get) => get(server, call),
        ("status", Method::Put) => {
            let object = body::object(call)?;
            change(server, call, object, Change::Status)
        }
        ("status", Method::Patch) => {
            let object = patch::patched(server, call)?;
            change(server, call, object, Change::Status)
        }
        ("scale", _) => scale::handle(server, call),
        ("finalize", Method::Put) => finalize(server, call),
        ("binding", Method::Post) => bind(server, call),
        ("eviction", Method::Post) => eviction::evict(server, call),
        ("log" | "exec" | "attach" | "portforward" | "proxy", _) => connect::handle(server, call),
        ("ephemeralcontainers" | "resize", _) => Err(errors::not_simulated(call)),
        _ => Err(errors::method_not_allowed()),
    }
}

fn change(
    server: &mut ApiServer,
    call: &mut Call<'_>,
    object: Object,
    change: Change,
) -> Result<Response, Status> {
    let (object, _) = registry::update(server, call, object, change)?;
    Ok(call.respond(200, object))
}

/// A Namespace's `spec.finalizers`. Mirrors namespaceFinalizeStrategy.
fn finalize(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let wanted = body::object(call)?;
    let mut object = super::stored(server, call)?.clone();
    object.set("spec", wanted["spec"].clone());
    if !wanted.resource_version().is_empty() {
        object.meta_mut().insert("resourceVersion", wanted.meta("resourceVersion").clone());
    }
    change(server, call, object, Change::Checked)
}

/// Puts a pod on a node. Mirrors BindingREST of pkg/registry/core/pod/storage.
fn bind(server: &mut ApiServer, call: &mut Call<'_>) -> Result<Response, Status> {
    let binding = body::value(call)?;
    let target = &binding["target"];
    let mut invalid = Vec::new();
    if !matches!(target["kind"].str(), "" | "Node") {
        invalid.push(FieldError::not_supported("target.kind", &target["kind"], &["Node", "<empty>"]));
    }
    if target["name"].str().is_empty() {
        invalid.push(FieldError::required("target.name", ""));
    }
    if !invalid.is_empty() {
        return Err(Status::invalid("", "Binding", call.name, &invalid));
    }
    let mut pod = super::stored(server, call)?.clone();
    let conflict = |why: String| Err(Status::conflict("", "pods/binding", call.name, &why));
    let uid = binding["metadata"]["uid"].str();
    if !uid.is_empty() && uid != pod.uid() {
        return conflict(format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            pod.uid()
        ));
    }
    if pod.is_terminating() {
        return conflict(format!("pod {} is being deleted, cannot be assigned to a host", pod.name()));
    }
    if !pod["spec"]["nodeName"].str().is_empty() {
        return conflict(format!(
            "pod {} is already assigned to node {:?}",
            pod.name(),
            pod["spec"]["nodeName"].str()
        ));
    }
    pod.set_at("spec.nodeName", &target["name"]);
    // Mirrors the feature ClearingNominatedNodeNameAfterBinding.
    pod.remove_at("status.nominatedNodeName");
    for (key, value) in binding["metadata"]["annotations"].fields() {
        pod.meta_mut().entry("annotations").set(key, value);
    }
    scheduled(&mut pod, call.now);
    registry::update(server, call, pod, Change::Checked)?;
    let done =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(Response::json(201, done))
}

/// Sets the condition PodScheduled.
fn scheduled(pod: &mut Object, now: sim::Time) {
    let generation = pod.generation();
    let mut condition = json!({
        "type": "PodScheduled", "status": "True", "lastProbeTime": null,
        "lastTransitionTime": apimachinery::time::format(now),
    });
    if generation > 0 {
        condition.set("observedGeneration", generation);
    }
    let conditions = pod.at_mut("status.conditions").array_mut();
    match conditions.iter_mut().find(|c| c["type"] == "PodScheduled") {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}
