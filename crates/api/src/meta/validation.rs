//! Validation of object metadata. Mirrors apimachinery/pkg/api/validation/objectmeta.go.

use crate::Kind;
use apimachinery::labels::{label_value_errors, qualified_name_errors};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// The most bytes that all annotations of an object may have together. Mirrors TotalAnnotationSizeLimitB.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// What the API says of fields that may not change.
pub const IMMUTABLE: &str = "field is immutable";

/// What is wrong with the metadata of a new object.
pub fn validate(kind: &Kind, object: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let name = object.meta("name");
    let generate_name = object.meta("generateName").str();
    if !generate_name.is_empty() {
        // A trailing dash is what generateName is for.
        let base = generate_name.trim_end_matches('-');
        let wrong = (kind.name_errors)(if base.len() < generate_name.len() { base } else { generate_name });
        errors.extend(
            wrong
                .iter()
                .map(|e| FieldError::invalid("metadata.generateName", object.meta("generateName"), e)),
        );
    }
    if name.str().is_empty() {
        errors.push(FieldError::required("metadata.name", "name or generateName is required"));
    } else {
        let wrong = (kind.name_errors)(name.str());
        errors.extend(wrong.iter().map(|e| FieldError::invalid("metadata.name", name, e)));
    }
    if kind.resource.namespaced {
        if object.namespace().is_empty() {
            errors.push(FieldError::required("metadata.namespace", ""));
        } else {
            let wrong = apimachinery::labels::dns1123_label_errors(object.namespace());
            let namespace = object.meta("namespace");
            errors.extend(wrong.iter().map(|e| FieldError::invalid("metadata.namespace", namespace, e)));
        }
    } else if !object.namespace().is_empty() {
        errors.push(FieldError::forbidden("metadata.namespace", "not allowed on this type"));
    }
    errors.extend(common(object));
    errors
}

/// What must hold for old and new objects alike.
fn common(object: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if object.generation() < 0 {
        errors.push(FieldError::invalid("metadata.generation", object.meta("generation"), NOT_NEGATIVE));
    }
    errors.extend(validate_labels(object.labels(), "metadata.labels"));
    errors.extend(validate_annotations(object.meta("annotations"), "metadata.annotations"));
    errors.extend(validate_owners(object.meta("ownerReferences")));
    for (i, finalizer) in object.meta("finalizers").items().iter().enumerate() {
        let wrong = qualified_name_errors(finalizer.str());
        let field = "metadata.finalizers";
        let standard = matches!(finalizer.str(), "foregroundDeletion" | "orphan" | "kubernetes");
        if wrong.is_empty() && !standard && !finalizer.str().contains('/') {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.push(FieldError::invalid(format!("{field}[{i}]"), finalizer, detail));
        }
        errors.extend(wrong.iter().map(|e| FieldError::invalid(field, finalizer, e)));
    }
    errors
}

/// The words for a number that must not be negative.
pub const NOT_NEGATIVE: &str = "must be greater than or equal to 0";

/// What is wrong with labels. Mirrors metav1validation.ValidateLabels.
pub fn validate_labels(labels: &Value, field: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (key, value) in labels.fields() {
        let key_errors = qualified_name_errors(key);
        errors.extend(key_errors.iter().map(|e| FieldError::invalid(field, &Value::from(key), e)));
        let value_errors = label_value_errors(value.str());
        errors.extend(value_errors.iter().map(|e| FieldError::invalid(field, value, e)));
    }
    errors
}

/// What is wrong with annotations. Mirrors ValidateAnnotations.
pub fn validate_annotations(annotations: &Value, field: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut size = 0;
    for (key, value) in annotations.fields() {
        // The rule is about lower case letters alone here.
        let wrong = qualified_name_errors(&key.to_lowercase());
        errors.extend(wrong.iter().map(|e| FieldError::invalid(field, &Value::from(key), e)));
        size += key.len() + value.str().len();
    }
    if size > MAX_ANNOTATIONS {
        errors.push(FieldError::too_long(field, MAX_ANNOTATIONS));
    }
    errors
}

