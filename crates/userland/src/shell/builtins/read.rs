//! `read mapfile`

use super::Pending;
use crate::shell::run::Frame;
use crate::shell::variables::Data;
use crate::shell::{Shell, Style};
use crate::{Os, Read, Step};
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// Bytes of one line, and of all lines of `mapfile`.
const MAX_INPUT: usize = 1 << 20;

/// `read`, under way.
#[derive(Clone)]
pub(crate) struct Reading {
    names: Vec<String>,
    array: bool,
    raw: bool,
    descriptor: u32,
    delimiter: u8,
    count: Option<usize>,
    until: Option<Time>,
    text: Vec<u8>,
    /// A backslash came.
    escaped: bool,
    /// Bytes after a backslash: they do not part words.
    kept: Vec<usize>,
}

pub(super) fn read(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let mut reading = Reading {
        names: Vec::new(),
        array: false,
        raw: false,
        descriptor: 0,
        delimiter: b'\n',
        count: None,
        until: None,
        text: Vec::new(),
        escaped: false,
        kept: Vec::new(),
    };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(letters) = arg.strip_prefix('-').filter(|l| !l.is_empty() && reading.names.is_empty())
        else {
            reading.names.push(arg.clone());
            continue;
        };
        for (n, letter) in letters.char_indices() {
            let rest = &letters[n + 1..];
            match letter {
                'r' => reading.raw = true,
                's' | 'e' => {}
                'a' | 'p' | 't' | 'n' | 'N' | 'd' | 'u' => {
                    let value =
                        if rest.is_empty() { args.next().cloned().unwrap_or_default() } else { rest.into() };
                    if let Err(message) = set_option(os, &mut reading, letter, value) {
                        return shell.builtin_error(os, "read", &message, 1);
                    }
                    break;
                }
                other => {
                    let usage = "read [-rs] [-a array] [-d delim] [-n nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";
                    return shell.bad_option(os, "read", &format!("-{other}"), usage);
                }
            }
        }
    }
    if let Some(bad) = reading.names.iter().find(|n| !crate::shell::parse::is_name(n)) {
        let text = format!("`{bad}': not a valid identifier");
        return shell.builtin_error(os, "read", &text, 1);
    }
    shell.frames.push(Frame::Builtin(Box::new(Pending::Read(reading))));
}

fn set_option(os: &mut Os<'_>, reading: &mut Reading, letter: char, value: String) -> Result<(), String> {
    match letter {
        'a' => {
            reading.array = true;
            reading.names = vec![value];
        }
        'p' if os.is_tty(0) => os.eprint(&value),
        'p' => {}
        't' => {
            let seconds: f64 =
                value.parse().map_err(|_| format!("{value}: invalid timeout specification"))?;
            reading.until = Some(os.now() + Duration::from_secs_f64(seconds.clamp(0.0, 1e9)));
        }
        'n' | 'N' => reading.count = Some(value.parse().map_err(|_| format!("{value}: invalid number"))?),
        'd' => reading.delimiter = value.bytes().next().unwrap_or(0),
        _ => {
            let bad = || format!("{value}: invalid file descriptor specification");
            reading.descriptor = value.parse().map_err(|_| bad())?;
            if !os.is_open(reading.descriptor) {
                return Err(format!("{value}: invalid file descriptor: Bad file descriptor"));
            }
        }
    }
    Ok(())
}

pub(super) fn go_on(shell: &mut Shell, os: &mut Os<'_>, mut r: Reading) -> (Option<Step>, Option<Pending>) {
    loop {
        if r.count.is_some_and(|n| r.text.len() >= n) || r.text.len() >= MAX_INPUT {
            finish(shell, os, &r, 0);
            return (None, None);
        }
        match os.read(r.descriptor, 1) {
            Read::Data(byte) => {
                let byte = byte[0];
                if r.escaped {
                    r.escaped = false;
                    if byte != b'\n' {
                        r.kept.push(r.text.len());
                        r.text.push(byte);
                    }
                } else if byte == b'\\' && !r.raw {
                    r.escaped = true;
                } else if byte == r.delimiter {
                    finish(shell, os, &r, 0);
                    return (None, None);
                } else {
                    r.text.push(byte);
                }
            }
            Read::End => {
                finish(shell, os, &r, 1);
                return (None, None);
            }
            Read::Empty if r.until.is_some_and(|at| at <= os.now()) => {
                finish(shell, os, &r, 142);
                return (None, None);
            }
            Read::Empty => return (Some(Step::Wait(r.until)), Some(Pending::Read(r))),
        }
    }
}

