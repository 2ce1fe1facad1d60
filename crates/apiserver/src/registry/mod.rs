//! Reading and writing objects as each kind wants it. Mirrors apiserver/pkg/registry/generic/registry/store.go and
//! apiserver/pkg/registry/rest; what only one kind does stands in a file of its own below.

mod create;
mod delete;
mod expiry;
pub mod namespace;
pub mod pod;
pub mod service;
mod update;

pub use create::create;
pub use delete::{Options, delete};
pub use update::{Change, update};

use crate::kinds::{self, Kind};
use crate::{ApiServer, MAX_OBJECT_BYTES, MAX_OBJECTS_PER_KIND};
use apimachinery::{Object, Resource, Status, Value};

/// The key of an object in the store.
pub fn key(resource: &Resource, namespace: &str, name: &str) -> String {
    prefix(resource, namespace) + name
}

/// What the keys of a resource's objects begin with, of all namespaces or of one.
pub fn prefix(resource: &Resource, namespace: &str) -> String {
    let mut text = String::with_capacity(64);
    for part in [resource.group, resource.plural, namespace] {
        if !part.is_empty() {
            text.push('/');
            text.push_str(part);
        }
    }
    text.push('/');
    text
}

impl ApiServer {
    /// One object.
    pub(crate) fn get_object(&self, resource: &Resource, namespace: &str, name: &str) -> Option<&Object> {
        self.store.get(&key(resource, namespace, name)).map(|entry| &entry.value)
    }

    /// Writes an object under its key and gives it back with its new resourceVersion.
    pub(crate) fn write(&mut self, kind: &'static Kind, key: &str, mut object: Object) -> Object {
        let revision = self.store.next_revision();
        object.meta_mut().insert("resourceVersion", revision.to_string().into());
        let before = self.store.revision();
        let is_new = self.store.get(key).is_none();
        self.store.put(key, Some(object.clone()));
        debug_assert_eq!(self.store.revision(), before + 1);
        if is_new {
            self.counts[kinds::index(kind)] += 1;
        }
        object
    }

    /// Takes an object out of the store.
    pub(crate) fn erase(&mut self, kind: &'static Kind, key: &str) {
        if self.store.get(key).is_some() {
            self.store.put(key, None);
            self.counts[kinds::index(kind)] -= 1;
        }
    }

    /// Whether one more object of the kind fits.
    fn check_room(&self, kind: &'static Kind) -> Result<(), Status> {
        if self.counts[kinds::index(kind)] < MAX_OBJECTS_PER_KIND {
            return Ok(());
        }
        let why = format!("the limit of {MAX_OBJECTS_PER_KIND} {} is reached", kind.resource.plural);
        Err(Status::forbidden(kind.resource.group, kind.resource.plural, "", &why))
    }
}

/// Whether an object is small enough for the store. Mirrors etcd's error as kube-apiserver hands it on.
fn check_size(object: &Value) -> Result<(), Status> {
    let mut left = MAX_OBJECT_BYTES;
    if fits(object, &mut left) {
        return Ok(());
    }
    Err(Status::new(500, "", "etcdserver: request is too large"))
}

/// Takes an estimate of the value's size in JSON from `left`, and stops when nothing is left.
fn fits(value: &Value, left: &mut usize) -> bool {
    let own = match value {
        Value::String(text) => text.len() + 2,
        Value::Object(_) | Value::Array(_) => 2,
        _ => 4,
    };
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    value.items().iter().all(|item| fits(item, left))
        && value.fields().all(|(key, field)| {
            *left = left.saturating_sub(key.len() + 4);
            fits(field, left)
        })
}
