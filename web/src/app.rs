//! The frame: a bar on top, terminal and picture side by side, one line below that says what just happened.

use yew::prelude::*;

/// One playground, whole.
#[function_component]
pub fn App() -> Html {
    html! {
        <div class="frame">
            <header class="bar"><h1 class="name">{ "Kubarium" }</h1></header>
            <main class="panes">
                <Terminal />
                <Picture />
            </main>
            <footer class="news" role="status">{ "Nothing has happened yet." }</footer>
        </div>
    }
}

#[function_component]
fn Terminal() -> Html {
    html! {
        <section class="pane terminal" aria-label="Terminal">
            <label class="line">
                <span class="prompt">{ "~ $" }</span>
                <input
                    class="input"
                    data-testid="prompt"
                    aria-label="Command"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                />
            </label>
        </section>
    }
}

#[function_component]
fn Picture() -> Html {
    html! {
        <section class="pane picture" aria-label="Cluster">
            <p class="empty">{ "Type kubectl create deployment to put something here." }</p>
        </section>
    }
}
