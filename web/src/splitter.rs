//! The divider between terminal and picture: moved by mouse, finger or arrow keys.

use crate::words::Words;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// How narrow a side may become, in percent of the whole.
const MIN: f64 = 20.0;
/// The terminal's share at first: 80 columns in a window of 1440 pixels. The style sheet says the same.
const START: f64 = 47.0;
/// The picture's share at first where it lies above the terminal.
const START_ROWS: f64 = 56.0;
/// How far an arrow key moves it.
const KEY_STEP: f64 = 4.0;

/// Properties of [`Splitter`].
#[derive(Properties, PartialEq)]
pub struct SplitterProps {
    /// The page's texts.
    pub words: Words,
    /// Called after each move.
    pub on_move: Callback<()>,
    /// Whether the picture lies above the terminal, not beside it.
    pub rows: bool,
}

/// The divider. It sets `--split` on its parent, the share of the terminal in percent; `--rows`, the picture's, where that
/// lies above it.
#[function_component]
pub fn Splitter(props: &SplitterProps) -> Html {
    let rows = props.rows;
    let share = use_state(|| START);
    let height = use_state(|| START_ROWS);
    let now = if rows { *height } else { *share };
    let dragging = use_mut_ref(|| false);
    let set = {
        let (share, height, on_move) = (share.clone(), height.clone(), props.on_move.clone());
        move |target: &Element, percent: f64| {
            let percent = percent.clamp(MIN, 100.0 - MIN);
            if let Some(parent) = target.parent_element().and_then(|p| p.dyn_into::<HtmlElement>().ok()) {
                let _ = parent
                    .style()
                    .set_property(if rows { "--rows" } else { "--split" }, &format!("{percent}%"));
            }
            if rows { &height } else { &share }.set(percent);
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
                let part = match rows {
                    true => (f64::from(event.client_y()) - area.top()) / area.height().max(1.0),
                    false => (f64::from(event.client_x()) - area.left()) / area.width().max(1.0),
                };
                set(&target, part * 100.0);
            }
        })
    };
    let up = Callback::from(move |_: PointerEvent| *dragging.borrow_mut() = false);
    let key = {
        Callback::from(move |event: KeyboardEvent| {
            let step = match event.key().as_str() {
                "ArrowLeft" | "ArrowUp" => -KEY_STEP,
                "ArrowRight" | "ArrowDown" => KEY_STEP,
                _ => return,
            };
            event.prevent_default();
            set(&event.target_unchecked_into(), now + step);
        })
    };
    html! {
        <div class="splitter" role="separator" aria-orientation={if rows { "horizontal" } else { "vertical" }} aria-label={props.words.t(if rows { "splitter.picture" } else { "splitter.terminal" })} tabindex="0"
            aria-valuenow={format!("{now:.0}")} aria-valuemin="20" aria-valuemax="80"
            onpointerdown={down} onpointermove={moved} onpointerup={up} onkeydown={key} />
    }
}
