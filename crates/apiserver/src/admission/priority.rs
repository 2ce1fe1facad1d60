//! Priority: from the name of a class to a number, and one class for pods that name none.
//! Mirrors plugin/pkg/admission/priority.

use crate::{ApiServer, Call};
use api::priorityclass::{RESOURCE, SYSTEM};
use apimachinery::{Object, Status};

/// What a changed pod does not say stays as it was. Mirrors admitPod on update.
pub fn update(pod: &mut Object, old: &Object) {
    for field in ["priority", "preemptionPolicy"] {
        if pod["spec"][field].is_null() && !old["spec"][field].is_null() {
            pod.set_at(&format!("spec.{field}"), &old["spec"][field]);
        }
    }
}

/// Sets `priority` and `preemptionPolicy`.
pub fn create(server: &ApiServer, call: &Call<'_>, pod: &mut Object) -> Result<(), Status> {
    let name = pod["spec"]["priorityClassName"].str().to_string();
    let class = match name.as_str() {
        "" => default_class(server),
        name => {
            let found = server.object(&RESOURCE, "", name);
            let missing =
                || call.forbidden(pod.name(), &format!("no PriorityClass with name {name} was found"));
            Some(found.ok_or_else(missing)?)
        }
    };
    let priority = class.as_ref().map_or(0, |c| c["value"].int());
    let policy = class.as_ref().map_or("PreemptLowerPriority", |c| c["preemptionPolicy"].str()).to_string();
    if let Some(given) = pod["spec"]["priority"].as_i64().filter(|given| *given != priority) {
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller \
             computed {priority} from the given PriorityClass name"
        );
        return Err(call.forbidden(pod.name(), &why));
    }
    if let Some(given) = pod["spec"]["preemptionPolicy"].as_str().filter(|given| *given != policy) {
        let why = format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission \
             controller computed {policy} from the given PriorityClass name"
        );
        return Err(call.forbidden(pod.name(), &why));
    }
    if let Some(class) = class.as_ref().filter(|_| name.is_empty()) {
        pod.set_at("spec.priorityClassName", class.name());
    }
    pod.set_at("spec.priority", priority);
    pod.set_at("spec.preemptionPolicy", policy);
    Ok(())
}

/// The class of pods that name none; the lowest, should there be several.
fn default_class(server: &ApiServer) -> Option<Object> {
    let classes = server.objects(&RESOURCE).into_iter().filter(|c| c["globalDefault"].is_true());
    classes.min_by_key(|c| c["value"].int())
}

/// There is one default class at most. Mirrors validatePriorityClass.
pub fn check_default(server: &ApiServer, call: &Call<'_>, class: &Object) -> Result<(), Status> {
    let other =
        default_class(server).filter(|c| class["globalDefault"].is_true() && c.name() != class.name());
    let Some(other) = other else { return Ok(()) };
    let why =
        format!("PriorityClass {} is already marked as default. Only one default can exist", other.name());
    Err(call.forbidden(class.name(), &why))
}

/// The system's own classes stay. Mirrors the REST storage of priority classes.
pub fn delete(call: &Call<'_>, class: &Object) -> Result<(), Status> {
    match SYSTEM.iter().any(|(name, ..)| *name == class.name()) {
        true => Err(call.forbidden(class.name(), "this is a system priority class and cannot be deleted")),
        false => Ok(()),
    }
}
