use super::Writer;
use crate::{Ctx, Error};
use apimachinery::Object;
use client::LocalFuture;
use sim::collections::BTreeSet;

const LISTS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];

/// Mirrors describeLimitRange.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    range: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        w.put(0, &format!("Name:\t{}\n", range.name()));
        w.put(0, &format!("Namespace:\t{}\n", range.namespace()));
        w.put(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n");
        w.put(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n");
        items(range, "", w);
        Ok(())
    })
}

/// All of a namespace in one table. Mirrors DescribeLimitRanges.
pub(super) fn of_namespace(ranges: &[Object], w: &mut Writer) {
    if ranges.is_empty() {
        return w.put(0, "No LimitRange resource.\n");
    }
    w.put(0, "Resource Limits\n");
    w.put(0, " Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio\n");
    w.put(0, " ----\t--------\t---\t---\t---------------\t-------------\t-----------------------\n");
    for range in ranges {
        items(range, " ", w);
    }
}

fn items(range: &Object, prefix: &str, w: &mut Writer) {
    for item in range.at("spec.limits").items() {
        let names: BTreeSet<&str> =
            LISTS.iter().flat_map(|l| item[*l].fields().map(|(name, _)| name)).collect();
        for name in names {
            let cell = |list: &&str| item[*list].get(name).map_or("-", |v| v.str()).to_string();
            let cells: Vec<String> = LISTS.iter().map(cell).collect();
            w.put(0, &format!("{prefix}{}\t{name}\t{}\n", item["type"].str(), cells.join("\t")));
        }
    }
}
