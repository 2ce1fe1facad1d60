//! `sed`: `s d p q n a i c y = D G H h g x N` and blocks, with addresses, `-n -i -e -E`.

use super::support::{Filter, Flow, Spec, complain};
use crate::regex::{Match, Regex};
use crate::{FileError, Os};
use std::sync::Arc;

/// Commands of one script.
const MAX_COMMANDS: usize = 1_000;
/// Bytes of the two buffers.
const MAX_SPACE: usize = 1 << 20;
/// How often one line may jump, so that `:a;ba` ends.
const MAX_JUMPS: usize = 10_000;

const SPEC: Spec = Spec {
    usage: "sed [OPTION]... {script-only-if-no-other-script} [input-file]...",
    letters: "nie:f:Ersuz",
    long: &[
        ("quiet", 'n'),
        ("silent", 'n'),
        ("in-place", 'i'),
        ("expression", 'e'),
        ("file", 'f'),
        ("regexp-extended", 'E'),
        ("separate", 's'),
        ("unbuffered", 'u'),
    ],
    code: 1,
};

#[derive(Clone, Debug)]
enum Address {
    Line(usize),
    Last,
    Pattern(Regex),
    /// `first~step`
    Step(usize, usize),
    /// `addr,+n`
    Plus(usize),
}

#[derive(Clone, Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negate: bool,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    Substitute {
        regex: Option<Regex>,
        with: String,
        global: bool,
        nth: usize,
        print: bool,
        write: Option<String>,
    },
    Delete,
    DeleteFirst,
    Print,
    PrintFirst,
    Quit(bool, i32),
    Next,
    AppendNext,
    Append(String),
    Insert(String),
    Change(String),
    Translate(Vec<char>, Vec<char>),
    Number,
    Hold,
    HoldAppend,
    Get,
    GetAppend,
    Exchange,
    Label,
    /// Where it goes; whether only after a substitution, or only without one.
    Jump(String, Option<bool>, usize),
    /// Where the block ends.
    Block(usize),
    End,
}

#[derive(Clone)]
struct Sed {
    commands: Arc<Vec<Command>>,
    quiet: bool,
    in_place: Option<String>,
    file: String,
    number: usize,
    pattern: String,
    hold: String,
    /// Which ranges are open, and at which line they began.
    ranges: Vec<Option<usize>>,
    /// One line is kept back, so that the last one is known.
    ahead: Option<Vec<u8>>,
    output: Vec<u8>,
    appended: String,
    last_regex: Option<Regex>,
    /// `N` waits for a line: where the script goes on.
    resume: Option<usize>,
    quit: Option<i32>,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    // `-i.bak` and `--in-place=.bak` carry a suffix.
    let argv = os.argv()[1..].to_vec();
    let mut suffix = None;
    let argv: Vec<String> = argv
        .into_iter()
        .map(|a| match a.strip_prefix("-i").or(a.strip_prefix("--in-place=")) {
            Some(rest) if !rest.is_empty() && !a.starts_with("--i") && rest.starts_with(['.', '~', '_']) => {
                suffix = Some(rest.to_string());
                "-i".into()
            }
            _ => a,
        })
        .collect();
    let mut args = super::support::parse(os, &SPEC, &argv, true)?;
    let mut script: Vec<String> = args.values('e').map(String::from).collect();
    for file in args.values('f').map(String::from).collect::<Vec<_>>() {
        match os.read_file(&file) {
            Ok(text) => script.push(String::from_utf8_lossy(&text).trim_end().to_string()),
            Err(error) => {
                complain(os, &format!("couldn't open file {file}: {error}"));
                return Err(1);
            }
        }
    }
    if script.is_empty() {
        if args.operands.is_empty() {
            os.eprint(&format!("Usage: {}\n", SPEC.usage));
            return Err(1);
        }
        script.push(args.operands.remove(0));
    }
    let text = script.join("\n");
    let extended = args.has('E') || args.has('r');
    let mut parser =
        Parser { chars: text.chars().collect(), at: 0, extended, commands: Vec::new(), names: Vec::new() };
    if let Err(message) = parser.parse() {
        let at = parser.at;
        complain(os, &format!("-e expression #1, char {at}: {message}"));
        return Err(1);
    }
    let in_place = args.has('i').then(|| suffix.unwrap_or_default());
    if in_place.is_some() && args.operands.is_empty() {
        complain(os, "no input files");
        return Err(1);
    }
    let ranges = vec![None; parser.commands.len()];
    let sed = Sed {
        commands: Arc::new(parser.commands),
        quiet: args.has('n'),
        in_place,
        file: String::new(),
        number: 0,
        pattern: String::new(),
        hold: String::new(),
        ranges,
        ahead: None,
        output: Vec::new(),
        appended: String::new(),
        last_regex: None,
        resume: None,
        quit: None,
    };
    Ok((Box::new(sed), args.operands))
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    commands: Vec<Command>,
    /// The label that each command is.
    names: Vec<Option<String>>,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip(&mut self, what: &str) {
        while self.peek().is_some_and(|c| what.contains(c)) {
            self.at += 1;
        }
    }

