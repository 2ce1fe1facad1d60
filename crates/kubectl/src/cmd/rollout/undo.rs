use super::{REVISION, find, has_controller_revisions, is_deployment, replica_sets, revision};
use crate::builder::{FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, LAST_APPLIED};
use crate::describe;
use crate::flags::{Flag, int, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::rest::JSON_PATCH;
use apimachinery::{Object, Value, json};
use sim::Order;

/// `kubectl rollout undo`.
pub const COMMAND: Command = Command {
    name: "undo",
    usage: "(TYPE NAME | TYPE/NAME) [flags]",
    short: "Undo a previous rollout",
    long: "Roll back to a previous rollout.",
    examples: "# To the revision before\nkubectl rollout undo deployment/web\n# To a certain one\nkubectl rollout undo deployment/web --to-revision=3",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    DRY_RUN,
    text("selector", 'l', "", "Labels to select by."),
    int("to-revision", ' ', "0", "The revision to go back to; 0 means the one before."),
];

/// Annotations that stay as the Deployment has them. Mirrors annotationsToSkip.
const KEPT: [&str; 6] = [
    LAST_APPLIED,
    REVISION,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut errors = Vec::new();
    for item in find(c).await?.items {
        errors.extend(async { undo(c, &item?, dry_run).await }.await.err());
    }
    Error::all(errors)
}

async fn undo(c: &Ctx, info: &Info, dry_run: DryRun) -> Result<(), Error> {
    if info.object.annotation(LAST_APPLIED).is_some() {
        c.err_line(&format!(
                "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.",
                info.mapping.plural, info.name
            ));
    }
    let result = roll_back(c, info, dry_run).await?;
    common::printer(c, &result, dry_run)?.print(c, &info.object)
}

/// Gives what is said about it. Mirrors DeploymentRollbacker.Rollback.
async fn roll_back(c: &Ctx, info: &Info, dry_run: DryRun) -> Result<String, Error> {
    if has_controller_revisions(&info.mapping) {
        return roll_back_to_revision(c, info, dry_run).await;
    }
    if !is_deployment(&info.mapping) {
        return Err(super::no_viewer("rollbacker", &info.mapping));
    }
    let (deployment, wanted) = (&info.object, c.int("to-revision"));
    let missing = || Error::Message(format!("unable to find specified revision {wanted} in history"));
    if wanted < 0 {
        return Err(missing());
    }
    let mut sets: Vec<(i64, Object)> =
        replica_sets(c, deployment).await?.into_iter().filter_map(|rs| Some((revision(&rs)?, rs))).collect();
    sets.order_by_key(|(r, _)| std::cmp::Reverse(*r));
    let chosen = match wanted {
        0 => sets.get(1).ok_or_else(|| {
            Error::Message(format!("no rollout history found for deployment {:?}", deployment.name()))
        })?,
        wanted => sets.iter().find(|(r, _)| *r == wanted).ok_or_else(missing)?,
    };
    let mut template = chosen.1.at("spec.template").clone();
    if dry_run == DryRun::Client {
        return Ok(describe::pod_template(&template));
    }
    if deployment.at("spec.paused").is_true() {
        return Err("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again".into());
    }
    template.field_mut("metadata").field_mut("labels").remove("pod-template-hash");
    if same(&template, deployment.at("spec.template")) {
        return Ok(format!("skipped rollback (current template already matches revision {wanted})"));
    }
    let patch = json!([
        {"op": "replace", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/metadata/annotations", "value": annotations(deployment, &chosen.1)},
    ]);
    common::patch(c, &info.path(), JSON_PATCH, patch, dry_run).await?;
    Ok("rolled back".into())
}

/// Mirrors DaemonSetRollbacker.Rollback and StatefulSetRollbacker.Rollback.
async fn roll_back_to_revision(c: &Ctx, info: &Info, dry_run: DryRun) -> Result<String, Error> {
    let wanted = c.int("to-revision");
    let missing = || Error::Message(format!("unable to find specified revision {wanted} in history"));
    let revisions = super::controller_revisions(c, &info.object).await?;
    if wanted == 0 && revisions.len() < 2 {
        return Err("no last revision to roll back to".into());
    }
    let chosen = match wanted {
        0 => revisions.values().rev().nth(1),
        wanted => revisions.get(&wanted),
    };
    let template = super::template_of(chosen.ok_or_else(missing)?);
    if dry_run == DryRun::Client {
        return Ok(format!("will roll back to {}", describe::pod_template(&template)));
    }
    if same(&template, info.object.at("spec.template")) {
        return Ok(format!("skipped rollback (current template already matches revision {wanted})"));
    }
    let patch = json!([{"op": "replace", "path": "/spec/template", "value": template}]);
    common::patch(c, &info.path(), JSON_PATCH, patch, dry_run).await?;
    Ok("rolled back".into())
}

/// Whether two templates are the same, but for the creation time that Go's encoder writes.
fn same(a: &Value, b: &Value) -> bool {
    let plain = |v: &Value| {
        let mut v = v.clone();
        v.field_mut("metadata").remove("creationTimestamp");
        v
    };
    plain(a) == plain(b)
}

fn annotations(deployment: &Object, rs: &Object) -> Value {
    let mut result = json!({});
    for (key, value) in deployment.meta("annotations").fields().filter(|(k, _)| KEPT.contains(k)) {
        result.set(key, value);
    }
    for (key, value) in rs.meta("annotations").fields().filter(|(k, _)| !KEPT.contains(k)) {
        result.set(key, value);
    }
    result
}
