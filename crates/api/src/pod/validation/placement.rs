//! Where a pod may run: affinity, spreading, tolerations.

use crate::meta::{field_errors, validate_label_selector};
use apimachinery::labels::{label_value_errors, qualified_name_errors};
use apimachinery::status::FieldError;
use apimachinery::{Value, json};

const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

/// Affinity, scheduling gates and spreading of a pod spec.
pub fn validate(spec: &Value, path: &str) -> Vec<FieldError> {
    let affinity = &spec["affinity"];
    let mut errors = Vec::new();
    if !affinity["nodeAffinity"].is_null() {
        errors.extend(node_affinity(&affinity["nodeAffinity"], &format!("{path}.affinity.nodeAffinity")));
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        if !affinity[kind].is_null() {
            errors.extend(pod_affinity(&affinity[kind], &format!("{path}.affinity.{kind}")));
        }
    }
    let gates = spec["schedulingGates"].items();
    for (i, gate) in gates.iter().enumerate() {
        let path = format!("{path}.schedulingGates[{i}]");
        errors.extend(field_errors(qualified_name_errors(gate["name"].str()), &path, &gate["name"]));
        if gates[..i].iter().any(|g| g["name"] == gate["name"]) {
            errors.push(FieldError::duplicate(path, &gate["name"]));
        }
    }
    errors.extend(spread(&spec["topologySpreadConstraints"], &format!("{path}.topologySpreadConstraints")));
    errors
}

fn node_affinity(affinity: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !affinity[REQUIRED].is_null() {
        let path = format!("{path}.{REQUIRED}.nodeSelectorTerms");
        let terms = affinity[REQUIRED]["nodeSelectorTerms"].items();
        if terms.is_empty() {
            let detail = "must have at least one node selector term";
            errors.push(FieldError::required(path.as_str(), detail));
        }
        for (i, term) in terms.iter().enumerate() {
            errors.extend(node_selector_term(term, &format!("{path}[{i}]")));
        }
    }
    for (i, term) in affinity[PREFERRED].items().iter().enumerate() {
        let path = format!("{path}.{PREFERRED}[{i}]");
        errors.extend(weight(term, &path));
        errors.extend(node_selector_term(&term["preference"], &format!("{path}.preference")));
    }
    errors
}

fn weight(term: &Value, path: &str) -> Option<FieldError> {
    let weight = &term["weight"];
    let wrong = !(1..=100).contains(&weight.int());
    wrong.then(|| FieldError::invalid(format!("{path}.weight"), weight, "must be in the range 1-100"))
}

/// Mirrors ValidateNodeSelectorTerm.
fn node_selector_term(term: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, e) in term["matchExpressions"].items().iter().enumerate() {
        let path = format!("{path}.matchExpressions[{i}]");
        let values = e["values"].items();
        match e["operator"].str() {
            "In" | "NotIn" if values.is_empty() => errors.push(FieldError::required(
                format!("{path}.values"),
                "must be specified when `operator` is 'In' or 'NotIn'",
            )),
            "Exists" | "DoesNotExist" if !values.is_empty() => errors.push(FieldError::forbidden(
                format!("{path}.values"),
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            )),
            "Gt" | "Lt" if values.len() != 1 => errors.push(FieldError::required(
                format!("{path}.values"),
                "must be specified single value when `operator` is 'Lt' or 'Gt'",
            )),
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            _ => errors.push(FieldError::invalid(
                format!("{path}.operator"),
                &e["operator"],
                "not a valid selector operator",
            )),
        }
        errors.extend(field_errors(qualified_name_errors(e["key"].str()), &format!("{path}.key"), &e["key"]));
        for (j, value) in values.iter().enumerate() {
            let path = format!("{path}.values[{j}]");
            errors.extend(field_errors(label_value_errors(value.str()), &path, value));
        }
    }
    for (i, e) in term["matchFields"].items().iter().enumerate() {
        let path = format!("{path}.matchFields[{i}]");
        if !matches!(e["operator"].str(), "In" | "NotIn") {
            let detail = "not a valid selector operator";
            errors.push(FieldError::invalid(format!("{path}.operator"), &e["operator"], detail));
        } else if e["values"].items().len() != 1 {
            let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
            errors.push(FieldError::required(format!("{path}.values"), detail));
        }
        if e["key"] != "metadata.name" {
            let detail = "not a valid field selector key";
            errors.push(FieldError::invalid(format!("{path}.key"), &e["key"], detail));
        }
    }
    errors
}

fn pod_affinity(affinity: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, term) in affinity[REQUIRED].items().iter().enumerate() {
        errors.extend(pod_term(term, &format!("{path}.{REQUIRED}[{i}]")));
    }
    for (i, term) in affinity[PREFERRED].items().iter().enumerate() {
        let path = format!("{path}.{PREFERRED}[{i}]");
        errors.extend(weight(term, &path));
        errors.extend(pod_term(&term["podAffinityTerm"], &format!("{path}.podAffinityTerm")));
    }
    errors
}

