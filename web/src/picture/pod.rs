//! A pod's mark: its state is told by shape first, word second, colour third.

use super::thing::{Light, label};
use super::{px, says};
use crate::words::Words;
use diagram::{PodMark, PodState};
use sim::Time;
use std::rc::Rc;
use yew::prelude::*;

const R: f64 = 13.0;
/// Circumference of the ring.
const ROUND: f64 = 2.0 * std::f64::consts::PI * R;
/// The grace period that a full ring stands for.
const GRACE: f64 = 30.0;
/// How many virtual seconds the ring of a pull takes to go round.
const PULL_ROUND: u64 = 8;

/// Properties of [`Pod`].
#[derive(Properties, PartialEq)]
pub struct PodProps {
    /// The page's texts.
    pub words: Words,
    /// What is drawn.
    pub pod: Rc<PodMark>,
    /// Virtual time in whole seconds, for marks that are drawn by it; always the same for others.
    pub seconds: u64,
    /// How it stands out.
    pub light: Light,
}

/// A pod.
#[function_component]
pub fn Pod(props: &PodProps) -> Html {
    let pod = &*props.pod;
    let now = Time::from_secs(props.seconds);
    let tint = pod.tint.map(|t| format!("tint{t}"));
    let class = classes!("pod", pod.state.word(), tint, props.light.class());
    let thing = label("Pod", &format!("{}/{}", pod.namespace, pod.name));
    let word = word(props.words, pod, now);
    html! {
        <g {class} transform={format!("translate({} {})", px(pod.spot.x), px(pod.spot.y))} tabindex="0" role="button" aria-label={says::pod(props.words, pod)} data-thing={thing}>
            <rect class="touch" x="-30" y="-18" width="60" height="60" />
            <g class="grow">{ shape(&pod.state, now) }</g>
            <text class="name" aria-hidden="true" y="27" text-anchor="middle">{ &pod.short }</text>
            if !word.is_empty() { <text class="word" aria-hidden="true" y="40" text-anchor="middle">{ word }</text> }
        </g>
    }
}

fn shape(state: &PodState, now: Time) -> Html {
    let r = R.to_string();
    match state {
        PodState::Pending(_) => html! { <circle class="ring dashed" r={r} /> },
        PodState::Pulling(_) => {
            let part = (now.as_secs() % PULL_ROUND + 1) as f64 / PULL_ROUND as f64;
            html! { <><circle class="ring thin" r={r.clone()} /><circle class="ring clock" r={r} stroke-dasharray={dash(part)} /></> }
        }
        PodState::Starting(_) => {
            html! { <><circle class="ring thin" r={r} /><circle class="heart" r="3.5" /></> }
        }
        PodState::NotReady => html! { <circle class="ring full" r={r} /> },
        PodState::Ready => html! { <circle class="disc" r={r} /> },
        PodState::BackOff(..) => {
            html! { <><circle class="ring broken" r={r} /><path class="sign" d="M0-6V2M0 5.5V6" /></> }
        }
        PodState::Terminating(until) => {
            let left = (until.since(now).as_secs_f64() / GRACE).min(1.0);
            html! { <><circle class="disc fading" r={(R - 4.0).to_string()} /><circle class="ring ending" r={r} stroke-dasharray={dash(left)} /></> }
        }
        PodState::Completed => {
            html! { <><circle class="disc" r={r} /><path class="sign" d="M-5 0L-1.5 4L5.5-4" /></> }
        }
        PodState::Failed(_) => {
            html! { <><circle class="disc" r={r} /><path class="sign" d="M-4-4L4 4M4-4L-4 4" /></> }
        }
    }
}

/// Dashes that draw a part of the ring.
fn dash(part: f64) -> String {
    format!("{} {}", px(ROUND * part), px(ROUND))
}

/// The second line under a mark: a short word for every state but the usual one, or a countdown.
fn word(w: Words, pod: &PodMark, now: Time) -> String {
    let left = |until: Time| w.tell("pod.seconds", &[&until.since(now).as_secs()]);
    if let Some(until) = pod.leaves.filter(|until| *until > now) {
        return w.tell("pod.leaves", &[&until.since(now).as_secs()]);
    }
    match &pod.state {
        PodState::Ready if pod.restarts > 0 => format!("↻ {}", pod.restarts),
        PodState::Ready => String::new(),
        PodState::Pending(_) => "Pending".into(),
        PodState::Pulling(_) => w.t("pod.pulling").into(),
        PodState::Starting(text) if text.is_empty() => w.t("pod.starting").into(),
        PodState::Starting(text) => text.clone(),
        PodState::NotReady => w.t("pod.not-ready").into(),
        PodState::BackOff(_, Some(until)) if *until > now => left(*until),
        PodState::BackOff(reason, _) if reason.contains("Image") => w.t("pod.no-image").into(),
        PodState::BackOff(reason, _) if reason.starts_with("CrashLoop") => w.t("pod.crashed").into(),
        PodState::BackOff(..) => w.t("pod.waiting").into(),
        PodState::Terminating(until) if *until > now => left(*until),
        PodState::Terminating(_) => w.t("pod.ending").into(),
        PodState::Completed => w.t("pod.done").into(),
        PodState::Failed(_) => w.t("pod.failed").into(),
    }
}
