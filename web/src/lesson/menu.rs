//! The list of lessons by chapter, and what was done of it.

use super::list::Entry;
use super::pane::{button, does};
use super::{Act, Lessons, store};
use crate::controls::{CHECK, icon};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The most bytes of a file that progress is read from.
const MAX_IMPORT: f64 = 2_000_000.0;

/// The list in the lesson's place.
pub fn menu(lessons: &Lessons, on: &Callback<Act>) -> Html {
    let w = lessons.words;
    let chapters =
        lessons.list.index.chapters.iter().zip(&lessons.list.chapters).map(|(chapter, entries)| {
            let title = chapter.titles.first().map_or(&chapter.id, |(_, title)| title);
            html! {
                <section key={chapter.id.clone()} class="chapter-of-list">
                    <h3>{ title }</h3>
                    <ul>{ for entries.iter().map(|e| entry(lessons, e, on)) }</ul>
                </section>
            }
        });
    let waiting = lessons.list.chapters.is_empty();
    let trouble = lessons.trouble.as_ref().map(|why| html! { <p role="alert">{ why }</p> });
    html! {
        <>
            <header>
                <div class="head">
                    <h2>{ w.t("lesson.all") }</h2>
                    <button class="close" title={w.t("lesson.close-list")} aria-label={w.t("lesson.close-list")} onclick={does(on, Act::Menu)}>{ "×" }</button>
                </div>
            </header>
            <div class="text list" tabindex="0" role="group" aria-label={w.t("lesson.all")}>
                { trouble }
                if waiting && lessons.trouble.is_none() { <p aria-busy="true">{ w.t("lesson.coming") }</p> }
                { for chapters }
                <section class="chapter-of-list">
                    <h3>{ w.t("progress.title") }</h3>
                    <p>{ w.t("progress.text") }</p>
                    <p class="buttons">
                        <a class="plain" download={store::FILE} href={store::export(&lessons.progress)}>{ w.t("progress.export") }</a>
                        <label class="plain">{ w.t("progress.import") }<input type="file" accept="application/json,.json" onchange={import(on)} /></label>
                        if lessons.open.is_some() { { button(on, Act::Leave, w.t("lesson.leave")) } }
                    </p>
                    if !lessons.told.is_empty() { <p class="told">{ &lessons.told }</p> }
                </section>
            </div>
        </>
    }
}

fn entry(lessons: &Lessons, entry: &Entry, on: &Callback<Act>) -> Html {
    let w = lessons.words;
    let here = lessons.open.as_ref().is_some_and(|o| o.lesson.name == entry.name);
    let (class, state) = match () {
        () if lessons.progress.solved(&entry.name) => ("done", Some(w.t("lesson.entry-done"))),
        () if here || lessons.progress.begun(&entry.name) => ("begun", Some(w.t("lesson.entry-begun"))),
        () => ("", None),
    };
    let mark = if class == "done" {
        icon(CHECK)
    } else {
        html! {}
    };
    html! {
        <li key={entry.name.clone()}>
            <button class={classes!("entry", class)} aria-current={here.then_some("true")} onclick={does(on, Act::Open(entry.name.clone()))}>
                <span class="mark" aria-hidden="true">{ mark }</span>
                <span class="title">{ &entry.title }if let Some(state) = state { <span class="unseen">{ format!(", {state}") }</span> }</span>
                <span class="minutes">{ w.tell("lesson.minutes", &[&entry.minutes]) }</span>
            </button>
        </li>
    }
}

fn import(on: &Callback<Act>) -> Callback<Event> {
    let on = on.clone();
    Callback::from(move |event: Event| {
        let input = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        let Some(file) = input.and_then(|i| i.files()).and_then(|files| files.get(0)) else { return };
        let on = on.clone();
        spawn_local(async move {
            let text = if file.size() > MAX_IMPORT { None } else { JsFuture::from(file.text()).await.ok() };
            on.emit(Act::Import(text.and_then(|t| t.as_string()).unwrap_or_default()));
        });
    })
}
