//! What a terminal shows: lines of styled characters and a cursor. Lines do not wrap; the view scrolls sideways.

use std::collections::VecDeque;
use vte::{Params, Parser, Perform};

/// How many lines are kept, the ones on screen included.
const MAX_LINES: usize = 5_000;
/// The longest line; what is longer is cut, with a mark.
const MAX_COLUMNS: usize = 20_000;
/// Rows that `clear` and `watch` take for the screen.
const ROWS: usize = 200;

/// A character's look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// ANSI colour 0 to 15, or none.
    pub color: Option<u8>,
    /// Bold.
    pub bold: bool,
    /// Foreground and background exchanged.
    pub inverse: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Cell {
    /// `\0` is the right half of a wide character.
    ch: char,
    style: Style,
}

/// A run of characters of one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// Its look.
    pub style: Style,
}

/// The screen with its scrollback.
pub struct Screen {
    parser: Parser,
    grid: Grid,
    behind: bool,
}

struct Grid {
    lines: VecDeque<Vec<Cell>>,
    /// How many lines have been dropped at the front.
    dropped: usize,
    /// The line at which the screen begins, for programs that clear it.
    top: usize,
    row: usize,
    column: usize,
    style: Style,
    /// The first line that has changed since [`Screen::take_dirty`].
    dirty: usize,
}

impl Default for Screen {
    fn default() -> Screen {
        let grid = Grid {
            lines: VecDeque::from([Vec::new()]),
            dropped: 0,
            top: 0,
            row: 0,
            column: 0,
            style: Style::default(),
            dirty: 0,
        };
        Screen { parser: Parser::new(), grid, behind: false }
    }
}

impl Screen {
    /// Takes what programs print.
    pub fn write(&mut self, bytes: &[u8]) {
        self.parser.advance(&mut self.grid, bytes);
    }

    /// The number of the first line that is kept, of the line after the last, and of the cursor's. Numbers only grow.
    pub fn range(&self) -> (usize, usize, usize) {
        let first = self.grid.dropped;
        (first, first + self.grid.lines.len(), first + self.grid.row)
    }

    /// Whether lines wait to be drawn because there were too many at a time.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// Whoever draws says whether lines wait.
    pub fn set_behind(&mut self, behind: bool) {
        self.behind = behind;
    }

    /// The cursor's column.
    pub fn column(&self) -> usize {
        self.grid.column
    }

    /// The number of the first line that has changed since the last call; from there on all are to be drawn again.
    pub fn take_dirty(&mut self) -> usize {
        let dirty = self.grid.dirty;
        self.grid.dirty = self.grid.dropped + self.grid.row;
        dirty
    }

    /// A line's runs.
    pub fn runs(&self, number: usize) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let line = number.checked_sub(self.grid.dropped).and_then(|i| self.grid.lines.get(i));
        for cell in line.into_iter().flatten().filter(|c| c.ch != '\0') {
            match runs.last_mut() {
                Some(run) if run.style == cell.style => run.text.push(cell.ch),
                _ => runs.push(Run { text: cell.ch.into(), style: cell.style }),
            }
        }
        runs
    }
}

impl Grid {
    fn line(&mut self) -> &mut Vec<Cell> {
        let row = self.row;
        self.dirty = self.dirty.min(self.dropped + row);
        &mut self.lines[row]
    }

    fn put(&mut self, ch: char) {
        // A character that joins the one before has a cell of its own here: nothing that was printed is lost.
        let width = userland::width::of(ch).max(1);
        let (column, style) = (self.column, self.style);
        if column + width > MAX_COLUMNS {
            if let Some(last) = self.line().last_mut() {
                last.ch = '…';
            }
            return;
        }
        let line = self.line();
        while line.len() < column + width {
            line.push(Cell { ch: ' ', style: Style::default() });
        }
        line[column] = Cell { ch, style };
        if width == 2 {
            line[column + 1] = Cell { ch: '\0', style };
        }
        self.column += width;
    }

    fn feed(&mut self) {
        self.row += 1;
        if self.row == self.lines.len() {
            self.lines.push_back(Vec::new());
        }
        if self.lines.len() > MAX_LINES {
            self.lines.pop_front();
            self.dropped += 1;
            self.row -= 1;
            self.top = self.top.saturating_sub(1);
            self.dirty = self.dirty.max(self.dropped);
        }
    }

    fn go_to(&mut self, row: usize, column: usize) {
        while self.lines.len() <= self.top + row {
            self.lines.push_back(Vec::new());
        }
        self.row = self.top + row;
        self.column = column;
    }

