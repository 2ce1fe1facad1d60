//! Where what is typed goes.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Puts the keyboard into the terminal that is shown.
pub(crate) fn focus_prompt(frame: &NodeRef) {
    let frame = frame.cast::<web_sys::Element>();
    let prompt = frame.and_then(|f| f.query_selector(".screen:not([hidden]) .keys").ok().flatten());
    if let Some(prompt) = prompt.and_then(|p| p.dyn_into::<HtmlElement>().ok()) {
        let _ = prompt.focus();
    }
}

/// Whether a key is a character that nothing else takes: then it is meant for the terminal.
pub(super) fn belongs_to_prompt(event: &KeyboardEvent) -> bool {
    let key = event.key();
    let character = key.chars().count() == 1 && key != " ";
    let held = event.ctrl_key() || event.meta_key() || event.alt_key();
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    let takes = target.is_some_and(|t| matches!(t.tag_name().as_str(), "TEXTAREA" | "INPUT" | "SELECT"));
    character && !held && !takes
}