/// Parts the line into the variables.
fn finish(shell: &mut Shell, os: &mut Os<'_>, r: &Reading, status: i32) {
    shell.status = status;
    let ifs: Vec<u8> = match shell.variables.get("IFS").map(|v| v.text().map(|t| t.as_bytes().to_vec())) {
        Some(Some(ifs)) => ifs,
        _ => b" \t\n".to_vec(),
    };
    if r.names.is_empty() {
        set(shell, os, "REPLY", r.text.clone());
        return;
    }
    let parts = |at: usize| ifs.contains(&r.text[at]) && !r.kept.contains(&at);
    let blank = |at: usize| parts(at) && r.text[at].is_ascii_whitespace();
    let end = (0..r.text.len()).rev().find(|at| !blank(*at)).map_or(0, |at| at + 1);
    let mut at = (0..end).find(|at| !blank(*at)).unwrap_or(end);
    let mut words: Vec<Vec<u8>> = Vec::new();
    while at < end {
        if !r.array && words.len() + 1 == r.names.len() {
            words.push(r.text[at..end].to_vec());
            break;
        }
        let stop = (at..end).find(|at| parts(*at)).unwrap_or(end);
        words.push(r.text[at..stop].to_vec());
        at = stop;
        while at < end && blank(at) {
            at += 1;
        }
        if at < end && at > stop.saturating_sub(1) && parts(at) && !blank(at) {
            at += 1;
            while at < end && blank(at) {
                at += 1;
            }
        }
    }
    if r.array {
        let elements: BTreeMap<i64, String> =
            (0..).zip(words.iter().map(|w| String::from_utf8_lossy(w).into_owned())).collect();
        if let Err(message) = shell.assign_data(&r.names[0], Data::Array(elements)) {
            shell.builtin_error(os, "read", &message, 1);
        }
        return;
    }
    let mut words = words.into_iter();
    for name in &r.names {
        set(shell, os, name, words.next().unwrap_or_default());
    }
}

fn set(shell: &mut Shell, os: &mut Os<'_>, name: &str, value: Vec<u8>) {
    if let Err(message) = shell.assign(name, String::from_utf8_lossy(&value).into_owned()) {
        shell.builtin_error(os, "read", &message, 1);
    }
}

/// `mapfile`, under way.
#[derive(Clone)]
pub(crate) struct Lines {
    name: String,
    trim: bool,
    data: Vec<u8>,
}

pub(super) fn mapfile(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let mut lines = Lines { name: "MAPFILE".into(), trim: false, data: Vec::new() };
    if shell.style != Style::Bash {
        shell.complain(os, "mapfile: not found");
        shell.status = 127;
        return;
    }
    for arg in args {
        match arg.as_str() {
            "-t" => lines.trim = true,
            option if option.starts_with('-') => {
                return shell.bad_option(os, "mapfile", option, "mapfile [-t] [array]");
            }
            name => lines.name = name.into(),
        }
    }
    shell.frames.push(Frame::Builtin(Box::new(Pending::Lines(lines))));
}

pub(super) fn lines_on(
    shell: &mut Shell,
    os: &mut Os<'_>,
    mut lines: Lines,
) -> (Option<Step>, Option<Pending>) {
    match os.read(0, 4096) {
        Read::Data(data) if lines.data.len() < MAX_INPUT => {
            lines.data.extend(data);
            return (None, Some(Pending::Lines(lines)));
        }
        Read::Empty => return (Some(Step::Wait(None)), Some(Pending::Lines(lines))),
        Read::Data(_) | Read::End => {}
    }
    let text = String::from_utf8_lossy(&lines.data);
    let split = text.split_inclusive('\n').map(|l| match lines.trim {
        true => l.strip_suffix('\n').unwrap_or(l).to_string(),
        false => l.to_string(),
    });
    let elements = (0..).zip(split).collect();
    shell.status = 0;
    if let Err(message) = shell.assign_data(&lines.name, Data::Array(elements)) {
        shell.builtin_error(os, "mapfile", &message, 1);
    }
    (None, None)
}
