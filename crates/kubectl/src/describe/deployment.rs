use super::{Writer, date, format_selector, plain, replicaset, template};
use crate::{Ctx, Error};
use apimachinery::{Object, Request, Value};
use client::LocalFuture;
use sim::Order;

pub(super) fn describe<'a>(
    c: &'a Ctx,
    d: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        w.put(0, &format!("Name:\t{}\n", d.name()));
        w.put(0, &format!("Namespace:\t{}\n", d.namespace()));
        w.put(0, &format!("CreationTimestamp:\t{}\n", date(d.meta("creationTimestamp"))));
        w.labels("Labels", d.labels());
        w.annotations("Annotations", d.meta("annotations"));
        let selector = format_selector(d.at("spec.selector"));
        w.put(0, &format!("Selector:\t{}\n", selector.as_deref().unwrap_or_default()));
        let n = |key: &str| d["status"][key].int();
        w.put(
            0,
            &format!(
                "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable\n",
                d.at("spec.replicas").int(),
                n("updatedReplicas"),
                n("replicas"),
                n("availableReplicas"),
                n("unavailableReplicas")
            ),
        );
        w.put(0, &format!("StrategyType:\t{}\n", d.at("spec.strategy.type").str()));
        w.put(0, &format!("MinReadySeconds:\t{}\n", d.at("spec.minReadySeconds").int()));
        let rolling = d.at("spec.strategy.rollingUpdate");
        if !rolling.is_null() {
            let (unavailable, surge) = (plain(&rolling["maxUnavailable"]), plain(&rolling["maxSurge"]));
            w.put(0, &format!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge\n"));
        }
        template::describe(w, d.at("spec.template"));
        replicaset::conditions(w, d);
        replica_sets(c, d, selector.unwrap_or_default(), w).await
    })
}

/// The ReplicaSet of the template as it is now, and all others that have pods. Mirrors
/// deploymentutil.GetAllReplicaSets.
async fn replica_sets(c: &Ctx, d: &Object, selector: String, w: &mut Writer) -> Result<(), Error> {
    let path = format!("/apis/apps/v1/namespaces/{}/replicasets", d.namespace());
    let mut sets = super::list(c, Request::get(path).with("labelSelector", selector)).await?;
    sets.retain(|rs| rs.controller().is_some_and(|o| o.uid() == d.uid()));
    sets.order_by_key(|rs| rs.meta("creationTimestamp").str().to_string());
    let new = sets
        .iter()
        .position(|rs| without_hash(rs.at("spec.template")) == without_hash(d.at("spec.template")));
    let name = |rs: &Object| {
        let (replicas, wanted) = (rs.at("status.replicas").int(), rs.at("spec.replicas").int());
        format!("{} ({replicas}/{wanted} replicas created)", rs.name())
    };
    let old: Vec<String> =
        sets.iter().enumerate().filter(|(i, _)| Some(*i) != new).map(|(_, rs)| name(rs)).collect();
    if sets.is_empty() {
        return Ok(());
    }
    let new = new.map_or("<none>".into(), |i| name(&sets[i]));
    w.put(0, &format!("OldReplicaSets:\t{}\n", super::or_none(&old.join(", "))));
    w.put(0, &format!("NewReplicaSet:\t{new}\n"));
    Ok(())
}

fn without_hash(template: &Value) -> Value {
    let mut template = template.clone();
    let labels = template.field_mut("metadata").field_mut("labels");
    labels.remove("pod-template-hash");
    template
}
