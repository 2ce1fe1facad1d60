//! The kubeconfig and what it chooses: cluster, user, namespace. Mirrors client-go/tools/clientcmd.

use crate::ctx::host_of;
use crate::{Ctx, Error};
use apimachinery::yaml;
use apimachinery::{Value, json};
use client::Place;
use sim::net;
use std::cell::Cell;

/// A kubeconfig as it was read, with what the flags chose.
pub struct ClientConfig {
    /// The merged file.
    pub raw: Value,
    /// The files that it was read from, in order of precedence.
    pub files: Vec<String>,
    /// Whether `--kubeconfig` named the file.
    pub explicit: bool,
    context: Value,
    server: String,
    authenticated: bool,
    reached: Cell<bool>,
}

/// An entry of a list of named things (`clusters`, `contexts`, `users`).
pub fn named<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    config[list].items().iter().find(|e| e["name"] == name)
}

/// Reads the kubeconfig: the merged one, the files it came from, and whether a flag named the file.
pub fn read(c: &Ctx) -> Result<(Value, Vec<String>, bool), Error> {
    let given = c.global("kubeconfig");
    let var = |name: &str| c.env.vars.get(name).cloned().unwrap_or_default();
    let files: Vec<String> = if !given.is_empty() {
        vec![given.into()]
    } else if !var("KUBECONFIG").is_empty() {
        var("KUBECONFIG").split(':').filter(|f| !f.is_empty()).map(String::from).collect()
    } else {
        vec![format!("{}/.kube/config", var("HOME"))]
    };
    let mut merged = json!({"kind": "Config", "apiVersion": "v1"});
    for file in &files {
        if c.env.files.kind(file).is_none() {
            if !given.is_empty() {
                return Err(Error::Message(format!("stat {file}: no such file or directory")));
            }
            continue;
        }
        let text = String::from_utf8_lossy(&c.read_file(file)?).into_owned();
        let one = yaml::parse(&text)
            .map_err(|why| Error::Message(format!("error loading config file {file:?}: {why}")))?;
        merge(&mut merged, &one);
    }
    Ok((merged, files, !given.is_empty()))
}

/// What is there already wins, as in clientcmd's merging.
fn merge(into: &mut Value, from: &Value) {
    for list in ["clusters", "contexts", "users"] {
        for entry in from[list].items() {
            if named(into, list, entry["name"].str()).is_none() {
                into.field_mut(list).array_mut().push(entry.clone());
            }
        }
    }
    for (key, value) in from.fields() {
        if into[key].is_empty() {
            into.set(key, value);
        }
    }
}

impl ClientConfig {
    /// Reads and checks it.
    pub fn load(c: &Ctx) -> Result<ClientConfig, Error> {
        let (raw, files, explicit) = read(c)?;
        let name = or(c.global("context"), raw["current-context"].str());
        let context = match named(&raw, "contexts", name) {
            Some(entry) => entry["context"].clone(),
            None if name.is_empty() => Value::Null,
            None => {
                return Err(Error::Plain(format!(
                    "Error in configuration: context was not found for specified context: {name}"
                )));
            }
        };
        let cluster = or(c.global("cluster"), context["cluster"].str());
        if !c.global("cluster").is_empty() && named(&raw, "clusters", cluster).is_none() {
            return Err(Error::Message(format!("cluster {cluster:?} does not exist")));
        }
        let user = or(c.global("user"), context["user"].str());
        if !c.global("user").is_empty() && named(&raw, "users", user).is_none() {
            return Err(Error::Message(format!("auth info {user:?} does not exist")));
        }
        let cluster = named(&raw, "clusters", cluster).map_or(Value::Null, |e| e["cluster"].clone());
        let user = named(&raw, "users", user).map_or(Value::Null, |e| e["user"].clone());
        let server = or(c.global("server"), or(cluster["server"].str(), "http://localhost:8080")).to_string();
        // The transport vouches for the certificate of the kubeconfig, and nobody has given out tokens.
        let authenticated = !c.global("client-certificate").is_empty()
            || !user["client-certificate"].is_empty()
            || !user["client-certificate-data"].is_empty();
        Ok(ClientConfig { raw, files, explicit, context, server, authenticated, reached: Cell::new(false) })
    }

    /// The namespace of the context, or `default`.
    pub fn namespace(&self) -> String {
        or(self.context["namespace"].str(), "default").into()
    }

    /// The address of the API server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Makes sure that the transport is the server that the kubeconfig means, and that we may talk to it.
    pub async fn reach(&self, c: &Ctx) -> Result<(), Error> {
        if self.reached.replace(true) {
            return Ok(());
        }
        if self.server.trim_end_matches('/') != c.env.server.trim_end_matches('/') {
            let target = host_of(&self.server);
            let (host, port) = target.rsplit_once(':').unwrap_or((&target, "443"));
            let request = net::Request {
                host: host.into(),
                port: port.parse().unwrap_or_default(),
                payload: net::Payload::Connect,
                timeout: None,
            };
            let answer = c.env.network.send(Place::Laptop, request).await;
            answer.map_err(|why| Error::Connection(target.clone(), why))?;
        }
        if !self.authenticated {
            return Err(apimachinery::Status::new(401, "Unauthorized", "Unauthorized").into());
        }
        Ok(())
    }
}

fn or<'a>(first: &'a str, second: &'a str) -> &'a str {
    if first.is_empty() { second } else { first }
}
