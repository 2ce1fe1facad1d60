//! The kinds of the API, one folder each. Pure functions over values: nothing here does anything.
//!
//! A kind is its folder (schema, defaults, validation, columns) and one line in [`KINDS`] and [`SCHEMA_FILES`].

pub mod decode;
pub mod defaults;
pub mod kind;
pub mod meta;
pub mod schema;
pub mod unsimulated;

pub mod binding;
pub mod configmap;
pub mod controllerrevision;
pub mod cronjob;
pub mod daemonset;
pub mod deployment;
pub mod endpoints;
pub mod endpointslice;
pub mod event;
pub mod eviction;
pub mod horizontalpodautoscaler;
pub mod ingress;
pub mod ingressclass;
pub mod job;
pub mod lease;
pub mod limitrange;
pub mod namespace;
pub mod networkpolicy;
pub mod node;
pub mod nodemetrics;
pub mod persistentvolume;
pub mod persistentvolumeclaim;
pub mod pod;
pub mod poddisruptionbudget;
pub mod podmetrics;
pub mod priorityclass;
pub mod replicaset;
pub mod replicationcontroller;
pub mod resourcequota;
pub mod scale;
pub mod secret;
pub mod service;
pub mod serviceaccount;
pub mod statefulset;
pub mod storageclass;

pub use decode::{Patched, Strictness, decode, decode_patched};
pub use kind::{Kind, Storage, Subresource};

use apimachinery::Resource;

#[cfg(test)]
mod tests;

/// Every kind, in the order in which `kubectl api-resources` lists their groups.
pub static KINDS: &[&Kind] = &[
    &binding::KIND,
    &configmap::KIND,
    &endpoints::KIND,
    &event::KIND,
    &limitrange::KIND,
    &namespace::KIND,
    &node::KIND,
    &persistentvolume::KIND,
    &persistentvolumeclaim::KIND,
    &pod::KIND,
    &replicationcontroller::KIND,
    &resourcequota::KIND,
    &secret::KIND,
    &serviceaccount::KIND,
    &service::KIND,
    &controllerrevision::KIND,
    &daemonset::KIND,
    &deployment::KIND,
    &replicaset::KIND,
    &statefulset::KIND,
    &horizontalpodautoscaler::KIND,
    &scale::KIND,
    &cronjob::KIND,
    &job::KIND,
    &lease::KIND,
    &endpointslice::KIND,
    &ingressclass::KIND,
    &ingress::KIND,
    &networkpolicy::KIND,
    &eviction::KIND,
    &poddisruptionbudget::KIND,
    &priorityclass::KIND,
    &storageclass::KIND,
    &nodemetrics::KIND,
    &podmetrics::KIND,
];

/// The schema files of all kinds.
pub(crate) const SCHEMA_FILES: &[&str] = &[
    include_str!("meta/schema.txt"),
    include_str!("configmap/schema.txt"),
    include_str!("controllerrevision/schema.txt"),
    include_str!("cronjob/schema.txt"),
    include_str!("daemonset/schema.txt"),
    include_str!("deployment/schema.txt"),
    include_str!("endpoints/schema.txt"),
    include_str!("endpointslice/schema.txt"),
    include_str!("event/schema.txt"),
    include_str!("event/events_v1.txt"),
    include_str!("eviction/schema.txt"),
    include_str!("horizontalpodautoscaler/schema.txt"),
    include_str!("horizontalpodautoscaler/v1.txt"),
    include_str!("ingress/schema.txt"),
    include_str!("ingressclass/schema.txt"),
    include_str!("job/schema.txt"),
    include_str!("lease/schema.txt"),
    include_str!("limitrange/schema.txt"),
    include_str!("namespace/schema.txt"),
    include_str!("networkpolicy/schema.txt"),
    include_str!("node/schema.txt"),
    include_str!("nodemetrics/schema.txt"),
    include_str!("persistentvolume/schema.txt"),
    include_str!("persistentvolumeclaim/schema.txt"),
    include_str!("pod/schema.txt"),
    include_str!("poddisruptionbudget/schema.txt"),
    include_str!("podmetrics/schema.txt"),
    include_str!("priorityclass/schema.txt"),
    include_str!("replicaset/schema.txt"),
    include_str!("replicationcontroller/schema.txt"),
    include_str!("resourcequota/schema.txt"),
    include_str!("scale/schema.txt"),
    include_str!("secret/schema.txt"),
    include_str!("service/schema.txt"),
    include_str!("serviceaccount/schema.txt"),
    include_str!("statefulset/schema.txt"),
    include_str!("storageclass/schema.txt"),
];

/// The kind behind a resource.
pub fn kind_of(resource: &Resource) -> &'static Kind {
    by_kind(&resource.api_version(), resource.kind).expect("every RESOURCE has its line in KINDS")
}

/// The kind of objects with this `apiVersion` and `kind`.
pub fn by_kind(api_version: &str, kind: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|k| k.resource.kind == kind && k.resource.api_version() == api_version)
}

/// The kind with this plural in a group and version, as they stand in paths.
pub fn by_path(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    let is_it = |k: &&Kind| {
        let r = &k.resource;
        // Plurals differ most, mostly in length: every watch asks this whenever something has changed.
        r.plural == plural && r.group == group && r.version == version && k.storage != Storage::Body
    };
    KINDS.iter().copied().find(is_it)
}

/// How objects of a kind are merged by strategic merge patches; `None` for kinds that are not in the table.
pub fn merge_schema(api_version: &str, kind: &str) -> Option<&'static dyn apimachinery::patch::MergeSchema> {
    let kind = by_kind(api_version, kind)?;
    let ty = schema::schema().type_by_name(kind.schema)?;
    Some(ty)
}
