//! Mirrors ValidateStatefulSet and its updates in pkg/apis/apps/validation.

use crate::meta::not_negative;
use crate::persistentvolumeclaim;
use crate::replicaset::{Owner, selector_and_template, status_numbers};
use crate::unsimulated;
use apimachinery::status::FieldError;
use apimachinery::{Object, Value, json};

const OWNER: Owner = Owner { selector: "statefulset", template: "StatefulSet" };

/// What is wrong with a new object.
pub fn validate(set: &Object) -> Vec<FieldError> {
    let spec = &set["spec"];
    let mut errors = Vec::new();
    let (policy, known) = (&spec["podManagementPolicy"], ["OrderedReady", "Parallel"]);
    if !known.contains(&policy.str()) {
        let detail = format!("must be '{}' or '{}'", known[0], known[1]);
        errors.push(FieldError::invalid("spec.podManagementPolicy", policy, &detail));
    }
    errors.extend(strategy(&spec["updateStrategy"]));
    errors.extend(retention(&spec["persistentVolumeClaimRetentionPolicy"]));
    errors.extend(not_negative(&spec["replicas"], "spec.replicas"));
    errors.extend(not_negative(&spec["minReadySeconds"], "spec.minReadySeconds"));
    errors.extend(not_negative(&spec["ordinals"]["start"], "spec.ordinals.start"));
    errors.extend(not_negative(&spec["revisionHistoryLimit"], "spec.revisionHistoryLimit"));
    errors.extend(selector_and_template(&with_claims(spec), &OWNER));
    for (i, claim) in spec["volumeClaimTemplates"].items().iter().enumerate() {
        let path = format!("spec.volumeClaimTemplates[{i}].spec");
        errors.extend(persistentvolumeclaim::validate_spec(&claim["spec"], &path));
    }
    errors
}

/// The spec with a volume in its template for each claim that its pods will have.
fn with_claims(spec: &Value) -> Value {
    let mut spec = spec.clone();
    for claim in spec["volumeClaimTemplates"].clone().items() {
        let name = claim["metadata"]["name"].str();
        let volumes = spec.at_mut("template.spec.volumes").array_mut();
        volumes.retain(|v| v["name"] != name);
        volumes.push(json!({"name": name, "emptyDir": {}}));
    }
    spec
}

fn strategy(strategy: &Value) -> Vec<FieldError> {
    const PATH: &str = "spec.updateStrategy";
    match strategy["type"].str() {
        "OnDelete" if !strategy["rollingUpdate"].is_null() => {
            let detail = "only allowed for updateStrategy 'RollingUpdate'";
            let (path, shown) = (format!("{PATH}.rollingUpdate"), &strategy["rollingUpdate"]);
            vec![FieldError::invalid(path, shown, detail)]
        }
        "OnDelete" => Vec::new(),
        "RollingUpdate" => {
            let partition = &strategy["rollingUpdate"]["partition"];
            not_negative(partition, format!("{PATH}.rollingUpdate.partition")).into_iter().collect()
        }
        _ => {
            let detail = "must be 'RollingUpdate' or 'OnDelete'";
            vec![FieldError::invalid(PATH, strategy, detail)]
        }
    }
}

/// Claims stay here, as they do by default.
fn retention(policy: &Value) -> Vec<FieldError> {
    let check = |field: &str| {
        let path = format!("spec.persistentVolumeClaimRetentionPolicy.{field}");
        match policy[field].str() {
            "Retain" => None,
            "Delete" => Some(FieldError::forbidden(path, unsimulated::DETAIL)),
            _ => Some(FieldError::not_supported(path, &policy[field], &["Delete", "Retain"])),
        }
    };
    ["whenDeleted", "whenScaled"].into_iter().filter_map(check).collect()
}

/// What is wrong with a change: little of a StatefulSet may change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    const FREE: [&str; 7] = [
        "replicas",
        "template",
        "updateStrategy",
        "minReadySeconds",
        "ordinals",
        "revisionHistoryLimit",
        "persistentVolumeClaimRetentionPolicy",
    ];
    let mut errors = validate(new);
    let rest = |set: &Object| {
        let mut spec = set["spec"].clone();
        FREE.iter().for_each(|field| drop(spec.remove(field)));
        spec
    };
    if rest(new) != rest(old) {
        let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                      'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                      'minReadySeconds' are forbidden";
        errors.push(FieldError::forbidden("spec", detail));
    }
    errors
}

/// What is wrong with a status change. Mirrors ValidateStatefulSetStatusUpdate.
pub fn validate_status_update(new: &Object, _: &Object) -> Vec<FieldError> {
    const NUMBERS: [&str; 6] = [
        "replicas",
        "readyReplicas",
        "currentReplicas",
        "updatedReplicas",
        "observedGeneration",
        "availableReplicas",
    ];
    const LIMITS: [(&str, &str); 5] = [
        ("readyReplicas", "replicas"),
        ("currentReplicas", "replicas"),
        ("updatedReplicas", "replicas"),
        ("availableReplicas", "replicas"),
        ("availableReplicas", "readyReplicas"),
    ];
    status_numbers(&new["status"], &NUMBERS, &LIMITS)
}
