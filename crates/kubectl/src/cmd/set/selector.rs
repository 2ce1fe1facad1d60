//! `kubectl set selector`. Mirrors set_selector.go.

use super::{SET_FLAGS, check, find, send};
use crate::builder::FILE_FLAGS;
use crate::cmd::common::{self, DryRun, RECORD_FLAGS};
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::Value;
use apimachinery::labels::{Operator, Selector};

/// `kubectl set selector`.
pub const COMMAND: Command = Command {
    name: "selector",
    usage: "(-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]",
    short: "Set the selector on a resource",
    long: "Set the selector on a service. The new selector replaces the old one.",
    examples: "# A service for other pods\nkubectl set selector service web app=other",
    flags: &[FLAGS, SET_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[text("resource-version", ' ', "", "Only if this is the version of the resource.")];

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut printer = common::printer(c, "selector updated", dry_run)?;
    let Some((text, resources)) = c.args.split_last() else { return Err("one selector is required".into()) };
    let selector = Selector::parse(text)
        .map_err(|why| Error::Message(format!("couldn't parse the selector string \"{text}\": {why}")))?;
    check(c, dry_run)?;
    let mut errors = Vec::new();
    for mut info in find(c, resources).await? {
        let mut object = info.object.clone();
        let changed =
            labels(&info.mapping.kind, &selector, text).map(|new| object.set_at("spec.selector", new));
        let result = match changed {
            Ok(()) => {
                let version = c.text("resource-version");
                if !version.is_empty() {
                    info.object.remove_at("metadata.resourceVersion");
                    object.meta_mut().insert("resourceVersion", version.into());
                }
                common::record(c, &mut object);
                send(c, &info, object, dry_run, &mut printer, "").await
            }
            Err(why) => Err(Error::Message(why)),
        };
        errors.extend(result.err());
    }
    Error::all(errors)
}

/// The labels of a selector of equalities. Mirrors updateSelectorForObject.
fn labels(kind: &str, selector: &Selector, text: &str) -> Result<Value, String> {
    if kind != "Service" {
        return Err("setting a selector is only supported for Services".into());
    }
    let (mut labels, mut others) = (Value::object(), Vec::new());
    let dense = text.replace(' ', "");
    for r in &selector.0 {
        // `a=b` and `a in (b)` are the same to a Selector, but not to a service.
        let written_as_set = dense.contains(&format!("{}in(", r.key));
        match (r.operator, r.values.as_slice()) {
            (Operator::In, [value]) if !written_as_set => labels.set(&r.key, value),
            (operator, values) => others.push(format!("{{{} {operator:?} [{}]}}", r.key, values.join(" "))),
        }
    }
    if others.is_empty() {
        Ok(labels)
    } else {
        Err(format!("match expression [{}] not supported on this object", others.join(" ")))
    }
}
