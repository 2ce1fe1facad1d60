//! The pods of a Job: those that there are, and how one is made.

use super::{Failures, PODS, indexes, is_tracked};
use crate::{is_namespace_terminating, podutil};
use api::job::{COMPLETION_INDEX, TRACKING};
use apimachinery::{Object, Status, Value, json, time};
use client::{Context, EventRecorder, EventType};
use sim::collections::BTreeSet;
use sim::{Order, Time};

/// What the pods of a Job amount to.
pub struct Tally {
    /// Those that run or will, the oldest first.
    pub active: Vec<Object>,
    /// Those that are over and were not counted before.
    pub done: Vec<Object>,
    /// How many have succeeded in all.
    pub succeeded: i64,
    /// How many have failed in all.
    pub failed: i64,
    /// How many are on their way out.
    pub terminating: usize,
    /// The indexes that are done; empty for a Job without.
    completed: BTreeSet<i64>,
}

fn succeeded(pod: &Object) -> bool {
    pod.at("status.phase") == "Succeeded"
}

/// A pod that is deleted will not succeed any more. Mirrors isPodFailed.
fn failed(job: &Object, pod: &Object) -> bool {
    let waits = job.at("spec.podReplacementPolicy") == "Failed";
    pod.at("status.phase") == "Failed" || pod.is_terminating() && !waits && !succeeded(pod)
}

fn index(pod: &Object) -> Option<i64> {
    pod.annotation(COMPLETION_INDEX)?.parse().ok()
}

/// When a pod has ended. Mirrors getFinishedTime.
fn ended(pod: &Object) -> Time {
    let statuses = pod.at("status.containerStatuses").items().iter();
    let times = statuses.filter_map(|c| time::parse(c["state"]["terminated"]["finishedAt"].str()));
    let created = || time::parse(pod.meta("creationTimestamp").str());
    times.max().or_else(created).unwrap_or(Time::ZERO)
}

impl Tally {
    /// Counts. `counted` are pods that were counted although they look as if they were not.
    pub fn new(job: &Object, pods: &[Object], counted: &BTreeSet<String>) -> Tally {
        let status = &job["status"];
        let limit = job.at("spec.completions").int();
        let indexed = job.at("spec.completionMode") == "Indexed";
        let mut active: Vec<Object> = pods.iter().filter(|p| podutil::is_active(p)).cloned().collect();
        let age = |p: &Object| (p.meta("creationTimestamp").str().to_string(), p.name().to_string());
        active.order_by_key(age);
        let mut tally = Tally {
            active,
            done: Vec::new(),
            succeeded: status["succeeded"].int(),
            failed: status["failed"].int(),
            terminating: pods.iter().filter(|p| p.is_terminating() && !podutil::is_terminal(p)).count(),
            completed: match indexed {
                true => indexes::parse(status["completedIndexes"].str(), limit),
                false => BTreeSet::new(),
            },
        };
        for pod in pods.iter().filter(|p| is_tracked(p) && !counted.contains(p.uid())) {
            match () {
                () if succeeded(pod) => match index(pod).filter(|_| indexed) {
                    Some(index) => drop(tally.completed.insert(index)),
                    None => tally.succeeded += 1,
                },
                // What goes away because the Job rests is no failure.
                () if failed(job, pod)
                    && (podutil::is_terminal(pod) || !job.at("spec.suspend").is_true()) =>
                {
                    tally.failed += 1;
                }
                () if failed(job, pod) => {}
                () => continue,
            }
            tally.done.push(pod.clone());
        }
        if indexed {
            tally.succeeded = tally.completed.len() as i64;
        }
        tally.done.order_by_key(|p| (ended(p).as_micros(), p.name().to_string()));
        tally
    }

    /// Notes which of the newly ended ones failed one after the other. Mirrors newBackoffRecord.
    pub fn note_failures(&self, failures: &mut Failures) {
        for pod in &self.done {
            match succeeded(pod) {
                true => *failures = Failures::default(),
                false => {
                    *failures = Failures { count: failures.count + 1, last: failures.last.max(ended(pod)) }
                }
            }
        }
    }

    /// How many should run now.
    pub fn wanted(&self, job: &Object) -> usize {
        let parallelism = job.at("spec.parallelism").int().max(0);
        let wanted = match job.at("spec.completions").as_i64() {
            Some(completions) => (completions - self.succeeded).clamp(0, parallelism),
            // Without a number, the first that succeeds says that the work is done.
            None if self.succeeded > 0 => self.active.len() as i64,
            None => parallelism,
        };
        wanted as usize
    }

