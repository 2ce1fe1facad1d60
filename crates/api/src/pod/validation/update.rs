//! What may change in a pod once it exists. Mirrors ValidatePodUpdate.

use super::{diff, validate};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

const FIXED: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    let (after, before) = (&new["spec"], &old["spec"]);
    for list in ["containers", "initContainers"] {
        if after[list].items().len() != before[list].items().len() {
            let detail = "pod updates may not add or remove containers";
            errors.push(FieldError::forbidden(format!("spec.{list}"), detail));
            return errors;
        }
    }
    if let Some(error) = validate_deadline(&after["activeDeadlineSeconds"], &before["activeDeadlineSeconds"])
    {
        errors.push(error);
        return errors;
    }
    errors.extend(validate_added_tolerations(after, before));
    errors.extend(validate_gates(after, before));
    let changed = with_updatable_fields_of(after, before);
    if changed != *before {
        let difference = diff::specs("PodSpec", before, &changed);
        errors.push(FieldError::forbidden("spec", &format!("{FIXED}\n{difference}")));
    }
    errors
}

fn validate_deadline(new: &Value, old: &Value) -> Option<FieldError> {
    const FIELD: &str = "spec.activeDeadlineSeconds";
    let detail = match (new.as_i64(), old.as_i64()) {
        (Some(n), _) if !(0..=i64::from(i32::MAX)).contains(&n) => {
            "must be between 0 and 2147483647, inclusive"
        }
        (Some(n), Some(o)) if o < n => "must be less than or equal to previous value",
        (None, Some(_)) => "must not update from a positive integer to nil value",
        _ => return None,
    };
    Some(FieldError::invalid(FIELD, new, detail))
}

/// Mirrors validateOnlyAddedTolerations: those that were there stay, but for their seconds.
fn validate_added_tolerations(new: &Value, old: &Value) -> Option<FieldError> {
    let plain = |t: &Value| {
        let mut t = t.clone();
        t.remove("tolerationSeconds");
        t
    };
    let now: Vec<Value> = new["tolerations"].items().iter().map(plain).collect();
    let kept = old["tolerations"].items().iter().all(|t| now.contains(&plain(t)));
    let detail = "existing toleration can not be modified except its tolerationSeconds";
    (!kept).then(|| FieldError::forbidden("spec.tolerations", detail))
}

/// Gates can go, and none can come.
fn validate_gates(new: &Value, old: &Value) -> Option<FieldError> {
    let old_gates = old["schedulingGates"].items();
    let added = new["schedulingGates"].items().iter().position(|gate| !old_gates.contains(gate))?;
    let detail = "only deletion is allowed, but found new scheduling gate";
    let name = new["schedulingGates"][added]["name"].str();
    Some(FieldError::forbidden("spec.schedulingGates", &format!("{detail} '{name}'")))
}

/// The new spec, with the old value of everything that may change.
fn with_updatable_fields_of(new: &Value, old: &Value) -> Value {
    let mut spec = new.clone();
    for list in ["containers", "initContainers"] {
        for i in 0..spec[list].items().len() {
            if spec[list][i]["image"] != old[list][i]["image"] {
                spec.field_mut(list).array_mut()[i].set("image", old[list][i]["image"].clone());
            }
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        restore(&mut spec, old, field);
    }
    // A pod that could not be ended may be ended after all.
    let grace = "terminationGracePeriodSeconds";
    if old[grace].int() < 0 && new[grace].int() == 1 {
        restore(&mut spec, old, grace);
    }
    // Gated pods may still be told where to go.
    if !old["schedulingGates"].is_empty() {
        for field in ["nodeSelector", "affinity"] {
            restore(&mut spec, old, field);
        }
    }
    spec
}

fn restore(spec: &mut Value, old: &Value, field: &str) {
    match old.get(field) {
        Some(value) => spec.set(field, value.clone()),
        None => drop(spec.remove(field)),
    }
}

/// What is wrong with a status change. Mirrors ValidatePodStatusUpdate.
pub fn validate_status_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if new["spec"]["nodeName"] != old["spec"]["nodeName"] {
        let detail = "may not be changed directly";
        errors.push(FieldError::forbidden("status.nodeName", detail));
    }
    // A pod that is not to start again cannot be waiting again.
    if old["spec"]["restartPolicy"] == "Never" {
        for (i, status) in old["status"]["containerStatuses"].items().iter().enumerate() {
            let now = new["status"]["containerStatuses"].items().iter().find(|s| s["name"] == status["name"]);
            let was_terminated = !status["state"]["terminated"].is_null();
            if was_terminated && now.is_some_and(|s| s["state"]["terminated"].is_null()) {
                let field = format!("status.containerStatuses[{i}].state");
                errors.push(FieldError::forbidden(field, "may not be transitioned to non-terminated state"));
            }
        }
    }
    errors
}
