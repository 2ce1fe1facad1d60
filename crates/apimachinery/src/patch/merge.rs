//! Merge patch, RFC 7396.

use crate::{Map, Value};

/// Applies a merge patch: null takes a field out, objects are merged, everything else is replaced.
pub fn merge_patch(document: &Value, patch: &Value) -> Value {
    let Some(changes) = patch.as_object() else { return patch.clone() };
    let mut result = if document.as_object().is_some() { document.clone() } else { Value::object() };
    for (key, change) in changes.iter() {
        if change.is_null() {
            result.remove(key);
        } else {
            let merged = merge_patch(&result[key], change);
            result.set(key, merged);
        }
    }
    result
}

/// The merge patch that makes `modified` out of `original`.
pub fn create_merge_patch(original: &Value, modified: &Value) -> Value {
    let mut patch = Map::default();
    for (key, new) in modified.fields() {
        match (&original[key], new) {
            (old, new) if old == new => {}
            (old @ Value::Object(_), Value::Object(_)) => {
                patch.insert(key, create_merge_patch(old, new));
            }
            _ => drop(patch.insert(key, new.clone())),
        }
    }
    for (key, _) in original.fields().filter(|(key, _)| modified.get(key).is_none()) {
        patch.insert(key, Value::Null);
    }
    patch.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn patches_apply_and_are_made() {
        let old = json!({"a": {"b": 1, "c": 2}, "l": [1], "x": 1});
        let new = json!({"a": {"b": 1, "d": 3}, "l": [2]});
        let patch = create_merge_patch(&old, &new);
        assert_eq!(patch, json!({"a": {"c": null, "d": 3}, "l": [2], "x": null}));
        assert_eq!(merge_patch(&old, &patch), new);
        assert_eq!(merge_patch(&json!("text"), &json!({"a": {"b": null}})), json!({"a": {}}));
    }
}
