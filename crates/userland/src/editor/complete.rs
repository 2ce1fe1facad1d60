//! Completion: commands, variables and files at once; what the host knows (kubectl's words) a moment later.

use super::Editor;
use crate::{Files, Os};
use sim::Order;

/// From so many candidates on it is asked whether to show them; readline's `completion-query-items`.
const MANY: usize = 100;
/// Candidates that are shown.
const MAX_SHOWN: usize = 300;

/// What the shell knows when a line is completed.
pub(crate) struct Names {
    /// Builtins, functions, aliases.
    pub commands: Vec<String>,
    pub variables: Vec<String>,
    /// What each alias stands for.
    pub aliases: Vec<(String, String)>,
    pub home: String,
}

/// The host was asked; the word to complete starts here.
#[derive(Clone)]
pub(super) struct Completing {
    start: usize,
    list: bool,
}

/// The words of the simple command before the cursor, and where the last begins.
fn words(line: &[char]) -> (Vec<String>, usize) {
    let (mut words, mut start) = (vec![String::new()], 0);
    let (mut quote, mut escaped) = (None, false);
    for (n, c) in line.iter().enumerate() {
        let last = words.len() - 1;
        match (*c, quote) {
            (c, _) if escaped => {
                words[last].push(c);
                escaped = false;
            }
            ('\\', None | Some('"')) => escaped = true,
            (c, Some(q)) if c == q => quote = None,
            ('"' | '\'', None) => quote = Some(*c),
            (' ' | '\t', None) => {
                if !words[last].is_empty() {
                    words.push(String::new());
                }
                start = n + 1;
            }
            (';' | '|' | '&' | '(' | '{' | '`' | '\n', None) => {
                words = vec![String::new()];
                start = n + 1;
            }
            ('<' | '>', None) => {
                words = vec![">".into(), String::new()];
                start = n + 1;
            }
            (c, _) => words[last].push(c),
        }
    }
    (words, start)
}

impl Editor {
    /// Tab.
    pub(super) fn complete(&mut self, os: &mut Os<'_>, names: &Names, again: bool) {
        let (mut words, start) = words(&self.line[..self.cursor]);
        // Words before the command do not count.
        while words.len() > 1
            && (words[0].contains('=')
                || matches!(words[0].as_str(), "sudo" | "time" | "watch" | "do" | "then" | "!"))
        {
            words.remove(0);
        }
        let word = words.last().cloned().unwrap_or_default();
        if let Some(name) = word.strip_prefix('$') {
            let found =
                names.variables.iter().filter(|v| v.starts_with(name)).map(|v| format!("${v}")).collect();
            return self.take(os, found, start, again);
        }
        if words.len() == 1 && !word.contains('/') {
            let found = commands(os, names, &word);
            return self.take(os, found, start, again);
        }
        if let Some((_, value)) = names.aliases.iter().find(|(n, _)| *n == words[0]) {
            words.splice(..1, value.split_whitespace().map(String::from));
        }
        let external = os.find(&words[0]).is_ok_and(|path| {
            let node = os.files().stat(&path, true).map(|s| s.node);
            matches!(node, Ok(crate::Node::File(crate::Content::External, ..)))
        });
        if external {
            os.ask_completion(words);
            self.completing = Some(Completing { start, list: again });
            return;
        }
        let found = files(os, names, &word, words[0] == "cd" || words[0] == "rmdir");
        self.take(os, found, start, again);
    }

    /// The host's answer, if one is waited for. `false`: it is not there yet.
    pub(super) fn finish_completing(&mut self, os: &mut Os<'_>, names: &dyn Fn() -> Names) -> bool {
        let Some(completing) = self.completing.clone() else { return true };
        // Ctrl-C is not kept waiting.
        let found = os.completed();
        if found.is_none() && !self.input.contains(&3) {
            return false;
        }
        self.completing = None;
        let mut found = found.unwrap_or_default();
        if found.is_empty() {
            let word: String = self.line[completing.start.min(self.cursor)..self.cursor].iter().collect();
            found = files(os, &names(), &word, false);
        }
        self.take(os, found, completing.start, completing.list);
        if self.asked.is_none() {
            self.redraw(os);
        }
        true
    }

