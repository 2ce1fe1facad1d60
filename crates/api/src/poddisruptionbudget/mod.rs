//! PodDisruptionBudget: how many pods of a set may be taken away on purpose.

use crate::kind::{BASE, Kind, spec_changed, status_of};
use crate::meta::{age, column, number, validate_int_or_percent, validate_label_selector};
use apimachinery::status::FieldError;
use apimachinery::{Object, Resource, Value};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource = Resource {
    group: "policy",
    version: "v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespaced: true,
};

/// The condition that says whether a pod may go now.
pub const DISRUPTION_ALLOWED: &str = "DisruptionAllowed";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "poddisruptionbudget",
    short_names: &["pdb"],
    subresources: &[status_of("PodDisruptionBudget")],
    schema: "PodDisruptionBudget",
    validate,
    validate_update: |new, _| validate(new),
    generation: Some(spec_changed),
    columns: &[
        column("Name"),
        column("Min Available"),
        column("Max Unavailable"),
        number("Allowed Disruptions"),
        column("Age"),
    ],
    row,
    ..BASE
};

/// Mirrors ValidatePodDisruptionBudgetSpec.
fn validate(pdb: &Object) -> Vec<FieldError> {
    let spec = &pdb["spec"];
    let mut errors = Vec::new();
    if !spec["minAvailable"].is_null() && !spec["maxUnavailable"].is_null() {
        let detail = "minAvailable and maxUnavailable are mutually exclusive";
        errors.push(FieldError::invalid("spec", spec, detail));
    }
    for field in ["minAvailable", "maxUnavailable"] {
        errors.extend(validate_int_or_percent(&spec[field], &format!("spec.{field}")));
    }
    if !spec["selector"].is_null() {
        errors.extend(validate_label_selector(&spec["selector"], "spec.selector"));
    }
    let (policy, known) = (&spec["unhealthyPodEvictionPolicy"], ["AlwaysAllow", "IfHealthyBudget"]);
    if !policy.is_null() && !known.contains(&policy.str()) {
        errors.push(FieldError::not_supported("spec.unhealthyPodEvictionPolicy", policy, &known));
    }
    errors
}

/// Mirrors printPodDisruptionBudget.
fn row(pdb: &Object, now: Time) -> Vec<Value> {
    let amount = |field: &str| match &pdb["spec"][field] {
        Value::Null => "N/A".into(),
        Value::Int(n) => n.to_string().into(),
        text => text.clone(),
    };
    vec![
        pdb.name().into(),
        amount("minAvailable"),
        amount("maxUnavailable"),
        pdb.at("status.disruptionsAllowed").int().into(),
        age(pdb, now),
    ]
}