    /// ESC [ n J: 0 clears from the cursor on, 1 up to it, 2 the screen, 3 the scrollback.
    fn erase_display(&mut self, what: u16) {
        match what {
            0 => {
                let column = self.column;
                self.line().truncate(column);
                self.lines.truncate(self.row + 1);
            }
            2 => {
                self.dirty = self.dirty.min(self.dropped + self.top);
                self.lines.truncate(self.top);
                self.lines.push_back(Vec::new());
                (self.row, self.column) = (self.top, 0);
            }
            3 => {
                self.dropped += self.top;
                self.lines.drain(..self.top);
                self.row -= self.top;
                self.top = 0;
                self.dirty = self.dropped;
            }
            _ => {}
        }
    }

    fn erase_line(&mut self, what: u16) {
        let column = self.column;
        let line = self.line();
        match what {
            0 => line.truncate(column),
            2 => line.clear(),
            _ => {
                line.iter_mut().take(column + 1).for_each(|c| *c = Cell { ch: ' ', style: Style::default() })
            }
        }
    }

    fn select_style(&mut self, params: &Params) {
        for param in params {
            match param[0] {
                0 => self.style = Style::default(),
                1 => self.style.bold = true,
                7 => self.style.inverse = true,
                22 => self.style.bold = false,
                27 => self.style.inverse = false,
                n @ 30..=37 => self.style.color = Some((n - 30) as u8),
                n @ 90..=97 => self.style.color = Some((n - 90 + 8) as u8),
                39 => self.style.color = None,
                _ => {}
            }
        }
    }
}

impl Perform for Grid {
    fn print(&mut self, c: char) {
        self.put(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => self.feed(),
            b'\r' => self.column = 0,
            0x08 => self.column = self.column.saturating_sub(1),
            b'\t' => {
                let stop = (self.column / 8 + 1) * 8;
                while self.column < stop && self.column < MAX_COLUMNS {
                    self.put(' ');
                }
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, _intermediates: &[u8], _ignore: bool, action: char) {
        let first = params.iter().next().map_or(0, |p| p[0]);
        let n = usize::from(first.max(1));
        match action {
            'A' => self.row = self.row.saturating_sub(n).max(self.top),
            'B' => self.go_to((self.row - self.top + n).min(ROWS), self.column),
            'C' => self.column = (self.column + n).min(MAX_COLUMNS),
            'D' => self.column = self.column.saturating_sub(n),
            'G' => self.column = (n - 1).min(MAX_COLUMNS),
            'H' | 'f' => {
                let column = params.iter().nth(1).map_or(1, |p| p[0].max(1));
                // A program that addresses the screen begins a new one below what was printed before.
                self.go_to((n - 1).min(ROWS), usize::from(column - 1));
            }
            'J' => self.erase_display(first),
            'K' => self.erase_line(first),
            'm' => self.select_style(params),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(screen: &Screen, number: usize) -> String {
        screen.runs(number).into_iter().map(|run| run.text).collect()
    }

    fn shown(input: &str) -> Vec<String> {
        let mut screen = Screen::default();
        screen.write(input.as_bytes());
        let (first, end, _) = screen.range();
        (first..end).map(|n| text(&screen, n)).collect()
    }

    #[test]
    fn lines_are_edited_as_a_terminal_does() {
        assert_eq!(shown("ab\r\ncd\rx\n"), ["ab", "xd", ""]);
        assert_eq!(shown("abc\x08\x08\x1b[KZ"), ["aZ"]);
        assert_eq!(shown("中文\x1b[2D!"), ["中!"]);
        assert_eq!(shown("old\r\n\x1b[H\x1b[2Jnew"), ["new"]);
        assert_eq!(shown("a\tb"), ["a       b"]);
    }

    #[test]
    fn markup_and_escapes_stay_text() {
        assert_eq!(shown("<b>&amp;</b>\x1b]0;title\x07"), ["<b>&amp;</b>"]);
        let mut screen = Screen::default();
        screen.write(b"\x1b[1;31mred\x1b[0m");
        let style = Style { color: Some(1), bold: true, inverse: false };
        assert_eq!(screen.runs(0), [Run { text: "red".into(), style }]);
    }

    #[test]
    fn the_scrollback_has_an_end() {
        let mut screen = Screen::default();
        screen.write("x\n".repeat(MAX_LINES + 10).as_bytes());
        let (first, end, cursor) = screen.range();
        assert_eq!((first, end - first, cursor), (11, MAX_LINES, end - 1));
        screen.write("y".repeat(MAX_COLUMNS + 5).as_bytes());
        assert!(text(&screen, cursor).ends_with('…'));
    }
}
