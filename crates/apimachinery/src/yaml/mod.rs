//! YAML as kubectl reads and writes it: YAML 1.1, with the error texts of Go's yaml.v2 through sigs.k8s.io/yaml.
//!
//! The scanner and the parser follow libyaml's grammar, because the words and lines of its errors are what learners see.

mod emitter;
mod parser;
mod resolve;
mod scanner;

use crate::Value;

/// What stands between the documents of a file.
const SEPARATOR: &str = "\n---";

/// Reads one document. The error begins with `error converting YAML to JSON: yaml: `; its line counts from the
/// beginning of the text. Mirrors sigs.k8s.io/yaml's YAMLToJSON: an empty document is null.
pub fn parse(text: &str) -> Result<Value, String> {
    parser::parse(text).map_err(|e| format!("error converting YAML to JSON: yaml: {e}"))
}

/// Reads a document that may be JSON or YAML, as files and `-p` take both. JSON is tried first when it looks like it.
pub fn parse_any(text: &str) -> Result<Value, String> {
    if text.trim_start().starts_with('{')
        && let Ok(value) = Value::from_json(text)
    {
        return Ok(value);
    }
    parse(text)
}

/// The documents of a file. Mirrors splitYAMLDocument of apimachinery/pkg/util/yaml: the line of a separator is
/// dropped, and lines of the next document count from the line after it.
pub fn documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(SEPARATOR) {
        documents.push(&rest[..at]);
        let after = &rest[at + SEPARATOR.len()..];
        rest = after.find('\n').map_or("", |end| &after[end + 1..]);
    }
    documents.push(rest);
    documents
}

/// A value as `kubectl get -o yaml` prints it: sorted keys, two spaces, a line break at the end.
pub fn to_string(value: &Value) -> String {
    emitter::emit(value)
}

#[cfg(test)]
mod tests;
