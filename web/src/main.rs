//! Mounts one playground in every `<kubarium-playground>` of the document. They share nothing.

use yew::Renderer;

/// The element that a page writes where it wants a playground.
const ELEMENT: &str = "kubarium-playground";

fn main() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let places = document.get_elements_by_tag_name(ELEMENT);
    for place in (0..places.length()).filter_map(|index| places.item(index)) {
        Renderer::<web::App>::with_root(place).render();
    }
}
