//! What lessons do to their playground: they bring a cluster of their own, type into its terminals, point at its picture.

use super::folder::{self, Come};
use super::journal::{Deed, Journal};
use super::open::View;
use super::{Act, Lessons, List, Open, Shared, stage, store};
use crate::app::{App, Msg, focus_prompt};
use crate::editor::EditRequest;
use crate::embed::Told;
use crate::engine::Engine;
use crate::fetch;
use crate::inspector;
use crate::picture::{Chosen, looked};
use apimachinery::Object;
use gloo::timers::callback::Interval;
use lessons::{Desk, Lesson, Look, News, Problem, Then};
use sim::Time;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// How often goals are looked at, in milliseconds. Most looks see that nothing has changed.
const LOOK_MS: u32 = 100;
/// The time between two letters that are typed by themselves, in milliseconds.
const LETTER_MS: u32 = 24;
/// Ctrl-E, Ctrl-U: what stands at the prompt makes room.
const CLEAR: &[u8] = b"\x05\x15";

/// Makes a playground know lessons, if it does not yet, and begins to fetch their list.
pub fn know(app: &mut App) -> Shared {
    if let Some(lessons) = &app.lessons {
        return lessons.clone();
    }
    let words = app.words.unwrap_or_default();
    let lessons = Rc::new(RefCell::new(Lessons::new(words)));
    app.lessons = Some(lessons.clone());
    list(app, words.language());
    lessons
}

/// Fetches the list in a language.
fn list(app: &App, language: &'static str) {
    let on = app.calls.lesson.clone();
    spawn_local(async move {
        let address = fetch::beside(&format!("lessons/index.{language}.json"));
        let text = match address {
            Ok(address) => fetch::text(&address).await,
            Err(error) => Err(fetch::why(error)),
        };
        on.emit(Act::Listed(text));
    });
}

/// A lesson in a language: the project's own by its name, another by its address.
async fn fetch_lesson(name: String, at: Option<String>, language: &str) -> Result<Come, String> {
    match at {
        Some(address) => folder::at(&address, language).await,
        None => folder::own(&name, language).await,
    }
}

/// Does what was asked for.
pub fn act(app: &mut App, ctx: &Context<App>, act: Act) {
    let shared = know(app);
    match act {
        Act::Open(name) => open(app, ctx, &shared, name),
        Act::Fetched(name, text) => fetched(app, ctx, &shared, name, text),
        Act::Ready(turn, result) => ready(app, ctx, &shared, turn, result),
        Act::Listed(text) => listed(&shared, text),
        Act::Translated(name, text) => translated(&shared, &name, text),
        Act::Look => look(app, ctx, &shared),
        Act::Run(text, terminal) => run(app, &shared, &text, terminal),
        Act::Type(text, terminal) => type_in(app, &shared, text, terminal),
        Act::Letter => letter(app, &shared),
        Act::Point(look) => point(app, &shared, &look),
        Act::View(view) => show_view(app, &view),
        Act::File(name) => file(app, name),
        Act::Restart => restart(app, &shared),
        Act::Import(text) => import(app, &shared, &text),
        Act::Menu => with(&shared, |l| {
            l.menu = !l.menu;
            l.told.clear();
        }),
        Act::Fold => with(&shared, |l| l.folded = !l.folded),
        Act::Leave => {
            with(&shared, |l| {
                (l.open, l.coming, l.trouble, l.menu) = (None, None, None, false);
                l.looks = None;
            });
            app.measure = true;
            app.address(ctx, None);
        }
        Act::Show(_) | Act::Hint | Act::Missing | Act::Solution | Act::Edit(_) => read(app, &shared, act),
    }
}

fn with(shared: &Shared, change: impl FnOnce(&mut Lessons)) {
    let mut lessons = shared.borrow_mut();
    change(&mut lessons);
    lessons.version += 1;
}

