//! Choosing, naming, listing and deleting what the kubeconfig has.

use super::{load, save};
use crate::client_config::named;
use crate::flags::{Flag, switch, text};
use crate::printers::tabwriter::TabWriter;
use crate::{Command, Ctx, Error, go};
use apimachinery::Value;
use sim::Order;

/// `kubectl config current-context`.
pub const CURRENT_CONTEXT: Command = Command {
    name: "current-context",
    usage: "[flags]",
    short: "Display the current-context",
    run: Some(|c| Box::pin(async { current_context(c) })),
    ..Command::NEW
};

fn current_context(c: &Ctx) -> Result<(), Error> {
    let (config, _) = load(c)?;
    match config["current-context"].str() {
        "" => Err("current-context is not set".into()),
        name => {
            c.line(name);
            Ok(())
        }
    }
}

/// `kubectl config use-context`.
pub const USE_CONTEXT: Command = Command {
    name: "use-context",
    aliases: &["use"],
    usage: "CONTEXT_NAME",
    short: "Set the current-context in a kubeconfig file",
    run: Some(|c| Box::pin(async { use_context(c) })),
    ..Command::NEW
};

fn use_context(c: &Ctx) -> Result<(), Error> {
    let name = one_argument(c, "use-context")?;
    let (mut config, file) = load(c)?;
    if named(&config, "contexts", name).is_none() {
        return Err(Error::Message(format!("no context exists with the name: {}", go::quote(name))));
    }
    config.set("current-context", name);
    save(c, config, &file)?;
    c.line(&format!("Switched to context {}.", go::quote(name)));
    Ok(())
}

/// The one argument of a subcommand; otherwise its help. Mirrors `helpErrorf`.
fn one_argument<'a>(c: &'a Ctx, _command: &str) -> Result<&'a str, Error> {
    match c.args.as_slice() {
        [name] => Ok(name),
        _ => {
            c.env.io.write(crate::Output::Stderr, crate::help::help(&c.path).as_bytes());
            Err(Error::Message(format!("unexpected args: [{}]", c.args.join(" "))))
        }
    }
}

/// `kubectl config rename-context`.
pub const RENAME_CONTEXT: Command = Command {
    name: "rename-context",
    usage: "CONTEXT_NAME NEW_NAME",
    short: "Rename a context from the kubeconfig file",
    run: Some(|c| Box::pin(async { rename_context(c) })),
    ..Command::NEW
};

fn rename_context(c: &Ctx) -> Result<(), Error> {
    let [old, new] = c.args.as_slice() else {
        c.env.io.write(crate::Output::Stderr, crate::help::help(&c.path).as_bytes());
        return Err(Error::Message(format!("unexpected args: [{}]", c.args.join(" "))));
    };
    let (mut config, file) = load(c)?;
    if named(&config, "contexts", old).is_none() {
        return Err(Error::Message(format!(
            "cannot rename the context {}, it's not in {file}",
            go::quote(old)
        )));
    }
    if named(&config, "contexts", new).is_some() {
        let (old, new) = (go::quote(old), go::quote(new));
        return Err(Error::Message(format!(
            "cannot rename the context {old}, the context {new} already exists in {file}"
        )));
    }
    for entry in config.field_mut("contexts").array_mut() {
        if entry["name"] == old.as_str() {
            entry.set("name", new.as_str());
        }
    }
    if config["current-context"] == old.as_str() {
        config.set("current-context", new.as_str());
    }
    save(c, config, &file)?;
    c.line(&format!("Context {} renamed to {}.", go::quote(old), go::quote(new)));
    Ok(())
}

/// `kubectl config delete-context`.
pub const DELETE_CONTEXT: Command = Command {
    name: "delete-context",
    usage: "NAME",
    short: "Delete the specified context from the kubeconfig",
    run: Some(|c| Box::pin(async { delete(c, "contexts", "context") })),
    ..Command::NEW
};

