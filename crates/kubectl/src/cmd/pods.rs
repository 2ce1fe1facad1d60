//! The pod and the container that a command means. Mirrors kubectl/pkg/polymorphichelpers, cmd/util/podcmd and
//! util/podutils.

use crate::builder::{Builder, Info};
use crate::{Ctx, Error, go};
use apimachinery::labels;
use apimachinery::{Object, Request, Value};
use client::{Frame, Stream};
use sim::Order;
use sim::{Duration, Time};
use std::cmp::Ordering;
use std::future::poll_fn;
use std::task::Poll;

/// The annotation that says which container is meant when none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// What Go says when waiting took too long.
pub const TIMED_OUT: &str = "timed out waiting for the condition";

/// Where containers are listed in a pod's spec, in the order of lookup.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Which of several pods is the best one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// To read logs of.
    Logging,
    /// To attach to.
    Active,
}

/// What `TYPE/NAME`, or a pod's name, or `TYPE NAME`, means.
pub async fn named(builder: Builder, c: &Ctx, words: &[String]) -> Result<Info, Error> {
    let words = match words {
        [name] if !name.contains('/') => vec!["pods".to_string(), name.clone()],
        words => words.to_vec(),
    };
    let mut infos = builder.args(&words, false).find(c).await?.all()?;
    match infos.len() {
        1 => Ok(infos.remove(0)),
        _ => Err("expected a resource".into()),
    }
}

/// How long `--pod-running-timeout` waits. Mirrors cmdutil.GetPodRunningTimeoutFlag.
pub fn running_timeout(c: &Ctx) -> Result<Duration, Error> {
    match c.nanos("pod-running-timeout") {
        n if n > 0 => Ok(Duration::from_nanos(n as u64)),
        _ => Err("--pod-running-timeout must be higher than zero".into()),
    }
}

/// The labels of the pods that an object is about, as a query. Mirrors SelectorsForObject.
pub fn selector(info: &Info) -> Result<String, String> {
    let spec = &info.object["spec"];
    match info.mapping.kind.as_str() {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            Ok(labels::format_selector(&spec["selector"]))
        }
        "ReplicationController" => Ok(labels::format(&spec["selector"])),
        "Service" if spec["selector"].is_empty() => {
            Err(format!("invalid service '{}': Service is defined without a selector", info.name))
        }
        "Service" => Ok(labels::format(&spec["selector"])),
        _ => Err(format!("selector for {} not implemented", go_type(info))),
    }
}

/// The Go type of an object: `*v1.ConfigMap`.
pub fn go_type(info: &Info) -> String {
    format!("*{}.{}", info.mapping.version, info.mapping.kind)
}

/// The pods with these labels, the best one first; waits for the first one. Mirrors GetPodList.
pub async fn list(
    c: &Ctx,
    namespace: &str,
    selector: &str,
    timeout: Duration,
    best: Best,
) -> Result<Vec<Object>, Error> {
    let path = api::pod::RESOURCE.path(namespace);
    let list = c.object(Request::get(path.as_str()).with("labelSelector", selector)).await?;
    let mut pods: Vec<Object> = list["items"].items().iter().cloned().map(Object).collect();
    if !pods.is_empty() {
        let before = |a: &Object, b: &Object| match best {
            Best::Logging => better_to_log(a, b),
            Best::Active => less_active(b, a),
        };
        pods.order_by(|a, b| match (before(a, b), before(b, a)) {
            (true, _) => Ordering::Less,
            (_, true) => Ordering::Greater,
            _ => Ordering::Equal,
        });
        return Ok(pods);
    }
    let end = c.env.clock.now() + timeout;
    let request = Request::get(path).with("labelSelector", selector).with("watch", "true");
    let mut stream = c.open(request.with("resourceVersion", list.resource_version())).await?;
    loop {
        match next_before(c, stream.as_mut(), end).await {
            None => return Err(TIMED_OUT.into()),
            Some(None) => return Err("watch closed before UntilWithoutRetry timeout".into()),
            Some(Some(Frame::Event(event))) if matches!(event["type"].str(), "ADDED" | "MODIFIED") => {
                return Ok(vec![Object(event["object"].clone())]);
            }
            _ => {}
        }
    }
}

