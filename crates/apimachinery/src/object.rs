use crate::{Map, Value, time};
use sim::Time;
use std::ops::{Deref, DerefMut};

/// A Kubernetes object: a [`Value`] with `apiVersion`, `kind` and `metadata`. Cheap to clone; reads like a `Value`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(pub Value);

impl Deref for Object {
    type Target = Value;
    fn deref(&self) -> &Value {
        &self.0
    }
}

impl DerefMut for Object {
    fn deref_mut(&mut self) -> &mut Value {
        &mut self.0
    }
}

impl From<Value> for Object {
    fn from(value: Value) -> Object {
        Object(value)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        object.0
    }
}

impl Object {
    /// `apiVersion`, such as `apps/v1`.
    pub fn api_version(&self) -> &str {
        self["apiVersion"].str()
    }

    /// `kind`.
    pub fn kind(&self) -> &str {
        self["kind"].str()
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.meta("name").str()
    }

    /// `metadata.namespace`; empty for what has none.
    pub fn namespace(&self) -> &str {
        self.meta("namespace").str()
    }

    /// `metadata.uid`.
    pub fn uid(&self) -> &str {
        self.meta("uid").str()
    }

    /// `metadata.resourceVersion`.
    pub fn resource_version(&self) -> &str {
        self.meta("resourceVersion").str()
    }

    /// `metadata.generation`.
    pub fn generation(&self) -> i64 {
        self.meta("generation").int()
    }

    /// `metadata.creationTimestamp`.
    pub fn created(&self) -> Option<Time> {
        time::parse(self.meta("creationTimestamp").str())
    }

    /// `metadata.deletionTimestamp`: when it is to be gone.
    pub fn deletion(&self) -> Option<Time> {
        time::parse(self.meta("deletionTimestamp").str())
    }

    /// Whether it is on its way out.
    pub fn is_terminating(&self) -> bool {
        !self.meta("deletionTimestamp").is_null()
    }

    /// A field of `metadata`.
    pub fn meta(&self, key: &str) -> &Value {
        &self["metadata"][key]
    }

    /// A label's value.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.meta("labels")[key].as_str()
    }

    /// `metadata.labels`.
    pub fn labels(&self) -> &Value {
        self.meta("labels")
    }

    /// An annotation's value.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.meta("annotations")[key].as_str()
    }

    /// `metadata.ownerReferences`.
    pub fn owners(&self) -> impl Iterator<Item = OwnerReference<'_>> {
        self.meta("ownerReferences").items().iter().map(OwnerReference)
    }

    /// The owner that manages it (`controller: true`). Mirrors metav1.GetControllerOf.
    pub fn controller(&self) -> Option<OwnerReference<'_>> {
        self.owners().find(|o| o.0["controller"].is_true())
    }

    /// `namespace/name`, or the name alone: the key of caches and work queues.
    pub fn key(&self) -> String {
        match self.namespace() {
            "" => self.name().to_string(),
            namespace => format!("{namespace}/{}", self.name()),
        }
    }

    /// The metadata to change.
    pub fn meta_mut(&mut self) -> &mut Map {
        self.0.field_mut("metadata").object_mut()
    }

    /// An `ownerReferences` entry that makes this object the controller of another.
    /// Mirrors metav1.NewControllerRef.
    pub fn controller_ref(&self) -> Value {
        crate::json!({
            "apiVersion": self.api_version(), "kind": self.kind(), "name": self.name(), "uid": self.uid(),
            "controller": true, "blockOwnerDeletion": true,
        })
    }
}

/// A view of one entry of `metadata.ownerReferences`.
#[derive(Clone, Copy, Debug)]
pub struct OwnerReference<'a>(pub &'a Value);

impl<'a> OwnerReference<'a> {
    /// `uid`.
    pub fn uid(self) -> &'a str {
        self.0["uid"].str()
    }

    /// `kind`.
    pub fn kind(self) -> &'a str {
        self.0["kind"].str()
    }

    /// `name`.
    pub fn name(self) -> &'a str {
        self.0["name"].str()
    }
}
