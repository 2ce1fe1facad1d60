//! Setting and unsetting values of the kubeconfig.

use super::{content, entry, load, save};
use crate::flags::{Flag, array, switch, text};
use crate::{Command, Ctx, Error, go};
use apimachinery::{Value, base64};

/// `kubectl config set`.
pub const SET: Command = Command {
    name: "set",
    usage: "PROPERTY_NAME PROPERTY_VALUE",
    short: "Set an individual value in a kubeconfig file",
    examples: "# The server of a cluster\nkubectl config set clusters.my-cluster.server https://1.2.3.4",
    flags: &[SET_FLAGS],
    run: Some(|c| Box::pin(async { set(c) })),
    ..Command::NEW
};

static SET_FLAGS: &[Flag] =
    &[switch("set-raw-bytes", ' ', "The value is not encoded; only for fields that hold bytes.")];

/// `kubectl config unset`.
pub const UNSET: Command = Command {
    name: "unset",
    usage: "PROPERTY_NAME",
    short: "Unset an individual value in a kubeconfig file",
    examples: "# Without a namespace of its own\nkubectl config unset contexts.foo.namespace",
    run: Some(|c| Box::pin(async { unset(c) })),
    ..Command::NEW
};

/// The names of fields in a property path; names of entries may have dots in them. Mirrors newNavigationSteps.
enum Property<'a> {
    Top(&'a str),
    Entry { list: &'a str, name: String, field: String },
}

fn property<'a>(path: &'a str, config: &Value) -> Result<Property<'a>, Error> {
    const TOP: [&str; 8] = [
        "kind",
        "apiVersion",
        "preferences",
        "clusters",
        "users",
        "contexts",
        "current-context",
        "extensions",
    ];
    let (list, rest) = path.split_once('.').map_or((path, None), |(list, rest)| (list, Some(rest)));
    if !TOP.contains(&list) {
        return Err(Error::Message(format!("unable to parse {path} after [] at api.Config")));
    }
    let Some(rest) = rest else { return Ok(Property::Top(path)) };
    if !matches!(list, "clusters" | "contexts" | "users") {
        return Err(Error::Message(format!("unable to parse one or more field values of {path}")));
    }
    let known = config[list]
        .items()
        .iter()
        .map(|e| e["name"].str())
        .filter(|n| rest == *n || rest.strip_prefix(n).is_some_and(|after| after.starts_with('.')));
    let name = match known.max_by_key(|n| n.len()) {
        Some(name) => name.to_string(),
        None => rest.rsplit_once('.').map_or(rest, |(name, _)| name).to_string(),
    };
    let field = rest[name.len()..].trim_start_matches('.').to_string();
    Ok(Property::Entry { list, name, field })
}

fn set(c: &Ctx) -> Result<(), Error> {
    let [path, value] = c.args.as_slice() else { return Err(unexpected(c)) };
    let (mut config, file) = load(c)?;
    match property(path, &config)? {
        Property::Top(name @ ("current-context" | "kind" | "apiVersion")) => config.set(name, value.as_str()),
        Property::Top(name) => {
            return Err(Error::Message(format!("unable to locate path {}", go::quote(name))));
        }
        Property::Entry { list, name, field } => {
            if field.is_empty() {
                return Err(Error::Message(format!("can't set a map to a value: {value}")));
            }
            let value = match field.as_str() {
                "insecure-skip-tls-verify" => Value::from(value == "true"),
                f if f.ends_with("-data") && c.on("set-raw-bytes") => base64::encode(value.as_bytes()).into(),
                _ => value.as_str().into(),
            };
            entry(&mut config, list, &name).0.set(&field, value);
        }
    }
    save(c, config, &file)?;
    c.line(&format!("Property {} set.", go::quote(path)));
    Ok(())
}

fn unset(c: &Ctx) -> Result<(), Error> {
    let [path] = c.args.as_slice() else { return Err(unexpected(c)) };
    let (mut config, file) = load(c)?;
    match property(path, &config)? {
        Property::Top(name) => drop(config.remove(name)),
        Property::Entry { list, name, field } => {
            if crate::client_config::named(&config, list, &name).is_none() {
                return Err("current map key `{name}` is invalid".replace("{name}", &name).into());
            }
            if field.is_empty() {
                config.field_mut(list).array_mut().retain(|e| e["name"] != name.as_str());
            } else {
                entry(&mut config, list, &name).0.remove(&field);
            }
        }
    }
    save(c, config, &file)?;
    c.line(&format!("Property {} unset.", go::quote(path)));
    Ok(())
}

