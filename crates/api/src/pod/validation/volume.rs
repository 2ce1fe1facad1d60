//! Volumes. Mirrors ValidateVolumes.

use super::container::{validate_field_ref, validate_resource_ref};
use crate::meta::field_errors;
use apimachinery::labels::dns1123_label_errors;
use apimachinery::status::FieldError;
use apimachinery::{Quantity, Value};

/// Fields of the pod that files can show.
const FILE_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// All volumes of a pod spec.
pub fn validate(volumes: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let volumes = volumes.items();
    for (i, volume) in volumes.iter().enumerate() {
        let path = format!("{path}[{i}]");
        errors.extend(validate_source(volume, &path));
        let name = &volume["name"];
        let at = format!("{path}.name");
        match name.str() {
            "" => errors.push(FieldError::required(at, "")),
            text => {
                let wrong = dns1123_label_errors(text);
                if wrong.is_empty() && volumes[..i].iter().any(|v| v["name"] == *name) {
                    errors.push(FieldError::duplicate(at.as_str(), name));
                }
                errors.extend(field_errors(wrong, &at, name));
            }
        }
    }
    errors
}

fn validate_source(volume: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut sources = 0;
    for (kind, source) in volume.fields().filter(|(key, v)| *key != "name" && !v.is_null()) {
        let path = format!("{path}.{kind}");
        sources += 1;
        if sources > 1 {
            errors.push(FieldError::forbidden(path, "may not specify more than 1 volume type"));
            continue;
        }
        errors.extend(match kind {
            "hostPath" => host_path(source, &path),
            "emptyDir" => empty_dir(source, &path),
            "secret" => keys(source, "secretName", &path),
            "configMap" => keys(source, "name", &path),
            "persistentVolumeClaim" => required(source, &path, &["claimName"]),
            "nfs" => required(source, &path, &["server", "path"]),
            "csi" => required(source, &path, &["driver"]),
            "downwardAPI" => downward(source, &path),
            "projected" => projected(source, &path),
            _ => Vec::new(),
        });
    }
    if sources == 0 {
        errors.push(FieldError::required(path, "must specify a volume type"));
    }
    errors
}

fn required(value: &Value, path: &str, fields: &[&str]) -> Vec<FieldError> {
    let missing = fields.iter().filter(|field| value[**field].str().is_empty());
    missing.map(|field| FieldError::required(format!("{path}.{field}"), "")).collect()
}

fn host_path(source: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = required(source, path, &["path"]);
    errors.extend(backsteps(&source["path"], &format!("{path}.path")));
    let kind = &source["type"];
    if !kind.is_null() && !HOST_PATH_TYPES.contains(&kind.str()) {
        errors.push(FieldError::not_supported(format!("{path}.type"), kind, &HOST_PATH_TYPES));
    }
    errors
}

fn empty_dir(source: &Value, path: &str) -> Vec<FieldError> {
    let limit = source["sizeLimit"].as_str().and_then(Quantity::parse);
    if limit.is_some_and(Quantity::is_negative) {
        let detail = "SizeLimit field must be a valid resource quantity";
        return vec![FieldError::forbidden(format!("{path}.sizeLimit"), detail)];
    }
    Vec::new()
}

fn backsteps(value: &Value, path: &str) -> Option<FieldError> {
    let steps_back = value.str().split('/').any(|part| part == "..");
    steps_back.then(|| FieldError::invalid(path, value, "must not contain '..'"))
}

fn file_mode(value: &Value, path: String) -> Option<FieldError> {
    let wrong = value.as_i64().is_some_and(|mode| !(0..=0o777).contains(&mode));
    wrong.then(|| {
        FieldError::invalid(path, value, "must be a number between 0 and 0777 (octal), both inclusive")
    })
}

/// Files made of keys of a Secret or ConfigMap.
fn keys(source: &Value, name: &str, path: &str) -> Vec<FieldError> {
    let mut errors = required(source, path, &[name]);
    errors.extend(file_mode(&source["defaultMode"], format!("{path}.defaultMode")));
    for (i, item) in source["items"].items().iter().enumerate() {
        let path = format!("{path}.items[{i}]");
        errors.extend(required(item, &path, &["key", "path"]));
        errors.extend(relative(&item["path"], &format!("{path}.path")));
        errors.extend(file_mode(&item["mode"], format!("{path}.mode")));
    }
    errors
}

/// Mirrors validateLocalNonReservedPath.
fn relative(value: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if value.str().starts_with('/') {
        errors.push(FieldError::invalid(path, value, "must be a relative path"));
    }
    errors.extend(backsteps(value, path));
    if value.str().starts_with("..") && !value.str().starts_with("../") {
        errors.push(FieldError::invalid(path, value, "must not start with '..'"));
    }
    errors
}

fn downward(source: &Value, path: &str) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> =
        file_mode(&source["defaultMode"], format!("{path}.defaultMode")).into_iter().collect();
    for (i, item) in source["items"].items().iter().enumerate() {
        errors.extend(downward_file(item, &format!("{path}[{i}]")));
    }
    errors
}

fn downward_file(item: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = required(item, path, &["path"]);
    errors.extend(relative(&item["path"], &format!("{path}.path")));
    let (field, resource) = (&item["fieldRef"], &item["resourceFieldRef"]);
    match (field.is_null(), resource.is_null()) {
        (false, false) => {
            let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
            errors.push(FieldError::invalid(path, &Value::from("resource"), detail));
        }
        (false, true) => errors.extend(validate_field_ref(field, &FILE_FIELDS, &format!("{path}.fieldRef"))),
        (true, false) => errors.extend(validate_resource_ref(resource, &format!("{path}.resourceFieldRef"))),
        (true, true) => {
            errors.push(FieldError::required(path, "one of fieldRef and resourceFieldRef is required"));
        }
    }
    errors.extend(file_mode(&item["mode"], format!("{path}.mode")));
    errors
}

/// Mirrors validateProjectionSources.
fn projected(source: &Value, path: &str) -> Vec<FieldError> {
    let mut errors: Vec<FieldError> =
        file_mode(&source["defaultMode"], format!("{path}.defaultMode")).into_iter().collect();
    for (i, entry) in source["sources"].items().iter().enumerate() {
        let path = format!("{path}.sources[{i}]");
        let mut count = 0;
        for (kind, value) in entry.fields().filter(|(_, v)| !v.is_null()) {
            let path = format!("{path}.{kind}");
            count += 1;
            if count > 1 {
                errors
                    .push(FieldError::forbidden(path, "may not specify more than 1 volume type per source"));
                continue;
            }
            errors.extend(match kind {
                "secret" | "configMap" => keys(value, "name", &path),
                "downwardAPI" => downward(value, &path),
                "serviceAccountToken" => service_account_token(value, &path),
                _ => Vec::new(),
            });
        }
        if count == 0 {
            errors.push(FieldError::required(path, "must specify at least 1 source type"));
        }
    }
    errors
}

fn service_account_token(value: &Value, path: &str) -> Vec<FieldError> {
    const SHORTEST: i64 = 600;
    let mut errors = Vec::new();
    let seconds = &value["expirationSeconds"];
    if seconds.as_i64().is_some_and(|n| n < SHORTEST) {
        let detail = "may not specify a duration less than 10 minutes";
        errors.push(FieldError::invalid(format!("{path}.expirationSeconds"), seconds, detail));
    }
    errors.extend(required(value, path, &["path"]));
    errors.extend(relative(&value["path"], &format!("{path}.path")));
    errors
}
