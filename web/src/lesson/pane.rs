//! The pane beside terminal and picture: the text of a step, its goals, and the way through the lesson.

use super::prose::Prose;
use super::{Act, Lessons, Open, Shared, menu};
use crate::controls::{CHECK, FOLD, NEXT, PREVIOUS, icon};
use crate::words::Words;
use lessons::{Inline, plain};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;
use yew::virtual_dom::VChild;

/// Properties of [`Pane`].
#[derive(Clone)]
pub struct PaneProps {
    /// What is drawn.
    pub lessons: Shared,
    /// Changes when it has.
    pub version: u32,
    /// The page's texts.
    pub words: Words,
    /// Takes what is done.
    pub on: Callback<Act>,
}

impl PartialEq for PaneProps {
    fn eq(&self, other: &PaneProps) -> bool {
        (self.version, self.words) == (other.version, other.words)
    }
}

impl Properties for PaneProps {
    type Builder = ();
    fn builder() {}
}

/// The pane. A component, so that the text is not looked at again when only the cluster has changed.
pub struct Pane {
    text: NodeRef,
    shown: Option<(String, usize)>,
}

impl Component for Pane {
    type Message = ();
    type Properties = PaneProps;

    fn create(_: &Context<Pane>) -> Pane {
        Pane { text: NodeRef::default(), shown: None }
    }

    fn view(&self, ctx: &Context<Pane>) -> Html {
        let props = ctx.props();
        draw(&props.lessons.borrow(), &props.on, &self.text)
    }

    /// A step that was turned to is read from its top; a field that has just opened has the keyboard.
    fn rendered(&mut self, ctx: &Context<Pane>, _: bool) {
        let lessons = ctx.props().lessons.borrow();
        let shown = lessons.open.as_ref().map(|o| (o.lesson.name.clone(), o.shown));
        let Some(text) = self.text.cast::<HtmlElement>() else { return };
        if std::mem::replace(&mut self.shown, shown.clone()) != shown {
            text.set_scroll_top(0);
        }
        let field = text.query_selector("[data-focus]").ok().flatten();
        if let Some(field) = field.and_then(|f| f.dyn_into::<HtmlElement>().ok()) {
            let _ = field.remove_attribute("data-focus");
            let _ = field.focus();
        }
    }
}

/// What a playground shows of its lessons.
pub fn view(lessons: &Shared, on: &Callback<Act>) -> Html {
    let (version, words) = {
        let lessons = lessons.borrow();
        (lessons.version, lessons.words)
    };
    let props = PaneProps { lessons: lessons.clone(), version, words, on: on.clone() };
    VChild::<Pane>::new(props, None).into()
}

fn draw(lessons: &Lessons, on: &Callback<Act>, text: &NodeRef) -> Html {
    let w = lessons.words;
    let class = classes!("pane", "lesson", lessons.folded.then_some("folded"));
    let inner = match &lessons.open {
        _ if lessons.menu => menu::menu(lessons, on),
        Some(open) => lesson(lessons, open, on, text),
        None => match (&lessons.trouble, &lessons.coming) {
            (Some(why), _) => {
                html! { <div class="wait"><p role="alert">{ why }</p>{ button(on, Act::Menu, w.t("lesson.all")) }</div> }
            }
            (None, Some(_)) => html! { <p class="wait" aria-busy="true">{ w.t("lesson.coming") }</p> },
            (None, None) => menu::menu(lessons, on),
        },
    };
    html! {
        <section {class} aria-label={w.t("lesson.pane")}>
            { inner }
            <p class="said" aria-live="polite">{ &lessons.said }</p>
        </section>
    }
}

