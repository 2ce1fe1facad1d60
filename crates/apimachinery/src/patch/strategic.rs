//! Strategic merge patch. Mirrors apimachinery/pkg/util/strategicpatch.

use super::{DELETE_FROM, DIRECTIVE, MergeField, MergeSchema, ORDER, RETAIN_KEYS};
use crate::{Map, Value};
use sim::Order;

/// Why a strategic merge patch could not be applied or made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeError {
    /// In Kubernetes' words.
    pub message: String,
    /// Whether the patch itself has a bad form (a 400); the others are internal errors.
    pub bad_request: bool,
}

fn error(message: impl Into<String>) -> MergeError {
    MergeError { message: message.into(), bad_request: false }
}

fn bad_form(what: &str) -> MergeError {
    MergeError { message: format!("invalid patch format of {what}"), bad_request: true }
}

/// Applies a strategic merge patch to an object of the type that `schema` describes.
pub fn strategic_merge(object: &Value, patch: &Value, schema: &dyn MergeSchema) -> Result<Value, MergeError> {
    Merge { applying: true }.map(object, patch, schema)
}

/// Two uses of one algorithm: a patch is applied to an object, or two patches are joined into one.
pub(super) struct Merge {
    /// Whether directives are carried out (otherwise they are kept for later) and nulls without counterpart dropped.
    pub applying: bool,
}

/// What is known of a field; nothing for fields that the schema does not have.
pub(super) fn field<'a>(schema: &'a dyn MergeSchema, name: &str) -> MergeField<'a> {
    const UNKNOWN: MergeField<'static> =
        MergeField { merge_key: "", merge: false, retain_keys: false, schema: &Unknown };
    schema.field(name).unwrap_or(UNKNOWN)
}

struct Unknown;

impl MergeSchema for Unknown {
    fn field(&self, _: &str) -> Option<MergeField<'_>> {
        None
    }
}

impl Merge {
    pub(super) fn map(
        &self,
        original: &Value,
        patch: &Value,
        schema: &dyn MergeSchema,
    ) -> Result<Value, MergeError> {
        match patch.get(DIRECTIVE) {
            Some(directive) if *directive == "replace" => {
                let mut replaced = patch.clone();
                replaced.remove(DIRECTIVE);
                return Ok(replaced);
            }
            Some(directive) if *directive == "delete" => return Ok(Value::object()),
            Some(directive) => {
                let text = format!("unknown patch type: {} in map: {}", directive.to_go(), patch.to_go());
                return Err(error(text));
            }
            None => {}
        }
        let mut original = if original.is_null() { Value::object() } else { original.clone() };
        let mut patch = patch.clone();
        self.retain_keys(&mut original, &mut patch)?;
        self.ordered_lists(&mut original, &mut patch, schema)?;
        for (key, change) in patch.fields() {
            self.field(&mut original, key, change, schema)?;
        }
        Ok(original)
    }

    fn field(
        &self,
        original: &mut Value,
        key: &str,
        change: &Value,
        schema: &dyn MergeSchema,
    ) -> Result<(), MergeError> {
        let deletes = key.starts_with(DELETE_FROM);
        if deletes && !self.applying {
            original.set(key, change.clone());
            return Ok(());
        }
        let key = key.strip_prefix(DELETE_FROM).unwrap_or(key);
        if change.is_null() {
            original.remove(key);
            if !self.applying {
                original.set(key, Value::Null);
            }
            return Ok(());
        }
        let known = field(schema, key);
        let merged = match (original.get(key), change) {
            (Some(old @ Value::Object(_)), Value::Object(_)) => self.map(old, change, known.schema)?,
            (Some(Value::Array(old)), Value::Array(new)) if deletes => {
                Value::array(old.iter().filter(|v| !new.contains(v)).cloned())
            }
            (Some(Value::Array(old)), Value::Array(new)) if known.merge => {
                self.list(old, new, &known)?.into()
            }
            _ if deletes => return Ok(()),
            _ => match self.as_new(change) {
                Some(new) => new,
                None => {
                    original.remove(key);
                    return Ok(());
                }
            },
        };
        original.set(key, merged);
        Ok(())
    }

    /// What is put where nothing stood: without directives and, when applying, without nulls.
    fn as_new(&self, value: &Value) -> Option<Value> {
        if self.is_plain(value) {
            return Some(value.clone());
        }
        match value {
            Value::Object(map) if map.get(DIRECTIVE).is_some() => None,
            Value::Object(map) => {
                let mut result = Map::default();
                for (key, value) in map.iter().filter(|(_, v)| !(self.applying && v.is_null())) {
                    if let Some(new) = self.as_new(value) {
                        result.insert(key, new);
                    }
                }
                Some(result.into())
            }
            Value::Array(items) => Some(Value::array(items.iter().filter_map(|v| self.as_new(v)))),
            other => Some(other.clone()),
        }
    }

    /// Whether there is nothing in it to take out: then it can be shared as it is.
    fn is_plain(&self, value: &Value) -> bool {
        match value {
            Value::Object(map) => map
                .iter()
                .all(|(key, v)| !(key == DIRECTIVE || self.applying && v.is_null()) && self.is_plain(v)),
            Value::Array(items) => items.iter().all(|v| self.is_plain(v)),
            _ => true,
        }
    }

    fn retain_keys(&self, original: &mut Value, patch: &mut Value) -> Result<(), MergeError> {
        let Some(retain) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
        if !self.applying {
            original.set(RETAIN_KEYS, retain);
            return Ok(());
        }
        let Value::Array(keys) = &retain else { return Err(bad_form("retainKeys")) };
        let kept = |key: &str| keys.iter().any(|k| *k == *key);
        let names = |key: &&str| !key.starts_with(DELETE_FROM) && !key.starts_with(ORDER);
        let mut named = patch.fields().filter(|(_, v)| !v.is_null()).map(|(k, _)| k).filter(names);
        if named.any(|key| !kept(key)) {
            return Err(bad_form("retainKeys"));
        }
        original.object_mut().retain(|key, _| kept(key));
        Ok(())
    }

