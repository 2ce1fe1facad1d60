//! `kubectl create secret`: generic, tls, docker-registry. Mirrors create_secret*.go.

use super::sources::{self, SOURCE_FLAGS, key_errors};
use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::flags::{Flag, list, switch, text};
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::{Value, base64, json};

/// `kubectl create secret`.
pub const COMMAND: Command = Command {
    name: "secret",
    usage: "(docker-registry | generic | tls)",
    short: "Create a secret using a specified subcommand",
    long: "Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicates an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.",
    subs: &[("Available Commands:", &[&DOCKER_REGISTRY, &GENERIC, &TLS])],
    ..Command::NEW
};

const GENERIC: Command = Command {
    name: "generic",
    usage: "NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a secret from a local file, directory, or literal value",
    examples: "# From literals\nkubectl create secret generic my-secret --from-literal=user=admin --from-literal=password=topsecret\n# From a file\nkubectl create secret generic my-secret --from-file=ssh-privatekey=path/to/id_rsa",
    flags: &[GENERIC_FLAGS, SOURCE_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(generic(c))),
    ..Command::NEW
};
static GENERIC_FLAGS: &[Flag] = &[text("type", ' ', "", "The type of the secret.")];

/// What the server says stands after these words, without a colon, as in the real one.
const FAILURE: &str = "failed to create secret";

fn secret(name: &str, kind: &str, data: Value) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}});
    if !data.is_empty() {
        object.set("data", data);
    }
    if !kind.is_empty() {
        object.set("type", kind);
    }
    object
}

/// The sources of `--from-*`, as a Secret's data.
fn read(c: &Ctx, data: &mut Value) -> Result<(), Error> {
    sources::read(c, &mut |key, bytes| {
        let errors = key_errors(key);
        if !errors.is_empty() {
            let why = errors.join(";");
            return Err(Error::Message(format!(
                "{} is not valid key name for a Secret {why}",
                go::quote(key)
            )));
        }
        if data.get(key).is_some() {
            return Err(Error::Message(format!(
                "cannot add key {key}, another key by that name already exists"
            )));
        }
        data.set(key, base64::encode(&bytes));
        Ok(())
    })
}

async fn generic(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let mut data = Value::object();
    read(c, &mut data)?;
    finish(c, secret(name, c.text("type"), data), "secrets", FAILURE).await
}

const TLS: Command = Command {
    name: "tls",
    usage: "NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]",
    short: "Create a TLS secret",
    examples: "# From a certificate and its key\nkubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key",
    flags: &[TLS_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(tls(c))),
    ..Command::NEW
};
static TLS_FLAGS: &[Flag] = &[
    switch("append-hash", ' ', "Append a hash of the content to the name.").refused(),
    text("cert", ' ', "", "File with the certificate, as PEM."),
    text("key", ' ', "", "File with its private key, as PEM."),
];

async fn tls(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let (cert, key) = (c.text("cert"), c.text("key"));
    if cert.is_empty() || key.is_empty() {
        return Err("key and cert must be specified".into());
    }
    let mut data = Value::object();
    for (field, path, what) in [("tls.crt", cert, "certificate"), ("tls.key", key, "key")] {
        let bytes = c.env.files.read(path);
        let bytes =
            bytes.map_err(|e| Error::Message(format!("Cannot read file {path}, open {path}: {}", e.0)))?;
        data.set(field, base64::encode(&bytes));
        if !String::from_utf8_lossy(&bytes).contains("-----BEGIN ") {
            return Err(Error::Message(format!("tls: failed to find any PEM data in {what} input")));
        }
    }
    finish(c, secret(name, "kubernetes.io/tls", data), "secrets", FAILURE).await
}

const DOCKER_REGISTRY: Command = Command {
    name: "docker-registry",
    usage: "NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]",
    short: "Create a secret for use with a Docker registry",
    examples: "# For the nodes to pull images with\nkubectl create secret docker-registry my-secret --docker-server=DOCKER_REGISTRY_SERVER --docker-username=DOCKER_USER --docker-password=DOCKER_PASSWORD --docker-email=DOCKER_EMAIL",
    flags: &[DOCKER_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(docker_registry(c))),
    ..Command::NEW
};
static DOCKER_FLAGS: &[Flag] = &[
    switch("append-hash", ' ', "Append a hash of the content to the name.").refused(),
    text("docker-email", ' ', "", "Email address at the registry."),
    text("docker-password", ' ', "", "Password at the registry."),
    text("docker-server", ' ', "https://index.docker.io/v1/", "Address of the registry."),
    text("docker-username", ' ', "", "User at the registry."),
    list("from-file", ' ', "File with a ready configuration.").refused(),
];

async fn docker_registry(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let (user, password) = (c.text("docker-username"), c.text("docker-password"));
    let (email, server) = (c.text("docker-email"), c.text("docker-server"));
    if user.is_empty() || password.is_empty() || server.is_empty() {
        return Err("either --from-file or the combination of --docker-username, --docker-password and --docker-server is required".into());
    }
    // The fields in the order of Go's struct, and only those that are there.
    let auth = base64::encode(format!("{user}:{password}").as_bytes());
    let fields = [("username", user), ("password", password), ("email", email), ("auth", &auth)];
    let fields = fields.iter().filter(|(_, v)| !v.is_empty());
    let text: Vec<String> =
        fields.map(|(k, v)| format!("\"{k}\":{}", go::json(&Value::from(*v), ""))).collect();
    let config = format!("{{\"auths\":{{{}:{{{}}}}}}}", go::json(&Value::from(server), ""), text.join(","));
    let data = json!({".dockerconfigjson": base64::encode(config.as_bytes())});
    finish(c, secret(name, "kubernetes.io/dockerconfigjson", data), "secrets", FAILURE).await
}
