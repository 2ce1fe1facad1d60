//! `kubectl describe`. Mirrors kubectl/pkg/cmd/describe; the words of each kind are in `crate::describe`.

use crate::builder::{Builder, FILE_FLAGS};
use crate::flags::{Flag, int, on, switch, text};
use crate::{Command, Ctx, Error, describe};

/// `kubectl describe`.
pub const COMMAND: Command = Command {
    name: "describe",
    usage: "(-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    short: "Show details of a specific resource or group of resources",
    long: "Show details of a specific resource or group of resources.\n\n A name that is not there is taken as the beginning of names.",
    examples: "# A node\nkubectl describe nodes minikube-m02\n# A pod\nkubectl describe pods/web\n# All pods with a label\nkubectl describe pods -l app=web",
    flags: &[FLAGS, FILE_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all-namespaces", 'A', "In all namespaces."),
    int("chunk-size", ' ', "500", "How many objects are asked for at a time."),
    text("selector", 'l', "", "Labels to select by."),
    on("show-events", ' ', "With the events about it."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    if c.args.is_empty() && c.values("filename").is_empty() {
        return Err("You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n".into());
    }
    let everywhere = c.on("all-namespaces");
    let builder =
        Builder::new(c)?.all_namespaces(everywhere).selector(c.text("selector")).args(&c.args, true);
    let (mut infos, mut errors) = (Vec::new(), Vec::new());
    for item in builder.find(c).await?.items {
        match item {
            Ok(info) => infos.push(info),
            Err(e) => errors.push(e),
        }
    }
    let explicit = c.given("show-events");
    let events = c.on("show-events") && (explicit || (errors.is_empty() && infos.len() <= 1));
    if errors.len() == 1 && errors[0].is_not_found() && c.args.len() == 2 {
        return by_prefix(c, events, errors.remove(0)).await;
    }
    let nothing = infos.is_empty() && errors.is_empty();
    let mut first = true;
    for info in infos {
        match describe::describe(c, &info, events).await {
            Ok(text) => {
                c.out(&format!("{}{text}", if first { "" } else { "\n\n" }));
                first = false;
            }
            Err(e) if errors.contains(&e) => {}
            Err(e) => errors.push(e),
        }
    }
    if nothing {
        match everywhere {
            true => c.err_line("No resources found"),
            false => c.err_line(&format!("No resources found in {} namespace.", c.namespace()?.0)),
        }
    }
    Error::all(errors)
}

/// The name was not there: everything whose name begins like it.
async fn by_prefix(c: &Ctx, events: bool, not_found: Error) -> Result<(), Error> {
    let builder = Builder::new(c)?.single_type().args(&c.args[..1], true);
    let infos = builder.find(c).await?.all()?;
    let mut found = false;
    for info in infos.iter().filter(|i| i.name.starts_with(&c.args[1])) {
        found = true;
        c.line(&describe::describe(c, info, events).await?);
    }
    if found { Ok(()) } else { Err(not_found) }
}
