//! `kubectl set`: one aspect of what exists. Mirrors kubectl/pkg/cmd/set.

mod env;
mod image;
pub mod resources;
mod selector;
mod serviceaccount;

use crate::builder::Info;
use crate::cmd::common::{self, DRY_RUN, DryRun, LOCAL, field_manager};
use crate::flags::{Flag, switch, text};
use crate::printers::Printer;
use crate::{Command, Ctx, Error};
use api::decode::Strictness;
use apimachinery::patch::{create_merge_patch, two_way_strategic_patch};
use apimachinery::rest::{MERGE_PATCH, STRATEGIC_PATCH};
use apimachinery::{Object, Value};

/// `kubectl set`.
pub const COMMAND: Command = Command {
    name: "set",
    usage: "SUBCOMMAND",
    short: "Set specific features on objects",
    long: "Set specific features on objects: these commands change one aspect of what exists already.",
    subs: &[(
        "Available Commands:",
        &[
            &env::COMMAND,
            &image::COMMAND,
            &resources::COMMAND,
            &selector::COMMAND,
            &serviceaccount::COMMAND,
            &Command::refused(
                "subject",
                "Update the user, group, or service account in a role binding or cluster role binding",
            ),
        ],
    )],
    ..Command::NEW
};

/// The flags of every subcommand.
static SET_FLAGS: &[Flag] = &[
    switch("all", ' ', "All resources of the types, in the namespace."),
    DRY_RUN,
    field_manager("kubectl-set"),
    LOCAL,
    text("selector", 'l', "", "Labels to select by."),
];

/// Where the pod template's spec stands in an object. Mirrors polymorphichelpers.updatePodSpecForObject.
fn pod_spec(object: &Object) -> Result<&'static str, String> {
    match object.kind() {
        "Pod" => Ok("spec"),
        "Deployment" | "ReplicaSet" | "ReplicationController" | "DaemonSet" | "StatefulSet" | "Job" => {
            Ok("spec.template.spec")
        }
        "CronJob" => Ok("spec.jobTemplate.spec.template.spec"),
        kind => {
            let version = object.api_version().rsplit('/').next().unwrap_or_default();
            Err(format!("the object is not a pod or does not have a pod template: *{version}.{kind}"))
        }
    }
}

/// Changes the containers (ordinary ones first) whose names fit; gives back how many did.
fn change_containers(
    object: &mut Object,
    fits: &dyn Fn(&str) -> bool,
    change: &mut dyn FnMut(&mut Value),
) -> Result<usize, String> {
    let path = pod_spec(object)?;
    let spec = object.at_mut(path);
    let mut count = 0;
    for list in ["containers", "initContainers"] {
        if spec[list].is_empty() {
            continue;
        }
        for container in spec.field_mut(list).array_mut() {
            if fits(container["name"].str()) {
                change(container);
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Whether a name fits a pattern in which `*` stands for anything. Mirrors selectString.
fn wildcard(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Sends what is different, if anything is, and prints it: who sets what is set already reads nothing.
async fn send_changes(
    c: &Ctx,
    info: &Info,
    mut object: Object,
    dry_run: DryRun,
    printer: &mut Printer,
    failure: &str,
) -> Result<(), Error> {
    common::record(c, &mut object);
    match object == info.object {
        true => Ok(()),
        false => send(c, info, object, dry_run, printer, failure).await,
    }
}

/// Sends a patch, be it an empty one, and prints the answer. `failure` stands before the server's error.
async fn send(
    c: &Ctx,
    info: &Info,
    object: Object,
    dry_run: DryRun,
    printer: &mut Printer,
    failure: &str,
) -> Result<(), Error> {
    if c.on("local") || dry_run == DryRun::Client {
        return printer.print(c, &object);
    }
    let (patch, kind) = match api::merge_schema(&info.mapping.api_version(), &info.mapping.kind) {
        Some(schema) => {
            let patch = two_way_strategic_patch(&info.object, &object, schema);
            (patch.map_err(|e| Error::Message(e.message))?, STRATEGIC_PATCH)
        }
        None => (create_merge_patch(&info.object, &object), MERGE_PATCH),
    };
    match common::patch(c, &info.path(), kind, patch, dry_run).await {
        Ok(patched) => printer.print(c, &patched),
        Err(e) if failure.is_empty() => Err(e),
        Err(e) => Err(Error::Message(format!("{failure} {}", e.text()))),
    }
}

/// The checks of every subcommand.
fn check(c: &Ctx, dry_run: DryRun) -> Result<(), Error> {
    if c.on("local") && dry_run == DryRun::Server {
        return Err("cannot specify --local and --dry-run=server - did you mean --dry-run=client?".into());
    }
    if c.on("all") && !c.text("selector").is_empty() {
        return Err("cannot set --all and --selector at the same time".into());
    }
    Ok(())
}

/// What the words and files of a subcommand mean.
async fn find(c: &Ctx, resources: &[String]) -> Result<Vec<Info>, Error> {
    if c.on("local") && !resources.is_empty() {
        return Err(
            "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'".into()
        );
    }
    let builder = crate::builder::Builder::new(c)?.local(c.on("local")).selector(c.text("selector"));
    let builder = builder.args(resources, c.on("all"));
    if !c.on("local") {
        return builder.latest().find(c).await?.all();
    }
    let mut infos = builder.find(c).await?.all()?;
    for info in &mut infos {
        // The real one reads files into Go's structs, and so writes what those always write.
        if let Some(kind) = api::by_kind(info.object.api_version(), info.object.kind()) {
            let read = kind.decode(&info.object.0, Strictness::Ignore);
            info.object = Object(read?.0);
        }
    }
    Ok(infos)
}

#[cfg(test)]
mod tests {
    use super::wildcard;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, fits) in [
            ("*", "web", true),
            ("web", "web", true),
            ("web", "web2", false),
            ("w*b", "web", true),
            ("w*x", "web", false),
        ] {
            assert_eq!(wildcard(pattern, name), fits, "{pattern} {name}");
        }
    }
}
