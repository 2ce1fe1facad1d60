use super::{Writer, date, limitrange, list, resourcequota};
use crate::{Ctx, Error};
use apimachinery::{Object, Request};
use client::LocalFuture;

/// Mirrors describeNamespace.
pub(super) fn describe<'a>(
    c: &'a Ctx,
    ns: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        w.put(0, &format!("Name:\t{}\n", ns.name()));
        w.labels("Labels", ns.labels());
        w.annotations("Annotations", ns.meta("annotations"));
        w.put(0, &format!("Status:\t{}\n", ns.at("status.phase").str()));
        let conditions = ns.at("status.conditions").items();
        if !conditions.is_empty() {
            w.put(0, "Conditions:\n");
            w.put(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage\n");
            w.put(1, "----\t------\t------------------\t------\t-------\n");
        }
        for c in conditions {
            let (kind, status, reason) = (c["type"].str(), c["status"].str(), c["reason"].str());
            let (when, message) = (date(&c["lastTransitionTime"]), c["message"].str());
            w.put(1, &format!("{kind}\t{status}\t{when}\t{reason}\t{message}\n"));
        }
        let quotas = list(c, Request::get(api::resourcequota::RESOURCE.path(ns.name()))).await?;
        w.put(0, "\n");
        resourcequota::of_namespace(&quotas, w);
        let ranges = list(c, Request::get(api::limitrange::RESOURCE.path(ns.name()))).await?;
        w.put(0, "\n");
        limitrange::of_namespace(&ranges, w);
        Ok(())
    })
}
