//! A playground is a component that can stand anywhere, more than once.
#![cfg(target_arch = "wasm32")]

use std::time::Duration;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

/// Yew draws in the browser's next turn.
async fn drawn() {
    yew::platform::time::sleep(Duration::ZERO).await;
}

fn has_prompt(place: &Element) -> bool {
    place.query_selector("[data-testid=prompt]").unwrap().is_some()
}

#[wasm_bindgen_test]
async fn two_playgrounds_stand_side_by_side_and_go_alone() {
    let document = web_sys::window().unwrap().document().unwrap();
    let mount = || {
        let place = document.create_element("kubarium-playground").unwrap();
        document.document_element().unwrap().append_child(&place).unwrap();
        (place.clone(), yew::Renderer::<web::App>::with_root(place).render())
    };
    let (first, handle) = mount();
    let (second, _kept) = mount();
    drawn().await;
    assert!(has_prompt(&first) && has_prompt(&second));
    handle.destroy();
    drawn().await;
    assert!(!has_prompt(&first) && has_prompt(&second));
}
