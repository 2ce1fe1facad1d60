//! What `kubectl label` and `kubectl annotate` have in common: changing a map of texts in the metadata of objects.

use crate::builder::{Builder, Info};
use crate::cmd::common::{self, DryRun, check_selection};
use crate::{Ctx, Error, go};
use apimachinery::patch::create_merge_patch;
use apimachinery::rest::MERGE_PATCH;
use apimachinery::{Object, Value};

/// What is asked for: values to set and keys to remove.
#[derive(Default)]
pub struct Change {
    /// Keys and their values.
    pub set: Vec<(String, String)>,
    /// Keys.
    pub remove: Vec<String>,
}

/// Which map is changed, and how the command speaks of it.
pub struct Target {
    /// The field of the metadata.
    pub field: &'static str,
    /// One entry of it.
    pub noun: &'static str,
    /// The operation that is printed; empty for what became of the labels.
    pub operation: &'static str,
    /// Reads the arguments that are no resources.
    pub parse: fn(&[String]) -> Result<Change, Error>,
    /// Without `--overwrite`: the error when entries have other values already.
    pub taken: fn(&Value, &Change) -> Result<(), Error>,
    /// Whether the keys that are to be removed and are not there are named.
    pub names_missing: bool,
    /// Whether the server is asked even when nothing changes.
    pub always_sent: bool,
}

/// Runs the command.
pub async fn run(c: &Ctx, target: &Target) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let (resources, pairs) = common::resources_and_pairs(&c.args, target.noun)?;
    let change = (target.parse)(&pairs)?;
    if c.on("list") && !c.text("output").is_empty() {
        return Err("--list and --output may not be specified together".into());
    }
    check_selection(c, &resources, dry_run)?;
    if change.set.is_empty() && change.remove.is_empty() && !c.on("list") {
        return Err(Error::Message(format!("at least one {} update is required", target.noun)));
    }
    let mut printer = common::printer(c, target.operation, dry_run)?;
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
            let (object, outcome) = one(c, &item?, target, &change, dry_run).await?;
            if c.on("list") {
                list(c, &object, found.single, target.field);
                return Ok(());
            }
            if target.operation.is_empty() {
                printer.operation(&format!("{outcome}{}", dry_run.suffix()));
            }
            printer.print(c, &object)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)
}

/// For `--list`.
fn list(c: &Ctx, object: &Object, single: bool, field: &str) {
    let group = object.api_version().rsplit_once('/').map_or("", |(g, _)| g);
    if !single {
        c.line(&format!("Listing {field} for {}.{group}/{}:", object.kind(), object.name()));
    }
    for (key, value) in object.meta(field).fields() {
        c.line(&format!("{}{key}={}", if single { "" } else { " " }, value.str()));
    }
}

/// Changes one object; the object, and what became of its labels.
async fn one(
    c: &Ctx,
    info: &Info,
    target: &Target,
    change: &Change,
    dry_run: DryRun,
) -> Result<(Object, &'static str), Error> {
    let ask_server = dry_run != DryRun::Client && !c.on("local") && !c.on("list");
    let old = info.object.meta(target.field);
    if ask_server && target.names_missing {
        for key in change.remove.iter().filter(|k| old[k.as_str()].is_null()) {
            c.line(&format!("{} {} not found.", target.noun, go::quote(key)));
        }
    }
    if !c.on("overwrite") {
        (target.taken)(old, change)?;
    }
    let mut new = if old.is_null() { Value::object() } else { old.clone() };
    let added = change.set.iter().filter(|(k, v)| old[k.as_str()] != v.as_str()).count();
    change.set.iter().for_each(|(k, v)| new.set(k, v));
    let removed = change.remove.iter().filter_map(|k| new.remove(k)).count();
    let mut object = info.object.clone();
    if !(old.is_null() && new.is_empty()) {
        object.meta_mut().insert(target.field, new);
    }
    common::record(c, &mut object);
    let mut before = info.object.0.clone();
    if !c.text("resource-version").is_empty() {
        before.remove_at("metadata.resourceVersion");
        object.meta_mut().insert("resourceVersion", c.text("resource-version").into());
    }
    if ask_server && (target.always_sent || object != info.object) {
        let patch = create_merge_patch(&before, &object);
        object = common::patch(c, &info.path(), MERGE_PATCH, patch, dry_run).await?;
    }
    let outcome = match (added, removed) {
        (0, 0) => "not labeled",
        (0, _) => "unlabeled",
        (_, 0) => "labeled",
        _ => "modified",
    };
    Ok((object, outcome))
}
