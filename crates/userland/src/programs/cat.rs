//! `cat`; `more` and `less` show everything at once.

use super::support::{Filter, Flow, Spec, options};
use crate::Os;

const SPEC: Spec = Spec {
    usage: "cat [OPTION]... [FILE]...",
    letters: "nbEeATtsvu",
    long: &[
        ("number", 'n'),
        ("number-nonblank", 'b'),
        ("show-ends", 'E'),
        ("show-all", 'A'),
        ("squeeze-blank", 's'),
    ],
    code: 1,
};

#[derive(Clone, Default)]
struct Cat {
    number: bool,
    nonblank: bool,
    ends: bool,
    tabs: bool,
    squeeze: bool,
    count: usize,
    blank: bool,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    let cat = Cat {
        number: args.has('n') || args.has('b'),
        nonblank: args.has('b'),
        ends: args.has('E') || args.has('e') || args.has('A'),
        tabs: args.has('T') || args.has('t') || args.has('A'),
        squeeze: args.has('s'),
        ..Default::default()
    };
    Ok((Box::new(cat), args.operands))
}

impl Filter for Cat {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        let empty = line == b"\n";
        if self.squeeze && empty && self.blank {
            return Flow::Go;
        }
        self.blank = empty;
        if self.number && !(self.nonblank && empty) {
            self.count += 1;
            os.print(&format!("{:6}\t", self.count));
        }
        if !self.ends && !self.tabs {
            os.write(1, line);
            return Flow::Go;
        }
        let mut out = Vec::new();
        for b in line {
            match b {
                b'\n' if self.ends => out.extend(b"$\n"),
                b'\t' if self.tabs => out.extend(b"^I"),
                b => out.push(*b),
            }
        }
        os.write(1, &out);
        Flow::Go
    }
}

/// `less`, `more`: the options of pagers make no difference to what is shown.
pub(super) fn pager(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let files = os.argv()[1..].iter().filter(|a| !a.starts_with(['-', '+'])).cloned().collect();
    Ok((Box::<Cat>::default(), files))
}
