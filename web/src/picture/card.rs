//! What is said of the thing that is pointed at: its labels, and what selects it.

use super::says;
use super::thing::Chosen;
use crate::words::Words;
use apimachinery::labels::{self, Selector};
use apimachinery::{Object, Resource, Value};
use cluster::{Cluster, Handle};
use diagram::{Area, Picture};
use web_sys::HtmlElement;
use yew::prelude::*;

/// How wide it is, in CSS pixels; the style sheet says the same.
const WIDTH: f64 = 280.0;
/// From the picture's sides, and from the thing.
const GAP: f64 = 8.0;
/// The most lines of one sort.
const MAX_LINES: usize = 6;

/// The card of a thing, beside it; none for what is gone. It repeats in view what the shapes say to those who listen.
pub fn card(w: Words, handle: &Handle, picture: &Picture, chosen: &Chosen) -> Html {
    let cluster = handle.0.borrow();
    let object = resource(chosen.kind).and_then(|r| cluster.api().object(r, &chosen.namespace, &chosen.name));
    let Some((object, (area, state))) = object.zip(place(w, picture, chosen)) else { return html! {} };
    let end = (picture.width - WIDTH - GAP).max(GAP);
    let left = (area.center().x - WIDTH / 2.0).clamp(GAP, end);
    let (left, top, above) = match chosen.kind {
        // Below a Service are the pods that it selects, which are to be seen.
        "Service" => (end, GAP, None),
        _ => (left, area.bottom().y + GAP, Some(area.y - GAP)),
    };
    let lines = |name: &str, lines: Vec<String>| {
        let more = lines.len().saturating_sub(MAX_LINES);
        let more = (more > 0).then(|| html! { <dd>{ w.tell("card.more", &[&more]) }</dd> });
        let shown = lines.iter().take(MAX_LINES).map(|line| html! { <dd>{ line }</dd> });
        if lines.is_empty() {
            return html! {};
        }
        html! { <><dt>{ name.to_string() }</dt>{ for shown }{ more }</> }
    };
    let selector = selector_of(&object);
    html! {
        <Placed {left} {top} {above}>
            <p><b>{ chosen.kind }</b>{ " " }{ &chosen.name }</p>
            <p class="state">{ state }</p>
            <dl>
                { lines(w.t("card.labels"), pairs(object.labels())) }
                { lines(w.t("card.selects"), pairs(selector)) }
                { lines(w.t("card.selected-by"), selected_by(&cluster, &object)) }
            </dl>
        </Placed>
    }
}

/// Properties of [`Placed`].
#[derive(Properties, PartialEq)]
struct PlacedProps {
    left: f64,
    top: f64,
    /// Where it ends instead, if there is no room for it in the view below `top`.
    above: Option<f64>,
    children: Html,
}

/// The card at its place. Not by a `style` attribute: a page with a strict policy has none.
#[function_component]
fn Placed(props: &PlacedProps) -> Html {
    let card = use_node_ref();
    {
        let card = card.clone();
        use_effect_with((props.left, props.top, props.above), move |(left, top, above)| {
            let Some(card) = card.cast::<HtmlElement>() else { return };
            let put = |top: f64, lift: &str| {
                for (name, value) in
                    [("left", format!("{left}px")), ("top", format!("{top}px")), ("transform", lift.into())]
                {
                    // A card that is on its way out has no style.
                    let _ = card.style().set_property(name, &value);
                }
            };
            put(*top, "none");
            let Some((above, view)) = above.zip(card.closest(".view").ok().flatten()) else { return };
            let (view, own) = (view.get_bounding_client_rect(), card.get_bounding_client_rect());
            let room = own.top() - (top - above) - view.top();
            if own.bottom() > view.bottom() && room > own.height() {
                put(above, "translateY(-100%)");
            }
        });
    }
    html! { <div class="card" aria-hidden="true" ref={card}>{ props.children.clone() }</div> }
}

fn resource(kind: &str) -> Option<&'static Resource> {
    api::KINDS.iter().map(|k| &k.resource).find(|r| r.kind == kind)
}

/// Where a thing is drawn, and the state that the picture shows of it.
fn place(w: Words, picture: &Picture, chosen: &Chosen) -> Option<(Area, String)> {
    let key = chosen.key();
    match chosen.kind {
        "Pod" => {
            let own =
                |p: &&std::rc::Rc<diagram::PodMark>| p.name == chosen.name && p.namespace == chosen.namespace;
            let pod = picture.pods.iter().find(own)?;
            let area = Area { x: pod.spot.x - 30.0, y: pod.spot.y - 18.0, w: 60.0, h: 56.0 };
            let restarts =
                if pod.restarts > 0 { w.tell("card.restarts", &[&pod.restarts]) } else { String::new() };
            Some((area, w.tell("card.pod", &[&says::state(w, &pod.state), &pod.containers, &restarts])))
        }
        "Service" => {
            let service = picture.services.iter().find(|s| s.key == key)?;
            let text = match service.ready {
                Some((ready, all)) => w.tell("card.service", &[&service.detail, &ready, &all]),
                None => service.detail.clone(),
            };
            Some((service.area, text))
        }
        "Node" => {
            let node = picture.nodes.iter().find(|n| n.name == key)?;
            Some((Area { h: 48.0, ..node.area }, says::node_detail(w, node)))
        }
        _ => {
            let label = chosen.label();
            let workload = picture.workloads.iter().find(|w| w.key == label)?;
            let text = if workload.runs_out { "card.job" } else { "card.workload" };
            Some((workload.area, w.tell(text, &[&workload.ready.0, &workload.ready.1])))
        }
    }
}

/// The labels that an object asks of pods: a Service's selector, or a workload's.
fn selector_of(object: &Object) -> &Value {
    match object.kind() {
        "Service" => object.at("spec.selector"),
        _ => object.at("spec.selector.matchLabels"),
    }
}

/// `key=value` for each field.
fn pairs(map: &Value) -> Vec<String> {
    match labels::format(map).as_str() {
        "" | "<none>" => Vec::new(),
        text => text.split(',').map(str::to_string).collect(),
    }
}

/// The Services and ReplicaSets whose selectors match a pod's labels.
fn selected_by(cluster: &Cluster, object: &Object) -> Vec<String> {
    if object.kind() != "Pod" {
        return Vec::new();
    }
    let kinds = [api::service::RESOURCE, api::replicaset::RESOURCE];
    let all = kinds.iter().flat_map(|kind| cluster.api().objects(kind));
    let selects = |by: &Object| {
        let selector = selector_of(by);
        by.namespace() == object.namespace()
            && !selector.is_empty()
            && Selector::from_map(selector).matches(object.labels())
    };
    all.filter(selects).map(|by| format!("{} {}", by.kind(), by.name())).collect()
}
