//! A StatefulSet's pods and their claims. Mirrors stateful_set_utils.go and stateful_pod_control.go.

use super::{CLAIMS, PODS, REVISION};
use api::statefulset::{POD_INDEX, POD_NAME};
use apimachinery::{Object, Status, Value, json};
use client::{Context, EventRecorder, EventType};

/// The number in a pod's name, if the pod could be one of the set's.
pub(super) fn ordinal(set: &Object, pod: &str) -> Option<i64> {
    let (parent, number) = pod.rsplit_once('-')?;
    (parent == set.name()).then(|| number.parse().ok()).flatten()
}

/// The name of the pod with a number.
pub(super) fn name(set: &Object, ordinal: i64) -> String {
    format!("{}-{ordinal}", set.name())
}

/// Creates the pod with a number, and before it the claims that it needs and that are not there.
pub(super) fn create(
    ctx: &mut Context<'_>,
    recorder: &mut EventRecorder,
    set: &Object,
    ordinal: i64,
    template: &Value,
    revision: &str,
) -> Result<(), Status> {
    let name = name(set, ordinal);
    for claim in claims(set, &name) {
        if ctx.get(&CLAIMS, set.namespace(), claim["metadata"]["name"].str()).is_ok() {
            continue;
        }
        let called = claim["metadata"]["name"].str().to_string();
        let made = ctx.create(&CLAIMS, claim);
        let what = format!("Claim {called} Pod {name} in StatefulSet {}", set.name());
        record(ctx, recorder, set, "Create", &what, "success", &made)?;
    }
    let made = ctx.create(&PODS, pod(set, &name, ordinal, template, revision));
    let what = format!("Pod {name} in StatefulSet {}", set.name());
    match made {
        Err(error) if error.is_already_exists() => Err(error),
        made => record(ctx, recorder, set, "Create", &what, "successful", &made),
    }
}

/// Deletes a pod.
pub(super) fn delete(
    ctx: &mut Context<'_>,
    recorder: &mut EventRecorder,
    set: &Object,
    pod: &Object,
) -> Result<(), Status> {
    let gone = ctx.delete(&PODS, pod.namespace(), pod.name(), json!({"preconditions": {"uid": pod.uid()}}));
    let what = format!("Pod {} in StatefulSet {}", pod.name(), set.name());
    record(ctx, recorder, set, "Delete", &what, "successful", &gone)
}

/// Tells what was done, or that it could not be. Mirrors recordPodEvent and recordClaimEvent.
fn record<T>(
    ctx: &mut Context<'_>,
    recorder: &mut EventRecorder,
    set: &Object,
    verb: &str,
    what: &str,
    word: &str,
    result: &Result<T, Status>,
) -> Result<(), Status> {
    match result {
        Ok(_) => {
            let message = format!("{verb} {what} {word}");
            recorder.event(ctx, set, EventType::Normal, &format!("Successful{verb}"), &message);
            Ok(())
        }
        Err(error) if crate::is_namespace_terminating(error) => Ok(()),
        Err(error) => {
            let message = format!("{verb} {what} failed error: {}", error.message());
            recorder.event(ctx, set, EventType::Warning, &format!("Failed{verb}"), &message);
            Err(error.clone())
        }
    }
}

/// The claims of a pod. Mirrors getPersistentVolumeClaims.
fn claims(set: &Object, pod: &str) -> Vec<Value> {
    let own = set.at("spec.selector.matchLabels");
    let claim = |template: &Value| {
        let mut labels = template["metadata"]["labels"].clone();
        for (key, value) in own.fields() {
            labels.set(key, value.clone());
        }
        let mut metadata =
            json!({"name": claim_name(template, pod), "namespace": set.namespace(), "labels": labels});
        if !template["metadata"]["annotations"].is_empty() {
            metadata.set("annotations", &template["metadata"]["annotations"]);
        }
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": &template["spec"],
        })
    };
    set.at("spec.volumeClaimTemplates").items().iter().map(claim).collect()
}

fn claim_name(template: &Value, pod: &str) -> String {
    format!("{}-{pod}", template["metadata"]["name"].str())
}

/// Mirrors newStatefulSetPod.
fn pod(set: &Object, name: &str, ordinal: i64, template: &Value, revision: &str) -> Value {
    let mut metadata = json!({
        "name": name, "namespace": set.namespace(), "generateName": format!("{}-", set.name()),
        "ownerReferences": [set.controller_ref()], "labels": template["metadata"]["labels"].clone(),
    });
    for key in ["annotations", "finalizers"] {
        if !template["metadata"][key].is_empty() {
            metadata.set(key, &template["metadata"][key]);
        }
    }
    let labels = metadata.field_mut("labels");
    for (key, value) in [(POD_NAME, name), (POD_INDEX, &ordinal.to_string()), (REVISION, revision)] {
        labels.set(key, value);
    }
    let mut spec = template["spec"].clone();
    spec.set("hostname", name);
    if !set.at("spec.serviceName").is_empty() {
        spec.set("subdomain", set.at("spec.serviceName").str());
    }
    let templates = set.at("spec.volumeClaimTemplates").items();
    if !templates.is_empty() {
        let volume = |template: &Value| {
            let source = json!({"claimName": claim_name(template, name)});
            json!({"name": template["metadata"]["name"].str(), "persistentVolumeClaim": source})
        };
        let mut volumes: Vec<Value> = templates.iter().map(volume).collect();
        // A claim takes the place of a volume of its name.
        let replaced = |v: &&Value| templates.iter().any(|t| t["metadata"]["name"] == v["name"].str());
        volumes.extend(spec["volumes"].items().iter().filter(|v| !replaced(v)).cloned());
        spec.set("volumes", volumes);
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}
