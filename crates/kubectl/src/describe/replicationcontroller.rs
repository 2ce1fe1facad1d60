use super::{Writer, replicaset, template};
use crate::{Ctx, Error};
use apimachinery::{Object, labels};
use client::LocalFuture;

/// Mirrors describeReplicationController.
pub(super) fn describe<'a>(
    c: &'a Ctx,
    rc: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let selector = labels::format(rc.at("spec.selector"));
        w.put(0, &format!("Name:\t{}\n", rc.name()));
        w.put(0, &format!("Namespace:\t{}\n", rc.namespace()));
        w.put(0, &format!("Selector:\t{selector}\n"));
        w.labels("Labels", rc.labels());
        w.annotations("Annotations", rc.meta("annotations"));
        let (current, desired) = (rc.at("status.replicas").int(), rc.at("spec.replicas").int());
        w.put(0, &format!("Replicas:\t{current} current / {desired} desired\n"));
        replicaset::pods_status(c, rc, selector, w).await?;
        template::describe(w, rc.at("spec.template"));
        replicaset::conditions(w, rc);
        Ok(())
    })
}
