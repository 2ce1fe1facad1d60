use super::{Writer, controlled_by, format_selector, template};
use crate::{Ctx, Error};
use apimachinery::{Object, Request};
use client::LocalFuture;

pub(super) fn describe<'a>(
    c: &'a Ctx,
    rs: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let selector = format_selector(rs.at("spec.selector"));
        w.put(0, &format!("Name:\t{}\n", rs.name()));
        w.put(0, &format!("Namespace:\t{}\n", rs.namespace()));
        w.put(0, &format!("Selector:\t{}\n", selector.as_deref().unwrap_or("<none>")));
        w.labels("Labels", rs.labels());
        w.annotations("Annotations", rs.meta("annotations"));
        controlled_by(rs, w);
        let (current, desired) = (rs.at("status.replicas").int(), rs.at("spec.replicas").int());
        w.put(0, &format!("Replicas:\t{current} current / {desired} desired\n"));
        pods_status(c, rs, selector.unwrap_or_default(), w).await?;
        template::describe(w, rs.at("spec.template"));
        conditions(w, rs);
        Ok(())
    })
}

/// How the pods of a ReplicaSet and its like are. Mirrors getPodStatusForController.
pub(super) async fn pods_status(
    c: &Ctx,
    owner: &Object,
    selector: String,
    w: &mut Writer,
) -> Result<(), Error> {
    let path = format!("/api/v1/namespaces/{}/pods", owner.namespace());
    let pods = super::list(c, Request::get(path).with("labelSelector", selector)).await?;
    let count = |phase: &str| {
        let owned = |p: &&Object| p.controller().is_some_and(|o| o.uid() == owner.uid());
        pods.iter().filter(owned).filter(|p| p.at("status.phase") == phase).count()
    };
    w.put(
        0,
        &format!(
            "Pods Status:\t{} Running / {} Waiting / {} Succeeded / {} Failed\n",
            count("Running"),
            count("Pending"),
            count("Succeeded"),
            count("Failed")
        ),
    );
    Ok(())
}

/// Conditions with their reasons.
pub(super) fn conditions(w: &mut Writer, object: &Object) {
    let conditions = object.at("status.conditions").items();
    if !conditions.is_empty() {
        w.put(0, "Conditions:\n  Type\tStatus\tReason\n");
        w.put(1, "----\t------\t------\n");
    }
    for c in conditions {
        w.put(1, &format!("{} \t{}\t{}\n", c["type"].str(), c["status"].str(), c["reason"].str()));
    }
}
