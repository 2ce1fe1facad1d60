//! How many ended Jobs are kept. Mirrors cleanupFinishedJobs.

use super::{JOBS, finished};
use apimachinery::{Object, Status, json};
use client::{Context, EventRecorder, EventType};

/// Deletes the oldest of those that have ended, well and badly, and takes them out of the list, which has the oldest first.
pub(super) fn clean_up(
    ctx: &mut Context<'_>,
    cron: &Object,
    jobs: &mut Vec<Object>,
    recorder: &mut EventRecorder,
) {
    for (how, field) in [("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")] {
        let Some(limit) = cron["spec"][field].as_i64() else { continue };
        let ended: Vec<Object> = jobs.iter().filter(|j| finished(j) == Some(how)).cloned().collect();
        let surplus = ended.len().saturating_sub(limit.max(0) as usize);
        for job in ended.into_iter().take(surplus) {
            // What cannot be deleted now is found again.
            if delete(ctx, cron, &job, recorder).is_ok() {
                jobs.retain(|other| other.uid() != job.uid());
            }
        }
    }
}

/// Deletes a Job with its pods.
pub(super) fn delete(
    ctx: &mut Context<'_>,
    cron: &Object,
    job: &Object,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    let options = json!({"propagationPolicy": "Background", "preconditions": {"uid": job.uid()}});
    match ctx.delete(&JOBS, job.namespace(), job.name(), options) {
        Err(error) if !error.is_not_found() => {
            let message = format!("Deleted job: {}", error.message());
            recorder.event(ctx, cron, EventType::Warning, "FailedDelete", &message);
            return Err(error);
        }
        _ => {}
    }
    recorder.event(ctx, cron, EventType::Normal, "SuccessfulDelete", &format!("Deleted job {}", job.name()));
    Ok(())
}
