//! What came of the pages, for people and for machines.

use super::page::Broken;
use super::run::{Case, Checked, Problem, Verdict};
use apimachinery::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The longest command that a title shows, in characters.
const TITLE: usize = 70;

/// Every page with what came of it.
pub(crate) type Results = [(PathBuf, Result<Checked, Broken>)];

/// The forms of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
    Junit,
}

impl Format {
    pub(crate) fn parse(name: &str) -> Option<Format> {
        match name {
            "text" => Some(Format::Text),
            "json" => Some(Format::Json),
            "junit" => Some(Format::Junit),
            _ => None,
        }
    }
}

/// How many commands came to what. What `--fix` has mended is `fixed` and not `wrong`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) right: usize,
    pub(crate) wrong: usize,
    pub(crate) fixed: usize,
    pub(crate) skipped: usize,
    pub(crate) broken: usize,
}

impl Counts {
    fn add(&mut self, result: &Result<Checked, Broken>, fix: bool) {
        let Ok(checked) = result else {
            self.broken += 1;
            return;
        };
        for case in &checked.cases {
            match &case.verdict {
                Verdict::Right => self.right += 1,
                Verdict::Skipped => self.skipped += 1,
                Verdict::Wrong(problem) if fix && problem.fixable => self.fixed += 1,
                Verdict::Wrong(_) => self.wrong += 1,
            }
        }
    }

    fn total(&self) -> usize {
        self.right + self.wrong + self.fixed + self.skipped + self.broken
    }
}

/// Counts; `fix` says that what can be mended has been.
pub(crate) fn count(results: &Results, fix: bool) -> Counts {
    let mut counts = Counts::default();
    results.iter().for_each(|(_, result)| counts.add(result, fix));
    counts
}

/// The report in a form.
pub(crate) fn report(format: Format, results: &Results, fix: bool) -> String {
    match format {
        Format::Text => text(results, fix),
        Format::Json => json(results, fix).to_json_pretty("  ") + "\n",
        Format::Junit => junit(results, fix),
    }
}

/// Where something is: `docs/page.md:12`.
fn place(path: &Path, line: usize) -> String {
    if line == 0 { path.display().to_string() } else { format!("{}:{line}", path.display()) }
}

/// A command on one line.
fn title(command: &str) -> String {
    let mut words = command.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > TITLE {
        words = words.chars().take(TITLE - 1).collect::<String>() + "…";
    }
    words
}

/// What is wrong, without where.
fn details(problem: &Problem) -> String {
    let mut out = String::new();
    for (line, lines) in &problem.changes {
        let numbered = problem.changes.len() > 1 || *line != problem.line;
        if numbered {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  line {line}:");
        }
        for line in lines {
            let (sign, text) = line.split_at(1);
            let _ = writeln!(out, "  {}", format!("{sign} {text}").trim_end());
        }
    }
    for hint in &problem.hints {
        let _ = writeln!(out, "  hint: {hint}");
    }
    out
}

fn text(results: &Results, fix: bool) -> String {
    let mut out = String::new();
    for (path, result) in results {
        let checked = match result {
            Ok(checked) => checked,
            Err(broken) => {
                let _ = writeln!(out, "{}: {}\n", place(path, broken.line), broken.what);
                continue;
            }
        };
        for case in &checked.cases {
            let Verdict::Wrong(problem) = &case.verdict else { continue };
            let mended = if fix && problem.fixable { " (rewritten)" } else { "" };
            let _ = writeln!(
                out,
                "{}: `{}` {}{mended}",
                place(path, problem.line),
                title(&case.command),
                problem.what
            );
            let _ = writeln!(out, "{}", details(problem));
        }
    }
    if out.contains("  - ") || out.contains("  + ") {
        out.push_str("(- is what the page shows, + what the command prints)\n");
    }
    let counts = count(results, fix);
    let parts = [
        (counts.right, "right"),
        (counts.wrong, "wrong"),
        (counts.fixed, "rewritten"),
        (counts.skipped, "skipped"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, what)| *n > 0 || *what == "right")
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    let pages = if results.len() == 1 { "1 page".into() } else { format!("{} pages", results.len()) };
    let broken =
        if counts.broken > 0 { format!(", {} of them broken", counts.broken) } else { String::new() };
    let _ = writeln!(out, "{pages}{broken}: {}", parts.join(", "));
    out
}