fn lesson(lessons: &Lessons, open: &Open, on: &Callback<Act>, text: &NodeRef) -> Html {
    let w = lessons.words;
    let title = open.text().map(|t| plain(&t.title)).unwrap_or_default();
    // A lesson of someone else's has none.
    let chapter = lessons.list.chapter(&open.lesson.name).map(|chapter| format!("{chapter} · "));
    let (fold, state) = if lessons.folded { ("lesson.unfold", "false") } else { ("lesson.fold", "true") };
    let language = open.text().map(|t| t.language.clone());
    html! {
        <>
            <header>
                <div class="head">
                    <p class="chapter">
                        { chapter }
                        <span class="minutes">{ w.tell("lesson.minutes", &[&open.lesson.minutes]) }</span>
                    </p>
                    <button class="fold" aria-expanded={state} title={w.t(fold)} aria-label={w.t(fold)} onclick={does(on, Act::Fold)}>{ icon(FOLD) }</button>
                    <button class="close" title={w.t("lesson.leave")} aria-label={w.t("lesson.leave")} onclick={does(on, Act::Leave)}>{ "×" }</button>
                </div>
                <h2 lang={language.clone()}>{ title }</h2>
                { steps(w, open, on) }
            </header>
            <div class="text" ref={text.clone()} lang={language} tabindex="0" role="group" aria-label={w.t("lesson.text")}>
                { body(lessons, open, on) }
            </div>
            <footer>{ foot(w, open, on) }</footer>
        </>
    }
}

/// The way through the lesson: a mark for each step; those that were reached can be read again.
fn steps(w: Words, open: &Open, on: &Callback<Act>) -> Html {
    let step = |index: usize| {
        let name = open.step_text(index).map(|s| plain(&s.title)).unwrap_or_default();
        let (class, key) = match () {
            () if open.done(index) => ("done", "lesson.step-done"),
            () if index == open.player.step() => ("present", "lesson.step-present"),
            () => ("", "lesson.step-later"),
        };
        let label = w.tell(key, &[&(index + 1), &name]);
        let current = (index == open.shown).then_some("step");
        let mark = if open.done(index) {
            icon(CHECK)
        } else {
            html! { (index + 1).to_string() }
        };
        html! {
            <li key={index}><button {class} aria-current={current} title={name} aria-label={label}
                disabled={index > open.player.step()} onclick={does(on, Act::Show(index))}>{ mark }</button></li>
        }
    };
    html! { <ol class="steps" aria-label={w.t("lesson.steps")}>{ for (0..open.lesson.steps.len()).map(step) }</ol> }
}

fn body(lessons: &Lessons, open: &Open, on: &Callback<Act>) -> Html {
    let w = lessons.words;
    let prose = Prose { words: w, on, editing: open.editing.as_deref() };
    let Some(step) = open.step_text(open.shown) else { return end(lessons, open, on) };
    let introduction =
        (open.shown == 0).then(|| open.text().map(|t| prose.blocks(&t.introduction))).flatten();
    let left_out = (open.shown == 0).then(|| left_out(w, open));
    let hints = open.given_hints().iter().enumerate().map(|(index, hint)| {
        html! { <div key={index} class="note hint-of-step" role="note"><p class="kind">{ w.tell("lesson.hint-number", &[&(index + 1)]) }</p>{ prose.blocks(hint) }</div> }
    });
    let solution = open.lesson.steps.get(open.shown).filter(|_| open.solution).map(|s| {
        html! { <div class="solution"><h4>{ w.t("lesson.solution") }</h4>{ solution(&prose, &s.solution) }</div> }
    });
    let lost = open.lost.filter(|_| open.shown == open.player.step()).map(|step| {
        html! { <p class="note warning" role="note">{ w.tell("lesson.lost", &[&(step + 1), &(open.shown + 1)]) }</p> }
    });
    html! {
        <>
            { lost }
            { introduction }
            { left_out }
            <h3>{ prose.inlines(&step.title) }</h3>
            { prose.blocks(&step.blocks) }
            { goals(&prose, open, &step.goals) }
            <div class="help" role="group" aria-label={w.t("lesson.help")}>
                if !open.done(open.shown) {
                    <button class="plain" aria-pressed={open.missing.to_string()} onclick={does(on, Act::Missing)}>{ w.t("lesson.missing") }</button>
                }
                <button class="plain" disabled={!open.has_hint()} onclick={does(on, Act::Hint)}>{ w.t("lesson.hint") }</button>
                <button class="plain" aria-pressed={open.solution.to_string()} onclick={does(on, Act::Solution)}>{ w.t("lesson.solution") }</button>
            </div>
            { for hints }
            { solution }
        </>
    }
}

