//! What several commands share: dry runs, field validation, annotations of kubectl's own, creating.

use crate::builder::Info;
use crate::flags::{Flag, switch, text};
use crate::printers::Printer;
use crate::{Ctx, Error, go};
use apimachinery::patch::create_merge_patch;
use apimachinery::rest::{MERGE_PATCH, Method};
use apimachinery::{Object, Request, Value};

/// `--dry-run`.
pub const DRY_RUN: Flag = text(
    "dry-run",
    ' ',
    "none",
    "Must be \"none\", \"server\", or \"client\". \"client\" only prints what would be sent; \"server\" sends it, but nothing is stored.",
)
.alone("unchanged");

/// `--validate`.
pub const VALIDATE: Flag = text(
    "validate",
    ' ',
    "strict",
    "What happens with unknown or duplicate fields: strict (or true) refuses them, warn warns, ignore (or false) lets them pass.",
)
.alone("strict");

/// The annotation that says why something was changed.
pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// `--record`, of the commands that change something.
pub static RECORD_FLAGS: &[Flag] =
    &[switch("record", ' ', "Keep this command line in an annotation of the resource.")
        .deprecated("--record will be removed in the future")];

/// With `--record`: writes the command line into an object that is about to be sent. Mirrors ChangeCauseRecorder.Record.
pub fn record(c: &Ctx, object: &mut Object) {
    if c.has_flag("record") && c.on("record") {
        let mut annotations = object.meta("annotations").clone();
        annotations.set(CHANGE_CAUSE, c.command_line());
        object.meta_mut().insert("annotations", annotations);
    }
}

/// With `--record`: keeps the command line in an object that was changed already, by a patch of its own. That this does
/// not work is no error, as what was asked for is done.
pub async fn record_afterwards(c: &Ctx, info: &Info, object: &Object, dry_run: DryRun) {
    let mut recorded = object.clone();
    record(c, &mut recorded);
    if recorded != *object {
        let patch = create_merge_patch(object, &recorded);
        let _ = self::patch(c, &info.path(), MERGE_PATCH, patch, dry_run).await;
    }
}

/// `--save-config`.
pub const SAVE_CONFIG: Flag =
    switch("save-config", ' ', "Keep the configuration in an annotation, for a later kubectl apply.");

/// `--field-manager`, with the command's own default.
pub const fn field_manager(default: &'static str) -> Flag {
    text("field-manager", ' ', default, "Name of the manager under which changed fields are tracked.")
}

/// The annotation in which apply keeps what it applied.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether something is only tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// It is done.
    None,
    /// Only printed.
    Client,
    /// Sent, but not stored.
    Server,
}

