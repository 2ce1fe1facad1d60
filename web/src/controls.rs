//! Time, nodes and requests: what can be done to the cluster without typing.

use crate::words::Words;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The speeds that are offered: virtual seconds a real second.
const SPEEDS: [f64; 6] = [0.5, 1.0, 5.0, 10.0, 20.0, 60.0];
/// The rates of a steady stream that are offered, in requests a second.
const RATES: [f64; 4] = [1.0, 5.0, 20.0, 50.0];

/// Go on, or run it.
pub const PLAY: &str = "M4 2.5v11l9-5.5z";
const PAUSE: &str = "M4 3h3v10H4zM9 3h3v10H9z";
const STEP: &str = "M3 3h2.5v10H3zM7 3v10l7-5z";
const SKIP: &str = "M1.5 3v10L8 8zM8 3v10l6.5-5z";
/// Keys.
pub const KEYBOARD: &str = "M1.5 3.5h13v9h-13zM3 5v6h10V5zM4.5 6h1.5v1.5H4.5zM7.25 6h1.5v1.5h-1.5zM10 6h1.5v1.5H10zM5 8.75h6v1.25H5z";
/// A pencil.
pub const EDIT: &str =
    "M11.5 1.5l3 3L5.5 13.5l-4 1 1-4zM10.6 4l1.4 1.4 .7-.7-1.4-1.4zM3.7 11l-.4 1.7 1.7-.4z";
/// A tick.
pub const CHECK: &str = "M6.2 12.6L1.9 8.3l1.3-1.3 3 3 6.6-6.6 1.3 1.3z";
/// Towards the lower end.
pub const FOLD: &str = "M3.2 5.2L8 10l4.8-4.8 1.1 1.1L8 12.2 2.1 6.3z";
/// Back.
pub const PREVIOUS: &str = "M10.3 2.6L4.9 8l5.4 5.4 1.1-1.1L7.1 8l4.3-4.3z";
/// On.
pub const NEXT: &str = "M5.7 2.6L4.6 3.7 8.9 8l-4.3 4.3 1.1 1.1L11.1 8z";
/// A book.
pub const BOOK: &str = "M2 2.5h5L8 3.3l1-.8h5v10.7H9.2L8 14l-1.2-.8H2zM3.3 3.8v8.1h3.9l.2.1V4.6l-.8-.8zm9.4 0H9.4l-.8.8V12l.2-.1h3.9z";
/// Half light, half dark.
pub const THEME: &str = "M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13zM8 3a5 5 0 0 1 0 10z";

/// A sign on a button, of 16 by 16 pixels. Drawn, because the characters for these look different everywhere.
pub fn icon(path: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path fill-rule="evenodd" d={path} /></svg> }
}

/// What a control does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Everything from the start.
    Reset,
    /// What stood here before that.
    Back,
    /// Stops virtual time, or lets it go on.
    Pause,
    /// One step of virtual time.
    Step,
    /// On until something happens.
    Skip,
    /// Another speed.
    Speed(f64),
    /// Switches a node on or off.
    Node(String, bool),
    /// One more terminal.
    OpenTab,
    /// Shows a terminal.
    ShowTab(usize),
    /// Ends a terminal.
    CloseTab(usize),
    /// Which Service requests go to.
    Target(String),
    /// Sends one request.
    Send,
    /// Sends a steady stream; 0 ends it.
    Rate(f64),
}

/// Properties of [`Controls`].
#[derive(Properties, PartialEq)]
pub struct ControlsProps {
    /// The page's texts.
    pub words: Words,
    /// Whether time stands still.
    pub paused: bool,
    /// Virtual seconds a real second.
    pub speed: f64,
    /// Whether `skip` is under way.
    pub skipping: bool,
    /// Virtual time in seconds.
    pub seconds: u64,
    /// Takes what is done.
    pub on_action: Callback<Action>,
}

/// The controls of time.
#[function_component]
pub fn Controls(props: &ControlsProps) -> Html {
    let on = |action: Action| props.on_action.reform(move |_: MouseEvent| action.clone());
    let faster = props.on_action.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        Action::Speed(select.value().parse().unwrap_or(1.0))
    });
    let w = props.words;
    let (pause, pause_name) =
        if props.paused { (PLAY, w.t("time.go-on")) } else { (PAUSE, w.t("time.pause")) };
    let day = props.seconds % 86_400;
    html! {
        <div class="time" role="group" aria-label={w.t("time.all")}>
            <button onclick={on(Action::Pause)} aria-label={pause_name} title={pause_name}>{ icon(pause) }</button>
            <button onclick={on(Action::Step)} aria-label={w.t("time.step")} title={w.t("time.step")}>{ icon(STEP) }</button>
            <button onclick={on(Action::Skip)} aria-label={w.t("time.skip")} title={w.t("time.skip")} aria-busy={props.skipping.to_string()}>{ icon(SKIP) }</button>
            <select onchange={faster} aria-label={w.t("time.speed")} title={w.t("time.speed")}>
                { for SPEEDS.iter().map(|s| html! { <option value={s.to_string()} selected={*s == props.speed}>{ format!("{s}×") }</option> }) }
            </select>
            <time class="clock" title={w.t("time.clock")}>{ format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60) }</time>
            <button class="text" onclick={on(Action::Reset)}>{ w.t("time.reset") }</button>
        </div>
    }
}

