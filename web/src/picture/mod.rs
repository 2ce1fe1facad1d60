//! Draws the scene: shapes as SVG, which change rarely, and requests on a canvas above them, which change every frame.

pub mod dots;
mod pod;

use diagram::{Link, NodeBox, Picture, ServiceBar, Spot, Workload};
use pod::pod_mark;
use sim::Time;
use std::rc::Rc;
use yew::prelude::*;

/// What the learner points at or has chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Kind, as the API says it.
    pub kind: &'static str,
    /// Namespace; empty for a node.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// Properties of [`PictureView`].
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// What is drawn.
    pub picture: Rc<Picture>,
    /// Virtual time in whole seconds, for countdowns.
    pub seconds: u64,
    /// What is pointed at: its uid or key.
    pub pointed: Option<AttrValue>,
    /// Called when something is pointed at, or no longer.
    pub on_point: Callback<Option<AttrValue>>,
    /// Called when something is chosen.
    pub on_choose: Callback<Chosen>,
}

/// The picture.
#[function_component]
pub fn PictureView(props: &PictureProps) -> Html {
    let p = &*props.picture;
    let view_box = format!("0 0 {} {}", p.width, p.height);
    let now = Time::from_secs(props.seconds);
    html! {
        <svg class="scene" viewBox={view_box} width={p.width.to_string()} height={p.height.to_string()} role="group" aria-label="The cluster as a picture">
            <defs>
                <pattern id="kubarium-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="ground" width="8" height="8" /><rect class="stripe" width="2" height="8" />
                </pattern>
            </defs>
            { outside(p) }
            <g class="links" aria-hidden="true">{ for p.entries.iter().map(|e| html! { <path class="link entry" d={rounded(e)} /> }) }{ for p.links.iter().map(|l| link(l, props)) }</g>
            { for p.services.iter().map(|s| service(s, props)) }
            { for p.nodes.iter().map(|n| node(n, props)) }
            { tray(p) }
            { for p.workloads.iter().map(|w| workload(w, props)) }
            { for p.pods.iter().map(|pod| pod_mark(pod, now, is_lit_pod(props, pod), &props.on_point, &props.on_choose)) }
        </svg>
    }
}

/// Whether a pod belongs to what is pointed at.
fn is_lit_pod(props: &PictureProps, pod: &diagram::PodMark) -> Option<bool> {
    let pointed = props.pointed.as_ref()?;
    let by_service = || {
        props
            .picture
            .links
            .iter()
            .any(|l| l.service == pointed[..].trim_start_matches("svc:") && l.pod == pod.uid)
    };
    Some(
        *pointed == pod.uid
            || pod.workload.as_deref() == pointed.strip_prefix("own:")
            || (pointed.starts_with("svc:") && by_service()),
    )
}

fn outside(p: &Picture) -> Html {
    let laptop = p.laptop;
    let balancer = p.load_balancer.map(|a| {
        html! {
            <g class="outside"><rect class="box" x={px(a.x)} y={px(a.y)} width={px(a.w)} height={px(a.h)} rx="8" />
                <text x={px(a.x + a.w / 2.0)} y={px(a.y + 25.0)} text-anchor="middle">{ "load balancer" }</text></g>
        }
    });
    html! {
        <>
            <g class="outside" role="img" aria-label="Your computer, outside of the cluster">
                <rect class="box" x={px(laptop.x)} y={px(laptop.y)} width={px(laptop.w)} height={px(laptop.h)} rx="8" />
                <text x={px(laptop.x + laptop.w / 2.0)} y={px(laptop.y + 25.0)} text-anchor="middle">{ "your computer" }</text>
            </g>
            { balancer }
        </>
    }
}

/// What makes a shape reachable by mouse and keyboard alike.
struct Handlers {
    onfocus: Callback<FocusEvent>,
    onblur: Callback<FocusEvent>,
    onmouseenter: Callback<MouseEvent>,
    onmouseleave: Callback<MouseEvent>,
    onclick: Callback<MouseEvent>,
    onkeydown: Callback<KeyboardEvent>,
}

/// Pointing at the shape shows the thing, and Enter, Space or a click chooses it.
fn handlers(props: &PictureProps, id: String, chosen: Chosen) -> Handlers {
    let id = AttrValue::from(id);
    let point = props.on_point.clone();
    let (a, b) = (id.clone(), id);
    let choose = props.on_choose.clone();
    let key_choice = (choose.clone(), chosen.clone());
    Handlers {
        onfocus: point.reform(move |_| Some(a.clone())),
        onblur: point.reform(|_| None),
        onmouseenter: point.reform(move |_| Some(b.clone())),
        onmouseleave: point.reform(|_| None),
        onclick: choose.reform(move |_| chosen.clone()),
        onkeydown: Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Enter" | " ") {
                event.prevent_default();
                key_choice.0.emit(key_choice.1.clone());
            }
        }),
    }
}

