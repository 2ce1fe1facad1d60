//! Mirrors ValidateSecret and ValidateSecretUpdate.

use crate::configmap::{MAX_SIZE, unchanged_when_immutable};
use crate::meta::{config_key_errors, immutable};
use apimachinery::status::FieldError;
use apimachinery::{Object, Value, base64};

/// What is wrong with a new object.
pub fn validate(secret: &Object) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let data = &secret["data"];
    let mut size = 0;
    for (key, value) in data.fields() {
        let (path, shown) = (format!("data[{key}]"), Value::from(key));
        errors.extend(config_key_errors(key).iter().map(|e| FieldError::invalid(path.as_str(), &shown, e)));
        size += value.str().len() / 4 * 3;
    }
    if size > MAX_SIZE {
        errors.push(FieldError::too_long("data", MAX_SIZE));
    }
    let missing = |key: &str| data.get(key).is_none();
    let mut require = |keys: &[&str]| {
        errors.extend(keys.iter().map(|key| FieldError::required(format!("data[{key}]"), "")));
    };
    match secret["type"].str() {
        "kubernetes.io/service-account-token" => {
            let annotation = "kubernetes.io/service-account.name";
            if secret.annotation(annotation).unwrap_or_default().is_empty() {
                errors.push(FieldError::required(format!("metadata.annotations[{annotation}]"), ""));
            }
        }
        "kubernetes.io/dockercfg" => errors.extend(json_in(data, ".dockercfg")),
        "kubernetes.io/dockerconfigjson" => errors.extend(json_in(data, ".dockerconfigjson")),
        "kubernetes.io/basic-auth" if missing("username") && missing("password") => {
            require(&["username", "password"]);
        }
        "kubernetes.io/ssh-auth" if data["ssh-privatekey"].is_empty() => require(&["ssh-privatekey"]),
        "kubernetes.io/tls" => {
            let keys: Vec<&str> = ["tls.crt", "tls.key"].into_iter().filter(|key| missing(key)).collect();
            require(&keys);
        }
        _ => {}
    }
    errors
}

fn json_in(data: &Value, key: &str) -> Option<FieldError> {
    let path = format!("data[{key}]");
    let Some(text) = data.get(key) else { return Some(FieldError::required(path, "")) };
    let text = base64::decode(text.str()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let redacted = Value::from("<secret contents redacted>");
    match text.map(|text| Value::from_json(&text)) {
        Some(Ok(_)) => None,
        _ => Some(FieldError::invalid(path, &redacted, "invalid character in the JSON text")),
    }
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = immutable(&new["type"], &old["type"], "type");
    errors.extend(unchanged_when_immutable(new, old, &["data"]));
    errors.extend(validate(new));
    errors
}
