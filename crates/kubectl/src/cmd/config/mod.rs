//! `kubectl config`: reads and changes the kubeconfig. Mirrors kubectl/pkg/cmd/config.

mod change;
mod contexts;
mod view;

use crate::client_config;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, yaml};
use sim::Order;

/// `kubectl config`.
pub const COMMAND: Command = Command {
    name: "config",
    usage: "SUBCOMMAND",
    short: "Modify kubeconfig files",
    long: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".\n\n The file is, in this order: the one of --kubeconfig, those of $KUBECONFIG, or ${HOME}/.kube/config.",
    subs: &[(
        "Available Commands:",
        &[
            &contexts::CURRENT_CONTEXT,
            &contexts::DELETE_CLUSTER,
            &contexts::DELETE_CONTEXT,
            &contexts::DELETE_USER,
            &contexts::GET_CLUSTERS,
            &contexts::GET_CONTEXTS,
            &contexts::GET_USERS,
            &contexts::RENAME_CONTEXT,
            &change::SET,
            &change::SET_CLUSTER,
            &change::SET_CONTEXT,
            &change::SET_CREDENTIALS,
            &change::UNSET,
            &contexts::USE_CONTEXT,
            &view::VIEW,
        ],
    )],
    ..Command::NEW
};

/// The kubeconfig and the file that changes go to: the first that exists, else the last.
fn load(c: &Ctx) -> Result<(Value, String), Error> {
    let (config, files, _) = client_config::read(c)?;
    let there = files.iter().find(|f| c.env.files.kind(f).is_some());
    let file = there.or(files.last()).cloned().unwrap_or_default();
    Ok((config, file))
}

/// Writes the kubeconfig, its lists sorted by name.
fn save(c: &Ctx, mut config: Value, file: &str) -> Result<(), Error> {
    for list in ["clusters", "contexts", "users"] {
        config.field_mut(list).array_mut().order_by(|a, b| a["name"].str().cmp(b["name"].str()));
    }
    for field in ["current-context"] {
        if config[field].is_null() {
            config.set(field, "");
        }
    }
    let text = yaml::to_string(&config);
    c.env.files.write(file, text.as_bytes()).map_err(|e| Error::Message(format!("open {file}: {}", e.0)))
}

/// The key under which an entry of a list keeps its content.
fn content(list: &str) -> &'static str {
    match list {
        "clusters" => "cluster",
        "contexts" => "context",
        _ => "user",
    }
}

/// An entry's content to change, made when it is missing; gives back whether it was there.
fn entry<'a>(config: &'a mut Value, list: &str, name: &str) -> (&'a mut Value, bool) {
    let entries = config.field_mut(list).array_mut();
    let known = entries.iter().position(|e| e["name"] == name);
    let at = known.unwrap_or_else(|| {
        entries.push(apimachinery::json!({"name": name, (content(list)): {}}));
        entries.len() - 1
    });
    (entries[at].field_mut(content(list)), known.is_some())
}
