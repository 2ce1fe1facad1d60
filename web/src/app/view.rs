//! What a playground shows: a bar on top, a lesson, terminal and picture, and one line below that says what just happened.

use super::{App, Msg};
use crate::browser::Browser;
use crate::controls::{Action, BOOK, Controls, LoadPanel, NodeSwitches, THEME, icon};
use crate::editor::EditPane;
use crate::engine::Engine;
use crate::inspector::{self, Inspector};
use crate::lesson::{self, Act};
use crate::picture::{self, PictureView};
use crate::splitter::Splitter;
use crate::tabs::Tabs;
use crate::terminal::Terminal;
use crate::words::Words;
use apimachinery::time;
use client::Driver;
use yew::prelude::*;

/// What stands in the bar, and above the picture; without any of it there is no bar.
const BAR: [&str; 5] = ["title", "lessons", "time", "theme", "language"];
const TOOLS: [&str; 2] = ["nodes", "requests"];
/// What an empty cluster proposes.
const FIRST_COMMAND: &str = "kubectl create deployment web --image=nginx";

impl App {
    /// The whole playground.
    pub(super) fn draw(&self, ctx: &Context<App>) -> Html {
        let link = ctx.link();
        let Ok(engine) = self.engine.try_borrow() else {
            return html! { <div class="frame broken" ref={self.frame.clone()}>{ self.notice_view(ctx) }</div> };
        };
        let theme = (self.theme != "auto").then_some(self.theme);
        let news = engine.news();
        let (calls, act) = (&self.calls, self.calls.act.clone());
        let w = self.words.unwrap_or_default();
        let lesson = self.lesson_view(w);
        let theme_name = w.t(match self.theme {
            "light" => "theme.light",
            "dark" => "theme.dark",
            _ => "theme.auto",
        });
        let with_lesson = lesson.is_some();
        let page = &ctx.props().page;
        let shown = page.shown;
        html! {
            <div class={classes!("frame", self.words.is_none().then_some("unworded"))} part="frame" lang={w.language()} data-lesson={with_lesson.then_some("")} ref={self.frame.clone()} data-theme={theme} data-whole={self.whole.then_some("")}
                onpointerdown={calls.pressed.clone()} onkeydown={calls.key.clone()}>
                <header class="bar" part="bar" hidden={!BAR.iter().any(|part| shown.has(part))}>
                    <h1 class="name" hidden={!shown.has("title")}>{ "Kubarium" }</h1>
                    <button class="lessons" hidden={!shown.has("lessons")} title={w.t("lesson.all")} aria-label={w.t("lesson.all")} onclick={calls.lesson.reform(|_| Act::Menu)}>{ icon(BOOK) }<span>{ w.t("lesson.all") }</span></button>
                    if shown.has("time") { <Controls words={w} paused={engine.paused} speed={engine.speed} skipping={engine.skipping} seconds={engine.now().as_secs()} on_action={act.clone()} /> }
                    <button class="theme" hidden={!shown.has("theme")} onclick={link.callback(|_| Msg::Theme)} title={theme_name} aria-label={theme_name}>{ icon(THEME) }</button>
                    <button class="language" hidden={!shown.has("language")} onclick={link.callback(|_| Msg::Language)} lang={w.t("bar.language-code")}>{ w.t("bar.language") }</button>
                </header>
                <main class="panes" data-view={page.view}>
                    { lesson }
                    <section class="pane terminal" part="terminal" aria-label={w.t("terminal.all")}>
                        if shown.has("tabs") { <Tabs words={w} count={engine.tabs.iter().map(|t| t.number).collect::<Vec<_>>()} active={engine.active} on_action={act.clone()} /> }
                        { for engine.tabs.iter().enumerate().map(|(i, tab)| html! {
                            <Terminal key={tab.number} words={w} screen={tab.screen.clone()} version={tab.version} active={i == engine.active} readonly={page.readonly}
                                on_input={calls.input.clone()} on_link={calls.open.clone()} />
                        }) }
                        { self.edit_view() }
                    </section>
                    <Splitter words={w} on_move={calls.sized.clone()} rows={with_lesson} />
                    <section class="pane picture" part="picture" aria-label={w.t("picture.pane")} onkeydown={calls.escape.clone()}>
                        <div class="tools" hidden={!TOOLS.iter().any(|part| shown.has(part))}>
                            if shown.has("nodes") { <NodeSwitches words={w} nodes={engine.handle.nodes().into_iter().filter(|n| !n.name.is_empty()).map(|n| (n.name, n.running)).collect::<Vec<_>>()} on_action={act.clone()} /> }
                            { shown.has("requests").then(|| self.load_view(&engine, act)) }
                        </div>
                        <div class="view" ref={self.pane.clone()}>
                            <div class="stage">
                                <PictureView words={w} picture={engine.picture.clone()} seconds={engine.countdown()} pointed={self.pointed.clone()}
                                    on_point={calls.point.clone()} on_choose={calls.choose.clone()} />
                                <canvas class="dots" ref={self.canvas.clone()} aria-hidden="true"></canvas>
                                { self.card_view(&engine) }
                            </div>
                            { self.empty_hint(&engine) }
                        </div>
                        { self.side_view(&engine) }
                    </section>
                </main>
                <div class="news" part="news" role="status" hidden={!shown.has("news")}>
                    { news.map(|n| html! { <><time>{ clock(n.at) }</time><b>{ &n.agent }</b>{ " " }{ &n.text }</> }).unwrap_or_else(|| html! { w.t("news.none") }) }
                </div>
                { if self.broken.is_some() { self.notice_view(ctx) } else { html! {} } }
                { self.missing_view(ctx) }
            </div>
        }
    }