fn open(app: &mut App, ctx: &Context<App>, shared: &Shared, name: String) {
    // A lesson of the list is the project's own, also beside one that came by its address.
    let at = ctx.props().src.clone().filter(|src| *src == name);
    with(shared, |l| {
        l.coming = Some(name.clone());
        (l.trouble, l.menu) = (None, false);
        l.at = at.clone();
    });
    app.measure = true;
    let language = shared.borrow().words.language();
    let on = app.calls.lesson.clone();
    spawn_local(async move {
        let come = fetch_lesson(name.clone(), at, language).await;
        on.emit(Act::Fetched(name, come));
    });
}

fn fetched(app: &mut App, ctx: &Context<App>, shared: &Shared, name: String, come: Result<Come, String>) {
    if shared.borrow().coming.as_ref() != Some(&name) {
        return; // another one was asked for in the meantime
    }
    match come.and_then(Come::read) {
        Ok((lesson, problems)) => prepare(app, shared, lesson, problems),
        Err(why) => fail(app, ctx, shared, &why),
    }
}

fn fail(app: &mut App, ctx: &Context<App>, shared: &Shared, why: &str) {
    let mut trouble = String::new();
    with(shared, |l| {
        let name = l.coming.take().unwrap_or_default();
        trouble = l.words.tell("lesson.failed", &[&name, &why]);
        l.trouble = Some(trouble.clone());
    });
    // Outside of the borrow: whoever hears it may open another one.
    ctx.props().tell.emit(Told::Error(trouble));
    app.opened(ctx);
}

/// Sets the lesson's cluster up, while the page goes on.
fn prepare(app: &mut App, shared: &Shared, lesson: Lesson, problems: Vec<Problem>) {
    let turn = {
        let mut lessons = shared.borrow_mut();
        lessons.turn += 1;
        lessons.turn
    };
    let before = store::journal(&lesson.name);
    let (on, notice, shared) = (app.calls.lesson.clone(), app.notice.clone(), shared.clone());
    spawn_local(async move {
        let result = stage::prepare(lesson, problems, before, &notice).await;
        let result = result.map(|prepared| shared.borrow_mut().prepared = Some(Box::new(prepared)));
        on.emit(Act::Ready(turn, result));
    });
}

fn ready(app: &mut App, ctx: &Context<App>, shared: &Shared, turn: u32, result: Result<(), String>) {
    if shared.borrow().turn != turn {
        return;
    }
    let prepared = shared.borrow_mut().prepared.take();
    let (Ok(()), Some(prepared)) = (&result, prepared) else {
        return fail(app, ctx, shared, result.as_ref().err().map_or("", |why| why));
    };
    let stage::Prepared { lesson, problems, engine, player, journal } = *prepared;
    app.replace(engine);
    let name = lesson.name.clone();
    let on = app.calls.lesson.clone();
    with(shared, |l| {
        let lost = l.progress.step(&name).filter(|step| *step > player.step());
        l.progress.note(&lesson, &player);
        store::keep(&l.progress);
        let mut open = Open::new(lesson, problems, player);
        open.lost = lost;
        l.open = Some(open);
        l.journal = journal;
        l.coming = None;
        l.looks = Some(Interval::new(LOOK_MS, move || on.emit(Act::Look)));
    });
    keep_journal(shared);
    app.address(ctx, Some(&name));
    app.opened(ctx);
}

fn listed(shared: &Shared, text: Result<String, String>) {
    let language = shared.borrow().words.language();
    with(shared, |l| match text.and_then(|text| List::read(&text, language)) {
        Ok(list) => l.list = list,
        // A lesson by its address needs no list.
        Err(why) if l.open.is_none() && l.coming.is_none() => l.trouble = Some(why),
        Err(_) => {}
    });
}