/// The next frame of a stream; `None` when it is too late, `Some(None)` at its end.
pub async fn next_before(c: &Ctx, stream: &mut dyn Stream, end: Time) -> Option<Option<Frame>> {
    poll_fn(|_| match stream.poll_next() {
        Poll::Ready(frame) => Poll::Ready(Some(frame)),
        Poll::Pending if c.env.clock.now() >= end => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// The pod to attach to: the object itself, or the first pod that it selects. Mirrors attachablePodForObject.
pub async fn attachable(c: &Ctx, info: &Info, timeout: Duration) -> Result<Object, Error> {
    if info.mapping.kind == "Pod" {
        return Ok(info.object.clone());
    }
    let selector =
        selector(info).map_err(|why| Error::Message(format!("cannot attach to {}: {why}", go_type(info))))?;
    Ok(list(c, &info.namespace, &selector, timeout, Best::Active).await?.remove(0))
}

/// A container of a pod, with the list that it is in. Mirrors podcmd.FindContainerByName.
pub fn container<'a>(pod: &'a Object, name: &str) -> Option<(&'a Value, &'static str)> {
    LISTS.iter().find_map(|list| {
        let found = pod["spec"][*list].items().iter().find(|c| c["name"] == *name);
        found.map(|c| (c, *list))
    })
}

/// The names of all containers, as messages list them. Mirrors podcmd.AllContainerNames.
pub fn container_names(pod: &Object) -> String {
    let lists = [("containers", ""), ("ephemeralContainers", " (ephem)"), ("initContainers", " (init)")];
    let names = lists.iter().flat_map(|(list, suffix)| {
        pod["spec"][*list].items().iter().map(move |c| format!("{}{suffix}", c["name"].str()))
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The container that the pod itself says is meant; empty when it does not say.
pub fn annotated_container(pod: &Object) -> &str {
    pod.annotation(DEFAULT_CONTAINER).unwrap_or_default()
}

/// The error of a name that no container has.
pub fn no_container(pod: &Object, name: &str) -> Error {
    let all = container_names(pod);
    Error::Message(format!("container {name} is not valid for pod {} out of: {all}", pod.name()))
}

/// Says which container was taken, if there were several.
pub fn say_default(c: &Ctx, pod: &Object, name: &str) {
    let count: usize = LISTS.iter().map(|list| pod["spec"][*list].items().len()).sum();
    if count > 1 {
        c.err_line(&format!("Defaulted container {} out of: {}", go::quote(name), container_names(pod)));
    }
}

/// The named container, or the pod's default one. Mirrors podcmd.FindOrDefaultContainerByName.
pub fn container_or_default(c: &Ctx, pod: &Object, name: &str, quiet: bool) -> Result<String, Error> {
    let name = if name.is_empty() { annotated_container(pod) } else { name };
    if !name.is_empty() {
        return match container(pod, name) {
            Some(_) => Ok(name.into()),
            None => Err(no_container(pod, name)),
        };
    }
    let first = pod["spec"]["containers"][0]["name"].str();
    if !quiet {
        say_default(c, pod, first);
    }
    Ok(first.into())
}

fn is_assigned(pod: &Object) -> bool {
    !pod["spec"]["nodeName"].is_empty()
}

/// Running, unknown, pending.
fn phase_rank(pod: &Object) -> usize {
    match pod["status"]["phase"].str() {
        "Unknown" => 1,
        "Pending" => 2,
        _ => 0,
    }
}

/// Since when the pod is ready; `None` when it is not.
fn ready_since(pod: &Object) -> Option<&str> {
    let conditions = pod["status"]["conditions"].items();
    let ready = conditions.iter().find(|c| c["type"] == "Ready" && c["status"] == "True");
    ready.map(|c| c["lastTransitionTime"].str())
}

/// Restarts of containers, then of sidecars. Mirrors maxContainerRestarts.
fn restarts(pod: &Object) -> (i64, i64) {
    let most = |list: &str, counts: &dyn Fn(&str) -> bool| {
        let statuses = pod["status"][list].items().iter().filter(|s| counts(s["name"].str()));
        statuses.map(|s| s["restartCount"].int()).max().unwrap_or(0)
    };
    let sidecar = |name: &str| {
        pod["spec"]["initContainers"]
            .items()
            .iter()
            .any(|c| c["name"] == *name && c["restartPolicy"] == "Always")
    };
    (most("containerStatuses", &|_| true), most("initContainerStatuses", &sidecar))
}

/// Mirrors podutils.ByLogging.
fn better_to_log(a: &Object, b: &Object) -> bool {
    if is_assigned(a) != is_assigned(b) {
        return is_assigned(a);
    }
    if phase_rank(a) != phase_rank(b) {
        return phase_rank(a) < phase_rank(b);
    }
    let (ready_a, ready_b) = (ready_since(a), ready_since(b));
    if ready_a.is_some() != ready_b.is_some() {
        return ready_a.is_some();
    }
    if ready_a != ready_b {
        return ready_a < ready_b;
    }
    if restarts(a) != restarts(b) {
        return restarts(a) > restarts(b);
    }
    a.created() < b.created()
}

/// Whether `a` is less worth keeping than `b`. Mirrors podutils.ActivePods.
fn less_active(a: &Object, b: &Object) -> bool {
    if is_assigned(a) != is_assigned(b) {
        return !is_assigned(a);
    }
    // Pods that have ended rank as pending ones here, as Go's map says 0 for what it does not know.
    let rank = |pod: &Object| match pod["status"]["phase"].str() {
        "Unknown" => 1,
        "Running" => 2,
        _ => 0,
    };
    if rank(a) != rank(b) {
        return rank(a) < rank(b);
    }
    let (ready_a, ready_b) = (ready_since(a), ready_since(b));
    if ready_a.is_some() != ready_b.is_some() {
        return ready_a.is_none();
    }
    if a.is_terminating() != b.is_terminating() {
        return a.is_terminating();
    }
    if a.deletion() != b.deletion() {
        return a.deletion() < b.deletion();
    }
    if ready_a != ready_b {
        return ready_a > ready_b;
    }
    if restarts(a) != restarts(b) {
        return restarts(a) > restarts(b);
    }
    a.created() > b.created()
}
