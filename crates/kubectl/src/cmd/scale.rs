//! `kubectl scale`. Mirrors kubectl/pkg/cmd/scale and kubectl/pkg/scale.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, RECORD_FLAGS};
use crate::flags::{Flag, duration, int, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::rest::{MERGE_PATCH, Method};
use apimachinery::{Request, json};
use sim::Duration;

/// `kubectl scale`.
pub const COMMAND: Command = Command {
    name: "scale",
    usage: "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
    short: "Set a new size for a deployment, replica set, or replication controller",
    long: "Set a new size for a deployment, replica set, replication controller, or stateful set.\n\n With --current-replicas or --resource-version, nothing happens unless they are right.",
    examples: "# Three replicas\nkubectl scale --replicas=3 deployment/web\n# Only if there are two now\nkubectl scale --current-replicas=2 --replicas=3 deployment/web\n# Several at once\nkubectl scale --replicas=5 deployment/web deployment/api",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all", ' ', "All resources of the types, in the namespace."),
    int("current-replicas", ' ', "-1", "Only if this is the size now; -1 means any."),
    DRY_RUN,
    int("replicas", ' ', "0", "The new size.").required(),
    text("resource-version", ' ', "", "Only if this is the version of the resource."),
    text("selector", 'l', "", "Labels to select by."),
    duration("timeout", "0s", "How long to wait for the new size; 0 does not wait."),
];

/// How often the size is looked at while waiting for it.
const POLL: Duration = Duration::from_secs(1);

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut printer = common::printer(c, "scaled", dry_run)?;
    let replicas = c.int("replicas");
    if replicas < 0 {
        return Err(
            "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0".into()
        );
    }
    if c.int("current-replicas") < -1 {
        return Err("The --current-replicas must specify an integer of -1 or greater".into());
    }
    let (mut infos, mut errors) = (Vec::new(), Vec::new());
    let builder = Builder::new(c)?.selector(c.text("selector")).args(&c.args, c.on("all"));
    for item in builder.find(c).await?.items {
        match item {
            Ok(info) => infos.push(info),
            Err(e) => errors.push(e),
        }
    }
    if !c.text("resource-version").is_empty() && infos.len() > 1 {
        return Err("cannot use --resource-version with multiple resources".into());
    }
    if infos.is_empty() && errors.is_empty() {
        return Err("no objects passed to scale".into());
    }
    for mut info in infos {
        if dry_run != DryRun::Client {
            scale(c, &info, replicas, dry_run).await?;
        }
        if matches!(info.mapping.group.as_str(), "" | "apps") {
            info.object.set_at("spec.replicas", replicas);
        }
        if dry_run != DryRun::Client {
            common::record_afterwards(c, &info, &info.object, dry_run).await;
        }
        printer.print(c, &info.object)?;
    }
    Error::all(errors)
}

/// Sets the size through the scale subresource; looks before it writes when there are conditions.
async fn scale(c: &Ctx, info: &Info, replicas: i64, dry_run: DryRun) -> Result<(), Error> {
    let path = format!("{}/scale", info.path());
    let (current, version) = (c.int("current-replicas"), c.text("resource-version"));
    if current == -1 && version.is_empty() {
        common::patch(c, &path, MERGE_PATCH, json!({"spec": {"replicas": replicas}}), dry_run).await?;
    } else {
        let mut scale = c.object(Request::get(path.as_str())).await?;
        let size = scale.at("spec.replicas").int();
        if current != -1 && size != current {
            return Err(Error::Message(format!("Expected replicas to be {current}, was {size}")));
        }
        if !version.is_empty() && scale.resource_version() != version {
            let actual = scale.resource_version();
            return Err(Error::Message(format!("Expected resource version to be {version}, was {actual}")));
        }
        scale.set_at("spec.replicas", replicas);
        let request = Request::new(Method::Put, path.as_str()).with_body(scale.0);
        c.object(common::writing(c, request, dry_run, "")).await?;
    }
    if c.nanos("timeout") > 0 && dry_run == DryRun::None {
        return wait(c, &path, replicas).await;
    }
    Ok(())
}

async fn wait(c: &Ctx, path: &str, replicas: i64) -> Result<(), Error> {
    let end = c.env.clock.now() + Duration::from_nanos(c.nanos("timeout") as u64);
    loop {
        let scale = c.object(Request::get(path)).await?;
        if scale.at("spec.replicas").int() != replicas || scale.at("status.replicas").int() == replicas {
            return Ok(());
        }
        if c.env.clock.now() >= end {
            return Err("timed out waiting for the condition".into());
        }
        c.env.clock.sleep(POLL).await;
    }
}
