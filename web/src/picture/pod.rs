//! A pod's mark: its state is told by shape first, word second, colour third.

use super::{Chosen, px};
use diagram::{PodMark, PodState};
use sim::Time;
use yew::prelude::*;

const R: f64 = 13.0;
/// Circumference of the ring.
const ROUND: f64 = 2.0 * std::f64::consts::PI * R;
/// The grace period that a full ring stands for.
const GRACE: f64 = 30.0;

/// Draws a pod. `lit`: whether it belongs to what is pointed at, if something is.
pub(super) fn pod_mark(
    pod: &PodMark,
    now: Time,
    lit: Option<bool>,
    on_point: &Callback<Option<AttrValue>>,
    on_choose: &Callback<Chosen>,
) -> Html {
    let tint = pod.tint.map(|t| format!("tint{t}"));
    let light = match lit {
        None => "",
        Some(true) => "lit",
        Some(false) => "dim",
    };
    let class = classes!("pod", pod.state.word(), tint, light);
    let uid = AttrValue::from(pod.uid.clone());
    let chosen = Chosen { kind: "Pod", namespace: pod.namespace.clone(), name: pod.name.clone() };
    let (point, key_choice, key_choose) = (uid.clone(), chosen.clone(), on_choose.clone());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Enter" | " ") {
            event.prevent_default();
            key_choose.emit(key_choice.clone());
        }
    });
    let transform = format!("transform: translate({}px, {}px)", px(pod.spot.x), px(pod.spot.y));
    html! {
        <g key={pod.uid.clone()} {class} style={transform} tabindex="0" role="button" aria-label={pod.text.clone()}
            onfocus={on_point.reform({ let p = point.clone(); move |_| Some(p.clone()) })} onblur={on_point.reform(|_| None)}
            onmouseenter={on_point.reform(move |_| Some(point.clone()))} onmouseleave={on_point.reform(|_| None)}
            onclick={on_choose.reform(move |_| chosen.clone())} {onkeydown}>
            <rect class="touch" x="-30" y="-18" width="60" height="56" />
            <g class="grow">{ shape(&pod.state, now) }</g>
            <text class="name" y="27" text-anchor="middle">{ &pod.short }</text>
            <text class="word" y="38" text-anchor="middle">{ word(pod, now) }</text>
            <title>{ &pod.text }</title>
        </g>
    }
}

fn shape(state: &PodState, now: Time) -> Html {
    let r = R.to_string();
    match state {
        PodState::Pending(_) => html! { <circle class="ring dashed" r={r} /> },
        PodState::Pulling(_) => {
            html! { <><circle class="ring thin" r={r.clone()} /><circle class="ring clock" r={r} /></> }
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
            let dash = format!("{} {}", px(ROUND * left), px(ROUND));
            html! { <><circle class="disc fading" r={(R - 4.0).to_string()} /><circle class="ring ending" r={r} stroke-dasharray={dash} /></> }
        }
        PodState::Completed => {
            html! { <><circle class="disc" r={r} /><path class="sign" d="M-5 0L-1.5 4L5.5-4" /></> }
        }
        PodState::Failed(_) => {
            html! { <><circle class="disc" r={r} /><path class="sign" d="M-4-4L4 4M4-4L-4 4" /></> }
        }
    }
}

/// The second line under a mark: a short word for every state but the usual one, or a countdown.
fn word(pod: &PodMark, now: Time) -> String {
    let left = |until: Time| format!("{} s", until.since(now).as_secs());
    match &pod.state {
        PodState::Ready if pod.restarts > 0 => format!("↻ {}", pod.restarts),
        PodState::Ready => String::new(),
        PodState::Pending(_) => "Pending".into(),
        PodState::Pulling(_) => "pulling".into(),
        PodState::Starting(text) if text.is_empty() => "starting".into(),
        PodState::Starting(text) => text.clone(),
        PodState::NotReady => "not ready".into(),
        PodState::BackOff(_, Some(until)) if *until > now => left(*until),
        PodState::BackOff(reason, _) if reason.contains("Image") => "no image".into(),
        PodState::BackOff(reason, _) if reason.starts_with("CrashLoop") => "crashed".into(),
        PodState::BackOff(..) => "waiting".into(),
        PodState::Terminating(until) if *until > now => left(*until),
        PodState::Terminating(_) => "ending".into(),
        PodState::Completed => "done".into(),
        PodState::Failed(_) => "failed".into(),
    }
}
