use super::{Writer, date, format_selector, head, plain, template};
use crate::{Ctx, Error};
use apimachinery::{Object, Value};
use client::LocalFuture;

/// Mirrors describeCronJob.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    cron: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let (spec, status) = (&cron["spec"], &cron["status"]);
        let job = &spec["jobTemplate"]["spec"];
        let or_unset = |value: &Value, unit: &str| match value {
            Value::Null => "<unset>".to_string(),
            value => format!("{}{unit}", plain(value)),
        };
        head(cron, w);
        let suspend = match spec["suspend"].as_bool() {
            Some(true) => "True",
            Some(false) => "False",
            None => "<unset>",
        };
        for (title, text) in [
            ("Schedule", spec["schedule"].str().to_string()),
            ("Concurrency Policy", spec["concurrencyPolicy"].str().to_string()),
            ("Suspend", suspend.to_string()),
            ("Time Zone", or_unset(&spec["timeZone"], "")),
            ("Successful Job History Limit", or_unset(&spec["successfulJobsHistoryLimit"], "")),
            ("Failed Job History Limit", or_unset(&spec["failedJobsHistoryLimit"], "")),
            ("Starting Deadline Seconds", or_unset(&spec["startingDeadlineSeconds"], "s")),
            ("Selector", format_selector(&job["selector"]).unwrap_or_else(|| "<unset>".into())),
            ("Parallelism", or_unset(&job["parallelism"], "")),
            ("Completions", or_unset(&job["completions"], "")),
        ] {
            w.put(0, &format!("{title}:\t{text}\n"));
        }
        if !job["activeDeadlineSeconds"].is_null() {
            w.put(0, &format!("Active Deadline Seconds:\t{}s\n", job["activeDeadlineSeconds"].int()));
        }
        template::describe(w, &job["template"]);
        let last = match &status["lastScheduleTime"] {
            Value::Null => "<unset>".to_string(),
            time => date(time),
        };
        w.put(0, &format!("Last Schedule Time:\t{last}\n"));
        let active: Vec<&str> = status["active"].items().iter().map(|job| job["name"].str()).collect();
        let active = if active.is_empty() { "<none>".to_string() } else { active.join(", ") };
        w.put(0, &format!("Active Jobs:\t{active}\n"));
        Ok(())
    })
}
