//! `head`, `tail`

use super::support::{Filter, Flow, Spec, complain, name, parse};
use crate::{FileError, Os};
use std::collections::VecDeque;

/// Bytes that `tail` keeps.
const MAX_KEPT: usize = 4 << 20;

const SPEC: Spec = Spec {
    usage: "head [OPTION]... [FILE]...",
    letters: "n:c:qvfF",
    long: &[
        ("lines", 'n'),
        ("bytes", 'c'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("follow", 'f'),
    ],
    code: 1,
};

#[derive(Clone, Default)]
struct Part {
    tail: bool,
    bytes: bool,
    count: usize,
    /// `head -n -5`: all but the last; `tail -n +5`: from there on.
    other_way: bool,
    titles: bool,
    follow: bool,
    /// `-F`: a file that is not there is waited for.
    retry: bool,
    seen: usize,
    files: usize,
    kept: VecDeque<Vec<u8>>,
    kept_bytes: usize,
    caught_up: bool,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let tail = name(os) == "tail";
    // `-5` is `-n 5`.
    let mut argv: Vec<String> = os.argv()[1..].to_vec();
    for n in 0..argv.len() {
        let value = n > 0 && matches!(argv[n - 1].as_str(), "-n" | "-c" | "--lines" | "--bytes");
        let digits = argv[n].strip_prefix('-').unwrap_or("");
        if !value && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
            argv[n] = format!("-n{digits}");
        }
    }
    let args = parse(os, &SPEC, &argv, true)?;
    if !tail && (args.has('f') || args.has('F')) {
        complain(os, "invalid option -- 'f'");
        os.eprint("Try 'head --help' for more information.\n");
        return Err(1);
    }
    let bytes = args.has('c');
    let text = args.value(if bytes { 'c' } else { 'n' }).unwrap_or("10");
    let (sign, digits) = match text.chars().next() {
        Some(c @ ('-' | '+')) => (Some(c), &text[1..]),
        _ => (None, text),
    };
    let Ok(count) = digits.parse() else {
        let what = if bytes { "bytes" } else { "lines" };
        complain(os, &format!("invalid number of {what}: ‘{text}’"));
        return Err(1);
    };
    let part = Part {
        tail,
        bytes,
        count,
        other_way: sign == Some(if tail { '+' } else { '-' }),
        titles: args.has('v') || args.operands.len() > 1 && !args.has('q'),
        follow: args.has('f') || args.has('F'),
        retry: args.has('F'),
        ..Default::default()
    };
    Ok((Box::new(part), args.operands))
}

impl Part {
    fn keep(&mut self, line: &[u8]) {
        self.kept_bytes += line.len();
        self.kept.push_back(line.to_vec());
        while self.kept_bytes > MAX_KEPT {
            self.kept_bytes -= self.kept.pop_front().map_or(0, |l| l.len());
        }
    }

    fn flush(&mut self, os: &mut Os<'_>) {
        for line in std::mem::take(&mut self.kept) {
            os.write(1, &line);
        }
        self.kept_bytes = 0;
    }

    fn head_line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        if self.other_way {
            self.keep(line);
            if !self.bytes && self.kept.len() > self.count {
                let line = self.kept.pop_front().unwrap_or_default();
                os.write(1, &line);
            }
            return Flow::Go;
        }
        let size = if self.bytes { line.len() } else { 1 };
        if self.seen < self.count {
            let room = self.count - self.seen;
            os.write(1, if self.bytes { &line[..room.min(line.len())] } else { line });
        }
        self.seen += size;
        if self.seen >= self.count { Flow::NextFile } else { Flow::Go }
    }
}

impl Filter for Part {
    fn begin(&mut self, os: &mut Os<'_>, name: &str) {
        (self.seen, self.kept_bytes) = (0, 0);
        self.kept.clear();
        if self.titles {
            let name = if name == "-" { "standard input" } else { name };
            os.print(&format!("{}==> {name} <==\n", if self.files > 0 { "\n" } else { "" }));
        }
        self.files += 1;
    }

    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        if !self.tail {
            return if self.count == 0 && !self.other_way {
                Flow::NextFile
            } else {
                self.head_line(os, line)
            };
        }
        if self.caught_up {
            os.write(1, line);
            return Flow::Go;
        }
        if self.other_way {
            let from = self.count.max(1) - 1;
            let size = if self.bytes { line.len() } else { 1 };
            let skip = from.saturating_sub(self.seen).min(size);
            self.seen += size;
            if skip < size {
                os.write(1, if self.bytes { &line[skip..] } else { line });
            }
            return Flow::Go;
        }
        self.keep(line);
        if !self.bytes && self.kept.len() > self.count {
            self.kept_bytes -= self.kept.pop_front().map_or(0, |l| l.len());
        }
        Flow::Go
    }

    fn end_file(&mut self, os: &mut Os<'_>) {
        if self.bytes && (self.tail || self.other_way) {
            let all: Vec<u8> = std::mem::take(&mut self.kept).into_iter().flatten().collect();
            match self.tail {
                true => os.write(1, &all[all.len().saturating_sub(self.count)..]),
                false => os.write(1, &all[..all.len().saturating_sub(self.count)]),
            }
        } else if self.tail {
            self.flush(os);
        }
    }

    fn cannot(&self, file: &str, error: FileError) -> String {
        format!("cannot open '{file}' for reading: {error}")
    }

    fn awaits_files(&self) -> bool {
        self.retry
    }

    fn caught_up(&mut self, os: &mut Os<'_>) -> bool {
        if self.follow && self.tail && !self.caught_up {
            self.end_file(os);
            self.caught_up = true;
        }
        self.follow && self.tail
    }
}
