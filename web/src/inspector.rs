//! What is known of the thing that the learner chose: its YAML, its Events, its logs.

use crate::picture::Chosen;
use crate::words::Words;
use apimachinery::{Body, Object, Request, Resource, time};
use client::Transport;
use cluster::Handle;
use sim::Order;
use std::task::{Context, Poll, Waker};
use yew::prelude::*;

/// How many lines of logs are shown.
const LOG_LINES: &str = "200";

/// The views of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// As `kubectl get -o yaml` prints it.
    Yaml,
    /// The Events about it.
    Events,
    /// What its first container printed.
    Logs,
}

/// The text of a view; what is said when there is nothing.
pub fn text(w: Words, handle: &Handle, chosen: &Chosen, view: View) -> String {
    let Some(kind) = api::KINDS.iter().find(|k| k.resource.kind == chosen.kind) else { return String::new() };
    match view {
        View::Yaml => object(handle, &kind.resource, chosen).map_or_else(
            || w.tell("inspector.gone", &[&chosen.kind, &chosen.name]),
            |o| apimachinery::yaml::to_string(&o.0),
        ),
        View::Events => events(w, handle, chosen),
        View::Logs => logs(w, handle, &kind.resource.object_path(&chosen.namespace, &chosen.name)),
    }
}

/// The object as it is stored: looking at it is not a request that the cluster would notice.
fn object(handle: &Handle, resource: &Resource, chosen: &Chosen) -> Option<Object> {
    let mut object = handle.0.borrow().api().object(resource, &chosen.namespace, &chosen.name)?;
    object.meta_mut().remove("managedFields");
    Some(object)
}

fn events(w: Words, handle: &Handle, chosen: &Chosen) -> String {
    const EVENTS: Resource = api::event::RESOURCE;
    let cluster = handle.0.borrow();
    let about = |e: &Object| {
        if chosen.name.is_empty() {
            return true;
        }
        let object = e.at("involvedObject");
        object["kind"] == chosen.kind
            && object["name"].str() == chosen.name
            && object["namespace"].str() == chosen.namespace
    };
    let mut events = cluster.api().objects(&EVENTS);
    events.retain(about);
    events.order_by(|a, b| when(a).cmp(when(b)));
    let line = |e: &Object| {
        let age = time::parse(when(e)).map(|t| time::human_duration(cluster.now().since(t)));
        let count = match e["count"].int() {
            0 | 1 => String::new(),
            n => format!(" (x{n})"),
        };
        format!(
            "{:>6}  {}  {}{count}\n        {}",
            age.unwrap_or_default(),
            e["type"].str(),
            e["reason"].str(),
            e["message"].str()
        )
    };
    let lines: Vec<String> = events.iter().map(line).collect();
    if lines.is_empty() { w.t("inspector.no-events").into() } else { lines.join("\n") }
}

/// When an Event was seen last; the scheduler's say only when they happened.
fn when(event: &Object) -> &str {
    match event["lastTimestamp"].str() {
        "" => event["eventTime"].str(),
        time => time,
    }
}

fn logs(w: Words, handle: &Handle, path: &str) -> String {
    let request = Request::get(format!("{path}/log")).with("tailLines", LOG_LINES);
    let mut answer = Transport::send(handle, request);
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => match response.body {
            Body::Text(text) if text.is_empty() => w.t("inspector.no-logs").into(),
            Body::Text(text) => text,
            _ => response.value()["message"].str().into(),
        },
        Poll::Ready(Err(error)) => error.to_string(),
        Poll::Pending => String::new(),
    }
}

/// Properties of [`Inspector`].
#[derive(Properties, PartialEq)]
pub struct InspectorProps {
    /// The page's texts.
    pub words: Words,
    /// What was chosen.
    pub chosen: Chosen,
    /// Which view is shown.
    pub view: View,
    /// Its text.
    pub text: String,
    /// Shows another view.
    pub on_view: Callback<View>,
    /// Closes it.
    pub on_close: Callback<()>,
}

/// A panel beside the picture.
#[function_component]
pub fn Inspector(props: &InspectorProps) -> Html {
    let views: &[(View, &str)] = match props.chosen.kind {
        "Pod" => &[
            (View::Yaml, "inspector.yaml"),
            (View::Events, "inspector.events"),
            (View::Logs, "inspector.logs"),
        ],
        "Event" => &[(View::Events, "inspector.events")],
        _ => &[(View::Yaml, "inspector.yaml"), (View::Events, "inspector.events")],
    };
    let tab = |(view, name): &(View, &'static str)| {
        let (view, on_view) = (*view, props.on_view.clone());
        html! {
            <button role="tab" aria-selected={(view == props.view).to_string()} onclick={on_view.reform(move |_| view)}>{ props.words.t(name) }</button>
        }
    };
    let close = props.on_close.reform(|_| ());
    html! {
        <section class="inspector" aria-label={format!("{} {}", props.chosen.kind, props.chosen.name)}>
            <header>
                <span class="title"><b>{ props.chosen.kind }</b>{ " " }{ &props.chosen.name }</span>
                <div role="tablist">{ for views.iter().map(tab) }</div>
                <button class="close" onclick={close} aria-label={props.words.t("inspector.close")}>{ "×" }</button>
            </header>
            <pre tabindex="0">{ &props.text }</pre>
        </section>
    }
}
