//! Brings things of the picture before the reader's eyes, because a text points at them.

use super::thing::{ATTRIBUTE, Chosen};
use gloo::timers::callback::Timeout;
use web_sys::{Element, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::NodeRef;

/// What marks a thing that is pointed at. Not a class: those are the components' own.
const MARK: &str = "data-looked";
/// How long the mark stays, in milliseconds.
const STAYS_MS: u32 = 5_000;

/// Marks the things and shows the first. Gives what their shapes say; nothing for those that are not drawn.
pub fn looked(frame: &NodeRef, things: &[Chosen]) -> Vec<String> {
    let Some(frame) = frame.cast::<Element>() else { return Vec::new() };
    let shapes: Vec<Element> = things.iter().filter_map(|thing| shape(&frame, &thing.label())).collect();
    if let Some(first) = shapes.first() {
        show(first);
    }
    for shape in &shapes {
        let _ = shape.set_attribute(MARK, "");
    }
    let texts = shapes.iter().filter_map(|s| s.get_attribute("aria-label")).collect();
    Timeout::new(STAYS_MS, move || {
        for shape in &shapes {
            let _ = shape.remove_attribute(MARK);
        }
    })
    .forget();
    texts
}

/// Shows a part of the picture: `nodes`, `services`, or the whole `cluster` from its top.
pub fn reveal(frame: &NodeRef, part: &str) {
    let selector = match part {
        "nodes" => ".scene .node",
        "services" => ".scene .service",
        _ => ".scene .outside",
    };
    let frame = frame.cast::<Element>();
    if let Some(found) = frame.and_then(|f| f.query_selector(selector).ok().flatten()) {
        show(&found);
    }
}

/// The shape of a thing. Names hold nothing that a selector would have to escape.
fn shape(frame: &Element, label: &str) -> Option<Element> {
    frame.query_selector(&format!("[{ATTRIBUTE}=\"{label}\"]")).ok().flatten()
}

fn show(shape: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    options.set_behavior(ScrollBehavior::Auto);
    shape.scroll_into_view_with_scroll_into_view_options(&options);
}