    fn parse(&mut self) -> Result<(), String> {
        let mut blocks: Vec<usize> = Vec::new();
        loop {
            self.skip(" \t\n;");
            let Some(c) = self.peek() else { break };
            if self.commands.len() >= MAX_COMMANDS {
                return Err(format!("more than {MAX_COMMANDS} commands"));
            }
            if c == '#' {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
                continue;
            }
            let from = self.address()?;
            let mut to = None;
            if from.is_some() {
                self.skip(" \t");
                if self.peek() == Some(',') {
                    self.at += 1;
                    self.skip(" \t");
                    to = match self.peek() {
                        Some('+') => {
                            self.at += 1;
                            Some(Address::Plus(self.number().unwrap_or(0)))
                        }
                        _ => Some(self.address()?.ok_or("unexpected `,'")?),
                    };
                }
            }
            self.skip(" \t");
            let negate = self.peek() == Some('!');
            if negate {
                self.at += 1;
                self.skip(" \t");
            }
            let action = self.action(&mut blocks)?;
            self.commands.push(Command { from, to, negate, action });
        }
        if !blocks.is_empty() {
            return Err("unmatched `{'".into());
        }
        self.labels()
    }

    /// Finds where jumps lead.
    fn labels(&mut self) -> Result<(), String> {
        let targets: Vec<Option<String>> = self.names.clone();
        let end = self.commands.len();
        for command in &mut self.commands {
            if let Action::Jump(name, _, target) = &mut command.action {
                *target = match name.is_empty() {
                    true => end,
                    false => targets
                        .iter()
                        .position(|t| t.as_ref() == Some(name))
                        .ok_or_else(|| format!("can't find label for jump to `{name}'"))?,
                };
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Option<usize> {
        let digits: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        digits.parse().ok()
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(c) if c.is_ascii_digit() => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') {
                    self.at += 1;
                    return Ok(Some(Address::Step(first, self.number().unwrap_or(0))));
                }
                Ok(Some(Address::Line(first)))
            }
            Some(c @ ('/' | '\\')) => {
                self.at += 1;
                let delimiter = if c == '/' { '/' } else { self.next_char()? };
                let source = self.until(delimiter).ok_or("unterminated address regex")?;
                let fold = self.peek() == Some('I');
                self.at += usize::from(fold);
                Ok(Some(Address::Pattern(Regex::new(&source, self.extended, fold)?)))
            }
            _ => Ok(None),
        }
    }

    fn next_char(&mut self) -> Result<char, String> {
        let c = self.peek().ok_or("missing command")?;
        self.at += 1;
        Ok(c)
    }

