//! `kubectl config view`. Mirrors kubectl/pkg/cmd/config/view.go.

use crate::client_config::{self, named};
use crate::flags::{Flag, on, switch};
use crate::printers::{PRINT_FLAGS, Printer};
use crate::{Command, Ctx, Error};
use apimachinery::{Value, yaml};
use sim::Order;

/// `kubectl config view`.
pub const VIEW: Command = Command {
    name: "view",
    usage: "[flags]",
    short: "Display merged kubeconfig settings or a specified kubeconfig file",
    examples: "# What is in force\nkubectl config view\n# With secrets\nkubectl config view --raw\n# Only what the current context uses\nkubectl config view --minify",
    flags: &[FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(async { view(c) })),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("flatten", ' ', "Put the contents of certificate files into the output.").refused(),
    on("merge", ' ', "Merge all files of $KUBECONFIG."),
    switch("minify", ' ', "Leave out what the current context does not use."),
    switch("raw", ' ', "Show secrets."),
];

fn view(c: &Ctx) -> Result<(), Error> {
    if !c.args.is_empty() {
        return Err(c.usage_error(&format!("unexpected arguments: [{}]", c.args.join(" "))));
    }
    let (mut config, ..) = client_config::read(c)?;
    if c.on("minify") {
        minify(c, &mut config)?;
    }
    for list in ["clusters", "contexts", "users"] {
        let entries = config.field_mut(list).array_mut();
        entries.order_by(|a, b| a["name"].str().cmp(b["name"].str()));
        if entries.is_empty() {
            config.set(list, Value::Null);
        }
    }
    if config["current-context"].is_null() {
        config.set("current-context", "");
    }
    if !c.on("raw") {
        redact(&mut config);
    }
    match c.text("output") {
        "" if c.text("template").is_empty() => {
            c.out(&yaml::to_string(&config));
            Ok(())
        }
        _ => {
            let mut printer = Printer::new(c, "")?;
            printer.typed = true;
            printer.print(c, &config)
        }
    }
}

/// Only the current context, its cluster and its user.
fn minify(c: &Ctx, config: &mut Value) -> Result<(), Error> {
    let name = match c.text("context") {
        "" => config["current-context"].str(),
        name => name,
    }
    .to_string();
    if name.is_empty() {
        return Err("current-context must exist in order to minify".into());
    }
    let Some(context) = named(config, "contexts", &name).map(|e| e["context"].clone()) else {
        return Err(Error::Message(format!("cannot locate context {name}")));
    };
    config.set("current-context", name.as_str());
    for (list, wanted) in [
        ("contexts", name.as_str()),
        ("clusters", context["cluster"].str()),
        ("users", context["user"].str()),
    ] {
        config.field_mut(list).array_mut().retain(|e| e["name"] == wanted);
    }
    Ok(())
}

fn redact(config: &mut Value) {
    for (list, content) in [("users", "user"), ("clusters", "cluster")] {
        if config[list].is_null() {
            continue;
        }
        for entry in config.field_mut(list).array_mut() {
            for (field, shown) in [
                ("token", "REDACTED"),
                ("password", "REDACTED"),
                ("client-key-data", "DATA+OMITTED"),
                ("client-certificate-data", "DATA+OMITTED"),
                ("certificate-authority-data", "DATA+OMITTED"),
            ] {
                if !entry[content][field].is_empty() {
                    entry.field_mut(content).set(field, shown);
                }
            }
        }
    }
}
