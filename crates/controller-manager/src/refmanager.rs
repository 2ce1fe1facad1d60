//! Adoption and release of dependents by labels. Mirrors pkg/controller/controller_ref_manager.go.

use apimachinery::labels::Selector;
use apimachinery::{Object, Resource, Status, json};
use client::Context;

/// Claims for `owner` what its selector matches: objects that it controls already stay, orphans that match are adopted,
/// controlled ones that no longer match are released. Gives what it controls afterwards.
///
/// `owner_resource` and `resource` say where owner and candidates live in the API.
pub fn claim(
    ctx: &mut Context<'_>,
    owner_resource: &Resource,
    owner: &Object,
    selector: &Selector,
    resource: &Resource,
    candidates: Vec<&Object>,
) -> Result<Vec<Object>, Status> {
    let mut claimed = Vec::new();
    let mut may_adopt = None;
    for object in candidates {
        let matches = selector.matches(object.labels());
        match object.controller() {
            Some(controller) if controller.uid() != owner.uid() => {}
            Some(_) if matches => claimed.push(object.clone()),
            Some(_) if owner.is_terminating() => {}
            Some(_) => release(ctx, owner, resource, object)?,
            None if !matches || owner.is_terminating() || object.is_terminating() => {}
            None => {
                // The cache may be old: the owner is read once more before anything is adopted.
                if may_adopt.is_none() {
                    may_adopt = Some(recheck(ctx, owner_resource, owner)?);
                }
                if may_adopt == Some(true)
                    && let Some(adopted) = adopt(ctx, owner, resource, object)?
                {
                    claimed.push(adopted);
                }
            }
        }
    }
    Ok(claimed)
}

fn recheck(ctx: &mut Context<'_>, resource: &Resource, owner: &Object) -> Result<bool, Status> {
    let fresh = ctx.get(resource, owner.namespace(), owner.name())?;
    Ok(fresh.uid() == owner.uid() && !fresh.is_terminating())
}

fn adopt(
    ctx: &mut Context<'_>,
    owner: &Object,
    resource: &Resource,
    object: &Object,
) -> Result<Option<Object>, Status> {
    let patch = json!({"metadata": {"ownerReferences": [owner.controller_ref()], "uid": object.uid()}});
    match ctx.patch(resource, object.namespace(), object.name(), "", patch) {
        Ok(adopted) => Ok(Some(adopted)),
        Err(status) if status.is_not_found() => Ok(None), // it went away in between
        Err(status) => Err(status),
    }
}

fn release(
    ctx: &mut Context<'_>,
    owner: &Object,
    resource: &Resource,
    object: &Object,
) -> Result<(), Status> {
    let patch = json!({
        "metadata": {"ownerReferences": [{"$patch": "delete", "uid": owner.uid()}], "uid": object.uid()},
    });
    match ctx.patch(resource, object.namespace(), object.name(), "", patch) {
        // Gone, or changed hands (its uid or owner differ): nothing is left to release.
        Err(status) if !status.is_not_found() && status.reason() != "Invalid" => Err(status),
        _ => Ok(()),
    }
}
