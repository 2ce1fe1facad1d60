//! The templates that a DaemonSet had, as ControllerRevisions. Mirrors constructHistory and cleanupHistory.

use super::HASH;
use crate::{Cache, unless_terminating};
use apimachinery::{Object, Resource, Status, Value, json};
use client::Context;
use sim::Order;

const REVISIONS: Resource = api::controllerrevision::RESOURCE;

/// Makes sure that there is a revision of the template as it is now, that it is the newest, and that there are not too
/// many old ones.
pub fn keep(ctx: &mut Context<'_>, cache: &Cache, ds: &Object, hash: &str) -> Result<(), Status> {
    let mut known: Vec<&Object> = cache.of(&REVISIONS).owned_by(ds.uid()).collect();
    known.order_by_key(|r| r["revision"].int());
    let newest = known.last().map_or(0, |r| r["revision"].int());
    match known.iter().find(|r| r.label(HASH) == Some(hash)) {
        None => {
            let made = ctx.create(&REVISIONS, revision(ds, hash, newest + 1));
            unless_terminating(made)?;
        }
        Some(current) if current["revision"].int() < newest => {
            let mut current = (*current).clone();
            current.set("revision", newest + 1);
            ctx.update(&REVISIONS, current)?;
        }
        Some(_) => {}
    }
    let limit = ds.at("spec.revisionHistoryLimit").as_i64().unwrap_or(10).max(0) as usize;
    let old: Vec<&str> = known.iter().filter(|r| r.label(HASH) != Some(hash)).map(|r| r.name()).collect();
    for name in old.iter().take(old.len().saturating_sub(limit)) {
        match ctx.delete(&REVISIONS, ds.namespace(), name, Value::object()) {
            Err(error) if !error.is_not_found() => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn revision(ds: &Object, hash: &str, number: i64) -> Value {
    let mut template = ds.at("spec.template").clone();
    let mut labels = template["metadata"]["labels"].clone();
    labels.set(HASH, hash);
    template.set("$patch", "replace");
    let mut metadata = json!({
        "name": format!("{}-{hash}", ds.name()), "namespace": ds.namespace(), "labels": labels,
        "ownerReferences": [ds.controller_ref()],
    });
    if !ds.meta("annotations").is_empty() {
        metadata.set("annotations", ds.meta("annotations"));
    }
    json!({
        "apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": metadata,
        "data": {"spec": {"template": template}}, "revision": number,
    })
}
