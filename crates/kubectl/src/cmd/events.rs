//! `kubectl events`. Mirrors kubectl/pkg/cmd/events.

use crate::describe::interval;
use crate::flags::{Flag, int, list, switch, text};
use crate::printers::tabwriter::TabWriter;
use crate::printers::{PRINT_FLAGS, Printer};
use crate::{Command, Ctx, Error};
use apimachinery::{Object, Request, Status, Value, json};
use client::Frame;
use sim::Order;

/// `kubectl events`.
pub const COMMAND: Command = Command {
    name: "events",
    usage: "[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    short: "List events",
    long: "Display events.\n\n Prints a table of the most important facts about events, the newest last: of a namespace, of all namespaces, or of one object.",
    examples: "# What happened in the namespace\nkubectl events\n# In all namespaces\nkubectl events --all-namespaces\n# What happened to a pod, and what happens from now on\nkubectl events --for pod/web --watch\n# Only warnings\nkubectl events --types=Warning",
    flags: &[FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all-namespaces", 'A', "Of all namespaces."),
    int("chunk-size", ' ', "500", "Ask for large lists in pieces of this size; 0 asks for all at once."),
    text("for", ' ', "", "Only what is about this object, written TYPE/NAME."),
    switch("no-headers", ' ', "Print no titles."),
    list("types", ' ', "Only events of these types: Normal, Warning."),
    switch("watch", 'w', "Print what happens from now on."),
];

/// How events are printed.
struct Out {
    printer: Option<Printer>,
    w: TabWriter,
    headers: bool,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let all = c.on("all-namespaces");
    let namespace = if all { String::new() } else { c.namespace()?.0 };
    let selector = selector(c).await?;
    let printer = match c.text("output") {
        "" if c.text("template").is_empty() => None,
        _ => Some(Printer::new(c, "events")?),
    };
    let known = |t: &String| t.eq_ignore_ascii_case("Normal") || t.eq_ignore_ascii_case("Warning");
    if !c.values("types").iter().all(known) {
        return Err("valid --types are Normal or Warning".into());
    }
    let mut out = Out { printer, w: TabWriter::for_tables(), headers: !c.on("no-headers") };
    let mut request = Request::get(api::event::RESOURCE.path(&namespace));
    if !selector.is_empty() {
        request = request.with("fieldSelector", selector);
    }
    if c.on("watch") {
        return watch(c, request, &mut out).await;
    }
    let list = c.object(request).await?;
    let items = list["items"].items().iter().map(|item| with_kind(item.clone()));
    let mut events: Vec<Object> = items.filter(|e| wanted(c, e)).collect();
    if events.is_empty() {
        c.err_line(&match all {
            true => "No events found.".to_string(),
            false => format!("No events found in {namespace} namespace."),
        });
        return Ok(());
    }
    events.order_by(|a, b| time(a).cmp(time(b)));
    match &mut out.printer {
        Some(printer) => {
            printer.typed = true;
            let items = Value::array(events.into_iter().map(|e| e.0));
            printer
                .print(c, &json!({"apiVersion": "v1", "kind": "EventList", "metadata": {}, "items": items}))
        }
        None => {
            out.table(c, &events);
            Ok(())
        }
    }
}

/// The field selector of `--for`.
async fn selector(c: &Ctx) -> Result<String, Error> {
    let about = c.text("for");
    if about.is_empty() {
        return Ok(String::new());
    }
    let (kind, name) = match about.split('/').collect::<Vec<_>>()[..] {
        [_] => return Err("--for must be in resource/name form".into()),
        [kind, name] => (kind, name),
        _ => return Err("arguments in resource/name form may not have more than one slash".into()),
    };
    let mapping = c.discovery().await?.resource(&kind.to_lowercase())?;
    Ok(format!(
        "involvedObject.kind={},involvedObject.apiVersion={},involvedObject.name={name}",
        mapping.kind,
        mapping.api_version()
    ))
}

fn wanted(c: &Ctx, event: &Object) -> bool {
    let types = c.values("types");
    types.is_empty() || types.iter().any(|t| t.eq_ignore_ascii_case(event["type"].str()))
}

/// The time that an event is sorted by. Mirrors eventTime.
fn time(event: &Object) -> &str {
    match (&event["series"], event["lastTimestamp"].str()) {
        (Value::Null, "") => event["eventTime"].str(),
        (Value::Null, last) => last,
        (series, _) => series["lastObservedTime"].str(),
    }
}

fn with_kind(value: Value) -> Object {
    let mut object = Object(value);
    object.set("apiVersion", "v1");
    object.set("kind", "Event");
    object
}

/// `-w`: what happens from now on. Mirrors runWatch, which asks for no version and so gets what is there first.
async fn watch(c: &Ctx, request: Request, out: &mut Out) -> Result<(), Error> {
    let mut stream = c.open(request.with("watch", "true")).await?;
    while let Some(frame) = stream.next().await {
        let Frame::Event(event) = frame else { continue };
        match event["type"].str() {
            "ERROR" => return Err(Status::from_value(event["object"].clone()).into()),
            "ADDED" | "MODIFIED" => {}
            _ => continue,
        }
        let event = with_kind(event["object"].clone());
        if !wanted(c, &event) {
            continue;
        }
        match &mut out.printer {
            Some(printer) => printer.print(c, &event)?,
            None => out.table(c, std::slice::from_ref(&event)),
        }
    }
    Ok(())
}

impl Out {
    /// Mirrors EventPrinter.
    fn table(&mut self, c: &Ctx, events: &[Object]) {
        let all = c.on("all-namespaces");
        if std::mem::take(&mut self.headers) {
            self.w.write(if all { "NAMESPACE\t" } else { "" });
            self.w.write("LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n");
        }
        for e in events {
            if all {
                self.w.write(&format!("{}\t", e.namespace()));
            }
            let about = &e["involvedObject"];
            self.w.write(&format!(
                "{}\t{}\t{}\t{}/{}\t{}\n",
                interval(c, e),
                e["type"].str(),
                e["reason"].str(),
                about["kind"].str(),
                about["name"].str(),
                e["message"].str().trim()
            ));
        }
        c.out(&self.w.flush());
    }
}
