//! Which objects a request is about: label and field selectors.

use crate::kinds::Kind;
use apimachinery::{Object, Status, fields, labels};

/// Both selectors of a list, a watch or a deletecollection.
pub struct Selection {
    labels: labels::Selector,
    fields: fields::Selector,
}

impl Selection {
    /// Reads both selectors. The errors are the real ones, 400.
    pub fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Selection, Status> {
        let labels = match labels {
            "" => labels::Selector::default(),
            text => labels::Selector::parse(text).map_err(Status::bad_request)?,
        };
        let fields = match fields {
            "" => fields::Selector::default(),
            text => fields::Selector::parse(text).map_err(Status::bad_request)?,
        };
        if !fields.is_empty() {
            let known: Vec<&str> =
                kind.selectable(&Object::default()).into_iter().map(|(key, _)| key).collect();
            fields.check(&known).map_err(Status::bad_request)?;
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
        // Most selectors name what is at hand: no need to collect all fields of the object.
        if self.fields.0.iter().all(|term| at_hand(object, &term.field).is_some()) {
            return self.fields.matches(|field| at_hand(object, field));
        }
        let all = kind.selectable(object);
        self.fields
            .matches(|field| all.iter().find(|(key, _)| *key == field).map(|(_, value)| value.as_str()))
    }
}

/// Fields that are read from the object as they are.
fn at_hand<'o>(object: &'o Object, field: &str) -> Option<&'o str> {
    match field {
        "metadata.name" => Some(object.name()),
        "metadata.namespace" => Some(object.namespace()),
        "spec.nodeName" => Some(object["spec"]["nodeName"].str()),
        _ => None,
    }
}