/// The reader has another language: the list and the lesson's text are fetched in it.
pub fn language(app: &mut App, shared: &Shared) {
    let words = app.words.unwrap_or_default();
    let (name, at) = {
        let mut lessons = shared.borrow_mut();
        lessons.words = words;
        lessons.version += 1;
        let name = lessons.open.as_ref().map(|o| o.lesson.name.clone());
        (name, lessons.at.clone())
    };
    list(app, words.language());
    if let Some(name) = name {
        let on = app.calls.lesson.clone();
        spawn_local(async move {
            let come = fetch_lesson(name.clone(), at, words.language()).await;
            on.emit(Act::Translated(name, come));
        });
    }
}

fn translated(shared: &Shared, name: &str, come: Result<Come, String>) {
    let Ok((lesson, _)) = come.and_then(Come::read) else { return };
    with(shared, |l| {
        if let Some(open) = l.open.as_mut().filter(|o| o.lesson.name == name) {
            open.lesson.texts = lesson.texts;
        }
    });
}

fn look(app: &mut App, ctx: &Context<App>, shared: &Shared) {
    let Ok(mut engine) = app.engine.try_borrow_mut() else { return };
    let commands = engine.take_finished();
    drop(engine);
    let view = View(app.handle());
    let mut lessons = shared.borrow_mut();
    let Lessons { open: Some(open), progress, words, said, version, journal, .. } = &mut *lessons else {
        return;
    };
    let Some(news) = open.look(&view, &commands) else { return };
    *version += 1;
    for news in news {
        match news {
            News::Reached(goal) => {
                let text = open.step_text(open.shown).and_then(|s| s.goals.get(goal));
                *said =
                    words.tell("lesson.say-reached", &[&text.map(|t| lessons::plain(t)).unwrap_or_default()]);
            }
            News::Lost(_) => {}
            News::StepDone(step) => {
                *said = words.tell("lesson.say-step", &[&(step + 1)]);
                open.lost = None;
                tell_solved(ctx, &open.lesson, step);
            }
            News::Solved => *said = words.t("lesson.solved").to_string(),
        }
    }
    progress.note(&open.lesson, &open.player);
    store::keep(progress);
    journal.until = view.0.0.borrow().now();
    store::keep_journal(journal);
}

/// Notes what the reader does, as far as it changes the cluster or the laptop.
pub fn note(app: &App, msg: &Msg) {
    let Some((now, active)) = app.engine.try_borrow().ok().map(|e| (e.now(), e.active)) else { return };
    if let (Some(shared), Some(deed)) = (&app.lessons, Journal::deed(msg, active)) {
        note_deed(shared, now, deed);
    }
}

fn note_deed(shared: &Shared, now: Time, deed: Deed) {
    let typing = matches!(&deed, Deed::Typed(_, text) if !text.contains(char::is_control));
    {
        let mut lessons = shared.borrow_mut();
        if lessons.open.is_none() {
            return;
        }
        lessons.journal.note(now, deed);
    }
    if !typing {
        keep_journal(shared);
    }
}

fn keep_journal(shared: &Shared) {
    store::keep_journal(&shared.borrow().journal);
}

/// A text was edited: for a program that waits for it, or in a file that the page has opened.
pub fn edited(app: &mut App, request: &EditRequest, text: Option<String>) {
    let (now, name) = (app.handle().0.borrow().now(), request.name.as_str());
    let deed = match (request.id, text.clone()) {
        (EditRequest::FILE, Some(text)) => Some(Deed::File(name.into(), text)),
        (EditRequest::FILE, None) => None,
        (_, text) => Some(Deed::Edited(text)),
    };
    if let (Some(shared), Some(deed)) = (&app.lessons, deed) {
        note_deed(shared, now, deed);
    }
    app.with(|e| match (request.id, text) {
        (EditRequest::FILE, Some(text)) => e.laptop().with_files(|files| files.put(name, text)),
        (EditRequest::FILE, None) => {}
        (id, text) => e.edited(id, text),
    });
    focus_prompt(&app.frame);
}