    /// Text up to a delimiter, which is taken, too. `\` before the delimiter is removed.
    fn until(&mut self, delimiter: char) -> Option<String> {
        let (mut out, mut in_set) = (String::new(), false);
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                '\\' => {
                    let next = self.peek()?;
                    self.at += 1;
                    match next {
                        c if c == delimiter && delimiter != '\\' => out.push(c),
                        c => out.extend(['\\', c]),
                    }
                }
                '[' if !in_set => {
                    in_set = true;
                    out.push(c);
                }
                ']' => {
                    in_set = false;
                    out.push(c);
                }
                c if c == delimiter && !(in_set && delimiter == '/') => return Some(out),
                c => out.push(c),
            }
        }
    }

    fn rest_of_line(&mut self) -> String {
        self.skip(" \t");
        if self.peek() == Some('\\') {
            self.at += 1;
            self.skip(" \t");
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\\' => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                '\n' => break,
                c => text.push(c),
            }
        }
        text + "\n"
    }

    fn word(&mut self) -> String {
        self.skip(" \t");
        let word: String = self.chars[self.at..].iter().take_while(|c| !"\n;} ".contains(**c)).collect();
        self.at += word.chars().count();
        word
    }

    fn action(&mut self, blocks: &mut Vec<usize>) -> Result<Action, String> {
        let c = self.next_char()?;
        let action = match c {
            '{' => {
                blocks.push(self.commands.len());
                return Ok(Action::Block(0));
            }
            '}' => {
                let open = blocks.pop().ok_or("unexpected `}'")?;
                let end = self.commands.len();
                self.commands[open].action = Action::Block(end);
                Action::End
            }
            's' => self.substitute()?,
            'y' => {
                let delimiter = self.next_char()?;
                let mut part = || self.until(delimiter).ok_or("unterminated `y' command");
                let (from, to) = (part()?, part()?);
                let chars = |t: &str| crate::shell::escape::unescape(t, true).0.chars().collect::<Vec<_>>();
                let (from, to) = (chars(&from), chars(&to));
                if from.len() != to.len() {
                    return Err("strings for `y' command are different lengths".into());
                }
                Action::Translate(from, to)
            }
            'd' => Action::Delete,
            'D' => Action::DeleteFirst,
            'p' => Action::Print,
            'P' => Action::PrintFirst,
            'q' | 'Q' => {
                self.skip(" ");
                Action::Quit(c == 'q', self.number().unwrap_or(0) as i32)
            }
            'n' => Action::Next,
            'N' => Action::AppendNext,
            'a' | 'i' | 'c' => {
                let text = self.rest_of_line();
                if text == "\n" {
                    return Err("expected \\ after `a', `c' or `i'".into());
                }
                return Ok(match c {
                    'a' => Action::Append(text),
                    'i' => Action::Insert(text),
                    _ => Action::Change(text),
                });
            }
            '=' => Action::Number,
            'h' => Action::Hold,
            'H' => Action::HoldAppend,
            'g' => Action::Get,
            'G' => Action::GetAppend,
            'x' => Action::Exchange,
            ':' => {
                let name = self.word();
                self.names.resize(self.commands.len(), None);
                self.names.push(Some(name));
                return Ok(Action::Label);
            }
            'b' | 't' | 'T' => {
                let when = match c {
                    'b' => None,
                    c => Some(c == 't'),
                };
                Action::Jump(self.word(), when, 0)
            }
            c => return Err(format!("unknown command: `{c}'")),
        };
        self.skip(" \t");
        match self.peek() {
            None | Some('\n' | ';' | '}' | '#') => Ok(action),
            Some(_) if matches!(action, Action::End) => Ok(action),
            Some(_) => {
                self.at += 1;
                Err("extra characters after command".into())
            }
        }
    }

    fn substitute(&mut self) -> Result<Action, String> {
        let delimiter = self.next_char()?;
        let source = self.until(delimiter).ok_or("unterminated `s' command")?;
        let with = self.until(delimiter).ok_or_else(|| {
            self.at = self.chars.len();
            "unterminated `s' command"
        })?;
        let (mut global, mut nth, mut print, mut fold, mut write) = (false, 1, false, false, None);
        while let Some(c) = self.peek() {
            match c {
                'g' => global = true,
                'p' => print = true,
                'i' | 'I' => fold = true,
                'm' | 'M' => {}
                c if c.is_ascii_digit() => {
                    nth = self
                        .number()
                        .filter(|n| *n > 0)
                        .ok_or("number option to `s' command may not be zero")?;
                    continue;
                }
                'w' => {
                    self.at += 1;
                    write = Some(self.word());
                    break;
                }
                ' ' | '\t' | '\n' | ';' | '}' | '#' => break,
                _ => {
                    self.at += 1;
                    return Err("unknown option to `s'".into());
                }
            }
            self.at += 1;
        }
        let regex = if source.is_empty() { None } else { Some(Regex::new(&source, self.extended, fold)?) };
        Ok(Action::Substitute { regex, with, global, nth, print, write })
    }
}

