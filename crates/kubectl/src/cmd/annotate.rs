//! `kubectl annotate`. Mirrors kubectl/pkg/cmd/annotate.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, SELECT_FLAGS, check_selection, field_manager};
use crate::cmd::label::list;
use crate::flags::{Flag, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::patch::create_merge_patch;
use apimachinery::rest::MERGE_PATCH;
use apimachinery::{Object, Value};

/// `kubectl annotate`.
pub const COMMAND: Command = Command {
    name: "annotate",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the annotations on a resource",
    long: "Update the annotations on a resource.\n\n Annotations are texts of any kind that people and tools keep with an object. Without --overwrite, an annotation that has another value already is an error.",
    examples: "# A new annotation\nkubectl annotate pods web description='my frontend'\n# Another value\nkubectl annotate --overwrite pods web description='my frontend running nginx'\n# All pods of the namespace\nkubectl annotate pods --all description='my frontend running nginx'\n# Without it\nkubectl annotate pods web description-",
    flags: &[FLAGS, SELECT_FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    DRY_RUN,
    field_manager("kubectl-annotate"),
    switch("list", ' ', "Print the annotations."),
    switch("overwrite", ' ', "Annotations that have a value already may get another."),
    text("resource-version", ' ', "", "Only if this is the version of the (single) resource."),
];

/// May always be overwritten.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let (resources, pairs) = common::resources_and_pairs(&c.args, "annotation")?;
    let set: Vec<(&str, &str)> = pairs.iter().filter_map(|p| p.split_once('=')).collect();
    let remove: Vec<&str> =
        pairs.iter().filter(|p| !p.contains('=')).filter_map(|p| p.strip_suffix('-')).collect();
    if c.on("list") && !c.text("output").is_empty() {
        return Err("--list and --output may not be specified together".into());
    }
    check_selection(c, &resources, dry_run)?;
    if set.is_empty() && remove.is_empty() && !c.on("list") {
        return Err("at least one annotation update is required".into());
    }
    let both: Vec<&str> = remove.iter().filter(|r| set.iter().any(|(k, _)| k == *r)).copied().collect();
    if !both.is_empty() {
        let both = both.join(", ");
        return Err(Error::Message(format!(
            "can not both modify and remove the following annotation(s) in the same command: {both}"
        )));
    }
    let mut printer = common::printer(c, "annotated", dry_run)?;
    let found = Builder::new(c)?
        .local(c.on("local"))
        .selector(c.text("selector"))
        .field_selector(c.text("field-selector"))
        .all_namespaces(c.on("all-namespaces"))
        .args(&resources, c.on("all"));
    let found = if c.on("local") { found } else { found.latest() }.find(c).await?;
    if !found.single && !c.text("resource-version").is_empty() {
        return Err("--resource-version may only be used with a single resource".into());
    }
    let mut errors = Vec::new();
    for item in found.items {
        let result = async {
            let object = one(c, &item?, &set, &remove, dry_run).await?;
            if c.on("list") {
                list(c, &object, found.single, "annotations");
                return Ok(());
            }
            printer.print(c, &object)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)
}

async fn one(
    c: &Ctx,
    info: &Info,
    set: &[(&str, &str)],
    remove: &[&str],
    dry_run: DryRun,
) -> Result<Object, Error> {
    let annotations = info.object.meta("annotations");
    if !c.on("overwrite") {
        let taken = set
            .iter()
            .filter(|(k, v)| *k != CHANGE_CAUSE && annotations[*k].as_str().is_some_and(|old| old != *v));
        let words: Vec<String> =
            taken.map(|(k, _)| format!("'{k}' already has a value ({})", annotations[*k].str())).collect();
        if !words.is_empty() {
            let words = words.join("; ");
            return Err(Error::Message(format!(
                "--overwrite is false but found the following declared annotation(s): {words}"
            )));
        }
    }
    let mut new = if annotations.is_null() { Value::object() } else { annotations.clone() };
    set.iter().for_each(|(k, v)| new.set(k, *v));
    remove.iter().for_each(|k| drop(new.remove(k)));
    let mut object = info.object.clone();
    let mut before = object.0.clone();
    if new.is_empty() {
        object.meta_mut().remove("annotations");
    } else {
        object.meta_mut().insert("annotations", new);
    }
    if !c.text("resource-version").is_empty() {
        before.remove_at("metadata.resourceVersion");
        object.meta_mut().insert("resourceVersion", c.text("resource-version").into());
    }
    if dry_run == DryRun::Client || c.on("local") || c.on("list") {
        return Ok(object);
    }
    common::patch(c, &info.path(), MERGE_PATCH, create_merge_patch(&before, &object), dry_run).await
}
