//! When shown output is right: what no two runs share is taken out of both, and a line `...` stands for any lines.

use fancy_regex::Regex;
use sim::Order;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// The letters and digits of names' random ends.
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// What is taken out of a line, in this order: a pattern (`SAFE` stands for the class above) and what takes its place.
/// `docs/checking-docs.md` tells writers what they are.
const RULES: [(&str, &str); 24] = [
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z| ?[+-]\d{2}:?\d{2}( \w+)?)?", "<TIME>"),
    (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} ([+-]\d{4}|GMT)", "<TIME>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<UID>"),
    (r"(containerd://|docker://|sha256:)[0-9a-f]{64}", "${1}<ID>"),
    (r"\b[0-9a-f]{40,64}\b", "<HEX>"),
    (r#"(resourceVersion"?: ?)"?\d+"?"#, "${1}<RV>"),
    (r"(?i)(ResourceVersion:\s+)\d+", "${1}<RV>"),
    (r#"(pod-template-hash[=:"]+ ?"?)[a-z0-9]{6,10}"#, "${1}<HASH>"),
    (r#"(controller-revision-hash[=:"]+ ?"?)[\w-]*?[SAFE]{6,10}"#, "${1}<HASH>"),
    (r"-(?=[a-z]*\d)[a-z0-9]{6,10}-[a-z0-9]{5}\b", "-<HASH>-<ID>"),
    (r"-[SAFE]{6,10}-[SAFE]{5}\b", "-<HASH>-<ID>"),
    (r"-(?=[SAFE]*\d)[SAFE]{6,10}\b", "-<HASH>"),
    (r"-\d{8,10}\b", "-<HASH>"),
    (r"-[SAFE]{5}\b", "-<ID>"),
    (r"\b(?!127\.0\.0\.1\b)(\d{1,3}\.){3}\d{1,3}\b", "<IP>"),
    (r"(https?://(127\.0\.0\.1|localhost)):\d{5}\b", "${1}:<PORT>"),
    (r"\b3([01]\d{3}|2[0-6]\d{2}|27[0-5]\d|276[0-7])\b", "<NODE_PORT>"),
    (
        r"(?<!cpu[:=])(?<!cpu: )(?<!cpu:  )(?<![-.\w])((\d+y)?(\d+d)?(\d+h)?(\d+m)?\d+(\.\d+)?(ms|s)|\d+[ydhm](\d+[dhm])?)(?![-.\w])",
        "<AGE>",
    ),
    (r"\(x\d+ over <AGE>\)", "(xN over <AGE>)"),
    (r"<(invalid|unknown)>(?=$| ago)", "<AGE>"),
    (r"Image size: \d+ bytes", "Image size: <N> bytes"),
    (r"-{4,}", "----"),
    (r"={4,}", "===="),
    (r"^\[(\d+)\] \d+$", "[${1}] <PID>"),
];

/// The most lines of a change that a report shows, and the most characters of a line.
const MAX_SHOWN: usize = 200;
const MAX_WIDTH: usize = 500;
/// How lines begin that tell how far something is, as `kubectl rollout status` prints them.
const WAITING: &str = "Waiting for ";
/// Lines of a diff that stand around a change.
const CONTEXT: usize = 2;
/// The longest line that is looked at for what varies, in bytes; longer ones are compared as they are.
const MAX_LINE: usize = 2 << 10;
/// The most lines that are looked at for what varies; longer texts are compared as they are, and differ as a whole.
const MAX_LINES: usize = 20_000;

/// The rules, ready to be used.
pub(crate) struct Rules {
    rules: Vec<(Regex, &'static str)>,
    gaps: Regex,
    columns: Regex,
    document: Regex,
}

impl Rules {
    /// Compiles every rule.
    pub(crate) fn new() -> Rules {
        let compile = |pattern: &str| Regex::new(pattern).expect("the rules of this file are valid");
        Rules {
            rules: RULES.iter().map(|(pattern, to)| (compile(&pattern.replace("SAFE", SAFE)), *to)).collect(),
            gaps: compile(r"(?<=\S)([ \t]{2,}|\t)"),
            columns: compile(r"^[A-Z][A-Z0-9()/_-]*(  [A-Z][A-Z0-9()/_-]*( [A-Z0-9()/_-]+)*)+$"),
            document: compile(r"(-o|--output)[ =]?(yaml|json|jsonpath|go-template)"),
        }
    }

    /// A line without what no two runs share. A line that cannot be matched in reasonable time stays as it is.
    fn line(&self, line: &str) -> String {
        if line.len() > MAX_LINE {
            return line.trim_end().into();
        }
        let mut line = self.gaps.replace_all(line.trim_end(), "  ").into_owned();
        for (pattern, to) in &self.rules {
            if let Ok(std::borrow::Cow::Owned(replaced)) = pattern.try_replacen(&line, 0, *to) {
                line = replaced;
            }
        }
        line
    }

    fn lines<S: AsRef<str>>(&self, lines: &[S]) -> Vec<String> {
        let long = lines.len() > MAX_LINES;
        let line = |line: &S| if long { line.as_ref().into() } else { self.line(line.as_ref()) };
        lines.iter().map(line).collect()
    }

    /// Whether shown output is right.
    pub(crate) fn equal(&self, shown: &[String], real: &[String], command: &str) -> bool {
        let (shown, real) = (self.lines(trim(shown)), self.lines(trim(real)));
        if matches(&shown, &real) {
            return true;
        }
        // How often they come, and with which numbers, is a matter of speed.
        let waiting = |lines: &[String]| -> Vec<String> {
            lines.iter().filter(|line| !line.starts_with(WAITING)).cloned().collect()
        };
        let (still, done) = (waiting(&shown), waiting(&real));
        if !done.is_empty() && done.len() < real.len() && matches(&still, &done) {
            return true;
        }
        // Rows sort by names with random ends, so the rows of a table may stand in another order.
        let table = real.first().is_some_and(|first| self.columns.is_match(first).unwrap_or(false));
        let document = self.document.is_match(command).unwrap_or(false);
        table && !document && shown.first() == real.first() && ordered(shown) == ordered(real)
    }

    /// What to change, as lines that begin with `-` (shown), `+` (real) or a space, with where each change begins in
    /// the shown lines.
    pub(crate) fn diff(&self, shown: &[String], real: &[String]) -> Vec<Change> {
        let (shown, real) = (trim(shown), trim(real));
        let ops = self.ops(shown, real);
        let mut changes: Vec<Change> = Vec::new();
        for (index, op) in ops.iter().enumerate() {
            let (old, new) = (op.old_range(), op.new_range());
            match op {
                DiffOp::Equal { .. } => {
                    let (first, last) = (index == 0, index + 1 == ops.len());
                    let head = if first { old.start } else { (old.start + CONTEXT).min(old.end) };
                    if let Some(change) = changes.last_mut() {
                        change.lines.extend(shown[old.start..head].iter().map(|line| format!(" {line}")));
                    }
                    let tail = if last { old.end } else { head.max(old.end.saturating_sub(CONTEXT)) };
                    if tail > head || changes.is_empty() {
                        changes.push(Change { at: tail, lines: Vec::new() });
                    }
                    if let Some(change) = changes.last_mut() {
                        change.lines.extend(shown[tail..old.end].iter().map(|line| format!(" {line}")));
                    }
                }
                _ => {
                    if changes.is_empty() {
                        changes.push(Change { at: old.start, lines: Vec::new() });
                    }
                    if let Some(change) = changes.last_mut() {
                        change.lines.extend(shown[old].iter().map(|line| format!("-{line}")));
                        change.lines.extend(real[new].iter().map(|line| format!("+{line}")));
                    }
                }
            }
        }
        changes.retain(|change| change.lines.iter().any(|line| !line.starts_with(' ')));
        changes.iter_mut().for_each(shorten);
        changes
    }

    /// What the page should show: the real lines, with the lines `...` of the shown ones where they still stand for
    /// something.
    pub(crate) fn fixed(&self, shown: &[String], real: &[String]) -> Vec<String> {
        let (shown, real) = (trim(shown), trim(real));
        if !shown.iter().any(|line| is_ellipsis(line)) {
            return real.to_vec();
        }
        let mut lines = Vec::new();
        for op in self.ops(shown, real) {
            match op {
                DiffOp::Equal { .. } if shown[op.old_range()].iter().any(|line| is_ellipsis(line)) => {
                    lines.extend_from_slice(&shown[op.old_range()]);
                }
                _ => lines.extend_from_slice(&real[op.new_range()]),
            }
        }
        lines
    }

    /// The differences, where a line `...` is equal to whatever stands in its place.
    fn ops(&self, shown: &[String], real: &[String]) -> Vec<DiffOp> {
        let (old, new) = (self.lines(shown), self.lines(real));
        let mut ops: Vec<DiffOp> = Vec::new();
        if old.len().max(new.len()) > MAX_LINES {
            split(&old, 0..old.len(), 0..new.len(), false, &mut ops);
            return ops;
        }
        for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
            split(&old, op.old_range(), op.new_range(), matches!(op, DiffOp::Equal { .. }), &mut ops);
        }
        ops
    }
}

/// A change of a diff.
#[derive(Debug, PartialEq)]
pub(crate) struct Change {
    /// The shown line that it begins at, counted from 0.
    pub(crate) at: usize,
    pub(crate) lines: Vec<String>,
}

/// Leaves out what nobody would read.
fn shorten(change: &mut Change) {
    if change.lines.len() > MAX_SHOWN {
        let more = change.lines.len() - MAX_SHOWN;
        change.lines.truncate(MAX_SHOWN);
        change.lines.push(format!(" ({more} more lines)"));
    }
    for line in &mut change.lines {
        if let Some((end, _)) = line.char_indices().nth(MAX_WIDTH) {
            let more = line.len() - end;
            line.truncate(end);
            line.push_str(&format!("… ({more} more bytes)"));
        }
    }
}

/// How many lines differ.
pub(crate) fn weight(changes: &[Change]) -> usize {
    changes.iter().flat_map(|change| &change.lines).filter(|line| !line.starts_with(' ')).count()
}

/// Adds a range of a diff; where it differs, its lines `...` are equal to the real lines in their place.
fn split(old: &[String], shown: Range<usize>, real: Range<usize>, equal: bool, ops: &mut Vec<DiffOp>) {
    let ellipsis = (!equal).then(|| shown.clone().find(|at| is_ellipsis(&old[*at]))).flatten();
    let Some(at) = ellipsis else {
        let (old_index, new_index, old_len, new_len) = (shown.start, real.start, shown.len(), real.len());
        ops.extend(match (equal, old_len, new_len) {
            (_, 0, 0) => None,
            (true, len, _) => Some(DiffOp::Equal { old_index, new_index, len }),
            (_, 0, new_len) => Some(DiffOp::Insert { old_index, new_index, new_len }),
            (_, old_len, 0) => Some(DiffOp::Delete { old_index, old_len, new_index }),
            _ => Some(DiffOp::Replace { old_index, old_len, new_index, new_len }),
        });
        return;
    };
    // As many real lines as shown ones stand before and behind it, and it takes the rest.
    let before = (at - shown.start).min(real.len());
    let behind = (shown.end - at - 1).min(real.len() - before);
    split(old, shown.start..at, real.start..real.start + before, false, ops);
    ops.push(DiffOp::Equal { old_index: at, new_index: real.start + before, len: 1 });
    split(old, at + 1..shown.end, real.end - behind..real.end, false, ops);
}

/// A time as people write it.
pub(crate) fn time(time: sim::Duration) -> String {
    match time.as_millis() {
        millis if millis % 60_000 == 0 => format!("{} min", millis / 60_000),
        millis if millis % 1000 == 0 => format!("{} s", millis / 1000),
        millis => format!("{millis} ms"),
    }
}

/// A line that stands for any lines.
pub(crate) fn is_ellipsis(line: &str) -> bool {
    matches!(line.trim(), "..." | "…" | "[...]" | "# ...")
}

/// Without empty lines at both ends.
pub(crate) fn trim(lines: &[String]) -> &[String] {
    let empty = |line: &String| line.trim().is_empty();
    let start = lines.iter().position(|line| !empty(line)).unwrap_or(lines.len());
    let end = lines.iter().rposition(|line| !empty(line)).map_or(start, |at| at + 1);
    &lines[start..end]
}

/// Whether the shown lines match, with lines `...` for any: the usual way to match one wildcard, with a step back to
/// the last.
fn matches(shown: &[String], real: &[String]) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while here < real.len() {
        if at < shown.len() && is_ellipsis(&shown[at]) {
            back = Some((at, here));
            at += 1;
        } else if at < shown.len() && shown[at] == real[here] {
            at += 1;
            here += 1;
        } else if let Some((ellipsis, from)) = back {
            back = Some((ellipsis, from + 1));
            (at, here) = (ellipsis + 1, from + 1);
        } else {
            return false;
        }
    }
    shown[at..].iter().all(|line| is_ellipsis(line))
}

fn ordered(mut lines: Vec<String>) -> Vec<String> {
    lines.order();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    fn equal(shown: &str, real: &str) -> bool {
        Rules::new().equal(&lines(shown), &lines(real), "kubectl get pods")
    }

    fn diff(shown: &str, real: &str) -> String {
        let changes = Rules::new().diff(&lines(shown), &lines(real));
        let change = |change: &Change| format!("@{}{}", change.at, change.lines.join("|"));
        changes.iter().map(change).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn takes_out_what_varies_and_nothing_else() {
        let rules = Rules::new();
        let cases = [
            (
                "web-7dfcdf9bcc-gpvjt   1/1     Running   0     3m5s",
                "web-<HASH>-<ID>  1/1  Running  0  <AGE>",
            ),
            ("nginx-deployment-1564180365-khku8 1 (5s ago)", "nginx-deployment-<HASH>-<ID> 1 (<AGE> ago)"),
            ("nginx-deployment-75675f5897  3", "nginx-deployment-<HASH>  3"),
            ("web-0 my-nginx hello-world kube-system", "web-0 my-nginx hello-world kube-system"),
            ("2026-01-02T03:04:05Z Tue, 30 Aug 2016 18:11:37 -0700", "<TIME> <TIME>"),
            ("10.244.1.5:80 127.0.0.1:8001", "<IP>:80 127.0.0.1:8001"),
            ("80:31234/TCP 33000 32768", "80:<NODE_PORT>/TCP 33000 32768"),
            ("    cpu:        100m", "    cpu:  100m"),
            ("nginx:1.14.2 v1.36.2 16h 2y3d 10m", "nginx:1.14.2 v1.36.2 <AGE> <AGE> <AGE>"),
            ("  resourceVersion: \"123\"", "  resourceVersion: <RV>"),
            ("  uid: 0b3c4d5e-0000-1111-2222-333344445555", "  uid: <UID>"),
            ("[1] 4711", "[1] <PID>"),
            ("  two  spaces at the start", "  two  spaces at the start"),
        ];
        for (text, expected) in cases {
            assert_eq!(rules.line(text), expected, "of {text:?}");
        }
    }

    #[test]
    fn an_ellipsis_stands_for_any_lines_and_rows_may_change_places() {
        assert!(equal("a\n...\nd", "a\nb\nc\nd") && equal("...\nd\n...", "d") && equal("a\n...", "a\nb\nb"));
        assert!(equal("...\nb\n...\nb\nc", "a\nb\nx\nb\nb\nc"));
        assert!(!equal("a\n...\nd", "a\nb") && !equal("...\nc", "a\nb") && !equal("a", "a\nb"));
        assert!(equal("NAME   AGE\nb      1s\na      2s\n\n", "NAME  AGE\na  1s\nb  9s"));
        assert!(equal("Waiting for a: 1 of 2\ndone", "Waiting for a: 0 of 2\nWaiting for a: 1 of 2\ndone"));
        assert!(!equal("Waiting for a: 1 of 2", "Waiting for a: 0 of 2\ndone"));
        assert!(!equal("b\na", "a\nb") && !equal("NAME  AGE\na  1s", "NAME  AGE\nb  1s"));
    }

    #[test]
    fn a_diff_shows_what_changed_and_little_else() {
        assert_eq!(diff("a\nb\nc\nd\ne", "a\nb\nc\nx\ne"), "@1 b| c|-d|+x| e");
        assert_eq!(diff("", "a"), "@0+a");
        assert_eq!(diff("a\n...\nd\nx", "a\nb\nc\nd\ny"), "@0 a| ...| d|-x|+y");
        assert_eq!(diff("x 3s\nb", "x 4s\nb"), "");
        assert_eq!(diff("1\na\nb\nc\nd\ne\nf\n2", "3\na\nb\nc\nd\ne\nf\n4"), "@0-1|+3| a| b @5 e| f|-2|+4");
    }

    #[test]
    fn a_fix_keeps_what_was_left_out() {
        let fixed = |shown: &str, real: &str| Rules::new().fixed(&lines(shown), &lines(real)).join("|");
        assert_eq!(fixed("a\nb", "a\nc\nd"), "a|c|d");
        assert_eq!(fixed("a\n...\nd\nx", "a\nb\nc\nd\ny"), "a|...|d|y");
        assert!(equal(&fixed("x\n...\nd\nx", "a\nb\nc\nd\ny").replace('|', "\n"), "a\nb\nc\nd\ny"));
    }
}
