//! JSON with fields in the order of Go's structs (objects that kubectl itself made), and KYAML.

use crate::go;
use apimachinery::Value;
use sim::Order;

/// The order of fields in the structs of the API, as far as kubectl makes such objects; what is not here follows, sorted.
const ORDER: [&str; 59] = [
    "kind",
    "apiVersion",
    "clusters",
    "users",
    "contexts",
    "current-context",
    "metadata",
    "name",
    "cluster",
    "user",
    "server",
    "insecure-skip-tls-verify",
    "certificate-authority",
    "certificate-authority-data",
    "client-certificate",
    "client-certificate-data",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "labels",
    "annotations",
    "ownerReferences",
    "spec",
    "replicas",
    "selector",
    "matchLabels",
    "template",
    "strategy",
    "immutable",
    "data",
    "stringData",
    "binaryData",
    "type",
    "volumes",
    "initContainers",
    "containers",
    "image",
    "command",
    "args",
    "workingDir",
    "ports",
    "envFrom",
    "env",
    "value",
    "valueFrom",
    "resources",
    "volumeMounts",
    "imagePullPolicy",
    "restartPolicy",
    "dnsPolicy",
    "protocol",
    "port",
    "targetPort",
    "nodePort",
    "clusterIP",
    "status",
];

/// A field's place; `spec` and what is unknown stand before `status`.
fn rank(key: &str) -> usize {
    match ORDER.iter().position(|k| *k == key) {
        Some(i) if key == "status" => i + 1,
        Some(i) => i,
        None => ORDER.len() - 1,
    }
}

/// The order of a Status' fields.
const STATUS: [&str; 8] =
    ["kind", "apiVersion", "metadata", "status", "message", "reason", "details", "code"];
/// The order of an Event's fields.
const EVENT: [&str; 16] = [
    "kind",
    "apiVersion",
    "metadata",
    "involvedObject",
    "reason",
    "message",
    "source",
    "firstTimestamp",
    "lastTimestamp",
    "count",
    "type",
    "eventTime",
    "series",
    "action",
    "reportingComponent",
    "reportingInstance",
];
/// The order of an ObjectReference's fields.
const REFERENCE: [&str; 7] =
    ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

fn sorted(value: &Value) -> Vec<(&str, &Value)> {
    let mut fields: Vec<(&str, &Value)> = value.fields().collect();
    let own: &[&str] = match value["kind"].str() {
        "" => &[],
        "Status" => &STATUS,
        "Event" => &EVENT,
        _ if value["metadata"].is_null() && !value["uid"].is_null() && value["controller"].is_null() => {
            &REFERENCE
        }
        _ => &[],
    };
    match own {
        [] => fields.order_by_key(|(k, _)| rank(k)),
        own => fields.order_by_key(|(k, _)| own.iter().position(|o| o == k).unwrap_or(own.len())),
    }
    fields
}

/// Indented by `indent`.
pub fn json(value: &Value, indent: &str) -> String {
    let mut out = String::new();
    write_json(value, indent, 0, &mut out);
    go::escape_html(out)
}

fn write_json(value: &Value, indent: &str, depth: usize, out: &mut String) {
    let pad = indent.repeat(depth + 1);
    let close = indent.repeat(depth);
    match value {
        Value::Object(o) if !o.is_empty() => {
            out.push_str("{\n");
            for (i, (key, v)) in sorted(value).into_iter().enumerate() {
                out.push_str(if i > 0 { ",\n" } else { "" });
                out.push_str(&format!("{pad}{}: ", Value::from(key).to_json()));
                write_json(v, indent, depth + 1, out);
            }
            out.push_str(&format!("\n{close}}}"));
        }
        Value::Array(a) if !a.is_empty() => {
            out.push_str("[\n");
            for (i, v) in a.iter().enumerate() {
                out.push_str(if i > 0 { ",\n" } else { "" });
                out.push_str(&pad);
                write_json(v, indent, depth + 1, out);
            }
            out.push_str(&format!("\n{close}]"));
        }
        other => out.push_str(&other.to_json()),
    }
}

/// KYAML: YAML in the braces of JSON, with keys that need no quotes and a comma after every entry.
pub fn kyaml(value: &Value) -> String {
    let mut out = String::new();
    write_kyaml(value, 0, &mut out);
    out
}

fn write_kyaml(value: &Value, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth);
    match value {
        Value::Object(o) if !o.is_empty() => {
            out.push_str("{\n");
            for (key, v) in value.fields() {
                out.push_str(&format!("{pad}{}: ", kyaml_key(key)));
                write_kyaml(v, depth + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&format!("{close}}}"));
        }
        Value::Array(a)
            if !a.is_empty() && a.iter().all(|v| matches!(v, Value::Object(_) | Value::Array(_))) =>
        {
            // Lists of objects hug their braces.
            out.push('[');
            for (i, v) in a.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_kyaml(v, depth, out);
            }
            out.push(']');
        }
        Value::Array(a) if !a.is_empty() => {
            out.push_str("[\n");
            for v in a.iter() {
                out.push_str(&pad);
                write_kyaml(v, depth + 1, out);
                out.push_str(",\n");
            }
            out.push_str(&format!("{close}]"));
        }
        other => out.push_str(&other.to_json()),
    }
}

/// A key without quotes, unless it could be read as something else.
fn kyaml_key(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        && !matches!(
            key.to_ascii_lowercase().as_str(),
            "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
        );
    if plain { key.into() } else { go::quote(key) }
}