    /// Lists for which the patch says the order. Mirrors mergePatchIntoOriginal.
    fn ordered_lists(
        &self,
        original: &mut Value,
        patch: &mut Value,
        schema: &dyn MergeSchema,
    ) -> Result<(), MergeError> {
        let directives: Vec<String> =
            patch.fields().map(|(k, _)| k).filter(|k| k.starts_with(ORDER)).map(str::to_string).collect();
        for directive in directives {
            let order = patch.remove(&directive).unwrap_or_default();
            if !self.applying {
                original.set(&directive, order.clone());
            }
            let Value::Array(order) = order else { return Err(bad_form("setElementOrder list")) };
            let key = &directive[ORDER.len()..];
            let known = field(schema, key);
            let (old, new) = (original[key].clone(), patch[key].clone());
            check_order(new.items(), &order, known.merge_key)?;
            let merged = match (old.as_array(), new.as_array()) {
                (Some(old), None) => old.to_vec(),
                (None, Some(_)) => self.as_new(&new).unwrap_or_default().items().to_vec(),
                (Some(old), Some(new)) => self.list(old, new, &known)?,
                (None, None) => continue,
            };
            let sorted = in_order(merged, &order, old.items(), known.merge_key)?;
            original.set(key, Value::array(sorted));
            patch.remove(key);
        }
        Ok(())
    }

    /// Joins two lists. Mirrors mergeSlice.
    fn list(&self, old: &[Value], new: &[Value], known: &MergeField<'_>) -> Result<Vec<Value>, MergeError> {
        let (mut merged, mut patch) = (old.to_vec(), Vec::new());
        if known.merge_key.is_empty() {
            patch = new.to_vec();
            merged.extend(new.iter().cloned());
            deduplicate(&mut merged);
            return in_order(merged, &patch, old, "");
        }
        let key = known.merge_key;
        let mut replace = false;
        for item in new {
            match item.get(DIRECTIVE).map(Value::str) {
                None => patch.push(item.clone()),
                Some("delete") => {
                    let value = key_of(item, key)?;
                    merged.retain(|v| v[key] != *value);
                }
                Some("replace") => replace = true,
                Some("merge") => return Err(error("merging lists cannot yet be specified in the patch")),
                Some(other) => {
                    return Err(error(format!("unknown patch type: {other} in map: {}", item.to_go())));
                }
            }
        }
        if replace {
            return Ok(patch);
        }
        for item in &patch {
            let value = key_of(item, key)?;
            match merged.iter_mut().find(|v| v[key] == *value) {
                Some(found) => *found = self.map(found, item, known.schema)?,
                None => merged.push(if self.applying {
                    self.as_new(item).unwrap_or_default()
                } else {
                    item.clone()
                }),
            }
        }
        in_order(merged, &patch, old, key)
    }
}

pub(super) fn key_of<'a>(item: &'a Value, key: &str) -> Result<&'a Value, MergeError> {
    item.get(key)
        .ok_or_else(|| error(format!("map: {} does not contain declared merge key: {key}", item.to_go())))
}

fn deduplicate(values: &mut Vec<Value>) {
    let mut seen: Vec<Value> = Vec::with_capacity(values.len());
    values.retain(|v| {
        let new = !seen.contains(v);
        if new {
            seen.push(v.clone());
        }
        new
    });
}

/// Where an item stands in a list, by its key or itself.
fn position(list: &[Value], item: &Value, key: &str) -> Option<usize> {
    list.iter().position(|v| if key.is_empty() { v == item } else { v[key] == item[key] })
}

/// What the patch knows in the patch's order, merged with the rest in the server's. Mirrors normalizeElementOrder.
fn in_order(
    merged: Vec<Value>,
    order: &[Value],
    server: &[Value],
    key: &str,
) -> Result<Vec<Value>, MergeError> {
    if !key.is_empty() {
        for item in merged.iter().chain(order) {
            key_of(item, key)?;
        }
    }
    let (mut patch, rest): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|v| position(order, v, key).is_some());
    patch.order_by_key(|v| position(order, v, key));
    let mut result = Vec::with_capacity(patch.len() + rest.len());
    let (mut patch, mut rest) = (patch.into_iter().peekable(), rest.into_iter().peekable());
    loop {
        match (rest.peek(), patch.peek()) {
            (Some(left), Some(right)) => {
                let places = (position(server, left, key), position(server, right, key));
                let server_first = matches!(places, (Some(l), Some(r)) if l < r);
                result.extend(if server_first { rest.next() } else { patch.next() });
            }
            (None, None) => return Ok(result),
            (None, _) => result.extend(patch.by_ref()),
            (_, None) => result.extend(rest.by_ref()),
        }
    }
}

/// The items of a patch must stand in the order that its directive says. Mirrors validatePatchWithSetOrderList.
fn check_order(patch: &[Value], order: &[Value], key: &str) -> Result<(), MergeError> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut places = order.iter();
    for item in patch.iter().filter(|v| v.get(DIRECTIVE).is_none()) {
        if !places.any(|o| if key.is_empty() { o == item } else { o[key] == item[key] }) {
            let (patch, order) = (Value::array(patch.to_vec()).to_go(), Value::array(order.to_vec()).to_go());
            return Err(error(format!(
                "The order in patch list:\n{patch}\n doesn't match $setElementOrder list:\n{order}\n"
            )));
        }
    }
    Ok(())
}
