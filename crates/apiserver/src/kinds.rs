//! The table of kinds, as the server looks at it, and what only its registry knows of them.

pub use api::{Kind, Patched, Storage, Strictness, decode_patched};

use crate::endpoints::componentstatus;
use crate::versions::{VERSIONS, Version};

/// Every kind that has a path of its own.
pub fn all() -> impl Iterator<Item = &'static Kind> + Clone {
    let own = std::iter::once(&componentstatus::KIND);
    api::KINDS.iter().copied().chain(own)
}

/// The kind with this plural in a group and version.
pub fn find(group: &str, version: &str, plural: &str) -> Option<&'static Kind> {
    api::by_path(group, version, plural).or_else(|| {
        all().find(|k| (k.resource.group, k.resource.version, k.resource.plural) == (group, version, plural))
    })
}

/// The version with this plural in a group and version, when it is not the stored one.
pub fn version(group: &str, version: &str, plural: &str) -> Option<&'static Version> {
    VERSIONS.iter().copied().find(|v| {
        let r = &v.kind.resource;
        (r.group, r.version, r.plural) == (group, version, plural)
    })
}

/// Every kind in every version, as discovery shows them.
pub fn served() -> impl Iterator<Item = &'static Kind> + Clone {
    all().chain(VERSIONS.iter().map(|v| &v.kind))
}

/// The place of a kind in the table.
pub fn index(kind: &Kind) -> usize {
    all().position(|k| std::ptr::eq(k, kind)).expect("kinds come from the table")
}

/// What a client is told whenever it uses a kind that is on its way out. Mirrors the API lifecycle interfaces.
pub fn deprecation(kind: &Kind) -> Option<&'static str> {
    match kind.resource.kind {
        "Endpoints" => Some(api::endpoints::DEPRECATION),
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
    !matches!(kind.resource.plural, "leases" | "serviceaccounts" | "poddisruptionbudgets")
}

/// Whether a DELETE answers with the object instead of a Status. Mirrors ReturnDeletedObject.
pub fn returns_deleted(kind: &Kind) -> bool {
    matches!(kind.resource.plural, "pods" | "services" | "serviceaccounts" | "resourcequotas")
}
