//! What surrounds a terminal: the document, or the shadow root of an element in somebody else's document.

use js_sys::{Function, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{Element, Selection, ShadowRoot};

/// Whether the keyboard is in its surroundings, so that it may be taken. In a page of others it is not at first; a page
/// that is nothing but a playground has it from the start.
pub fn has_focus(element: &Element) -> bool {
    element.get_root_node().dyn_into::<ShadowRoot>().map_or(true, |root| root.active_element().is_some())
}

/// Whether something is marked, to be copied. A shadow root keeps that to itself, by a name that is in no standard.
pub fn has_selection(element: &Element) -> bool {
    let root = element.get_root_node();
    let own = Reflect::get(&root, &"getSelection".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
    let own = own.and_then(|f| f.call0(&root).ok()).and_then(|s| s.dyn_into::<Selection>().ok());
    let selection = own.or_else(|| web_sys::window()?.get_selection().ok().flatten());
    selection.is_some_and(|s| !s.is_collapsed())
}