    /// The next indexes that nobody has; none for a Job without. Mirrors firstPendingIndexes.
    pub fn free_indexes(&self, job: &Object, count: usize) -> Vec<i64> {
        if job.at("spec.completionMode") != "Indexed" {
            return Vec::new();
        }
        let taken: BTreeSet<i64> = self.active.iter().filter_map(index).collect();
        let all = 0..job.at("spec.completions").int();
        all.filter(|i| !taken.contains(i) && !self.completed.contains(i)).take(count).collect()
    }

    /// Writes the numbers into a status.
    pub fn write(&self, job: &Object, status: &mut Value, active: usize) {
        let ready = self.active.iter().filter(|p| active > 0 && podutil::is_ready(p)).count();
        for (field, n) in [("active", active as i64), ("succeeded", self.succeeded), ("failed", self.failed)]
        {
            // As in the API's own types, these are left out when they are zero.
            if n == 0 { drop(status.remove(field)) } else { status.set(field, n) }
        }
        status.set("ready", ready);
        status.set("terminating", self.terminating);
        status.set("uncountedTerminatedPods", Value::object());
        if job.at("spec.completionMode") == "Indexed" && !self.completed.is_empty() {
            status.set("completedIndexes", indexes::format(&self.completed));
        }
    }
}

/// Takes the finalizer off a pod: it is counted, or nobody is there to count it.
pub fn let_go(ctx: &mut Context<'_>, pod: &Object) -> Result<(), Status> {
    let patch = json!({"metadata": {"uid": pod.uid(), "$deleteFromPrimitiveList/finalizers": [TRACKING]}});
    match ctx.patch(&PODS, pod.namespace(), pod.name(), "", patch) {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}

/// Creates a pod, maybe one with an index.
pub fn create(
    ctx: &mut Context<'_>,
    job: &Object,
    index: Option<i64>,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    match ctx.create(&PODS, from_template(job, index)) {
        Ok(pod) => {
            let message = format!("Created pod: {}", pod.name());
            recorder.event(ctx, job, EventType::Normal, "SuccessfulCreate", &message);
            Ok(())
        }
        Err(error) => {
            if !is_namespace_terminating(&error) {
                let message = format!("Error creating: {}", error.message());
                recorder.event(ctx, job, EventType::Warning, "FailedCreate", &message);
            }
            Err(error)
        }
    }
}

/// Deletes a pod.
pub fn delete(
    ctx: &mut Context<'_>,
    job: &Object,
    pod: &Object,
    recorder: &mut EventRecorder,
) -> Result<(), Status> {
    let result = ctx.delete(&PODS, pod.namespace(), pod.name(), Value::object());
    match &result {
        Ok(()) => {
            let message = format!("Deleted pod: {}", pod.name());
            recorder.event(ctx, job, EventType::Normal, "SuccessfulDelete", &message);
        }
        Err(error) if error.is_not_found() => {}
        Err(error) => {
            let message = format!("Error deleting: {}", error.message());
            recorder.event(ctx, job, EventType::Warning, "FailedDelete", &message);
        }
    }
    result
}

fn from_template(job: &Object, index: Option<i64>) -> Value {
    let template = job.at("spec.template");
    let mut metadata = json!({
        "generateName": format!("{}-", job.name()), "namespace": job.namespace(),
        "ownerReferences": [job.controller_ref()],
    });
    for key in ["labels", "annotations", "finalizers"] {
        if !template["metadata"][key].is_empty() {
            metadata.set(key, &template["metadata"][key]);
        }
    }
    metadata.field_mut("finalizers").array_mut().push(TRACKING.into());
    let mut spec = template["spec"].clone();
    if let Some(index) = index {
        metadata.set("generateName", format!("{}-{index}-", job.name()));
        for map in ["labels", "annotations"] {
            metadata.field_mut(map).set(COMPLETION_INDEX, index.to_string());
        }
        if spec["hostname"].is_empty() {
            spec.set("hostname", format!("{}-{index}", job.name()));
        }
        for list in ["initContainers", "containers"] {
            if !spec[list].is_empty() {
                spec.field_mut(list).array_mut().iter_mut().for_each(with_index);
            }
        }
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}

/// The variable that tells a container its index. Mirrors addCompletionIndexEnvVariable.
fn with_index(container: &mut Value) {
    const NAME: &str = "JOB_COMPLETION_INDEX";
    if container["env"].items().iter().any(|v| v["name"] == NAME) {
        return;
    }
    let path = format!("metadata.labels['{COMPLETION_INDEX}']");
    let source = json!({"fieldRef": {"apiVersion": "v1", "fieldPath": path}});
    container.field_mut("env").array_mut().push(json!({"name": NAME, "valueFrom": source}));
}
