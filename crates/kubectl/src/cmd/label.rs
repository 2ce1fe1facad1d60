//! `kubectl label`. Mirrors kubectl/pkg/cmd/label.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, SELECT_FLAGS, check_selection, field_manager};
use crate::flags::{Flag, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::labels::label_value_errors;
use apimachinery::patch::create_merge_patch;
use apimachinery::rest::MERGE_PATCH;
use apimachinery::{Object, Value};

/// `kubectl label`.
pub const COMMAND: Command = Command {
    name: "label",
    usage: "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the labels on a resource",
    long: "Update the labels on a resource.\n\n  *  A key may have a prefix, such as example.com/my-app; the key itself has at most 63 characters.\n  *  Without --overwrite, a label that has another value already is an error.\n  *  With --resource-version, nothing happens if the resource was changed since.",
    examples: "# A new label\nkubectl label pods web unhealthy=true\n# A new value\nkubectl label --overwrite pods web status=unhealthy\n# All pods of the namespace\nkubectl label pods --all status=unhealthy\n# Without the label\nkubectl label pods web status-",
    flags: &[FLAGS, SELECT_FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    DRY_RUN,
    field_manager("kubectl-label"),
    switch("list", ' ', "Print the labels."),
    switch("overwrite", ' ', "Labels that have a value already may get another."),
    text("resource-version", ' ', "", "Only if this is the version of the (single) resource."),
];

struct Change {
    set: Vec<(String, String)>,
    remove: Vec<String>,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let (resources, pairs) = common::resources_and_pairs(&c.args, "label")?;
    let change = parse(&pairs)?;
    if c.on("list") && !c.text("output").is_empty() {
        return Err("--list and --output may not be specified together".into());
    }
    check_selection(c, &resources, dry_run)?;
    if change.set.is_empty() && change.remove.is_empty() && !c.on("list") {
        return Err("at least one label update is required".into());
    }
    let mut printer = common::printer(c, "", dry_run)?;
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
            let info = item?;
            let (object, operation) = one(c, &info, &change, dry_run).await?;
            if c.on("list") {
                list(c, &object, found.single, "labels");
                return Ok(());
            }
            printer.operation(&format!("{operation}{}", dry_run.suffix()));
            printer.print(c, &object)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)
}

/// Prints labels or annotations, for `--list`.
pub fn list(c: &Ctx, object: &Object, single: bool, what: &str) {
    let group = object.api_version().rsplit_once('/').map_or("", |(g, _)| g);
    if !single {
        c.line(&format!("Listing {what} for {}.{group}/{}:", object.kind(), object.name()));
    }
    for (key, value) in object.meta(what).fields() {
        c.line(&format!("{}{key}={}", if single { "" } else { " " }, value.str()));
    }
}

/// Mirrors parseLabels.
fn parse(pairs: &[String]) -> Result<Change, Error> {
    let mut change = Change { set: Vec::new(), remove: Vec::new() };
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

async fn one(
    c: &Ctx,
    info: &Info,
    change: &Change,
    dry_run: DryRun,
) -> Result<(Object, &'static str), Error> {
    let ask_server = dry_run != DryRun::Client && !c.on("local") && !c.on("list");
    let labels = info.object.labels();
    if ask_server {
        for key in change.remove.iter().filter(|k| labels[k.as_str()].is_null()) {
            c.line(&format!("label {} not found.", go::quote(key)));
        }
    }
    if !c.on("overwrite") {
        let taken =
            change.set.iter().filter(|(k, v)| labels[k.as_str()].as_str().is_some_and(|old| old != v));
        let errors = taken.map(|(k, _)| {
            let old = labels[k.as_str()].str();
            Error::Message(format!("'{k}' already has a value ({old}), and --overwrite is false"))
        });
        Error::all(errors.collect())?;
    }
    let mut new = if labels.is_null() { Value::object() } else { labels.clone() };
    let added = change.set.iter().filter(|(k, v)| labels[k.as_str()] != v.as_str()).count();
    change.set.iter().for_each(|(k, v)| new.set(k, v));
    let removed = change.remove.iter().filter_map(|k| new.remove(k)).count();
    let mut object = info.object.clone();
    object.meta_mut().insert("labels", new);
    let mut before = info.object.0.clone();
    if !c.text("resource-version").is_empty() {
        before.remove_at("metadata.resourceVersion");
        object.meta_mut().insert("resourceVersion", c.text("resource-version").into());
    }
    if ask_server && added + removed > 0 {
        let patch = create_merge_patch(&before, &object);
        object = common::patch(c, &info.path(), MERGE_PATCH, patch, dry_run).await?;
    }
    Ok((
        object,
        match (added, removed) {
            (0, 0) => "not labeled",
            (0, _) => "unlabeled",
            (_, 0) => "labeled",
            _ => "modified",
        },
    ))
}
