//! `cut`

use super::support::{Filter, Flow, Spec, complain, options};
use crate::Os;

const SPEC: Spec = Spec {
    usage: "cut OPTION... [FILE]...",
    letters: "b:c:d:f:sn",
    long: &[
        ("bytes", 'b'),
        ("characters", 'c'),
        ("delimiter", 'd'),
        ("fields", 'f'),
        ("only-delimited", 's'),
        ("complement", 'C'),
        ("output-delimiter", 'O'),
    ],
    code: 1,
};

#[derive(Clone)]
struct Cut {
    ranges: Vec<(usize, usize)>,
    fields: bool,
    delimiter: char,
    output: String,
    only: bool,
    complement: bool,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let spec = Spec { letters: "b:c:d:f:snCO:", ..SPEC };
    let args = options(os, &spec)?;
    let list = args.value('f').or(args.value('c')).or(args.value('b'));
    let Some(list) = list else {
        complain(os, "you must specify a list of bytes, characters, or fields");
        os.eprint("Try 'cut --help' for more information.\n");
        return Err(1);
    };
    let delimiter = args.value('d').unwrap_or("\t");
    if delimiter.chars().count() > 1 {
        complain(os, "the delimiter must be a single character");
        os.eprint("Try 'cut --help' for more information.\n");
        return Err(1);
    }
    let delimiter = delimiter.chars().next().unwrap_or('\0');
    let ranges: Option<Vec<_>> = list.split(',').map(range).collect();
    let Some(ranges) = ranges else {
        let text = format!("invalid field range: ‘{list}’");
        complain(os, &text);
        return Err(1);
    };
    let cut = Cut {
        ranges,
        fields: args.has('f'),
        delimiter,
        output: args.value('O').map_or(delimiter.to_string(), String::from),
        only: args.has('s'),
        complement: args.has('C'),
    };
    Ok((Box::new(cut), args.operands))
}

fn range(text: &str) -> Option<(usize, usize)> {
    let (from, to) = match text.split_once('-') {
        None => {
            let n = text.parse().ok()?;
            (n, n)
        }
        Some(("", "")) => return None,
        Some((from, to)) => (
            if from.is_empty() { 1 } else { from.parse().ok()? },
            if to.is_empty() { usize::MAX } else { to.parse().ok()? },
        ),
    };
    (from > 0 && from <= to).then_some((from, to))
}

impl Cut {
    fn wants(&self, n: usize) -> bool {
        self.ranges.iter().any(|(a, b)| (*a..=*b).contains(&n)) != self.complement
    }
}

impl Filter for Cut {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        let text = String::from_utf8_lossy(line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let out: String = if !self.fields {
            text.chars().enumerate().filter(|(n, _)| self.wants(n + 1)).map(|(_, c)| c).collect()
        } else if !text.contains(self.delimiter) {
            if self.only {
                return Flow::Go;
            }
            text.into()
        } else {
            let fields = text.split(self.delimiter).enumerate().filter(|(n, _)| self.wants(n + 1));
            fields.map(|(_, f)| f).collect::<Vec<_>>().join(&self.output)
        };
        os.print(&format!("{out}\n"));
        Flow::Go
    }
}
