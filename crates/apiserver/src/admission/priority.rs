//! Priority: from the name of a class to a number. Mirrors plugin/pkg/admission/priority.

use crate::Call;
use apimachinery::{Object, Status};

/// The classes that every cluster has.
const SYSTEM: [(&str, i64); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];

/// What a changed pod does not say stays as it was. Mirrors admitPod on update.
pub fn update(pod: &mut Object, old: &Object) {
    for field in ["priority", "preemptionPolicy"] {
        if pod["spec"][field].is_null() && !old["spec"][field].is_null() {
            pod.set_at(&format!("spec.{field}"), &old["spec"][field]);
        }
    }
}

/// Sets `priority` and `preemptionPolicy`.
pub fn create(call: &Call<'_>, pod: &mut Object) -> Result<(), Status> {
    let class = pod["spec"]["priorityClassName"].str().to_string();
    let priority = match class.as_str() {
        "" => 0,
        name => match SYSTEM.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => *value,
            None => {
                return Err(
                    call.forbidden(pod.name(), &format!("no PriorityClass with name {name} was found"))
                );
            }
        },
    };
    if let Some(given) = pod["spec"]["priority"].as_i64()
        && given != priority
    {
        let why = format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name"
        );
        return Err(call.forbidden(pod.name(), &why));
    }
    pod.set_at("spec.priority", priority);
    if pod["spec"]["preemptionPolicy"].is_null() {
        pod.set_at("spec.preemptionPolicy", "PreemptLowerPriority");
    }
    Ok(())
}
