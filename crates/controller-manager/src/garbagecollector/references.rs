//! What an object's owner references lead to. Mirrors classifyReferences.

use super::is_deleting_dependents;
use crate::Cache;
use crate::cache::watched;
use apimachinery::{Object, OwnerReference, Resource, Status};
use client::Context;
use sim::collections::BTreeSet;

/// An owner: (kind, name, uid).
type Owner = (String, String, String);

/// The owners of an object.
#[derive(Default)]
pub struct Owners {
    /// There, and there to stay.
    pub solid: Vec<Owner>,
    /// Gone.
    pub dangling: Vec<Owner>,
    /// On their way out, as soon as their dependents are gone.
    pub waiting: Vec<Owner>,
}

impl Owners {
    /// Looks every owner up: in the cache, or with a request if it is not there. `absent` has the uids of those that
    /// are known to be gone.
    pub fn classify(
        ctx: &mut Context<'_>,
        cache: &Cache,
        absent: &BTreeSet<String>,
        object: &Object,
    ) -> Result<Owners, Status> {
        let mut owners = Owners::default();
        for reference in object.owners() {
            let list = match find(ctx, cache, absent, reference, object.namespace())? {
                Found::Here(owner) if is_deleting_dependents(&owner) => &mut owners.waiting,
                Found::Here(_) | Found::Unknown => &mut owners.solid,
                Found::Gone => &mut owners.dangling,
            };
            list.push((reference.kind().into(), reference.name().into(), reference.uid().into()));
        }
        Ok(owners)
    }
}

enum Found {
    Here(Object),
    Gone,
    /// Of a kind that is not looked at here: it is left alone.
    Unknown,
}

fn find(
    ctx: &mut Context<'_>,
    cache: &Cache,
    absent: &BTreeSet<String>,
    reference: OwnerReference<'_>,
    namespace: &str,
) -> Result<Found, Status> {
    if absent.contains(reference.uid()) {
        return Ok(Found::Gone);
    }
    if let Some((_, owner)) = cached(cache, reference, namespace) {
        return Ok(Found::Here(owner.clone()));
    }
    let Some(resource) = resource_of(reference) else { return Ok(Found::Unknown) };
    let namespace = if resource.namespaced { namespace } else { "" };
    match ctx.get(&resource, namespace, reference.name()) {
        Ok(owner) if owner.uid() == reference.uid() => Ok(Found::Here(owner)),
        Ok(_) => Ok(Found::Gone),
        Err(error) if error.is_not_found() => Ok(Found::Gone),
        Err(error) => Err(error),
    }
}

/// An owner, if the cache has it.
pub fn cached<'a>(
    cache: &'a Cache,
    reference: OwnerReference<'_>,
    namespace: &str,
) -> Option<(Resource, &'a Object)> {
    let resource = resource_of(reference)?;
    let key = match resource.namespaced {
        true => format!("{namespace}/{}", reference.name()),
        false => reference.name().to_string(),
    };
    let owner = cache.of(&resource).get(&key).filter(|owner| owner.uid() == reference.uid())?;
    Some((resource, owner))
}

fn resource_of(reference: OwnerReference<'_>) -> Option<Resource> {
    let version = reference.0["apiVersion"].str();
    watched().find(|r| r.kind == reference.kind() && r.api_version() == version)
}

/// The resource, namespace and name of a key of the queue.
pub fn parse(key: &str) -> Option<(Resource, &str, &str)> {
    let (resource, key) = key.split_once('|')?;
    let (plural, group) = resource.split_once('.')?;
    let resource = watched().find(|r| r.plural == plural && r.group == group)?;
    let (namespace, name) = key.split_once('/').unwrap_or(("", key));
    Some((resource, namespace, name))
}