fn validate_owners(owners: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut controller: Option<&Value> = None;
    for (i, owner) in owners.items().iter().enumerate() {
        let field = format!("metadata.ownerReferences[{i}]");
        for key in ["apiVersion", "kind", "name", "uid"] {
            if owner[key].str().is_empty() {
                let field = format!("{field}.{key}");
                errors.push(match key {
                    "apiVersion" => FieldError::invalid(field, &owner[key], "version must not be empty"),
                    _ => FieldError::invalid(field, &owner[key], "must not be empty"),
                });
            }
        }
        if owner["controller"].is_true() {
            if let Some(first) = controller {
                let detail = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
                    named(first),
                    named(owner)
                );
                errors.push(FieldError::invalid("metadata.ownerReferences", owners, &detail));
            }
            controller = Some(owner);
        }
    }
    errors
}

fn named(owner: &Value) -> String {
    format!("{}/{}", owner["kind"].str(), owner["name"].str())
}

/// What is wrong with a change of metadata. Mirrors ValidateObjectMetaAccessorUpdate.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for key in ["name", "namespace", "uid", "creationTimestamp"] {
        if new.meta(key) != old.meta(key) {
            errors.push(FieldError::invalid(format!("metadata.{key}"), new.meta(key), IMMUTABLE));
        }
    }
    if old.is_terminating() {
        let added =
            new.meta("finalizers").items().iter().filter(|f| !old.meta("finalizers").items().contains(f));
        let added: Vec<&str> = added.map(Value::str).collect();
        if !added.is_empty() {
            let list =
                format!("[]string{:?}", added).replace('[', "{").replace(']', "}").replacen("{}", "[]", 1);
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers {list}"
            );
            errors.push(FieldError::forbidden("metadata.finalizers", &detail));
        }
    }
    if new.generation() < old.generation() {
        let detail = "must not be decremented";
        errors.push(FieldError::invalid("metadata.generation", new.meta("generation"), detail));
    }
    errors.extend(common(new));
    errors
}

/// What is wrong with a value that may not change.
pub fn immutable(new: &Value, old: &Value, field: &str) -> Vec<FieldError> {
    if new == old { Vec::new() } else { vec![FieldError::invalid(field, new, IMMUTABLE)] }
}

/// What is wrong with a metav1.LabelSelector. Mirrors metav1validation.ValidateLabelSelector.
pub fn validate_label_selector(selector: &Value, field: &str) -> Vec<FieldError> {
    let mut errors = validate_labels(&selector["matchLabels"], &format!("{field}.matchLabels"));
    for (i, e) in selector["matchExpressions"].items().iter().enumerate() {
        let field = format!("{field}.matchExpressions[{i}]");
        let values = &e["values"];
        match e["operator"].str() {
            "In" | "NotIn" if values.items().is_empty() => errors.push(FieldError::required(
                format!("{field}.values"),
                "must be specified when `operator` is 'In' or 'NotIn'",
            )),
            "In" | "NotIn" => {}
            "Exists" | "DoesNotExist" if !values.items().is_empty() => errors.push(FieldError::forbidden(
                format!("{field}.values"),
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            )),
            "Exists" | "DoesNotExist" => {}
            _ => errors.push(FieldError::invalid(
                format!("{field}.operator"),
                &e["operator"],
                "not a valid selector operator",
            )),
        }
        let wrong = qualified_name_errors(e["key"].str());
        errors.extend(wrong.iter().map(|w| FieldError::invalid(format!("{field}.key"), &e["key"], w)));
        for (j, value) in values.items().iter().enumerate() {
            let wrong = label_value_errors(value.str());
            let field = format!("{field}.values[{j}]");
            errors.extend(wrong.iter().map(|w| FieldError::invalid(field.as_str(), value, w)));
        }
    }
    errors
}

/// Whether a number is not negative; the error otherwise. Mirrors ValidateNonnegativeField.
pub fn not_negative(value: &Value, field: impl Into<String>) -> Option<FieldError> {
    (value.int() < 0).then(|| FieldError::invalid(field, value, NOT_NEGATIVE))
}

/// The words of a port number that is none.
pub const PORT_RANGE: &str = "must be between 1 and 65535, inclusive";

