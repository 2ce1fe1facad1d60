//! `grep`, `egrep`, `fgrep`

use super::support::{Args, Filter, Flow, Spec, name};
use crate::regex::{self, Regex};
use crate::{FileError, Os};
use std::collections::VecDeque;

/// Files that `-r` looks at.
const MAX_FILES: usize = 10_000;

const SPEC: Spec = Spec {
    usage: "grep [OPTION]... PATTERNS [FILE]...",
    letters: "EFGPe:f:iyvwxcoqsnHhlLrRm:A:B:C:az",
    long: &[
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("basic-regexp", 'G'),
        ("perl-regexp", 'P'),
        ("regexp", 'e'),
        ("file", 'f'),
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("word-regexp", 'w'),
        ("line-regexp", 'x'),
        ("count", 'c'),
        ("only-matching", 'o'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("no-messages", 's'),
        ("line-number", 'n'),
        ("with-filename", 'H'),
        ("no-filename", 'h'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("recursive", 'r'),
        ("max-count", 'm'),
        ("after-context", 'A'),
        ("before-context", 'B'),
        ("context", 'C'),
        ("text", 'a'),
        ("color", 'u'),
    ],
    code: 2,
};

#[derive(Clone)]
struct Grep {
    patterns: Vec<Regex>,
    args: Flags,
    after: usize,
    before: usize,
    most: usize,
    file: String,
    number: usize,
    count: usize,
    any: bool,
    /// Lines that may become context.
    kept: VecDeque<(usize, String)>,
    /// How many lines of context are still to come.
    owed: usize,
    /// The last line that was shown.
    shown: usize,
}

#[derive(Clone, Default)]
struct Flags {
    invert: bool,
    count: bool,
    only: bool,
    quiet: bool,
    numbers: bool,
    names: bool,
    list: bool,
    list_without: bool,
    silent: bool,
    word: bool,
    line: bool,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    // `--color=auto` is common and changes nothing here.
    let argv: Vec<String> = os.argv()[1..].iter().filter(|a| !a.starts_with("--color")).cloned().collect();
    let argv: Vec<String> = argv.iter().flat_map(|a| digits_as_context(a)).collect();
    let mut args = super::support::parse(os, &SPEC, &argv, true)?;
    let mut sources: Vec<String> = args.values('e').map(String::from).collect();
    for file in args.values('f').map(String::from).collect::<Vec<_>>() {
        match os.read_file(&file) {
            Ok(text) => sources.extend(String::from_utf8_lossy(&text).lines().map(String::from)),
            Err(error) => {
                os.eprint(&format!("grep: {file}: {error}\n"));
                return Err(2);
            }
        }
    }
    if sources.is_empty() && !args.has('f') {
        if args.operands.is_empty() {
            os.eprint(
                "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
            );
            return Err(2);
        }
        sources = args.operands.remove(0).split('\n').map(String::from).collect();
    }
    if args.has('P') {
        os.eprint("grep: support for the -P option is not compiled into this --disable-perl-regexp binary\n");
        return Err(2);
    }
    let patterns = compile(os, &args, &sources)?;
    let recursive = args.has('r') || args.has('R');
    let mut files = args.operands.clone();
    if recursive {
        let roots = if files.is_empty() { vec![".".to_string()] } else { files };
        files = Vec::new();
        for root in roots {
            let shown = if args.operands.is_empty() { "" } else { root.as_str() };
            walk(os, &root, shown, &mut files);
        }
        if files.is_empty() {
            return Err(1);
        }
    }
    let context = |letter| args.value(letter).or(args.value('C')).and_then(|v| v.parse().ok()).unwrap_or(0);
    let flags = Flags {
        invert: args.has('v'),
        count: args.has('c'),
        only: args.has('o'),
        quiet: args.has('q'),
        numbers: args.has('n'),
        names: (files.len() > 1 || recursive || args.has('H')) && !args.has('h'),
        list: args.has('l'),
        list_without: args.has('L'),
        silent: args.has('s'),
        word: args.has('w'),
        line: args.has('x'),
    };
    let grep = Grep {
        patterns,
        after: context('A'),
        before: context('B'),
        most: args.value('m').and_then(|m| m.parse().ok()).unwrap_or(usize::MAX),
        args: flags,
        file: String::new(),
        number: 0,
        count: 0,
        any: false,
        kept: VecDeque::new(),
        owed: 0,
        shown: 0,
    };
    Ok((Box::new(grep), files))
}

/// `-3` is `-C 3`.
fn digits_as_context(arg: &str) -> Vec<String> {
    match arg.strip_prefix('-') {
        Some(digits) if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) => {
            vec!["-C".into(), digits.into()]
        }
        _ => vec![arg.into()],
    }
}

fn compile(os: &mut Os<'_>, args: &Args, sources: &[String]) -> Result<Vec<Regex>, i32> {
    let name = name(os);
    let fixed = args.has('F') || name == "fgrep";
    let extended = args.has('E') || name == "egrep" || fixed;
    let mut patterns = Vec::new();
    for source in sources {
        let source = if fixed { regex::escape(source) } else { source.clone() };
        match Regex::new(&source, extended, args.has('i') || args.has('y')) {
            Ok(regex) => patterns.push(regex),
            Err(error) => {
                os.eprint(&format!("grep: {error}\n"));
                return Err(2);
            }
        }
    }
    Ok(patterns)
}

/// All files below a directory.
fn walk(os: &mut Os<'_>, path: &str, shown: &str, files: &mut Vec<String>) {
    let absolute = os.path(path);
    if os.files().stat(&absolute, true).is_ok_and(|s| !s.is_dir()) || !os.files().exists(&absolute) {
        files.push(path.into());
        return;
    }
    for (name, stat) in os.files().list(&absolute).unwrap_or_default() {
        let path = format!("{}/{name}", path.trim_end_matches('/'));
        let shown = if shown.is_empty() { name } else { format!("{}/{name}", shown.trim_end_matches('/')) };
        if files.len() >= MAX_FILES {
            return;
        }
        if stat.is_dir() {
            walk(os, &path, &shown, files);
        } else if stat.is_file() {
            files.push(shown);
        }
    }
}

impl Grep {
    /// The parts of a line that match; none if it does not.
    fn matches(&self, text: &str, all: bool) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at <= text.len() {
            let next = self
                .patterns
                .iter()
                .filter_map(|p| self.find(p, text, at))
                .min_by_key(|m| (m.0, usize::MAX - m.1));
            let Some((from, to)) = next else { break };
            found.push((from, to));
            if !all {
                break;
            }
            at = if to > from { to } else { to + text[to..].chars().next().map_or(1, char::len_utf8) };
        }
        found
    }

    fn find(&self, pattern: &Regex, text: &str, mut from: usize) -> Option<(usize, usize)> {
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        loop {
            let found = pattern.find(text, from)?;
            let (start, end) = (found.start(), found.end());
            let whole = !self.args.line || (start, end) == (0, text.len());
            let apart = !self.args.word
                || !word(text[..start].chars().next_back()) && !word(text[end..].chars().next());
            if whole && apart {
                return Some((start, end));
            }
            from = start + text[start..].chars().next()?.len_utf8();
        }
    }

    fn prefix(&self, number: usize, mark: char) -> String {
        let mut prefix = String::new();
        if self.args.names {
            prefix.push_str(&format!("{}{mark}", self.shown_name()));
        }
        if self.args.numbers {
            prefix.push_str(&format!("{number}{mark}"));
        }
        prefix
    }

    fn shown_name(&self) -> &str {
        if self.file == "-" { "(standard input)" } else { &self.file }
    }

    fn show(&mut self, os: &mut Os<'_>, number: usize, mark: char, text: &str) {
        if (self.after > 0 || self.before > 0) && self.shown > 0 && number > self.shown + 1 {
            os.print("--\n");
        }
        self.shown = number;
        let prefix = self.prefix(number, mark);
        os.print(&format!("{prefix}{text}\n"));
    }
}

