use super::{Writer, date, format_selector, joined, or_none, plain, replicaset, template};
use crate::{Ctx, Error};
use apimachinery::{Object, Value, labels};
use client::LocalFuture;

/// Mirrors describeStatefulSet.
pub(super) fn describe<'a>(
    c: &'a Ctx,
    set: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let selector = format_selector(set.at("spec.selector"));
        w.put(0, &format!("Name:\t{}\n", set.name()));
        w.put(0, &format!("Namespace:\t{}\n", set.namespace()));
        w.put(0, &format!("CreationTimestamp:\t{}\n", date(set.meta("creationTimestamp"))));
        w.put(0, &format!("Selector:\t{}\n", or_none(selector.as_deref().unwrap_or_default())));
        w.labels("Labels", set.labels());
        w.annotations("Annotations", set.meta("annotations"));
        let (wanted, there) = (set.at("spec.replicas").int(), set.at("status.replicas").int());
        w.put(0, &format!("Replicas:\t{wanted} desired | {there} total\n"));
        let strategy = set.at("spec.updateStrategy");
        w.put(0, &format!("Update Strategy:\t{}\n", strategy["type"].str()));
        if !strategy["rollingUpdate"]["partition"].is_null() {
            w.put(1, &format!("Partition:\t{}\n", plain(&strategy["rollingUpdate"]["partition"])));
        }
        replicaset::pods_status(c, set, selector.unwrap_or_default(), w).await?;
        template::describe(w, set.at("spec.template"));
        claims(set.at("spec.volumeClaimTemplates"), w);
        Ok(())
    })
}

/// Mirrors describeVolumeClaimTemplates.
fn claims(templates: &Value, w: &mut Writer) {
    if templates.is_empty() {
        return w.put(0, "Volume Claims:\t<none>\n");
    }
    w.put(0, "Volume Claims:\n");
    for claim in templates.items() {
        let (meta, spec) = (&claim["metadata"], &claim["spec"]);
        w.put(1, &format!("Name:\t{}\n", meta["name"].str()));
        w.put(1, &format!("StorageClass:\t{}\n", spec["storageClassName"].str()));
        w.put(1, &format!("Labels:\t{}\n", labels::format(&meta["labels"])));
        w.put(1, &format!("Annotations:\t{}\n", labels::format(&meta["annotations"])));
        let capacity = spec["resources"]["requests"]["storage"].as_str().unwrap_or("<default>");
        w.put(1, &format!("Capacity:\t{capacity}\n"));
        w.put(1, &format!("Access Modes:\t[{}]\n", joined(&spec["accessModes"], " ")));
    }
}
