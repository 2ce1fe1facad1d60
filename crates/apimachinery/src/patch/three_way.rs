//! Making patches: what `kubectl apply`, `edit`, `label` and others send.
//! Mirrors CreateThreeWayMergePatch and CreateTwoWayMergePatch.

use super::strategic::{Merge, MergeError, field, key_of};
use super::{DELETE_FROM, DIRECTIVE, MergeSchema, ORDER, RETAIN_KEYS, create_merge_patch, merge_patch};
use crate::{Map, Value};
use sim::Order;

/// The patch that `kubectl apply` sends: additions and changes between what is in the cluster and the manifest, deletions
/// between the manifest that was applied last and this one.
pub fn three_way_strategic_patch(
    last_applied: &Value,
    modified: &Value,
    current: &Value,
    schema: &dyn MergeSchema,
) -> Result<Value, MergeError> {
    let changes = Diff { deletions: false, changes: true, ..Diff::ALL }.maps(current, modified, schema)?;
    let deletions =
        Diff { deletions: true, changes: false, ..Diff::ALL }.maps(last_applied, modified, schema)?;
    Merge { applying: false }.map(&deletions.into(), &changes.into(), schema)
}

/// The patch that makes `modified` out of `original`.
pub fn two_way_strategic_patch(
    original: &Value,
    modified: &Value,
    schema: &dyn MergeSchema,
) -> Result<Value, MergeError> {
    Diff::ALL.maps(original, modified, schema).map(Value::from)
}

/// As [`three_way_strategic_patch`], but a merge patch: for kinds without a schema.
/// Mirrors jsonmergepatch.CreateThreeWayJSONMergePatch.
pub fn three_way_merge_patch(last_applied: &Value, modified: &Value, current: &Value) -> Value {
    let changes = keep(&create_merge_patch(current, modified), false);
    let deletions = keep(&create_merge_patch(last_applied, modified), true);
    merge_nulls(&deletions, &changes)
}

/// Only the nulls of a merge patch, or all but them.
fn keep(patch: &Value, nulls: bool) -> Value {
    let mut result = Map::default();
    for (key, value) in patch.fields() {
        match value {
            Value::Object(map) => {
                let kept = keep(value, nulls);
                if !kept.is_empty() || (!nulls && map.is_empty()) {
                    result.insert(key, kept);
                }
            }
            value if value.is_null() == nulls => drop(result.insert(key, value.clone())),
            _ => {}
        }
    }
    result.into()
}

/// As a merge patch, but nulls stay.
fn merge_nulls(base: &Value, over: &Value) -> Value {
    let mut result = base.clone();
    for (key, value) in over.fields() {
        let merged = match (&result[key], value) {
            (Value::Object(_), Value::Object(_)) => merge_nulls(&result[key], value),
            (_, Value::Object(_)) => merge_patch(&Value::Null, value),
            _ => value.clone(),
        };
        result.set(key, merged);
    }
    result
}

#[derive(Clone, Copy)]
struct Diff {
    deletions: bool,
    changes: bool,
    /// Whether the map that is compared wants `$retainKeys`.
    retain_keys: bool,
}

/// Items to add or change, texts to delete, and the order.
type ListDiff = (Vec<Value>, Vec<Value>, Vec<Value>);

impl Diff {
    const ALL: Diff = Diff { deletions: true, changes: true, retain_keys: false };

