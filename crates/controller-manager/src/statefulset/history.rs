//! The templates that a StatefulSet had, as ControllerRevisions. Mirrors getStatefulSetRevisions and truncateHistory.

use super::REVISION;
use crate::{Cache, unless_terminating};
use apimachinery::{Object, Resource, Status, Value, json};
use client::Context;
use sim::Order;

const REVISIONS: Resource = api::controllerrevision::RESOURCE;
/// The label of a revision with the hash of its template.
const HASH: &str = "controller.kubernetes.io/hash";

/// Two revisions by name, and their templates.
pub(super) struct Revisions {
    /// That of the pods which are not updated.
    pub(super) current: String,
    /// Its template.
    pub(super) current_template: Value,
    /// That of the template as it is now.
    pub(super) update: String,
}

/// Makes sure that there is a revision of the template as it is now and that it is the newest, and lets old ones go that
/// no pod is made from.
pub(super) fn keep(
    ctx: &mut Context<'_>,
    cache: &Cache,
    set: &Object,
    pods: &[Object],
) -> Result<Revisions, Status> {
    // No collision yet is as good as none at all.
    let collisions = Value::Int(set.at("status.collisionCount").int());
    let hash = api::pod::template_hash_after(set.at("spec.template"), &collisions);
    let mut known: Vec<Object> = cache.of(&REVISIONS).owned_by(set.uid()).cloned().collect();
    known.order_by_key(|r| r["revision"].int());
    let newest = known.last().map_or(0, |r| r["revision"].int());
    let update = format!("{}-{hash}", set.name());
    match known.iter().find(|r| r.name() == update) {
        None => {
            let made = ctx.create(&REVISIONS, revision(set, &update, &hash, newest + 1));
            unless_terminating(made)?;
        }
        Some(same) if same["revision"].int() < newest => {
            let mut same = same.clone();
            same.set("revision", newest + 1);
            ctx.update(&REVISIONS, same)?;
        }
        Some(_) => {}
    }
    let noted = set.at("status.currentRevision").str();
    let current = known.iter().find(|r| r.name() == noted);
    let revisions = Revisions {
        current: current.map_or(update.as_str(), |r| r.name()).to_string(),
        current_template: current.map_or_else(|| set.at("spec.template").clone(), template),
        update,
    };
    truncate(ctx, set, pods, &known, &revisions)?;
    Ok(revisions)
}

fn truncate(
    ctx: &mut Context<'_>,
    set: &Object,
    pods: &[Object],
    known: &[Object],
    revisions: &Revisions,
) -> Result<(), Status> {
    let alive = |name: &str| {
        name == revisions.current
            || name == revisions.update
            || pods.iter().any(|p| p.label(REVISION) == Some(name))
    };
    let limit = set.at("spec.revisionHistoryLimit").as_i64().unwrap_or(10).max(0) as usize;
    let old: Vec<&str> = known.iter().map(|r| r.name()).filter(|name| !alive(name)).collect();
    for name in old.iter().take(old.len().saturating_sub(limit)) {
        match ctx.delete(&REVISIONS, set.namespace(), name, Value::object()) {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn template(revision: &Object) -> Value {
    let mut template = revision.at("data.spec.template").clone();
    template.remove("$patch");
    template
}

fn revision(set: &Object, name: &str, hash: &str, number: i64) -> Value {
    let mut template = set.at("spec.template").clone();
    let mut labels = template["metadata"]["labels"].clone();
    labels.set(HASH, hash);
    template.set("$patch", "replace");
    let mut metadata = json!({
        "name": name, "namespace": set.namespace(), "labels": labels, "ownerReferences": [set.controller_ref()],
    });
    if !set.meta("annotations").is_empty() {
        metadata.set("annotations", set.meta("annotations"));
    }
    json!({
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata,
        "data": {"spec": {"template": template}}, "revision": number,
    })
}
