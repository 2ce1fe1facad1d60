//! `kubectl edit`. Mirrors kubectl/pkg/cmd/edit and kubectl/pkg/cmd/util/editor.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DryRun, SAVE_CONFIG, SUBRESOURCE, VALIDATE, field_manager};
use crate::flags::{Flag, switch};
use crate::printers::{PRINT_FLAGS, Printer};
use crate::{Command, Ctx, Error, go};
use apimachinery::patch::{create_merge_patch, two_way_strategic_patch};
use apimachinery::rest::{MERGE_PATCH, STRATEGIC_PATCH};
use apimachinery::{Object, Request, Value, json, yaml};

/// `kubectl edit`.
pub const COMMAND: Command = Command {
    name: "edit",
    usage: "(RESOURCE/NAME | -f FILENAME)",
    short: "Edit a resource on the server",
    long: "Edit a resource on the server, in your editor.\n\n What is there is shown as YAML (or JSON, with -o json). When you save and leave, what you changed is sent. If the server refuses it, the editor opens again and says why.",
    examples: "# Edit a service\nkubectl edit svc/web\n# In JSON\nkubectl edit deployment/web -o json\n# Edit its status\nkubectl edit deployment web --subresource='status'",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    field_manager("kubectl-edit"),
    switch("output-patch", ' ', "Print the patch that is sent."),
    SAVE_CONFIG,
    SUBRESOURCE,
    VALIDATE,
    switch("windows-line-endings", ' ', "Edit with the line endings of Windows.").refused(),
];

/// How often the editor opens again after errors.
const MAX_ROUNDS: usize = 100;

const HEADER: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

/// What became of one round. Mirrors editResults.
#[derive(Default)]
struct Results {
    /// What stands at the top of the file in the next round: a line, and lines below it.
    reasons: Vec<(String, Vec<String>)>,
    retryable: bool,
    not_found: bool,
    again: bool,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let validation = common::validation(c)?;
    let mut printer = Printer::new(c, "edited")?;
    let builder = Builder::new(c)?.args(&c.args, true).latest().subresource(c.text("subresource"));
    let infos = builder.find(c).await?.all()?;
    if infos.is_empty() {
        return Err("edit cancelled, no objects found".into());
    }
    let as_json = c.text("output") == "json";
    let original = shown(&infos, as_json);
    let mut text = original.clone();
    let mut edited = String::new();
    let mut reasons = Vec::new();
    for round in 0..MAX_ROUNDS {
        let header = if as_json { String::new() } else { header(&reasons) };
        let name = file_name(c, round, as_json);
        let before = std::mem::take(&mut edited);
        let Some(new) = c.env.editor.edit(&name, format!("{header}{text}")).await else {
            return Err("there was a problem with the editor".into());
        };
        edited = new;
        if round > 0 && same(&before, &edited) {
            return Err(preserved(c, &name, &edited, "Edit cancelled, no valid changes were saved."));
        }
        if same(&original, &edited) {
            c.err_line("Edit cancelled, no changes made.");
            return Ok(());
        }
        if stripped(&edited).trim().is_empty() {
            c.err_line("Edit cancelled, saved file was empty.");
            return Ok(());
        }
        text = stripped(&edited);
        let objects = match parse(&edited) {
            Ok(objects) => objects,
            Err(why) => {
                reasons = vec![(format!("The edited file had a syntax error: {why}"), Vec::new())];
                continue;
            }
        };
        let mut results = Results::default();
        for object in objects {
            if let Err(e) = send(c, &infos, object, validation, &mut printer, &mut results).await {
                return Err(preserved(c, &name, &edited, &e.text()));
            }
        }
        if results.retryable {
            save(c, &name, &edited);
            c.err_line(&format!("You can run `kubectl replace -f {name}` to try this update again."));
            return Err(Error::Exit(1));
        }
        if results.not_found {
            save(c, &name, &edited);
            let file = go::quote(&name);
            c.err_line(&format!("The edits you made on deleted resources have been saved to {file}"));
            return Err(Error::Exit(1));
        }
        if !results.again {
            return Ok(());
        }
        reasons = results.reasons;
    }
    Err("edit cancelled: too many rounds".into())
}

/// The file that the person sees. Its name has no randomness but the moment.
fn file_name(c: &Ctx, round: usize, as_json: bool) -> String {
    let number = c.env.clock.now().as_micros() % 10_000_000_000 + round as u64;
    format!("/tmp/kubectl-edit-{number}.{}", if as_json { "json" } else { "yaml" })
}

/// The objects as text, without their managed fields.
fn shown(infos: &[Info], as_json: bool) -> String {
    let bare = |info: &Info| {
        let mut object = info.object.0.clone();
        object.remove_at("metadata.managedFields");
        object
    };
    let value = match infos {
        [one] => bare(one),
        many => json!({
            "apiVersion": "v1", "kind": "List", "metadata": {}, "items": Value::array(many.iter().map(bare)),
        }),
    };
    if as_json { go::json(&value, "    ") + "\n" } else { yaml::to_string(&value) }
}

