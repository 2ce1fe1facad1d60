//! CronJob: Jobs by the clock.

mod schedule;
mod validation;

pub use schedule::Schedule;

use crate::kind::{BASE, Kind, spec_changed, status_of};
use crate::meta::{age, column, container_cells, number, or, since, wide};
use crate::pod;
use apimachinery::{Object, Resource, Value, labels};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "batch", version: "v1", kind: "CronJob", plural: "cronjobs", namespaced: true };

/// When a Job of it was to start, as an annotation of the Job.
pub const SCHEDULED: &str = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "cronjob",
    short_names: &["cj"],
    categories: &["all"],
    subresources: &[status_of("CronJob")],
    schema: "CronJob",
    defaults: |cron| {
        if !cron["spec"]["jobTemplate"].is_null() {
            pod::default_template(cron.at_mut("spec.jobTemplate"));
        }
    },
    validate: validation::validate,
    validate_update: |new, _| validation::validate_spec(new),
    warnings: |cron| pod::template_warnings_at(cron, "spec.jobTemplate.spec.template.spec"),
    generation: Some(spec_changed),
    columns: &[
        column("Name"),
        column("Schedule"),
        column("Timezone"),
        column("Suspend"),
        number("Active"),
        column("Last Schedule"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row,
    ..BASE
};

/// Mirrors printCronJob.
fn row(cron: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&cron["spec"], &cron["status"]);
    let [containers, images] = container_cells(cron.at("spec.jobTemplate.spec.template.spec"));
    let last = match &status["lastScheduleTime"] {
        Value::Null => "<none>".to_string(),
        time => since(time, now),
    };
    vec![
        cron.name().into(),
        spec["schedule"].clone(),
        or(spec["timeZone"].str(), "<none>").into(),
        if spec["suspend"].is_true() { "True" } else { "False" }.into(),
        status["active"].items().len().into(),
        last.into(),
        age(cron, now),
        containers,
        images,
        labels::format_selector(&spec["jobTemplate"]["spec"]["selector"]).into(),
    ]
}
