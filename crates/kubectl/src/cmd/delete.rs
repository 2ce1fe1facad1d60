//! `kubectl delete`. Mirrors kubectl/pkg/cmd/delete.

use crate::builder::{Builder, FILE_FLAGS, Info};
use crate::cmd::common::{self, DryRun};
use crate::flags::{Flag, duration, int, on, switch, text};
use crate::{Command, Ctx, Error};
use apimachinery::rest::Method;
use apimachinery::{Request, json};
use sim::Duration;

/// `kubectl delete`.
pub const COMMAND: Command = Command {
    name: "delete",
    usage: "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    long: "Delete resources by file names, stdin, resources and names, or by resources and label selector.\n\n Pods get time to shut down (30 seconds unless they say otherwise); --grace-period changes it, --now makes it one second, and --force with --grace-period=0 removes the object at once, whether or not its containers have stopped.",
    examples: "# What a manifest describes\nkubectl delete -f pod.yaml\n# By type and name\nkubectl delete pod,service web\n# By label\nkubectl delete pods,services -l app=web\n# Without waiting\nkubectl delete pod web --wait=false\n# Every pod of the namespace\nkubectl delete pods --all",
    flags: &[FLAGS, FILE_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all", ' ', "Delete all resources of the types, in the namespace."),
    switch("all-namespaces", 'A', "In all namespaces."),
    text(
        "cascade",
        ' ',
        "background",
        "What happens to what the resource owns: background, orphan or foreground.",
    )
    .alone("background"),
    common::DRY_RUN,
    text("field-selector", ' ', "", "Fields to select by, with '=', '==' and '!='."),
    switch("force", ' ', "Remove at once, without a graceful end."),
    int(
        "grace-period",
        ' ',
        "-1",
        "Seconds that a resource gets to end; negative means what it says itself.",
    ),
    switch("ignore-not-found", ' ', "What does not exist is no error."),
    switch("interactive", 'i', "Ask before deleting.").refused(),
    switch("now", ' ', "Same as --grace-period=1."),
    text("output", 'o', "", "Output mode; \"name\" prints only resource/name."),
    text("raw", ' ', "", "Path to DELETE at the server, as it is."),
    text("selector", 'l', "", "Labels to select by."),
    duration("timeout", "0s", "How long to wait; 0 means as long as it takes."),
    on("wait", ' ', "Wait until the resource is gone."),
];

/// How often the server is asked whether it is gone.
const POLL: Duration = Duration::from_millis(250);
/// `--timeout=0` waits for a week, as the real one.
const WEEK: u64 = 7 * 24 * 3600;

/// What deleting needs to know; `replace --force` and `run --rm` delete too.
pub struct Options {
    /// Seconds, negative for the default.
    pub grace_period: i64,
    /// `Background`, `Orphan` or `Foreground`.
    pub propagation: &'static str,
    /// Whether it is only tried.
    pub dry_run: DryRun,
    /// Whether to print only `pod/x`.
    pub name_only: bool,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    if !c.text("raw").is_empty() {
        let response = c.send(Request::new(Method::Delete, c.text("raw"))).await?;
        c.line(&crate::go::json(&response.value(), ""));
        return Ok(());
    }
    let options = options(c)?;
    let by_selector = c.on("all") || !c.text("selector").is_empty() || !c.text("field-selector").is_empty();
    let ignore_missing = c.on("ignore-not-found") || by_selector && !c.given("ignore-not-found");
    let found = Builder::new(c)?
        .all_namespaces(c.on("all-namespaces"))
        .selector(c.text("selector"))
        .field_selector(c.text("field-selector"))
        .all(c.on("all"))
        .args(&c.args, false)
        .lazy()
        .find(c)
        .await?;
    validate(c, &options)?;
    let warn_scope = c.namespace()?.1 && !c.on("all-namespaces");
    let (mut deleted, mut errors, mut count, mut warned) = (Vec::new(), Vec::new(), 0, false);
    for item in found.items {
        let result = match item {
            Ok(info) => {
                count += 1;
                if warn_scope && !info.mapping.namespaced && !std::mem::replace(&mut warned, true) {
                    c.err_line(
                        "Warning: deleting cluster-scoped resources, not scoped to the provided namespace",
                    );
                }
                delete(c, &info, &options).await.map(|uid| deleted.push((info, uid)))
            }
            Err(e) => Err(e),
        };
        match result {
            Err(e) if ignore_missing && e.is_not_found() => {}
            Err(e) => errors.push(e),
            Ok(()) => {}
        }
    }
    Error::all(errors)?;
    if count == 0 {
        c.line("No resources found");
        return Ok(());
    }
    if !c.on("wait") || options.dry_run != DryRun::None {
        return Ok(());
    }
    let timeout = match c.nanos("timeout") {
        0 => Duration::from_secs(WEEK),
        nanos => Duration::from_nanos(nanos.max(0) as u64),
    };
    wait_gone(c, &deleted, timeout).await
}

fn options(c: &Ctx) -> Result<Options, Error> {
    let mut grace_period = c.int("grace-period");
    if c.on("now") {
        if grace_period != -1 {
            return Err("--now and --grace-period cannot be specified together".into());
        }
        grace_period = 1;
    }
    if grace_period == 0 && !c.on("force") {
        grace_period = 1; // deleting at once takes both flags
    }
    if c.on("force") && grace_period < 0 {
        grace_period = 0;
    }
    let name_only = c.text("output") == "name";
    Ok(Options { grace_period, propagation: propagation(c)?, dry_run: DryRun::of(c)?, name_only })
}

/// The propagation policy of `--cascade`; of a truth value it is said that it is deprecated.
/// Mirrors delete.parseCascadingFlag.
pub fn propagation(c: &Ctx) -> Result<&'static str, Error> {
    let cascade = c.text("cascade");
    let (word, policy) = match cascade {
        "background" => return Ok("Background"),
        "orphan" => return Ok("Orphan"),
        "foreground" => return Ok("Foreground"),
        "1" | "t" | "T" | "TRUE" | "true" | "True" => ("background", "Background"),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => ("orphan", "Orphan"),
        other => {
            return Err(Error::Message(format!(
                "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
            )));
        }
    };
    c.err_line(&format!(
        "warning: --cascade={cascade} is deprecated (boolean value) and can be replaced with --cascade={word}."
    ));
    Ok(policy)
}

