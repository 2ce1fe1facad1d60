//! Kinds without words of their own: field by field.

use super::{Writer, plain};
use apimachinery::{Object, Value};

/// Fields that the head shows already, or that nobody wants to see.
const SKIPPED: [&str; 5] = [
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
];

const ACRONYMS: [&str; 4] = ["API", "URL", "UID", "GUID"];

pub(super) fn describe(object: &Object, w: &mut Writer) {
    super::head(object, w);
    content(w, 0, object, "");
}

/// Mirrors printUnstructuredContent.
fn content(w: &mut Writer, level: usize, value: &Value, prefix: &str) {
    for (field, value) in value.fields() {
        let path = format!("{prefix}.{field}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let label = label(field);
        match value {
            Value::Object(_) => {
                w.put(level, &format!("{label}:\n"));
                content(w, level + 1, value, &path);
            }
            Value::Array(items) => {
                w.put(level, &format!("{label}:\n"));
                for item in items.iter() {
                    match item {
                        Value::Object(_) => content(w, level + 1, item, &path),
                        other => w.put(level + 1, &format!("{}\n", go(other))),
                    }
                }
            }
            other => w.put(level, &format!("{label}:\t{}\n", go(other))),
        }
    }
}

fn go(value: &Value) -> String {
    if value.is_null() { "<nil>".into() } else { plain(value) }
}

/// `resourceVersion` as `Resource Version`. Mirrors smartLabelFor.
fn label(field: &str) -> String {
    if !field.chars().all(|c| c.is_alphabetic() || c == '-') {
        return field.into();
    }
    let words = split(field).into_iter().map(|word| {
        let upper = word.to_uppercase();
        let lower = word.chars().all(|c| !c.is_uppercase());
        match () {
            () if ACRONYMS.contains(&upper.as_str()) => upper,
            () if lower => word[..1].to_uppercase() + &word[1..],
            () => word,
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Words of a name in camel case; a run of capitals is one word.
fn split(field: &str) -> Vec<String> {
    let chars: Vec<char> = field.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|p| chars[p]);
        let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        let begins = match before {
            None => true,
            Some(p) => c.is_uppercase() && (p.is_lowercase() || (p.is_uppercase() && next_lower)),
        };
        match words.last_mut() {
            Some(word) if !begins => word.push(*c),
            _ => words.push(c.to_string()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn names_of_fields_become_words() {
        assert_eq!(label("resourceVersion"), "Resource Version");
        assert_eq!(label("apiVersion"), "API Version");
        assert_eq!(label("uid"), "UID");
        assert_eq!(label("app.kubernetes.io/x"), "app.kubernetes.io/x");
    }
}