impl DryRun {
    /// From the command line. Mirrors cmdutil.GetDryRunStrategy.
    pub fn of(c: &Ctx) -> Result<DryRun, Error> {
        match c.text("dry-run") {
            "none" => Ok(DryRun::None),
            "client" => Ok(DryRun::Client),
            "server" => Ok(DryRun::Server),
            "unchanged" => {
                c.err_line(&klog(
                    c,
                    "helpers.go:719] --dry-run is deprecated and can be replaced with --dry-run=client.",
                ));
                Ok(DryRun::Client)
            }
            "" => Err("Invalid dry-run value (). Must be \"none\", \"server\", or \"client\".".into()),
            other => Err(Error::Message(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }

    /// What follows an operation: ` (dry run)`.
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

/// A warning in the form of klog: `W1123 02:06:57.258481       1 helpers.go:719] ...`.
fn klog(c: &Ctx, text: &str) -> String {
    let now = apimachinery::time::format_micro(c.env.clock.now());
    let (date, clock) = now.trim_end_matches('Z').split_once('T').unwrap_or_default();
    let day = date.get(5..).unwrap_or_default().replace('-', "");
    format!("W{day} {clock}       1 {text}")
}

/// The printer of `-o` for an operation, with the words of a dry run.
pub fn printer(c: &Ctx, operation: &str, dry_run: DryRun) -> Result<Printer, Error> {
    Printer::new(c, &format!("{operation}{}", dry_run.suffix()))
}

/// The `fieldValidation` that `--validate` asks for. Mirrors cmdutil.GetValidationDirective.
pub fn validation(c: &Ctx) -> Result<&'static str, Error> {
    Ok(match c.text("validate") {
        "strict" | "true" | "t" | "T" | "TRUE" | "True" | "1" => "Strict",
        "warn" => "Warn",
        "ignore" | "false" | "f" | "F" | "FALSE" | "False" | "0" => "Ignore",
        other => {
            return Err(Error::Message(format!(
                "invalid - validate option {}; must be one of: strict (or true), warn, ignore (or false)",
                go::quote(other)
            )));
        }
    })
}

/// Adds what every writing request says about itself.
pub fn writing(c: &Ctx, mut request: Request, dry_run: DryRun, validation: &str) -> Request {
    if dry_run == DryRun::Server {
        request = request.with("dryRun", "All");
    }
    if c.has_flag("field-manager") {
        request = request.with("fieldManager", c.text("field-manager"));
    }
    if !validation.is_empty() {
        request = request.with("fieldValidation", validation);
    }
    request
}

/// POSTs an object into its collection.
pub async fn create(c: &Ctx, info: &Info, dry_run: DryRun, validation: &str) -> Result<Object, Error> {
    let request =
        Request::new(Method::Post, info.mapping.path(&info.namespace)).with_body(info.object.0.clone());
    c.object(writing(c, request, dry_run, validation)).await
}

/// The object as apply keeps it: without the annotation in which it does so.
pub fn bare(object: &Object) -> Object {
    let mut annotations = object.meta("annotations").clone();
    annotations.remove(LAST_APPLIED);
    let mut copy = object.clone();
    copy.meta_mut().insert("annotations", if annotations.is_null() { Value::object() } else { annotations });
    copy
}

/// That as compact JSON with a newline. Mirrors util.GetModifiedConfiguration.
pub fn configuration(object: &Object) -> String {
    go::json(&bare(object), "") + "\n"
}

/// The object with its own configuration in the annotation. Mirrors util.CreateApplyAnnotation.
pub fn with_configuration(object: &Object) -> Object {
    let text = configuration(object);
    let mut object = object.clone();
    let mut annotations = object.meta("annotations").clone();
    annotations.set(LAST_APPLIED, text);
    object.meta_mut().insert("annotations", annotations);
    object
}

/// The one NAME of `kubectl create ... NAME`. Mirrors create.NameFromCommandArgs.
pub fn name_from_args(c: &Ctx) -> Result<&str, Error> {
    let count = c.dash.unwrap_or(c.args.len());
    match count {
        1 => Ok(&c.args[0]),
        n => Err(c.usage_error(&format!("exactly one NAME is required, got {n}"))),
    }
}

/// The flags of commands that change many resources at once.
pub static SELECT_FLAGS: &[Flag] = &[
    switch("all", ' ', "All resources of the types, in the namespace."),
    switch("all-namespaces", 'A', "In all namespaces."),
    text("field-selector", ' ', "", "Fields to select by, with '=', '==' and '!='."),
    text("selector", 'l', "", "Labels to select by."),
    LOCAL,
];

/// `--local`.
pub const LOCAL: Flag = switch("local", ' ', "Ask no server: the resources are those in the files.");

/// `--subresource`.
pub const SUBRESOURCE: Flag =
    text("subresource", ' ', "", "The subresource that is meant, such as status or scale.");

/// Splits words into resources and `key=value` or `key-` pairs. Mirrors cmdutil.GetResourcesAndPairs.
pub fn resources_and_pairs(args: &[String], what: &str) -> Result<(Vec<String>, Vec<String>), Error> {
    let is_pair = |s: &str| s.contains('=') && !s.starts_with('=') || s.ends_with('-') && s != "-";
    let first = args.iter().position(|a| is_pair(a)).unwrap_or(args.len());
    let (resources, pairs) = args.split_at(first);
    match pairs.iter().find(|a| !is_pair(a)) {
        Some(word) => {
            Err(Error::Message(format!("all resources must be specified before {what} changes: {word}")))
        }
        None => Ok((resources.to_vec(), pairs.to_vec())),
    }
}

/// The checks that commands with [`SELECT_FLAGS`] share.
pub fn check_selection(c: &Ctx, resources: &[String], dry_run: DryRun) -> Result<(), Error> {
    for name in ["selector", "field-selector"] {
        if c.on("all") && !c.text(name).is_empty() {
            return Err(Error::Message(format!("cannot set --all and --{name} at the same time")));
        }
    }
    let no_files = c.values("filename").is_empty() && c.text("kustomize").is_empty();
    if !c.on("local") {
        return match resources.is_empty() && no_files {
            true => {
                Err("one or more resources must be specified as <resource> <name> or <resource>/<name>"
                    .into())
            }
            false => Ok(()),
        };
    }
    if dry_run == DryRun::Server {
        return Err("cannot specify --local and --dry-run=server - did you mean --dry-run=client?".into());
    }
    if !resources.is_empty() {
        return Err(
            "can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set".into(),
        );
    }
    if no_files {
        return Err("one or more files must be specified as -f pod.yaml or --filename=pod.json".into());
    }
    Ok(())
}

/// Sends a patch of an object (or of one of its subresources).
pub async fn patch(c: &Ctx, path: &str, kind: &str, patch: Value, dry_run: DryRun) -> Result<Object, Error> {
    let request = Request::patch(path, kind, patch);
    c.object(writing(c, request, dry_run, "")).await
}