fn validate(c: &Ctx, options: &Options) -> Result<(), Error> {
    match c.text("output") {
        "" | "name" => {}
        other => {
            return Err(Error::Message(format!(
                "unexpected -o output mode: {other}. We only support '-o name'"
            )));
        }
    }
    if c.on("all") && !c.text("selector").is_empty() {
        return Err("cannot set --all and --selector at the same time".into());
    }
    if c.on("all") && !c.text("field-selector").is_empty() {
        return Err("cannot set --all and --field-selector at the same time".into());
    }
    if c.on("force") && options.grace_period == 0 {
        c.err_line("Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.");
    } else if c.on("force") && options.grace_period > 0 {
        return Err("--force and --grace-period greater than 0 cannot be specified together".into());
    }
    Ok(())
}

/// The request that deletes what is at a path; a negative grace period means the object's own.
pub fn request(path: &str, grace_period: i64, propagation: &str, dry_run: DryRun) -> Request {
    let mut body = json!({"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation});
    if grace_period >= 0 {
        body.set("gracePeriodSeconds", grace_period);
    }
    let request = Request::new(Method::Delete, path);
    if dry_run != DryRun::Server {
        return request.with_body(body);
    }
    body.set("dryRun", vec!["All"]);
    request.with_body(body).with("dryRun", "All")
}

/// Deletes one thing and says so; gives back its uid.
pub async fn delete(c: &Ctx, info: &Info, options: &Options) -> Result<String, Error> {
    let mut uid = String::new();
    if options.dry_run != DryRun::Client {
        let request = request(&info.path(), options.grace_period, options.propagation, options.dry_run);
        let answer = c.object(request).await.map_err(|e| e.when("deleting", &info.source))?;
        uid = match answer.kind() {
            "Status" => answer.at("details.uid").str().into(),
            _ => answer.uid().into(),
        };
    }
    say(c, info, options);
    Ok(uid)
}

fn say(c: &Ctx, info: &Info, options: &Options) {
    let title = info.mapping.title();
    if options.name_only {
        return c.line(&format!("{title}/{}", info.name));
    }
    let what = if options.grace_period == 0 { "force deleted" } else { "deleted" };
    let place =
        if info.mapping.namespaced { format!(" from {} namespace", info.namespace) } else { String::new() };
    c.line(&format!("{title} \"{}\" {what}{place}{}", info.name, options.dry_run.suffix()));
}

/// Waits until all of them are gone, or others have taken their names. Mirrors wait.IsDeleted.
pub async fn wait_gone(c: &Ctx, deleted: &[(Info, String)], timeout: Duration) -> Result<(), Error> {
    let end = c.env.clock.now() + timeout;
    let mut errors = Vec::new();
    for (info, uid) in deleted {
        loop {
            match info.get(c).await {
                Err(e) if e.is_not_found() => break,
                Err(e) if matches!(e.reason(), "Forbidden" | "MethodNotAllowed") => return Ok(()),
                Err(e) => {
                    errors.push(e);
                    break;
                }
                Ok(object) if !uid.is_empty() && object.uid() != uid => break,
                Ok(_) if c.env.clock.now() >= end => {
                    errors.push(Error::Message(format!(
                        "timed out waiting for the condition on {}/{}",
                        info.mapping.plural, info.name
                    )));
                    break;
                }
                Ok(_) => c.env.clock.sleep(POLL.min(end.since(c.env.clock.now()))).await,
            }
        }
    }
    Error::all(errors)
}
