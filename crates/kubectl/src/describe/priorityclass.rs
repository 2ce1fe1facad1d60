use super::Writer;
use crate::{Ctx, Error};
use apimachinery::{Object, labels};
use client::LocalFuture;

/// Mirrors describePriorityClass.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    class: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        w.put(0, &format!("Name:\t{}\n", class.name()));
        w.put(0, &format!("Value:\t{}\n", class["value"].int()));
        w.put(0, &format!("GlobalDefault:\t{}\n", class["globalDefault"].is_true()));
        w.put(0, &format!("PreemptionPolicy:\t{}\n", class["preemptionPolicy"].str()));
        w.put(0, &format!("Description:\t{}\n", class["description"].str()));
        w.put(0, &format!("Annotations:\t{}\n", labels::format(class.meta("annotations"))));
        Ok(())
    })
}
