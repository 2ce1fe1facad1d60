//! `diff`, `cmp`: line by line, normal and unified.

use super::support::{Spec, complain, options};
use crate::{Os, date};
use sim::Order;

/// Lines of a file; more is refused, for the comparison takes time and room that grow with the square.
const MAX_LINES: usize = 4_000;

const SPEC: Spec = Spec {
    usage: "diff [OPTION]... FILES",
    letters: "uU:qrNbwisBa",
    long: &[
        ("unified", 'u'),
        ("brief", 'q'),
        ("recursive", 'r'),
        ("new-file", 'N'),
        ("ignore-case", 'i'),
        ("ignore-all-space", 'w'),
        ("ignore-space-change", 'b'),
        ("report-identical-files", 's'),
    ],
    code: 2,
};

/// One step of the way from the old text to the new.
#[derive(Clone, Copy, PartialEq)]
enum Edit {
    Keep,
    Delete,
    Insert,
}

/// The shortest way from one list of lines to the other, by their longest common subsequence.
fn edits(old: &[String], new: &[String]) -> Vec<Edit> {
    let (mut start, mut end) = (0, 0);
    while start < old.len().min(new.len()) && old[start] == new[start] {
        start += 1;
    }
    while end < old.len().min(new.len()) - start && old[old.len() - 1 - end] == new[new.len() - 1 - end] {
        end += 1;
    }
    let (a, b) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    // common[i][j]: length for a[i..] and b[j..].
    let width = b.len() + 1;
    let mut common = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i * width + j] = match a[i] == b[j] {
                true => common[(i + 1) * width + j + 1] + 1,
                false => common[(i + 1) * width + j].max(common[i * width + j + 1]),
            };
        }
    }
    let mut edits = vec![Edit::Keep; start];
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            edits.push(Edit::Keep);
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || i < a.len() && common[(i + 1) * width + j] >= common[i * width + j + 1] {
            edits.push(Edit::Delete);
            i += 1;
        } else {
            edits.push(Edit::Insert);
            j += 1;
        }
    }
    edits.extend(vec![Edit::Keep; end]);
    edits
}

/// `3` or `3,5`; GNU's count for unified hunks is separate.
fn span(from: usize, count: usize) -> String {
    if count <= 1 { format!("{from}") } else { format!("{from},{}", from + count - 1) }
}

fn normal(old: &[String], new: &[String], edits: &[Edit]) -> String {
    let (mut out, mut i, mut j, mut at) = (String::new(), 0, 0, 0);
    while at < edits.len() {
        if edits[at] == Edit::Keep {
            (i, j, at) = (i + 1, j + 1, at + 1);
            continue;
        }
        let run: Vec<Edit> = edits[at..].iter().copied().take_while(|e| *e != Edit::Keep).collect();
        let gone = run.iter().filter(|e| **e == Edit::Delete).count();
        let come = run.len() - gone;
        out.push_str(&match (gone, come) {
            (0, _) => format!("{i}a{}\n", span(j + 1, come)),
            (_, 0) => format!("{}d{j}\n", span(i + 1, gone)),
            _ => format!("{}c{}\n", span(i + 1, gone), span(j + 1, come)),
        });
        old[i..i + gone].iter().for_each(|l| out.push_str(&format!("< {l}\n")));
        if gone > 0 && come > 0 {
            out.push_str("---\n");
        }
        new[j..j + come].iter().for_each(|l| out.push_str(&format!("> {l}\n")));
        (i, j, at) = (i + gone, j + come, at + run.len());
    }
    out
}

fn unified(old: &[String], new: &[String], edits: &[Edit], context: usize) -> String {
    let mut out = String::new();
    let changes: Vec<usize> = (0..edits.len()).filter(|n| edits[*n] != Edit::Keep).collect();
    let mut at = 0;
    while at < changes.len() {
        let from = changes[at].saturating_sub(context);
        let mut last = at;
        while last + 1 < changes.len() && changes[last + 1] - changes[last] <= 2 * context + 1 {
            last += 1;
        }
        let to = (changes[last] + context + 1).min(edits.len());
        let count = |edits: &[Edit], kind| edits.iter().filter(|e| **e == Edit::Keep || **e == kind).count();
        let (i, j) = (count(&edits[..from], Edit::Delete), count(&edits[..from], Edit::Insert));
        let (gone, come) = (count(&edits[from..to], Edit::Delete), count(&edits[from..to], Edit::Insert));
        let range = |start: usize, size: usize| match size {
            0 => format!("{start},0"),
            1 => format!("{}", start + 1),
            _ => format!("{},{size}", start + 1),
        };
        out.push_str(&format!("@@ -{} +{} @@\n", range(i, gone), range(j, come)));
        let (mut i, mut j) = (i, j);
        for edit in &edits[from..to] {
            match edit {
                Edit::Keep => out.push_str(&format!(" {}\n", old[i])),
                Edit::Delete => out.push_str(&format!("-{}\n", old[i])),
                Edit::Insert => out.push_str(&format!("+{}\n", new[j])),
            }
            i += usize::from(*edit != Edit::Insert);
            j += usize::from(*edit != Edit::Delete);
        }
        at = last + 1;
    }
    out
}

/// The lines of a file. `-`: standard input is not supported here.
fn lines(os: &mut Os<'_>, file: &str, missing_is_empty: bool) -> Result<Vec<String>, i32> {
    if file == "-" {
        complain(os, "-: comparing standard input is not supported");
        return Err(2);
    }
    match os.read_file(file) {
        Ok(bytes) => {
            let lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(String::from).collect();
            if lines.len() > MAX_LINES {
                complain(os, &format!("{file}: more than {MAX_LINES} lines"));
                return Err(2);
            }
            Ok(lines)
        }
        Err(crate::FileError::NotFound) if missing_is_empty => Ok(Vec::new()),
        Err(error) => {
            complain(os, &format!("{file}: {error}"));
            Err(2)
        }
    }
}

