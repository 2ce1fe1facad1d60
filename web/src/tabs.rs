use crate::controls::Action;
use yew::prelude::*;

/// Properties of [`Tabs`].
#[derive(Properties, PartialEq)]
pub struct TabsProps {
    /// The numbers of the tabs, in order.
    pub count: Vec<u32>,
    /// Which one is shown.
    pub active: usize,
    /// Takes what is done.
    pub on_action: Callback<Action>,
}

/// The tabs of the terminal.
#[function_component]
pub fn Tabs(props: &TabsProps) -> Html {
    let on = |action: Action| props.on_action.reform(move |_: MouseEvent| action.clone());
    let one = props.count.len() == 1;
    let tab = |(index, number): (usize, &u32)| {
        let name = format!("Terminal {number}");
        html! {
            <span key={*number} class={classes!("tab", (index == props.active).then_some("active"))}>
                <button aria-pressed={(index == props.active).to_string()} onclick={on(Action::ShowTab(index))}>{ &name }</button>
                if !one { <button class="close" aria-label={format!("Close {name}")} onclick={on(Action::CloseTab(index))}>{ "×" }</button> }
            </span>
        }
    };
    html! {
        <div class="tabs" role="group" aria-label="Terminals">
            { for props.count.iter().enumerate().map(tab) }
            <button class="add" aria-label="Open another terminal" title="Open another terminal" onclick={on(Action::OpenTab)}>{ "+" }</button>
        </div>
    }
}
