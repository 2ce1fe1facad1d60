//! Mirrors ValidateResourceQuota in pkg/apis/core/validation.

use crate::meta::{IMMUTABLE, NOT_NEGATIVE, field_errors};
use apimachinery::labels::qualified_name_errors;
use apimachinery::status::FieldError;
use apimachinery::{Object, Quantity, Value};
use sim::Order;

/// What a quota may name without a domain; all but the last are resources of quotas. Mirrors standardQuotaResources and
/// standardResources.
const STANDARD: [&str; 20] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "persistentvolumeclaims",
    "configmaps",
    "services.nodeports",
    "services.loadbalancers",
    "storage",
];
/// Those of which there are only whole ones. Mirrors integerResources.
const WHOLE: [&str; 9] = [
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
const SCOPES: [&str; 6] = [
    "BestEffort",
    "CrossNamespacePodAffinity",
    "NotBestEffort",
    "NotTerminating",
    "PriorityClass",
    "Terminating",
];
/// What a quota of pods without requests can count.
const POD_COUNTS: [&str; 2] = ["pods", "count/pods"];
/// Scopes of which no pod has both.
const CONFLICTS: [[&str; 2]; 2] = [["Terminating", "NotTerminating"], ["BestEffort", "NotBestEffort"]];

/// What is wrong with a new object.
pub fn validate(quota: &Object) -> Vec<FieldError> {
    let spec = &quota["spec"];
    let mut errors = Vec::new();
    for (name, amount) in spec["hard"].fields() {
        let path = format!("spec.hard[{name}]");
        errors.extend(resource_name(name, &path));
        errors.extend(quantity(name, amount, &path));
    }
    errors.extend(scopes(spec));
    errors.extend(scope_selector(spec));
    errors
}

fn resource_name(name: &str, path: &str) -> Vec<FieldError> {
    let shown = Value::from(name);
    let wrong = qualified_name_errors(name);
    let huge = ["hugepages-", "requests.hugepages-"].iter().any(|p| name.starts_with(p));
    if !wrong.is_empty() || name.contains('/') || huge {
        return field_errors(wrong, path, &shown);
    }
    let mut details = Vec::new();
    if !STANDARD.contains(&name) {
        details.push("must be a standard resource type or fully qualified");
    }
    if !STANDARD[..STANDARD.len() - 1].contains(&name) {
        details.push("must be a standard resource for quota");
    }
    details.into_iter().map(|detail| FieldError::invalid(path, &shown, detail)).collect()
}

fn quantity(name: &str, amount: &Value, path: &str) -> Vec<FieldError> {
    let parsed = Quantity::parse(amount.str()).unwrap_or(Quantity::ZERO);
    let mut errors = Vec::new();
    if parsed.is_negative() {
        errors.push(FieldError::invalid(path, amount, NOT_NEGATIVE));
    }
    if (WHOLE.contains(&name) || name.starts_with("count/")) && parsed.millis() % 1000 != 0 {
        errors.push(FieldError::invalid(path, amount, "must be an integer"));
    }
    errors
}

/// Whether a scope can be asked of a resource. Mirrors IsResourceQuotaScopeValidForResource.
fn fits(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => POD_COUNTS.contains(&resource),
        _ => {
            let bare = resource.strip_prefix("requests.").or(resource.strip_prefix("limits."));
            POD_COUNTS.contains(&resource) || matches!(bare.unwrap_or(resource), "cpu" | "memory")
        }
    }
}

fn scopes(spec: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let names: Vec<&str> = spec["scopes"].items().iter().map(Value::str).collect();
    for scope in &names {
        if !SCOPES.contains(scope) {
            errors.push(FieldError::invalid("spec.scopes", &spec["scopes"], "unsupported scope"));
        }
        let unfit = spec["hard"].fields().filter(|(name, _)| !fits(scope, name));
        errors.extend(unfit.map(|_| {
            FieldError::invalid("spec.scopes", &spec["scopes"], "unsupported scope applied to resource")
        }));
    }
    if CONFLICTS.iter().any(|pair| pair.iter().all(|scope| names.contains(scope))) {
        errors.push(FieldError::invalid("spec.scopes", &spec["scopes"], "conflicting scopes"));
    }
    errors
}

fn scope_selector(spec: &Value) -> Vec<FieldError> {
    const PATH: &str = "spec.scopeSelector.matchExpressions";
    let mut errors = Vec::new();
    for (i, term) in spec["scopeSelector"]["matchExpressions"].items().iter().enumerate() {
        let (scope, operator) = (term["scopeName"].str(), term["operator"].str());
        if !SCOPES.contains(&scope) {
            errors.push(FieldError::invalid(
                format!("{PATH}.scopeName"),
                &term["scopeName"],
                "unsupported scope",
            ));
        }
        let known = ["In", "NotIn", "Exists", "DoesNotExist"];
        let listed = matches!(operator, "In" | "NotIn");
        let path = format!("{PATH}[{i}]");
        if !known.contains(&operator) {
            let detail = "not a valid selector operator";
            errors.push(FieldError::invalid(format!("{path}.operator"), &term["operator"], detail));
        } else if scope != "PriorityClass" && operator != "Exists" {
            let detail = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, \
                          ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                          ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            errors.push(FieldError::invalid(format!("{path}.operator"), &term["operator"], detail));
        } else if listed && term["values"].is_empty() {
            let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
            errors.push(FieldError::required(format!("{path}.values"), detail));
        } else if !listed && !term["values"].is_empty() {
            let detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
            errors.push(FieldError::invalid(format!("{path}.values"), &term["values"], detail));
        }
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let sorted = |quota: &Object| {
        let mut names: Vec<String> =
            quota.at("spec.scopes").items().iter().map(|s| s.str().to_string()).collect();
        names.order_by_key(Clone::clone);
        names
    };
    let mut errors = validate(new);
    if sorted(new) != sorted(old) {
        errors.push(FieldError::invalid("spec.scopes", new.at("spec.scopes"), IMMUTABLE));
    }
    errors
}
