//! What a kind is: a table row of data and pure functions.

use crate::{decode, defaults, meta, unsimulated};
use apimachinery::status::FieldError;
use apimachinery::table::Column;
use apimachinery::{Object, Resource, Status, Value};
use sim::Time;

/// One kind of the API: where it lives, what its objects look like, which rules hold for them, how they print.
pub struct Kind {
    /// Where it lives.
    pub resource: Resource,
    /// The singular that discovery gives, such as `pod`; empty for what only exists below other resources.
    pub singular: &'static str,
    /// Short names, such as `po`.
    pub short_names: &'static [&'static str],
    /// Categories, such as `all`.
    pub categories: &'static [&'static str],
    /// What can be done with it, in the order of discovery.
    pub verbs: &'static [&'static str],
    /// Subresources in the order of discovery.
    pub subresources: &'static [Subresource],
    /// Where its objects come from.
    pub storage: Storage,
    /// Its type in the schema table, such as `Deployment`.
    pub schema: &'static str,
    /// Defaults that are not plain values of the schema.
    pub defaults: fn(&mut Value),
    /// Which names its objects may have; the errors.
    pub name_errors: fn(&str) -> Vec<String>,
    /// What may be wrong with an object beyond its metadata.
    pub validate: fn(&Object) -> Vec<FieldError>,
    /// What may be wrong with a change (new, old) beyond its metadata.
    pub validate_update: fn(&Object, &Object) -> Vec<FieldError>,
    /// What may be wrong with a change (new, old) made through `/status`, beyond its metadata.
    pub validate_status_update: fn(&Object, &Object) -> Vec<FieldError>,
    /// What the server warns of although it takes the object.
    pub warnings: fn(&Object) -> Vec<String>,
    /// The kind's own part of [`Kind::prepare_create`].
    pub strategy_create: fn(&mut Object),
    /// The kind's own part of [`Kind::prepare_update`] (new, old).
    pub strategy_update: fn(&mut Object, &Object),
    /// Whether a change (new, old) makes a new `metadata.generation`; `None` for kinds that do not count them.
    pub generation: Option<fn(&Object, &Object) -> bool>,
    /// Fields of field selectors beyond `metadata.name` and `metadata.namespace`.
    pub fields: fn(&Object) -> Vec<(&'static str, String)>,
    /// Columns of its table.
    pub columns: &'static [Column],
    /// The cells of an object's row, one a column.
    pub row: fn(&Object, Time) -> Vec<Value>,
}

/// Where a kind's objects come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// They are stored.
    Stored,
    /// They are made when somebody asks (`metrics.k8s.io`).
    Computed,
    /// There are none of their own: they are bodies of a subresource.
    Body,
}

/// A subresource, as discovery lists it.
#[derive(Clone, Copy, Debug)]
pub struct Subresource {
    /// Its name, such as `status`.
    pub name: &'static str,
    /// The kind of its bodies.
    pub kind: &'static str,
    /// Group and version of that kind where they are not those of the parent: (`autoscaling`, `v1`).
    pub group_version: Option<(&'static str, &'static str)>,
    /// What can be done with it.
    pub verbs: &'static [&'static str],
}

/// The verbs of most kinds.
pub const ALL_VERBS: &[&str] =
    &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// What most kinds do: the rest of a `Kind` that says only what is special about it.
pub const BASE: Kind = Kind {
    resource: Resource { group: "", version: "v1", kind: "", plural: "", namespaced: true },
    singular: "",
    short_names: &[],
    categories: &[],
    verbs: ALL_VERBS,
    subresources: &[],
    storage: Storage::Stored,
    schema: "",
    defaults: |_| {},
    name_errors: apimachinery::labels::dns1123_subdomain_errors,
    validate: |_| Vec::new(),
    validate_update: |_, _| Vec::new(),
    validate_status_update: |_, _| Vec::new(),
    warnings: |_| Vec::new(),
    strategy_create: |_| {},
    strategy_update: |_, _| {},
    generation: None,
    fields: |_| Vec::new(),
    columns: meta::NAME_AND_AGE,
    row: meta::name_and_age,
};

/// A new spec is a new generation.
pub fn spec_changed(new: &Object, old: &Object) -> bool {
    new["spec"] != old["spec"]
}

/// The `status` subresource of a kind.
pub const fn status_of(kind: &'static str) -> Subresource {
    Subresource { name: "status", kind, group_version: None, verbs: &["get", "patch", "update"] }
}

/// The `scale` subresource.
pub const SCALE: Subresource = Subresource {
    name: "scale",
    kind: "Scale",
    group_version: Some(("autoscaling", "v1")),
    verbs: &["get", "patch", "update"],
};

