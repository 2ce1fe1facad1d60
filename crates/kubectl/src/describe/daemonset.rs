use super::{Writer, format_selector, replicaset, template};
use crate::{Ctx, Error};
use apimachinery::{Object, labels};
use client::LocalFuture;

pub(super) fn describe<'a>(
    c: &'a Ctx,
    ds: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let selector = format_selector(ds.at("spec.selector"));
        w.put(0, &format!("Name:\t{}\n", ds.name()));
        w.put(0, &format!("Namespace:\t{}\n", ds.namespace()));
        w.put(0, &format!("Selector:\t{}\n", selector.as_deref().unwrap_or("<none>")));
        w.put(0, &format!("Node-Selector:\t{}\n", labels::format(ds.at("spec.template.spec.nodeSelector"))));
        w.labels("Labels", ds.labels());
        w.annotations("Annotations", ds.meta("annotations"));
        for (title, field) in [
            ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
            ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
            ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
            ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
            ("Number of Nodes Misscheduled", "numberMisscheduled"),
        ] {
            w.put(0, &format!("{title}: {}\n", ds["status"][field].int()));
        }
        replicaset::pods_status(c, ds, selector.unwrap_or_default(), w).await?;
        template::describe(w, ds.at("spec.template"));
        Ok(())
    })
}
