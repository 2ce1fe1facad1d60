//! Mirrors ValidateCronJobCreate and ValidateCronJobUpdate in pkg/apis/batch/validation.

use super::Schedule;
use crate::job;
use crate::meta::not_negative;
use crate::unsimulated;
use apimachinery::status::FieldError;
use apimachinery::{Object, Value};

/// The longest name: its Jobs have the time behind it. Mirrors the 63 of a label less eleven.
const MAX_NAME: usize = 52;
/// The zones whose clock is known: that of the cluster.
const ZONES: [&str; 3] = ["UTC", "Etc/UTC", "Etc/GMT"];

/// What is wrong with a new object.
pub fn validate(cron: &Object) -> Vec<FieldError> {
    let mut errors = validate_spec(cron);
    if cron.name().len() > MAX_NAME {
        let detail = format!("must be no more than {MAX_NAME} characters");
        errors.push(FieldError::invalid("metadata.name", cron.meta("name"), &detail));
    }
    errors
}

/// What is wrong with a new or changed object but for its name.
pub fn validate_spec(cron: &Object) -> Vec<FieldError> {
    let spec = &cron["spec"];
    let mut errors = schedule(spec);
    errors.extend(not_negative(&spec["startingDeadlineSeconds"], "spec.startingDeadlineSeconds"));
    let known = ["Allow", "Forbid", "Replace"];
    if !known.contains(&spec["concurrencyPolicy"].str()) {
        errors.push(FieldError::not_supported("spec.concurrencyPolicy", &spec["concurrencyPolicy"], &known));
    }
    errors.extend(job::validate_template(&spec["jobTemplate"]["spec"], "spec.jobTemplate.spec"));
    for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        errors.extend(not_negative(&spec[field], format!("spec.{field}")));
    }
    errors
}

fn schedule(spec: &Value) -> Vec<FieldError> {
    let (text, zone) = (&spec["schedule"], &spec["timeZone"]);
    let mut errors = Vec::new();
    if text.str().is_empty() {
        errors.push(FieldError::required("spec.schedule", ""));
    } else if text.str().contains("TZ") {
        let detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        errors.push(FieldError::invalid("spec.schedule", text, detail));
    } else if let Err(why) = Schedule::parse(text.str()) {
        errors.push(FieldError::invalid("spec.schedule", text, &why));
    }
    match zone.as_str() {
        None => {}
        Some("") => {
            let detail = "timeZone must be nil or non-empty string";
            errors.push(FieldError::invalid("spec.timeZone", zone, detail));
        }
        Some("Local") => {
            let detail =
                "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
            errors.push(FieldError::invalid("spec.timeZone", zone, detail));
        }
        Some(known) if ZONES.contains(&known) => {}
        Some(other) if !other.contains('/') => {
            errors.push(FieldError::invalid("spec.timeZone", zone, &format!("unknown time zone {other}")));
        }
        Some(_) => {
            let detail = format!("{}; this cluster's clock is UTC", unsimulated::DETAIL);
            errors.push(FieldError::forbidden("spec.timeZone", &detail));
        }
    }
    errors
}