/// Mirrors editHeader.writeTo.
fn header(reasons: &[(String, Vec<String>)]) -> String {
    let hashed = |text: &str| text.replace('\n', "\n# ");
    let mut out = HEADER.to_string();
    for (head, others) in reasons {
        let colon = if others.is_empty() { "" } else { ":" };
        out.push_str(&format!("# {}{colon}\n", hashed(head)));
        others.iter().for_each(|other| out.push_str(&format!("# * {}\n", hashed(other))));
        out.push_str("#\n");
    }
    out
}

/// Without lines of comment. Mirrors cmdutil.ManualStrip.
fn stripped(text: &str) -> String {
    text.lines().filter(|l| !l.trim_start().starts_with('#')).map(|l| format!("{l}\n")).collect()
}

/// Whether two files say the same.
fn same(a: &str, b: &str) -> bool {
    let read = |text: &str| yaml::parse_any(text).ok().filter(|v| !v.is_null());
    match (read(a), read(b)) {
        (Some(a), Some(b)) => a == b,
        _ => stripped(a) == stripped(b),
    }
}

/// The objects of the edited file.
fn parse(text: &str) -> Result<Vec<Object>, String> {
    let mut objects = Vec::new();
    for document in yaml::documents(text) {
        let value = yaml::parse_any(document).map_err(|why| format!("error parsing edited-file: {why}"))?;
        if value.is_null() {
            continue;
        }
        if value["kind"].str().is_empty() {
            return Err("unable to decode \"edited-file\": Object 'Kind' is missing".into());
        }
        match value["kind"] == "List" {
            true => objects.extend(value["items"].items().iter().cloned().map(Object)),
            false => objects.push(Object(value)),
        }
    }
    Ok(objects)
}

fn save(c: &Ctx, name: &str, text: &str) {
    if let Err(e) = c.env.files.write(name, text.as_bytes()) {
        c.err_line(&format!("error: {name}: {}", e.0));
    }
}

/// Keeps the edited file because of an error.
fn preserved(c: &Ctx, name: &str, text: &str, why: &str) -> Error {
    save(c, name, text);
    c.err_line(&format!("A copy of your changes has been stored to {}", go::quote(name)));
    Error::from(why)
}

/// Sends what was changed in one object. Mirrors visitToPatch.
async fn send(
    c: &Ctx,
    infos: &[Info],
    mut object: Object,
    validation: &str,
    printer: &mut Printer,
    results: &mut Results,
) -> Result<(), Error> {
    let Some(info) = infos.iter().find(|info| info.object.uid() == object.uid()) else {
        return Err(Error::Message(format!("no original object found for {}", go::source(&object))));
    };
    let (namespace, _) = c.namespace()?;
    if info.mapping.namespaced && object.namespace() != namespace {
        return Err(Error::Message(format!(
            "the namespace from the provided object {0} does not match the namespace {1}. You must pass '--namespace={2}' to perform this operation.",
            go::quote(object.namespace()),
            go::quote(&namespace),
            object.namespace()
        )));
    }
    let managed = info.object.meta("managedFields").clone();
    if !managed.is_null() {
        object.meta_mut().insert("managedFields", managed);
    }
    if c.on("save-config") {
        object = common::with_configuration(&object);
    }
    if object == info.object {
        printer.operation("skipped");
        return printer.print(c, &object);
    }
    let (patch, kind) = match api::merge_schema(&info.mapping.api_version(), &info.mapping.kind) {
        Some(schema) => {
            let patch = two_way_strategic_patch(&info.object, &object, schema);
            (patch.map_err(|e| Error::Message(e.message))?, STRATEGIC_PATCH)
        }
        None => (create_merge_patch(&info.object, &object), MERGE_PATCH),
    };
    let changed = |path: &str| patch.fields().any(|(k, _)| k == path);
    if changed("apiVersion") || changed("kind") || patch["metadata"].fields().any(|(k, _)| k == "name") {
        return Err("At least one of apiVersion, kind and name was changed".into());
    }
    if c.on("output-patch") {
        c.line(&format!("Patch: {}", go::json(&patch, "")));
    }
    let subresource = c.text("subresource");
    let slash = if subresource.is_empty() { "" } else { "/" };
    let request = Request::patch(format!("{}{slash}{subresource}", info.path()), kind, patch);
    match c.object(common::writing(c, request, DryRun::None, validation)).await {
        Ok(patched) => {
            printer.operation("edited");
            printer.print(c, &patched)
        }
        Err(e) => {
            c.err_line(&results.add(&e, info));
            Ok(())
        }
    }
}

impl Results {
    /// Mirrors editResults.addError.
    fn add(&mut self, e: &Error, info: &Info) -> String {
        let what = format!("{} {}", info.mapping.group_resource(), go::quote(&info.name));
        match (e.reason(), e) {
            ("Invalid", Error::Status(status)) => {
                let causes = status.0.at("details.causes").items().iter();
                let lines =
                    causes.map(|cause| format!("{}: {}", cause["field"].str(), cause["message"].str()));
                self.reasons.push((format!("{what} was not valid"), lines.collect()));
                self.again = true;
                format!("error: {what} is invalid")
            }
            ("NotFound", _) => {
                self.not_found = true;
                format!("error: {what} could not be found on the server")
            }
            _ => {
                self.retryable = true;
                format!("error: {what} could not be patched: {}", e.text())
            }
        }
    }
}