fn unexpected(c: &Ctx) -> Error {
    c.env.io.write(crate::Output::Stderr, crate::help::help(&c.path).as_bytes());
    Error::Message(format!("unexpected args: [{}]", c.args.join(" ")))
}

/// `kubectl config set-context`.
pub const SET_CONTEXT: Command = Command {
    name: "set-context",
    usage: "[NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
    short: "Set a context entry in kubeconfig",
    examples: "# The namespace of the current context\nkubectl config set-context --current --namespace=dev",
    flags: &[SET_CONTEXT_FLAGS],
    run: Some(|c| Box::pin(async { set_context(c) })),
    ..Command::NEW
};

static SET_CONTEXT_FLAGS: &[Flag] = &[switch("current", ' ', "The current context.")];

fn set_context(c: &Ctx) -> Result<(), Error> {
    let (mut config, file) = load(c)?;
    let name = match (c.on("current"), c.args.as_slice()) {
        (true, []) => match config["current-context"].str() {
            "" => return Err("no current context is set".into()),
            name => name.to_string(),
        },
        (false, [name]) => name.clone(),
        (true, _) => return Err("you cannot specify both a context name and --current".into()),
        (false, _) => return Err(unexpected(c)),
    };
    let (context, known) = entry(&mut config, "contexts", &name);
    for flag in ["cluster", "user", "namespace"] {
        if c.given(flag) {
            context.set(flag, c.text(flag));
        }
    }
    save(c, config, &file)?;
    c.line(&format!("Context {} {}.", go::quote(&name), if known { "modified" } else { "created" }));
    Ok(())
}

/// `kubectl config set-cluster`.
pub const SET_CLUSTER: Command = Command {
    name: "set-cluster",
    usage: "NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    short: "Set a cluster entry in kubeconfig",
    flags: &[SET_CLUSTER_FLAGS],
    run: Some(|c| Box::pin(async { set_entry(c, "clusters", "Cluster") })),
    ..Command::NEW
};

static SET_CLUSTER_FLAGS: &[Flag] = &[
    switch("embed-certs", ' ', "Keep the certificates themselves.").refused(),
    text("proxy-url", ' ', "", "The proxy on the way to the cluster."),
];

/// `kubectl config set-credentials`.
pub const SET_CREDENTIALS: Command = Command {
    name: "set-credentials",
    usage: "NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token]",
    short: "Set a user entry in kubeconfig",
    flags: &[SET_CREDENTIALS_FLAGS],
    run: Some(|c| Box::pin(async { set_entry(c, "users", "User") })),
    ..Command::NEW
};

static SET_CREDENTIALS_FLAGS: &[Flag] = &[
    text("auth-provider", ' ', "", "Provider of credentials.").refused(),
    array("auth-provider-arg", ' ', "Arguments of the provider.").refused(),
    switch("embed-certs", ' ', "Keep the certificates themselves.").refused(),
    array("exec-arg", ' ', "Arguments of the program.").refused(),
    text("exec-command", ' ', "", "Program that gives credentials.").refused(),
    text("password", ' ', "", "The password of the user entry."),
    text("username", ' ', "", "The name of the user entry."),
];

fn set_entry(c: &Ctx, list: &str, title: &str) -> Result<(), Error> {
    let [name] = c.args.as_slice() else { return Err(unexpected(c)) };
    let fields: &[&str] = match list {
        "clusters" => &["server", "certificate-authority", "tls-server-name", "proxy-url"],
        _ => &["client-certificate", "client-key", "token", "username", "password"],
    };
    let (mut config, file) = load(c)?;
    let (target, _) = entry(&mut config, list, name);
    debug_assert!(!content(list).is_empty());
    for field in fields {
        if c.given(field) {
            target.set(field, c.text(field));
        }
    }
    if list == "clusters" && c.given("insecure-skip-tls-verify") {
        target.set("insecure-skip-tls-verify", c.on("insecure-skip-tls-verify"));
    }
    save(c, config, &file)?;
    c.line(&format!("{title} {} set.", go::quote(name)));
    Ok(())
}
