//! `kubectl patch`. Mirrors kubectl/pkg/cmd/patch.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DRY_RUN, DryRun, LOCAL, RECORD_FLAGS, SUBRESOURCE, field_manager};
use crate::flags::{Flag, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::patch::{JsonPatchError, json_patch, merge_patch, strategic_merge};
use apimachinery::rest::{Body, JSON_PATCH, MERGE_PATCH, Method, STRATEGIC_PATCH};
use apimachinery::yaml;
use apimachinery::{Object, Request, Value};

/// `kubectl patch`.
pub const COMMAND: Command = Command {
    name: "patch",
    usage: "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    short: "Update fields of a resource",
    long: "Update fields of a resource with a strategic merge patch, a JSON merge patch, or a JSON patch.\n\n Patches may be JSON or YAML.",
    examples: "# A strategic merge patch\nkubectl patch node minikube -p '{\"spec\":{\"unschedulable\":true}}'\n# One container's image, found by its name\nkubectl patch pod web -p '{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"new image\"}]}}'\n# A JSON patch\nkubectl patch pod web --type='json' -p='[{\"op\": \"replace\", \"path\": \"/spec/containers/0/image\", \"value\":\"new image\"}]'\n# How many pods, through the scale subresource\nkubectl patch deployment web --subresource='scale' --type='merge' -p '{\"spec\":{\"replicas\":2}}'",
    flags: &[FLAGS, FILE_FLAGS, PRINT_FLAGS, RECORD_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    DRY_RUN,
    field_manager("kubectl-patch"),
    LOCAL,
    text("patch", 'p', "", "The patch."),
    text("patch-file", ' ', "", "File with the patch."),
    SUBRESOURCE,
    text("type", ' ', "strategic", "The type of the patch; one of [json merge strategic]."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let dry_run = DryRun::of(c)?;
    let kind = validate(c, dry_run)?;
    let text = match c.text("patch-file") {
        "" => c.text("patch").to_string(),
        file => {
            let bytes = c
                .read_file(file)
                .map_err(|e| Error::Message(format!("unable to read patch file: {}", e.text())))?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let patch = parse(&text)
        .map_err(|why| Error::Message(format!("unable to parse {}: {why}", go::quote(c.text("patch")))))?;
    let mut printer = common::printer(c, "patched", dry_run)?;
    let builder =
        Builder::new(c)?.local(c.on("local")).subresource(c.text("subresource")).args(&c.args, false);
    let (mut errors, mut count) = (Vec::new(), 0);
    for item in builder.find(c).await?.items {
        let result = async {
            let info = item?;
            count += 1;
            let patched = match c.on("local") || dry_run == DryRun::Client {
                true => patched_locally(&info, kind, &patch)?,
                false => send(c, &info, kind, &patch, dry_run).await?,
            };
            if !c.on("local") && dry_run != DryRun::Client {
                common::record_afterwards(c, &info, &patched, dry_run).await;
            }
            let changed = if patched == info.object { "patched (no change)" } else { "patched" };
            printer.operation(&format!("{changed}{}", dry_run.suffix()));
            printer.print(c, &patched)
        };
        errors.extend(result.await.err());
    }
    Error::all(errors)?;
    if count == 0 { Err("no objects passed to patch".into()) } else { Ok(()) }
}

/// The `Content-Type` of `--type`.
fn validate(c: &Ctx, dry_run: DryRun) -> Result<&'static str, Error> {
    let (inline, file) = (!c.text("patch").is_empty(), !c.text("patch-file").is_empty());
    if inline && file {
        return Err("cannot specify --patch and --patch-file together".into());
    }
    if !inline && !file {
        return Err("must specify --patch or --patch-file containing the contents of the patch".into());
    }
    if c.on("local") && !c.args.is_empty() {
        return Err("cannot specify --local and server resources".into());
    }
    if c.on("local") && dry_run == DryRun::Server {
        return Err("cannot specify --local and --dry-run=server - did you mean --dry-run=client?".into());
    }
    match c.text("type").to_lowercase().as_str() {
        "json" => Ok(JSON_PATCH),
        "merge" => Ok(MERGE_PATCH),
        "strategic" | "" => Ok(STRATEGIC_PATCH),
        _ => Err(Error::Message(format!(
            "--type must be one of [json merge strategic], not {}",
            go::quote(c.text("type"))
        ))),
    }
}

/// YAML becomes JSON; what looks like JSON goes to the server as it is, right or wrong. Mirrors yaml.ToJSON.
fn parse(text: &str) -> Result<Body, String> {
    if text.trim_start().starts_with('{') {
        return Ok(Value::from_json(text).map_or_else(|_| Body::Text(text.into()), Body::Value));
    }
    yaml::parse(text).map(Body::Value)
}

async fn send(c: &Ctx, info: &Info, kind: &str, patch: &Body, dry_run: DryRun) -> Result<Object, Error> {
    let path = match c.text("subresource") {
        "" => info.path(),
        subresource => format!("{}/{subresource}", info.path()),
    };
    let mut request = Request::new(Method::Patch, path);
    request.content_type = kind.into();
    request.body = patch.clone();
    c.object(common::writing(c, request, dry_run, "")).await
}

/// Mirrors getPatchedJSON.
fn patched_locally(info: &Info, kind: &str, patch: &Body) -> Result<Object, Error> {
    let Body::Value(patch) = patch else { return Err("the patch is no JSON".into()) };
    let object = &info.object.0;
    let patched = match kind {
        JSON_PATCH => json_patch(object, patch).map_err(|e| {
            Error::from(match e {
                JsonPatchError::Malformed(why) => why,
                _ => "the patch does not fit the object".to_string(),
            })
        })?,
        MERGE_PATCH => merge_patch(object, patch),
        _ => {
            let schema =
                api::merge_schema(info.object.api_version(), info.object.kind()).ok_or_else(|| {
                    Error::Message(format!(
                        "strategic merge patch is not supported for {} locally, try --type merge",
                        info.mapping.gvk()
                    ))
                })?;
            strategic_merge(object, patch, schema).map_err(|e| Error::Message(e.message))?
        }
    };
    Ok(Object(patched))
}
