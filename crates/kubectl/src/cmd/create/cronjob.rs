//! `kubectl create cronjob`. Mirrors create_cronjob.go.

use super::job::template;
use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::json;

/// `kubectl create cronjob`.
pub const COMMAND: Command = Command {
    name: "cronjob",
    aliases: &["cj"],
    usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
    short: "Create a cron job with the specified name",
    examples: "# Every minute\nkubectl create cronjob my-job --image=busybox --schedule=\"*/1 * * * *\"",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("image", ' ', "", "The image to run.").required(),
    text("restart", ' ', "", "The restart policy: OnFailure or Never."),
    text("schedule", ' ', "", "When to run, in cron's format.").required(),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let restart = if c.text("restart").is_empty() { "OnFailure" } else { c.text("restart") };
    let object = json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
        "spec": {
            "schedule": c.text("schedule"),
            "jobTemplate": {
                "metadata": {"name": name},
                "spec": {"template": template(name, c.text("image"), &c.args[1..], restart)},
            },
        },
        "status": {},
    });
    finish(c, object, "cronjobs", "failed to create cronjob:").await
}
