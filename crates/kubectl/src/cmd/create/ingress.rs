//! `kubectl create ingress`. Mirrors create_ingress.go.

use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, array, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json};

/// `kubectl create ingress`.
pub const COMMAND: Command = Command {
    name: "ingress",
    aliases: &["ing"],
    usage: "NAME --rule=host/path=service:port[,tls[=secret]]",
    short: "Create an ingress with the specified name",
    examples: "# One path of one host, with a certificate\nkubectl create ingress simple --rule=\"foo.com/bar=svc1:8080,tls=my-cert\"\n# Everything below a path\nkubectl create ingress catch-all --class=otheringress --rule=\"/path*=svc:port\"",
    flags: &[FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    array("annotation", ' ', "Annotation of the ingress, as key=value."),
    text("class", ' ', "", "The ingress class."),
    text("default-backend", ' ', "", "Service for everything else, as svcname:port."),
    array(
        "rule",
        ' ',
        "A rule, as host/path=service:port[,tls=secretname]. A path that ends in '*' is a prefix.",
    ),
];

/// A rule's parts.
struct Rule<'a> {
    host: &'a str,
    path: &'a str,
    backend: Value,
    /// The secret, if the rule asks for TLS; empty for none of its own.
    tls: Option<&'a str>,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let (rules, default) = (c.values("rule"), c.text("default-backend"));
    if rules.is_empty() && default.is_empty() {
        return Err("not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)".into());
    }
    let parsed: Vec<Rule<'_>> = rules
        .iter()
        .map(|text| {
            parse(text).ok_or_else(|| {
                Error::Message(format!(
                    "rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"
                ))
            })
        })
        .collect::<Result<_, _>>()?;
    let mut object = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name},
        "spec": {}, "status": {"loadBalancer": {}},
    });
    for annotation in c.values("annotation") {
        let Some((key, value)) = annotation.split_once('=') else {
            return Err(Error::Message(format!(
                "annotation {annotation} is invalid and should be in format key=[value]"
            )));
        };
        object.at_mut("metadata.annotations").set(key, value);
    }
    if !c.text("class").is_empty() {
        object.set_at("spec.ingressClassName", c.text("class"));
    }
    if !default.is_empty() {
        let backend =
            backend(default).ok_or("default-backend should be in format servicename:serviceport")?;
        object.set_at("spec.defaultBackend", backend);
    }
    for (field, list) in [("spec.tls", tls(&parsed)), ("spec.rules", by_host(&parsed))] {
        if !list.is_empty() {
            object.set_at(field, list);
        }
    }
    finish(c, object, "ingresses", "failed to create ingress:").await
}

fn parse(text: &str) -> Option<Rule<'_>> {
    let (rule, tls) = text.split_once(',').map_or((text, None), |(rule, tls)| (rule, Some(tls)));
    let slash = rule.find('/')?;
    let (host, rest) = rule.split_at(slash);
    let (path, service) = rest.rsplit_once('=')?;
    let fits = host.chars().all(|c| c.is_ascii_alphanumeric() || "_*-.".contains(c));
    let tls = match tls {
        None => None,
        Some("tls") => Some(""),
        Some(tls) => Some(tls.strip_prefix("tls=")?),
    };
    Some(Rule { host, path, backend: backend(service).filter(|_| fits)?, tls })
}

fn backend(text: &str) -> Option<Value> {
    let (name, port) = text.split_once(':')?;
    let word = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !word(name) || !word(port) {
        return None;
    }
    let port = match port.parse::<i64>() {
        Ok(number) => json!({"number": number}),
        Err(_) => json!({"name": port}),
    };
    Some(json!({"service": {"name": name, "port": port}}))
}

/// Hosts by secret, each host once.
fn tls(rules: &[Rule<'_>]) -> Vec<Value> {
    let (mut list, mut seen): (Vec<Value>, Vec<&str>) = (Vec::new(), Vec::new());
    for rule in rules {
        let Some(secret) = rule.tls.filter(|_| !seen.contains(&rule.host)) else { continue };
        seen.push(rule.host);
        if let Some(known) = list.iter_mut().find(|e| e["secretName"].str() == secret) {
            known.field_mut("hosts").array_mut().push(rule.host.into());
            continue;
        }
        let mut entry = Value::object();
        if !rule.host.is_empty() {
            entry.set("hosts", vec![rule.host]);
        }
        if !secret.is_empty() {
            entry.set("secretName", secret);
        }
        if !entry.is_empty() {
            list.push(entry);
        }
    }
    list
}

fn by_host(rules: &[Rule<'_>]) -> Vec<Value> {
    let mut list: Vec<Value> = Vec::new();
    for rule in rules {
        let (path, kind) = rule.path.strip_suffix('*').map_or((rule.path, "Exact"), |p| (p, "Prefix"));
        let path = json!({"path": path, "pathType": kind, "backend": rule.backend.clone()});
        match list.iter_mut().find(|r| r["host"].str() == rule.host) {
            Some(known) => known.at_mut("http.paths").array_mut().push(path),
            None => {
                let mut entry = json!({"http": {"paths": [path]}});
                if !rule.host.is_empty() {
                    entry.set("host", rule.host);
                }
                list.push(entry);
            }
        }
    }
    list
}
