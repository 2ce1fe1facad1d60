//! `kubectl annotate`. Mirrors kubectl/pkg/cmd/annotate.

use crate::builder::FILE_FLAGS;
use crate::cmd::common::{CHANGE_CAUSE, DRY_RUN, RECORD_FLAGS, SELECT_FLAGS, field_manager};
use crate::cmd::metadata::{self, Change, Target};
use crate::flags::{Flag, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Error};
use apimachinery::Value;

/// `kubectl annotate`.
pub const COMMAND: Command = Command {
    name: "annotate",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the annotations on a resource",
    long: "Update the annotations on a resource.\n\n Annotations are texts of any kind that people and tools keep with an object. Without --overwrite, an annotation that has another value already is an error.",
    examples: "# A new annotation\nkubectl annotate pods web description='my frontend'\n# Another value\nkubectl annotate --overwrite pods web description='my frontend running nginx'\n# All pods of the namespace\nkubectl annotate pods --all description='my frontend running nginx'\n# Without it\nkubectl annotate pods web description-",
    flags: &[FLAGS, SELECT_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(metadata::run(c, &ANNOTATIONS))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    DRY_RUN,
    field_manager("kubectl-annotate"),
    switch("list", ' ', "Print the annotations."),
    switch("overwrite", ' ', "Annotations that have a value already may get another."),
    text("resource-version", ' ', "", "Only if this is the version of the (single) resource."),
];

static ANNOTATIONS: Target = Target {
    field: "annotations",
    noun: "annotation",
    operation: "annotated",
    parse,
    taken,
    names_missing: false,
    always_sent: true,
};

/// Mirrors parseAnnotations.
fn parse(pairs: &[String]) -> Result<Change, Error> {
    let owned = |(key, value): (&str, &str)| (key.to_string(), value.to_string());
    let set: Vec<(String, String)> = pairs.iter().filter_map(|p| p.split_once('=')).map(owned).collect();
    let keys = pairs.iter().filter(|p| !p.contains('=')).filter_map(|p| p.strip_suffix('-'));
    let remove: Vec<String> = keys.map(String::from).collect();
    let both: Vec<&str> =
        remove.iter().filter(|r| set.iter().any(|(k, _)| k == *r)).map(String::as_str).collect();
    if !both.is_empty() {
        let both = both.join(", ");
        return Err(Error::Message(format!(
            "can not both modify and remove the following annotation(s) in the same command: {both}"
        )));
    }
    Ok(Change { set, remove })
}

fn taken(annotations: &Value, change: &Change) -> Result<(), Error> {
    let old = |key: &str| annotations[key].as_str();
    // Why something was changed may always be overwritten.
    let taken = change.set.iter().filter(|(k, v)| k != CHANGE_CAUSE && old(k).is_some_and(|old| old != v));
    let words: Vec<String> = taken
        .map(|(k, _)| format!("'{k}' already has a value ({})", annotations[k.as_str()].str()))
        .collect();
    if words.is_empty() {
        return Ok(());
    }
    let words = words.join("; ");
    Err(Error::Message(format!(
        "--overwrite is false but found the following declared annotation(s): {words}"
    )))
}