pub(super) fn diff(os: &mut Os<'_>) -> i32 {
    let args = match options(os, &SPEC) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let [a, b] = args.operands.as_slice() else {
        let text = match args.operands.last() {
            None => "missing operand after 'diff'".to_string(),
            Some(last) if args.operands.len() == 1 => format!("missing operand after '{last}'"),
            Some(last) => format!("extra operand '{last}'"),
        };
        complain(os, &text);
        os.eprint("diff: Try 'diff --help' for more information.\n");
        return 2;
    };
    let is_dir = |os: &Os<'_>, p: &str| os.files().stat(&os.path(p), true).is_ok_and(|s| s.is_dir());
    let name = |p: &str| p.trim_end_matches('/').rsplit('/').next().unwrap_or(p).to_string();
    match (is_dir(os, a), is_dir(os, b)) {
        (true, true) => directories(os, &args, a, b),
        (true, false) => compare(os, &args, &format!("{}/{}", a.trim_end_matches('/'), name(b)), b, ""),
        (false, true) => compare(os, &args, a, &format!("{}/{}", b.trim_end_matches('/'), name(a)), ""),
        (false, false) => compare(os, &args, a, b, ""),
    }
}

fn directories(os: &mut Os<'_>, args: &super::support::Args, a: &str, b: &str) -> i32 {
    let list = |os: &Os<'_>, dir: &str| os.files().list(&os.path(dir)).unwrap_or_default();
    let (left, right) = (list(os, a), list(os, b));
    let mut names: Vec<&String> = left.iter().chain(&right).map(|(n, _)| n).collect();
    names.order();
    names.dedup();
    let mut code = 0;
    for name in names {
        let has = |side: &[(String, crate::Stat)]| side.iter().any(|(n, _)| n == name);
        let (x, y) = (format!("{a}/{name}"), format!("{b}/{name}"));
        if (!has(&left) || !has(&right)) && !args.has('N') {
            os.print(&format!("Only in {}: {name}\n", if has(&left) { a } else { b }));
            code = code.max(1);
            continue;
        }
        let dir = left.iter().chain(&right).any(|(n, s)| n == name && s.is_dir());
        if dir && args.has('r') {
            code = code.max(directories(os, args, &x, &y));
        } else if dir {
            os.print(&format!("Common subdirectories: {x} and {y}\n"));
        } else {
            let flags: String = args.options.iter().map(|(l, v)| format!(" -{l}{v}")).collect();
            code = code.max(compare(os, args, &x, &y, &format!("diff{flags} {x} {y}\n")));
        }
    }
    code
}

fn compare(os: &mut Os<'_>, args: &super::support::Args, a: &str, b: &str, title: &str) -> i32 {
    let (old, new) = match (lines(os, a, args.has('N')), lines(os, b, args.has('N'))) {
        (Ok(old), Ok(new)) => (old, new),
        _ => return 2,
    };
    let key = |line: &String| {
        let line = if args.has('i') { line.to_lowercase() } else { line.clone() };
        match (args.has('w'), args.has('b')) {
            (true, _) => line.split_whitespace().collect(),
            (_, true) => line.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => line,
        }
    };
    let (x, y): (Vec<String>, Vec<String>) = (old.iter().map(key).collect(), new.iter().map(key).collect());
    if x == y {
        if args.has('s') {
            os.print(&format!("Files {a} and {b} are identical\n"));
        }
        return 0;
    }
    if args.has('q') {
        os.print(&format!("Files {a} and {b} differ\n"));
        return 1;
    }
    let edits = edits(&x, &y);
    os.print(title);
    if args.has('u') || args.has('U') {
        let context = args.value('U').and_then(|c| c.parse().ok()).unwrap_or(3);
        let stamp = |os: &Os<'_>, p: &str| {
            let time = os.files().stat(&os.path(p), true).map(|s| s.meta().modified).unwrap_or_default();
            date::format("%Y-%m-%d %H:%M:%S.000000000 +0000", time)
        };
        let text = format!("--- {a}\t{}\n+++ {b}\t{}\n", stamp(os, a), stamp(os, b));
        os.print(&(text + &unified(&old, &new, &edits, context)));
    } else {
        os.print(&normal(&old, &new, &edits));
    }
    1
}

/// `cmp`
pub(super) fn cmp(os: &mut Os<'_>) -> i32 {
    let args = match options(
        os,
        &Spec { usage: "cmp [OPTION]... FILE1 FILE2", letters: "s", long: &[("silent", 's')], code: 2 },
    ) {
        Ok(args) => args,
        Err(code) => return code,
    };
    let [a, b] = args.operands.as_slice() else {
        complain(os, "missing operand");
        return 2;
    };
    match (os.read_file(a), os.read_file(b)) {
        (Ok(x), Ok(y)) if x == y => 0,
        (Ok(x), Ok(y)) => {
            if !args.has('s') {
                let at = x.iter().zip(y.iter()).take_while(|(p, q)| p == q).count();
                let line = x[..at].iter().filter(|c| **c == b'\n').count() + 1;
                match at == x.len().min(y.len()) {
                    true => {
                        let short = if x.len() < y.len() { a } else { b };
                        os.eprint(&format!("cmp: EOF on {short} after byte {at}, line {line}\n"));
                    }
                    false => os.print(&format!("{a} {b} differ: byte {}, line {line}\n", at + 1)),
                }
            }
            1
        }
        (Err(error), _) => {
            complain(os, &format!("{a}: {error}"));
            2
        }
        (_, Err(error)) => {
            complain(os, &format!("{b}: {error}"));
            2
        }
    }
}
