//! Mirrors ValidateJob and its updates in pkg/apis/batch/validation.

use crate::meta::{IMMUTABLE, immutable, not_negative, validate_label_selector};
use crate::pod;
use apimachinery::labels::Selector;
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// The most pods of an indexed Job at a time.
const MAX_PARALLELISM: i64 = 100_000;

/// What is wrong with a new object.
pub fn validate(job: &Object) -> Vec<FieldError> {
    let spec = &job["spec"];
    let mut errors = numbers(spec, "spec");
    errors.extend(mode(spec));
    errors.extend(selector(spec));
    errors.extend(template(spec, "spec"));
    errors
}

/// What is wrong with the spec in the template of a CronJob, where its labels and its selector are not chosen yet.
/// Mirrors ValidateJobTemplateSpec.
pub fn validate_template(spec: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = numbers(spec, path);
    errors.extend(template(spec, path));
    if !spec["selector"].is_null() {
        let detail = "`selector` will be auto-generated";
        errors.push(FieldError::invalid(format!("{path}.selector"), &spec["selector"], detail));
    }
    if spec["manualSelector"].is_true() {
        let (field, shown) = (format!("{path}.manualSelector"), &spec["manualSelector"]);
        errors.push(FieldError::not_supported(field, shown, &["nil", "false"]));
    }
    errors
}

fn numbers(spec: &Value, path: &str) -> Vec<FieldError> {
    let fields =
        ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"];
    fields.into_iter().filter_map(|field| not_negative(&spec[field], format!("{path}.{field}"))).collect()
}

fn template(spec: &Value, path: &str) -> Vec<FieldError> {
    let mut errors = pod::validate_template(&spec["template"], &format!("{path}.template"));
    if !matches!(spec["template"]["spec"]["restartPolicy"].str(), "OnFailure" | "Never") {
        let detail = "valid values: \"OnFailure\", \"Never\"";
        errors.push(FieldError::required(format!("{path}.template.spec.restartPolicy"), detail));
    }
    errors
}

fn mode(spec: &Value) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match spec["completionMode"].str() {
        "NonIndexed" => {}
        "Indexed" => {
            if spec["completions"].is_null() {
                let detail = "when completion mode is Indexed";
                errors.push(FieldError::required("spec.completions", detail));
            }
            if spec["parallelism"].int() > MAX_PARALLELISM {
                let detail = format!(
                    "must be less than or equal to {MAX_PARALLELISM} when completion mode is Indexed"
                );
                errors.push(FieldError::invalid("spec.parallelism", &spec["parallelism"], &detail));
            }
        }
        _ => {
            let known = ["Indexed", "NonIndexed"];
            errors.push(FieldError::not_supported("spec.completionMode", &spec["completionMode"], &known));
        }
    }
    if !matches!(spec["podReplacementPolicy"].str(), "TerminatingOrFailed" | "Failed") {
        let (field, known) = ("spec.podReplacementPolicy", ["Failed", "TerminatingOrFailed"]);
        errors.push(FieldError::not_supported(field, &spec["podReplacementPolicy"], &known));
    }
    errors
}

fn selector(spec: &Value) -> Vec<FieldError> {
    let selector = &spec["selector"];
    if selector.is_null() {
        return vec![FieldError::required("spec.selector", "")];
    }
    let mut errors = validate_label_selector(selector, "spec.selector");
    let labels = &spec["template"]["metadata"]["labels"];
    if !Selector::from_label_selector(selector).is_some_and(|s| s.matches(labels)) {
        let (field, detail) =
            ("spec.template.metadata.labels", "`selector` does not match template `labels`");
        errors.push(FieldError::invalid(field, labels, detail));
    }
    errors
}

/// What is wrong with a change.
pub fn validate_update(new: &Object, old: &Object) -> Vec<FieldError> {
    let mut errors = validate(new);
    for field in ["completions", "selector", "template", "completionMode"] {
        // An indexed Job may grow and shrink with its parallelism.
        let elastic = field == "completions"
            && new.at("spec.completionMode") == "Indexed"
            && new.at("spec.completions") == new.at("spec.parallelism");
        if field == "template" && new["spec"][field] != old["spec"][field] {
            let shown = pod::template_in_go(&new["spec"][field]);
            errors.push(FieldError {
                reason: "FieldValueInvalid",
                field: "spec.template".into(),
                message: format!("Invalid value: {shown}: {IMMUTABLE}"),
            });
        } else if !elastic {
            errors.extend(immutable(&new["spec"][field], &old["spec"][field], &format!("spec.{field}")));
        }
    }
    errors
}
