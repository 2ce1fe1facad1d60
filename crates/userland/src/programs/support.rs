//! What the small programs share: options, reading of files line by line, running at once.

use crate::{FileError, Flavor, Mode, Os, Program, Read, Step};

/// Longest line; a longer one is taken in pieces.
const MAX_LINE: usize = 1 << 20;
/// Bytes that are read in one step.
const CHUNK: usize = 64 << 10;

/// A program that does all it does in one step.
#[derive(Clone)]
pub(crate) struct Once(pub fn(&mut Os<'_>) -> i32);

impl Program for Once {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        Step::Exit((self.0)(os))
    }
}

/// What a program reads its options by.
pub(crate) struct Spec {
    /// How it is called: the text after `Usage: `.
    pub usage: &'static str,
    /// Letters; one with a colon takes a value.
    pub letters: &'static str,
    /// Long names and the letter that each stands for.
    pub long: &'static [(&'static str, char)],
    /// Exit code for a wrong option.
    pub code: i32,
}

/// Options and operands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Args {
    pub options: Vec<(char, String)>,
    pub operands: Vec<String>,
}

impl Args {
    pub fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(l, _)| *l == letter)
    }

    /// The last value of an option.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.options.iter().rev().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }

    /// All values of an option.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.options.iter().filter(move |(l, _)| *l == letter).map(|(_, v)| v.as_str())
    }
}

/// The name of the running program, without its path.
pub(crate) fn name(os: &Os<'_>) -> String {
    os.argv().first().map_or(String::new(), |a| a.rsplit('/').next().unwrap_or(a).to_string())
}

/// Writes `name: text` to standard error.
pub(crate) fn complain(os: &mut Os<'_>, text: &str) {
    let name = name(os);
    os.eprint(&format!("{name}: {text}\n"));
}

/// Reads the arguments as GNU's getopt does. `Err`: the program ends with this code; everything has been said.
pub(crate) fn options(os: &mut Os<'_>, spec: &Spec) -> Result<Args, i32> {
    let argv = os.argv()[1..].to_vec();
    parse(os, spec, &argv, true)
}

/// As [`options`], for arguments that are given; `permute`: options may follow operands.
pub(crate) fn parse(os: &mut Os<'_>, spec: &Spec, argv: &[String], permute: bool) -> Result<Args, i32> {
    let mut args = Args::default();
    let mut rest = argv.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            args.operands.extend(rest.cloned());
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            let (long, value) = match long.split_once('=') {
                Some((long, value)) => (long, Some(value.to_string())),
                None => (long, None),
            };
            if long == "help" && !spec.long.iter().any(|(n, _)| *n == "help") {
                os.print(&format!("Usage: {}\n", spec.usage));
                return Err(0);
            }
            let exact = spec.long.iter().find(|(n, _)| *n == long);
            let mut starting = spec.long.iter().filter(|(n, _)| n.starts_with(long));
            let found = exact.or_else(|| starting.next().filter(|_| starting.next().is_none()));
            let Some((long, letter)) = found.copied() else {
                return Err(unknown(os, spec, &format!("unrecognized option '--{long}'")));
            };
            let takes = takes_value(spec, letter);
            let value = match (takes, value) {
                (false, Some(_)) => {
                    return Err(unknown(os, spec, &format!("option '--{long}' doesn't allow an argument")));
                }
                (true, None) => match rest.next() {
                    Some(value) => value.clone(),
                    None => {
                        return Err(unknown(os, spec, &format!("option '--{long}' requires an argument")));
                    }
                },
                (_, value) => value.unwrap_or_default(),
            };
            args.options.push((letter, value));
            continue;
        }
        let Some(letters) = arg.strip_prefix('-').filter(|l| !l.is_empty()) else {
            args.operands.push(arg.clone());
            if !permute {
                args.operands.extend(rest.cloned());
                break;
            }
            continue;
        };
        for (n, letter) in letters.char_indices() {
            if letter == ':' || !spec.letters.contains(letter) {
                return Err(unknown(os, spec, &format!("invalid option -- '{letter}'")));
            }
            if !takes_value(spec, letter) {
                args.options.push((letter, String::new()));
                continue;
            }
            let tail = &letters[n + letter.len_utf8()..];
            let value = match tail.is_empty() {
                false => tail.to_string(),
                true => match rest.next() {
                    Some(value) => value.clone(),
                    None => {
                        return Err(unknown(os, spec, &format!("option requires an argument -- '{letter}'")));
                    }
                },
            };
            args.options.push((letter, value));
            break;
        }
    }
    Ok(args)
}

