//! `kubectl drain`. Mirrors kubectl/pkg/cmd/drain and kubectl/pkg/drain.

use crate::cmd::common::{DRY_RUN, DryRun};
use crate::cmd::cordon;
use crate::flags::{Flag, duration, int, switch, text};
use crate::{Command, Ctx, Error, go};
use apimachinery::labels::Selector;
use apimachinery::rest::Method;
use apimachinery::{Object, Request, Value, json};
use client::LocalFuture;
use sim::{Duration, Time};
use std::future::poll_fn;
use std::task::Poll;

/// `kubectl drain`.
pub const COMMAND: Command = Command {
    name: "drain",
    usage: "NODE",
    short: "Drain node in preparation for maintenance",
    long: "Drain node in preparation for maintenance.\n\n The node is marked unschedulable, and its pods are evicted, as far as their disruption budgets allow it. Pods of daemon sets stay (and need --ignore-daemonsets); pods that nobody would create again need --force. The command waits until the pods are gone. Afterwards, 'kubectl uncordon' lets pods come again.",
    examples: "# Drain a node\nkubectl drain minikube-m02 --ignore-daemonsets\n# Even if pods would be gone for good\nkubectl drain minikube-m02 --ignore-daemonsets --force\n# With 15 minutes for each pod to end\nkubectl drain minikube-m02 --grace-period=900",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    int("chunk-size", ' ', "500", "Ask for large lists in pieces of this size; 0 asks for all at once."),
    switch("delete-emptydir-data", ' ', "Go on if pods have emptyDir volumes, whose data is then lost."),
    switch("disable-eviction", ' ', "Delete pods instead of evicting them, whatever disruption budgets say."),
    DRY_RUN,
    switch("force", ' ', "Go on if there are pods without a controller."),
    int("grace-period", ' ', "-1", "Seconds for each pod to end; if negative, what the pod itself says."),
    switch("ignore-daemonsets", ' ', "Leave pods of daemon sets where they are."),
    text("pod-selector", ' ', "", "Labels to select pods on the node by."),
    text("selector", 'l', "", "Labels to select nodes by."),
    int(
        "skip-wait-for-delete-timeout",
        ' ',
        "0",
        "Do not wait for pods that were deleted more than this many seconds ago; 0 waits for all.",
    ),
    duration("timeout", "0s", "How long to wait; 0 waits for ever."),
];

/// How long an eviction that was refused waits for the next try.
const RETRY: Duration = Duration::from_secs(5);
/// How often it is looked whether a pod is gone.
const POLL: Duration = Duration::from_secs(1);

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    Selector::parse(c.text("pod-selector"))
        .map_err(|_| Error::from("--pod-selector=<pod_selector> must be a valid label selector"))?;
    let (nodes, errors) = cordon::nodes(c).await?;
    Error::all(errors)?;
    for node in &nodes {
        if let Err(e) = cordon::mark(c, node, true, dry_run).await {
            c.err_line(&format!("error: unable to cordon node {}: {}", go::quote(&node.name), e.text()));
        }
    }
    let (mut fatal, mut remaining) = (Vec::new(), Vec::new());
    for node in &nodes {
        match drain(c, &node.name, dry_run).await {
            Ok(()) => c.line(&format!("{} drained{}", node.title(), dry_run.suffix())),
            Err(errors) => {
                let text = Error::Many(errors.clone()).text();
                let name = go::quote(&node.name);
                c.err_line(&format!(
                    "error: unable to drain node {name} due to error: {text}, continuing command..."
                ));
                fatal.extend(errors);
                remaining.push(&node.name);
            }
        }
    }
    if fatal.is_empty() {
        return Ok(());
    }
    c.err_line("There are pending nodes to be drained:");
    remaining.iter().for_each(|name| c.err_line(&format!(" {name}")));
    Err(Error::Many(fatal))
}

