//! Mounts one playground in every `<kubarium-playground>` of the document. They share nothing.
//!
//! `nodes` and `seed` say what the cluster is made with: as attributes of the element, or for all elements that have
//! none in the query of the page's address (`?nodes=10&seed=7`). So do `lesson`, `src` and `lang` with the lesson that is
//! opened and the reader's language; `address` makes the page's address name the lesson that is open.

use web::{App, AppProps};
use web_sys::{Document, Element};
use yew::Renderer;

/// The element that a page writes where it wants a playground.
const ELEMENT: &str = "kubarium-playground";

fn main() {
    let Some(window) = web_sys::window() else { return };
    // Where the element is defined (web/element/kubarium.js), its script says what is mounted where.
    if window.custom_elements().get(ELEMENT).is_truthy() {
        return;
    }
    let Some(document) = window.document() else { return };
    let places = document.get_elements_by_tag_name(ELEMENT);
    for place in (0..places.length()).filter_map(|index| places.item(index)) {
        let props = props(&document, &place);
        Renderer::<App>::with_root_and_props(place, props).render();
    }
}

fn props(document: &Document, place: &Element) -> AppProps {
    let address = document.url().unwrap_or_default();
    let query = |name: &str| {
        let (_, query) = address.split_once('?')?;
        let query = query.split('#').next()?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_string)
    };
    let value = |name: &str| place.get_attribute(name).or_else(|| query(name));
    let mut props = AppProps::default();
    if let Some(nodes) = value("nodes").and_then(|v| v.parse().ok()) {
        props.nodes = nodes;
    }
    if let Some(seed) = value("seed").and_then(|v| v.parse().ok()) {
        props.seed = seed;
    }
    props.lesson = value("lesson");
    props.src = value("src");
    props.lang = value("lang");
    props.address = place.has_attribute("address");
    props
}