    /// Puts in what all candidates have in common; lists them when that is nothing and Tab was pressed twice.
    fn take(&mut self, os: &mut Os<'_>, mut found: Vec<String>, start: usize, list: bool) {
        found.order();
        found.dedup();
        let Some(first) = found.first() else { return };
        let mut common: Vec<char> = first.chars().collect();
        for other in &found[1..] {
            let same = common.iter().zip(other.chars()).take_while(|(a, b)| **a == *b).count();
            common.truncate(same);
        }
        let start = start.min(self.cursor);
        let typed: String = self.line[start..self.cursor].iter().collect();
        let mut text: String = common.iter().collect();
        let single = found.len() == 1;
        if text.contains([' ', '\'', '(', ')', '&', ';']) {
            text = text.replace(' ', "\\ ").replace('(', "\\(").replace(')', "\\)").replace('&', "\\&");
        }
        if single && !text.ends_with(['/', '=']) {
            text.push(' ');
        }
        let plain: String = typed.chars().filter(|c| !matches!(c, '\\' | '"' | '\'')).collect();
        if single || common.len() > plain.chars().count() {
            let text: Vec<char> = text.chars().collect();
            let end = start + text.len();
            self.line.splice(start..self.cursor, text);
            self.cursor = end;
        } else if list && found.len() >= MANY {
            os.print(&format!("\nDisplay all {} possibilities? (y or n)", found.len()));
            self.asked = Some(found);
        } else if list {
            self.show(os, &found);
        }
    }

    /// Looks at the answer to whether many candidates are to be shown. `false`: none has come. Mirrors readline's
    /// `get_y_or_n`, but Ctrl and a letter mean no and what they mean else, so that a page can clear the line.
    pub(super) fn answer(&mut self, os: &mut Os<'_>) -> bool {
        let Some(found) = self.asked.take() else { return true };
        while let Some(byte) = self.input.first().copied() {
            let is_key = byte.is_ascii_control() && !matches!(byte, 0x7f | b'\r' | b'\n' | b'\t');
            if !is_key {
                self.input.remove(0);
            }
            match byte {
                b'y' | b'Y' | b' ' => self.show(os, &found),
                b'n' | b'N' | 0x7f => self.below(os, "\n"),
                _ if is_key => self.below(os, "\n"),
                _ => continue,
            }
            self.redraw(os);
            return true;
        }
        self.asked = Some(found);
        false
    }

    /// Prints something after which the prompt stands at the left again.
    fn below(&mut self, os: &mut Os<'_>, text: &str) {
        os.print(text);
        self.drawn = 0;
    }

    /// Lists candidates in columns, below the line.
    fn show(&mut self, os: &mut Os<'_>, found: &[String]) {
        let names: Vec<&str> = found
            .iter()
            .take(MAX_SHOWN)
            .map(|f| {
                let end = f.trim_end_matches('/').rfind('/').map_or(0, |n| n + 1);
                if f.starts_with('-') { f.as_str() } else { &f[end..] }
            })
            .collect();
        let columns = os.tty().map_or(80, |t| usize::from(t.columns).max(1));
        let widest = names.iter().map(|n| crate::width::of_str(n)).max().unwrap_or(0) + 2;
        let across = (columns / widest).max(1);
        let rows = names.len().div_ceil(across);
        let mut text = String::from("\n");
        for row in 0..rows {
            let mut line = String::new();
            for name in names.iter().skip(row).step_by(rows) {
                line.push_str(name);
                line.push_str(&" ".repeat(widest - crate::width::of_str(name)));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if found.len() > MAX_SHOWN {
            text.push_str(&format!("... and {} more\n", found.len() - MAX_SHOWN));
        }
        self.below(os, &text);
    }
}

fn commands(os: &Os<'_>, names: &Names, word: &str) -> Vec<String> {
    let mut found: Vec<String> = names.commands.iter().filter(|c| c.starts_with(word)).cloned().collect();
    for dir in os.var("PATH").split(':') {
        for (name, stat) in os.files().list(dir).unwrap_or_default() {
            if name.starts_with(word) && !stat.is_dir() {
                found.push(name);
            }
        }
    }
    found
}

fn files(os: &Os<'_>, names: &Names, word: &str, only_dirs: bool) -> Vec<String> {
    // `--flag=path`
    let (before, word) = match word.rsplit_once('=') {
        Some((before, path)) => (format!("{before}="), path),
        None => (String::new(), word),
    };
    let (dir, name) =
        word.rsplit_once('/').map_or(("", word), |(d, n)| (if d.is_empty() { "/" } else { d }, n));
    let expanded = match dir.strip_prefix('~') {
        Some(rest) => format!("{}{rest}", names.home),
        None => dir.to_string(),
    };
    let prefix = &word[..word.len() - name.len()];
    let mut found = Vec::new();
    for (entry, stat) in os.files().list(&Files::join(os.cwd(), &expanded)).unwrap_or_default() {
        if !entry.starts_with(name) || entry.starts_with('.') && !name.starts_with('.') {
            continue;
        }
        let path = Files::join(&Files::join(os.cwd(), &expanded), &entry);
        let is_dir = stat.is_dir() || os.files().stat(&path, true).is_ok_and(|s| s.is_dir());
        if is_dir || !only_dirs {
            found.push(format!("{before}{prefix}{entry}{}", if is_dir { "/" } else { "" }));
        }
    }
    found
}
