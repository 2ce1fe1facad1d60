use super::{Writer, controlled_by, date, format_selector, plain, template};
use crate::{Ctx, Error};
use apimachinery::{Object, time};
use client::LocalFuture;

/// About how many characters of a list of indexes are shown.
const INDEXES_SHOWN: usize = 50;

/// Mirrors describeJob.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    job: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let (spec, status) = (&job["spec"], &job["status"]);
        w.put(0, &format!("Name:\t{}\n", job.name()));
        w.put(0, &format!("Namespace:\t{}\n", job.namespace()));
        w.put(0, &format!("Selector:\t{}\n", format_selector(&spec["selector"]).unwrap_or_default()));
        w.labels("Labels", job.labels());
        w.annotations("Annotations", job.meta("annotations"));
        controlled_by(job, w);
        for (title, field, unset) in [
            ("Parallelism", "parallelism", ""),
            ("Completions", "completions", "<unset>"),
            ("Completion Mode", "completionMode", ""),
            ("Suspend", "suspend", ""),
            ("Backoff Limit", "backoffLimit", ""),
            ("TTL Seconds After Finished", "ttlSecondsAfterFinished", ""),
        ] {
            let text = if spec[field].is_null() { unset.to_string() } else { plain(&spec[field]) };
            if !text.is_empty() {
                w.put(0, &format!("{title}:\t{text}\n"));
            }
        }
        let (start, end) = (&status["startTime"], &status["completionTime"]);
        if !start.is_null() {
            w.put(0, &format!("Start Time:\t{}\n", date(start)));
        }
        if !end.is_null() {
            w.put(0, &format!("Completed At:\t{}\n", date(end)));
        }
        if let (Some(start), Some(end)) = (time::parse(start.str()), time::parse(end.str())) {
            w.put(0, &format!("Duration:\t{}\n", time::human_since(start, end)));
        }
        if !spec["activeDeadlineSeconds"].is_null() {
            w.put(0, &format!("Active Deadline Seconds:\t{}s\n", spec["activeDeadlineSeconds"].int()));
        }
        let count = |field: &str| status[field].int();
        let ready =
            if status["ready"].is_null() { String::new() } else { format!("({} Ready) ", count("ready")) };
        w.put(
            0,
            &format!(
                "Pods Statuses:\t{} Active {ready}/ {} Succeeded / {} Failed\n",
                count("active"),
                count("succeeded"),
                count("failed")
            ),
        );
        if spec["completionMode"] == "Indexed" {
            w.put(0, &format!("Completed Indexes:\t{}\n", shortened(status["completedIndexes"].str())));
        }
        template::describe(w, &spec["template"]);
        Ok(())
    })
}

/// Mirrors capIndexesListOrNone.
fn shortened(indexes: &str) -> String {
    match indexes.get(INDEXES_SHOWN..).and_then(|rest| rest.find(',')) {
        _ if indexes.is_empty() => "<none>".into(),
        Some(at) => format!("{}...", &indexes[..=INDEXES_SHOWN + at]),
        None => indexes.into(),
    }
}