/// The commands of `solution.sh`, each terminal's apart. What is said to whoever plays it by itself is left out.
fn solution(prose: &Prose<'_>, text: &str) -> Html {
    let mut parts: Vec<(Option<usize>, String)> = vec![(None, String::new())];
    for line in text.lines() {
        match line.strip_prefix("# terminal:").map(|n| n.trim().parse::<usize>()) {
            Some(Ok(number)) => parts.push((Some(number), String::new())),
            _ => {
                if let Some((_, part)) = parts.last_mut() {
                    part.push_str(line.split("# ctrl-c after").next().unwrap_or(line).trim());
                    part.push('\n');
                }
            }
        }
    }
    let parts = parts.iter().filter(|(_, text)| !text.trim().is_empty());
    html! { <>{ for parts.map(|(terminal, text)| prose.commands(text, *terminal)) }</> }
}

fn goals(prose: &Prose<'_>, open: &Open, goals: &[Vec<Inline>]) -> Html {
    let w = prose.words;
    let goal = |(index, text): (usize, &Vec<Inline>)| {
        let done = open.ticked(index);
        let now = open
            .now
            .get(index)
            .cloned()
            .flatten()
            .filter(|_| open.missing && !done && !open.done(open.shown));
        let state = w.t(if done { "lesson.goal-done" } else { "lesson.goal-open" });
        html! {
            <li key={index} class={classes!("goal", done.then_some("done"))} data-done={done.to_string()}>
                <span class="mark" role="img" aria-label={state}>{ if done { icon(CHECK) } else { html! {} } }</span>
                <span>{ prose.inlines(text) }if let Some(now) = now { <small class="now">{ now }</small> }</span>
            </li>
        }
    };
    if goals.is_empty() {
        return html! {};
    }
    html! {
        <div class="goals">
            <h4>{ w.t("lesson.goals") }</h4>
            <ul>{ for goals.iter().enumerate().map(goal) }</ul>
            if open.done(open.shown) { <p class="reached">{ w.t("lesson.step-is-done") }</p> }
        </div>
    }
}

/// What could not be shown.
fn left_out(w: Words, open: &Open) -> Html {
    if open.problems.is_empty() {
        return html! {};
    }
    let lines = open.problems.iter().map(|p| html! { <li>{ p.to_string() }</li> });
    html! { <details class="note warning"><summary>{ w.t("lesson.left-out") }</summary><ul>{ for lines }</ul></details> }
}

/// What stands after the last step.
fn end(lessons: &Lessons, open: &Open, on: &Callback<Act>) -> Html {
    let w = lessons.words;
    let next = lessons.next().map(|name| {
        let title = lessons.list.entry(&name).map_or(name.clone(), |e| e.title.clone());
        html! { <><p>{ w.t("lesson.next-is") }</p><p><button class="primary" onclick={does(on, Act::Open(name))}>{ title }</button></p></> }
    });
    let last = lessons.next().is_none().then(|| html! { <p>{ w.t("lesson.last") }</p> });
    html! {
        <div class="end">
            <h3>{ w.t("lesson.solved") }</h3>
            <p>{ w.tell("lesson.solved-text", &[&open.lesson.steps.len()]) }</p>
            { next }
            { last }
            <p class="buttons">{ button(on, Act::Restart, w.t("lesson.restart")) }{ button(on, Act::Menu, w.t("lesson.all")) }</p>
        </div>
    }
}

fn foot(w: Words, open: &Open, on: &Callback<Act>) -> Html {
    let end = open.lesson.steps.len();
    let (shown, step) = (open.shown, open.player.step());
    let primary = if shown < step { "primary" } else { "plain" };
    let next = if shown + 1 == end { "lesson.finish" } else { "lesson.next" };
    html! {
        <>
            <button class="plain" disabled={shown == 0} onclick={does(on, Act::Show(shown.saturating_sub(1)))}>{ icon(PREVIOUS) }{ w.t("lesson.previous") }</button>
            <span class="place">{ if shown < end { w.tell("lesson.place", &[&(shown + 1), &end]) } else { String::new() } }</span>
            <button class={primary} disabled={shown >= step || shown >= end} onclick={does(on, Act::Show(shown + 1))}>{ w.t(next) }{ icon(NEXT) }</button>
        </>
    }
}

/// A plain button.
pub fn button(on: &Callback<Act>, act: Act, text: &str) -> Html {
    html! { <button class="plain" onclick={does(on, act)}>{ text.to_string() }</button> }
}

/// A click that does something.
pub fn does(on: &Callback<Act>, act: Act) -> Callback<MouseEvent> {
    let on = on.clone();
    Callback::from(move |_: MouseEvent| on.emit(act.clone()))
}
