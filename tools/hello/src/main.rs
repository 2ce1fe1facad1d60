//! A page that says hello in the place where the real page has its prompt.

use yew::prelude::*;

#[function_component]
fn Hello() -> Html {
    html! { <p data-testid="prompt">{ "Hello" }</p> }
}

fn main() {
    yew::Renderer::<Hello>::new().render();
}