fn split(key: &str) -> (String, String) {
    let (namespace, name) = key.split_once('/').unwrap_or(("", key));
    (namespace.into(), name.into())
}

fn service(s: &ServiceBar, props: &PictureProps) -> Html {
    let (namespace, name) = split(&s.key);
    let id = format!("svc:{}", s.key);
    let lit = props.pointed.as_deref() == Some(&id);
    let Handlers { onfocus, onblur, onmouseenter, onmouseleave, onclick, onkeydown } =
        handlers(props, id, Chosen { kind: "Service", namespace, name });
    let a = s.area;
    let count = format!("{}/{}", s.ready.0, s.ready.1);
    html! {
        <g key={format!("svc {}", s.key)} class={classes!("service", lit.then_some("lit"))} tabindex="0" role="button" aria-label={s.text.clone()}
            {onfocus} {onblur} {onmouseenter} {onmouseleave} {onclick} {onkeydown}>
            <rect class="box" x={px(a.x)} y={px(a.y)} width={px(a.w)} height={px(a.h)} rx="8" />
            <text class="title" x={px(a.x + 12.0)} y={px(a.y + 20.0)}>{ clip(&s.name, a.w - 64.0, 7.6) }</text>
            <text class="detail" x={px(a.x + 12.0)} y={px(a.y + 38.0)}>{ clip(&s.detail, a.w - 24.0, 6.8) }</text>
            <text class={classes!("count", (s.ready.0 == 0).then_some("none"))} x={px(a.x + a.w - 12.0)} y={px(a.y + 20.0)} text-anchor="end">{ count }</text>
        </g>
    }
}

fn node(n: &NodeBox, props: &PictureProps) -> Html {
    let chosen = Chosen { kind: "Node", namespace: String::new(), name: n.name.clone() };
    let Handlers { onfocus, onblur, onmouseenter, onmouseleave, onclick, onkeydown } =
        handlers(props, format!("node:{}", n.name), chosen);
    let a = n.area;
    // The role is left out where there is no room for it; the text twin has it.
    let detail = match n.detail.split_once(" · ") {
        Some((address, _)) if a.w < 216.0 => address,
        _ => &n.detail,
    };
    let state = match (n.running, n.ready, n.cordoned) {
        (false, ..) => Some("switched off"),
        (true, false, _) => Some("NotReady"),
        (true, true, true) => Some("SchedulingDisabled"),
        _ => None,
    };
    let class =
        classes!("node", (!n.ready || !n.running).then_some("down"), n.cordoned.then_some("cordoned"));
    let system = n.system.iter().enumerate().map(|(i, (name, ready))| {
        let x = a.x + 12.0 + i as f64 * 12.0;
        html! {
            <rect key={name.clone()} class={if *ready { "system" } else { "system waiting" }} x={px(x)} y={px(a.y + a.h - 20.0)} width="8" height="8" rx="2">
                <title>{ format!("kube-system/{name}{}", if *ready { "" } else { ", not ready" }) }</title>
            </rect>
        }
    });
    html! {
        <g key={format!("node {}", n.name)} {class}>
            <rect class="box" x={px(a.x)} y={px(a.y)} width={px(a.w)} height={px(a.h)} rx="8" />
            <g tabindex="0" role="button" aria-label={n.text.clone()} {onfocus} {onblur} {onmouseenter} {onmouseleave} {onclick} {onkeydown}>
                <rect class="head" x={px(a.x)} y={px(a.y)} width={px(a.w)} height="48" rx="8" />
                <text class="title" x={px(a.x + 12.0)} y={px(a.y + 22.0)}>{ clip(&n.name, a.w - 24.0, 7.6) }</text>
                <text class="detail" x={px(a.x + 12.0)} y={px(a.y + 40.0)}>{ state.unwrap_or(detail) }</text>
            </g>
            { for system }
        </g>
    }
}

fn tray(p: &Picture) -> Html {
    let Some(a) = p.tray else { return html! {} };
    html! {
        <g class="tray" role="img" aria-label="Pods that no node holds">
            <rect class="box" x={px(a.x)} y={px(a.y)} width={px(a.w)} height={px(a.h)} rx="8" />
            <text class="detail" x={px(a.x + 12.0)} y={px(a.y + 20.0)}>{ "waiting for a node" }</text>
        </g>
    }
}