/// Mirrors validatePodAffinityTerm.
fn pod_term(term: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for field in ["labelSelector", "namespaceSelector"] {
        errors.extend(validate_label_selector(&term[field], &format!("{path}.{field}")));
    }
    errors.extend(topology_key(term, path));
    errors
}

fn topology_key(term: &Value, path: &str) -> Vec<FieldError> {
    let (key, path) = (&term["topologyKey"], format!("{path}.topologyKey"));
    match key.str() {
        "" => vec![FieldError::required(path, "can not be empty")],
        text => field_errors(qualified_name_errors(text), &path, key),
    }
}

/// Mirrors validateTopologySpreadConstraints.
fn spread(constraints: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let constraints = constraints.items();
    for (i, c) in constraints.iter().enumerate() {
        let path = format!("{path}[{i}]");
        if c["maxSkew"].int() <= 0 {
            let field = format!("{path}.maxSkew");
            errors.push(FieldError::invalid(field, &c["maxSkew"], "must be greater than zero"));
        }
        errors.extend(topology_key(c, &path));
        let action = &c["whenUnsatisfiable"];
        if !matches!(action.str(), "DoNotSchedule" | "ScheduleAnyway") {
            let field = format!("{path}.whenUnsatisfiable");
            errors.push(FieldError::not_supported(field, action, &["DoNotSchedule", "ScheduleAnyway"]));
        }
        let same = |o: &Value| o["topologyKey"] == c["topologyKey"] && o["whenUnsatisfiable"] == *action;
        if constraints[..i].iter().any(same) {
            let pair = format!("{{{}, {}}}", c["topologyKey"].str(), action.str());
            let field = format!("{path}.{{topologyKey, whenUnsatisfiable}}");
            errors.push(FieldError::duplicate(field, &Value::from(pair)));
        }
        if c["minDomains"].as_i64().is_some_and(|n| n <= 0) {
            let field = format!("{path}.minDomains");
            errors.push(FieldError::invalid(field, &c["minDomains"], "must be greater than zero"));
        } else if !c["minDomains"].is_null() && *action != "DoNotSchedule" {
            let field = format!("{path}.minDomains");
            let detail =
                format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {}", action.str());
            errors.push(FieldError::invalid(field, &c["minDomains"], &detail));
        }
        for policy in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            if !c[policy].is_null() && !matches!(c[policy].str(), "Honor" | "Ignore") {
                let field = format!("{path}.{policy}");
                errors.push(FieldError::not_supported(field, &c[policy], &["Honor", "Ignore"]));
            }
        }
        errors.extend(validate_label_selector(&c["labelSelector"], &format!("{path}.labelSelector")));
    }
    errors
}

/// Mirrors ValidateTolerations.
pub fn validate_tolerations(spec: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (i, t) in spec["tolerations"].items().iter().enumerate() {
        let at = |field: &str| format!("{path}[{i}].{field}");
        let (key, operator, value, effect) = (&t["key"], &t["operator"], &t["value"], &t["effect"]);
        if !key.str().is_empty() {
            errors.extend(field_errors(qualified_name_errors(key.str()), &at("key"), key));
        } else if *operator != "Exists" {
            let detail =
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            errors.push(FieldError::invalid(at("operator"), &Value::from(operator.str()), detail));
        }
        if !t["tolerationSeconds"].is_null() && *effect != "NoExecute" {
            let detail = "effect must be 'NoExecute' when `tolerationSeconds` is set";
            errors.push(FieldError::invalid(at("effect"), &Value::from(effect.str()), detail));
        }
        match operator.str() {
            "Equal" | "" => {
                let wrong = label_value_errors(value.str());
                if !wrong.is_empty() {
                    errors.push(FieldError::invalid(at("operator"), value, &wrong.join(";")));
                }
            }
            "Exists" if !value.str().is_empty() => {
                let detail = "value must be empty when `operator` is 'Exists'";
                errors.push(FieldError::invalid(at("operator"), &in_go(t), detail));
            }
            "Exists" => {}
            _ => errors.push(FieldError::not_supported(at("operator"), operator, &["Equal", "Exists"])),
        }
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        if !effect.str().is_empty() && !effects.contains(&effect.str()) {
            errors.push(FieldError::not_supported(at("effect"), effect, &effects));
        }
    }
    errors
}

/// A toleration as the server's internal type shows itself.
fn in_go(t: &Value) -> Value {
    json!({
        "Key": t["key"].str(), "Operator": t["operator"].str(), "Value": t["value"].str(),
        "Effect": t["effect"].str(), "TolerationSeconds": &t["tolerationSeconds"],
    })
}
