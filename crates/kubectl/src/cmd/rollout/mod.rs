//! `kubectl rollout`. Mirrors kubectl/pkg/cmd/rollout and kubectl/pkg/polymorphichelpers, for Deployments and DaemonSets.

mod change;
mod history;
mod status;
mod undo;

use crate::builder::{Builder, Found};
use crate::discovery::Mapping;
use crate::{Command, Ctx, Error};
use apimachinery::{Object, Request, Value};
use sim::collections::BTreeMap;

/// `kubectl rollout`.
pub const COMMAND: Command = Command {
    name: "rollout",
    usage: "SUBCOMMAND",
    short: "Manage the rollout of a resource",
    long: "Manage the rollout of one or many resources: deployments, daemonsets.",
    examples: "# Back to the deployment before\nkubectl rollout undo deployment/web\n# How far is it?\nkubectl rollout status deployment/web",
    subs: &[(
        "Available Commands:",
        &[
            &history::COMMAND,
            &change::PAUSE,
            &change::RESTART,
            &change::RESUME,
            &status::COMMAND,
            &undo::COMMAND,
        ],
    )],
    ..Command::NEW
};

/// The annotation with the number of a revision.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// Finds what a subcommand is about.
async fn find(c: &Ctx) -> Result<Found, Error> {
    if c.args.is_empty() && c.values("filename").is_empty() {
        return Err("required resource not specified".into());
    }
    Builder::new(c)?.selector(c.text("selector")).args(&c.args, true).latest().find(c).await
}

/// `pods "x"`-like words for a kind that cannot do it: Mirrors the errors of polymorphichelpers.
fn no_viewer(what: &str, mapping: &Mapping) -> Error {
    let group = if mapping.group.is_empty() { String::new() } else { format!(".{}", mapping.group) };
    let kind = format!("{}{group}", mapping.kind);
    // Of the three messages, this one has no quotes.
    let kind = if what == "status viewer" { kind } else { format!("{kind:?}") };
    Error::Message(format!("no {what} has been implemented for {kind}"))
}

fn is_deployment(mapping: &Mapping) -> bool {
    mapping.group == "apps" && mapping.plural == "deployments"
}

fn is_daemon_set(mapping: &Mapping) -> bool {
    mapping.group == "apps" && mapping.plural == "daemonsets"
}

fn is_stateful_set(mapping: &Mapping) -> bool {
    mapping.group == "apps" && mapping.plural == "statefulsets"
}

/// Whether its templates are kept as ControllerRevisions.
fn has_controller_revisions(mapping: &Mapping) -> bool {
    is_daemon_set(mapping) || is_stateful_set(mapping)
}

/// The ControllerRevisions of a DaemonSet or StatefulSet by their number. Mirrors daemonSetHistory.
async fn controller_revisions(c: &Ctx, ds: &Object) -> Result<BTreeMap<i64, Object>, Error> {
    let path = format!("/apis/apps/v1/namespaces/{}/controllerrevisions", ds.namespace());
    let selector = crate::describe::selector_query(ds.at("spec.selector"));
    let list = c.object(Request::get(path).with("labelSelector", selector)).await?;
    let owned = |r: &Object| r.controller().is_some_and(|o| o.uid() == ds.uid());
    let revisions = list["items"].items().iter().cloned().map(Object).filter(owned);
    Ok(revisions.map(|r| (r["revision"].int(), r)).collect())
}

/// The template of a ControllerRevision.
fn template_of(revision: &Object) -> Value {
    let mut template = revision.at("data.spec.template").clone();
    template.remove("$patch");
    template
}

fn revision(object: &Object) -> Option<i64> {
    object.annotation(REVISION)?.parse().ok()
}

/// The ReplicaSets that a Deployment owns. Mirrors deploymentutil.ListReplicaSets.
async fn replica_sets(c: &Ctx, deployment: &Object) -> Result<Vec<Object>, Error> {
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", deployment.namespace());
    let selector = crate::describe::selector_query(deployment.at("spec.selector"));
    let list = c.object(Request::get(path).with("labelSelector", selector)).await?;
    let owned = |rs: &Object| rs.controller().is_some_and(|o| o.uid() == deployment.uid());
    Ok(list["items"].items().iter().cloned().map(Object).filter(owned).collect())
}
