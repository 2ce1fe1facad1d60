//! `kubectl label`. Mirrors kubectl/pkg/cmd/label.

use crate::builder::FILE_FLAGS;
use crate::cmd::common::{DRY_RUN, RECORD_FLAGS, SELECT_FLAGS, field_manager};
use crate::cmd::metadata::{self, Change, Target};
use crate::flags::{Flag, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Error, go};
use apimachinery::Value;
use apimachinery::labels::label_value_errors;

/// `kubectl label`.
pub const COMMAND: Command = Command {
    name: "label",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the labels on a resource",
    long: "Update the labels on a resource.\n\n  *  A key may have a prefix, such as example.com/my-app; the key itself has at most 63 characters.\n  *  Without --overwrite, a label that has another value already is an error.\n  *  With --resource-version, nothing happens if the resource was changed since.",
    examples: "# A new label\nkubectl label pods web unhealthy=true\n# A new value\nkubectl label --overwrite pods web status=unhealthy\n# All pods of the namespace\nkubectl label pods --all status=unhealthy\n# Without the label\nkubectl label pods web status-",
    flags: &[FLAGS, SELECT_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(metadata::run(c, &LABELS))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    DRY_RUN,
    field_manager("kubectl-label"),
    switch("list", ' ', "Print the labels."),
    switch("overwrite", ' ', "Labels that have a value already may get another."),
    text("resource-version", ' ', "", "Only if this is the version of the (single) resource."),
];

static LABELS: Target = Target {
    field: "labels",
    noun: "label",
    operation: "",
    parse,
    taken,
    names_missing: true,
    always_sent: false,
};

/// Mirrors parseLabels.
fn parse(pairs: &[String]) -> Result<Change, Error> {
    let mut change = Change::default();
    for pair in pairs {
        if let Some((key, value)) = pair.split_once('=') {
            if value.contains('=') {
                return Err(Error::Message(format!("invalid label spec: {pair}")));
            }
            let problems = label_value_errors(value);
            if !problems.is_empty() {
                return Err(Error::Message(format!(
                    "invalid label value: {}: {}",
                    go::quote(pair),
                    problems.join(";")
                )));
            }
            change.set.retain(|(k, _)| k != key);
            change.set.push((key.into(), value.into()));
        } else if let Some(key) = pair.strip_suffix('-') {
            change.remove.push(key.into());
        }
    }
    if change.remove.iter().any(|k| change.set.iter().any(|(s, _)| s == k)) {
        return Err("can not both modify and remove a label in the same command".into());
    }
    Ok(change)
}

fn taken(labels: &Value, change: &Change) -> Result<(), Error> {
    let taken = change.set.iter().filter(|(k, v)| labels[k.as_str()].as_str().is_some_and(|old| old != v));
    let errors = taken.map(|(k, _)| {
        let old = labels[k.as_str()].str();
        Error::Message(format!("'{k}' already has a value ({old}), and --overwrite is false"))
    });
    Error::all(errors.collect())
}