/// Properties of [`NodeSwitches`].
#[derive(Properties, PartialEq)]
pub struct NodeSwitchesProps {
    /// The page's texts.
    pub words: Words,
    /// Names, and whether their machines are on.
    pub nodes: Vec<(String, bool)>,
    /// Takes what is done.
    pub on_action: Callback<Action>,
}

/// A switch a node.
#[function_component]
pub fn NodeSwitches(props: &NodeSwitchesProps) -> Html {
    let nodes = props.nodes.iter().map(|(name, on)| {
        let action = Action::Node(name.clone(), !on);
        let onclick = props.on_action.reform(move |_| action.clone());
        let what = props.words.tell(if *on { "nodes.stop" } else { "nodes.start" }, &[name]);
        html! { <button key={name.clone()} class="switch" role="switch" aria-checked={on.to_string()} {onclick} title={what.clone()} aria-label={what}>{ name }</button> }
    });
    html! { <div class="switches" role="group" aria-label={props.words.t("nodes.all")}>{ for nodes }</div> }
}

/// Properties of [`LoadPanel`].
#[derive(Properties, PartialEq)]
pub struct LoadPanelProps {
    /// The page's texts.
    pub words: Words,
    /// Services that can be asked: key and name.
    pub services: Vec<(String, String)>,
    /// Which one is.
    pub target: Option<String>,
    /// Requests a second; 0 for none.
    pub rate: f64,
    /// How many were answered.
    pub succeeded: u64,
    /// How many failed.
    pub failed: u64,
    /// Why the last one failed.
    pub last_failure: String,
    /// Takes what is done.
    pub on_action: Callback<Action>,
}

/// Sends requests to a Service and counts what becomes of them.
#[function_component]
pub fn LoadPanel(props: &LoadPanelProps) -> Html {
    // Without a Service it is there, too: what comes later must not push the picture down.
    let w = props.words;
    let mut services = props.services.clone();
    // A stream goes on when its Service is deleted, as callers do; then it is shown as its target, and can be ended.
    if let Some(gone) =
        props.target.as_ref().filter(|t| props.rate > 0.0 && services.iter().all(|(k, _)| k != *t))
    {
        services.push((gone.clone(), gone.strip_prefix("default/").unwrap_or(gone).into()));
    }
    let none = services.is_empty();
    let known = props.target.as_ref().filter(|t| services.iter().any(|(k, _)| k == *t));
    let first = services.first().map(|(key, _)| key.clone());
    let target = known.cloned().or(first).unwrap_or_default();
    let (act, needed) = (props.on_action.clone(), known.is_none().then(|| target.clone()));
    // The first use chooses the Service that is shown.
    let with_target = move |action: Action| {
        if let Some(service) = &needed {
            act.emit(Action::Target(service.clone()));
        }
        act.emit(action);
    };
    let send = {
        let go = with_target.clone();
        Callback::from(move |_: MouseEvent| go(Action::Send))
    };
    let rate = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        with_target(Action::Rate(select.value().parse().unwrap_or(0.0)));
    });
    let choose = props.on_action.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        Action::Target(select.value())
    });
    html! {
        <div class="load" role="group" aria-label={w.t("load.all")}>
            <button onclick={send} disabled={none}>{ w.t("load.send") }</button>
            <select onchange={choose} aria-label={w.t("load.service")} class="service" disabled={none}>
                if none { <option>{ w.t("load.no-service") }</option> }
                { for services.iter().map(|(key, name)| html! { <option value={key.clone()} selected={*key == target}>{ name }</option> }) }
            </select>
            <select onchange={rate} aria-label={w.t("load.stream")} title={w.t("load.stream")} disabled={none}>
                <option value="0" selected={props.rate == 0.0}>{ w.t("load.no-stream") }</option>
                { for RATES.iter().map(|r| html! { <option value={r.to_string()} selected={*r == props.rate}>{ w.tell("load.rate", &[r]) }</option> }) }
            </select>
            <output class="counts" title={props.last_failure.clone()}>
                <span class="good">{ format!("✓ {}", w.number(props.succeeded)) }</span>{ " " }
                <span class={if props.failed > 0 { "bad" } else { "" }}>{ format!("✗ {}", w.number(props.failed)) }</span>
            </output>
        </div>
    }
}
