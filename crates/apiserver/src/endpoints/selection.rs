//! Which objects a request is about: label and field selectors. Mirrors apimachinery/pkg/fields.

use crate::kinds::Kind;
use apimachinery::labels::Selector;
use apimachinery::{Object, Status};

/// Both selectors of a list, a watch or a deletecollection.
pub struct Selection {
    labels: Selector,
    fields: Vec<Term>,
}

/// `key=value` or `key!=value`.
struct Term {
    key: String,
    value: String,
    equal: bool,
}

impl Selection {
    /// Reads both selectors. The errors are the real ones, 400.
    pub fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Selection, Status> {
        let labels = match labels {
            "" => Selector::default(),
            text => Selector::parse(text).map_err(Status::bad_request)?,
        };
        let fields = match fields {
            "" => Vec::new(),
            text => parse_fields(text)?,
        };
        if !fields.is_empty() {
            let known = kind.selectable(&Object::default());
            if let Some(term) = fields.iter().find(|t| !known.iter().any(|(key, _)| *key == t.key)) {
                return Err(Status::bad_request(format!("field label not supported: {}", term.key)));
            }
        }
        Ok(Selection { labels, fields })
    }

    /// Whether it leaves nothing out.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether the object is meant.
    pub fn matches(&self, kind: &Kind, object: &Object) -> bool {
        if !self.labels.is_empty() && !self.labels.matches(object.labels()) {
            return false;
        }
        if self.fields.is_empty() {
            return true;
        }
        // Most selectors name what every object has: no need to collect all of its fields.
        self.fields.iter().all(|term| term.holds(kind, object))
    }
}

impl Term {
    fn holds(&self, kind: &Kind, object: &Object) -> bool {
        let equal = match self.key.as_str() {
            "metadata.name" => object.name() == self.value,
            "metadata.namespace" => object.namespace() == self.value,
            "spec.nodeName" => object["spec"]["nodeName"].str() == self.value,
            key => kind.selectable(object).iter().any(|(k, v)| *k == key && *v == self.value),
        };
        equal == self.equal
    }
}

/// Mirrors fields.ParseSelector.
fn parse_fields(text: &str) -> Result<Vec<Term>, Status> {
    let mut terms = Vec::new();
    for part in split(text) {
        if part.is_empty() {
            continue;
        }
        let (key, value, equal) = if let Some((key, value)) = part.split_once("!=") {
            (key, value, false)
        } else if let Some((key, value)) = part.split_once("==") {
            (key, value, true)
        } else if let Some((key, value)) = part.split_once('=') {
            (key, value, true)
        } else {
            return Err(Status::bad_request(format!(
                "invalid selector: '{text}'; can't understand '{part}'"
            )));
        };
        terms.push(Term { key: key.into(), value: unescape(value), equal });
    }
    Ok(terms)
}

/// The parts between commas that are not escaped.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unescape(value: &str) -> String {
    let (mut out, mut escaped) = (String::with_capacity(value.len()), false);
    for c in value.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            out.push(c);
        }
    }
    out
}