/// Mirrors deleteOrEvictPodsSimple.
async fn drain(c: &Ctx, node: &str, dry_run: DryRun) -> Result<(), Vec<Error>> {
    let (pods, warnings) = pods_to_go(c, node).await?;
    if !warnings.is_empty() {
        c.err_line(&format!("Warning: {warnings}"));
    }
    if dry_run == DryRun::Client {
        for pod in &pods {
            c.line(&format!("evicting pod {}/{} (dry run)", pod.namespace(), pod.name()));
        }
        return Ok(());
    }
    let result = match c.on("disable-eviction") {
        true => delete_all(c, &pods, dry_run).await.map_err(|e| vec![e]),
        false => evict_all(c, &pods, dry_run).await,
    };
    let Err(errors) = result else { return Ok(()) };
    match pods_to_go(c, node).await {
        Ok((pending, _)) if !pending.is_empty() => {
            let text = Error::Many(errors.clone()).text();
            let node = go::quote(node);
            c.err_line(&format!("There are pending pods in node {node} when an error occurred: {text}"));
            pending.iter().for_each(|pod| c.err_line(&format!("pod/{}", pod.name())));
        }
        Ok(_) => {}
        Err(more) => c.err_line(&format!(
            "Following errors occurred while getting the list of pods to delete:\n{}",
            Error::Many(more).text()
        )),
    }
    Err(errors)
}

/// What is done with a pod.
enum Fate {
    Go,
    /// It goes, with a warning.
    GoWarning(String),
    Stay,
    /// It stays, with a warning.
    StayWarning(String),
    /// It forbids that the node is drained.
    Forbid(String),
}

/// The pods that have to go and the warnings about them, or why the node cannot be drained. Mirrors GetPodsForDeletion.
async fn pods_to_go(c: &Ctx, node: &str) -> Result<(Vec<Object>, String), Vec<Error>> {
    let mut request =
        Request::get(api::pod::RESOURCE.path("")).with("fieldSelector", format!("spec.nodeName={node}"));
    if !c.text("pod-selector").is_empty() {
        request = request.with("labelSelector", c.text("pod-selector"));
    }
    let list = c.object(request).await.map_err(|e| vec![e])?;
    let (mut pods, mut warnings, mut forbidden) = (Vec::new(), Vec::new(), Vec::new());
    for item in list["items"].items() {
        let pod = Object(item.clone());
        let fate = fate(c, &pod).await;
        let goes = matches!(fate, Fate::Go | Fate::GoWarning(_));
        match fate {
            Fate::GoWarning(text) | Fate::StayWarning(text) => note(&mut warnings, text, &pod),
            Fate::Forbid(text) => note(&mut forbidden, text, &pod),
            Fate::Go | Fate::Stay => {}
        }
        if goes {
            pods.push(pod);
        }
    }
    let lines = |groups: Vec<(String, Vec<String>)>| {
        groups.into_iter().map(|(text, pods)| format!("{text}: {}", pods.join(", ")))
    };
    match forbidden.is_empty() {
        true => Ok((pods, lines(warnings).collect::<Vec<_>>().join("; "))),
        false => Err(lines(forbidden).map(|l| Error::Message(format!("cannot delete {l}"))).collect()),
    }
}

/// Puts a pod under a text, in order of the texts' first pods.
fn note(groups: &mut Vec<(String, Vec<String>)>, text: String, pod: &Object) {
    let name = format!("{}/{}", pod.namespace(), pod.name());
    match groups.iter_mut().find(|(t, _)| *t == text) {
        Some((_, pods)) => pods.push(name),
        None => groups.push((text, vec![name])),
    }
}

