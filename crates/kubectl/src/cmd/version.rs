//! `kubectl version`. Mirrors kubectl/pkg/cmd/version.

use crate::flags::{Flag, switch, text};
use crate::{Command, Ctx, Error, VERSION};
use apimachinery::yaml;
use apimachinery::{Request, Value, json};

/// The kustomize inside of the real kubectl of this version.
const KUSTOMIZE: &str = "v5.8.1";

/// `kubectl version`.
pub const COMMAND: Command = Command {
    name: "version",
    usage: "[flags]",
    short: "Print the client and server version information",
    long: "Print the client and server version information for the current context.",
    examples: "# Both versions\nkubectl version",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("client", ' ', "Only the client's version; asks no server."),
    text("output", 'o', "", "One of 'yaml' or 'json'."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    if !c.args.is_empty() {
        return Err(Error::Message(format!("extra arguments: [{}]", c.args.join(" "))));
    }
    let output = c.text("output");
    if !matches!(output, "" | "yaml" | "json") {
        return Err("--output must be 'yaml' or 'json'".into());
    }
    let server = if c.on("client") {
        Ok(None)
    } else {
        c.send(Request::get("/version")).await.map(|r| Some(r.value()))
    };
    let known = server.clone().ok().flatten();
    if output.is_empty() {
        c.line(&format!("Client Version: {VERSION}\nKustomize Version: {KUSTOMIZE}"));
        if let Some(v) = &known {
            c.line(&format!("Server Version: {}", v["gitVersion"].str()));
        }
        return server.map(drop);
    }
    let mut all = json!({
        "clientVersion": {
            "major": "1", "minor": "36", "gitVersion": VERSION,
            "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
            "buildDate": "2026-06-01T00:00:00Z", "goVersion": "go1.26.6", "compiler": "gc", "platform": "linux/amd64",
        },
        "kustomizeVersion": KUSTOMIZE,
    });
    if let Some(v) = known {
        all.set("serverVersion", v);
    }
    c.line(&if output == "yaml" { yaml::to_string(&all) } else { ordered(&all) });
    server.map(drop)
}

/// Both versions as JSON, in the order of kubectl's struct.
fn ordered(all: &Value) -> String {
    let nested = |key: &str| format!("  \"{key}\": {}", indented(&all[key]).replace('\n', "\n  "));
    let mut parts = vec![nested("clientVersion"), format!("  \"kustomizeVersion\": \"{KUSTOMIZE}\"")];
    if !all["serverVersion"].is_null() {
        parts.push(nested("serverVersion"));
    }
    format!("{{\n{}\n}}", parts.join(",\n"))
}

/// A version as JSON with the fields in the order of Go's struct: the one answer that the server indents and does not sort.
pub(super) fn indented(version: &Value) -> String {
    const ORDER: [&str; 13] = [
        "major",
        "minor",
        "emulationMajor",
        "emulationMinor",
        "minCompatibilityMajor",
        "minCompatibilityMinor",
        "gitVersion",
        "gitCommit",
        "gitTreeState",
        "buildDate",
        "goVersion",
        "compiler",
        "platform",
    ];
    let lines: Vec<String> = ORDER
        .iter()
        .filter(|key| !version[**key].is_null())
        .map(|key| format!("  \"{key}\": {}", version[*key].to_json()))
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}
