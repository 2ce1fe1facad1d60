use super::{find, is_daemon_set, is_deployment, is_stateful_set, revision};
use crate::builder::{FILE_FLAGS, Info};
use crate::flags::{Flag, duration, int, on, text};
use crate::{Command, Ctx, Error};
use apimachinery::{Object, Request};
use client::{Frame, LocalFuture, Stream};
use sim::Duration;
use std::future::poll_fn;
use std::task::Poll;

/// `kubectl rollout status`.
pub const COMMAND: Command = Command {
    name: "status",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "Show the status of the rollout",
    long: "Show the status of the rollout.\n\n By default it waits until the newest rollout is done; --watch=false looks once.",
    examples: "# Until it is done\nkubectl rollout status deployment/web",
    flags: &[FLAGS, FILE_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    int("revision", ' ', "0", "Only this revision; 0 means the newest."),
    text("selector", 'l', "", "Labels to select by."),
    duration("timeout", "0s", "How long to wait; 0 means for ever."),
    on("watch", 'w', "Wait until the rollout is done."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    if c.int("revision") < 0 {
        return Err(Error::Message(format!("revision must be a positive integer: {}", c.int("revision"))));
    }
    let found = find(c).await?.items;
    if found.is_empty() {
        c.err_line(&format!("No resources found in {} namespace.", c.namespace()?.0));
    }
    let mut errors = Vec::new();
    for item in found {
        errors.extend(async { watch(c, &item?).await }.await.err());
    }
    Error::all(errors)
}

/// Prints the status at every change until it is done or the time is over.
async fn watch(c: &Ctx, info: &Info) -> Result<(), Error> {
    let viewer: Viewer = match () {
        () if is_deployment(&info.mapping) => status,
        () if is_daemon_set(&info.mapping) => daemon_status,
        () if is_stateful_set(&info.mapping) => stateful_status,
        () => return Err(super::no_viewer("status viewer", &info.mapping)),
    };
    let request = Request::get(info.mapping.path(&info.namespace))
        .with("watch", "true")
        .with("fieldSelector", format!("metadata.name={}", info.name));
    let mut stream = c.open(request).await?;
    let mut limit = match c.nanos("timeout") {
        0 => None,
        nanos => Some(c.env.clock.sleep(Duration::from_nanos(nanos.max(0) as u64))),
    };
    while let Some(event) = next(stream.as_mut(), &mut limit).await? {
        if event["type"] == "DELETED" {
            return Err("object has been deleted".into());
        }
        let (text, done) = viewer(&Object(event["object"].clone()), c.int("revision"))?;
        c.out(&text);
        if done || !c.on("watch") {
            return Ok(());
        }
    }
    Err("timed out waiting for the condition".into())
}

/// The next change of a watch; an error once the time is over.
async fn next(
    stream: &mut dyn Stream,
    limit: &mut Option<LocalFuture<'_, ()>>,
) -> Result<Option<apimachinery::Value>, Error> {
    poll_fn(|cx| match stream.poll_next() {
        Poll::Ready(Some(Frame::Event(event))) => Poll::Ready(Ok(Some(event))),
        Poll::Ready(_) => Poll::Ready(Ok(None)),
        Poll::Pending => match limit {
            Some(limit) => {
                limit.as_mut().poll(cx).map(|()| Err("timed out waiting for the condition".into()))
            }
            None => Poll::Pending,
        },
    })
    .await
}

/// How far a DaemonSet is, and whether it is done. Mirrors DaemonSetStatusViewer.Status.
fn daemon_status(ds: &Object, _: i64) -> Result<(String, bool), Error> {
    if ds.at("spec.updateStrategy.type") != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    let number = |key: &str| ds["status"][key].int();
    if ds.generation() > number("observedGeneration") {
        return Ok(("Waiting for daemon set spec update to be observed...\n".into(), false));
    }
    let name = ds.name();
    let desired = number("desiredNumberScheduled");
    let (updated, available) = (number("updatedNumberScheduled"), number("numberAvailable"));
    let waiting = format!("Waiting for daemon set {name:?} rollout to finish:");
    Ok(match () {
        () if updated < desired => {
            (format!("{waiting} {updated} out of {desired} new pods have been updated...\n"), false)
        }
        () if available < desired => {
            (format!("{waiting} {available} of {desired} updated pods are available...\n"), false)
        }
        () => (format!("daemon set {name:?} successfully rolled out\n"), true),
    })
}

/// How far a StatefulSet is, and whether it is done. Mirrors StatefulSetStatusViewer.Status.
fn stateful_status(set: &Object, _: i64) -> Result<(String, bool), Error> {
    let strategy = set.at("spec.updateStrategy");
    if strategy["type"] != "RollingUpdate" {
        return Err("rollout status is only available for RollingUpdate strategy type".into());
    }
    let number = |key: &str| set["status"][key].int();
    if number("observedGeneration") == 0 || set.generation() > number("observedGeneration") {
        return Ok(("Waiting for statefulset spec update to be observed...\n".into(), false));
    }
    let (wanted, updated) = (set.at("spec.replicas").int(), number("updatedReplicas"));
    let missing = wanted - number("readyReplicas");
    if missing > 0 {
        return Ok((format!("Waiting for {missing} pods to be ready...\n"), false));
    }
    let rolling = &strategy["rollingUpdate"];
    let new = wanted - rolling["partition"].int();
    let (current, update) = (set.at("status.currentRevision").str(), set.at("status.updateRevision").str());
    Ok(match () {
        () if !rolling["partition"].is_null() && updated < new => {
            let waiting = "Waiting for partitioned roll out to finish:";
            (format!("{waiting} {updated} out of {new} new pods have been updated...\n"), false)
        }
        () if !rolling.is_null() => {
            (format!("partitioned roll out complete: {updated} new pods have been updated...\n"), true)
        }
        () if update != current => {
            let waiting = "waiting for statefulset rolling update to complete";
            (format!("{waiting} {updated} pods at revision {update}...\n"), false)
        }
        () => {
            let done = number("currentReplicas");
            (format!("statefulset rolling update complete {done} pods at revision {current}...\n"), true)
        }
    })
}

/// How far an object is (of a revision; 0 for the newest), and whether it is done.
type Viewer = fn(&Object, i64) -> Result<(String, bool), Error>;

/// How far a Deployment is, and whether it is done. Mirrors DeploymentStatusViewer.Status.
fn status(deployment: &Object, wanted: i64) -> Result<(String, bool), Error> {
    let name = deployment.name();
    if wanted > 0 {
        let running = revision(deployment).unwrap_or_default();
        if running != wanted {
            return Err(Error::Message(format!(
                "desired revision ({wanted}) is different from the running revision ({running})"
            )));
        }
    }
    let number = |key: &str| deployment["status"][key].int();
    if deployment.generation() > number("observedGeneration") {
        return Ok(("Waiting for deployment spec update to be observed...\n".into(), false));
    }
    let progressing = deployment.at("status.conditions").items().iter().find(|c| c["type"] == "Progressing");
    if progressing.is_some_and(|c| c["reason"] == "ProgressDeadlineExceeded") {
        return Err(Error::Message(format!("deployment {name:?} exceeded its progress deadline")));
    }
    let (replicas, updated, available) =
        (number("replicas"), number("updatedReplicas"), number("availableReplicas"));
    let waiting = format!("Waiting for deployment {name:?} rollout to finish:");
    Ok(match deployment.at("spec.replicas").as_i64() {
        Some(desired) if updated < desired => {
            (format!("{waiting} {updated} out of {desired} new replicas have been updated...\n"), false)
        }
        _ if replicas > updated => {
            (format!("{waiting} {} old replicas are pending termination...\n", replicas - updated), false)
        }
        _ if available < updated => {
            (format!("{waiting} {available} of {updated} updated replicas are available...\n"), false)
        }
        _ => (format!("deployment {name:?} successfully rolled out\n"), true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn a_rollout_is_told_step_by_step() {
        let at = |updated, replicas, available| {
            let status_of = json!({"observedGeneration": 2, "updatedReplicas": updated, "replicas": replicas, "availableReplicas": available});
            let d = json!({"metadata": {"name": "web", "generation": 2}, "spec": {"replicas": 3}, "status": status_of});
            status(&Object(d), 0).unwrap()
        };
        let waiting = "Waiting for deployment \"web\" rollout to finish:";
        assert_eq!(at(1, 4, 3), (format!("{waiting} 1 out of 3 new replicas have been updated...\n"), false));
        assert_eq!(at(3, 4, 3), (format!("{waiting} 1 old replicas are pending termination...\n"), false));
        assert_eq!(at(3, 3, 2), (format!("{waiting} 2 of 3 updated replicas are available...\n"), false));
        assert_eq!(at(3, 3, 3), ("deployment \"web\" successfully rolled out\n".into(), true));
    }
}
