//! YAML as kubectl reads and writes it.

use apimachinery::Value;

/// Reads one document. The error is yaml's: `yaml: line 4: ...`.
pub fn parse(text: &str) -> Result<Value, String> {
    Value::from_json(text).map_err(|e| e.to_string())
}

/// Writes a document, with a newline at its end.
pub fn print(value: &Value) -> String {
    format!("{}\n", value.to_json())
}
