//! What a namespace on its way out says about what is left. Mirrors pkg/controller/namespace/deletion/status_condition_utils.go.

use super::{NAMESPACES, Remaining};
use crate::conditions;
use apimachinery::{Object, Status, Value};
use client::Context;
use sim::Time;

/// (type, reason, message) when all is well, in order.
const FINE: [(&str, &str, &str); 5] = [
    ("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    (
        "NamespaceDeletionGroupVersionParsingFailure",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "NamespaceDeletionContentFailure",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    ("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed"),
    ("NamespaceFinalizersRemaining", "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
];

/// Writes the conditions if they are others.
pub fn update(ctx: &mut Context<'_>, mut namespace: Object, remaining: &Remaining) -> Result<Object, Status> {
    let before = namespace["status"].clone();
    let status = namespace.field_mut("status");
    for condition in conditions_of(remaining, ctx.now) {
        put(status, condition);
    }
    if namespace["status"] == before {
        return Ok(namespace);
    }
    ctx.update_status(&NAMESPACES, namespace)
}

/// The condition in its place, if there is one of its type; unchanged ones keep their time.
fn put(status: &mut Value, mut condition: Value) {
    let kind = condition["type"].clone();
    let old = conditions::get(status, kind.str()).clone();
    if old["status"] == condition["status"] {
        condition.set("lastTransitionTime", &old["lastTransitionTime"]);
    }
    let list = status.field_mut("conditions").array_mut();
    match list.iter_mut().find(|c| c["type"] == kind.str()) {
        Some(known) => *known = condition,
        None => list.push(condition),
    }
}

fn conditions_of(remaining: &Remaining, now: Time) -> Vec<Value> {
    let conditions = FINE.iter().map(|(kind, reason, message)| {
        let trouble = match *kind {
            "NamespaceDeletionContentFailure" => remaining.failed.as_ref().map(|error| {
                (
                    "ContentDeletionFailed",
                    format!("Failed to delete all resource types, 1 remaining: {error}"),
                )
            }),
            "NamespaceContentRemaining" if !remaining.objects.is_empty() => {
                let list: Vec<String> = remaining
                    .objects
                    .iter()
                    .map(|(r, n)| format!("{r} has {n} resource instances"))
                    .collect();
                Some(("SomeResourcesRemain", format!("Some resources are remaining: {}", list.join(", "))))
            }
            "NamespaceFinalizersRemaining" if !remaining.finalizers.is_empty() => {
                let list: Vec<String> = remaining
                    .finalizers
                    .iter()
                    .map(|(f, n)| format!("{f} in {n} resource instances"))
                    .collect();
                let message =
                    format!("Some content in the namespace has finalizers remaining: {}", list.join(", "));
                Some(("SomeFinalizersRemain", message))
            }
            _ => None,
        };
        match trouble {
            Some((reason, message)) => conditions::new(now, kind, "True", reason, &message),
            None => conditions::new(now, kind, "False", reason, message),
        }
    });
    conditions.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_remains_is_counted_by_resource() {
        let mut remaining = Remaining { objects: vec![("pods.".into(), 2)], ..Remaining::default() };
        let find = |remaining: &Remaining, kind: &str| {
            let all = conditions_of(remaining, Time::from_secs(1));
            assert_eq!(all.len(), 5);
            let found = all.into_iter().find(|c| c["type"] == kind).unwrap();
            (found["status"].str().to_string(), found["message"].str().to_string())
        };
        assert_eq!(
            find(&remaining, "NamespaceContentRemaining"),
            ("True".into(), "Some resources are remaining: pods. has 2 resource instances".into())
        );
        remaining.objects.clear();
        assert_eq!(
            find(&remaining, "NamespaceContentRemaining"),
            ("False".into(), "All content successfully removed".into())
        );
    }
}
