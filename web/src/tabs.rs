use crate::controls::Action;
use crate::words::Words;
use yew::prelude::*;

/// Properties of [`Tabs`].
#[derive(Properties, PartialEq)]
pub struct TabsProps {
    /// The page's texts.
    pub words: Words,
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
    let w = props.words;
    let one = props.count.len() == 1;
    let tab = |(index, number): (usize, &u32)| {
        let name = w.tell("tabs.tab", &[number]);
        html! {
            <span key={*number} class={classes!("tab", (index == props.active).then_some("active"))}>
                <button aria-pressed={(index == props.active).to_string()} onclick={on(Action::ShowTab(index))}>{ &name }</button>
                if !one { <button class="close" aria-label={w.tell("tabs.close", &[&name])} onclick={on(Action::CloseTab(index))}>{ "×" }</button> }
            </span>
        }
    };
    html! {
        <div class="tabs" role="group" aria-label={w.t("tabs.all")}>
            { for props.count.iter().enumerate().map(tab) }
            <button class="add" aria-label={w.t("tabs.open")} title={w.t("tabs.open")} onclick={on(Action::OpenTab)}>{ "+" }</button>
        </div>
    }
}
