//! Reads fields out of a YAML file, and knows in which line a field stands, so that problems can say so.

use crate::Problem;
use apimachinery::Value;

/// One file that is being read, and what was found wrong with it.
pub(crate) struct Doc<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    pub(crate) problems: Vec<Problem>,
}

/// A place in the file: the way down to a field or an item.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    Root,
    Field(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
}

impl<'a> Doc<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Doc<'a> {
        Doc { file, text, problems: Vec::new() }
    }

    /// Notes a problem at a place.
    pub(crate) fn problem(&mut self, at: &At<'_>, what: impl Into<String>, fix: impl Into<String>) {
        let line = self.line(at);
        self.problems.push(Problem::new(self.file, what, fix).at(line));
    }

    /// Complains about fields that are not among the known ones, and about what is no object at all.
    pub(crate) fn only(&mut self, at: &At<'_>, value: &Value, known: &[&str]) {
        if value.as_object().is_none() {
            return self.problem(at, "fields are missing here", format!("write {}", known.join(", ")));
        }
        let unknown: Vec<String> =
            value.fields().map(|(key, _)| key).filter(|k| !known.contains(k)).map(String::from).collect();
        for key in unknown {
            let near = known.iter().find(|k| alike(k, &key));
            let fix = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            self.problem(&At::Field(at, &key), format!("unknown key `{key}`"), fix);
        }
    }

    /// Complains about what a reader of YAML passes over without a word: a key of the top that stands there twice, and
    /// a second document.
    pub(crate) fn twice(&mut self) {
        let mut seen: Vec<&str> = Vec::new();
        for (number, line) in (1..).zip(self.text.lines()) {
            let problem = if line.trim_end() == "---" && !seen.is_empty() {
                Problem::new(self.file, "a second document", "one file is one lesson")
            } else {
                let key = line.split_once(':').map_or("", |(key, _)| key);
                if !key.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    continue;
                }
                if !seen.contains(&key) {
                    seen.push(key);
                    continue;
                }
                let what = format!("`{key}` stands here a second time");
                Problem::new(self.file, what, "write all of it in one place")
            };
            let last = problem.what == "a second document";
            self.problems.push(problem.at(number));
            if last {
                break;
            }
        }
    }

    /// A field that has to be text, if it is there.
    pub(crate) fn text(&mut self, at: &At<'_>, value: &Value, key: &str) -> Option<String> {
        match &value[key] {
            Value::Null => None,
            Value::String(text) => Some(text.to_string()),
            Value::Int(_) | Value::Float(_) | Value::Bool(_) => Some(value[key].to_go()),
            _ => {
                self.problem(&At::Field(at, key), format!("`{key}` is no text"), "write one line of text");
                None
            }
        }
    }

    /// A field that has to be a whole number from `least` to `most`, if it is there.
    pub(crate) fn number(
        &mut self,
        at: &At<'_>,
        value: &Value,
        key: &str,
        least: i64,
        most: i64,
    ) -> Option<i64> {
        if value[key].is_null() {
            return None;
        }
        let number = value[key].as_i64().filter(|n| (least..=most).contains(n));
        if number.is_none() {
            let fix = format!("write one from {least} to {most}");
            self.problem(&At::Field(at, key), format!("`{key}` is no fitting number"), fix);
        }
        number
    }

    /// A field that has to be true or false, if it is there.
    pub(crate) fn flag(&mut self, at: &At<'_>, value: &Value, key: &str) -> Option<bool> {
        if value[key].is_null() {
            return None;
        }
        let flag = value[key].as_bool();
        if flag.is_none() {
            self.problem(
                &At::Field(at, key),
                format!("`{key}` is neither true nor false"),
                "write true or false",
            );
        }
        flag
    }

    /// A field that has to be a span of time, if it is there.
    pub(crate) fn duration(&mut self, at: &At<'_>, value: &Value, key: &str) -> Option<sim::Duration> {
        let text = self.text(at, value, key)?;
        let duration = crate::duration::parse(&text);
        if duration.is_none() {
            self.problem(
                &At::Field(at, key),
                format!("`{key}: {text}` is no time"),
                "write one such as 10s or 2m, at most 1h",
            );
        }
        duration
    }

    /// A field that has to be a list, with at most `most` items; empty when it is not there.
    pub(crate) fn list<'v>(&mut self, at: &At<'_>, value: &'v Value, key: &str, most: usize) -> &'v [Value] {
        match &value[key] {
            Value::Null => &[],
            Value::Array(items) if items.len() <= most => items,
            Value::Array(items) => {
                self.problem(&At::Field(at, key), format!("`{key}` has more than {most} items"), "split it");
                &items[..most]
            }
            _ => {
                self.problem(
                    &At::Field(at, key),
                    format!("`{key}` is no list"),
                    "write each item after `- `",
                );
                &[]
            }
        }
    }

    /// A field that has to be a list of texts.
    pub(crate) fn texts(&mut self, at: &At<'_>, value: &Value, key: &str, most: usize) -> Vec<String> {
        let items: Vec<Value> = self.list(at, value, key, most).to_vec();
        let here = At::Field(at, key);
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(text) => texts.push(text.to_string()),
                None => {
                    self.problem(&At::Item(&here, index), format!("`{key}` has an item that is no text"), "")
                }
            }
        }
        texts
    }

    /// The line of a place, from 1; found by looking for the keys from the top down.
    pub(crate) fn line(&self, at: &At<'_>) -> usize {
        let lines: Vec<&str> = self.text.lines().collect();
        find(&lines, at) + 1
    }
}

