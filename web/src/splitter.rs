//! The divider between terminal and picture: moved by mouse, finger or arrow keys.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// How narrow a side may become, in percent of the whole.
const MIN: f64 = 20.0;
/// The terminal's share at first: 80 columns in a window of 1440 pixels. The style sheet says the same.
const START: f64 = 47.0;
/// How far an arrow key moves it.
const KEY_STEP: f64 = 4.0;

/// Properties of [`Splitter`].
#[derive(Properties, PartialEq)]
pub struct SplitterProps {
    /// Called after each move.
    pub on_move: Callback<()>,
}

/// The divider. It sets `--split` on its parent, the share of the terminal in percent.
#[function_component]
pub fn Splitter(props: &SplitterProps) -> Html {
    let share = use_state(|| START);
    let dragging = use_mut_ref(|| false);
    let set = {
        let (share, on_move) = (share.clone(), props.on_move.clone());
        move |target: &Element, percent: f64| {
            let percent = percent.clamp(MIN, 100.0 - MIN);
            if let Some(parent) = target.parent_element().and_then(|p| p.dyn_into::<HtmlElement>().ok()) {
                let _ = parent.style().set_property("--split", &format!("{percent}%"));
            }
            share.set(percent);
            on_move.emit(());
        }
    };
    let down = {
        let dragging = dragging.clone();
        Callback::from(move |event: PointerEvent| {
            let target: Element = event.target_unchecked_into();
            let _ = target.set_pointer_capture(event.pointer_id());
            *dragging.borrow_mut() = true;
        })
    };
    let moved = {
        let (dragging, set) = (dragging.clone(), set.clone());
        Callback::from(move |event: PointerEvent| {
            let target: Element = event.target_unchecked_into();
            if let (true, Some(parent)) = (*dragging.borrow(), target.parent_element()) {
                let area = parent.get_bounding_client_rect();
                set(&target, (f64::from(event.client_x()) - area.left()) / area.width().max(1.0) * 100.0);
            }
        })
    };
    let up = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let key = {
        let share = *share;
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" => -KEY_STEP,
                "ArrowRight" => KEY_STEP,
                _ => return,
            };
            event.prevent_default();
            set(&event.target_unchecked_into(), share + step);
        })
    };
    html! {
        <div class="splitter" role="separator" aria-orientation="vertical" aria-label="Share of the terminal" tabindex="0"
            aria-valuenow={format!("{:.0}", *share)} aria-valuemin="20" aria-valuemax="80"
            onpointerdown={down} onpointermove={moved} onpointerup={up} onkeydown={key} />
    }
}