/// `kubectl config delete-cluster`.
pub const DELETE_CLUSTER: Command = Command {
    name: "delete-cluster",
    usage: "NAME",
    short: "Delete the specified cluster from the kubeconfig",
    run: Some(|c| Box::pin(async { delete(c, "clusters", "cluster") })),
    ..Command::NEW
};

/// `kubectl config delete-user`.
pub const DELETE_USER: Command = Command {
    name: "delete-user",
    usage: "NAME",
    short: "Delete the specified user from the kubeconfig",
    run: Some(|c| Box::pin(async { delete(c, "users", "user") })),
    ..Command::NEW
};

fn delete(c: &Ctx, list: &str, what: &str) -> Result<(), Error> {
    let name = one_argument(c, what)?;
    let (mut config, file) = load(c)?;
    if named(&config, list, name).is_none() {
        return Err(Error::Message(format!("cannot delete {what} {name}, not in {file}")));
    }
    if list == "contexts" && config["current-context"] == name {
        c.err_line("warning: this removed your active context, use \"kubectl config use-context\" to select a different one");
    }
    config.field_mut(list).array_mut().retain(|e| e["name"] != name);
    save(c, config, &file)?;
    c.line(&format!("deleted {what} {name} from {file}"));
    Ok(())
}

/// `kubectl config get-clusters`.
pub const GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    usage: "[flags]",
    short: "Display clusters defined in the kubeconfig",
    run: Some(|c| Box::pin(async { names(c, "clusters") })),
    ..Command::NEW
};

/// `kubectl config get-users`.
pub const GET_USERS: Command = Command {
    name: "get-users",
    usage: "[flags]",
    short: "Display users defined in the kubeconfig",
    run: Some(|c| Box::pin(async { names(c, "users") })),
    ..Command::NEW
};

fn names(c: &Ctx, list: &str) -> Result<(), Error> {
    let (config, _) = load(c)?;
    c.line("NAME");
    let mut names: Vec<&str> = config[list].items().iter().map(|e| e["name"].str()).collect();
    names.order();
    names.iter().for_each(|n| c.line(n));
    Ok(())
}

/// `kubectl config get-contexts`.
pub const GET_CONTEXTS: Command = Command {
    name: "get-contexts",
    usage: "[(-o|--output=)name)]",
    short: "Describe one or many contexts",
    flags: &[GET_CONTEXTS_FLAGS],
    run: Some(|c| Box::pin(async { get_contexts(c) })),
    ..Command::NEW
};

static GET_CONTEXTS_FLAGS: &[Flag] = &[
    switch("no-headers", ' ', "Print no titles."),
    text("output", 'o', "", "Output format. One of: (name)."),
];

fn get_contexts(c: &Ctx) -> Result<(), Error> {
    let only_names = match c.text("output") {
        "" => false,
        "name" => true,
        _ => return Err("output must be one of '' or 'name'".into()),
    };
    let (config, _) = load(c)?;
    let mut wanted: Vec<&Value> = config["contexts"].items().iter().collect();
    wanted.order_by_key(|e| e["name"].str());
    let mut errors = Vec::new();
    if !c.args.is_empty() {
        let missing = c.args.iter().filter(|n| named(&config, "contexts", n).is_none());
        errors.extend(missing.map(|n| Error::Message(format!("context {n} not found"))));
        wanted.retain(|e| c.args.iter().any(|n| e["name"] == n.as_str()));
    }
    let mut w = TabWriter::for_tables();
    if !only_names && !c.on("no-headers") {
        w.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for entry in wanted {
        let (name, context) = (entry["name"].str(), &entry["context"]);
        if only_names {
            w.write(&format!("{name}\n"));
            continue;
        }
        let mark = if config["current-context"] == name { "*" } else { "" };
        let field = |f: &str| context[f].str().to_string();
        w.write(&format!(
            "{mark}\t{name}\t{}\t{}\t{}\n",
            field("cluster"),
            field("user"),
            field("namespace")
        ));
    }
    c.out(&w.flush());
    Error::all(errors)
}
