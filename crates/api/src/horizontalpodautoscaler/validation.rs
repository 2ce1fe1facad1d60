//! Mirrors pkg/apis/autoscaling/validation.

use apimachinery::status::FieldError;
use apimachinery::{Object, Quantity, Value};

/// How far back scaling policies may look, in seconds. Mirrors MaxPeriodSeconds.
const MAX_PERIOD: i64 = 1800;
/// How long stabilization may take, in seconds. Mirrors MaxStabilizationWindowSeconds.
const MAX_STABILIZATION: i64 = 3600;

/// The kinds of metrics with the fields that hold them.
const SOURCES: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

/// What is wrong with a new or changed object.
pub fn validate(hpa: &Object) -> Vec<FieldError> {
    let spec = &hpa["spec"];
    let (min, max) = (&spec["minReplicas"], &spec["maxReplicas"]);
    let mut errors = Vec::new();
    if min.as_i64().is_some_and(|n| n < 1) {
        errors.push(FieldError::invalid("spec.minReplicas", min, "must be greater than or equal to 1"));
    }
    if max.int() < 1 {
        errors.push(FieldError::invalid("spec.maxReplicas", max, "must be greater than 0"));
    }
    if min.as_i64().is_some_and(|n| max.int() < n) {
        let detail = "must be greater than or equal to `minReplicas`";
        errors.push(FieldError::invalid("spec.maxReplicas", max, detail));
    }
    for field in ["kind", "name"] {
        if spec["scaleTargetRef"][field].str().is_empty() {
            errors.push(FieldError::required(format!("spec.scaleTargetRef.{field}"), ""));
        }
    }
    for (i, metric) in spec["metrics"].items().iter().enumerate() {
        errors.extend(validate_metric(metric, &format!("spec.metrics[{i}]")));
    }
    for direction in ["scaleUp", "scaleDown"] {
        let rules = &spec["behavior"][direction];
        if !rules.is_null() {
            errors.extend(validate_rules(rules, &format!("spec.behavior.{direction}")));
        }
    }
    errors
}

fn validate_metric(metric: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let kind = &metric["type"];
    let Some((_, source)) = SOURCES.iter().find(|(name, _)| *kind == *name) else {
        let field = format!("{path}.type");
        return vec![match kind.str() {
            "" => FieldError::required(field, "must specify a metric source type"),
            _ => FieldError::not_supported(field, kind, &SOURCES.map(|(name, _)| name)),
        }];
    };
    let field = format!("{path}.{source}");
    if metric[*source].is_null() {
        errors.push(FieldError::required(
            field.as_str(),
            "must populate information for the given metric source",
        ));
    }
    for (_, other) in SOURCES.iter().filter(|(_, other)| other != source && !metric[*other].is_null()) {
        let detail = "must populate the given metric source only";
        errors.push(FieldError::forbidden(format!("{path}.{other}"), detail));
    }
    if metric[*source].is_null() {
        return errors;
    }
    let (source, resource) = (&metric[*source], source.to_lowercase().ends_with("resource"));
    if resource && source["name"].str().is_empty() {
        errors.push(FieldError::required(format!("{field}.name"), "must specify a resource name"));
    }
    if !resource && source["metric"]["name"].str().is_empty() {
        errors.push(FieldError::required(format!("{field}.metric.name"), "must specify a metric name"));
    }
    errors.extend(validate_target(&source["target"], resource, &format!("{field}.target")));
    errors
}

fn validate_target(target: &Value, resource: bool, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let path = |field: &str| format!("{path}.{field}");
    match target["type"].str() {
        "" => errors.push(FieldError::required(path("type"), "must specify a metric target type")),
        "Utilization" | "Value" | "AverageValue" => {}
        _ => errors.push(FieldError::invalid(
            path("type"),
            &target["type"],
            "must be either Utilization, Value, or AverageValue",
        )),
    }
    for field in ["value", "averageValue"] {
        let amount = target[field].as_str().and_then(Quantity::parse);
        if amount.is_some_and(|a| a.is_negative() || a.is_zero()) {
            errors.push(FieldError::invalid(path(field), &target[field], "must be positive"));
        }
    }
    let utilization = &target["averageUtilization"];
    if utilization.as_i64().is_some_and(|n| n < 1) {
        errors.push(FieldError::invalid(path("averageUtilization"), utilization, "must be greater than 0"));
    }
    let average = !target["averageValue"].is_null();
    match (resource, utilization.is_null(), average) {
        (true, true, false) => errors.push(FieldError::required(
            path("averageUtilization"),
            "must set either a target raw value or a target utilization",
        )),
        (true, false, true) => errors.push(FieldError::forbidden(
            path("averageValue"),
            "may not set both a target raw value and a target utilization",
        )),
        (false, _, false) if target["value"].is_null() => {
            errors.push(FieldError::required(
                path("averageValue"),
                "must specify a positive target averageValue",
            ));
        }
        _ => {}
    }
    errors
}

fn validate_rules(rules: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let window = &rules["stabilizationWindowSeconds"];
    if window.int() < 0 {
        errors.push(FieldError::invalid(
            format!("{path}.stabilizationWindowSeconds"),
            window,
            "must be greater than or equal to zero",
        ));
    }
    if window.int() > MAX_STABILIZATION {
        let detail = format!("must be less than or equal to {MAX_STABILIZATION}");
        errors.push(FieldError::invalid(format!("{path}.stabilizationWindowSeconds"), window, &detail));
    }
    let select = &rules["selectPolicy"];
    if !matches!(select.str(), "Max" | "Min" | "Disabled") {
        let field = format!("{path}.selectPolicy");
        errors.push(FieldError::not_supported(field, select, &["Disabled", "Max", "Min"]));
    }
    if rules["policies"].is_empty() {
        errors.push(FieldError::required(format!("{path}.policies"), "must specify at least one Policy"));
    }
    for (i, policy) in rules["policies"].items().iter().enumerate() {
        let path = format!("{path}.policies[{i}]");
        if !matches!(policy["type"].str(), "Pods" | "Percent") {
            let field = format!("{path}.type");
            errors.push(FieldError::not_supported(field, &policy["type"], &["Percent", "Pods"]));
        }
        for field in ["value", "periodSeconds"] {
            if policy[field].int() <= 0 {
                let field_path = format!("{path}.{field}");
                errors.push(FieldError::invalid(field_path, &policy[field], "must be greater than zero"));
            }
        }
        if policy["periodSeconds"].int() > MAX_PERIOD {
            let detail = format!("must be less than or equal to {MAX_PERIOD}");
            errors.push(FieldError::invalid(
                format!("{path}.periodSeconds"),
                &policy["periodSeconds"],
                &detail,
            ));
        }
    }
    errors
}