impl Kind {
    /// Whether it has this subresource.
    pub fn has_subresource(&self, name: &str) -> bool {
        self.subresources.iter().any(|s| s.name == name)
    }

    /// Reads a body. See [`decode::decode`].
    pub fn decode(
        &self,
        value: &Value,
        strictness: decode::Strictness,
    ) -> Result<(Value, Vec<String>), Status> {
        decode::decode(self, value, strictness)
    }

    /// Fills in what the object leaves open. Mirrors pkg/apis/*/defaults.go.
    pub fn default(&self, object: &mut Value) {
        defaults::apply(self.schema, object);
        (self.defaults)(object);
    }

    /// Makes an object ready to be stored for the first time: no status, generation 1 where the kind counts them.
    /// Name, namespace, uid and time are set by the API server. Mirrors the registry's PrepareForCreate.
    pub fn prepare_create(&self, object: &mut Object) {
        if self.has_subresource("status") {
            object.remove("status");
        }
        match self.generation {
            Some(_) => drop(object.meta_mut().insert("generation", Value::Int(1))),
            None => drop(object.meta_mut().remove("generation")),
        }
        (self.strategy_create)(object);
    }

    /// Makes a changed object ready to be stored: the status stays as it was, a changed spec has a new generation.
    /// Mirrors the registry's PrepareForUpdate.
    pub fn prepare_update(&self, new: &mut Object, old: &Object) {
        if self.has_subresource("status") {
            restore(new, old, "status");
        }
        (self.strategy_update)(new, old);
        if let Some(changed) = self.generation {
            let generation = old.generation() + i64::from(changed(new, old));
            new.meta_mut().insert("generation", Value::Int(generation));
        }
    }

    /// Makes an object that was changed through `/status` ready to be stored: everything but status and metadata stays.
    pub fn prepare_status_update(&self, new: &mut Object, old: &Object) {
        let kept: Vec<String> = new.fields().map(|(k, _)| k.to_string()).collect();
        for key in kept.iter().map(String::as_str).chain(old.fields().map(|(k, _)| k)) {
            if !matches!(key, "status" | "metadata" | "apiVersion" | "kind") {
                restore(new, old, key);
            }
        }
        for key in ["generation", "labels", "ownerReferences", "deletionTimestamp"] {
            if key == "labels" && self.resource.kind == "Node" {
                continue; // the node strategy lets kubelet label its node together with its status
            }
            match old.meta(key) {
                Value::Null => drop(new.meta_mut().remove(key)),
                value => drop(new.meta_mut().insert(key, value.clone())),
            }
        }
    }

    /// Everything that is wrong with a new object. Mirrors rest.BeforeCreate's validation.
    pub fn validate(&self, object: &Object) -> Vec<FieldError> {
        let mut errors = meta::validate(self, object);
        errors.extend((self.validate)(object));
        errors.extend(unsimulated::refused(self.schema, object));
        errors
    }

    /// Everything that is wrong with a change: the new object by itself and against the old one.
    /// Mirrors rest.BeforeUpdate's validation.
    pub fn validate_update(&self, new: &Object, old: &Object) -> Vec<FieldError> {
        let mut errors = meta::validate_update(new, old);
        errors.extend((self.validate_update)(new, old));
        errors.extend(unsimulated::refused(self.schema, new));
        errors
    }

    /// Everything that is wrong with a change made through `/status`.
    pub fn validate_status_update(&self, new: &Object, old: &Object) -> Vec<FieldError> {
        let mut errors = meta::validate_update(new, old);
        errors.extend((self.validate_status_update)(new, old));
        errors
    }

    /// What the server warns of when it takes a new object (`old` is none) or a change. Pods are not warned about when
    /// they change, workloads only with a new generation. Mirrors WarningsOnCreate and WarningsOnUpdate.
    pub fn warnings(&self, new: &Object, old: Option<&Object>) -> Vec<String> {
        match old {
            Some(_) if self.resource.kind == "Pod" => Vec::new(),
            Some(old) if self.generation.is_some() && old.generation() == new.generation() => Vec::new(),
            _ => (self.warnings)(new),
        }
    }

    /// The fields that a field selector may name, with the object's values.
    pub fn selectable(&self, object: &Object) -> Vec<(&'static str, String)> {
        let mut fields = vec![("metadata.name", object.name().to_string())];
        if self.resource.namespaced {
            fields.push(("metadata.namespace", object.namespace().to_string()));
        }
        fields.extend((self.fields)(object));
        fields
    }
}

fn restore(new: &mut Object, old: &Object, key: &str) {
    match old.get(key) {
        Some(value) => new.set(key, value.clone()),
        None => drop(new.remove(key)),
    }
}
