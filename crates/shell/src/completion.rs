//! How a line with kubectl or minikube could go on: commands, flags, kinds, names, namespaces.

use crate::{World, minikube};
use apimachinery::{Request, Value};
use sim::Order;
use sim::collections::BTreeSet;

/// The most candidates that are given.
const MAX_CANDIDATES: usize = 500;

/// Commands of kubectl whose first word is a kind and whose second is a name (or `kind/name`).
const BY_KIND: [&str; 13] = [
    "get",
    "describe",
    "delete",
    "edit",
    "label",
    "annotate",
    "scale",
    "expose",
    "autoscale",
    "patch",
    "wait",
    "events",
    "set",
];
/// Commands whose first word is a pod (or `kind/name`).
const BY_POD: [&str; 4] = ["logs", "exec", "port-forward", "attach"];
/// Commands whose first word is a node.
const BY_NODE: [&str; 3] = ["cordon", "uncordon", "drain"];

/// What the last of these words could read. Nothing when the shell should look for files.
pub(crate) async fn complete(world: World, words: Vec<String>) -> Vec<String> {
    let Some((last, before)) = words.split_last() else { return Vec::new() };
    let program = before.first().map_or("", |p| p.rsplit('/').next().unwrap_or_default());
    let mut found: Vec<String> = match program {
        "minikube" => of_minikube(&world, &before[1..]),
        "kubectl" => of_kubectl(&world, &before[1..], last).await,
        _ => Vec::new(),
    };
    found.retain(|c| c.starts_with(last.as_str()));
    found.order();
    found.dedup();
    found.truncate(MAX_CANDIDATES);
    found
}

fn of_minikube(world: &World, before: &[String]) -> Vec<String> {
    let words: Vec<&str> = before.iter().map(String::as_str).collect();
    let fixed: &[&str] = match words.as_slice() {
        [] => return minikube::names().map(String::from).collect(),
        ["node"] => &["add", "delete", "list", "start", "stop"],
        ["addons"] => &["disable", "enable", "list"],
        ["addons", "enable" | "disable"] => return world.driver.addons().into_iter().map(|a| a.0).collect(),
        ["profile"] | ["service"] => &["list"],
        ["node", "start" | "stop" | "delete"] | [.., "-n" | "--node"] => {
            return world.driver.nodes().into_iter().map(|n| n.name).collect();
        }
        _ => &[],
    };
    fixed.iter().map(|s| s.to_string()).collect()
}

async fn of_kubectl(world: &World, before: &[String], last: &str) -> Vec<String> {
    match before.last().map(String::as_str) {
        Some("-n" | "--namespace") => return names(world, "/api/v1/namespaces").await,
        Some("-o" | "--output") => {
            let formats = ["custom-columns=", "go-template=", "json", "jsonpath=", "name", "wide", "yaml"];
            return formats.map(String::from).to_vec();
        }
        _ => {}
    }
    let (commands, flags) = kubectl::completions(before);
    if last.starts_with('-') {
        let name = |f: &&kubectl::Flag| {
            format!("--{}{}", f.name, if matches!(f.kind, kubectl::Kind::Bool) { "" } else { "=" })
        };
        return flags.iter().map(name).collect();
    }
    if !commands.is_empty() {
        return commands.into_iter().map(String::from).collect();
    }
    let (namespace, words) = positional(before);
    let verb = words.first().copied().unwrap_or_default();
    let given = match verb {
        "rollout" | "set" => &words[words.len().min(2)..],
        _ => &words[words.len().min(1)..],
    };
    if let Some((kind, _)) = last.split_once('/') {
        let found = names_of(world, kind, namespace).await;
        return found.into_iter().map(|n| format!("{kind}/{n}")).collect();
    }
    match (verb, given) {
        (v, []) if BY_KIND.contains(&v) => kinds(world).await.into_iter().map(|k| k.0).collect(),
        (v, [kind, ..]) if BY_KIND.contains(&v) => names_of(world, kind, namespace).await,
        (v, []) if BY_POD.contains(&v) => names_of(world, "pods", namespace).await,
        (v, _) if BY_NODE.contains(&v) => names(world, "/api/v1/nodes").await,
        ("rollout", []) => ["deployment/"].map(String::from).to_vec(),
        ("rollout", [kind, ..]) => names_of(world, kind, namespace).await,
        ("taint" | "top", []) => ["nodes", "pods"].map(String::from).to_vec(),
        ("taint" | "top", [kind, ..]) => names_of(world, kind, namespace).await,
        _ => Vec::new(),
    }
}

/// The namespace that a line names, and its words that are neither flags nor their values.
fn positional(before: &[String]) -> (&str, Vec<&str>) {
    let (mut namespace, mut words, mut iter) = ("default", Vec::new(), before.iter());
    while let Some(word) = iter.next() {
        match word.as_str() {
            "-n" | "--namespace" => namespace = iter.next().map_or("default", String::as_str),
            "-o" | "-l" | "-c" | "-f" | "--selector" | "--output" => drop(iter.next()),
            w if w.starts_with("--namespace=") => namespace = &w["--namespace=".len()..],
            w if w.starts_with('-') => {}
            w => words.push(w),
        }
    }
    (namespace, words)
}

async fn get(world: &World, path: &str) -> Value {
    let answer = world.transport.send(Request::get(path)).await;
    answer.ok().filter(apimachinery::Response::is_success).map(|r| r.value()).unwrap_or_default()
}

async fn names(world: &World, path: &str) -> Vec<String> {
    let list = get(world, path).await;
    list["items"].items().iter().map(|o| o.at("metadata.name").str().to_string()).collect()
}

/// Every kind that can be listed: its plural, its other names, and the path of its group and version.
async fn kinds(world: &World) -> Vec<(String, BTreeSet<String>, String, bool)> {
    let groups = get(world, "/apis").await;
    let mut paths = vec!["/api/v1".to_string()];
    let preferred = |g: &Value| format!("/apis/{}", g.at("preferredVersion.groupVersion").str());
    paths.extend(groups["groups"].items().iter().map(preferred));
    let mut found = Vec::new();
    for path in paths {
        let list = get(world, &path).await;
        for r in list["resources"].items() {
            let plural = r["name"].str();
            let listable = r["verbs"].items().iter().any(|v| *v == "list");
            if plural.contains('/') || !listable {
                continue;
            }
            let others = r["shortNames"].items().iter().map(|s| s.str().to_string());
            let names = others.chain([r["singularName"].str().to_string(), plural.to_string()]).collect();
            found.push((plural.to_string(), names, path.clone(), r["namespaced"].is_true()));
        }
    }
    found
}

async fn names_of(world: &World, kind: &str, namespace: &str) -> Vec<String> {
    let kinds = kinds(world).await;
    let Some((plural, _, path, namespaced)) = kinds.into_iter().find(|k| k.1.contains(kind)) else {
        return Vec::new();
    };
    let path = match namespaced {
        true => format!("{path}/namespaces/{namespace}/{plural}"),
        false => format!("{path}/{plural}"),
    };
    names(world, &path).await
}

#[cfg(test)]
mod tests {
    use super::positional;

    #[test]
    fn flags_and_their_values_are_no_words() {
        let line: Vec<String> =
            "get -n kube-system pods -l app=x --watch".split(' ').map(String::from).collect();
        assert_eq!(positional(&line), ("kube-system", vec!["get", "pods"]));
    }
}
