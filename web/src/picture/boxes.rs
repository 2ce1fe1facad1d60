//! What is drawn as a box: Services, nodes, and who owns pods.

use super::thing::{Light, label};
use super::{clip, px, says};
use crate::words::Words;
use diagram::{Area, NodeBox, ServiceBar, Workload};
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Service`].
#[derive(Properties, PartialEq)]
pub struct ServiceProps {
    /// The page's texts.
    pub words: Words,
    /// What is drawn.
    pub service: Rc<ServiceBar>,
    /// How it stands out.
    pub light: Light,
}

/// A Service: name, ports, how many of its endpoints are ready.
#[function_component]
pub fn Service(props: &ServiceProps) -> Html {
    let s = &*props.service;
    let a = s.area;
    let count = s.ready.map(|(ready, all)| {
        let class = classes!("count", (ready == 0).then_some("none"));
        html! { <text {class} aria-hidden="true" x={px(a.x + a.w - 12.0)} y={px(a.y + 20.0)} text-anchor="end">{ format!("{ready}/{all}") }</text> }
    });
    html! {
        <g class={classes!("service", props.light.class())}>
            <g tabindex="0" role="button" aria-label={says::service(props.words, s)} data-thing={label("Service", &s.key)}>{ frame(a) }</g>
            <text class="title" aria-hidden="true" x={px(a.x + 12.0)} y={px(a.y + 20.0)}>{ clip(&s.name, a.w - 64.0, 7.6) }</text>
            <text class="detail" aria-hidden="true" x={px(a.x + 12.0)} y={px(a.y + 38.0)}>{ clip(&s.detail, a.w - 24.0, 6.8) }</text>
            { for count }
        </g>
    }
}

/// Properties of [`Node`].
#[derive(Properties, PartialEq)]
pub struct NodeProps {
    /// The page's texts.
    pub words: Words,
    /// What is drawn.
    pub node: Rc<NodeBox>,
}

/// A node with the small marks of kube-system's pods at its foot. Its other pods are drawn over it.
#[function_component]
pub fn Node(props: &NodeProps) -> Html {
    let (n, w) = (&*props.node, props.words);
    let a = n.area;
    // The role is left out where there is no room for it; the text twin has it.
    let detail = match n.detail.split_once(" · ") {
        Some((address, _)) if a.w < 216.0 => address.to_string(),
        _ => says::node_detail(w, n),
    };
    let state = match (n.running, n.ready, n.cordoned) {
        (false, ..) => Some(w.t("picture.switched-off")),
        (true, false, _) => Some("NotReady"),
        (true, true, true) => Some("SchedulingDisabled"),
        _ => None,
    };
    let down = (!n.ready || !n.running).then_some("down");
    let system = n.system.iter().enumerate().map(|(i, (name, ready))| {
        let x = a.x + 12.0 + i as f64 * 12.0;
        html! {
            <rect key={name.clone()} class={if *ready { "system" } else { "system waiting" }} x={px(x)} y={px(a.y + a.h - 20.0)} width="8" height="8" rx="2">
                <title>{ format!("kube-system/{name}{}", if *ready { "" } else { w.t("picture.system-not-ready") }) }</title>
            </rect>
        }
    });
    html! {
        <g class={classes!("node", down, n.cordoned.then_some("cordoned"))}>
            { frame(a) }
            <g tabindex="0" role="button" aria-label={says::node(w, n)} data-thing={label("Node", &n.name)}>
                <rect class="head" x={px(a.x)} y={px(a.y)} width={px(a.w)} height="48" rx="8" />
            </g>
            <text class="title" aria-hidden="true" x={px(a.x + 12.0)} y={px(a.y + 22.0)}>{ clip(&n.name, a.w - 24.0, 7.6) }</text>
            <text class="detail" aria-hidden="true" x={px(a.x + 12.0)} y={px(a.y + 40.0)}>{ state.map_or(detail, str::to_string) }</text>
            <g>{ for system }</g>
            if n.more > 0 { <text class="detail" aria-hidden="true" x={px(a.x + a.w - 12.0)} y={px(a.y + a.h - 12.0)} text-anchor="end">{ w.tell("picture.more-pods", &[&n.more]) }</text> }
        </g>
    }
}

/// Properties of [`Owner`].
#[derive(Properties, PartialEq)]
pub struct OwnerProps {
    /// The page's texts.
    pub words: Words,
    /// What is drawn.
    pub workload: Rc<Workload>,
    /// How it stands out.
    pub light: Light,
}

/// A Deployment with a line for each revision that has pods, or what else makes pods.
#[function_component]
pub fn Owner(props: &OwnerProps) -> Html {
    let (w, words) = (&*props.workload, props.words);
    let a = w.area;
    let revisions = w.replica_sets.iter().enumerate().map(|(i, r)| {
        let y = a.y + 42.0 + i as f64 * 16.0;
        let number = if r.number.is_empty() { String::new() } else { words.tell("picture.revision", &[&r.number]) + "  " };
        let room = a.w - 84.0;
        html! {
            <g key={r.name.clone()} class={classes!("revision", format!("tint{}", r.tint))}>
                <circle class="swatch" cx={px(a.x + 18.0)} cy={px(y - 4.0)} r="5" />
                <text class="detail" aria-hidden="true" x={px(a.x + 32.0)} y={px(y)}>{ clip(&format!("{number}{}", r.image), room, 6.2) }</text>
                <text class="detail" aria-hidden="true" x={px(a.x + a.w - 12.0)} y={px(y)} text-anchor="end">{ format!("{}/{}", r.pods.0, r.pods.1) }</text>
            </g>
        }
    });
    let ready = if w.paused {
        words.t("picture.paused").to_string()
    } else {
        let text = if w.runs_out { "picture.done" } else { "picture.ready" };
        words.tell(text, &[&w.ready.0, &w.ready.1])
    };
    html! {
        <g class={classes!("workload", props.light.class())}>
            <g tabindex="0" role="button" aria-label={says::workload(words, w)} data-thing={w.key.clone()}>{ frame(a) }</g>
            <text class="title" aria-hidden="true" x={px(a.x + 12.0)} y={px(a.y + 21.0)}>{ clip(&w.name, a.w - 112.0, 7.6) }</text>
            <text class="count" aria-hidden="true" x={px(a.x + a.w - 12.0)} y={px(a.y + 21.0)} text-anchor="end">{ ready }</text>
            <g>{ for revisions }</g>
        </g>
    }
}

/// The frame of a box.
pub fn frame(a: Area) -> Html {
    html! { <rect class="box" x={px(a.x)} y={px(a.y)} width={px(a.w)} height={px(a.h)} rx="8" /> }
}
