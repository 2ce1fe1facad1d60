//! `tr`

use super::support::{Filter, Flow, Spec, complain, options};
use crate::Os;
use crate::shell::escape::unescape;
use crate::shell::pattern::class;

const SPEC: Spec = Spec {
    usage: "tr [OPTION]... STRING1 [STRING2]",
    letters: "cCdst",
    long: &[("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'), ("truncate-set1", 't')],
    code: 1,
};

#[derive(Clone)]
struct Tr {
    first: Vec<char>,
    second: Vec<char>,
    complement: bool,
    delete: bool,
    squeeze: bool,
    last: Option<char>,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    let (delete, squeeze) = (args.has('d'), args.has('s'));
    let Some(first) = args.operands.first() else {
        complain(os, "missing operand");
        os.eprint("Try 'tr --help' for more information.\n");
        return Err(1);
    };
    if args.operands.len() < 2 && !delete && !squeeze {
        let text = format!("missing operand after ‘{first}’");
        complain(os, &text);
        os.eprint("Two strings must be given when translating.\nTry 'tr --help' for more information.\n");
        return Err(1);
    }
    let tr = Tr {
        first: set(first),
        second: args.operands.get(1).map_or(Vec::new(), |s| set(s)),
        complement: args.has('c') || args.has('C'),
        delete,
        squeeze,
        last: None,
    };
    Ok((Box::new(tr), Vec::new()))
}

/// The characters that a string stands for.
fn set(text: &str) -> Vec<char> {
    let chars: Vec<char> = unescape(text, true).0.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == '[' && chars.get(at + 1) == Some(&':') {
            let name: String = chars[at + 2..].iter().take_while(|c| **c != ':').collect();
            let end = at + 2 + name.chars().count();
            if chars.get(end + 1) == Some(&']') {
                out.extend((0u8..128).map(char::from).filter(|c| class(&name, *c)));
                at = end + 2;
                continue;
            }
        }
        if chars.get(at + 1) == Some(&'-') && chars.get(at + 2).is_some_and(|to| *to >= chars[at]) {
            out.extend(chars[at]..=chars[at + 2]);
            at += 3;
            continue;
        }
        out.push(chars[at]);
        at += 1;
    }
    out
}

impl Filter for Tr {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        let mut out = String::new();
        for c in String::from_utf8_lossy(line).chars() {
            let position = match self.complement {
                true => (!self.first.contains(&c)).then_some(usize::MAX),
                false => self.first.iter().rposition(|f| *f == c),
            };
            if self.delete && position.is_some() {
                continue;
            }
            let new = match position {
                Some(n) if !self.delete && !self.second.is_empty() => {
                    self.second.get(n).or(self.second.last()).copied().unwrap_or(c)
                }
                _ => c,
            };
            let squeezable = match (self.second.is_empty(), position.is_some()) {
                (true, inside) => inside,
                (false, _) => self.second.contains(&new),
            };
            if self.squeeze && squeezable && self.last == Some(new) {
                continue;
            }
            self.last = Some(new);
            out.push(new);
        }
        os.print(&out);
        Flow::Go
    }
}
