//! `kubectl cordon` and `kubectl uncordon`. Mirrors kubectl/pkg/cmd/drain (RunCordonOrUncordon).

use crate::builder::{Builder, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun};
use crate::flags::{Flag, text};
use crate::{Command, Ctx, Error};
use apimachinery::Value;
use apimachinery::json;
use apimachinery::rest::STRATEGIC_PATCH;

/// `kubectl cordon`.
pub const COMMAND: Command = Command {
    name: "cordon",
    usage: "NODE",
    short: "Mark node as unschedulable",
    examples: "# No new pods on this node\nkubectl cordon minikube-m02",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c, true))),
    ..Command::NEW
};

/// `kubectl uncordon`.
pub const UNCORDON: Command = Command {
    name: "uncordon",
    usage: "NODE",
    short: "Mark node as schedulable",
    examples: "# New pods may come again\nkubectl uncordon minikube-m02",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c, false))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[DRY_RUN, text("selector", 'l', "", "Labels to select nodes by.")];

async fn run(c: &Ctx, cordon: bool) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let (infos, mut errors) = nodes(c).await?;
    for info in &infos {
        let word = if cordon { "cordon" } else { "uncordon" };
        match mark(c, info, cordon, dry_run).await {
            Ok(()) => {}
            Err(e) => {
                errors.push(Error::Message(format!("unable to {word} node {:?}: {}", info.name, e.text())))
            }
        }
    }
    Error::all(errors)
}

/// The nodes that the command line names. Mirrors DrainCmdOptions.Complete; drain uses it too.
pub async fn nodes(c: &Ctx) -> Result<(Vec<Info>, Vec<Error>), Error> {
    let selector = c.text("selector");
    let usage = c.path.last().map_or("", |command| command.name);
    if c.args.is_empty() && selector.is_empty() {
        return Err(c.usage_error(&format!("USAGE: {usage} NODE [flags]")));
    }
    if !c.args.is_empty() && !selector.is_empty() {
        return Err(c.usage_error("error: cannot specify both a node name and a --selector option"));
    }
    let mut args = vec!["nodes".to_string()];
    args.extend(
        c.args.iter().map(|a| a.strip_prefix("node/").or(a.strip_prefix("nodes/")).unwrap_or(a).to_string()),
    );
    let found = Builder::new(c)?.selector(selector).args(&args, false).find(c).await?;
    let (mut infos, mut errors) = (Vec::new(), Vec::new());
    for item in found.items {
        match item {
            Ok(info) => infos.push(info),
            Err(e) => errors.push(e),
        }
    }
    Ok((infos, errors))
}

/// Makes a node unschedulable or schedulable, and says so.
pub async fn mark(c: &Ctx, info: &Info, cordon: bool, dry_run: DryRun) -> Result<(), Error> {
    let state = if cordon { "cordoned" } else { "uncordoned" };
    if info.object.at("spec.unschedulable").is_true() == cordon {
        c.line(&format!("{} already {state}{}", info.title(), dry_run.suffix()));
        return Ok(());
    }
    if dry_run != DryRun::Client {
        let wanted = if cordon { Value::from(true) } else { Value::Null };
        let patch = json!({"spec": {"unschedulable": wanted}});
        common::patch(c, &info.path(), STRATEGIC_PATCH, patch, dry_run).await?;
    }
    c.line(&format!("{} {state}{}", info.title(), dry_run.suffix()));
    Ok(())
}
