//! What `kubectl describe` says, a file a kind. Mirrors kubectl/pkg/describe/describe.go.

mod configmap;
mod containers;
mod cronjob;
mod daemonset;
mod deployment;
mod endpoints;
mod endpointslice;
mod events;
mod generic;
mod horizontalpodautoscaler;
mod ingress;
mod ingressclass;
mod job;
mod limitrange;
mod namespace;
mod networkpolicy;
mod node;
mod persistentvolume;
mod persistentvolumeclaim;
mod pod;
mod poddisruptionbudget;
mod priorityclass;
mod replicaset;
mod replicationcontroller;
mod resourcequota;
mod secret;
mod service;
mod serviceaccount;
mod statefulset;
mod storageclass;
mod template;
mod volumes;
mod writer;

use sim::Order;
pub use template::pod_template;
pub use writer::Writer;

use crate::builder::Info;
use crate::{Ctx, Error};
use apimachinery::labels::{Operator, Selector};
use apimachinery::{Object, Request, Value, time};
use client::LocalFuture;
pub use events::interval;

/// Describes an object of one kind.
type Describe = for<'a> fn(&'a Ctx, &'a Object, &'a mut Writer) -> LocalFuture<'a, Result<(), Error>>;

/// How each kind is described; all others by [`generic`]. Group, plural.
const DESCRIBERS: &[(&str, &str, Describe)] = &[
    ("", "configmaps", configmap::describe),
    ("", "endpoints", endpoints::describe),
    ("", "limitranges", limitrange::describe),
    ("", "namespaces", namespace::describe),
    ("", "nodes", node::describe),
    ("", "persistentvolumeclaims", persistentvolumeclaim::describe),
    ("", "persistentvolumes", persistentvolume::describe),
    ("", "pods", pod::describe),
    ("", "replicationcontrollers", replicationcontroller::describe),
    ("", "resourcequotas", resourcequota::describe),
    ("", "secrets", secret::describe),
    ("", "serviceaccounts", serviceaccount::describe),
    ("", "services", service::describe),
    ("apps", "daemonsets", daemonset::describe),
    ("apps", "deployments", deployment::describe),
    ("apps", "replicasets", replicaset::describe),
    ("apps", "statefulsets", statefulset::describe),
    ("autoscaling", "horizontalpodautoscalers", horizontalpodautoscaler::describe),
    ("batch", "cronjobs", cronjob::describe),
    ("batch", "jobs", job::describe),
    ("discovery.k8s.io", "endpointslices", endpointslice::describe),
    ("networking.k8s.io", "ingressclasses", ingressclass::describe),
    ("networking.k8s.io", "ingresses", ingress::describe),
    ("networking.k8s.io", "networkpolicies", networkpolicy::describe),
    ("policy", "poddisruptionbudgets", poddisruptionbudget::describe),
    ("scheduling.k8s.io", "priorityclasses", priorityclass::describe),
    ("storage.k8s.io", "storageclasses", storageclass::describe),
];

/// Kinds whose Events are not shown.
const WITHOUT_EVENTS: [&str; 5] =
    ["limitranges", "namespaces", "networkpolicies", "resourcequotas", "secrets"];

/// Describes one thing, with its Events if they are wanted.
pub async fn describe(c: &Ctx, info: &Info, show_events: bool) -> Result<String, Error> {
    let object = info.get(c).await?;
    let known = DESCRIBERS.iter().find(|(g, p, _)| *g == info.mapping.group && *p == info.mapping.plural);
    let mut w = Writer::tabbed();
    match known {
        Some((.., describe)) => describe(c, &object, &mut w).await?,
        None => generic::describe(&object, &mut w),
    }
    // Some are described without Events.
    if show_events && !WITHOUT_EVENTS.contains(&info.mapping.plural.as_str()) {
        events::describe(c, &object, &mut w).await?;
    }
    Ok(w.finish())
}

/// A metav1.LabelSelector as the text of a `labelSelector` query.
pub fn selector_query(selector: &Value) -> String {
    format_selector(selector).unwrap_or_default()
}

/// Mirrors metav1.FormatLabelSelector; `None` when there is nothing to select by.
fn format_selector(selector: &Value) -> Option<String> {
    let mut parts = Selector::from_label_selector(selector)?.0;
    parts.order_by(|a, b| a.key.cmp(&b.key));
    let text = |r: &apimachinery::labels::Requirement| {
        let list = r.values.join(",");
        match r.operator {
            Operator::In if r.values.len() == 1 => format!("{}={list}", r.key),
            Operator::In => format!("{} in ({list})", r.key),
            Operator::NotIn => format!("{} notin ({list})", r.key),
            Operator::Exists => r.key.clone(),
            Operator::DoesNotExist => format!("!{}", r.key),
            Operator::GreaterThan => format!("{}>{list}", r.key),
            Operator::LessThan => format!("{}<{list}", r.key),
        }
    };
    // matchLabels read `a=b`, an In of one value from matchExpressions reads `a in (b)`.
    let single = |r: &apimachinery::labels::Requirement| selector["matchLabels"].get(&r.key).is_some();
    let parts: Vec<String> = parts
        .iter()
        .map(|r| match r.operator {
            Operator::In if !single(r) => format!("{} in ({})", r.key, r.values.join(",")),
            _ => text(r),
        })
        .collect();
    if parts.is_empty() { None } else { Some(parts.join(",")) }
}

/// `Fri, 02 Jan 2026 ...` of a timestamp; Go's zero time where there is none.
fn date(value: &Value) -> String {
    match time::parse(value.str()) {
        Some(t) => time::format_rfc1123z(t),
        None => "Mon, 01 Jan 0001 00:00:00 +0000".into(),
    }
}

/// How long ago a timestamp was. Mirrors translateTimestampSince.
pub(crate) fn since(c: &Ctx, value: &Value) -> String {
    time::parse(value.str()).map_or("<unknown>".into(), |t| time::human_since(t, c.env.clock.now()))
}

/// Name, namespace, labels and annotations, as most kinds begin.
fn head(object: &Object, w: &mut Writer) {
    w.put(0, &format!("Name:\t{}\n", object.name()));
    w.put(0, &format!("Namespace:\t{}\n", object.namespace()));
    w.labels("Labels", object.labels());
    w.annotations("Annotations", object.meta("annotations"));
}

/// `ReplicaSet/web-5d...`, the controller of an object.
fn controlled_by(object: &Object, w: &mut Writer) {
    if let Some(owner) = object.controller() {
        w.put(0, &format!("Controlled By:\t{}/{}\n", owner.kind(), owner.name()));
    }
}

/// A text, or `<none>`.
fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

/// A value as Go prints it: numbers and booleans bare, nothing for null.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => s.to_string(),
        other => other.to_json(),
    }
}

/// A list of texts.
fn joined(value: &Value, separator: &str) -> String {
    value.items().iter().map(|v| v.str()).collect::<Vec<_>>().join(separator)
}

/// The objects of a collection.
async fn list(c: &Ctx, request: Request) -> Result<Vec<Object>, Error> {
    let list = c.object(request).await?;
    Ok(list["items"].items().iter().cloned().map(Object).collect())
}