fn takes_value(spec: &Spec, letter: char) -> bool {
    spec.letters.split_once(letter).is_some_and(|(_, after)| after.starts_with(':'))
}

/// Says that an option is unknown, and how the program is called.
fn unknown(os: &mut Os<'_>, spec: &Spec, text: &str) -> i32 {
    complain(os, text);
    let name = name(os);
    match os.flavor() {
        Flavor::Gnu => os.eprint(&format!("Try '{name} --help' for more information.\n")),
        Flavor::Busybox => os.eprint(&format!("\nUsage: {}\n", spec.usage)),
    }
    spec.code
}

/// Checks that there is an operand; says so if there is none.
pub(crate) fn need_operand(os: &mut Os<'_>, args: &Args, spec: &Spec) -> Result<(), i32> {
    if !args.operands.is_empty() {
        return Ok(());
    }
    complain(os, "missing operand");
    let name = name(os);
    os.eprint(&format!("Try '{name} --help' for more information.\n"));
    Err(spec.code)
}

/// What a filter wants after a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flow {
    Go,
    /// Nothing more of this file.
    NextFile,
    /// It is done, with this code.
    Stop(i32),
}

/// A program that reads files, or standard input, line by line.
pub(crate) trait Filter: CloneFilter {
    /// A file begins; `-` is standard input.
    fn begin(&mut self, _os: &mut Os<'_>, _name: &str) {}
    /// A line, with its newline if it has one.
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow;
    /// A file has ended.
    fn end_file(&mut self, _os: &mut Os<'_>) {}
    /// Everything has been read: does a part of what is left; `true`: there is more. A step should not take long.
    fn rest(&mut self, _os: &mut Os<'_>) -> bool {
        false
    }
    /// Everything is done. The exit code.
    fn end(&mut self, _os: &mut Os<'_>) -> i32 {
        0
    }
    /// How it says that a file cannot be read, without the program's name; empty: it says nothing.
    fn cannot(&self, file: &str, error: FileError) -> String {
        format!("{file}: {error}")
    }
    /// Whether it waits for files that are not there yet (`tail -F`).
    fn awaits_files(&self) -> bool {
        false
    }
    /// Exit code when a file could not be read.
    fn failure(&self) -> i32 {
        1
    }
    /// Everything that is there has been read; `true`: it waits for more to come (`tail -f`).
    fn caught_up(&mut self, _os: &mut Os<'_>) -> bool {
        false
    }
}

/// Makes `Box<dyn Filter>` cloneable.
pub(crate) trait CloneFilter: Send {
    fn clone_filter(&self) -> Box<dyn Filter>;
}

impl<T: Filter + Clone + 'static> CloneFilter for T {
    fn clone_filter(&self) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Filter> {
    fn clone(&self) -> Self {
        (**self).clone_filter()
    }
}

/// What starts a filter: it reads its options and says which files it reads (none: standard input).
pub(crate) type Start = fn(&mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32>;

/// Runs a [`Filter`].
#[derive(Clone)]
pub(crate) struct Filtering {
    start: Start,
    filter: Option<Box<dyn Filter>>,
    files: Vec<String>,
    /// The descriptor that is being read.
    current: Option<u32>,
    buffer: Vec<u8>,
    next: usize,
    failed: bool,
    /// The next file was not there; it is looked for again.
    awaited: bool,
}

impl Filtering {
    pub fn boxed(start: Start) -> Box<dyn Program> {
        Box::new(Filtering {
            start,
            filter: None,
            files: Vec::new(),
            current: None,
            buffer: Vec::new(),
            next: 0,
            failed: false,
            awaited: false,
        })
    }

    /// Opens the next file; `None`: there is no more.
    fn open_next(&mut self, os: &mut Os<'_>, filter: &mut dyn Filter) -> Option<u32> {
        loop {
            let file = self.files.get(self.next)?.clone();
            self.next += 1;
            if file == "-" {
                filter.begin(os, &file);
                return Some(0);
            }
            match os.open(&file, Mode::Read, 3) {
                Ok(descriptor) => {
                    if std::mem::take(&mut self.awaited) {
                        let text = match os.flavor() {
                            Flavor::Gnu => format!("'{file}' has appeared;  following new file"),
                            Flavor::Busybox => format!("{file} has appeared; following end of new file"),
                        };
                        complain(os, &text);
                    }
                    filter.begin(os, &file);
                    return Some(descriptor);
                }
                Err(FileError::NotFound) if self.awaited => {
                    self.next -= 1;
                    return None;
                }
                Err(error) => {
                    let mut text = filter.cannot(&file, error);
                    let grep = os.argv().first().is_some_and(|name| name.ends_with("grep"));
                    if os.flavor() == Flavor::Busybox && !text.is_empty() && !grep {
                        text = format!("can't open '{file}': {error}");
                    }
                    if !text.is_empty() {
                        complain(os, &text);
                    }
                    if error == FileError::NotFound && filter.awaits_files() && self.next == self.files.len()
                    {
                        self.awaited = true;
                        self.next -= 1;
                        return None;
                    }
                    self.failed = true;
                }
            }
        }
    }

    /// Gives the filter the lines of the buffer; the last one too when the file has ended.
    fn lines(&mut self, os: &mut Os<'_>, filter: &mut dyn Filter, ended: bool) -> Flow {
        let mut at = 0;
        let mut flow = Flow::Go;
        while flow == Flow::Go {
            let rest = &self.buffer[at..];
            let size = match rest.iter().position(|b| *b == b'\n') {
                Some(n) => n + 1,
                None if !rest.is_empty() && (ended || rest.len() >= MAX_LINE) => rest.len(),
                None => break,
            };
            flow = filter.line(os, &self.buffer[at..at + size]);
            at += size;
        }
        self.buffer.drain(..at);
        flow
    }

    fn close(&mut self, os: &mut Os<'_>) {
        self.buffer.clear();
        if let Some(descriptor) = self.current.take().filter(|d| *d != 0) {
            os.close(descriptor);
        }
    }

    fn go(&mut self, os: &mut Os<'_>, filter: &mut dyn Filter) -> Step {
        let Some(descriptor) = self.current else {
            self.current = self.open_next(os, filter);
            if self.current.is_some() {
                return Step::Yield;
            }
            if self.awaited {
                return Step::Wait(Some(os.now() + sim::Duration::from_secs(1)));
            }
            if filter.rest(os) {
                return Step::Yield;
            }
            let code = filter.end(os);
            return Step::Exit(if code == 0 && self.failed { filter.failure() } else { code });
        };
        let (flow, ended) = match os.read(descriptor, CHUNK) {
            Read::Data(data) => {
                self.buffer.extend(data);
                (self.lines(os, filter, false), false)
            }
            Read::Empty => return Step::Wait(None),
            Read::End => (self.lines(os, filter, true), true),
        };
        match flow {
            Flow::Stop(code) => return Step::Exit(code),
            Flow::Go if ended && filter.caught_up(os) => {
                return Step::Wait(Some(os.now() + sim::Duration::from_secs(1)));
            }
            Flow::Go if !ended => {}
            Flow::Go | Flow::NextFile => {
                filter.end_file(os);
                self.close(os);
            }
        }
        Step::Yield
    }
}

impl Program for Filtering {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let mut filter = match self.filter.take() {
            Some(filter) => filter,
            None => match (self.start)(os) {
                Ok((filter, files)) => {
                    self.files = if files.is_empty() { vec!["-".into()] } else { files };
                    filter
                }
                Err(code) => return Step::Exit(code),
            },
        };
        let step = self.go(os, &mut *filter);
        self.filter = Some(filter);
        step
    }
}

/// A duration: `5`, `0.5`, `2m`, `1h`, `1d`.
pub(crate) fn duration(text: &str) -> Option<sim::Duration> {
    let (digits, unit) = match text.char_indices().last()? {
        (n, 's') => (&text[..n], 1.0),
        (n, 'm') => (&text[..n], 60.0),
        (n, 'h') => (&text[..n], 3_600.0),
        (n, 'd') => (&text[..n], 86_400.0),
        _ => (text, 1.0),
    };
    if digits == "infinity" || text == "infinity" {
        return Some(sim::Duration::from_secs(1 << 40));
    }
    let seconds: f64 = digits.parse().ok()?;
    (0.0..=1e12).contains(&(seconds * unit)).then(|| sim::Duration::from_secs_f64(seconds * unit))
}
