//! `wc`

use super::support::{Filter, Flow, Spec, options};
use crate::{Flavor, Os};

const SPEC: Spec = Spec {
    usage: "wc [OPTION]... [FILE]...",
    letters: "lwcmL",
    long: &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')],
    code: 1,
};

#[derive(Clone)]
struct Wc {
    letters: Vec<char>,
    file: String,
    counts: [usize; 5],
    total: [usize; 5],
    rows: Vec<([usize; 5], String)>,
    files: usize,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    // Always in this order.
    let mut letters: Vec<char> = "lwmcL".chars().filter(|l| args.has(*l)).collect();
    if letters.is_empty() {
        letters = vec!['l', 'w', 'c'];
    }
    let files = args.operands.len();
    let wc = Wc { letters, file: String::new(), counts: [0; 5], total: [0; 5], rows: Vec::new(), files };
    Ok((Box::new(wc), args.operands))
}

impl Filter for Wc {
    fn begin(&mut self, _: &mut Os<'_>, name: &str) {
        self.file = name.into();
        self.counts = [0; 5];
    }

    fn line(&mut self, _: &mut Os<'_>, line: &[u8]) -> Flow {
        let text = String::from_utf8_lossy(line);
        self.counts[0] += usize::from(line.ends_with(b"\n"));
        self.counts[1] += text.split_whitespace().count();
        self.counts[2] += text.chars().count();
        self.counts[3] += line.len();
        self.counts[4] = self.counts[4].max(crate::width::of_str(text.trim_end_matches('\n')));
        Flow::Go
    }

    fn end_file(&mut self, _: &mut Os<'_>) {
        for (n, count) in self.counts.iter().enumerate() {
            self.total[n] = if n == 4 { self.total[n].max(*count) } else { self.total[n] + count };
        }
        self.rows.push((self.counts, self.file.clone()));
    }

    fn end(&mut self, os: &mut Os<'_>) -> i32 {
        if self.files > 1 {
            self.rows.push((self.total, "total".into()));
        }
        let index = |letter: &char| "lwmcL".find(*letter).unwrap_or(0);
        let widest = self.rows.iter().map(|r| r.0.iter().max().copied().unwrap_or(0)).max().unwrap_or(0);
        let stdin = self.rows.iter().any(|r| r.1 == "-") || self.files == 0;
        // GNU makes the columns as wide as the size of the files, seven when it cannot know.
        let width = match (self.letters.len(), os.flavor()) {
            (1, _) if self.rows.len() == 1 => 1,
            (_, Flavor::Busybox) => 9,
            _ if stdin => 7,
            _ => self.total[3].max(widest).to_string().len(),
        };
        for (counts, name) in &self.rows {
            let columns: Vec<String> =
                self.letters.iter().map(|l| format!("{:>width$}", counts[index(l)])).collect();
            let name = if self.files == 0 { String::new() } else { format!(" {name}") };
            os.print(&format!("{}{name}\n", columns.join(" ")));
        }
        0
    }
}
