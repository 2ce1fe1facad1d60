//! `kubectl create`: from files, or one kind by a subcommand of its own. Mirrors kubectl/pkg/cmd/create.

mod configmap;
mod cronjob;
mod deployment;
mod ingress;
mod job;
mod namespace;
mod poddisruptionbudget;
mod priorityclass;
mod quota;
mod role;
mod rolebinding;
mod secret;
mod service;
mod serviceaccount;
mod sources;

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, RECORD_FLAGS, SAVE_CONFIG, VALIDATE, field_manager};
use crate::discovery::Mapping;
use crate::flags::{Flag, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Object, Value};
use std::rc::Rc;

/// `kubectl create`.
pub const COMMAND: Command = Command {
    name: "create",
    usage: "-f FILENAME",
    short: "Create a resource from a file or from stdin",
    long: "Create a resource from a file or from stdin.\n\n Files may be JSON or YAML.",
    examples: "# A pod from a file\nkubectl create -f ./pod.yaml\n# A pod from standard input\ncat pod.yaml | kubectl create -f -",
    flags: &[FLAGS, GENERATOR_FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    subs: &[(
        "Available Commands:",
        &[
            &role::CLUSTER_ROLE,
            &rolebinding::CLUSTER_ROLE_BINDING,
            &configmap::COMMAND,
            &cronjob::COMMAND,
            &deployment::COMMAND,
            &ingress::COMMAND,
            &job::COMMAND,
            &namespace::COMMAND,
            &poddisruptionbudget::COMMAND,
            &priorityclass::COMMAND,
            &quota::COMMAND,
            &role::COMMAND,
            &rolebinding::COMMAND,
            &secret::COMMAND,
            &service::COMMAND,
            &serviceaccount::COMMAND,
            &Command::refused("token", "Request a service account token"),
        ],
    )],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("edit", ' ', "Edit the object before it is created.").refused(),
    text("raw", ' ', "", "Path to POST to, as it is.").refused(),
    text("selector", 'l', "", "Labels to select by among what the files hold."),
    switch("windows-line-endings", ' ', "Only with --edit.").refused(),
];

/// The flags of every subcommand.
pub static GENERATOR_FLAGS: &[Flag] = &[DRY_RUN, SAVE_CONFIG, VALIDATE, field_manager("kubectl-create")];

async fn run(c: &Ctx) -> Result<(), Error> {
    if c.values("filename").is_empty() && c.text("kustomize").is_empty() {
        return Err(match c.args.is_empty() {
            true => "must specify one of -f and -k".into(),
            false => unexpected_args(c),
        });
    }
    if !c.args.is_empty() {
        return Err(unexpected_args(c));
    }
    let dry_run = DryRun::of(c)?;
    let validation = common::validation(c)?;
    let mut printer = common::printer(c, "created", dry_run)?;
    let found = Builder::new(c)?.selector(c.text("selector")).validated(c.text("validate")).find(c).await?;
    let (mut errors, mut count) = (Vec::new(), 0);
    for item in found.items {
        let result = async {
            let mut info = item?;
            common::record(c, &mut info.object);
            if c.on("save-config") {
                info.object = common::with_configuration(&info.object);
            }
            if dry_run != DryRun::Client {
                let made = common::create(c, &info, dry_run, validation).await;
                info.refresh(made.map_err(|e| e.when("creating", &info.source))?);
            }
            count += 1;
            printer.print(c, &info.object)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)?;
    if count == 0 { Err("no objects passed to create".into()) } else { Ok(()) }
}

/// The error of words where none belong.
pub fn unexpected_args(c: &Ctx) -> Error {
    c.usage_error(&format!("Unexpected args: [{}]", c.args.join(" ")))
}

/// Where objects of a kind live, for the kinds that kubectl itself makes.
pub fn mapping(object: &Value, plural: &str, namespaced: bool) -> Mapping {
    let api_version = object["apiVersion"].str();
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    Mapping {
        group: group.into(),
        version: version.into(),
        kind: object["kind"].str().into(),
        plural: plural.into(),
        namespaced,
        ..Mapping::default()
    }
}

/// Creates an object that a subcommand made, and prints it. `failure` stands before the server's error, such as
/// `failed to create deployment:`; when it is empty, the error is passed on as it is.
pub async fn finish(c: &Ctx, object: Value, plural: &str, failure: &str) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let mut printer = common::printer(c, "created", dry_run)?;
    printer.typed = true;
    let validation = common::validation(c)?;
    let namespaced =
        !matches!(plural, "namespaces" | "clusterroles" | "clusterrolebindings" | "priorityclasses");
    let mapping = mapping(&object, plural, namespaced);
    let (namespace, given) = c.namespace()?;
    let mut object = Object(object);
    if namespaced && given {
        object.meta_mut().insert("namespace", namespace.as_str().into());
    }
    if c.on("save-config") {
        object = common::with_configuration(&object);
    }
    if dry_run != DryRun::Client {
        let namespace = if namespaced { namespace } else { String::new() };
        let info = Info {
            mapping: Rc::new(mapping),
            namespace,
            name: object.name().into(),
            source: String::new(),
            object: object.clone(),
        };
        object = common::create(c, &info, dry_run, validation).await.map_err(|e| match failure {
            "" => e,
            failure => Error::Message(format!("{failure} {}", e.text())),
        })?;
    }
    printer.print(c, &object)
}
