//! One terminal: lines above, a hidden text field that takes keys, input methods and pastes.

mod around;
mod keys;
mod lines;
mod screen;

use crate::words::Words;
use gloo::events::EventListener;
use keys::Key;
use lines::Lines;
pub use screen::Screen;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, Element, HtmlElement, HtmlTextAreaElement, InputEvent, KeyboardEvent, MouseEvent,
};
use yew::prelude::*;

/// The longest paste that is taken; the rest is left out, and the terminal says so.
const MAX_PASTE: usize = 1 << 20;

/// How close the cursor may come to the side before the view scrolls, in CSS pixels.
const MARGIN: i32 = 24;
/// Every window shows this many columns: up to here nobody has to measure where the cursor is.
const NARROW: usize = 32;
/// Further down than any terminal goes, in CSS pixels.
const BOTTOM: i32 = 1 << 24;

/// What a terminal is made with.
#[derive(Properties, PartialEq)]
pub struct TerminalProps {
    /// The page's texts.
    pub words: Words,
    /// What it shows. The page writes into it and counts `version` up.
    pub screen: ScreenHandle,
    /// Changes whenever the screen was written to.
    pub version: u32,
    /// Whether it is the tab that is shown.
    pub active: bool,
    /// Whether nobody types into it.
    #[prop_or_default]
    pub readonly: bool,
    /// Takes what is typed.
    pub on_input: Callback<Vec<u8>>,
    /// Opens an address of the cluster in the page's own browser; `false` leaves it to the real one.
    pub on_link: Callback<String>,
}

/// A screen that the page and a terminal share.
#[derive(Clone, Default)]
pub struct ScreenHandle(pub Rc<RefCell<Screen>>);

