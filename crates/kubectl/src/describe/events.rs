use super::{Writer, since};
use crate::{Ctx, Error};
use apimachinery::{Object, Request};
use sim::Order;

/// The Events about an object. Mirrors DescribeEvents and searchEvents.
pub(super) async fn describe(c: &Ctx, object: &Object, w: &mut Writer) -> Result<(), Error> {
    let about = [
        ("name", object.name()),
        ("namespace", object.namespace()),
        ("kind", object.kind()),
        ("uid", object.uid()),
    ];
    let selector: Vec<String> =
        about.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("involvedObject.{k}={v}")).collect();
    let path = match object.namespace() {
        "" => "/api/v1/events".to_string(),
        namespace => format!("/api/v1/namespaces/{namespace}/events"),
    };
    let mut events =
        super::list(c, Request::get(path.as_str()).with("fieldSelector", selector.join(","))).await?;
    if object.kind() == "Node" {
        // The kubelet knows its node by name only, and puts that for the uid.
        let by_name = selector.iter().map(|s| match s.starts_with("involvedObject.uid=") {
            true => format!("involvedObject.uid={}", object.name()),
            false => s.clone(),
        });
        let request =
            Request::get(path.as_str()).with("fieldSelector", by_name.collect::<Vec<_>>().join(","));
        events.extend(super::list(c, request).await?);
    }
    table(c, events, w);
    Ok(())
}

/// When an Event happened last, and how often. Mirrors getInterval.
pub fn interval(c: &Ctx, e: &Object) -> String {
    let first =
        if e["eventTime"].is_empty() { since(c, &e["firstTimestamp"]) } else { since(c, &e["eventTime"]) };
    let (series, count) = (&e["series"], e["count"].int());
    if !series.is_null() {
        format!("{} (x{} over {first})", since(c, &series["lastObservedTime"]), series["count"].int())
    } else if count > 1 {
        format!("{} (x{count} over {first})", since(c, &e["lastTimestamp"]))
    } else {
        first
    }
}

fn table(c: &Ctx, mut events: Vec<Object>, w: &mut Writer) {
    if events.is_empty() {
        w.put(0, "Events:\t<none>\n");
        return;
    }
    w.flush();
    events.order_by(|a, b| a["lastTimestamp"].str().cmp(b["lastTimestamp"].str()));
    w.put(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n");
    w.put(1, "----\t------\t----\t----\t-------\n");
    for e in &events {
        let interval = interval(c, e);
        let source = match e.at("source.component").str() {
            "" => e["reportingComponent"].str(),
            source => source,
        };
        let message = match e.at("involvedObject.fieldPath").str() {
            "" => e["message"].str().trim().to_string(),
            path => format!("{path}: {}", e["message"].str().trim()),
        };
        let (kind, reason) = (e["type"].str(), e["reason"].str());
        w.put(1, &format!("{kind}\t{reason}\t{interval}\t{source}\t{message}\n"));
    }
}
