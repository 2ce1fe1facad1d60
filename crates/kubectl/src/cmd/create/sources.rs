//! Where the keys of a ConfigMap or a Secret come from: files, literals, files of variables.

use crate::env::FileKind;
use crate::flags::{Flag, array, list, switch};
use crate::{Ctx, Error, go};

/// The flags that name sources.
pub static SOURCE_FLAGS: &[Flag] = &[
    switch("append-hash", ' ', "Append a hash of the content to the name.").refused(),
    list("from-env-file", ' ', "File with lines of key=value."),
    list(
        "from-file",
        ' ',
        "File whose content becomes a value; its name, or what stands before '=', becomes the key. A directory means all of its files.",
    ),
    array("from-literal", ' ', "A key and its value, as key=value."),
];

/// Takes a key and its value.
type Add<'a> = dyn FnMut(&str, Vec<u8>) -> Result<(), Error> + 'a;

/// Hands every key and value of the sources to `add`, in the order of kubectl: files, literals, variables.
pub fn read(c: &Ctx, add: &mut Add<'_>) -> Result<(), Error> {
    let (files, literals) = (c.values("from-file"), c.values("from-literal"));
    let others = !files.is_empty() || !literals.is_empty();
    if others && !c.values("from-env-file").is_empty() {
        return Err("from-env-file cannot be combined with from-file or from-literal".into());
    }
    for source in files {
        from_file(c, source, add)?;
    }
    for source in literals {
        match source.split_once('=') {
            Some((key, value)) if !key.is_empty() => add(key, value.as_bytes().to_vec())?,
            _ => return Err(Error::Message(format!("invalid literal source {source}, expected key=value"))),
        }
    }
    for path in c.values("from-env-file") {
        from_env_file(c, path, add)?;
    }
    Ok(())
}

fn reading(path: &str, why: &str) -> Error {
    Error::Message(format!("error reading {path}: {why}"))
}

/// Mirrors util.ParseFileSource and handleConfigMapFromFileSources.
fn from_file(c: &Ctx, source: &str, add: &mut Add<'_>) -> Result<(), Error> {
    let base = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_string();
    let (key, path) = match source.split_once('=') {
        None => (base(source), source),
        Some(("", path)) => return Err(Error::Message(format!("key name for file path {path} missing"))),
        Some((key, "")) => return Err(Error::Message(format!("file path for key name {key} missing"))),
        Some((_, path)) if path.contains('=') => {
            return Err("key names or file paths cannot contain '='".into());
        }
        Some((key, path)) => (key.to_string(), path),
    };
    let read = |path: &str| c.env.files.read(path).map_err(|e| reading(path, &e.0));
    match c.env.files.kind(path) {
        None => Err(reading(path, "no such file or directory")),
        Some(FileKind::File) => add(&key, read(path)?),
        Some(FileKind::Directory) if source.contains('=') => {
            Err("cannot give a key name for a directory path".into())
        }
        Some(FileKind::Directory) => {
            let names = c.env.files.list(path);
            let names =
                names.map_err(|e| Error::Message(format!("error listing files in {path}: {}", e.0)))?;
            for name in names {
                let file = format!("{}/{name}", path.trim_end_matches('/'));
                if c.env.files.kind(&file) == Some(FileKind::File) {
                    add(&name, read(&file)?)?;
                }
            }
            Ok(())
        }
    }
}

/// Mirrors cmdutil.AddFromEnvFile.
fn from_env_file(c: &Ctx, path: &str, add: &mut Add<'_>) -> Result<(), Error> {
    match c.env.files.kind(path) {
        None => return Err(reading(path, "no such file or directory")),
        Some(FileKind::Directory) => return Err("env config file cannot be a directory".into()),
        Some(FileKind::File) => {}
    }
    let bytes = c.env.files.read(path).map_err(|e| reading(path, &e.0))?;
    for line in String::from_utf8_lossy(&bytes).lines() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // A name alone takes its value from the environment.
        let (key, value) = match line.split_once('=') {
            Some((key, value)) => (key, value.to_string()),
            None => (line, c.env.vars.get(line).cloned().unwrap_or_default()),
        };
        if !key.chars().all(|c| (' '..='~').contains(&c)) {
            let why = "a valid environment variable name must consist only of printable ASCII characters other than '='";
            return Err(Error::Message(format!("{} is not a valid key name: {why}", go::quote(key))));
        }
        add(key, value.into_bytes())?;
    }
    Ok(())
}

/// Why a text cannot be a key of a ConfigMap or a Secret. Mirrors validation.IsConfigMapKey.
pub fn key_errors(key: &str) -> Vec<&'static str> {
    let mut errors = Vec::new();
    if key.len() > 253 {
        errors.push("must be no more than 253 characters");
    }
    if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
        errors.push("a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
    } else if key == "." {
        errors.push("must not be '.'");
    } else if key == ".." {
        errors.push("must not be '..'");
    } else if key.starts_with("..") {
        errors.push("must not start with '..'");
    }
    errors
}
