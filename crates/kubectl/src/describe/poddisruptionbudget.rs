use super::{Writer, format_selector, plain};
use crate::{Ctx, Error};
use apimachinery::Object;
use client::LocalFuture;

/// Mirrors describePodDisruptionBudgetV1.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    pdb: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let (spec, status) = (&pdb["spec"], &pdb["status"]);
        w.put(0, &format!("Name:\t{}\n", pdb.name()));
        w.put(0, &format!("Namespace:\t{}\n", pdb.namespace()));
        if !spec["minAvailable"].is_null() {
            w.put(0, &format!("Min available:\t{}\n", plain(&spec["minAvailable"])));
        } else if !spec["maxUnavailable"].is_null() {
            w.put(0, &format!("Max unavailable:\t{}\n", plain(&spec["maxUnavailable"])));
        }
        let selector = match &spec["selector"] {
            selector if selector.is_null() => "<unset>".to_string(),
            selector => format_selector(selector).unwrap_or_else(|| "<none>".into()),
        };
        w.put(0, &format!("Selector:\t{selector}\nStatus:\n"));
        for (title, field) in [
            ("Allowed disruptions", "disruptionsAllowed"),
            ("Current", "currentHealthy"),
            ("Desired", "desiredHealthy"),
            ("Total", "expectedPods"),
        ] {
            w.put(2, &format!("{title}:\t{}\n", status[field].int()));
        }
        Ok(())
    })
}
