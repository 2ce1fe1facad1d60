//! Where what is typed goes.

use super::App;
use crate::inspector::View;
use crate::picture::{ATTRIBUTE, Chosen};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Puts the keyboard into the terminal that is shown.
pub(crate) fn focus_prompt(frame: &NodeRef) {
    focus(frame, ".screen:not([hidden]) .keys");
}

/// Puts the keyboard where a selector leads to, if there is such a thing.
fn focus(frame: &NodeRef, selector: &str) {
    let frame = frame.cast::<web_sys::Element>();
    // A shape of the picture is no HTML; it has the same method.
    if let Some(found) = frame.and_then(|f| f.query_selector(selector).ok().flatten()) {
        let _ = found.unchecked_into::<HtmlElement>().focus();
    }
}

impl App {
    /// Shows what is known of a thing, or no longer. Whoever works with keys goes there and comes back.
    pub(super) fn choose(&mut self, what: Option<Chosen>) {
        if !self.by_mouse.get() {
            self.next_focus = match (&what, &self.chosen) {
                (Some(_), _) => Some(".inspector [aria-selected=true]".into()),
                (None, Some((left, _))) => Some(format!("[{ATTRIBUTE}=\"{}\"]", left.label())),
                (None, None) => None,
            };
        }
        self.chosen = what.map(|chosen| (chosen, View::Yaml));
    }

    /// Closes inspector and browser.
    pub(super) fn leave(&mut self) {
        self.browser = None;
        self.choose(None);
    }

    /// The keyboard goes where it was to go once that is there.
    pub(super) fn move_focus(&mut self) {
        if let Some(selector) = self.next_focus.take() {
            focus(&self.frame, &selector);
        }
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
