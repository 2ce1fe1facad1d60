//! `sort`

use super::support::{Filter, Flow, Spec, complain, options};
use crate::{FileError, Os};
use sim::Order;
use std::cmp::Ordering;

/// Bytes that are sorted.
const MAX_BYTES: usize = 8 << 20;
/// Lines that are sorted among themselves as soon as they are read, so that no single step takes long.
const RUN: usize = 4096;
/// The same for so many lines, which are sorted runs by then.
const LONG_RUN: usize = 16 * RUN;
/// Lines that are merged in one step at the end.
const MERGED: usize = 4096;

const SPEC: Spec = Spec {
    usage: "sort [OPTION]... [FILE]...",
    letters: "nrufbhVk:t:o:scdgM",
    long: &[
        ("numeric-sort", 'n'),
        ("reverse", 'r'),
        ("unique", 'u'),
        ("ignore-case", 'f'),
        ("human-numeric-sort", 'h'),
        ("version-sort", 'V'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("output", 'o'),
        ("stable", 's'),
        ("check", 'c'),
    ],
    code: 2,
};

#[derive(Clone)]
struct Key {
    from: (usize, usize),
    to: Option<(usize, usize)>,
    flags: String,
}

#[derive(Clone)]
struct Sort {
    keys: Vec<Key>,
    flags: String,
    separator: Option<char>,
    output: Option<String>,
    lines: Vec<String>,
    bytes: usize,
    /// At the end: the sorted runs, first lines last, which are merged.
    runs: Option<Vec<Vec<String>>>,
    /// What goes into the output file.
    text: String,
    last: Option<String>,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    let flags: String = args.options.iter().map(|(l, _)| *l).filter(|l| !"kto".contains(*l)).collect();
    if flags.contains('M') {
        complain(os, "sorting by month is not supported");
        return Err(2);
    }
    let mut keys = Vec::new();
    for text in args.values('k').map(String::from).collect::<Vec<_>>() {
        match key(&text) {
            Some(key) => keys.push(key),
            None => {
                complain(os, &format!("invalid number at field start: invalid count at start of ‘{text}’"));
                return Err(2);
            }
        }
    }
    let sort = Sort {
        keys,
        flags,
        separator: args.value('t').and_then(|t| t.chars().next()),
        output: args.value('o').map(String::from),
        lines: Vec::new(),
        bytes: 0,
        runs: None,
        text: String::new(),
        last: None,
    };
    Ok((Box::new(sort), args.operands))
}

fn key(text: &str) -> Option<Key> {
    let (from, to) = text.split_once(',').map_or((text, None), |(f, t)| (f, Some(t)));
    let mut flags = String::new();
    let mut position = |text: &str| -> Option<(usize, usize)> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        flags.push_str(&text[end..]);
        let (field, char) = text[..end].split_once('.').unwrap_or((&text[..end], "0"));
        Some((field.parse().ok()?, char.parse().ok()?))
    };
    let from = position(from).filter(|f| f.0 > 0)?;
    let to = match to {
        Some(to) => Some(position(to)?),
        None => None,
    };
    Some(Key { from, to, flags })
}

impl Sort {
    /// The part of a line that a key names.
    fn part<'l>(&self, line: &'l str, key: &Key) -> &'l str {
        let fields = self.fields(line);
        let at = |(field, char): (usize, usize), end: bool| -> usize {
            let Some((from, to)) = fields.get(field - 1).copied() else { return line.len() };
            match char {
                0 if end => to,
                0 => from,
                n => line[from..]
                    .char_indices()
                    .nth(n - usize::from(!end))
                    .map_or(line.len(), |(i, _)| from + i),
            }
        };
        let from = at(key.from, false);
        let to = key.to.map_or(line.len(), |to| at(to, true));
        line.get(from..to.max(from)).unwrap_or("")
    }

    fn fields(&self, line: &str) -> Vec<(usize, usize)> {
        let mut fields = Vec::new();
        let mut from = 0;
        match self.separator {
            Some(separator) => {
                for (n, c) in line.char_indices().filter(|(_, c)| *c == separator) {
                    fields.push((from, n));
                    from = n + c.len_utf8();
                }
            }
            None => {
                let mut blank = true;
                for (n, c) in line.char_indices() {
                    if c.is_whitespace() && !blank {
                        fields.push((from, n));
                        from = n;
                    }
                    blank = c.is_whitespace();
                }
            }
        }
        fields.push((from, line.len()));
        fields
    }

    fn compare(&self, a: &str, b: &str) -> Ordering {
        for key in &self.keys {
            let flags = if key.flags.is_empty() { &self.flags } else { &key.flags };
            let order = by(flags, self.part(a, key), self.part(b, key));
            if order != Ordering::Equal {
                return if flags.contains('r') { order.reverse() } else { order };
            }
        }
        let order = if self.keys.is_empty() { by(&self.flags, a, b) } else { Ordering::Equal };
        let last = self.flags.contains('u') || self.flags.contains('s');
        let order = if order == Ordering::Equal && !last { a.cmp(b) } else { order };
        if self.flags.contains('r') { order.reverse() } else { order }
    }
}

/// Sorting and merging, a part at a time.
impl Sort {
    /// Whether it only looks if the lines are in order.
    fn checks(&self) -> bool {
        self.flags.contains('c')
    }

