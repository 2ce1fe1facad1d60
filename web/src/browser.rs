//! The page's own little browser: shows what an address inside the cluster answers, as the learner's own would.

use crate::words::Words;
use yew::prelude::*;

/// What a request brought.
#[derive(Clone, PartialEq)]
pub struct PageView {
    /// The address.
    pub address: String,
    /// `None` while it loads; the status line and the text of the answer; or why there is none.
    pub answer: Option<Result<(u16, String), String>>,
}

/// Whether an address leads into the simulated world, where only the page's own browser can go.
pub fn is_inside(address: &str) -> bool {
    let host = host_of(address);
    host == "localhost" || ["127.", "10.", "192.168."].iter().any(|net| host.starts_with(net))
}

/// The host of an address, without scheme, port and path.
pub fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', ':', '?']).next().unwrap_or_default()
}

/// The port and path of an address.
pub fn port_and_path(address: &str) -> (u16, String) {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let default = if address.starts_with("https://") { 443 } else { 80 };
    let port = authority.split_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(default);
    (port, format!("/{path}"))
}

/// Properties of [`Browser`].
#[derive(Properties, PartialEq)]
pub struct BrowserProps {
    /// The page's texts.
    pub words: Words,
    /// What it shows.
    pub view: PageView,
    /// Asks again.
    pub on_reload: Callback<()>,
    /// Closes it.
    pub on_close: Callback<()>,
}

/// A small window with an address, the answer as text, and its status.
#[function_component]
pub fn Browser(props: &BrowserProps) -> Html {
    let w = props.words;
    let (status, text, failed) = match &props.view.answer {
        None => (w.t("browser.loading").to_string(), String::new(), false),
        Some(Ok((status, text))) => (format!("HTTP {status}"), text.clone(), *status >= 400),
        Some(Err(why)) => (w.t("browser.failed").into(), why.clone(), true),
    };
    let (reload, close) = (props.on_reload.reform(|_| ()), props.on_close.reform(|_| ()));
    html! {
        <section class="browser" aria-label={w.t("browser.all")}>
            <header>
                <span class="address">{ &props.view.address }</span>
                <button onclick={reload} title={w.t("browser.again")}>{ w.t("browser.reload") }</button>
                <button onclick={close} aria-label={w.t("browser.close")}>{ "×" }</button>
            </header>
            <pre tabindex="0" class={classes!("answer", failed.then_some("failed"))}>{ text }</pre>
            <footer>{ status }</footer>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        assert!(is_inside("http://192.168.49.2:30080/x") && !is_inside("https://kubernetes.io/docs"));
        assert_eq!(port_and_path("http://localhost:8001/api/v1?x=1"), (8001, "/api/v1?x=1".into()));
        assert_eq!(port_and_path("http://10.96.0.1"), (80, "/".into()));
    }
}
