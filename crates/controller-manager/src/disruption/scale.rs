//! How many pods the controllers of a set want in all. Mirrors getExpectedScale.

use crate::Cache;
use apimachinery::{Object, Resource};
use sim::collections::BTreeMap;

/// The kinds that say how many pods they want.
const SCALED: [Resource; 3] =
    [api::replicaset::RESOURCE, api::statefulset::RESOURCE, api::replicationcontroller::RESOURCE];
const DEPLOYMENTS: Resource = api::deployment::RESOURCE;

/// The sum of what the pods' controllers want, each counted once, and whether some pod has none. The error tells of a
/// controller without a number.
pub(super) fn of(cache: &Cache, pods: &[&Object]) -> Result<(i64, bool), String> {
    let (mut wanted, mut unmanaged) = (BTreeMap::new(), false);
    for pod in pods {
        let Some(owner) = pod.controller() else {
            unmanaged = true;
            continue;
        };
        let Some(resource) = SCALED.iter().find(|r| r.kind == owner.kind()) else {
            return Err(format!("{} does not implement the scale subresource", resource_name(owner.kind())));
        };
        let key = format!("{}/{}", pod.namespace(), owner.name());
        let Some(set) = cache.of(resource).get(&key).filter(|set| set.uid() == owner.uid()) else { continue };
        let deployment = set.controller().filter(|o| o.kind() == DEPLOYMENTS.kind);
        let deployment = deployment.and_then(|o| {
            let key = format!("{}/{}", set.namespace(), o.name());
            cache.of(&DEPLOYMENTS).get(&key).filter(|d| d.uid() == o.uid())
        });
        let controller = deployment.unwrap_or(set);
        wanted.insert(controller.uid().to_string(), controller.at("spec.replicas").int());
    }
    Ok((wanted.values().sum(), unmanaged))
}

/// `daemonsets.apps` of a kind.
fn resource_name(kind: &str) -> String {
    match api::KINDS.iter().map(|k| k.resource).find(|r| r.kind == kind) {
        Some(r) if r.group.is_empty() => r.plural.to_string(),
        Some(r) => format!("{}.{}", r.plural, r.group),
        None => kind.to_lowercase(),
    }
}
