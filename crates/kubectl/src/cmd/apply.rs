//! `kubectl apply`: the client's three-way merge. Mirrors kubectl/pkg/cmd/apply.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, LAST_APPLIED, RECORD_FLAGS, VALIDATE};
use crate::cmd::delete::{self, propagation, wait_gone};
use crate::flags::{Flag, array, duration, int, on, switch, text};
use crate::printers::{PRINT_FLAGS, list_of};
use crate::{Command, Ctx, Error};
use apimachinery::patch::{merge_patch, strategic_merge, three_way_merge_patch, three_way_strategic_patch};
use apimachinery::rest::{MERGE_PATCH, STRATEGIC_PATCH};
use apimachinery::yaml;
use apimachinery::{Object, Value};
use sim::Duration;

/// `kubectl apply`.
pub const COMMAND: Command = Command {
    name: "apply",
    usage: "(-f FILENAME | -k DIRECTORY)",
    short: "Apply a configuration to a resource by file name or stdin",
    long: "Apply a configuration to a resource by file name or stdin. What does not exist yet is created. Use 'apply' or 'create --save-config' from the start on what you want to keep applying.\n\n Files may be JSON or YAML.",
    examples: "# What a manifest describes\nkubectl apply -f ./pod.yaml\n# What comes in on standard input\ncat pod.yaml | kubectl apply -f -",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    subs: &[(
        "Available Commands:",
        &[
            &Command::refused(
                "edit-last-applied",
                "Edit latest last-applied-configuration annotations of a resource/object",
            ),
            &Command::refused(
                "set-last-applied",
                "Set the last-applied-configuration annotation on a live object to match the contents of a file",
            ),
            &VIEW_LAST_APPLIED,
        ],
    )],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all", ' ', "With --prune: all resources of the types."),
    text("applyset", ' ', "", "The parent of the set, for pruning.").refused(),
    text(
        "cascade",
        ' ',
        "background",
        "What happens to what a deleted resource owns: background, orphan or foreground.",
    )
    .alone("background"),
    DRY_RUN,
    common::field_manager("kubectl-client-side-apply"),
    switch("force", ' ', "Delete and create again what cannot be changed."),
    switch("force-conflicts", ' ', "With --server-side: take fields from their managers.").refused(),
    int("grace-period", ' ', "-1", "Seconds that a deleted resource gets to end."),
    on("openapi-patch", ' ', "Take merge rules from the server's description of its types."),
    on("overwrite", ' ', "Settle conflicts between the live and the new configuration for the new one."),
    switch("prune", ' ', "Delete what was applied before and is no longer in the files.").refused(),
    array("prune-allowlist", ' ', "What may be pruned.").refused(),
    text("selector", 'l', "", "Labels to select by among what the files hold."),
    switch("server-side", ' ', "Let the server merge.").refused(),
    common::SUBRESOURCE.refused(),
    duration("timeout", "0s", "How long to wait for a deleted resource to be gone."),
    VALIDATE,
    switch("wait", ' ', "Wait until deleted resources are gone."),
];

/// How often a patch is tried again after a conflict, and how often without a pause before it.
const RETRIES: usize = 5;
const RETRIES_AT_ONCE: usize = 1;

async fn run(c: &Ctx) -> Result<(), Error> {
    if !c.args.is_empty() {
        return Err(c.usage_error(&format!("Unexpected args: [{}]", c.args.join(" "))));
    }
    if c.values("filename").is_empty() && c.text("kustomize").is_empty() {
        return Err("must specify one of -f and -k".into());
    }
    let dry_run = DryRun::of(c)?;
    let validation = common::validation(c)?;
    if c.on("force") && dry_run == DryRun::Server {
        return Err("--dry-run=server cannot be used with --force".into());
    }
    let mut output = common::printer(c, "", dry_run)?;
    let found = Builder::new(c)?.selector(c.text("selector")).validated(c.text("validate")).find(c).await?;
    let (mut infos, mut errors) = (Vec::new(), Vec::new());
    for item in found.items {
        match item {
            Ok(info) => infos.push(info),
            Err(e) => errors.push(e),
        }
    }
    // What could not be read counts as one error beside those of applying.
    let mut errors: Vec<Error> = Error::all(std::mem::take(&mut errors)).err().into_iter().collect();
    if infos.is_empty() && errors.is_empty() {
        return Err("no objects passed to apply".into());
    }
    for info in &mut infos {
        match apply(c, info, dry_run, validation).await {
            Ok(operation) if output.is_name() => {
                output.operation(&format!("{operation}{}", dry_run.suffix()));
                output.print(c, &info.object)?;
            }
            Ok(_) => {}
            Err(e) => errors.push(e),
        }
    }
    Error::all(errors)?;
    if output.is_name() {
        return Ok(());
    }
    let objects: Vec<Object> = infos.into_iter().map(|i| i.object).collect();
    match objects.as_slice() {
        [one] => output.print(c, one),
        _ => output.print(c, &list_of(objects)),
    }
}