    fn maps(self, original: &Value, modified: &Value, schema: &dyn MergeSchema) -> Result<Map, MergeError> {
        let mut patch = Map::default();
        for (key, new) in modified.fields() {
            let Some(old) = original.get(key) else {
                if self.changes {
                    patch.insert(key, new.clone());
                }
                continue;
            };
            let known = field(schema, key);
            let deeper = Diff { retain_keys: known.retain_keys, ..self };
            match (old, new) {
                _ if key == DIRECTIVE && old != new => drop(patch.insert(key, new.clone())),
                (Value::Object(_), Value::Object(_)) => {
                    let changes = deeper.maps(old, new, known.schema)?;
                    if !changes.is_empty() {
                        patch.insert(key, changes.into());
                    }
                }
                (Value::Array(old), Value::Array(new)) if known.merge => {
                    let (add, delete, order) = deeper.lists(old, new, known.schema, known.merge_key)?;
                    for (prefix, list) in [("", add), (DELETE_FROM, delete), (ORDER, order)] {
                        if !list.is_empty() {
                            patch.insert(&format!("{prefix}{key}"), Value::array(list));
                        }
                    }
                }
                (old, new) if self.changes && old != new => drop(patch.insert(key, new.clone())),
                _ => {}
            }
        }
        let gone = |(key, _): &(&str, &Value)| modified.get(key).is_none();
        if self.deletions {
            original.fields().filter(gone).for_each(|(key, _)| drop(patch.insert(key, Value::Null)));
        }
        let retained: Vec<Value> =
            modified.fields().filter(|(_, v)| !v.is_null()).map(|(k, _)| Value::from(k)).collect();
        let anything = !patch.is_empty() || original.fields().any(|f| !f.1.is_null() && gone(&f));
        if self.retain_keys && !retained.is_empty() && anything {
            patch.insert(RETAIN_KEYS, Value::array(retained));
        }
        Ok(patch)
    }

    fn lists(
        self,
        old: &[Value],
        new: &[Value],
        schema: &dyn MergeSchema,
        key: &str,
    ) -> Result<ListDiff, MergeError> {
        if old.is_empty() {
            let add = if self.changes { new.to_vec() } else { Vec::new() };
            return Ok((add, Vec::new(), Vec::new()));
        }
        if key.is_empty() { Ok(self.scalars(old, new)) } else { self.objects(old, new, schema, key) }
    }

    fn scalars(self, old: &[Value], new: &[Value]) -> ListDiff {
        let add: Vec<Value> = if self.changes {
            new.iter().filter(|v| !old.contains(v)).cloned().collect()
        } else {
            Vec::new()
        };
        let mut delete: Vec<Value> = match self.deletions {
            true => old.iter().filter(|v| !new.contains(v)).cloned().collect(),
            false => Vec::new(),
        };
        delete.order_by_key(Value::to_go);
        delete.dedup();
        let ordered = (self.deletions && !delete.is_empty()) || (self.changes && old != new);
        (add, delete, if ordered { new.to_vec() } else { Vec::new() })
    }

    fn objects(
        self,
        old: &[Value],
        new: &[Value],
        schema: &dyn MergeSchema,
        key: &str,
    ) -> Result<ListDiff, MergeError> {
        let mut patch = Vec::new();
        for item in new {
            let value = key_of(item, key)?;
            match old.iter().find(|v| v[key] == *value) {
                Some(before) => {
                    let mut changes = self.maps(before, item, schema)?;
                    if !changes.is_empty() {
                        changes.insert(key, value.clone());
                        patch.push(changes.into());
                    }
                }
                None if self.changes => patch.push(item.clone()),
                None => {}
            }
        }
        let mut deleted = Vec::new();
        for item in old {
            let value = key_of(item, key)?;
            if self.deletions && !new.iter().any(|v| v[key] == *value) {
                deleted.push(crate::json!({(key): value, (DIRECTIVE): "delete"}));
            }
        }
        deleted.order_by_key(|v: &Value| v[key].to_go());
        patch.extend(deleted);
        let same_order = old.len() == new.len() && old.iter().zip(new).all(|(o, n)| o[key] == n[key]);
        let ordered =
            (self.changes && (!patch.is_empty() || !same_order)) || (self.deletions && !patch.is_empty());
        let order = |item: &Value| crate::json!({(key): &item[key]});
        let order = if ordered { new.iter().map(order).collect() } else { Vec::new() };
        Ok((patch, Vec::new(), order))
    }
}