/// The index of the line where a place begins.
fn find(lines: &[&str], at: &At<'_>) -> usize {
    match at {
        At::Root => 0,
        At::Field(parent, key) => {
            let from = find(lines, parent);
            let begins = |line: &&str| has_key(line, key);
            lines[from.min(lines.len())..].iter().position(begins).map_or(from, |i| from + i)
        }
        At::Item(parent, index) => {
            let from = find(lines, parent);
            let mut depth = None;
            let mut seen = 0;
            for (i, line) in lines.iter().enumerate().skip(from) {
                let indent = line.len() - line.trim_start().len();
                if !line.trim_start().starts_with("- ") || (i == from && !matches!(parent, At::Root)) {
                    continue;
                }
                if *depth.get_or_insert(indent) == indent {
                    if seen == *index {
                        return i;
                    }
                    seen += 1;
                }
            }
            from
        }
    }
}

/// Whether `key:` stands in a line, not as the end of another word.
fn has_key(line: &str, key: &str) -> bool {
    let line = line.split(" #").next().unwrap_or(line);
    line.match_indices(key).any(|(i, _)| {
        let before = line[..i].chars().next_back();
        let after = line[i + key.len()..].trim_start_matches(['"', '\'']);
        before.is_none_or(|c| " -{,\"'".contains(c)) && after.starts_with(':')
    })
}

/// Whether two keys differ in little: by a letter, or in their case.
fn alike(a: &str, b: &str) -> bool {
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let same_start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let longer = a.len().max(b.len());
    a.len().abs_diff(b.len()) <= 1 && longer > 2 && same_start + same_end + 1 >= longer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_places_are_found() {
        let text = "version: 1\nsteps:\n  - id: a\n    goals:\n      - id: x\n      - id: y\n        object: {kind: Pod}\n  - id: b\n    goals: []\n";
        let doc = Doc::new("lesson.yaml", text);
        let steps = At::Field(&At::Root, "steps");
        let (first, second) = (At::Item(&steps, 0), At::Item(&steps, 1));
        let goals = At::Field(&first, "goals");
        let goal = At::Item(&goals, 1);
        let object = At::Field(&goal, "object");
        let places = [(steps, 2), (first, 3), (goal, 6), (At::Field(&object, "kind"), 7), (second, 8)];
        for (place, line) in places {
            assert_eq!(doc.line(&place), line);
        }
    }

    #[test]
    fn slips_of_the_pen_are_recognised() {
        assert!(alike("goals", "goal") && alike("nodes", "Nodes") && alike("selector", "selektor"));
        assert!(!alike("id", "to") && !alike("kind", "name"));
    }
}
