//! `kubectl set resources`. Mirrors set_resources.go.

use super::{SET_FLAGS, change_containers, check, find, send_changes, wildcard};
use crate::builder::FILE_FLAGS;
use crate::cmd::common::{self, DryRun, RECORD_FLAGS};
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Quantity, quantity};

/// `kubectl set resources`.
pub const COMMAND: Command = Command {
    name: "resources",
    usage: "(-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]",
    short: "Update resource requests/limits on objects with pod templates",
    long: "Specify compute resource requirements (CPU, memory) for what has a pod template. Without --requests, the requests are the limits.",
    examples: "# Limits of one container\nkubectl set resources deployment web -c=nginx --limits=cpu=200m,memory=512Mi\n# Requests and limits of all containers\nkubectl set resources deployment web --limits=cpu=200m,memory=512Mi --requests=cpu=100m,memory=256Mi",
    flags: &[FLAGS, SET_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("containers", 'c', "*", "Names of containers; * stands for anything."),
    text("limits", ' ', "", "Limits, such as 'cpu=100m,memory=256Mi'."),
    text("requests", ' ', "", "Requests, such as 'cpu=100m,memory=256Mi'."),
];

/// `cpu=100m,memory=256Mi`. Mirrors HandleResourceRequirementsV1. A quota's `--hard` is written the same way.
pub fn amounts(text: &str) -> Result<Vec<(String, String)>, Error> {
    let mut amounts = Vec::new();
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let pair: Vec<&str> = part.split('=').collect();
        let [name, amount] = pair[..] else {
            return Err(Error::Message(format!(
                "Invalid argument syntax {part}, expected <resource>=<value>"
            )));
        };
        let amount = Quantity::parse(amount).ok_or(quantity::FORMAT_ERROR)?;
        amounts.push((name.to_string(), amount.to_string()));
    }
    Ok(amounts)
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut printer = common::printer(c, "resource requirements updated", dry_run)?;
    let infos = find(c, &c.args).await?;
    check(c, dry_run)?;
    let (limits, requests) = (c.text("limits"), c.text("requests"));
    if limits.is_empty() && requests.is_empty() {
        return Err(
            "you must specify an update to requests or limits (in the form of --requests/--limits)".into()
        );
    }
    let (limits, requests) = (amounts(limits)?, amounts(requests)?);
    let pattern = c.text("containers");
    let mut errors = Vec::new();
    for info in infos {
        let mut object = info.object.clone();
        let changed = change_containers(&mut object, &|name| wildcard(pattern, name), &mut |container| {
            for (field, amounts) in [("limits", &limits), ("requests", &requests)] {
                for (name, amount) in amounts {
                    container.field_mut("resources").field_mut(field).set(name, amount);
                }
            }
        });
        let name = format!("{}/{}", info.mapping.plural, info.name);
        match changed {
            Ok(0) => errors.push(Error::Message(format!("error: unable to find container named {pattern}"))),
            Ok(_) => {
                let failure = "failed to patch resources update to pod template";
                errors.extend(send_changes(c, &info, object, dry_run, &mut printer, failure).await.err());
            }
            Err(why) => errors.push(Error::Message(format!("error: {name} {why}\n"))),
        }
    }
    Error::all(errors)
}