/// Whether a number is a port; the error otherwise.
pub fn port(value: &Value, field: impl Into<String>) -> Option<FieldError> {
    (!(1..=65535).contains(&value.int())).then(|| FieldError::invalid(field, value, PORT_RANGE))
}

/// The words of an unknown address.
pub const IP_RULE: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/// Whether a text is an IP address; the error otherwise.
pub fn ip_error(value: &Value, field: impl Into<String>) -> Option<FieldError> {
    let wrong = value.str().parse::<std::net::IpAddr>().is_err();
    wrong.then(|| FieldError::invalid(field, value, IP_RULE))
}

/// Whether a text is one of the protocols of ports; the error otherwise.
pub fn protocol(value: &Value, field: impl Into<String>) -> Option<FieldError> {
    match value.str() {
        "TCP" | "UDP" | "SCTP" => None,
        "" => Some(FieldError::required(field, "")),
        _ => Some(FieldError::not_supported(field, value, &["SCTP", "TCP", "UDP"])),
    }
}

/// What is wrong with the name of a port. Mirrors validation.IsValidPortName.
pub fn port_name_errors(name: &str) -> Vec<&'static str> {
    let mut errors = Vec::new();
    if name.len() > 15 {
        errors.push("must be no more than 15 characters");
    }
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') || name.is_empty() {
        errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        errors.push("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        errors.push("must not contain consecutive hyphens");
    }
    if name.starts_with('-') || name.ends_with('-') {
        errors.push("must not begin or end with a hyphen");
    }
    errors
}

/// Whether a number or name is that of a port; the errors otherwise. Mirrors ValidatePortNumOrName.
pub fn port_number_or_name(value: &Value, field: &str) -> Vec<FieldError> {
    match value {
        Value::String(name) => {
            port_name_errors(name).iter().map(|e| FieldError::invalid(field, value, e)).collect()
        }
        number => port(number, field).into_iter().collect(),
    }
}

/// What is wrong with a key of a ConfigMap or Secret. Mirrors validation.IsConfigMapKey.
pub fn config_key_errors(key: &str) -> Vec<String> {
    const RULE: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
    let mut errors = Vec::new();
    if key.len() > 253 {
        errors.push("must be no more than 253 characters".into());
    }
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        errors.push(RULE.into());
    }
    match key {
        "." => errors.push("must not be '.'".into()),
        ".." => errors.push("must not be '..'".into()),
        _ if key.starts_with("..") => errors.push("must not start with '..'".into()),
        _ => {}
    }
    errors
}

/// Errors of a check of text, as errors of a field.
pub fn field_errors(wrong: Vec<String>, field: &str, value: &Value) -> Vec<FieldError> {
    wrong.iter().map(|e| FieldError::invalid(field, value, e)).collect()
}

/// What the API says of a text that is no percentage.
const PERCENT_RULE: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/// The number of a percentage; `None` for other texts.
pub fn percent(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%')?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().unwrap_or(i64::MAX))
}

/// Mirrors ValidatePositiveIntOrPercent.
pub fn positive_int_or_percent(value: &Value, field: &str) -> Option<FieldError> {
    match value {
        Value::String(text) if percent(text).is_none() => {
            Some(FieldError::invalid(field, value, PERCENT_RULE))
        }
        Value::Int(n) if *n < 0 => Some(FieldError::invalid(field, value, NOT_NEGATIVE)),
        _ => None,
    }
}

/// The same, and no more than 100 %. Mirrors IsNotMoreThan100Percent.
pub fn validate_int_or_percent(value: &Value, field: &str) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> = positive_int_or_percent(value, field).into_iter().collect();
    if value.as_str().and_then(percent).is_some_and(|p| p > 100) {
        errors.push(FieldError::invalid(field, value, "must not be greater than 100%"));
    }
    errors
}

/// An amount that has to be more than nothing. Mirrors validateBasicResource and ValidatePositiveQuantityValue.
pub fn positive_quantity(amount: &Value, field: &str) -> Option<FieldError> {
    let parsed = apimachinery::Quantity::parse(amount.str()).unwrap_or(apimachinery::Quantity::ZERO);
    let wrong = parsed.is_negative() || parsed.is_zero();
    wrong.then(|| FieldError::invalid(field, amount, "must be greater than zero"))
}
