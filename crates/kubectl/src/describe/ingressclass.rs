use super::Writer;
use crate::{Ctx, Error};
use apimachinery::Object;
use client::LocalFuture;

/// Mirrors describeIngressClassV1.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    class: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        w.put(0, &format!("Name:\t{}\n", class.name()));
        w.labels("Labels", class.labels());
        w.annotations("Annotations", class.meta("annotations"));
        w.put(0, &format!("Controller:\t{}\n", class.at("spec.controller").str()));
        let parameters = class.at("spec.parameters");
        if !parameters.is_null() {
            w.put(0, "Parameters:\n");
            for (title, field) in [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")] {
                if field != "apiGroup" || !parameters[field].is_null() {
                    w.put(1, &format!("{title}:\t{}\n", parameters[field].str()));
                }
            }
        }
        Ok(())
    })
}