/// What the right side of `s` makes of a match.
fn replacement(with: &str, text: &str, found: &Match, out: &mut String) {
    let mut case = None;
    let put = |out: &mut String, piece: &str, case: &mut Option<char>| match case {
        Some('U') => out.push_str(&piece.to_uppercase()),
        Some('L') => out.push_str(&piece.to_lowercase()),
        Some(c @ ('u' | 'l')) if !piece.is_empty() => {
            let mut chars = piece.chars();
            let first = chars.next().map_or(String::new(), String::from);
            out.push_str(&if *c == 'u' { first.to_uppercase() } else { first.to_lowercase() });
            out.push_str(chars.as_str());
            *case = None;
        }
        _ => out.push_str(piece),
    };
    let group = |n: usize| found.groups.get(n).copied().flatten().map_or("", |(a, b)| &text[a..b]);
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => put(out, group(0), &mut case),
            '\\' => match chars.next() {
                Some(d @ '0'..='9') => put(out, group(d as usize - '0' as usize), &mut case),
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(c @ ('U' | 'L' | 'u' | 'l')) => case = Some(c),
                Some('E') => case = None,
                Some(c) => out.push(c),
                None => out.push('\\'),
            },
            c => put(out, c.encode_utf8(&mut [0; 4]), &mut case),
        }
    }
}

impl Sed {
    fn matches(&mut self, address: &Address, last: bool) -> bool {
        match address {
            Address::Line(n) => self.number == *n,
            Address::Last => last,
            Address::Step(first, 0) => self.number == *first,
            Address::Step(first, step) => {
                self.number >= *first && (self.number - first).is_multiple_of(*step)
            }
            Address::Plus(_) => false,
            Address::Pattern(regex) => {
                self.last_regex = Some(regex.clone());
                regex.is_match(&self.pattern)
            }
        }
    }

    /// Whether a command is for this line.
    fn selected(&mut self, n: usize, command: &Command, last: bool) -> bool {
        let Some(from) = &command.from else { return !command.negate };
        let Some(to) = &command.to else { return self.matches(from, last) != command.negate };
        let began = self.ranges[n];
        let inside = match began {
            Some(began) => {
                let ends = match to {
                    Address::Line(line) => self.number >= *line,
                    Address::Plus(count) => self.number >= began + count,
                    other => self.matches(other, last),
                };
                if ends {
                    self.ranges[n] = None;
                }
                // A range that ends at an earlier line is that one line.
                !matches!(to, Address::Line(line) if self.number > *line)
            }
            None if self.matches(from, last) => {
                let over = match to {
                    Address::Line(line) => *line <= self.number,
                    Address::Plus(0) => true,
                    _ => false,
                };
                self.ranges[n] = (!over).then_some(self.number);
                true
            }
            None => false,
        };
        inside != command.negate
    }

