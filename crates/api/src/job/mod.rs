//! Job.

mod validation;

pub use validation::validate_template;

use crate::kind::{BASE, Kind, spec_changed, status_of};
use crate::meta::{age, column, condition, container_cells, since, wide};
use crate::pod;
use apimachinery::{Object, Resource, Value, labels, time};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "batch", version: "v1", kind: "Job", plural: "jobs", namespaced: true };

/// The label that ties pods to their Job.
pub const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";
/// The label with the Job's name.
pub const JOB_NAME: &str = "batch.kubernetes.io/job-name";
/// The label and annotation with a pod's index.
pub const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// The finalizer of a pod that its Job has not counted yet.
pub const TRACKING: &str = "batch.kubernetes.io/job-tracking";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "job",
    categories: &["all"],
    subresources: &[status_of("Job")],
    schema: "Job",
    defaults,
    validate: validation::validate,
    validate_update: validation::validate_update,
    warnings: |object| pod::template_warnings(object),
    strategy_create,
    generation: Some(spec_changed),
    columns: &[
        column("Name"),
        column("Status"),
        column("Completions"),
        column("Duration"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row,
    ..BASE
};

/// Mirrors SetDefaults_Job. They are not in the schema, as the template of a CronJob has none of them.
fn defaults(job: &mut Value) {
    let spec = job.field_mut("spec");
    for (field, value) in [
        ("backoffLimit", Value::Int(6)),
        ("completionMode", "NonIndexed".into()),
        ("suspend", false.into()),
        ("podReplacementPolicy", "TerminatingOrFailed".into()),
    ] {
        if spec[field].is_null() {
            spec.set(field, value);
        }
    }
    if spec["parallelism"].is_null() {
        if spec["completions"].is_null() {
            spec.set("completions", 1);
        }
        spec.set("parallelism", 1);
    }
    pod::default_template(job);
    if job["metadata"]["labels"].is_empty() && !job["spec"]["template"]["metadata"]["labels"].is_empty() {
        let labels = job["spec"]["template"]["metadata"]["labels"].clone();
        job.set_at("metadata.labels", labels);
    }
}

/// The labels and the selector by which a Job knows its pods. Mirrors generateSelector. Labels that the Job has from its
/// template stay the template's.
fn strategy_create(job: &mut Object) {
    if job.at("spec.manualSelector").is_true() {
        return;
    }
    let (name, uid) = (job.name().to_string(), job.uid().to_string());
    let shared = job.labels().is_empty() || job.labels() == job.at("spec.template.metadata.labels");
    let labels = job.at_mut("spec.template.metadata.labels");
    for (key, value) in
        [(CONTROLLER_UID, &uid), (JOB_NAME, &name), ("controller-uid", &uid), ("job-name", &name)]
    {
        labels.set(key, value.as_str());
    }
    let labels = labels.clone();
    job.at_mut("spec.selector.matchLabels").set(CONTROLLER_UID, uid);
    if shared {
        job.meta_mut().insert("labels", labels);
    }
}

/// Mirrors printJob.
fn row(job: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&job["spec"], &job["status"]);
    let [containers, images] = container_cells(&spec["template"]["spec"]);
    let succeeded = status["succeeded"].int();
    let completions = match (spec["completions"].as_i64(), spec["parallelism"].int()) {
        (Some(wanted), _) => format!("{succeeded}/{wanted}"),
        (None, parallelism @ 2..) => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    };
    let until = time::parse(status["completionTime"].str()).unwrap_or(now);
    let duration =
        if status["startTime"].is_null() { String::new() } else { since(&status["startTime"], until) };
    vec![
        job.name().into(),
        state(job).into(),
        completions.into(),
        duration.into(),
        age(job, now),
        containers,
        images,
        labels::format_selector(&spec["selector"]).into(),
    ]
}

fn state(job: &Object) -> &'static str {
    let has = |kind: &str| condition(job.at("status.conditions"), kind) == "True";
    match () {
        () if has("Complete") => "Complete",
        () if has("Failed") => "Failed",
        () if job.is_terminating() => "Terminating",
        () if has("Suspended") => "Suspended",
        () if has("FailureTarget") => "FailureTarget",
        () if has("SuccessCriteriaMet") => "SuccessCriteriaMet",
        () => "Running",
    }
}
