//! `kubectl create serviceaccount`. Mirrors create_serviceaccount.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::json;

/// `kubectl create serviceaccount`.
pub const COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    usage: "NAME [--dry-run=server|client|none]",
    short: "Create a service account with the specified name",
    examples: "# A service account\nkubectl create serviceaccount robot",
    flags: &[GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let object = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
    finish(c, object, "serviceaccounts", "failed to create serviceaccount:").await
}
