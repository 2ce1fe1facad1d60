//! `uniq`

use super::support::{Filter, Flow, Spec, options};
use crate::Os;

const SPEC: Spec = Spec {
    usage: "uniq [OPTION]... [INPUT [OUTPUT]]",
    letters: "cduif:s:",
    long: &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i'), ("skip-fields", 'f')],
    code: 1,
};

#[derive(Clone)]
struct Uniq {
    count: bool,
    repeated: bool,
    unique: bool,
    fold: bool,
    fields: usize,
    chars: usize,
    last: Option<(String, usize)>,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    let number = |letter| args.value(letter).and_then(|v| v.parse().ok()).unwrap_or(0);
    let uniq = Uniq {
        count: args.has('c'),
        repeated: args.has('d'),
        unique: args.has('u'),
        fold: args.has('i'),
        fields: number('f'),
        chars: number('s'),
        last: None,
    };
    Ok((Box::new(uniq), args.operands.into_iter().take(1).collect()))
}

impl Uniq {
    fn key(&self, line: &str) -> String {
        let mut rest = line;
        for _ in 0..self.fields {
            rest = rest.trim_start();
            rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
        }
        let key: String = rest.chars().skip(self.chars).collect();
        if self.fold { key.to_lowercase() } else { key }
    }

    fn show(&mut self, os: &mut Os<'_>) {
        let Some((line, count)) = self.last.take() else { return };
        if self.repeated && count < 2 || self.unique && count > 1 {
            return;
        }
        let prefix = if self.count { format!("{count:7} ") } else { String::new() };
        os.print(&format!("{prefix}{line}\n"));
    }
}

impl Filter for Uniq {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        match &self.last {
            Some((last, count)) if self.key(last) == self.key(text) => {
                self.last = Some((last.clone(), count + 1))
            }
            _ => {
                self.show(os);
                self.last = Some((text.into(), 1));
            }
        }
        Flow::Go
    }

    fn end(&mut self, os: &mut Os<'_>) -> i32 {
        self.show(os);
        0
    }
}
