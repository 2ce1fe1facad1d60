//! `kubectl set serviceaccount`. Mirrors set_serviceaccount.go.

use super::{SET_FLAGS, check, find, pod_spec, send};
use crate::builder::FILE_FLAGS;
use crate::cmd::common::{self, DryRun, RECORD_FLAGS};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};

/// `kubectl set serviceaccount`.
pub const COMMAND: Command = Command {
    name: "serviceaccount",
    aliases: &["sa"],
    usage: "(-f FILENAME | TYPE NAME) SERVICE_ACCOUNT",
    short: "Update the service account of a resource",
    long: "Update the service account of pod templates.",
    examples: "# The service account of a deployment's pods\nkubectl set serviceaccount deployment web robot",
    flags: &[SET_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    check(c, dry_run)?;
    let mut printer = common::printer(c, "serviceaccount updated", dry_run)?;
    let Some((account, resources)) = c.args.split_last() else {
        return Err("serviceaccount is required".into());
    };
    let mut errors = Vec::new();
    for info in find(c, resources).await? {
        let mut object = info.object.clone();
        match pod_spec(&object) {
            Ok(path) => {
                object.at_mut(path).set("serviceAccountName", account.as_str());
                common::record(c, &mut object);
                let failure = "failed to patch ServiceAccountName";
                errors.extend(send(c, &info, object, dry_run, &mut printer, failure).await.err());
            }
            Err(why) => {
                errors.push(Error::Message(format!("error: {}/{} {why}\n", info.mapping.plural, info.name)));
            }
        }
    }
    Error::all(errors)
}