    /// The lesson beside the terminal; its place, while it is on its way.
    fn lesson_view(&self, w: Words) -> Option<Html> {
        match &self.lessons {
            Some(lessons) => lessons.borrow().is_shown().then(|| lesson::view(lessons, &self.calls.lesson)),
            None => self.opening.then(|| html! {
                <section class="pane lesson" aria-label={w.t("lesson.pane")}><p class="wait" aria-busy="true">{ w.t("lesson.coming") }</p></section>
            }),
        }
    }

    fn empty_hint(&self, engine: &Engine) -> Html {
        let w = self.words.unwrap_or_default();
        if !engine.is_up() || !engine.picture.is_empty() {
            return html! {};
        }
        let type_it = self.calls.propose.reform(|_: MouseEvent| FIRST_COMMAND.to_string());
        let back = self.calls.act.reform(|_: MouseEvent| Action::Back);
        html! {
            <>
                if self.before.is_some() { <button class="back" onclick={back}>{ w.t("picture.back") }</button> }
                <p class="hint">{ w.t("picture.empty") }{ " " }<button class="command" title={w.t("picture.type")} onclick={type_it}>{ FIRST_COMMAND }</button></p>
            </>
        }
    }

    fn notice_view(&self, ctx: &Context<App>) -> Html {
        let w = self.words.unwrap_or_default();
        html! {
            <div class="notice" role="alert">
                <p><b>{ w.t("broken.title") }</b>{ " " }{ w.t("broken.text") }</p>
                <button onclick={ctx.link().callback(|_| Msg::Restore)}>{ w.t("broken.restore") }</button>
                <details><summary>{ w.t("broken.said") }</summary><pre>{ self.broken.clone().unwrap_or_default() }</pre></details>
            </div>
        }
    }

    /// Always one node, if an empty one: Yew makes its neighbours anew where their number changes, and focus is lost.
    fn missing_view(&self, ctx: &Context<App>) -> Html {
        let Some(why) = &self.missing else { return html! {} };
        let w = self.words.unwrap_or_default();
        html! {
            <div class="notice" role="alert">
                <p><b>{ w.t("missing.title") }</b>{ " " }{ w.t("missing.text") }</p>
                <button onclick={ctx.link().callback(|_| Msg::Load)}>{ w.t("missing.again") }</button>
                <details><summary>{ w.t("broken.said") }</summary><pre>{ why.clone() }</pre></details>
            </div>
        }
    }

    fn edit_view(&self) -> Html {
        self.editing.as_ref().map_or_else(|| html! {}, |request| html! {
            <EditPane words={self.words.unwrap_or_default()} key={request.id} request={request.clone()} on_done={self.calls.edited.clone()} />
        })
    }

    fn load_view(&self, engine: &Engine, act: Callback<Action>) -> Html {
        let services: Vec<(String, String)> =
            engine.picture.services.iter().map(|s| (s.key.clone(), s.name.clone())).collect();
        let load = engine.load.as_ref();
        html! {
            <LoadPanel words={self.words.unwrap_or_default()} {services} target={load.map(|l| l.service.clone())} rate={load.map_or(0.0, |l| l.rate)}
                succeeded={load.map_or(0, |l| l.succeeded)} failed={load.map_or(0, |l| l.failed)}
                last_failure={load.map(|l| l.last_failure.clone()).unwrap_or_default()} on_action={act} />
        }
    }

    /// What is pointed at, unless it stands in the inspector anyway.
    fn card_view(&self, engine: &Engine) -> Html {
        let inspected = self.chosen.as_ref().map(|(chosen, _)| chosen);
        match self.pointed.as_ref().filter(|thing| inspected != Some(thing)) {
            Some(thing) => {
                picture::card(self.words.unwrap_or_default(), &engine.handle, &engine.picture, thing)
            }
            None => html! {},
        }
    }

    fn side_view(&self, engine: &Engine) -> Html {
        let (calls, words) = (&self.calls, self.words.unwrap_or_default());
        let inspector = self.chosen.as_ref().map(|(chosen, view)| {
            let text = inspector::text(words, &engine.handle, chosen, *view);
            html! {
                <Inspector {words} chosen={chosen.clone()} view={*view} {text} on_view={calls.view.clone()} on_close={calls.unchoose.clone()} />
            }
        });
        let browser = self.browser.as_ref().map(|view| html! {
            <Browser {words} view={view.clone()} on_reload={calls.reload.clone()} on_close={calls.close_browser.clone()} />
        });
        html! { <>{ inspector }{ browser }</> }
    }
}

/// The time of day of a moment.
fn clock(at: sim::Time) -> String {
    let text = time::format(at);
    text.get(11..19).unwrap_or_default().into()
}
