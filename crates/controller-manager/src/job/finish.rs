//! Whether a Job is over, and how. Mirrors the middle of syncJob.

use super::pods::Tally;
use crate::conditions;
use apimachinery::{Object, Value, json, time};
use sim::{Duration, Time};

/// How a Job ends.
#[derive(Clone, Copy)]
pub struct Finish {
    /// It has failed.
    pub failed: bool,
    reason: &'static str,
    message: &'static str,
}

const COMPLETE: Finish = Finish {
    failed: false,
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
};
const BACKOFF: Finish = Finish {
    failed: true,
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
};
const DEADLINE: Finish = Finish {
    failed: true,
    reason: "DeadlineExceeded",
    message: "Job was active longer than specified deadline",
};

/// A condition of a Job: with the time at which it was looked at.
pub fn condition(now: Time, kind: &str, status: &str, reason: &str, message: &str) -> Value {
    let now = time::format(now);
    json!({
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastProbeTime": now.as_str(), "lastTransitionTime": now.as_str(),
    })
}

/// Whether it has failed, or was about to end already.
pub fn decide(job: &Object, status: &Value, tally: &Tally, pods: &[Object], now: Time) -> Option<Finish> {
    let limit = job.at("spec.backoffLimit").int();
    let target = conditions::get(status, "FailureTarget");
    match () {
        () if target["reason"] == DEADLINE.reason => Some(DEADLINE),
        () if !target.is_null() => Some(BACKOFF),
        () if conditions::is_true(status, "SuccessCriteriaMet") => Some(COMPLETE),
        () if tally.failed > limit || restarted_too_often(job, pods, limit) => Some(BACKOFF),
        () if past_deadline(job, status, now) => Some(DEADLINE),
        () => None,
    }
}

/// Whether it has done what it should, when nothing runs any more.
pub fn complete(job: &Object, tally: &Tally) -> Option<Finish> {
    let done = match job.at("spec.completions").as_i64() {
        Some(wanted) => tally.succeeded >= wanted,
        None => tally.succeeded > 0,
    };
    (done && !job.at("spec.suspend").is_true()).then_some(COMPLETE)
}

/// With the policy OnFailure it is the restarts that count. Mirrors pastBackoffLimitOnFailure.
fn restarted_too_often(job: &Object, pods: &[Object], limit: i64) -> bool {
    if job.at("spec.template.spec.restartPolicy") != "OnFailure" {
        return false;
    }
    let alive = pods.iter().filter(|p| matches!(p.at("status.phase").str(), "Running" | "Pending"));
    let of = |pod: &Object| -> i64 {
        let lists = ["initContainerStatuses", "containerStatuses"];
        lists.into_iter().flat_map(|l| pod["status"][l].items()).map(|c| c["restartCount"].int()).sum()
    };
    let restarts: i64 = alive.map(of).sum();
    if limit == 0 { restarts > 0 } else { restarts >= limit }
}

fn past_deadline(job: &Object, status: &Value, now: Time) -> bool {
    let (Some(begun), Some(seconds)) =
        (time::parse(status["startTime"].str()), job.at("spec.activeDeadlineSeconds").as_i64())
    else {
        return false;
    };
    !job.at("spec.suspend").is_true() && now >= begun + Duration::from_secs(seconds.max(0) as u64)
}

impl Finish {
    /// Reason and message of the Event.
    pub fn event(self) -> (&'static str, &'static str) {
        if self.failed { (self.reason, self.message) } else { ("Completed", "Job completed") }
    }

    /// Writes what is decided, and that it is done once no pod is left; says whether it is.
    pub fn apply(self, status: &mut Value, some_left: bool, now: Time) -> bool {
        let (first, last) = match self.failed {
            true => ("FailureTarget", "Failed"),
            false => ("SuccessCriteriaMet", "Complete"),
        };
        if !conditions::is_true(status, first) {
            conditions::put(status, condition(now, first, "True", self.reason, self.message));
        }
        if some_left {
            return false;
        }
        conditions::put(status, condition(now, last, "True", self.reason, self.message));
        if !self.failed {
            status.set("completionTime", time::format(now));
        }
        true
    }
}
