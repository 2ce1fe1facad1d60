//! The line editor, as bash's: keys in, escape sequences out.
//!
//! The line does not wrap: the terminal scrolls sideways. So a redraw is: to the start of the line, the text, erase to
//! the end, move the cursor left.

mod complete;
mod keys;

use crate::{Os, width};
use complete::Completing;
use std::sync::Arc;

pub(crate) use complete::Names;

/// Lines that the history keeps.
const MAX_HISTORY: usize = 1_000;
/// Bytes of one line.
const MAX_LINE: usize = 2 << 20;
/// Characters of a line that are drawn; of a longer one only the beginning is.
const MAX_DRAWN: usize = 4 << 10;

/// What a tab in a line is drawn as: the columns up to the next stop would depend on what stands before it.
const TAB: &str = "    ";

/// What reading a line came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// More keys are needed.
    More,
    /// The line is complete.
    Line(String),
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D on an empty line.
    End,
}

/// A line editor with its history.
#[derive(Clone, Default)]
pub(crate) struct Editor {
    prompt: String,
    line: Vec<char>,
    cursor: usize,
    history: Arc<Vec<String>>,
    /// Where in the history the line comes from; its length: the line is new.
    position: usize,
    /// The new line, while one of the history is shown.
    kept: Vec<char>,
    /// What Ctrl-K and its kin cut.
    cut: Vec<char>,
    /// Keys that came and were not looked at yet.
    input: Vec<u8>,
    /// Inside a bracketed paste.
    pasting: bool,
    /// The line has changed since it was drawn.
    stale: bool,
    /// Ctrl-R: what is searched for, and the line before.
    search: Option<(String, Vec<char>)>,
    completing: Option<Completing>,
    /// So many candidates that it is asked whether to show them.
    asked: Option<Vec<String>>,
    /// The key before was Tab.
    tabbed: bool,
    /// How many columns behind the prompt's beginning the terminal's cursor stands.
    drawn: usize,
}

impl Editor {
    /// Shows the prompt and begins a new line.
    pub fn begin(&mut self, os: &mut Os<'_>, prompt: &str) {
        // What stands before the last line of the prompt is only printed.
        let (before, last) = match prompt.rsplit_once('\n') {
            Some((before, last)) => (format!("{before}\n"), last),
            None => (String::new(), prompt),
        };
        os.print(&before);
        self.prompt = last.into();
        self.line.clear();
        self.cursor = 0;
        self.position = self.history.len();
        self.search = None;
        self.completing = None;
        self.asked = None;
        self.drawn = 0;
        self.redraw(os);
    }

    /// The lines typed so far.
    pub fn history(&self) -> Arc<Vec<String>> {
        self.history.clone()
    }

    pub fn clear_history(&mut self) {
        self.history = Arc::default();
    }

    /// Adds a line to the history.
    pub fn remember(&mut self, line: &str) {
        let same = self.history.last().is_some_and(|last| last == line);
        if line.trim().is_empty() || line.starts_with(' ') || same {
            return;
        }
        let history = Arc::make_mut(&mut self.history);
        history.push(line.into());
        if history.len() > MAX_HISTORY {
            history.remove(0);
        }
    }

    /// Forgets keys that were not looked at yet.
    pub fn drop_input(&mut self) {
        self.input.clear();
        self.pasting = false;
    }

    /// Whether Enter was pressed in what was not looked at yet.
    pub fn has_line(&self) -> bool {
        self.input.iter().any(|b| matches!(b, b'\r' | b'\n'))
    }

    /// Takes keys. Ctrl-C, pressed by itself, drops what was typed or pasted before it and not looked at yet.
    pub fn feed(&mut self, bytes: &[u8]) {
        if bytes == b"\x03" {
            self.drop_input();
        }
        self.input.extend(bytes);
    }

