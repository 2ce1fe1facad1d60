//! `kubectl create configmap`. Mirrors create_configmap.go.

use super::sources::{self, SOURCE_FLAGS, key_errors};
use super::{GENERATOR_FLAGS, finish};
use crate::cmd::common::name_from_args;
use crate::printers::PRINT_FLAGS;
use crate::{Command, Ctx, Error, go};
use apimachinery::{Value, base64, json};

/// `kubectl create configmap`.
pub const COMMAND: Command = Command {
    name: "configmap",
    aliases: &["cm"],
    usage: "NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]",
    short: "Create a config map from a local file, directory or literal value",
    examples: "# From literals\nkubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2\n# From a file, under its own name\nkubectl create configmap my-config --from-file=app.properties\n# From a file, under another name\nkubectl create configmap my-config --from-file=key1=app.properties\n# From lines of key=value\nkubectl create configmap my-config --from-env-file=path/to/foo.env",
    flags: &[SOURCE_FLAGS, GENERATOR_FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let name = name_from_args(c)?;
    let (mut data, mut binary) = (Value::object(), Value::object());
    sources::read(c, &mut |key, bytes| {
        let errors = key_errors(key);
        if !errors.is_empty() {
            let why = errors.join(",");
            return Err(Error::Message(format!(
                "{} is not a valid key name for a ConfigMap: {why}",
                go::quote(key)
            )));
        }
        for (field, there) in [("Data", &data), ("BinaryData", &binary)] {
            if there.get(key).is_some() {
                return Err(Error::Message(format!(
                    "cannot add key {}, another key by that name already exists in {field} for ConfigMap {}",
                    go::quote(key),
                    go::quote(name)
                )));
            }
        }
        match String::from_utf8(bytes) {
            Ok(text) => data.set(key, text),
            Err(bytes) => binary.set(key, base64::encode(bytes.as_bytes())),
        }
        Ok(())
    })?;
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    for (field, value) in [("data", data), ("binaryData", binary)] {
        if !value.is_empty() {
            object.set(field, value);
        }
    }
    finish(c, object, "configmaps", "failed to create configmap:").await
}