fn workload(w: &Workload, props: &PictureProps) -> Html {
    let (namespace, name) = split(&w.key);
    let kind = if w.name.starts_with("deployment/") { "Deployment" } else { "ReplicaSet" };
    let Handlers { onfocus, onblur, onmouseenter, onmouseleave, onclick, onkeydown } =
        handlers(props, format!("own:{}", w.key), Chosen { kind, namespace, name });
    let a = w.area;
    let revisions = w.replica_sets.iter().enumerate().map(|(i, r)| {
        let y = a.y + 42.0 + i as f64 * 16.0;
        let number = if r.number.is_empty() { String::new() } else { format!("revision {}  ", r.number) };
        let room = a.w - 84.0;
        html! {
            <g key={r.name.clone()} class={classes!("revision", format!("tint{}", r.tint))}>
                <circle class="swatch" cx={px(a.x + 18.0)} cy={px(y - 4.0)} r="5" />
                <text class="detail" x={px(a.x + 32.0)} y={px(y)}>{ clip(&format!("{number}{}", r.image), room, 6.6) }</text>
                <text class="detail" x={px(a.x + a.w - 12.0)} y={px(y)} text-anchor="end">{ format!("{}/{}", r.pods.0, r.pods.1) }</text>
            </g>
        }
    });
    let ready = if w.paused { "paused".to_string() } else { format!("{}/{} ready", w.ready.0, w.ready.1) };
    html! {
        <g key={format!("own {}", w.key)} class="workload" tabindex="0" role="button" aria-label={w.text.clone()}
            {onfocus} {onblur} {onmouseenter} {onmouseleave} {onclick} {onkeydown}>
            <rect class="box" x={px(a.x)} y={px(a.y)} width={px(a.w)} height={px(a.h)} rx="8" />
            <text class="title" x={px(a.x + 12.0)} y={px(a.y + 21.0)}>{ clip(&w.name, a.w - 96.0, 7.6) }</text>
            <text class="count" x={px(a.x + a.w - 12.0)} y={px(a.y + 21.0)} text-anchor="end">{ ready }</text>
            { for revisions }
        </g>
    }
}

fn link(l: &Link, props: &PictureProps) -> Html {
    let lit = match props.pointed.as_deref() {
        None => "",
        Some(id) if id == l.pod || id.strip_prefix("svc:") == Some(&l.service) => "lit",
        Some(_) => "dim",
    };
    let class = classes!("link", if l.ready { "ready" } else { "unready" }, lit);
    html! { <path key={format!("{} {}", l.service, l.pod)} {class} d={rounded(&l.points)} /> }
}

/// A path along points with right angles, its corners rounded.
fn rounded(points: &[Spot]) -> String {
    const R: f64 = 8.0;
    let toward = |from: Spot, to: Spot| {
        let length = (to.x - from.x).hypot(to.y - from.y).max(0.001);
        let r = R.min(length / 2.0) / length;
        Spot { x: from.x + (to.x - from.x) * r, y: from.y + (to.y - from.y) * r }
    };
    let mut path = points.first().map(|p| format!("M{} {}", px(p.x), px(p.y))).unwrap_or_default();
    for corner in points.windows(3) {
        let (before, after) = (toward(corner[1], corner[0]), toward(corner[1], corner[2]));
        path.push_str(&format!(
            "L{} {}Q{} {} {} {}",
            px(before.x),
            px(before.y),
            px(corner[1].x),
            px(corner[1].y),
            px(after.x),
            px(after.y)
        ));
    }
    if let Some(last) = points.last() {
        path.push_str(&format!("L{} {}", px(last.x), px(last.y)));
    }
    path
}

/// A length as it is written, to a tenth of a pixel.
pub(crate) fn px(length: f64) -> String {
    ((length * 10.0).round() / 10.0).to_string()
}

/// A text cut to the room that it has, for letters of this width.
fn clip(text: &str, room: f64, letter: f64) -> String {
    let fits = (room / letter).max(4.0) as usize;
    if text.chars().count() <= fits {
        text.into()
    } else {
        text.chars().take(fits - 1).chain(['…']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_turn_at_right_angles_with_round_corners() {
        let points = [(0.0, 0.0), (0.0, 40.0), (80.0, 40.0)].map(|(x, y)| Spot { x, y });
        assert_eq!(rounded(&points), "M0 0L0 32Q0 40 8 40L80 40");
        assert_eq!(clip("kubernetes-bootcamp", 80.0, 8.0), "kubernete…");
    }
}
