//! How many pods the controllers of a set want in all. Mirrors getExpectedScale.

use crate::Cache;
use apimachinery::{Object, Resource};
use sim::collections::BTreeMap;

const SETS: Resource = api::replicaset::RESOURCE;
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
        if owner.kind() != SETS.kind {
            let resource = api::KINDS.iter().find(|k| k.resource.kind == owner.kind());
            let name = resource.map_or_else(
                || owner.kind().to_lowercase(),
                |k| {
                    let group = if k.resource.group.is_empty() {
                        String::new()
                    } else {
                        format!(".{}", k.resource.group)
                    };
                    format!("{}{group}", k.resource.plural)
                },
            );
            return Err(format!("{name} does not implement the scale subresource"));
        }
        let key = format!("{}/{}", pod.namespace(), owner.name());
        let Some(set) = cache.of(&SETS).get(&key).filter(|set| set.uid() == owner.uid()) else { continue };
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
