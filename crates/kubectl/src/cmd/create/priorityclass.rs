//! `kubectl create priorityclass`. Mirrors create_priorityclass.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, int, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::json;

/// `kubectl create priorityclass`.
pub const COMMAND: Command = Command {
    name: "priorityclass",
    aliases: &["pc"],
    usage: "NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none]",
    short: "Create a priority class with the specified name",
    examples: "# A class of important pods\nkubectl create priorityclass high-priority --value=1000 --description=\"high priority\"",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("description", ' ', "", "When to use this class."),
    switch("global-default", ' ', "Pods without a class are of this one."),
    text("preemption-policy", ' ', "PreemptLowerPriority", "Whether its pods may take the place of others."),
    int("value", ' ', "0", "The priority."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let mut object = json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "value": c.int("value"), "preemptionPolicy": c.text("preemption-policy"),
    });
    if c.on("global-default") {
        object.set("globalDefault", true);
    }
    if !c.text("description").is_empty() {
        object.set("description", c.text("description"));
    }
    finish(c, object, "priorityclasses", "failed to create priorityclass:").await
}