impl PartialEq for ScreenHandle {
    fn eq(&self, other: &ScreenHandle) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// One terminal.
#[function_component]
pub fn Terminal(props: &TerminalProps) -> Html {
    let view = use_node_ref();
    let area = use_node_ref();
    let lines = use_mut_ref(|| None::<Lines>);
    // Whoever types, or comes back to a tab, wants to see the cursor; whoever has scrolled up to read does not.
    let follow = use_mut_ref(|| true);
    // Where the view was scrolled to last. Kept, because asking makes the browser lay everything out.
    let scrolled = use_mut_ref(Scrolled::default);
    {
        let (area, follow) = (area.clone(), follow.clone());
        use_effect_with(props.active, move |active| {
            if let (true, Some(area)) = (*active, area.cast::<HtmlElement>()) {
                *follow.borrow_mut() = true;
                if around::has_focus(&area) {
                    let _ = area.focus();
                }
            }
        });
    }
    {
        let (view, area, screen) = (view.clone(), area.clone(), props.screen.clone());
        let (follow, scrolled) = (follow.clone(), scrolled.clone());
        use_effect_with((props.version, props.active, props.screen.clone()), move |(_, active, _)| {
            if *active {
                let follow = std::mem::take(&mut *follow.borrow_mut());
                draw(&view, &area, &mut lines.borrow_mut(), &screen, follow, &scrolled);
            }
        });
    }
    let on_input = {
        let on_input = props.on_input.clone();
        Callback::from(move |bytes: Vec<u8>| {
            *follow.borrow_mut() = true;
            on_input.emit(bytes);
        })
    };
    {
        let (area, on_input) = (area.clone(), on_input.clone());
        use_effect_with((), move |()| {
            let listeners = listen_composed(&area, &on_input);
            move || drop(listeners)
        });
    }
    let focus = {
        let area = area.clone();
        Callback::from(move |event: MouseEvent| {
            // A click that ends a selection must not lose it.
            if let Some(area) = area.cast::<HtmlElement>().filter(|area| !around::has_selection(area)) {
                let _ = area.focus();
            }
            event.stop_propagation();
        })
    };
    let onclick = {
        let (focus, on_link) = (focus, props.on_link.clone());
        Callback::from(move |event: MouseEvent| {
            let link = event
                .target()
                .and_then(|t| t.dyn_into::<Element>().ok())
                .and_then(|t| t.closest("a").ok().flatten());
            if let Some(address) =
                link.and_then(|l| l.get_attribute("href")).filter(|a| crate::browser::is_inside(a))
            {
                event.prevent_default();
                on_link.emit(address);
            }
            focus.emit(event);
        })
    };
    let onscroll = Callback::from(move |event: Event| {
        let view: HtmlElement = event.target_unchecked_into();
        let away = view.scroll_top() + view.client_height() + MARGIN < view.scroll_height();
        *scrolled.borrow_mut() = Scrolled { away, aside: view.scroll_left() > 0 };
    });
    html! {
        <div class="screen" hidden={!props.active} {onclick} {onscroll} ref={view.clone()}>
            <div class="lines" role="log" aria-live="polite" aria-label={props.words.t("terminal.output")}></div>
            <textarea
                ref={area.clone()} class="keys" data-testid="prompt" rows="1" aria-label={props.words.t("terminal.input")}
                readonly={props.readonly} autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false"
                onkeydown={on_key(&on_input)} oninput={on_text(&on_input)} onpaste={on_paste(&on_input)}
            />
        </div>
    }
}

/// Where a view is scrolled to.
#[derive(Default)]
struct Scrolled {
    /// Away from the last line.
    away: bool,
    /// Away from the first column.
    aside: bool,
}

/// Brings the document up to date: lines, the place of the text field (where input methods open), the scrolling.
fn draw(
    view: &NodeRef,
    area: &NodeRef,
    lines: &mut Option<Lines>,
    screen: &ScreenHandle,
    follow: bool,
    scrolled: &Rc<RefCell<Scrolled>>,
) {
    let Some(view) = view.cast::<HtmlElement>() else { return };
    if lines.is_none() {
        *lines = view.query_selector(".lines").ok().flatten().and_then(Lines::new);
    }
    let Some(lines) = lines.as_mut() else { return };
    let mut screen = screen.0.borrow_mut();
    let Some((moved, area)) = lines.draw(&mut screen).zip(area.cast::<HtmlElement>()) else { return };
    let (first, _, cursor) = screen.range();
    let (style, column) = (area.style(), screen.column());
    let _ = style.set_property("--row", &(cursor - first).to_string());
    let _ = style.set_property("--column", &column.to_string());
    let Scrolled { away, aside } = *scrolled.borrow();
    if (follow && away) || (moved && !away) {
        view.set_scroll_top(BOTTOM);
        scrolled.borrow_mut().away = false;
    }
    if follow && (aside || column > NARROW) {
        let (left, width) = (area.offset_left(), view.client_width());
        let hidden = left < view.scroll_left() + MARGIN || left > view.scroll_left() + width - MARGIN;
        if hidden {
            view.set_scroll_left((left + 2 * MARGIN - width).max(0));
        }
    }
}

fn on_key(on_input: &Callback<Vec<u8>>) -> Callback<KeyboardEvent> {
    let on_input = on_input.clone();
    Callback::from(move |event: KeyboardEvent| {
        // While an input method composes, keys belong to it.
        if event.is_composing() || event.key_code() == 229 {
            return;
        }
        let name = event.key();
        let copying = (event.ctrl_key() || event.meta_key())
            && name.eq_ignore_ascii_case("c")
            && around::has_selection(&event.target_unchecked_into());
        let key = Key {
            key: &name,
            ctrl: event.ctrl_key(),
            alt: event.alt_key(),
            shift: event.shift_key(),
            meta: event.meta_key(),
        };
        if let Some(bytes) = keys::bytes(key).filter(|_| !copying) {
            event.prevent_default();
            on_input.emit(bytes);
        }
    })
}

fn take_text(area: &HtmlTextAreaElement, on_input: &Callback<Vec<u8>>) {
    let text = area.value();
    area.set_value("");
    if !text.is_empty() {
        on_input.emit(text.replace('\n', "\r").into_bytes());
    }
}

fn on_text(on_input: &Callback<Vec<u8>>) -> Callback<InputEvent> {
    let on_input = on_input.clone();
    Callback::from(move |event: InputEvent| {
        if !event.is_composing() {
            let area: HtmlTextAreaElement = event.target_unchecked_into();
            take_text(&area, &on_input);
        }
    })
}

/// Begin and end of an input method's composition, for which Yew has no attributes. While it lasts the text field is
/// wide enough to show it.
fn listen_composed(area: &NodeRef, on_input: &Callback<Vec<u8>>) -> Option<[EventListener; 2]> {
    let area = area.cast::<HtmlTextAreaElement>()?;
    let (on_input, began, ended) = (on_input.clone(), area.clone(), area.clone());
    let begin = EventListener::new(&area, "compositionstart", move |_| {
        let _ = began.class_list().add_1("composing");
    });
    let end = EventListener::new(&area, "compositionend", move |_| {
        let _ = ended.class_list().remove_1("composing");
        take_text(&ended, &on_input);
    });
    Some([begin, end])
}

fn on_paste(on_input: &Callback<Vec<u8>>) -> Callback<Event> {
    let on_input = on_input.clone();
    Callback::from(move |event: Event| {
        let event: ClipboardEvent = event.unchecked_into();
        let Some(text) = event.clipboard_data().and_then(|d| d.get_data("text").ok()) else { return };
        event.prevent_default();
        on_input.emit(pasted(&text));
    })
}

/// A paste in brackets, so that the line editor knows that nobody typed it. Escape characters are left out: a paste
/// must not be able to end its own brackets.
fn pasted(text: &str) -> Vec<u8> {
    let mut cut = text.len().min(MAX_PASTE);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut clean = text[..cut].replace("\r\n", "\n").into_bytes();
    clean.retain(|b| *b != 0x1b);
    [b"\x1b[200~", &clean[..], b"\x1b[201~"].concat()
    // What is over the limit is dropped here; the line editor has its own, lower one, and says so.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_cannot_leave_its_brackets() {
        assert_eq!(pasted("a\r\nb\x1b[201~rm"), b"\x1b[200~a\nb[201~rm\x1b[201~");
        assert!(pasted(&"中".repeat(MAX_PASTE)).len() <= MAX_PASTE + 12);
    }
}