impl Filter for Grep {
    fn begin(&mut self, _: &mut Os<'_>, name: &str) {
        self.file = name.into();
        (self.number, self.count, self.owed, self.shown) = (0, 0, 0, 0);
        self.kept.clear();
    }

    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        self.number += 1;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let text = String::from_utf8_lossy(line).into_owned();
        let found = self.matches(&text, self.args.only);
        if found.is_empty() != self.args.invert {
            if self.owed > 0 {
                self.owed -= 1;
                self.show(os, self.number, '-', &text);
            } else if self.before > 0 {
                self.kept.push_back((self.number, text));
                if self.kept.len() > self.before {
                    self.kept.pop_front();
                }
            }
            return Flow::Go;
        }
        self.count += 1;
        self.any = true;
        if self.args.quiet {
            return Flow::Stop(0);
        }
        if self.args.list || self.args.list_without {
            return Flow::NextFile;
        }
        if !self.args.count {
            for (number, text) in std::mem::take(&mut self.kept) {
                self.show(os, number, '-', &text);
            }
            if self.args.only {
                for (from, to) in found.into_iter().filter(|(from, to)| to > from) {
                    let prefix = self.prefix(self.number, ':');
                    os.print(&format!("{prefix}{}\n", &text[from..to]));
                }
            } else {
                self.show(os, self.number, ':', &text);
            }
            self.owed = self.after;
        }
        if self.count >= self.most { Flow::NextFile } else { Flow::Go }
    }

    fn end_file(&mut self, os: &mut Os<'_>) {
        if (self.args.list && self.count > 0) || (self.args.list_without && self.count == 0) {
            os.print(&format!("{}\n", self.shown_name()));
        } else if self.args.count && !self.args.quiet {
            let name = if self.args.names { format!("{}:", self.shown_name()) } else { String::new() };
            os.print(&format!("{name}{}\n", self.count));
        }
    }

    fn end(&mut self, _: &mut Os<'_>) -> i32 {
        i32::from(!self.any)
    }

    fn failure(&self) -> i32 {
        2
    }

    fn cannot(&self, file: &str, error: FileError) -> String {
        match self.args.silent {
            true => String::new(),
            false => format!("{file}: {error}"),
        }
    }
}