/// Mirrors makeFilters: of several warnings, only the last one is kept.
async fn fate(c: &Ctx, pod: &Object) -> Fate {
    if skips_waiting(c, pod) {
        return Fate::Stay;
    }
    let ended = matches!(pod.at("status.phase").str(), "Succeeded" | "Failed");
    let controller = pod.controller();
    let daemon = controller.filter(|o| o.kind() == "DaemonSet" && o.0["apiVersion"] == "apps/v1");
    if let Some(daemon) = daemon.filter(|_| !ended) {
        match has_daemon_set(c, pod.namespace(), daemon.name()).await {
            Err(e) if e.is_not_found() && c.on("force") => return Fate::GoWarning(e.text()),
            Err(e) => return Fate::Forbid(e.text()),
            Ok(()) if !c.on("ignore-daemonsets") => {
                return Fate::Forbid("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)".into());
            }
            Ok(()) => return Fate::StayWarning("ignoring DaemonSet-managed Pods".into()),
        }
    }
    if pod.annotation("kubernetes.io/config.mirror").is_some() {
        return Fate::Stay;
    }
    if ended {
        return Fate::Go;
    }
    let local = pod.at("spec.volumes").items().iter().any(|v| !v["emptyDir"].is_null());
    if local && !c.on("delete-emptydir-data") {
        return Fate::Forbid("Pods with local storage (use --delete-emptydir-data to override)".into());
    }
    match controller {
        Some(_) => Fate::Go,
        None if c.on("force") => Fate::GoWarning("deleting Pods that declare no controller".into()),
        None => Fate::Forbid("Pods that declare no controller (use --force to override)".into()),
    }
}

/// Whether a daemon set is there. A server that knows no daemon sets cannot say: then the pod is believed.
async fn has_daemon_set(c: &Ctx, namespace: &str, name: &str) -> Result<(), Error> {
    if c.discovery().await?.kind("apps/v1", "DaemonSet").is_err() {
        return Ok(());
    }
    let path = format!("/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}");
    c.object(Request::get(path)).await.map(|_| ())
}

fn skips_waiting(c: &Ctx, pod: &Object) -> bool {
    let limit = c.int("skip-wait-for-delete-timeout");
    let gone = pod.deletion().map(|at| c.env.clock.now().since(at).as_secs());
    limit > 0 && gone.is_some_and(|seconds| seconds as i64 > limit)
}

/// When `--timeout` is over; `None` for never.
fn deadline(c: &Ctx) -> Option<Time> {
    match c.nanos("timeout") {
        0 => None,
        n => Some(c.env.clock.now() + Duration::from_nanos(n.max(0) as u64)),
    }
}

fn is_over(c: &Ctx, end: Option<Time>) -> bool {
    end.is_some_and(|end| c.env.clock.now() >= end)
}

fn delete_options(c: &Ctx, dry_run: DryRun) -> Value {
    let mut options = Value::object();
    if c.int("grace-period") >= 0 {
        options.set("gracePeriodSeconds", c.int("grace-period"));
    }
    if dry_run == DryRun::Server {
        options.set("dryRun", Value::array(["All".into()]));
    }
    options
}