    /// Looks at the keys that came. `names` is asked when something is to be completed.
    pub fn read(&mut self, os: &mut Os<'_>, names: &dyn Fn() -> Names) -> Outcome {
        if !self.finish_completing(os, names) || self.asks(os) {
            return Outcome::More;
        }
        // A long paste is drawn once, at its end.
        while let Some(key) = keys::next(&mut self.input, &mut self.pasting) {
            if let keys::Key::Text(text) = key {
                self.tabbed = false;
                self.text(&text);
                self.stale = true;
                continue;
            }
            if self.stale {
                self.redraw(os);
            }
            let outcome = self.key(os, key, names);
            if outcome != Outcome::More {
                return outcome;
            }
            if self.completing.is_some() || self.asks(os) {
                return Outcome::More;
            }
        }
        if self.stale && !self.pasting {
            self.redraw(os);
        }
        Outcome::More
    }

    /// Whether it waits for the answer to a question.
    fn asks(&mut self, os: &mut Os<'_>) -> bool {
        self.asked.is_some() && !self.answer(os)
    }

    fn text(&mut self, text: &str) {
        if let Some((query, _)) = &mut self.search {
            query.push_str(text);
            self.search_back(self.history.len());
            return;
        }
        let room = MAX_LINE.saturating_sub(self.line.len());
        let chars: Vec<char> = text.chars().take(room).collect();
        let count = chars.len();
        self.line.splice(self.cursor..self.cursor, chars);
        self.cursor += count;
    }

    fn key(&mut self, os: &mut Os<'_>, key: keys::Key, names: &dyn Fn() -> Names) -> Outcome {
        use keys::Key;
        let tabbed = std::mem::replace(&mut self.tabbed, key == Key::Tab);
        if self.search.is_some() && self.search_key(&key) {
            self.redraw(os);
            return Outcome::More;
        }
        match key {
            Key::Enter => {
                self.cursor = self.line.len();
                self.redraw(os);
                os.print("\n");
                return Outcome::Line(self.line.iter().collect());
            }
            Key::Control('c') => {
                self.cursor = self.line.len();
                self.redraw(os);
                os.print("^C\n");
                self.drop_input();
                return Outcome::Interrupt;
            }
            Key::Control('d') if self.line.is_empty() => return Outcome::End,
            Key::Tab => self.complete(os, &names(), tabbed),
            Key::Control('l') => {
                os.print("\x1b[H\x1b[2J");
                self.drawn = 0;
            }
            Key::Control('r') => self.search = Some((String::new(), self.line.clone())),
            key => self.edit(key),
        }
        if self.completing.is_none() && self.asked.is_none() {
            self.redraw(os);
        }
        Outcome::More
    }

    fn edit(&mut self, key: keys::Key) {
        use keys::Key;
        let end = self.line.len();
        match key {
            Key::Left | Key::Control('b') => self.cursor = self.cursor.saturating_sub(1),
            Key::Right | Key::Control('f') => self.cursor = (self.cursor + 1).min(end),
            Key::Home | Key::Control('a') => self.cursor = 0,
            Key::End | Key::Control('e') => self.cursor = end,
            Key::Up | Key::Control('p') => self.recall(self.position.checked_sub(1)),
            Key::Down | Key::Control('n') => self.recall(Some(self.position + 1)),
            Key::Backspace | Key::Control('h') if self.cursor > 0 => {
                self.cursor -= 1;
                self.line.remove(self.cursor);
            }
            Key::Delete | Key::Control('d') if self.cursor < end => {
                self.line.remove(self.cursor);
            }
            Key::Control('k') => self.cut = self.line.drain(self.cursor..).collect(),
            Key::Control('u') => {
                self.cut = self.line.drain(..self.cursor).collect();
                self.cursor = 0;
            }
            Key::Control('w') => {
                let blank = |c: &char| c.is_whitespace();
                let start = self.line[..self.cursor].iter().rposition(|c| !blank(c)).map_or(0, |n| n + 1);
                let start = self.line[..start].iter().rposition(blank).map_or(0, |n| n + 1);
                self.remove(start, self.cursor);
            }
            Key::Alt('\x7f') => self.remove(self.word_left(), self.cursor),
            Key::Alt('d') => self.remove(self.cursor, self.word_right()),
            Key::Control('y') => {
                let cut = self.cut.clone();
                self.cursor += cut.len();
                self.line.splice(self.cursor - cut.len()..self.cursor - cut.len(), cut);
            }
            Key::Control('t') => {
                let at = if self.cursor == end { self.cursor.saturating_sub(1) } else { self.cursor };
                if at > 0 && end > 1 {
                    self.line.swap(at - 1, at);
                    self.cursor = at + 1;
                }
            }
            Key::Alt('b') => self.cursor = self.word_left(),
            Key::Alt('f') => self.cursor = self.word_right(),
            Key::Alt('.') => {
                let last =
                    self.history.last().and_then(|l| l.split_whitespace().last()).unwrap_or("").to_string();
                self.text(&last);
            }
            Key::Alt('<') => self.recall(Some(0)),
            Key::Alt('>') => self.recall(Some(self.history.len())),
            _ => {}
        }
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.cut = self.line.drain(from..to).collect();
        self.cursor = from;
    }

