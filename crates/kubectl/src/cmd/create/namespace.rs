//! `kubectl create namespace`. Mirrors create_namespace.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::json;

/// `kubectl create namespace`.
pub const COMMAND: Command = Command {
    name: "namespace",
    aliases: &["ns"],
    usage: "NAME [--dry-run=server|client|none]",
    short: "Create a namespace with the specified name",
    examples: "# A namespace\nkubectl create namespace team-a",
    flags: &[GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}});
    finish(c, object, "namespaces", "").await
}
