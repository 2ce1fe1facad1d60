//! Writes what a pod's status is, and deletes the object when all is done. Mirrors pkg/kubelet/status/status_manager.go.

use crate::config::UNMOUNT_TIME;
use crate::worker::{Phase, Worker};
use crate::{Kubelet, status};
use apimachinery::{Object, Value, json};
use client::Context;

/// The resourceVersion as a number.
fn version(pod: &Object) -> u64 {
    pod.resource_version().parse().unwrap_or(0)
}

impl Kubelet {
    /// Writes the pod's status if it changed. Gives whether the pod has come to its end, which the API hears of only when
    /// nothing of it runs any more.
    pub(crate) fn update_status(&mut self, ctx: &mut Context<'_>, w: &mut Worker) -> bool {
        let mut old = w.status.clone();
        // The newest word of others counts for their conditions.
        let own = |c: &&Value| status::CONDITIONS.contains(&c["type"].str());
        let mut conditions: Vec<Value> = old["conditions"].items().iter().filter(own).cloned().collect();
        let theirs = w.pod["status"]["conditions"].items();
        conditions.extend(theirs.iter().filter(|c| !own(c)).cloned());
        old.set("conditions", conditions);
        let mut new = status::generate(w, &self.config, &old, ctx.now);
        let is_over = |status: &Value| matches!(status["phase"].str(), "Succeeded" | "Failed");
        let over = is_over(&new);
        // Mirrors mergePodStatus.
        if over && !is_over(&w.status) && w.phase < Phase::Terminated {
            new.set("phase", w.status["phase"].as_str().unwrap_or("Pending"));
            for field in ["reason", "message"] {
                new.remove(field);
            }
        }
        self.write_status(ctx, w, new);
        over
    }

    /// Writes a status if it is another than the last.
    pub(crate) fn write_status(&mut self, ctx: &mut Context<'_>, w: &mut Worker, new: Value) {
        if new == w.status || w.deleted {
            w.status = new;
            return;
        }
        let mut patch = new.clone();
        for (field, _) in w.status.fields() {
            if new.get(field).is_none() {
                patch.set(field, Value::Null);
            }
        }
        let patch = json!({"metadata": {"uid": w.pod.uid()}, "status": patch});
        let written = ctx.merge_patch(&api::pod::RESOURCE, w.pod.namespace(), w.pod.name(), "status", patch);
        match written {
            Ok(pod) => w.written = version(&pod),
            Err(error) if error.code() == 404 => {}
            // It is written with the next sync: `w.status` still is the old one.
            Err(_) => return,
        }
        w.status = new;
    }

    /// Somebody else changed what is the kubelet's to say (the node controller does, of nodes that it has lost): says it
    /// again. Mirrors needsReconcile.
    pub(crate) fn reconcile(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        if w.phase >= Phase::Terminated || version(&w.pod) < w.written || w.status["conditions"].is_empty() {
            return;
        }
        let said = |status: &Value, kind: &str| {
            let of_kind = |c: &&Value| c["type"] == kind;
            status["conditions"].items().iter().find(of_kind).map(|c| c["status"].str().to_string())
        };
        let theirs = &w.pod["status"];
        if status::CONDITIONS.iter().any(|kind| said(&w.status, kind) != said(theirs, kind)) {
            w.status = theirs.clone();
            self.update_status(ctx, w);
        }
    }

    /// The last word about a pod whose containers have stopped. Mirrors the beginning of SyncTerminatedPod.
    pub(crate) fn last_word(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        self.update_status(ctx, w);
        w.phase = Phase::Unmounting;
        w.fresh_at = ctx.now + UNMOUNT_TIME;
        self.trigger(w, ctx.now);
    }

    /// Nothing of the pod is left on the node. Mirrors the end of SyncTerminatedPod.
    pub(crate) fn finish(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        w.phase = Phase::Finished;
        w.volumes = None;
        if w.pod.is_terminating() {
            self.delete_object(ctx, w);
        }
    }

    /// Deletes the object for good.
    pub(crate) fn delete_object(&mut self, ctx: &mut Context<'_>, w: &mut Worker) {
        let options = json!({"gracePeriodSeconds": 0, "preconditions": {"uid": w.pod.uid()}});
        let _ = ctx.delete(&api::pod::RESOURCE, w.pod.namespace(), w.pod.name(), options);
    }
}
