//! `kubectl create quota`. Mirrors create_quota.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::cmd::set::resources::amounts;
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json};

/// `kubectl create quota`.
pub const COMMAND: Command = Command {
    name: "quota",
    aliases: &["resourcequota"],
    usage: "NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]",
    short: "Create a quota with the specified name",
    examples: "# Limits for a namespace\nkubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("hard", ' ', "", "Limits, as resource=quantity, separated by commas."),
    text("scopes", ' ', "", "Scopes that an object must have to count, separated by commas."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let mut spec = Value::object();
    for (resource, amount) in amounts(c.text("hard"))? {
        spec.field_mut("hard").set(&resource, amount);
    }
    let scopes = c.text("scopes");
    if !scopes.is_empty() {
        if scopes.split(',').any(str::is_empty) {
            return Err("invalid resource quota scope \"\"".into());
        }
        spec.set("scopes", scopes.split(',').collect::<Vec<_>>());
    }
    let object = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {},
    });
    finish(c, object, "resourcequotas", "failed to create quota:").await
}