fn json(results: &Results, fix: bool) -> Value {
    let counts = count(results, fix);
    let number = |n: usize| n as i64;
    let pages: Vec<Value> = results.iter().map(|(path, result)| page(path, result, fix)).collect();
    json!({
        "version": 1,
        "right": number(counts.right),
        "wrong": number(counts.wrong),
        "rewritten": number(counts.fixed),
        "skipped": number(counts.skipped),
        "broken": number(counts.broken),
        "pages": pages,
    })
}

fn page(path: &Path, result: &Result<Checked, Broken>, fix: bool) -> Value {
    let file = path.display().to_string();
    match result {
        Err(broken) => {
            json!({"file": file, "error": {"line": broken.line as i64, "message": broken.what.as_str()}})
        }
        Ok(checked) => {
            let cases: Vec<Value> = checked.cases.iter().map(|case| one(case, fix)).collect();
            json!({"file": file, "commands": cases})
        }
    }
}

fn one(case: &Case, fix: bool) -> Value {
    let verdict = match &case.verdict {
        Verdict::Right => "right",
        Verdict::Skipped => "skipped",
        Verdict::Wrong(problem) if fix && problem.fixable => "rewritten",
        Verdict::Wrong(_) => "wrong",
    };
    let mut value = json!({
        "line": case.line as i64,
        "command": case.command.as_str(),
        "ms": case.took.as_millis() as i64,
        "verdict": verdict,
    });
    if let Verdict::Wrong(problem) = &case.verdict {
        let change = |(line, lines): &(usize, Vec<String>)| {
            let lines: Vec<Value> = lines.iter().map(|line| Value::from(line.as_str())).collect();
            json!({"line": *line as i64, "diff": lines})
        };
        let changes: Vec<Value> = problem.changes.iter().map(change).collect();
        let hints: Vec<Value> = problem.hints.iter().map(|hint| Value::from(hint.as_str())).collect();
        let told = json!({
            "line": problem.line as i64, "message": problem.what.as_str(), "changes": changes, "hints": hints,
        });
        value.set("problem", told);
    }
    value
}

fn junit(results: &Results, fix: bool) -> String {
    let counts = count(results, fix);
    let total = counts.total();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kubarium check\" tests=\"{total}\" failures=\"{}\" \
         errors=\"{}\" skipped=\"{}\">\n",
        counts.wrong, counts.broken, counts.skipped
    );
    for (path, result) in results {
        let file = xml(&path.display().to_string());
        let mut alone = Counts::default();
        alone.add(result, fix);
        let tests = alone.total();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{file}\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            alone.wrong, alone.broken, alone.skipped
        );
        match result {
            Err(broken) => {
                let _ = writeln!(
                    out,
                    "    <testcase classname=\"{file}\" name=\"page\">\n      <error message=\"{}\"/>\n    </testcase>",
                    xml(&format!("{}: {}", place(path, broken.line), broken.what))
                );
            }
            Ok(checked) => checked.cases.iter().for_each(|case| testcase(&mut out, path, case, fix)),
        }
        out.push_str("  </testsuite>\n");
    }
    out + "</testsuites>\n"
}

fn testcase(out: &mut String, path: &Path, case: &Case, fix: bool) {
    let inner = match &case.verdict {
        Verdict::Right => String::new(),
        Verdict::Skipped => "      <skipped/>\n".into(),
        Verdict::Wrong(problem) if fix && problem.fixable => String::new(),
        Verdict::Wrong(problem) => format!(
            "      <failure message=\"{}\">{}</failure>\n",
            xml(&format!("{}: {}", place(path, problem.line), problem.what)),
            xml(&details(problem))
        ),
    };
    let _ = writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">\n{inner}    </testcase>",
        xml(&path.display().to_string()),
        xml(&format!("line {}: {}", case.line, title(&case.command))),
        case.took.as_secs_f64()
    );
}

/// Text for XML: characters that it cannot have at all become `?`.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            c => out.push(c),
        }
    }
    out
}
