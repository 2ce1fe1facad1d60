//! `kubectl get`. Mirrors kubectl/pkg/cmd/get.

use crate::builder::{Builder, FILE_FLAGS, Found, Info};
use crate::flags::{Flag, int, list, on, switch, text};
use crate::printers::table::{self, TableOptions};
use crate::printers::tabwriter::TabWriter;
use crate::printers::{Printer, list_of, sort};
use crate::{Command, Ctx, Error};
use apimachinery::rest::{AS_TABLE, Body};
use apimachinery::{Object, Request, Value};
use client::Frame;

/// `kubectl get`.
pub const COMMAND: Command = Command {
    name: "get",
    usage: "[(-o|--output=)json|yaml|wide|...] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]",
    short: "Display one or many resources",
    long: "Display one or many resources.\n\n Prints a table of the most important facts about the resources. Select with a label selector (-l) or a field selector. Namespaced resources are those of the current namespace, unless --all-namespaces is given.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples: "# All pods, one a line\nkubectl get pods\n# All pods with more facts, such as the node\nkubectl get pods -o wide\n# One deployment as YAML\nkubectl get deployment web -o yaml\n# What a manifest describes\nkubectl get -f pod.yaml\n# Only one field\nkubectl get pod web -o template --template={{.status.phase}}\n# Columns of your own\nkubectl get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image\n# Two kinds at once\nkubectl get deployments,services\n# By type and name\nkubectl get deployment/web service/web\n# In every namespace\nkubectl get pods --all-namespaces",
    flags: &[FLAGS, FILE_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch(
        "all-namespaces",
        'A',
        "List the objects of all namespaces; the namespace of the context is ignored.",
    ),
    on(
        "allow-missing-template-keys",
        ' ',
        "Ignore missing fields in templates; only for golang and jsonpath formats.",
    ),
    int("chunk-size", ' ', "500", "Ask for large lists in pieces of this size; 0 asks for all at once."),
    text(
        "field-selector",
        ' ',
        "",
        "Fields to select by, with '=', '==' and '!=', such as status.phase=Running.",
    ),
    switch("ignore-not-found", ' ', "What does not exist is no error."),
    list("label-columns", 'L', "Labels that get a column of their own."),
    switch("no-headers", ' ', "Print no titles."),
    text(
        "output",
        'o',
        "",
        "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file, custom-columns, custom-columns-file, wide).",
    ),
    switch("output-watch-events", ' ', "Say with --watch what happened: ADDED, MODIFIED or DELETED."),
    text("raw", ' ', "", "Path to ask the server for, as it is."),
    text("selector", 'l', "", "Labels to select by, with '=', '==', '!=', 'in', 'notin'."),
    on("server-print", ' ', "Let the server make the columns."),
    switch("show-kind", ' ', "Print the kind before the name."),
    switch("show-labels", ' ', "Print all labels in the last column."),
    switch("show-managed-fields", ' ', "Keep managedFields when printing JSON or YAML."),
    text("sort-by", ' ', "", "Sort by this field, written as a JSONPath such as '{.metadata.name}'."),
    text("subresource", ' ', "", "Get this subresource of the object."),
    text("template", ' ', "", "Template, or file with one, for -o=go-template and -o=go-template-file."),
    switch("watch", 'w', "After printing, keep watching and print what changes."),
    switch("watch-only", ' ', "Print only what changes."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    if !c.text("raw").is_empty() {
        return raw(c).await;
    }
    let watching = c.on("watch") || c.on("watch-only");
    validate(c, watching)?;
    let printer = Printer::for_get(c)?;
    if watching {
        return watch(c, printer).await;
    }
    let found = builder(c, printer.is_none() && c.on("server-print"))?.find(c).await?;
    match printer {
        Some(printer) => generic(c, found, printer),
        None => tables(c, found),
    }
}

fn validate(c: &Ctx, watching: bool) -> Result<(), Error> {
    if watching && !c.text("sort-by").is_empty() {
        c.err_line("warning: --watch requested, --sort-by will be ignored for watch events received");
    }
    if c.on("show-labels") && !matches!(c.text("output"), "" | "wide") {
        return Err(Error::Message(format!(
            "--show-labels option cannot be used with {} printer",
            c.text("output")
        )));
    }
    if c.on("output-watch-events") && !watching {
        return Err("--output-watch-events option can only be used with --watch or --watch-only".into());
    }
    if !watching && c.args.is_empty() && c.values("filename").is_empty() && c.text("kustomize").is_empty() {
        c.err_line("You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n");
        return Err(c.usage_error("Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods)."));
    }
    Ok(())
}

fn builder(c: &Ctx, as_table: bool) -> Result<Builder, Error> {
    let builder = Builder::new(c)?
        .all_namespaces(c.on("all-namespaces"))
        .selector(c.text("selector"))
        .field_selector(c.text("field-selector"))
        .args(&c.args, true)
        .subresource(c.text("subresource"))
        .latest();
    let whole = [("includeObject", "Object")];
    Ok(match as_table {
        true => {
            builder.keep_lists().request(AS_TABLE, if c.text("sort-by").is_empty() { &[] } else { &whole })
        }
        false => builder,
    })
}

/// What is not there is no error with `--ignore-not-found`.
fn split(c: &Ctx, found: Found) -> (Vec<Info>, Vec<Error>) {
    let (mut infos, mut errors) = (Vec::new(), Vec::new());
    for item in found.items {
        match item {
            Ok(info) => infos.push(info),
            Err(e) if c.on("ignore-not-found") && e.is_not_found() => {}
            Err(e) => errors.push(e),
        }
    }
    (infos, errors)
}

/// Everything but tables: one object, or one list of all. Mirrors printGeneric.
fn generic(c: &Ctx, found: Found, mut printer: Printer) -> Result<(), Error> {
    let single = found.single;
    let (mut infos, mut errors) = split(c, found);
    if single && !errors.is_empty() || infos.is_empty() && c.on("ignore-not-found") {
        return Error::all(errors);
    }
    if !c.text("sort-by").is_empty() && infos.len() > 1 {
        sort::sort(&mut infos, c.text("sort-by"), &|info| info.object.0.clone())?;
    }
    let object = if single && infos.len() == 1 {
        infos.remove(0).object.0
    } else {
        list_of(infos.into_iter().map(|i| i.object))
    };
    if let Err(e) = printer.print(c, &object) {
        errors.push(e);
    }
    Error::all(errors)
}

fn options(c: &Ctx) -> TableOptions {
    TableOptions {
        no_headers: c.on("no-headers"),
        wide: c.text("output") == "wide",
        show_labels: c.on("show-labels"),
        label_columns: c.values("label-columns").to_vec(),
        ..TableOptions::default()
    }
}

/// The table for people. Mirrors GetOptions.Run.
fn tables(c: &Ctx, found: Found) -> Result<(), Error> {
    let (mut infos, errors) = split(c, found);
    let several = infos.iter().any(|i| i.mapping != infos[0].mapping);
    let sort_by = c.text("sort-by");
    if !sort_by.is_empty() && infos.len() > 1 {
        sort::sort(&mut infos, sort_by, &|info| info.object.0.clone())?;
    }
    let mut options = options(c);
    let mut w = TabWriter::for_tables();
    let (mut written, mut namespaced) = (false, !c.on("all-namespaces"));
    let (mut group, mut start) = (0, 0);
    while start < infos.len() {
        let mapping = infos[start].mapping.clone();
        let end = start + infos[start..].iter().take_while(|i| i.mapping == mapping).count();
        options.with_namespace = c.on("all-namespaces") && mapping.namespaced;
        options.kind = if several || c.on("show-kind") { mapping.title() + "/" } else { String::new() };
        w.forget();
        for (i, info) in infos[start..end].iter().enumerate() {
            namespaced &= mapping.namespaced;
            if let Some(table) = sorted(&as_table(c, &info.object), sort_by) {
                table::print(&table, &options, i == 0 && !table["rows"].is_empty(), &mut w);
            }
        }
        let text = w.flush();
        if !text.is_empty() {
            if group > 0 && written && !options.no_headers {
                c.out("\n");
            }
            written = true;
            c.out(&text);
        }
        group += 1;
        start = end;
    }
    if !written && !c.on("ignore-not-found") && errors.is_empty() {
        c.err_line(&match namespaced {
            true => format!("No resources found in {} namespace.", c.namespace()?.0),
            false => "No resources found".into(),
        });
    }
    Error::all(errors)
}

/// The server's table; of what is none, its name and age. Mirrors defaultHandlerEntry of cli-runtime's tableprinter.go.
fn as_table(c: &Ctx, object: &Object) -> Object {
    if object.kind() == "Table" {
        return object.clone();
    }
    let age = crate::describe::since(c, object.meta("creationTimestamp"));
    Object(apimachinery::json!({
        "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name", "priority": 0},
            {"name": "Age", "type": "string", "priority": 0},
        ],
        "rows": [{"cells": [object.name(), age], "object": &object.0}],
    }))
}