/// The page goes on from a moment that was saved: the laptop is a new one.
pub fn restored(app: &App) {
    let Some(shared) = &app.lessons else { return };
    if let Some(open) = &shared.borrow().open {
        app.with(|engine| stage::furnish(engine, &open.lesson));
    }
}

/// Types into a terminal, counted from 1.
fn types(app: &App, shared: &Shared, terminal: usize, bytes: &[u8]) {
    let now = app.handle().0.borrow().now();
    note_deed(shared, now, Deed::Typed(terminal, String::from_utf8_lossy(bytes).into_owned()));
    app.with(|engine| {
        engine.show_terminal(terminal);
        engine.input(bytes);
    });
}

/// Tells the page around that a step is done.
fn tell_solved(ctx: &Context<App>, lesson: &Lesson, step: usize) {
    let id = lesson.steps.get(step).map(|s| s.id.clone()).unwrap_or_default();
    let finished = step + 1 == lesson.steps.len();
    ctx.props().tell.emit(Told::Solved { lesson: lesson.name.clone(), step: id, finished });
}

/// What changes only what is read.
fn read(app: &App, shared: &Shared, act: Act) {
    let view = View(app.handle());
    let mut lessons = shared.borrow_mut();
    let Lessons { open: Some(open), progress, said, version, words, .. } = &mut *lessons else { return };
    *version += 1;
    said.clear();
    match act {
        Act::Show(step) => {
            open.shown = step.min(open.player.step());
            (open.missing, open.solution, open.editing) = (false, false, None);
            open.now.clear();
        }
        Act::Hint => {
            open.hint();
            progress.note(&open.lesson, &open.player);
            store::keep(progress);
        }
        Act::Missing => {
            open.missing = !open.missing;
            open.now.clear();
            if open.missing {
                open.note_missing(&view);
                *said = words.t("lesson.say-missing").to_string();
            }
        }
        Act::Solution => open.solution = !open.solution,
        Act::Edit(text) => {
            open.editing = if open.editing.as_ref() == Some(&text) { None } else { Some(text) }
        }
        _ => {}
    }
}

fn restart(app: &mut App, shared: &Shared) {
    let again = {
        let mut lessons = shared.borrow_mut();
        let Some(open) = lessons.open.take() else { return };
        lessons.progress.reset(&open.lesson.name);
        store::forget_journal(&open.lesson.name);
        store::keep(&lessons.progress);
        lessons.coming = Some(open.lesson.name.clone());
        lessons.looks = None;
        lessons.version += 1;
        (open.lesson, open.problems)
    };
    prepare(app, shared, again.0, again.1);
}

/// Takes over what was saved elsewhere. A lesson that is open and was begun there too goes on as it was there.
fn import(app: &App, shared: &Shared, text: &str) {
    let read = store::import(text);
    with(shared, |l| {
        let key = if read.is_ok() { "progress.imported" } else { "progress.not-imported" };
        l.said = l.words.t(key).to_string();
        l.told = l.said.clone();
        let Ok((progress, begun)) = read else { return };
        l.progress = progress;
        store::keep(&l.progress);
        if let Some(open) = l.open.take_if(|open| begun.contains(&open.lesson.name)) {
            l.looks = None;
            app.calls.lesson.emit(Act::Open(l.at.clone().unwrap_or(open.lesson.name)));
        }
    });
}

/// Runs commands in a terminal, after whatever stands there.
fn run(app: &App, shared: &Shared, text: &str, terminal: usize) {
    let mut bytes = CLEAR.to_vec();
    bytes.extend(text.replace('\n', "\r").bytes());
    bytes.push(b'\r');
    app.save(&bytes);
    types(app, shared, terminal, &bytes);
    after_typing(app);
}

/// Whoever works with the mouse goes on at the prompt.
fn after_typing(app: &App) {
    if app.by_mouse.get() {
        focus_prompt(&app.frame);
    }
}