    fn substitute(&mut self, regex: &Regex, with: &str, global: bool, nth: usize) -> bool {
        let text = std::mem::take(&mut self.pattern);
        let (mut out, mut at, mut copied, mut count, mut done) = (String::new(), 0, 0, 0, false);
        while at <= text.len() {
            let Some(found) = regex.find(&text, at).filter(|f| f.start() == 0 || f.start() >= at) else {
                break;
            };
            // `^` counts at the start alone; an empty match right after another does not count.
            let empty_again = found.start() == found.end() && found.start() == copied && count > 0 && at > 0;
            if !empty_again {
                count += 1;
                if count >= nth {
                    out.push_str(&text[copied..found.start()]);
                    replacement(with, &text, &found, &mut out);
                    copied = found.end();
                    done = true;
                    if !global {
                        break;
                    }
                }
            }
            at = match found.end() > found.start() {
                true => found.end(),
                false => found.end() + text[found.end()..].chars().next().map_or(1, char::len_utf8),
            };
        }
        out.push_str(text.get(copied..).unwrap_or(""));
        self.pattern = out;
        done
    }

    fn emit(&mut self, os: &mut Os<'_>, text: &str) {
        match self.in_place {
            Some(_) => self.output.extend(text.bytes()),
            None => os.print(text),
        }
    }

    /// Runs the script for one line.
    fn cycle(&mut self, os: &mut Os<'_>, last: bool, newline: bool) {
        let end = if newline { "\n" } else { "" };
        let commands = self.commands.clone();
        let mut at = self.resume.take().unwrap_or(0);
        let (mut substituted, mut jumps) = (false, 0);
        let mut print = !self.quiet;
        while let Some(command) = commands.get(at) {
            let here = at;
            at += 1;
            if !self.selected(here, command, last) {
                if let Action::Block(end) = command.action {
                    at = end;
                }
                continue;
            }
            match &command.action {
                Action::Substitute { regex, with, global, nth, print, write } => {
                    let Some(regex) = regex.clone().or(self.last_regex.clone()) else { continue };
                    self.last_regex = Some(regex.clone());
                    if self.substitute(&regex, with, *global, *nth) {
                        substituted = true;
                        let text = format!("{}\n", self.pattern);
                        if *print {
                            self.emit(os, &text);
                        }
                        if let Some(file) = write {
                            let old = os.read_file(file).map(|t| t.to_vec()).unwrap_or_default();
                            if let Err(error) = os.write_file(file, &[old, text.into_bytes()].concat()) {
                                complain(os, &format!("couldn't open file {file}: {error}"));
                            }
                        }
                    }
                }
                Action::Delete => {
                    print = false;
                    break;
                }
                Action::DeleteFirst => match self.pattern.split_once('\n') {
                    Some((_, rest)) => {
                        self.pattern = rest.to_string();
                        (at, jumps) = (0, jumps + 1);
                    }
                    None => {
                        print = false;
                        break;
                    }
                },
                Action::Print => {
                    let text = format!("{}\n", self.pattern);
                    self.emit(os, &text);
                }
                Action::PrintFirst => {
                    let text = format!("{}\n", self.pattern.lines().next().unwrap_or(""));
                    self.emit(os, &text);
                }
                Action::Quit(shows, code) => {
                    print &= *shows;
                    self.quit = Some(*code);
                    break;
                }
                Action::Next | Action::AppendNext => {
                    let append = matches!(command.action, Action::AppendNext);
                    if last {
                        // GNU prints what it has when there is no next line.
                        break;
                    }
                    if !append && print {
                        let text = format!("{}\n", self.pattern);
                        self.emit(os, &text);
                    }
                    self.resume = Some(at);
                    if append {
                        self.pattern.push('\n');
                    } else {
                        self.pattern.clear();
                    }
                    return;
                }
                Action::Append(text) => self.appended.push_str(text),
                Action::Insert(text) => self.emit(os, text),
                Action::Change(text) => {
                    print = false;
                    let ends = command.to.is_none() || self.ranges[here].is_none() || command.negate;
                    if ends {
                        self.emit(os, text);
                    }
                    break;
                }
                Action::Translate(from, to) => {
                    let change = |c: char| from.iter().position(|f| *f == c).map_or(c, |n| to[n]);
                    self.pattern = self.pattern.chars().map(change).collect();
                }
                Action::Number => {
                    let text = format!("{}\n", self.number);
                    self.emit(os, &text);
                }
                Action::Hold => self.hold = self.pattern.clone(),
                Action::HoldAppend => self.hold = format!("{}\n{}", self.hold, self.pattern),
                Action::Get => self.pattern = self.hold.clone(),
                Action::GetAppend => self.pattern = format!("{}\n{}", self.pattern, self.hold),
                Action::Exchange => std::mem::swap(&mut self.pattern, &mut self.hold),
                Action::Jump(_, when, target) => {
                    let goes = when.is_none_or(|wanted| substituted == wanted);
                    if *when == Some(true) {
                        substituted = false;
                    }
                    if goes {
                        (at, jumps) = (*target, jumps + 1);
                    }
                }
                Action::Label | Action::Block(_) | Action::End => {}
            }
            if jumps > MAX_JUMPS || self.pattern.len() + self.hold.len() > MAX_SPACE {
                complain(os, &format!("more than {MAX_JUMPS} jumps or {MAX_SPACE} bytes for one line"));
                self.quit = Some(4);
                break;
            }
        }
        if print {
            let text = format!("{}{end}", self.pattern);
            self.emit(os, &text);
        }
        let appended = std::mem::take(&mut self.appended);
        self.emit(os, &appended);
        self.pattern.clear();
    }

