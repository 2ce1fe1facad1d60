//! `awk`: patterns, fields, arrays, functions, the usual library. No `getline`, no pipes inside: both say so.

mod ast;
mod eval;
mod library;
mod parse;

use super::support::{Filter, Flow, complain};
use crate::Os;
use ast::{Rule, When};
use eval::{Awk, Control, Value};
use std::sync::Arc;

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let argv = os.argv()[1..].to_vec();
    let mut args = argv.into_iter();
    let (mut program, mut files, mut assigns, mut separator) = (String::new(), Vec::new(), Vec::new(), None);
    let mut named = false;
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "-F" => separator = args.next(),
            "-v" => assigns.extend(args.next()),
            "-f" => {
                let file = args.next().unwrap_or_default();
                match os.read_file(&file) {
                    Ok(text) => program.push_str(&format!("{}\n", String::from_utf8_lossy(&text))),
                    Err(error) => {
                        complain(os, &format!("can't open file {file}: {error}"));
                        return Err(2);
                    }
                }
                named = true;
            }
            "--" => break,
            "--version" => {
                os.print("awk version 20240728\n");
                return Err(0);
            }
            option if option.starts_with("-F") => separator = Some(option[2..].into()),
            option if option.starts_with("-v") => assigns.push(option[2..].into()),
            option if option.len() > 1 && option.starts_with('-') => {
                complain(os, &format!("unknown option {option} ignored"));
                return Err(2);
            }
            _ => {
                files.push(arg);
                break;
            }
        }
    }
    files.extend(args);
    if !named {
        if files.is_empty() {
            os.eprint("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n");
            return Err(2);
        }
        program = files.remove(0);
    }
    let source = match parse::parse(&program) {
        Ok(source) => source,
        Err(message) => {
            os.eprint(&format!(
                "awk: {message}\n context is\n\t{}\nawk: bailing out at source line 1\n",
                program.trim()
            ));
            return Err(2);
        }
    };
    let mut awk = Awk::new(Arc::new(source), os);
    if let Some(separator) = separator {
        let separator = crate::shell::escape::unescape(&separator, true).0;
        awk.set("FS", Value::Text(if separator == "t" { "\t".into() } else { separator }));
    }
    for assign in assigns {
        let Some((name, value)) = assign.split_once('=') else {
            complain(os, &format!("{assign}: not an assignment"));
            return Err(2);
        };
        awk.set(name, Value::Input(crate::shell::escape::unescape(value, true).0));
    }
    let control = awk.run_rules(os, |when| matches!(when, When::Begin));
    let only_begin =
        awk.source.rules.iter().all(|r| matches!(r.when, When::Begin)) && !awk.source.rules.is_empty();
    if control.is_some() || only_begin {
        let code = awk.finish(os, control);
        return Err(code);
    }
    Ok((Box::new(awk), files))
}

impl Filter for Awk {
    fn begin(&mut self, _: &mut Os<'_>, name: &str) {
        self.set("FILENAME", Value::Text(if name == "-" { String::new() } else { name.into() }));
        self.set("FNR", Value::Number(0.0));
    }

    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        let text = String::from_utf8_lossy(line);
        self.set_line(text.strip_suffix('\n').unwrap_or(&text));
        for counter in ["NR", "FNR"] {
            let next = self.get(counter).number() + 1.0;
            self.set(counter, Value::Number(next));
        }
        let mut n = 0;
        while n < self.source.rules.len() {
            let source = self.source.clone();
            let control = match self.applies(os, n, &source.rules[n]) {
                Ok(true) => self.run_rule(os, &source.rules[n]),
                Ok(false) => None,
                Err(control) => Some(control),
            };
            match control {
                Some(Control::Next) => return Flow::Go,
                Some(control) => return Flow::Stop(self.finish(os, Some(control))),
                None => n += 1,
            }
        }
        Flow::Go
    }

    fn end(&mut self, os: &mut Os<'_>) -> i32 {
        self.finish(os, None)
    }

    fn cannot(&self, file: &str, error: crate::FileError) -> String {
        format!("can't open file {file}: {error}")
    }

    fn failure(&self) -> i32 {
        2
    }
}

impl Awk {
    /// Whether a rule is for the line that was read.
    fn applies(&mut self, os: &mut Os<'_>, n: usize, rule: &Rule) -> Result<bool, Control> {
        Ok(match &rule.when {
            When::Begin | When::End => false,
            When::Always => true,
            When::Pattern(pattern) => self.evaluate(os, pattern)?.is_true(),
            When::Range(from, to) => {
                let open = self.open_ranges.contains(&n);
                if !open && !self.evaluate(os, from)?.is_true() {
                    return Ok(false);
                }
                match self.evaluate(os, to)?.is_true() {
                    true => self.open_ranges.remove(&n),
                    false => self.open_ranges.insert(n),
                };
                true
            }
        })
    }

    /// Runs the rules of a kind.
    fn run_rules(&mut self, os: &mut Os<'_>, kind: fn(&When) -> bool) -> Option<Control> {
        let source = self.source.clone();
        source.rules.iter().filter(|r| kind(&r.when)).find_map(|rule| self.run_rule(os, rule))
    }

    fn run_rule(&mut self, os: &mut Os<'_>, rule: &Rule) -> Option<Control> {
        match &rule.body {
            Some(body) => self.run(os, body).err(),
            None => {
                let text = format!("{}\n", self.line);
                os.print(&text);
                None
            }
        }
    }

    /// Runs the END rules unless an error ended it; writes files; the exit code.
    fn finish(&mut self, os: &mut Os<'_>, control: Option<Control>) -> i32 {
        let mut last = control;
        if matches!(last, None | Some(Control::Exit(_))) && !self.ended {
            self.ended = true;
            let exits = matches!(last, Some(Control::Exit(_)));
            let from_end = self.run_rules(os, |when| matches!(when, When::End));
            last = from_end.or(if exits { last } else { None });
        }
        self.write_files(os);
        match last {
            Some(Control::Exit(code)) => code,
            Some(Control::Error(message)) => {
                complain(os, &message);
                2
            }
            _ => 0,
        }
    }
}
