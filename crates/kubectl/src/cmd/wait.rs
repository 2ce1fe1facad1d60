//! `kubectl wait`. Mirrors kubectl/pkg/cmd/wait.

use crate::builder::{Builder, Info};
use crate::cmd::common::LOCAL;
use crate::cmd::pods::{TIMED_OUT, next_before};
use crate::flags::{Flag, array, duration, list, on, switch, text};
use crate::jsonpath::JsonPath;
use crate::printers::{PRINT_FLAGS, Printer};
use crate::{Command, Ctx, Error, go};
use apimachinery::{Object, Request, Status, Value};
use client::Frame;
use client::jsonpath::relaxed;
use sim::{Duration, Time};

/// `kubectl wait`.
pub const COMMAND: Command = Command {
    name: "wait",
    usage: "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    short: "Wait for a specific condition on one or many resources",
    long: "Wait for a specific condition on one or many resources.\n\n The command waits until each resource has the condition in its status, or a field has a value, or until it was created or deleted.",
    examples: "# Until a pod is ready\nkubectl wait --for=condition=Ready pod/busybox\n# Until it is not\nkubectl wait --for=condition=Ready=false pod/busybox\n# Until a field has a value\nkubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox\n# Until it has any\nkubectl wait --for=jsonpath='{.status.loadBalancer.ingress}' service/web\n# Until it is there, and until it is gone\nkubectl wait --for=create pod/busybox --timeout=30s\nkubectl wait --for=delete pod/busybox --timeout=60s",
    flags: &[FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all", ' ', "All resources of the types, in the namespace."),
    switch("all-namespaces", 'A', "In all namespaces."),
    text("field-selector", ' ', "", "Fields to select by, with '=', '==' and '!='."),
    list("filename", 'f', "File that says which resources are meant."),
    array(
        "for",
        ' ',
        "What to wait for: create, delete, condition=NAME[=VALUE], or jsonpath='{PATH}'[=VALUE]; several are waited for one after the other.",
    ),
    LOCAL,
    on("recursive", 'R', "Look into the directories of --filename too, all the way down."),
    text("selector", 'l', "", "Labels to select by."),
    duration("timeout", "30s", "How long to wait. 0 looks once, less than 0 waits for a week."),
];

/// How long a timeout below zero waits.
const WEEK: Duration = Duration::from_secs(168 * 3600);
/// How often it is looked whether something was created.
const POLL: Duration = Duration::from_millis(500);

/// What is waited for.
enum Condition {
    Created,
    Deleted,
    /// A condition's type and status.
    Status(String, String),
    /// A path, and the value that is wanted; `None` for any.
    Path(JsonPath, Option<String>),
}

/// How long there is left.
struct Limit {
    end: Time,
    /// Whether it is only looked once.
    once: bool,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let mut printer = Printer::new(c, "condition met")?;
    let conditions = conditions(c)?;
    let timeout = match c.nanos("timeout") {
        n if n < 0 => WEEK,
        n => Duration::from_nanos(n as u64),
    };
    let limit = Limit { end: c.env.clock.now() + timeout, once: timeout.is_zero() };
    if conditions.iter().any(|condition| matches!(condition, Condition::Created)) {
        created(c, &limit).await?;
    }
    let for_delete = conditions.iter().any(|condition| matches!(condition, Condition::Deleted));
    let (mut visited, mut errors) = (0, Vec::new());
    for item in builder(c)?.find(c).await?.items {
        let info = match item {
            Err(e) if for_delete && e.is_not_found() => continue,
            Err(e) => {
                errors.push(e);
                continue;
            }
            Ok(info) => info,
        };
        visited += 1;
        for condition in &conditions {
            match wait(c, &info, condition, &limit).await {
                Ok(object) => printer.print(c, &object)?,
                Err(e) => {
                    errors.push(e);
                    break;
                }
            }
        }
    }
    Error::all(errors)?;
    if visited == 0 && !for_delete { Err("no matching resources found".into()) } else { Ok(()) }
}

fn builder(c: &Ctx) -> Result<Builder, Error> {
    let builder = Builder::new(c)?.all_namespaces(c.on("all-namespaces"));
    if c.on("local") {
        return Ok(builder.local(true));
    }
    let builder = builder.selector(c.text("selector")).field_selector(c.text("field-selector"));
    Ok(builder.args(&c.args, c.on("all")).latest())
}

/// Mirrors conditionFuncsFor.
fn conditions(c: &Ctx) -> Result<Vec<Condition>, Error> {
    let unknown = |what: String| Error::Message(format!("unrecognized condition: {what}"));
    let wanted = c.values("for");
    if wanted.is_empty() {
        return Err(unknown("[]".into()));
    }
    let parse = |text: &String| {
        Ok(match text.to_lowercase().as_str() {
            "create" => Condition::Created,
            "delete" => Condition::Deleted,
            _ => match text.split_once('=') {
                Some(("condition", rest)) => {
                    let (name, status) = rest.split_once('=').unwrap_or((rest, "true"));
                    Condition::Status(name.into(), status.into())
                }
                Some(("jsonpath", rest)) => path(rest)?,
                _ => return Err(unknown(go::quote(text))),
            },
        })
    };
    wanted.iter().map(parse).collect()
}

/// `{.status.phase}=Running`, or only the path. Mirrors processJSONPathInput.
fn path(input: &str) -> Result<Condition, Error> {
    let parts = split_path(input);
    if parts.len() > 2 {
        return Err("jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'".into());
    }
    let expression = relaxed(&parts[0])?;
    let value = parts.get(1).map(|v| v.trim_matches(['\'', '"']).to_string());
    if value.as_ref().is_some_and(String::is_empty) {
        return Err("jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3".into());
    }
    if expression.is_empty() {
        return Err("jsonpath expression cannot be empty".into());
    }
    Ok(Condition::Path(JsonPath::parse(&expression, true)?, value))
}

/// Splits at `=`, but not at `==`.
fn split_path(input: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = input;
    while let Some(c) = rest.chars().next() {
        let last = parts.last_mut().expect("there is always a part");
        if let Some(after) = rest.strip_prefix("==") {
            last.push_str("==");
            rest = after;
            continue;
        }
        if c == '=' {
            parts.push(String::new())
        } else {
            last.push(c)
        }
        rest = &rest[c.len_utf8()..];
    }
    parts
}

/// Until something that the command line means is there.
async fn created(c: &Ctx, limit: &Limit) -> Result<(), Error> {
    loop {
        let found = builder(c)?.find(c).await?;
        let there = found.items.iter().any(|item| item.is_ok());
        match Error::all(found.items.into_iter().filter_map(Result::err).collect()) {
            Ok(()) if there => return Ok(()),
            Err(e) if !e.is_not_found() => return Err(e),
            _ => {}
        }
        if c.env.clock.now() + POLL >= limit.end {
            let left = limit.end.since(c.env.clock.now());
            c.env.clock.sleep(left).await;
            return Err(TIMED_OUT.into());
        }
        c.env.clock.sleep(POLL).await;
    }
}

/// Until one object has the condition; gives the object back to be printed.
async fn wait(c: &Ctx, info: &Info, condition: &Condition, limit: &Limit) -> Result<Object, Error> {
    if info.name.is_empty() {
        return Err("resource name must be provided".into());
    }
    match condition {
        Condition::Created => Ok(info.object.clone()),
        Condition::Deleted => deleted(c, info, limit).await,
        Condition::Status(..) | Condition::Path(..) => fulfilled(c, info, condition, limit).await,
    }
}

fn not_met(info: &Info) -> Error {
    Error::Message(format!("condition not met for {}/{}", info.mapping.plural, info.name))
}

fn too_late(info: &Info) -> Error {
    Error::Message(format!("{TIMED_OUT} on {}/{}", info.mapping.plural, info.name))
}

/// The object in a list of its own: what it is now (if it is there), and the version to watch from.
async fn listed(c: &Ctx, info: &Info) -> Result<(Option<Object>, String), Error> {
    let list = c.object(only(info)).await?;
    let object = list["items"].items().first().map(|item| {
        let mut object = Object(item.clone());
        object.set("apiVersion", info.mapping.api_version());
        object.set("kind", info.mapping.kind.as_str());
        object
    });
    Ok((object, list.resource_version().to_string()))
}

fn only(info: &Info) -> Request {
    let path = info.mapping.path(&info.namespace);
    Request::get(path).with("fieldSelector", format!("metadata.name={}", info.name))
}

/// Mirrors getObjAndCheckCondition.
async fn fulfilled(c: &Ctx, info: &Info, condition: &Condition, limit: &Limit) -> Result<Object, Error> {
    if limit.once {
        let object = info.get(c).await?;
        return if check(condition, &object)? { Ok(object) } else { Err(not_met(info)) };
    }
    loop {
        let (object, version) = listed(c, info).await?;
        let Some(object) = object else {
            return Err(Status::not_found(&info.mapping.group, &info.mapping.plural, &info.name).into());
        };
        if check(condition, &object)? {
            return Ok(object);
        }
        let request = only(info).with("watch", "true").with("resourceVersion", version);
        let mut stream = c.open(request).await?;
        loop {
            let Some(frame) = next_before(c, stream.as_mut(), limit.end).await else {
                return Err(too_late(info));
            };
            match frame {
                // The watch has ended: look again.
                None => break,
                Some(Frame::Event(event)) => match event["type"].str() {
                    "ADDED" | "MODIFIED" => {
                        let object = Object(event["object"].clone());
                        if check(condition, &object)? {
                            return Ok(object);
                        }
                    }
                    "BOOKMARK" => {}
                    _ => break,
                },
                Some(_) => {}
            }
        }
    }
}

/// Mirrors IsDeleted.
async fn deleted(c: &Ctx, info: &Info, limit: &Limit) -> Result<Object, Error> {
    let object = match info.get(c).await {
        Ok(object) => object,
        Err(e) if e.is_not_found() => return Ok(info.object.clone()),
        Err(e) => return Err(e),
    };
    if limit.once {
        return Err(not_met(info));
    }
    loop {
        let (there, version) = listed(c, info).await?;
        if there.is_none() {
            return Ok(object);
        }
        let request = only(info).with("watch", "true").with("resourceVersion", version);
        let mut stream = c.open(request).await?;
        loop {
            match next_before(c, stream.as_mut(), limit.end).await {
                None => return Err(too_late(info)),
                Some(None) => break,
                Some(Some(Frame::Event(event))) => match event["type"].str() {
                    "DELETED" => return Ok(object),
                    "ERROR" => break,
                    _ => {}
                },
                Some(Some(_)) => {}
            }
        }
    }
}

fn check(condition: &Condition, object: &Object) -> Result<bool, Error> {
    match condition {
        Condition::Created | Condition::Deleted => Ok(false),
        Condition::Status(name, status) => Ok(has_condition(object, name, status)),
        Condition::Path(path, wanted) => has_value(path, wanted.as_deref(), object),
    }
}

/// Mirrors ConditionalWait.checkCondition: a condition that is about an older generation does not count.
fn has_condition(object: &Object, name: &str, status: &str) -> bool {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let conditions = object.at("status.conditions").items();
    let Some(found) = conditions.iter().find(|f| same(f["type"].str(), name)) else { return false };
    let observed =
        found["observedGeneration"].as_i64().or_else(|| object.at("status.observedGeneration").as_i64());
    if let (Some(generation), Some(observed)) = (object.meta("generation").as_i64(), observed)
        && observed < generation
    {
        return false;
    }
    same(found["status"].str(), status)
}

/// Mirrors JSONPathWait.checkCondition.
fn has_value(path: &JsonPath, wanted: Option<&str>, object: &Object) -> Result<bool, Error> {
    let results = path.find(object)?;
    let Some(first) = results.first().filter(|r| !r.is_empty()) else { return Ok(false) };
    if results.len() > 1 {
        return Err("given jsonpath expression matches more than one list".into());
    }
    if first.len() > 1 {
        return Err("given jsonpath expression matches more than one value".into());
    }
    let Some(wanted) = wanted else { return Ok(true) };
    match &first[0] {
        Value::Object(_) | Value::Array(_) => {
            Err("jsonpath leads to a nested object or list which is not supported".into())
        }
        value => Ok(go::display(value).trim() == wanted.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn paths_are_split_at_single_equal_signs() {
        assert_eq!(split_path("a.b.c====d.e.f===g.h.i==="), ["a.b.c====d.e.f==", "g.h.i==", ""]);
        assert_eq!(split_path("{.a}"), ["{.a}"]);
        assert_eq!(split_path("{.a}=1"), ["{.a}", "1"]);
        assert!(path("{.a}=").is_err() && path("{.a}=1=2").is_err());
    }

    #[test]
    fn a_condition_counts_only_for_the_generation_that_was_seen() {
        let deployment = |observed: i64| {
            Object(json!({
                "metadata": {"generation": 2},
                "status": {
                    "observedGeneration": observed,
                    "conditions": [{"type": "Available", "status": "True"}],
                },
            }))
        };
        assert!(has_condition(&deployment(2), "available", "true"));
        assert!(!has_condition(&deployment(1), "available", "true"));
        assert!(!has_condition(&deployment(2), "available", "false"));
        assert!(!has_condition(&deployment(2), "Progressing", "true"));
    }
}