    fn process(&mut self, os: &mut Os<'_>, line: &[u8], last: bool) {
        self.number += 1;
        let text = String::from_utf8_lossy(line).into_owned();
        let body = text.strip_suffix('\n').unwrap_or(&text);
        self.pattern.push_str(body);
        self.cycle(os, last, text.ends_with('\n'));
    }

    /// With `-i`: the file gets what was printed.
    fn save(&mut self, os: &mut Os<'_>) {
        let Some(suffix) = self.in_place.clone() else { return };
        let output = std::mem::take(&mut self.output);
        let file = self.file.clone();
        if !suffix.is_empty()
            && let Ok(old) = os.read_file(&file)
        {
            let old = old.to_vec();
            if let Err(error) = os.write_file(&format!("{file}{suffix}"), &old) {
                complain(os, &format!("cannot rename {file}: {error}"));
            }
        }
        if let Err(error) = os.write_file(&file, &output) {
            complain(os, &format!("couldn't open temporary file ./sedXXXXXX: {error}"));
            self.quit = Some(4);
        }
    }
}

impl Filter for Sed {
    fn begin(&mut self, os: &mut Os<'_>, name: &str) {
        if self.in_place.is_some() {
            if let Some(line) = self.ahead.take() {
                self.process(os, &line, true);
            }
            self.number = 0;
        }
        self.file = name.into();
    }

    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        if let Some(before) = self.ahead.replace(line.to_vec()) {
            self.process(os, &before, false);
        }
        match self.quit {
            Some(code) => Flow::Stop(code),
            None => Flow::Go,
        }
    }

    fn end_file(&mut self, os: &mut Os<'_>) {
        if self.in_place.is_some() {
            if let Some(line) = self.ahead.take() {
                self.process(os, &line, true);
            }
            self.save(os);
        }
    }

    fn end(&mut self, os: &mut Os<'_>) -> i32 {
        if let Some(line) = self.ahead.take() {
            self.process(os, &line, true);
        }
        self.quit.unwrap_or(0)
    }

    fn cannot(&self, file: &str, error: FileError) -> String {
        match error {
            FileError::IsADirectory => format!("couldn't edit {file}: not a regular file"),
            error => format!("can't read {file}: {error}"),
        }
    }

    fn failure(&self) -> i32 {
        2
    }
}
