//! Mirrors ValidateLimitRange in pkg/apis/core/validation.

use crate::pod::validate_container_resource_name;
use apimachinery::status::FieldError;
use apimachinery::{Object, Quantity, Value};
use sim::collections::BTreeSet;

/// What may be limited.
const TYPES: [&str; 3] = ["Pod", "Container", "PersistentVolumeClaim"];
/// The lists of an item that have a resource each.
const LISTS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];

/// What is wrong with a new or changed object.
pub fn validate(range: &Object) -> Vec<FieldError> {
    let (mut errors, mut seen) = (Vec::new(), BTreeSet::new());
    for (i, item) in range.at("spec.limits").items().iter().enumerate() {
        let path = format!("spec.limits[{i}]");
        errors.extend(limit_type(&item["type"], &format!("{path}.type")));
        if !seen.insert(item["type"].str()) {
            errors.push(FieldError::duplicate(format!("{path}.type"), &item["type"]));
        }
        errors.extend(names(item, &path));
        errors.extend(of_type(item, &path));
        let keys: BTreeSet<&str> = LISTS.iter().flat_map(|l| item[*l].fields().map(|(k, _)| k)).collect();
        for key in keys {
            errors.extend(amounts(item, key, &path));
        }
    }
    errors
}

fn limit_type(value: &Value, path: &str) -> Option<FieldError> {
    match value.str() {
        "" => Some(FieldError::required(path, "")),
        known if TYPES.contains(&known) || known.contains('/') => None,
        _ => Some(FieldError::invalid(path, value, "must be a standard limit type or fully qualified")),
    }
}

fn names(item: &Value, path: &str) -> Vec<FieldError> {
    let of_container = matches!(item["type"].str(), "Pod" | "Container");
    let entries = LISTS.iter().flat_map(|l| item[*l].fields().map(move |(k, _)| (*l, k)));
    let check = |(list, key): (&str, &str)| match of_container {
        true => validate_container_resource_name(key, &format!("{path}.{list}[{key}]")),
        false => Vec::new(),
    };
    entries.flat_map(check).collect()
}

fn of_type(item: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match item["type"].str() {
        "Pod" => {
            for list in ["default", "defaultRequest"].into_iter().filter(|l| !item[*l].is_empty()) {
                let detail = "may not be specified when `type` is 'Pod'";
                errors.push(FieldError::forbidden(format!("{path}.{list}"), detail));
            }
        }
        "PersistentVolumeClaim" if item["min"]["storage"].is_null() && item["max"]["storage"].is_null() => {
            let detail = "either minimum or maximum storage value is required, but neither was provided";
            errors.push(FieldError::required(format!("{path}.limits"), detail));
        }
        _ => {}
    }
    errors
}

/// Of two amounts of a resource the first may not be greater than the second: (first, its words, second, its words,
/// the field that is blamed).
const ORDER: [(&str, &str, &str, &str, &str); 5] = [
    ("min", "min value", "max", "max value", "min"),
    ("min", "min value", "defaultRequest", "default request value", "defaultRequest"),
    ("defaultRequest", "default request value", "max", "max value", "defaultRequest"),
    ("min", "min value", "default", "default value", "default"),
    ("default", "default value", "max", "max value", "default"),
];

fn amounts(item: &Value, key: &str, path: &str) -> Vec<FieldError> {
    let amount = |list: &str| item[list].get(key).and_then(|v| Quantity::parse(v.str()));
    let mut errors = Vec::new();
    for (less, less_words, more, more_words, blamed) in ORDER {
        if let (Some(a), Some(b)) = (amount(less), amount(more))
            && a.more_than(b)
        {
            let detail = format!("{less_words} {a} is greater than {more_words} {b}");
            errors.push(FieldError::invalid(format!("{path}.{blamed}[{key}]"), &item[blamed][key], &detail));
        }
    }
    if let (Some(request), Some(limit)) = (amount("defaultRequest"), amount("default"))
        && request.more_than(limit)
    {
        let detail = format!("default request value {request} is greater than default limit value {limit}");
        let field = format!("{path}.defaultRequest[{key}]");
        errors.push(FieldError::invalid(field, &item["defaultRequest"][key], &detail));
    }
    let (ratio, shown) = (amount("maxLimitRequestRatio"), &item["maxLimitRequestRatio"][key]);
    let field = || format!("{path}.maxLimitRequestRatio[{key}]");
    if let Some(ratio) = ratio.filter(|r| r.millis() < 1000) {
        errors.push(FieldError::invalid(field(), shown, &format!("ratio {ratio} is less than 1")));
    }
    if let (Some(ratio), Some(max), Some(min)) = (ratio, amount("max"), amount("min"))
        && !min.is_zero()
    {
        let highest = max.millis() as f64 / min.millis() as f64;
        if ratio.millis() as f64 / 1000.0 > highest {
            let detail = format!("ratio {ratio} is greater than max/min = {highest:.6}");
            errors.push(FieldError::invalid(field(), shown, &detail));
        }
    }
    errors
}