/// Applies one object; gives back what was done. Mirrors applyOneObject.
async fn apply(c: &Ctx, info: &mut Info, dry_run: DryRun, validation: &str) -> Result<&'static str, Error> {
    let what = format!(
        "Resource: {:?}, GroupVersionKind: {:?}\nName: {:?}, Namespace: {:?}",
        info.mapping.gvr(),
        info.mapping.gvk(),
        info.name,
        info.namespace
    );
    if info.name.is_empty() && !info.object.meta("generateName").is_empty() {
        let prefix = info.object.meta("generateName").str();
        return Err(Error::Message(format!("from {prefix}: cannot use generate name with apply")));
    }
    common::record(c, &mut info.object);
    let modified = common::with_configuration(&info.object);
    let current = match info.name.as_str() {
        "" => Err("resource name may not be empty".into()),
        _ => info.get(c).await,
    };
    let current = match current {
        Ok(current) => current,
        Err(e) if !e.is_not_found() => {
            let verb = format!("retrieving current configuration of:\n{what}\nfrom server for:");
            return Err(e.context(&format!("error when {verb} {:?}", info.source)));
        }
        Err(_) => {
            info.object = Object(without_nulls(&modified));
            if dry_run != DryRun::Client {
                let made = common::create(c, info, dry_run, validation).await;
                info.refresh(made.map_err(|e| e.when("creating", &info.source))?);
            }
            return Ok("created");
        }
    };
    if current.annotation(LAST_APPLIED).is_none() {
        c.err_line(&format!(
            "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            info.mapping.plural, info.name
        ));
    }
    let (patch, object) = match dry_run {
        DryRun::Client => local(info, &current, &modified),
        _ => patch(c, info, current, &modified, dry_run, validation).await,
    }
    .map_err(|(e, patch)| match patch {
        Some(patch) => {
            let verb = format!("applying patch:\n{}\nto:\n{what}\nfor:", crate::go::json(&patch, ""));
            e.context(&format!("error when {verb} {:?}", info.source))
        }
        None => e,
    })?;
    info.refresh(object);
    if info.object.is_terminating() {
        c.err_line(&format!(
            "Warning: Detected changes to resource {} which is currently being deleted.",
            info.name
        ));
    }
    Ok(if patch.is_empty() { "unchanged" } else { "configured" })
}

/// An error with the patch that could not be applied.
pub type PatchFailure = (Error, Option<Value>);

/// The patch, and its `Content-Type`. Kinds that kubectl does not know are merged without a schema.
pub fn make_patch(
    info: &Info,
    current: &Value,
    modified: &Value,
) -> Result<(Value, &'static str), PatchFailure> {
    let last = current["metadata"]["annotations"][LAST_APPLIED].str();
    let original = Value::from_json(if last.is_empty() { "{}" } else { last })
        .map_err(|e| (Error::Message(e.to_string()), None))?;
    match api::merge_schema(&info.mapping.api_version(), &info.mapping.kind) {
        Some(schema) => three_way_strategic_patch(&original, modified, current, schema)
            .map(|patch| (patch, STRATEGIC_PATCH))
            .map_err(|e| (Error::Message(e.message), None)),
        None => Ok((three_way_merge_patch(&original, modified, current), MERGE_PATCH)),
    }
}

fn local(info: &Info, current: &Object, modified: &Object) -> Result<(Value, Object), PatchFailure> {
    let (patch, _) = make_patch(info, current, modified)?;
    let patched = match api::merge_schema(&info.mapping.api_version(), &info.mapping.kind) {
        Some(schema) => strategic_merge(current, &patch, schema)
            .map_err(|e| (Error::Message(e.message), Some(patch.clone())))?,
        None => merge_patch(current, &patch),
    };
    Ok((patch, Object(patched)))
}