    fn word_left(&self) -> usize {
        let before = &self.line[..self.cursor];
        let end = before.iter().rposition(|c| c.is_alphanumeric()).map_or(0, |n| n + 1);
        before[..end].iter().rposition(|c| !c.is_alphanumeric()).map_or(0, |n| n + 1)
    }

    fn word_right(&self) -> usize {
        let size = self.line.len();
        let start = (self.cursor..size).find(|n| self.line[*n].is_alphanumeric()).unwrap_or(size);
        (start..size).find(|n| !self.line[*n].is_alphanumeric()).unwrap_or(size)
    }

    /// Shows another line of the history.
    fn recall(&mut self, position: Option<usize>) {
        let Some(position) = position.filter(|p| *p <= self.history.len()) else { return };
        if self.position == self.history.len() {
            self.kept = self.line.clone();
        }
        self.position = position;
        self.line = match self.history.get(position) {
            Some(line) => line.chars().collect(),
            None => std::mem::take(&mut self.kept),
        };
        self.cursor = self.line.len();
    }

    // --- Ctrl-R

    /// `true`: the key belonged to the search.
    fn search_key(&mut self, key: &keys::Key) -> bool {
        use keys::Key;
        match key {
            Key::Control('r') => {
                self.search_back(self.position);
                true
            }
            Key::Backspace => {
                if let Some((query, _)) = &mut self.search {
                    query.pop();
                }
                self.search_back(self.history.len());
                true
            }
            Key::Control('g') => {
                if let Some((_, before)) = self.search.take() {
                    self.line = before;
                    self.cursor = self.line.len();
                }
                true
            }
            // Any other key takes the line and does what it does.
            _ => {
                self.search = None;
                false
            }
        }
    }

    fn search_back(&mut self, before: usize) {
        let Some((query, _)) = &self.search else { return };
        let found = self.history[..before].iter().rposition(|line| line.contains(query.as_str()));
        if let Some(position) = found {
            self.position = position;
            self.line = self.history[position].chars().collect();
            self.cursor = self.line.len();
        }
    }

    // --- Drawing

    /// To where the prompt begins, prompt and text, erase the rest, and the cursor where it belongs. The prompt does
    /// not always begin at the left: output that ended without a newline stands before it.
    pub fn redraw(&mut self, os: &mut Os<'_>) {
        self.stale = false;
        let end = self.line.len().min(MAX_DRAWN);
        let cursor = self.cursor.min(end);
        let shown = |chars: &[char]| chars.iter().collect::<String>().replace('\n', "↵").replace('\t', TAB);
        let text = shown(&self.line[..end]);
        let prompt = match &self.search {
            Some((query, _)) => format!("(reverse-i-search)`{query}': "),
            None => self.prompt.clone(),
        };
        let left = |columns: usize| if columns > 0 { format!("\x1b[{columns}D") } else { String::new() };
        let columns = |chars: &[char]| width::of_str(&shown(chars));
        let (start, back) = (left(self.drawn), left(columns(&self.line[cursor..end])));
        os.print(&format!("{start}{prompt}{text}\x1b[K{back}"));
        self.drawn = width::of_prompt(&prompt) + columns(&self.line[..cursor]);
    }
}
