//! The editor pane: what `vi`, `nano` and `kubectl edit` open.

use crate::words::Words;
use web_sys::{HtmlElement, HtmlTextAreaElement};
use yew::prelude::*;

/// A text that is to be edited.
#[derive(Clone, Debug, PartialEq)]
pub struct EditRequest {
    /// Which edit.
    pub id: u64,
    /// The file's name.
    pub name: String,
    /// The text.
    pub text: String,
}

impl EditRequest {
    /// The `id` of a file that the page itself has opened: `name` is its path.
    pub const FILE: u64 = u64::MAX;
}

/// Properties of [`EditPane`].
#[derive(Properties, PartialEq)]
pub struct EditPaneProps {
    /// The page's texts.
    pub words: Words,
    /// What is edited.
    pub request: EditRequest,
    /// Takes the text, or `None` when it was left as it was.
    pub on_done: Callback<Option<String>>,
}

/// A plain text editor over the terminal.
#[function_component]
pub fn EditPane(props: &EditPaneProps) -> Html {
    let area = use_node_ref();
    let saver = use_node_ref();
    let save = {
        let (area, done) = (area.clone(), props.on_done.clone());
        Callback::from(move |()| done.emit(area.cast::<HtmlTextAreaElement>().map(|a| a.value())))
    };
    let focus = area.clone();
    use_effect_with((), move |()| {
        if let Some(area) = focus.cast::<HtmlTextAreaElement>() {
            let _ = area.focus();
            let _ = area.set_selection_range(0, 0);
        }
    });
    let keys = {
        let (save, done) = (save.clone(), props.on_done.clone());
        let (area, saver, before) = (area.clone(), saver.clone(), props.request.text.clone());
        Callback::from(move |event: KeyboardEvent| {
            // Letters at its buttons are not meant for the terminal below it.
            event.stop_propagation();
            match event.key().as_str() {
                // Those who know vi press Escape when they have typed, and Enter later: that must lose nothing.
                "Escape" => match (area.cast::<HtmlTextAreaElement>(), saver.cast::<HtmlElement>()) {
                    (Some(area), Some(saver)) if area.value() != before => {
                        let _ = saver.focus();
                    }
                    _ => done.emit(None),
                },
                "s" if event.ctrl_key() || event.meta_key() => {
                    event.prevent_default();
                    save.emit(());
                }
                _ => {}
            }
        })
    };
    let w = props.words;
    let leave = props.on_done.reform(|_: MouseEvent| None);
    html! {
        <div class="editor" role="dialog" aria-label={w.tell("editor.all", &[&props.request.name])} onkeydown={keys}>
            <header>
                <span class="title">{ &props.request.name }</span>
                <button ref={saver} class="primary" onclick={save.reform(|_: MouseEvent| ())} title="Ctrl-S">{ w.t("editor.save") }</button>
                <button onclick={leave}>{ w.t("editor.leave") }</button>
            </header>
            <textarea ref={area} spellcheck="false" autocomplete="off" aria-label={w.t("editor.text")} defaultvalue={props.request.text.clone()} />
        </div>
    }
}
