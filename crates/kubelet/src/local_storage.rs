//! Limits of what pods may write to their node's disk: `emptyDir.sizeLimit` and limits of `ephemeral-storage`.
//! Mirrors localStorageEviction in pkg/kubelet/eviction.

use crate::Kubelet;
use crate::kubelet::Timer;
use crate::qos::quantity;
use crate::worker::{Phase, Worker, WorkerId};
use apimachinery::{Object, Value};
use client::Context;
use sim::Duration;
use userland::Files;

/// How often pods with such limits are looked at. Mirrors evictionMonitoringPeriod.
const PERIOD: Duration = Duration::from_secs(10);

impl Kubelet {
    /// Looks at a pod now and then, if it has limits.
    pub(crate) fn watch_local_storage(&mut self, w: &Worker, now: sim::Time) {
        if has_limits(&w.pod) && w.phase == Phase::Syncing && w.verdict.is_none() {
            self.timers.push(now + PERIOD, Timer::LocalStorage(w.id));
        }
    }

    /// Throws a pod out that has written more than it may.
    pub(crate) fn check_local_storage(&mut self, ctx: &mut Context<'_>, id: WorkerId) {
        self.with_worker(id, |kubelet, w| {
            if w.phase == Phase::Syncing
                && w.verdict.is_none()
                && let Some(message) = exceeded(w)
            {
                kubelet.throw_out(ctx, w, &message);
            }
            kubelet.watch_local_storage(w, ctx.now);
        });
    }
}

fn has_limits(pod: &Object) -> bool {
    let spec = &pod["spec"];
    spec["volumes"].items().iter().any(|v| !v["emptyDir"]["sizeLimit"].is_empty())
        || spec["containers"].items().iter().any(|c| !limit(c).is_empty())
}

fn limit(container: &Value) -> &Value {
    &container["resources"]["limits"]["ephemeral-storage"]
}

/// The bytes of a container's files that are not of its volumes.
pub(crate) fn own_bytes(files: &Files, w: &Worker, spec: &Value) -> usize {
    let volumes = spec["volumeMounts"].items().iter().filter_map(|mount| {
        let volume = w.volumes.iter().flatten().find(|v| mount["name"] == v.name.as_str())?;
        volume.part(mount["subPath"].str())
    });
    files.used().saturating_sub(volumes.map(|node| Files::weight(&node)).sum())
}

/// The message of the eviction, where a pod has written more than it may.
fn exceeded(w: &Worker) -> Option<String> {
    let spec = &w.pod["spec"];
    let mut total = 0;
    for volume in spec["volumes"].items().iter().filter(|v| v.get("emptyDir").is_some()) {
        let limit = &volume["emptyDir"]["sizeLimit"];
        let mounted = w.volumes.iter().flatten().find(|v| volume["name"] == v.name.as_str());
        let used = mounted.map_or(0, |v| Files::weight(&v.node)) as i64;
        total += used;
        if !limit.is_empty() && used > quantity(limit).value() {
            let (name, limit) = (volume["name"].str(), limit.str());
            return Some(format!("Usage of EmptyDir volume {name:?} exceeds the limit {limit:?}. "));
        }
    }
    let written = |name: &str| {
        let container = w.current(name)?;
        let machine = container.machine.as_ref()?;
        Some(own_bytes(&machine.files, w, &container.spec).saturating_sub(container.own_bytes) as i64)
    };
    let (mut limits, mut all_limited) = (0, true);
    for container in spec["containers"].items() {
        total += written(container["name"].str()).unwrap_or(0);
        limits += quantity(limit(container)).value();
        all_limited &= !limit(container).is_empty();
    }
    if all_limited && total > limits {
        let limits = apimachinery::Quantity::new(limits, apimachinery::quantity::Format::BinarySi);
        return Some(format!(
            "Pod ephemeral local storage usage exceeds the total limit of containers {limits}. "
        ));
    }
    spec["containers"].items().iter().find_map(|container| {
        let (name, limit) = (container["name"].str(), limit(container));
        let over = !limit.is_empty() && written(name).unwrap_or(0) > quantity(limit).value();
        let limit = limit.str();
        over.then(|| format!("Container {name} exceeded its local ephemeral storage limit {limit:?}. "))
    })
}
