//! `pause`, `resume` and `restart`: small patches of the Deployment.

use super::{find, has_controller_revisions, is_deployment};
use crate::builder::{FILE_FLAGS, Info};
use crate::cmd::common::{self, DryRun, field_manager};
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::rest::STRATEGIC_PATCH;
use apimachinery::{Object, Value, json, time};

/// `kubectl rollout pause`.
pub const PAUSE: Command = Command {
    name: "pause",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "Mark the provided resource as paused",
    long: "Mark a deployment as paused: changes of it are not rolled out until it is resumed.",
    examples: "# Changes now wait\nkubectl rollout pause deployment/web",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, "paused", "pausing", paused))),
    ..Command::NEW
};

/// `kubectl rollout resume`.
pub const RESUME: Command = Command {
    name: "resume",
    short: "Resume a paused resource",
    long: "Resume a deployment that is paused.",
    examples: "# Changes are rolled out again\nkubectl rollout resume deployment/web",
    run: Some(|c| Box::pin(run(c, "resumed", "resuming", resumed))),
    ..PAUSE
};

/// `kubectl rollout restart`.
pub const RESTART: Command = Command {
    name: "restart",
    usage: "RESOURCE",
    short: "Restart a resource",
    long: "Restart a deployment, daemon set or stateful set: new pods replace the ones that run, as in an update.",
    examples: "# New pods for all\nkubectl rollout restart deployment/web",
    run: Some(|c| Box::pin(run(c, "restarted", "restarting", restarted))),
    ..PAUSE
};

static FLAGS: &[Flag] =
    &[field_manager("kubectl-rollout"), text("selector", 'l', "", "Labels to select by.")];

/// The patch of a Deployment, or why there is none.
type Patch = fn(&Ctx, &Object) -> Result<Value, &'static str>;

fn paused(_: &Ctx, deployment: &Object) -> Result<Value, &'static str> {
    match deployment.at("spec.paused").is_true() {
        true => Err("is already paused"),
        false => Ok(json!({"spec": {"paused": true}})),
    }
}

fn resumed(_: &Ctx, deployment: &Object) -> Result<Value, &'static str> {
    match deployment.at("spec.paused").is_true() {
        false => Err("is not paused"),
        true => Ok(json!({"spec": {"paused": null}})),
    }
}

fn restarted(c: &Ctx, deployment: &Object) -> Result<Value, &'static str> {
    const AT: &str = "kubectl.kubernetes.io/restartedAt";
    if deployment.at("spec.paused").is_true() {
        return Err("can't restart paused deployment (run rollout resume first)");
    }
    let now = time::format(c.env.clock.now());
    if deployment.at("spec.template.metadata.annotations")[AT] == *now {
        return Ok(Value::Null);
    }
    Ok(json!({"spec": {"template": {"metadata": {"annotations": {(AT): now}}}}}))
}

async fn run(c: &Ctx, done: &str, doing: &str, patch: Patch) -> Result<(), Error> {
    let (mut infos, mut errors) = (Vec::new(), Vec::new());
    for item in find(c).await?.items {
        match item {
            Ok(info) => infos.push(info),
            Err(e) => errors.push(e),
        }
    }
    if infos.is_empty() && errors.is_empty() {
        c.err_line(&format!("No resources found in {} namespace.", c.namespace()?.0));
        return Ok(());
    }
    for info in infos {
        if let Err(e) = one(c, &info, done, doing, patch).await {
            errors.push(e);
        }
    }
    Error::all(errors)
}

async fn one(c: &Ctx, info: &Info, done: &str, doing: &str, patch: Patch) -> Result<(), Error> {
    let name = format!("{} {:?}", info.mapping.group_resource(), info.name);
    let restarts = doing == "restarting" && has_controller_revisions(&info.mapping);
    if !is_deployment(&info.mapping) && !restarts {
        return Err(Error::Plain(format!("error: {name} {doing} is not supported")));
    }
    let patch = patch(c, &info.object).map_err(|why| Error::Plain(format!("error: {name} {why}")))?;
    if patch.is_null() {
        return Err(Error::Message(format!(
            "failed to create patch for {}: if restart has already been triggered within the past second, please wait before attempting to trigger another",
            info.name
        )));
    }
    let object = common::patch(c, &info.path(), STRATEGIC_PATCH, patch, DryRun::None)
        .await
        .map_err(|e| e.context("failed to patch"))?;
    common::printer(c, done, DryRun::None)?.print(c, &object)
}