/// The table with its rows sorted; nothing when no row has the field, as the real one prints nothing then.
fn sorted(table: &Object, field: &str) -> Option<Value> {
    let mut table = table.0.clone();
    if !field.is_empty() && table["rows"].items().len() > 1 {
        let rows = table.field_mut("rows").array_mut();
        sort::sort(rows, field, &|row| row["object"].clone()).ok()?;
    }
    Some(table)
}

/// `-w`. Mirrors GetOptions.watch.
async fn watch(c: &Ctx, printer: Option<Printer>) -> Result<(), Error> {
    let found = builder(c, printer.is_none() && c.on("server-print"))?
        .keep_lists()
        .single_type()
        .stop_at_error()
        .find(c)
        .await?;
    let (infos, errors) = split(c, found);
    Error::all(errors)?;
    let Some(info) = infos.first() else { return Ok(()) };
    if infos.len() > 1 {
        return Err("watch is only supported on individual resources and resource collections - more than 1 resource was found".into());
    }
    let is_list = info.name.is_empty();
    let mut out = Watched { printer, options: options(c), w: TabWriter::for_tables(), headers: true };
    out.options.with_namespace = c.on("all-namespaces") && info.mapping.namespaced;
    if c.on("show-kind") {
        out.options.kind = info.mapping.title() + "/";
    }
    if !c.on("watch-only") {
        out.print(c, "ADDED", &info.object)?;
    }
    let mut request = Request::get(info.mapping.path(&info.namespace)).with("watch", "true");
    if out.printer.is_none() && c.on("server-print") {
        request.accept = AS_TABLE.into();
    }
    let mut selectors =
        vec![("labelSelector", c.text("selector")), ("fieldSelector", c.text("field-selector"))];
    let by_name = format!("metadata.name={}", info.name);
    if !is_list {
        selectors = vec![("fieldSelector", by_name.as_str())];
    }
    for (key, value) in selectors.into_iter().filter(|(_, v)| !v.is_empty()) {
        request = request.with(key, value);
    }
    // A list's version is about now; a single object is watched from any version, and then comes as ADDED first.
    let version = if is_list { info.object.resource_version() } else { "0" };
    request = request.with("resourceVersion", version);
    let mut stream = c.open(request).await?;
    let mut skip = !is_list;
    while let Some(frame) = stream.next().await {
        match frame {
            Frame::Event(event) if event["type"] == "ERROR" => {
                return Err(apimachinery::Status::from_value(event["object"].clone()).into());
            }
            Frame::Event(event) if event["type"] == "BOOKMARK" => {}
            Frame::Event(_) if skip => skip = false,
            Frame::Event(event) => out.print(c, event["type"].str(), &Object(event["object"].clone()))?,
            Frame::Failed(why) => return Err(why.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Prints objects as they come.
struct Watched {
    printer: Option<Printer>,
    options: TableOptions,
    w: TabWriter,
    headers: bool,
}

impl Watched {
    fn print(&mut self, c: &Ctx, event: &str, object: &Object) -> Result<(), Error> {
        let with_events = c.on("output-watch-events");
        if let Some(printer) = &mut self.printer {
            let items = if object.kind().ends_with("List") {
                object["items"].items()
            } else {
                std::slice::from_ref(&object.0)
            };
            for item in items {
                let event = apimachinery::json!({"type": event, "object": item});
                match with_events {
                    true => printer.print_event(c, &event)?,
                    false => printer.print(c, item)?,
                }
            }
            return Ok(());
        }
        if object["rows"].as_array().is_none() {
            // Without the server's columns: a list's items, or one object.
            let items = match object["items"].as_array() {
                Some(items) => items.iter().cloned().map(Object).collect(),
                None => vec![object.clone()],
            };
            return items.iter().try_for_each(|item| self.print(c, event, &as_table(c, item)));
        }
        self.options.event = with_events.then(|| event.to_string());
        let headers = self.headers && !object["rows"].is_empty();
        table::print(object, &self.options, headers, &mut self.w);
        self.headers &= !headers;
        c.out(&self.w.flush());
        Ok(())
    }
}

/// `--raw PATH`. Mirrors kubectl/pkg/rawhttp.
async fn raw(c: &Ctx) -> Result<(), Error> {
    if !c.args.is_empty() {
        return Err("arguments may not be passed when --raw is specified".into());
    }
    if c.on("watch") || c.on("watch-only") || !c.text("selector").is_empty() {
        return Err(
            "--raw may not be specified with other flags that filter the server request or alter the output"
                .into(),
        );
    }
    if !c.text("output").is_empty() {
        return Err("--raw and --output are mutually exclusive".into());
    }
    if !c.text("raw").starts_with('/') && !c.text("raw").contains("://") {
        let path = crate::go::quote(c.text("raw"));
        return Err(Error::Message(format!(
            "--raw must be a valid URL path: parse {path}: invalid URI for request"
        )));
    }
    let (path, query) = c.text("raw").split_once('?').unwrap_or((c.text("raw"), ""));
    let mut request = Request::get(path);
    for part in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        request = request.with(&unescape(key), unescape(value));
    }
    let response = c.send(request).await?;
    c.out(&match &response.body {
        Body::Text(text) => text.clone(),
        body => match body {
            Body::Value(value) if path == "/version" => super::version::indented(value),
            Body::Value(value) => crate::go::json(value, "") + "\n",
            _ => String::new(),
        },
    });
    Ok(())
}

/// Percent-encoding and plus signs of a query.
pub(super) fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::new(), 0);
    while i < bytes.len() {
        let hex = |at: usize| text.get(at..at + 2).and_then(|h| u8::from_str_radix(h, 16).ok());
        match bytes[i] {
            b'%' if hex(i + 1).is_some() => {
                out.extend(hex(i + 1));
                i += 2;
            }
            b'+' => out.push(b' '),
            b => out.push(b),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
