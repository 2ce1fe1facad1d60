//! Draws the scene: shapes as SVG, which change rarely, and requests on a canvas above them, which change every frame.
//!
//! Each thing is a component that is given its part of the picture: what has not changed is not looked at again. Lists
//! stand in groups of their own, so that a thing is known by its key and is moved instead of made anew.

mod boxes;
mod card;
pub mod dots;
mod look;
mod pod;
mod says;
mod thing;

use crate::words::Words;
use boxes::{Node, Owner, Service, frame};
pub use card::card;
use diagram::{Link, Picture, Spot};
pub use look::{looked, reveal};
use pod::Pod;
use std::rc::Rc;
pub use thing::{ATTRIBUTE, Chosen};
use thing::{Light, Related};
use yew::prelude::*;

/// Properties of [`PictureView`].
#[derive(Properties)]
pub struct PictureProps {
    /// What is drawn.
    pub picture: Rc<Picture>,
    /// Virtual time in whole seconds, for countdowns.
    pub seconds: u64,
    /// What is pointed at.
    pub pointed: Option<Chosen>,
    /// The page's texts.
    pub words: Words,
    /// Called when something is pointed at, or no longer.
    pub on_point: Callback<Option<Chosen>>,
    /// Called when something is chosen.
    pub on_choose: Callback<Chosen>,
}

impl PartialEq for PictureProps {
    fn eq(&self, other: &PictureProps) -> bool {
        Rc::ptr_eq(&self.picture, &other.picture)
            && (self.seconds, self.words, &self.pointed) == (other.seconds, other.words, &other.pointed)
            && (&self.on_point, &self.on_choose) == (&other.on_point, &other.on_choose)
    }
}

/// The picture. Pointing at a shape, with mouse or keyboard, shows the thing; Enter, Space or a click chooses it.
#[function_component]
pub fn PictureView(props: &PictureProps) -> Html {
    let (p, words) = (&*props.picture, props.words);
    let related = Related::to(props.pointed.as_ref(), p);
    let onmouseover = props.on_point.reform(|event: MouseEvent| Chosen::of(event.target()));
    let onfocusin = props.on_point.reform(|event: FocusEvent| Chosen::of(event.target()));
    let onmouseleave = props.on_point.reform(|_: MouseEvent| None);
    let onfocusout = props.on_point.reform(|_: FocusEvent| None);
    let choose = props.on_choose.clone();
    let onclick = Callback::from(move |event: MouseEvent| {
        if let Some(thing) = Chosen::of(event.target()) {
            choose.emit(thing);
        }
    });
    let choose = props.on_choose.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if let (true, Some(thing)) =
            (matches!(event.key().as_str(), "Enter" | " "), Chosen::of(event.target()))
        {
            event.prevent_default();
            choose.emit(thing);
        }
    });
    let pods = p.pods.iter().map(|pod| {
        let seconds = if pod.counts_down() { props.seconds } else { 0 };
        html! { <Pod key={pod.uid.clone()} pod={pod.clone()} {seconds} {words} light={related.pod(&pod.uid)} /> }
    });
    let links = p.links.iter().map(|l| {
        html! { <Line key={format!("{} {}", l.service, l.pod)} link={l.clone()} light={related.link(&l.service, &l.pod)} /> }
    });
    html! {
        <svg class="scene" viewBox={format!("0 0 {} {}", p.width, p.height)} width={p.width.to_string()} height={p.height.to_string()}
            role="group" aria-label={words.t("picture.all")} {onmouseover} {onmouseleave} {onfocusin} {onfocusout} {onclick} {onkeydown}>
            <defs>
                <pattern id="kubarium-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="ground" width="8" height="8" /><rect class="stripe" width="2" height="8" />
                </pattern>
            </defs>
            { outside(words, p) }
            <g aria-hidden="true">{ for p.entries.iter().map(|e| html! { <path class="link entry" d={rounded(e)} /> }) }</g>
            <g aria-hidden="true">{ for links }</g>
            <g>{ for p.services.iter().map(|s| html! { <Service key={s.key.clone()} service={s.clone()} {words} light={related.service(&s.key)} /> }) }</g>
            <g>{ for p.nodes.iter().map(|n| html! { <Node key={n.name.clone()} node={n.clone()} {words} /> }) }</g>
            <g>{ tray(words, p) }</g>
            <g>{ for p.workloads.iter().map(|w| html! { <Owner key={w.key.clone()} workload={w.clone()} {words} light={related.workload(&w.key)} /> }) }</g>
            <g>{ for pods }</g>
        </svg>
    }
}

fn outside(w: Words, p: &Picture) -> Html {
    let balancer = p.load_balancer.map(|a| {
        html! {
            <g class="outside">{ frame(a) }<text x={px(a.center().x)} y={px(a.y + 25.0)} text-anchor="middle">{ w.t("picture.balancer") }</text></g>
        }
    });
    html! {
        <g>
            <g class="outside" role="img" aria-label={w.t("picture.laptop-text")}>
                { frame(p.laptop) }
                <text x={px(p.laptop.center().x)} y={px(p.laptop.y + 25.0)} text-anchor="middle">{ w.t("picture.laptop") }</text>
            </g>
            { balancer }
        </g>
    }
}

fn tray(w: Words, p: &Picture) -> Html {
    let Some((a, more)) = p.tray else { return html! {} };
    let text = match more {
        0 => w.t("picture.tray").to_string(),
        more => w.tell("picture.tray-more", &[&more]),
    };
    html! {
        <g class="tray" role="img" aria-label={w.t("picture.tray-text")}>
            { frame(a) }
            <text class="detail" x={px(a.x + 12.0)} y={px(a.y + 20.0)}>{ text }</text>
        </g>
    }
}

/// Properties of [`Line`].
#[derive(Properties, PartialEq)]
struct LineProps {
    link: Rc<Link>,
    light: Light,
}

/// The line from a Service to a pod; dotted to one that gets no traffic.
#[function_component]
fn Line(props: &LineProps) -> Html {
    let l = &*props.link;
    let class = classes!("link", (!l.ready).then_some("unready"), props.light.class());
    html! { <path {class} d={rounded(&l.points)} /> }
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
