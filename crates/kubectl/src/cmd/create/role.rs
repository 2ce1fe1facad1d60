//! `kubectl create role` and `kubectl create clusterrole`. Mirrors create_role.go and create_clusterrole.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, array, list, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json};
use sim::Order;

/// `kubectl create role`.
pub const COMMAND: Command = Command {
    name: "role",
    usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a role with single rule",
    examples: "# Who may look at pods\nkubectl create role pod-reader --verb=get --verb=list --verb=watch --resource=pods",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, false))),
    ..Command::NEW
};

/// `kubectl create clusterrole`.
pub const CLUSTER_ROLE: Command = Command {
    name: "clusterrole",
    usage: "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a cluster role",
    examples: "# Who may look at pods anywhere\nkubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods",
    flags: &[FLAGS, CLUSTER_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c, true))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    list("resource", ' ', "Resources of the rule."),
    array("resource-name", ' ', "Only resources of this name; may be repeated."),
    list("verb", ' ', "What may be done with them."),
];

static CLUSTER_FLAGS: &[Flag] = &[
    text("aggregation-rule", ' ', "", "Labels of the cluster roles to combine.").refused(),
    list("non-resource-url", ' ', "Paths that are no resources."),
];

const VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

async fn run(c: &Ctx, cluster: bool) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let mut verbs: Vec<&str> = Vec::new();
    for verb in c.values("verb") {
        if verb == "*" {
            verbs = vec!["*"];
            break;
        }
        if !verbs.contains(&verb.as_str()) {
            verbs.push(verb);
        }
    }
    if verbs.is_empty() {
        return Err("at least one verb must be specified".into());
    }
    let paths = if cluster { c.values("non-resource-url") } else { &[] };
    let resources = c.values("resource");
    if resources.is_empty() && paths.is_empty() {
        return Err(Error::from(match cluster {
            true => "one of resource or nonResourceURL must be specified",
            false => "at least one resource must be specified",
        }));
    }
    if !resources.is_empty() {
        for verb in verbs.iter().filter(|v| !VERBS.contains(v)) {
            c.err_line(&format!("Warning: '{verb}' is not a standard resource verb"));
        }
    }
    check_paths(paths, &verbs)?;
    let mut rules = rules(c, resources, &verbs).await?;
    if !paths.is_empty() {
        rules.push(json!({"nonResourceURLs": paths.to_vec(), "verbs": verbs.clone()}));
    }
    let kind = if cluster { "ClusterRole" } else { "Role" };
    let object = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "rules": rules,
    });
    finish(c, object, if cluster { "clusterroles" } else { "roles" }, "").await
}

fn check_paths(paths: &[String], verbs: &[&str]) -> Result<(), Error> {
    const PATH_VERBS: [&str; 8] = ["*", "get", "post", "put", "delete", "patch", "head", "options"];
    for path in paths {
        if let Some(verb) = verbs.iter().find(|v| !PATH_VERBS.contains(v)) {
            return Err(Error::Message(format!("invalid verb: '{verb}' for nonResourceURL")));
        }
        if path == "*" {
            continue;
        }
        if !path.starts_with('/') {
            return Err("nonResourceURL should start with /".into());
        }
        if path[..path.len() - 1].contains('*') {
            return Err("nonResourceURL only supports wildcard matches when '*' is at the end".into());
        }
    }
    Ok(())
}

/// One rule for each API group. Mirrors generateResourcePolicyRules.
async fn rules(c: &Ctx, resources: &[String], verbs: &[&str]) -> Result<Vec<Value>, Error> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for text in resources {
        let (resource, sub) = text.split_once('/').map_or((text.as_str(), ""), |(r, s)| (r, s));
        if resource.is_empty() || resource.starts_with('.') {
            return Err("resource must be specified if apiGroup/subresource specified".into());
        }
        let (mut plural, mut group) = resource
            .split_once('.')
            .map_or((resource.to_string(), String::new()), |(r, g)| (r.to_string(), g.to_string()));
        if plural != "*" {
            let known = c.resource(resource).await?;
            (plural, group) = (known.plural.clone(), known.group.clone());
        }
        if !sub.is_empty() {
            plural = format!("{plural}/{sub}");
        }
        match groups.iter_mut().find(|(g, _)| *g == group) {
            Some((_, list)) if list.contains(&plural) => {}
            Some((_, list)) => list.push(plural),
            None => groups.push((group, vec![plural])),
        }
    }
    groups.order();
    let mut names: Vec<String> = c.values("resource-name").to_vec();
    names.dedup();
    Ok(groups
        .into_iter()
        .map(|(group, plurals)| {
            let mut rule = json!({"apiGroups": [group], "resources": plurals, "verbs": verbs.to_vec()});
            if !names.is_empty() {
                rule.set("resourceNames", names.clone());
            }
            rule
        })
        .collect())
}