    /// Sorts the last lines that were read.
    fn sort_last(&mut self, count: usize) {
        let mut lines = std::mem::take(&mut self.lines);
        let from = lines.len() - count;
        lines[from..].order_by(|a, b| self.compare(a, b));
        self.lines = lines;
    }

    /// The runs that the lines consist of, each with its first line last.
    fn cut(&mut self) -> Vec<Vec<String>> {
        let mut lines = std::mem::take(&mut self.lines).into_iter();
        let mut runs = Vec::new();
        while lines.len() > 0 {
            let size = if lines.len() >= LONG_RUN { LONG_RUN } else { RUN };
            let mut run: Vec<String> = lines.by_ref().take(size).collect();
            run.reverse();
            runs.push(run);
        }
        runs
    }

    /// Takes the least of the runs' first lines, of equal ones the earliest.
    fn least(&self, runs: &mut Vec<Vec<String>>) -> Option<String> {
        let mut least = 0;
        for n in 1..runs.len() {
            if let (Some(a), Some(b)) = (runs[least].last(), runs[n].last())
                && self.compare(b, a) == Ordering::Less
            {
                least = n;
            }
        }
        let line = runs.get_mut(least)?.pop();
        if runs[least].is_empty() {
            runs.remove(least);
        }
        line
    }
}

fn by(flags: &str, a: &str, b: &str) -> Ordering {
    let has = |c| flags.contains(c);
    if has('n') || has('h') || has('g') {
        let value = |t: &str| number(t, has('h'));
        return value(a).partial_cmp(&value(b)).unwrap_or(Ordering::Equal);
    }
    let (a, b) = if has('b') { (a.trim_start(), b.trim_start()) } else { (a, b) };
    if has('V') {
        return version(a, b);
    }
    if has('f') { a.to_uppercase().cmp(&b.to_uppercase()) } else { a.cmp(b) }
}

fn number(text: &str, human: bool) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(n, c)| !(c.is_ascii_digit() || *c == '.' || *n == 0 && *c == '-'))
        .map_or(text.len(), |(n, _)| n);
    let value: f64 = text[..end].parse().unwrap_or(0.0);
    let unit =
        text[end..].chars().next().filter(|_| human).and_then(|c| "KMGTP".find(c.to_ascii_uppercase()));
    unit.map_or(value, |n| value * 1024f64.powi(n as i32 + 1))
}

/// Runs of digits compare as numbers.
fn version(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let cut = |t: &str, digit: bool| t.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(t.len());
        let (text_a, text_b) = (&a[..cut(a, false)], &b[..cut(b, false)]);
        if text_a != text_b {
            return text_a.cmp(text_b);
        }
        (a, b) = (&a[text_a.len()..], &b[text_b.len()..]);
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let (digits_a, digits_b) = (&a[..cut(a, true)], &b[..cut(b, true)]);
        let strip = |d: &str| d.trim_start_matches('0').to_string();
        let (x, y) = (strip(digits_a), strip(digits_b));
        let order = x.len().cmp(&y.len()).then(x.cmp(&y));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[digits_a.len()..], &b[digits_b.len()..]);
    }
}

impl Filter for Sort {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        self.bytes += line.len();
        if self.bytes > MAX_BYTES {
            complain(os, &format!("input is larger than {MAX_BYTES} bytes"));
            return Flow::Stop(2);
        }
        let text = String::from_utf8_lossy(line);
        self.lines.push(text.strip_suffix('\n').unwrap_or(&text).into());
        let run = [LONG_RUN, RUN].into_iter().find(|run| self.lines.len().is_multiple_of(*run));
        if let Some(run) = run.filter(|_| !self.checks()) {
            self.sort_last(run);
        }
        Flow::Go
    }

    fn rest(&mut self, os: &mut Os<'_>) -> bool {
        if self.checks() {
            return false;
        }
        let Some(mut runs) = self.runs.take() else {
            self.sort_last(self.lines.len() % RUN);
            self.runs = Some(self.cut());
            return true;
        };
        let mut text = String::new();
        for _ in 0..MERGED {
            let Some(line) = self.least(&mut runs) else { break };
            let unique = self.flags.contains('u');
            if unique && self.last.as_ref().is_some_and(|last| self.compare(last, &line) == Ordering::Equal) {
                continue;
            }
            text.push_str(&line);
            text.push('\n');
            self.last = Some(line);
        }
        match &self.output {
            Some(_) => self.text.push_str(&text),
            None => os.print(&text),
        }
        let more = !runs.is_empty();
        self.runs = Some(runs);
        more
    }

    fn end(&mut self, os: &mut Os<'_>) -> i32 {
        if self.checks() {
            for (n, pair) in self.lines.windows(2).enumerate() {
                if self.compare(&pair[0], &pair[1]) == Ordering::Greater {
                    complain(os, &format!("-:{}: disorder: {}", n + 2, pair[1]));
                    return 1;
                }
            }
        }
        if let Some(file) = &self.output
            && let Err(error) = os.write_file(file, self.text.as_bytes())
        {
            complain(os, &format!("open failed: {file}: {error}"));
            return 2;
        }
        0
    }

    fn cannot(&self, file: &str, error: FileError) -> String {
        format!("cannot read: {file}: {error}")
    }

    fn failure(&self) -> i32 {
        2
    }
}