/// Evicts all pods at once, and waits until they are gone. Mirrors Helper.evictPods.
async fn evict_all(c: &Ctx, pods: &[Object], dry_run: DryRun) -> Result<(), Vec<Error>> {
    let end = deadline(c);
    let mut running: Vec<LocalFuture<'_, Result<(), Error>>> =
        pods.iter().map(|pod| Box::pin(evict(c, pod, dry_run, end)) as LocalFuture<'_, _>).collect();
    let mut errors = Vec::new();
    poll_fn(|cx| {
        running.retain_mut(|eviction| match eviction.as_mut().poll(cx) {
            Poll::Pending => true,
            Poll::Ready(result) => {
                errors.extend(result.err());
                false
            }
        });
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

async fn evict(c: &Ctx, pod: &Object, dry_run: DryRun, end: Option<Time>) -> Result<(), Error> {
    let (namespace, name) = (pod.namespace(), pod.name());
    let path = api::pod::RESOURCE.object_path(namespace, name);
    let failed = |why: &str| {
        Error::Message(format!(
            "error when evicting pods/{} -n {}: {why}",
            go::quote(name),
            go::quote(namespace)
        ))
    };
    let mut pod = pod.clone();
    loop {
        let suffix = if dry_run == DryRun::Server { " (server dry run)" } else { "" };
        c.line(&format!("evicting pod {namespace}/{name}{suffix}"));
        if is_over(c, end) {
            let timeout = go::duration(Duration::from_nanos(c.nanos("timeout").max(0) as u64));
            return Err(failed(&format!("global timeout reached: {timeout}")));
        }
        let eviction = json!({
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": delete_options(c, dry_run),
        });
        let request = Request::new(Method::Post, format!("{path}/eviction")).with_body(eviction);
        let Err(e) = c.send(request).await else { break };
        let terminating = is_namespace_terminating(&e);
        match e.reason() {
            "NotFound" => return Ok(()),
            "TooManyRequests" => c.err_line(&format!(
                "error when evicting pods/{} -n {} (will retry after {}): {}",
                go::quote(name),
                go::quote(namespace),
                go::duration(RETRY),
                e.text()
            )),
            "Forbidden" if terminating && pod.is_terminating() => break,
            "Forbidden" if terminating => c.err_line(&format!(
                "error when evicting pod {} from terminating namespace {} (will retry after {}): {}",
                go::quote(name),
                go::quote(namespace),
                go::duration(RETRY),
                e.text()
            )),
            _ => return Err(failed(&e.text())),
        }
        c.env.clock.sleep(RETRY).await;
        if let Ok(fresh) = c.object(Request::get(path.as_str())).await {
            pod = fresh;
        }
    }
    if dry_run == DryRun::Server {
        return Ok(());
    }
    wait_until_gone(c, vec![pod], "evicted", "eviction failed", end).await.map_err(|e| {
        Error::Message(format!(
            "error when waiting for pod {} in namespace {} to terminate: {}",
            go::quote(name),
            go::quote(namespace),
            e.text()
        ))
    })
}

fn is_namespace_terminating(e: &Error) -> bool {
    let Error::Status(status) = e else { return false };
    let mut causes = status.0.at("details.causes").items().iter();
    causes.any(|cause| cause["reason"] == "NamespaceTerminating")
}

/// Mirrors Helper.deletePods.
async fn delete_all(c: &Ctx, pods: &[Object], dry_run: DryRun) -> Result<(), Error> {
    let end = deadline(c);
    for pod in pods {
        let path = api::pod::RESOURCE.object_path(pod.namespace(), pod.name());
        let request = Request::new(Method::Delete, path).with_body(delete_options(c, dry_run));
        match c.send(request).await {
            Err(e) if !e.is_not_found() => return Err(e),
            _ => {}
        }
    }
    wait_until_gone(c, pods.to_vec(), "deleted", "deletion failed", end).await
}

/// Mirrors waitForDelete.
async fn wait_until_gone(
    c: &Ctx,
    mut pods: Vec<Object>,
    done: &str,
    failed: &str,
    end: Option<Time>,
) -> Result<(), Error> {
    loop {
        let mut pending = Vec::new();
        for pod in pods {
            let path = api::pod::RESOURCE.object_path(pod.namespace(), pod.name());
            match c.object(Request::get(path)).await {
                Ok(now) if now.uid() == pod.uid() => {
                    if skips_waiting(c, &now) {
                        c.line(&format!(
                            "pod {} has DeletionTimestamp older than {} seconds, skipping",
                            go::quote(pod.name()),
                            c.int("skip-wait-for-delete-timeout")
                        ));
                    } else {
                        pending.push(pod);
                    }
                }
                Err(e) if !e.is_not_found() => {
                    c.line(&format!("pod/{} {failed}", pod.name()));
                    return Err(e);
                }
                _ => c.line(&format!("pod/{} {done}", pod.name())),
            }
        }
        if pending.is_empty() {
            return Ok(());
        }
        pods = pending;
        let next = c.env.clock.now() + POLL;
        match end.filter(|end| *end <= next) {
            None => c.env.clock.sleep(POLL).await,
            Some(end) => {
                c.env.clock.sleep(end.since(c.env.clock.now())).await;
                return Err("context deadline exceeded".into());
            }
        }
    }
}
