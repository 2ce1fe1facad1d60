//! The table of kinds, as the server looks at it.

use apimachinery::status::FieldError;
use apimachinery::table::Column;
use apimachinery::{Object, Resource, Status, Value, labels};
use sim::Time;

pub struct Kind {
    pub resource: Resource,
    pub singular: &'static str,
    pub short_names: &'static [&'static str],
    pub categories: &'static [&'static str],
    pub verbs: &'static [&'static str],
    pub subresources: &'static [&'static str],
    pub counts_generations: bool,
    pub fields: &'static [&'static str],
    pub columns: &'static [Column],
}

const ALL: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const COLUMNS: &[Column] = &[
    Column { name: "Name", kind: "string", priority: 0 },
    Column { name: "Age", kind: "string", priority: 0 },
];

const fn kind(
    resource: Resource,
    short_names: &'static [&'static str],
    subresources: &'static [&'static str],
    counts_generations: bool,
    fields: &'static [&'static str],
) -> Kind {
    Kind {
        resource,
        singular: "",
        short_names,
        categories: &[],
        verbs: ALL,
        subresources,
        counts_generations,
        fields,
        columns: COLUMNS,
    }
}

const PODS: &[&str] = &["status", "log", "exec", "attach", "portforward", "proxy", "binding", "eviction"];
const INVOLVED: &[&str] = &[
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "reason",
    "type",
];

static KINDS: &[Kind] = &[
    kind(api::configmap::RESOURCE, &["cm"], &[], false, &[]),
    kind(api::endpoints::RESOURCE, &["ep"], &[], false, &[]),
    kind(api::event::RESOURCE, &["ev"], &[], false, INVOLVED),
    kind(api::namespace::RESOURCE, &["ns"], &["status", "finalize"], false, &["status.phase"]),
    kind(api::node::RESOURCE, &["no"], &["status", "proxy"], false, &["spec.unschedulable"]),
    kind(api::pod::RESOURCE, &["po"], PODS, true, &["spec.nodeName", "status.phase"]),
    kind(api::secret::RESOURCE, &[], &[], false, &["type"]),
    kind(api::serviceaccount::RESOURCE, &["sa"], &[], false, &[]),
    kind(api::service::RESOURCE, &["svc"], &["status", "proxy"], false, &["spec.type"]),
    kind(api::deployment::RESOURCE, &["deploy"], &["status", "scale"], true, &[]),
    kind(api::replicaset::RESOURCE, &["rs"], &["status", "scale"], true, &[]),
    kind(api::horizontalpodautoscaler::RESOURCE, &["hpa"], &["status"], false, &[]),
    kind(api::lease::RESOURCE, &[], &[], false, &[]),
    kind(api::endpointslice::RESOURCE, &[], &[], true, &[]),
];

pub fn all() -> &'static [Kind] {
    KINDS
}

pub fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    KINDS
        .iter()
        .find(|k| k.resource.plural == plural && k.resource.group == group && k.resource.version == version)
}

/// The place of a kind in the table.
pub fn index(kind: &Kind) -> usize {
    KINDS.iter().position(|k| std::ptr::eq(k, kind)).expect("kinds come from the table")
}

#[derive(Clone, Copy)]
pub enum Strictness {
    Strict,
    Warn,
    Ignore,
}

impl Strictness {
    pub fn parse(text: &str) -> Option<Strictness> {
        match text {
            "Strict" => Some(Strictness::Strict),
            "Warn" | "" => Some(Strictness::Warn),
            "Ignore" => Some(Strictness::Ignore),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
pub enum Patched<'a> {
    Strategic(&'a Value),
    Json,
}

pub fn decode_patched(
    _kind: &Kind,
    value: &Value,
    _patched: Patched<'_>,
    _strictness: Strictness,
) -> Result<(Value, Vec<String>), Status> {
    Ok((value.clone(), Vec::new()))
}

impl Kind {
    pub fn has_subresource(&self, name: &str) -> bool {
        self.subresources.contains(&name)
    }

    pub fn decode(&self, value: &Value, _strictness: Strictness) -> Result<(Value, Vec<String>), Status> {
        Ok((value.clone(), Vec::new()))
    }

    pub fn default(&self, _object: &mut Value) {}

    pub fn prepare_create(&self, object: &mut Object) {
        if self.has_subresource("status") {
            object.remove("status");
        }
        if self.counts_generations {
            object.meta_mut().insert("generation", Value::Int(1));
        }
    }

    pub fn prepare_update(&self, new: &mut Object, old: &Object) {
        if self.has_subresource("status") {
            new.set("status", old["status"].clone());
        }
        if self.counts_generations {
            let generation = old.generation() + i64::from(new["spec"] != old["spec"]);
            new.meta_mut().insert("generation", Value::Int(generation));
        }
    }

    pub fn prepare_status_update(&self, new: &mut Object, old: &Object) {
        let status = new["status"].clone();
        *new = old.clone();
        new.set("status", status);
    }

    pub fn validate(&self, object: &Object) -> Vec<FieldError> {
        let errors = labels::dns1123_subdomain_errors(object.name());
        errors.iter().map(|e| FieldError::invalid("metadata.name", &object.name().into(), e)).collect()
    }

    pub fn validate_update(&self, _new: &Object, _old: &Object) -> Vec<FieldError> {
        Vec::new()
    }

    pub fn validate_status_update(&self, _new: &Object, _old: &Object) -> Vec<FieldError> {
        Vec::new()
    }

    pub fn selectable(&self, object: &Object) -> Vec<(&'static str, String)> {
        let mut list = vec![("metadata.name", object.name().to_string())];
        list.push(("metadata.namespace", object.namespace().to_string()));
        list.extend(self.fields.iter().map(|f| {
            let value = object.at(f);
            (*f, value.as_str().map_or_else(|| value.is_true().to_string(), str::to_string))
        }));
        list
    }

    pub fn row(&self, object: &Object, now: Time) -> Vec<Value> {
        let age = object.created().map(|c| apimachinery::time::human_duration(now.since(c)));
        vec![object.name().into(), age.into()]
    }
}

/// What a client is told whenever it uses a kind that is on its way out. Mirrors the API lifecycle interfaces.
pub fn deprecation(kind: &Kind) -> Option<&'static str> {
    match kind.resource.kind {
        "Endpoints" => Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"),
        "ComponentStatus" => Some("v1 ComponentStatus is deprecated in v1.19+"),
        _ => None,
    }
}

/// Whether a PUT makes the object when it is not there. Mirrors AllowCreateOnUpdate.
pub fn creates_on_update(kind: &Kind) -> bool {
    matches!(kind.resource.plural, "services" | "endpoints" | "events" | "leases" | "limitranges")
}

/// Whether a PUT may come without resourceVersion. Mirrors AllowUnconditionalUpdate.
pub fn updates_unconditionally(kind: &Kind) -> bool {
    !matches!(kind.resource.plural, "leases" | "serviceaccounts")
}

/// Whether a DELETE answers with the object instead of a Status. Mirrors ReturnDeletedObject.
pub fn returns_deleted(kind: &Kind) -> bool {
    matches!(
        kind.resource.plural,
        "pods"
            | "services"
            | "serviceaccounts"
            | "persistentvolumes"
            | "persistentvolumeclaims"
            | "podtemplates"
            | "resourcequotas"
    )
}
