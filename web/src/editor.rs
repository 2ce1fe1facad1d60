//! The editor pane: what `vi`, `nano` and `kubectl edit` open.

use web_sys::HtmlTextAreaElement;
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
    /// What is edited.
    pub request: EditRequest,
    /// Takes the text, or `None` when it was left as it was.
    pub on_done: Callback<Option<String>>,
}

/// A plain text editor over the terminal.
#[function_component]
pub fn EditPane(props: &EditPaneProps) -> Html {
    let area = use_node_ref();
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
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => done.emit(None),
            "s" if event.ctrl_key() || event.meta_key() => {
                event.prevent_default();
                save.emit(());
            }
            _ => {}
        })
    };
    let leave = props.on_done.reform(|_: MouseEvent| None);
    html! {
        <div class="editor" role="dialog" aria-label={format!("Edit {}", props.request.name)} onkeydown={keys}>
            <header>
                <span class="title">{ &props.request.name }</span>
                <button onclick={save.reform(|_: MouseEvent| ())} title="Ctrl-S">{ "Save and close" }</button>
                <button onclick={leave} title="Escape">{ "Close without saving" }</button>
            </header>
            <textarea ref={area} spellcheck="false" autocomplete="off" aria-label="Text" defaultvalue={props.request.text.clone()} />
        </div>
    }
}
