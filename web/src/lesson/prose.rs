//! Draws a lesson's text. The tree holds no markup and no links but those of [`Link`]; nothing in it can run a script.

use super::Act;
use crate::controls::{EDIT, KEYBOARD, PLAY, icon};
use crate::words::Words;
use lessons::{Block, Code, Inline, Item, Link, NoteKind};
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// The first words of fences whose lines are commands.
const SHELLS: [&str; 5] = ["sh", "bash", "shell", "console", "shell-session"];

/// Code whose lines break between words only: browsers break after any hyphen, and `--port` would look like two options.
fn whole_words(code: &str) -> Html {
    let parts = code.split_inclusive(char::is_whitespace).map(|part| {
        let word = part.trim_end();
        let space = part[word.len()..].to_string();
        match word.contains('-') {
            true => html! { <><span class="word">{ word }</span>{ space }</> },
            false => html! { part },
        }
    });
    html! { <>{ for parts }</> }
}

/// What a text is drawn with.
pub struct Prose<'a> {
    /// The page's texts.
    pub words: Words,
    /// Takes what is done.
    pub on: &'a Callback<Act>,
    /// The command that is edited.
    pub editing: Option<&'a str>,
}

impl Prose<'_> {
    /// Several blocks.
    pub fn blocks(&self, blocks: &[Block]) -> Html {
        html! { <>{ for blocks.iter().map(|b| self.block(b)) }</> }
    }

    fn block(&self, block: &Block) -> Html {
        match block {
            Block::Paragraph(text) => html! { <p>{ self.inlines(text) }</p> },
            Block::Heading(_, text) => html! { <h4>{ self.inlines(text) }</h4> },
            Block::List(start, items) => self.list(*start, items),
            Block::Code(code) => self.code(code),
            Block::Quote(kind, inner) => self.quote(*kind, inner),
            Block::Table(head, rows) => self.table(head, rows),
            Block::Rule => html! { <hr /> },
        }
    }

    fn list(&self, start: Option<u64>, items: &[Item]) -> Html {
        // A paragraph that is all of an item needs no room of its own.
        let item = |item: &Item| match &item.blocks[..] {
            [Block::Paragraph(text)] => html! { <li>{ self.inlines(text) }</li> },
            blocks => html! { <li>{ self.blocks(blocks) }</li> },
        };
        let items = items.iter().map(item);
        match start {
            Some(start) => html! { <ol start={start.to_string()}>{ for items }</ol> },
            None => html! { <ul>{ for items }</ul> },
        }
    }

    fn quote(&self, kind: Option<NoteKind>, inner: &[Block]) -> Html {
        let (class, key) = match kind {
            None => return html! { <blockquote>{ self.blocks(inner) }</blockquote> },
            Some(NoteKind::Note) => ("note", "lesson.note"),
            Some(NoteKind::Tip) => ("note", "lesson.tip"),
            Some(NoteKind::Important) => ("note important", "lesson.important"),
            Some(NoteKind::Warning) => ("note warning", "lesson.warning"),
            Some(NoteKind::Caution) => ("note warning", "lesson.caution"),
        };
        html! { <div {class} role="note"><p class="kind">{ self.words.t(key) }</p>{ self.blocks(inner) }</div> }
    }

    fn table(&self, head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> Html {
        let heads = head.iter().map(|c| html! { <th scope="col">{ self.inlines(c) }</th> });
        let row = |row: &Vec<Vec<Inline>>| {
            let cells = row.iter().map(|c| html! { <td>{ self.inlines(c) }</td> });
            html! { <tr>{ for cells }</tr> }
        };
        html! {
            <div class="wide" tabindex="0" role="region" aria-label={self.words.t("lesson.table")}>
                <table><thead><tr>{ for heads }</tr></thead><tbody>{ for rows.iter().map(row) }</tbody></table>
            </div>
        }
    }

    /// Inlines, one after the other.
    pub fn inlines(&self, inlines: &[Inline]) -> Html {
        html! { <>{ for inlines.iter().map(|i| self.inline(i)) }</> }
    }

    fn inline(&self, inline: &Inline) -> Html {
        match inline {
            Inline::Text(text) => html! { text },
            Inline::Code(text) => html! { <code>{ whole_words(text) }</code> },
            Inline::Emphasis(inner) => html! { <em>{ self.inlines(inner) }</em> },
            Inline::Strong(inner) => html! { <strong>{ self.inlines(inner) }</strong> },
            Inline::Link(link, inner) => self.link(link, inner),
            Inline::Break => html! { <br /> },
        }
    }

    fn link(&self, link: &Link, inner: &[Inline]) -> Html {
        let (class, act, title) = match link {
            Link::Web(address) => {
                return html! { <a href={address.clone()} target="_blank" rel="noopener noreferrer">{ self.inlines(inner) }</a> };
            }
            Link::Look(look) => ("point", Act::Point(look.clone()), "lesson.point"),
            Link::View(view) => ("point", Act::View(view.clone()), "lesson.view"),
            Link::File(file) => ("file", Act::File(file.clone()), "lesson.file"),
        };
        html! { <button class={classes!("inline", class)} title={self.words.t(title)} onclick={self.does(act)}>{ self.inlines(inner) }</button> }
    }

    fn does(&self, act: Act) -> Callback<MouseEvent> {
        let on = self.on.clone();
        Callback::from(move |_: MouseEvent| on.emit(act.clone()))
    }

    fn code(&self, code: &Code) -> Html {
        if !SHELLS.contains(&code.language.as_str()) {
            return html! { <pre tabindex="0"><code>{ code.text.trim_end() }</code></pre> };
        }
        let number = code.options.iter().find_map(|o| o.strip_prefix("terminal=")?.parse().ok());
        self.commands(&code.text, number)
    }

    /// Commands, each of which can be run, typed and edited.
    pub fn commands(&self, text: &str, terminal: Option<usize>) -> Html {
        let parts = userland::split(text);
        let commands =
            parts.iter().map(|part| self.command(&text[part.range.clone()], terminal.unwrap_or(1)));
        html! {
            <div class="commands">
                if let Some(number) = terminal { <p class="where">{ self.words.tell("lesson.terminal", &[&number]) }</p> }
                { for commands }
            </div>
        }
    }

    fn command(&self, text: &str, terminal: usize) -> Html {
        let text = text.trim_end();
        if self.editing == Some(text) {
            return self.editor(text, terminal);
        }
        let w = self.words;
        let first = text.lines().next().unwrap_or_default();
        let run = self.does(Act::Run(text.into(), terminal));
        let type_it = self.does(Act::Type(text.into(), terminal));
        let edit = self.does(Act::Edit(text.into()));
        html! {
            <div class="line-of-code">
                <button class="run" onclick={run} title={w.t("lesson.run")} aria-label={w.tell("lesson.run-it", &[&text])}>{ icon(PLAY) }<code>{ whole_words(text) }</code></button>
                <button class="aside" onclick={type_it} title={w.t("lesson.type")} aria-label={w.tell("lesson.type-it", &[&first])}>{ icon(KEYBOARD) }</button>
                <button class="aside" onclick={edit} title={w.t("lesson.edit")} aria-label={w.tell("lesson.edit-it", &[&first])}>{ icon(EDIT) }</button>
            </div>
        }
    }

    fn editor(&self, text: &str, terminal: usize) -> Html {
        let w = self.words;
        let area = NodeRef::default();
        let run = {
            let (area, on, leave) = (area.clone(), self.on.clone(), Act::Edit(text.into()));
            move || {
                let typed = area.cast::<HtmlTextAreaElement>().map(|a| a.value()).unwrap_or_default();
                on.emit(leave.clone());
                on.emit(Act::Run(typed.trim_end().into(), terminal));
            }
        };
        let keys = {
            let (run, on, leave) = (run.clone(), self.on.clone(), Act::Edit(text.into()));
            Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
                "Enter" if !event.shift_key() && !event.is_composing() => {
                    event.prevent_default();
                    run();
                }
                "Escape" => on.emit(leave.clone()),
                _ => {}
            })
        };
        let rows = text.lines().count() + 1;
        html! {
            <div class="line-of-code editing">
                <textarea ref={area} rows={rows.to_string()} defaultvalue={text.to_string()} onkeydown={keys} spellcheck="false"
                    autocomplete="off" autocapitalize="off" aria-label={w.t("lesson.edit")} data-focus="" />
                <div class="buttons">
                    <button class="plain" onclick={Callback::from(move |_: MouseEvent| run())}>{ w.t("lesson.run-edited") }</button>
                    <button class="plain" onclick={self.does(Act::Edit(text.into()))}>{ w.t("lesson.leave-edited") }</button>
                </div>
            </div>
        }
    }
}