/// Patches the object, again after conflicts. Mirrors Patcher.Patch.
async fn patch(
    c: &Ctx,
    info: &Info,
    mut current: Object,
    modified: &Object,
    dry_run: DryRun,
    validation: &str,
) -> Result<(Value, Object), PatchFailure> {
    for attempt in 0.. {
        let (patch, kind) = make_patch(info, &current, modified)?;
        if patch.is_empty() {
            return Ok((patch, current));
        }
        let request = apimachinery::Request::patch(info.path(), kind, patch.clone());
        match c.object(common::writing(c, request, dry_run, validation)).await {
            Ok(object) => return Ok((patch, object)),
            Err(e) if e.reason() == "Conflict" && attempt < RETRIES => {
                if attempt >= RETRIES_AT_ONCE {
                    c.env.clock.sleep(Duration::from_secs(1)).await;
                }
                current = info.get(c).await.map_err(|e| (e, Some(patch)))?;
            }
            Err(e) if matches!(e.reason(), "Conflict" | "Invalid") && c.on("force") => {
                return recreate(c, info, modified, validation)
                    .await
                    .map_err(|e| (e, Some(patch.clone())))
                    .map(|o| (patch, o));
            }
            Err(e) => return Err((e.when("patching", &info.source), Some(patch))),
        }
    }
    unreachable!("the loop returns")
}

/// `--force`: deletes and creates again. Mirrors Patcher.deleteAndCreate.
async fn recreate(c: &Ctx, info: &Info, modified: &Object, validation: &str) -> Result<Object, Error> {
    let grace_period = if c.given("grace-period") { c.int("grace-period") } else { 0 };
    let request = delete::request(&info.path(), grace_period, propagation(c)?, DryRun::None);
    c.send(request).await?;
    let timeout = match c.nanos("timeout") {
        0 => Duration::from_secs(300),
        nanos => Duration::from_nanos(nanos.max(0) as u64),
    };
    wait_gone(c, &[(info.clone(), String::new())], timeout).await?;
    let info = Info { object: modified.clone(), ..info.clone() };
    common::create(c, &info, DryRun::None, validation).await
}

/// An object without fields that are null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(_) => {
            let kept =
                value.fields().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.to_string(), without_nulls(v)));
            Value::from(kept.collect::<apimachinery::Map>())
        }
        Value::Array(items) => Value::array(items.iter().map(without_nulls)),
        other => other.clone(),
    }
}

const VIEW_LAST_APPLIED: Command = Command {
    name: "view-last-applied",
    usage: "(TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)",
    short: "View the latest last-applied-configuration annotations of a resource/object",
    examples: "# What was applied last, as YAML\nkubectl apply view-last-applied deployment/web\n# The same as JSON\nkubectl apply view-last-applied -f web.yaml -o json",
    flags: &[VIEW_FLAGS, FILE_FLAGS],
    run: Some(|c| Box::pin(view_last_applied(c))),
    ..Command::NEW
};

static VIEW_FLAGS: &[Flag] = &[
    switch("all", ' ', "All resources of the types, in the namespace."),
    text("output", 'o', "yaml", "Output format: yaml or json."),
    text("selector", 'l', "", "Labels to select by."),
];

async fn view_last_applied(c: &Ctx) -> Result<(), Error> {
    let output = c.text("output");
    if !matches!(output, "yaml" | "json") {
        return Err(c.usage_error(&format!(
            "Unexpected -o output mode: {output}, the flag 'output' must be one of yaml|json"
        )));
    }
    let builder =
        Builder::new(c)?.selector(c.text("selector")).all(c.on("all")).args(&c.args, c.on("all")).latest();
    let mut configurations = Vec::new();
    for info in builder.find(c).await?.all()? {
        let Some(text) = info.object.annotation(LAST_APPLIED) else {
            return Err(c.usage_error(&format!(
                "no last-applied-configuration annotation found on resource: {}\n",
                info.name
            )));
        };
        let value = Value::from_json(text).map_err(|e| Error::Message(e.to_string()))?;
        configurations.push(if output == "yaml" {
            yaml::to_string(&value)
        } else {
            crate::go::json(&value, "  ") + "\n"
        });
    }
    configurations.iter().for_each(|text| c.out(text));
    Ok(())
}