fn type_in(app: &mut App, shared: &Shared, text: String, terminal: usize) {
    types(app, shared, terminal, CLEAR);
    focus_prompt(&app.frame);
    let on = app.calls.lesson.clone();
    let mut lessons = shared.borrow_mut();
    lessons.typing = text.replace('\n', "\r");
    lessons.typist = Some(Interval::new(LETTER_MS, move || on.emit(Act::Letter)));
}

fn letter(app: &mut App, shared: &Shared) {
    let mut lessons = shared.borrow_mut();
    let still = app.is_still();
    let length =
        if still { lessons.typing.len() } else { lessons.typing.chars().next().map_or(0, char::len_utf8) };
    let letters: String = lessons.typing.drain(..length).collect();
    if lessons.typing.is_empty() {
        lessons.typist = None;
    }
    drop(lessons);
    let active = app.engine.try_borrow().map_or(0, |e| e.active);
    types(app, shared, active + 1, letters.as_bytes());
}

/// Marks in the picture what a text points at, and brings it into view.
fn point(app: &mut App, shared: &Shared, look: &Look) {
    let kind = api::KINDS.iter().find(|k| k.resource.kind == look.kind);
    let objects = match (kind, app.engine.try_borrow()) {
        (Some(kind), Ok(engine)) => engine.handle.0.borrow().api().objects(&kind.resource),
        _ => Vec::new(),
    };
    let named =
        |o: &Object| Chosen { kind: look.kind, namespace: o.namespace().into(), name: o.name().into() };
    let things: Vec<Chosen> = objects.iter().filter(|o| look.means(o)).map(named).collect();
    let texts = looked(&app.frame, &things);
    with(shared, |l| {
        l.said = if texts.is_empty() { l.words.t("lesson.not-there").to_string() } else { texts.join("; ") };
        l.folded &= texts.is_empty();
    });
}

/// Shows a part of the picture, or the Events.
pub fn show_view(app: &mut App, view: &str) {
    if view == "events" {
        app.chosen = Some((Chosen::all_events(), inspector::View::Events));
    } else {
        crate::picture::reveal(&app.frame, view);
    }
}

fn file(app: &mut App, name: String) {
    let path = format!("{}/{name}", stage::HOME);
    let mut text = None;
    app.with(|engine| {
        text = engine
            .laptop()
            .with_files(|files| files.read(&path).map(|t| String::from_utf8_lossy(&t).into_owned()).ok())
    });
    if let Some(text) = text {
        app.editing = Some(EditRequest { id: EditRequest::FILE, name: path, text });
    }
}

/// Answers the programs of lessons in the terminal.
pub fn answer(app: &mut App, id: u64, argv: &[String]) {
    let shared = know(app);
    let view = View(app.handle());
    let answer = {
        let mut lessons = shared.borrow_mut();
        let language = lessons.words.language();
        let Lessons { open, list, progress, version, .. } = &mut *lessons;
        *version += 1;
        open.as_mut().map(|open| {
            let mut desk = Desk {
                index: &list.index,
                lesson: &open.lesson,
                player: &mut open.player,
                progress,
                language,
                world: &view,
            };
            let answer = desk.answer(argv);
            if let Some(given) = open.hints.get_mut(open.player.step()) {
                *given = open.player.hints();
            }
            answer
        })
    };
    let Some(answer) = answer else {
        let text = format!("{}\n", shared.borrow().words.t("lesson.none-open"));
        return app.with(|engine: &mut Engine| engine.laptop().answer_lesson(id, text, 1));
    };
    app.with(|engine| {
        engine.laptop().answer_lesson(id, answer.text, answer.exit);
        engine.settle();
    });
    match answer.then {
        Then::Nothing => {}
        Then::Reset => app.calls.lesson.emit(Act::Restart),
        Then::Open(name) => app.calls.lesson.emit(Act::Open(name)),
    }
}
