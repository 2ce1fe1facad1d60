//! Expansion of words: parameters, command substitution, arithmetic, splitting, patterns.
//!
//! A command substitution takes time, and the shell must be cloneable meanwhile. So an expansion is done again from
//! its start after each substitution, with a [`Log`] of the results so far; whatever changes something, or may give
//! another result the second time, is taken from the log instead of done twice.

use super::arithmetic::{self, Names};
use super::ast::*;
use super::variables::Data;
use super::{Shell, escape, pattern};
use crate::Os;
use std::sync::Arc;

/// Bytes that one word may become.
const MAX_EXPANSION: usize = 4 << 20;
/// Words that one command may get.
const MAX_WORDS: usize = 100_000;
/// How deep expansions may be nested.
const MAX_DEPTH: usize = 60;

/// Why an expansion stops.
pub(crate) enum Halt {
    /// This list must be run first, and its output be added to the log.
    Command(Arc<List>),
    /// It failed; the message without the shell's name.
    Error(String),
}

/// Where the outputs of `<( )` stand.
pub(crate) const OUTPUTS: &str = "/dev/fd/";

/// Results of an expansion that must not be done twice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    pub replies: Vec<String>,
    at: usize,
}

impl Log {
    /// Begins again from the start.
    pub fn rewind(&mut self) {
        self.at = 0;
    }

    fn next(&mut self) -> Option<String> {
        let reply = self.replies.get(self.at).cloned();
        self.at += usize::from(reply.is_some());
        reply
    }

    /// How many outputs have been given a path.
    fn paths(&self) -> usize {
        self.replies.iter().filter(|r| r.starts_with(OUTPUTS)).count()
    }

    fn add(&mut self, reply: String) {
        self.replies.push(reply);
        self.at += 1;
    }
}

type Result<T> = std::result::Result<T, Halt>;

/// A field in the making: its text, and the same as a pattern in which quoted characters are escaped.
#[derive(Default)]
struct Field {
    text: String,
    pattern: String,
}

#[derive(Default)]
struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
    bytes: usize,
}

impl Fields {
    fn push(&mut self, text: &str, quoted: bool) -> Result<()> {
        match quoted {
            true => self.push_both(text, &pattern::escape(text)),
            false => self.push_both(text, text),
        }
    }

    fn push_both(&mut self, text: &str, pattern: &str) -> Result<()> {
        self.bytes += text.len();
        if self.bytes > MAX_EXPANSION {
            return Err(Halt::Error(format!("expansion is larger than {MAX_EXPANSION} bytes")));
        }
        let field = self.current.get_or_insert_default();
        field.text.push_str(text);
        field.pattern.push_str(pattern);
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.done.extend(self.current.take());
        match self.done.len() > MAX_WORDS {
            true => Err(Halt::Error(format!("expansion gives more than {MAX_WORDS} words"))),
            false => Ok(()),
        }
    }

    /// Adds the value of an unquoted expansion: split at the characters of `IFS`.
    fn split(&mut self, value: &str, ifs: &str) -> Result<()> {
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n') && ifs.contains(c);
        let mut rest = value;
        if rest.starts_with(blank) {
            self.end()?;
            rest = rest.trim_start_matches(blank);
        }
        while !rest.is_empty() {
            let cut = rest.find(|c| ifs.contains(c)).unwrap_or(rest.len());
            if cut > 0 || !rest.starts_with(blank) {
                self.push_both(&rest[..cut], &rest[..cut].replace('\\', "\\\\"))?;
            }
            rest = &rest[cut..];
            if rest.is_empty() {
                break;
            }
            self.end()?;
            // Fields are parted by blanks, or by one other separator with blanks around it.
            let after = rest.trim_start_matches(blank);
            rest = match after.chars().next() {
                Some(c) if ifs.contains(c) && !blank(c) => after[c.len_utf8()..].trim_start_matches(blank),
                _ => after,
            };
        }
        Ok(())
    }
}

impl Shell {
    /// Words of a command: everything expanded, split, patterns replaced by names.
    pub(crate) fn expand_words(
        &mut self,
        os: &mut Os<'_>,
        words: &[Word],
        log: &mut Log,
    ) -> Result<Vec<String>> {
        let mut out = Vec::new();
        for word in words {
            let mut fields = Fields::default();
            self.expand_into(os, word, log, &mut fields, true)?;
            fields.end()?;
            for field in fields.done {
                self.add_names(os, field, &mut out)?;
            }
            if out.len() > MAX_WORDS {
                return Err(Halt::Error(format!("expansion gives more than {MAX_WORDS} words")));
            }
        }
        Ok(out)
    }

    fn add_names(&self, os: &Os<'_>, field: Field, out: &mut Vec<String>) -> Result<()> {
        if self.options.noglob || !pattern::is_pattern(&field.pattern) {
            out.push(field.text);
            return Ok(());
        }
        let names = pattern::glob(os.files(), os.cwd(), &field.pattern);
        match names.is_empty() {
            true if self.options.failglob => return Err(Halt::Error(format!("no match: {}", field.text))),
            true if self.options.nullglob => {}
            true => out.push(field.text),
            false => out.extend(names),
        }
        Ok(())
    }

    /// A word as one text, without splitting or patterns: assignments, here-documents, `case`.
    pub(crate) fn expand_text(&mut self, os: &mut Os<'_>, word: &Word, log: &mut Log) -> Result<String> {
        Ok(self.expand_one(os, word, log)?.text)
    }

    /// A word as a pattern: what was quoted is escaped.
    pub(crate) fn expand_pattern(&mut self, os: &mut Os<'_>, word: &Word, log: &mut Log) -> Result<String> {
        Ok(self.expand_one(os, word, log)?.pattern)
    }

    fn expand_one(&mut self, os: &mut Os<'_>, word: &Word, log: &mut Log) -> Result<Field> {
        let mut fields = Fields::default();
        self.expand_into(os, word, log, &mut fields, false)?;
        Ok(fields.current.unwrap_or_default())
    }

    fn expand_into(
        &mut self,
        os: &mut Os<'_>,
        word: &Word,
        log: &mut Log,
        to: &mut Fields,
        split: bool,
    ) -> Result<()> {
        self.depth += 1;
        let result = match self.depth > MAX_DEPTH {
            true => Err(Halt::Error("expansions are nested too deeply".into())),
            false => word.iter().enumerate().try_for_each(|(n, part)| self.part(os, n, part, log, to, split)),
        };
        self.depth -= 1;
        result
    }

    fn part(
        &mut self,
        os: &mut Os<'_>,
        n: usize,
        part: &Part,
        log: &mut Log,
        to: &mut Fields,
        split: bool,
    ) -> Result<()> {
        match part {
            Part::Plain(text) if n == 0 && text.starts_with('~') => {
                let end = text.find('/').unwrap_or(text.len());
                match self.home(os, &text[1..end]) {
                    Some(home) => {
                        to.push(&home, true)?;
                        to.push(&text[end..], false)
                    }
                    None => to.push(text, false),
                }
            }
            Part::Plain(text) => to.push(text, false),
            Part::Quoted(text) => to.push(text, true),
            Part::Command(list, quoted) => {
                let Some(output) = log.next() else { return Err(Halt::Command(list.clone())) };
                self.value(to, &output, *quoted, split)
            }
            Part::Output(list) => {
                let Some(output) = log.next() else { return Err(Halt::Command(list.clone())) };
                let path = match log.next() {
                    Some(path) => path,
                    None => {
                        let path = os.keep_output(&output, log.paths());
                        log.add(path.clone());
                        path
                    }
                };
                to.push(&path, true)
            }
            Part::Arithmetic(word, quoted) => {
                // What is in it was logged before it.
                let text = self.expand_text(os, word, log)?;
                let value = match log.next() {
                    Some(value) => value,
                    None => {
                        let value = self.calculate(os, &text)?.to_string();
                        log.add(value.clone());
                        value
                    }
                };
                self.value(to, &value, *quoted, split)
            }
            Part::Parameter(parameter, quoted) => self.parameter(os, parameter, *quoted, log, to, split),
        }
    }

    fn value(&self, to: &mut Fields, value: &str, quoted: bool, split: bool) -> Result<()> {
        match quoted || !split {
            true if quoted => to.push(value, true),
            // Not split, but still a pattern: `case $x in $pattern)`.
            true => to.push(value, false),
            false => to.split(value, &self.separators()),
        }
    }

    fn separators(&self) -> String {
        match self.variables.get("IFS").map(|v| v.text()) {
            Some(Some(ifs)) => ifs.into(),
            _ => " \t\n".into(),
        }
    }

    fn home(&self, os: &Os<'_>, user: &str) -> Option<String> {
        match user {
            "" => Some(match self.variables.get("HOME").and_then(|v| v.text()) {
                Some(home) => home.into(),
                None => "/root".into(),
            }),
            "+" => Some(os.cwd().into()),
            "-" => self.variables.get("OLDPWD").and_then(|v| v.text()).map(String::from),
            user => {
                let passwd = os.files().read("/etc/passwd").ok()?;
                let passwd = String::from_utf8_lossy(&passwd).into_owned();
                let line = passwd.lines().find(|l| l.split(':').next() == Some(user))?;
                line.split(':').nth(5).map(String::from)
            }
        }
    }

    /// The value of an arithmetic expression.
    pub(crate) fn calculate(&mut self, os: &mut Os<'_>, text: &str) -> Result<i64> {
        arithmetic::evaluate(text, &mut Scope { shell: self, os }).map_err(Halt::Error)
    }

    // --- Parameters.

    fn parameter(
        &mut self,
        os: &mut Os<'_>,
        p: &Parameter,
        quoted: bool,
        log: &mut Log,
        to: &mut Fields,
        split: bool,
    ) -> Result<()> {
        if let Change::Bad(text) = &p.change {
            return Err(Halt::Error(format!("{text}: bad substitution")));
        }
        let mut name = p.name.clone();
        if p.indirect {
            if let Some(index) = &p.index
                && let [Part::Plain(at)] = index.as_slice()
                && matches!(at.as_str(), "@" | "*")
            {
                let keys = self.keys(&name);
                return self.give_list(to, &keys, at == "@", quoted, split);
            }
            name = self.lookup(os, &name).unwrap_or_default();
        }
        let (values, list, at) = self.values(os, &name, p.index.as_ref(), log)?;
        if p.length {
            let length = match (list, &values) {
                (true, Some(values)) => values.len(),
                (true, None) => 0,
                (false, _) => values.iter().flatten().map(|v| v.chars().count()).sum(),
            };
            self.check_set(&name, values.is_some() || list)?;
            return self.value(to, &length.to_string(), quoted, split);
        }
        if let Change::Default { operator, colon, word } = &p.change {
            let empty =
                values.as_ref().is_none_or(|v| v.is_empty() || *colon && v.iter().all(|v| v.is_empty()));
            let missing = empty && (values.is_none() || *colon || list);
            return match (operator, missing) {
                ('+', true) => {
                    if quoted {
                        to.push("", true)
                    } else {
                        Ok(())
                    }
                }
                ('-', true) | ('+', false) => self.expand_into(os, word, log, to, split && !quoted),
                ('=', true) => {
                    let text = self.expand_text(os, word, log)?;
                    self.assign(&name, text.clone()).map_err(Halt::Error)?;
                    self.value(to, &text, quoted, split)
                }
                ('?', true) => {
                    let text = self.expand_text(os, word, log)?;
                    let default = if *colon { "parameter null or not set" } else { "parameter not set" };
                    let text = if text.is_empty() { default } else { &text };
                    self.fatal = true;
                    Err(Halt::Error(format!("{name}: {text}")))
                }
                _ => self.give(to, values.unwrap_or_default(), list, at, quoted, split),
            };
        }
        self.check_set(&name, values.is_some() || list)?;
        let values = values.unwrap_or_default();
        let values = self.changed(os, &p.change, values, list, log)?;
        self.give(to, values, list, at, quoted, split)
    }

    fn check_set(&mut self, name: &str, set: bool) -> Result<()> {
        if set || !self.options.nounset {
            return Ok(());
        }
        self.fatal = true;
        let shown =
            if name.starts_with(|c: char| c.is_ascii_digit()) { format!("${name}") } else { name.into() };
        Err(Halt::Error(format!("{shown}: unbound variable")))
    }

    fn give(
        &self,
        to: &mut Fields,
        values: Vec<String>,
        list: bool,
        at: bool,
        quoted: bool,
        split: bool,
    ) -> Result<()> {
        match list {
            true => self.give_list(to, &values, at, quoted, split),
            false => self.value(to, values.first().map_or("", |v| v), quoted, split),
        }
    }

    /// `$@`, `$*`, `${a[@]}`, `${a[*]}`
    fn give_list(
        &self,
        to: &mut Fields,
        values: &[String],
        at: bool,
        quoted: bool,
        split: bool,
    ) -> Result<()> {
        let ifs = self.separators();
        if !split || quoted && !at {
            let separator =
                if at { " ".into() } else { ifs.chars().next().map_or(String::new(), String::from) };
            return self.value(to, &values.join(&separator), quoted, split);
        }
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                to.end()?;
            }
            match quoted {
                true => to.push(value, true)?,
                false => to.split(value, &ifs)?,
            }
        }
        Ok(())
    }

    /// The values that a name stands for; whether it is a list; whether it is `@`.
    fn values(
        &mut self,
        os: &mut Os<'_>,
        name: &str,
        index: Option<&Word>,
        log: &mut Log,
    ) -> Result<(Option<Vec<String>>, bool, bool)> {
        if matches!(name, "@" | "*") {
            return Ok((Some(self.parameters.clone()), true, name == "@"));
        }
        let Some(index) = index else {
            if name == "RANDOM" {
                // Another number each time: not twice for one word.
                let value = log.next().or_else(|| self.lookup(os, name)).unwrap_or_default();
                if log.replies.len() == log.at {
                    log.add(value.clone());
                }
                return Ok((Some(vec![value]), false, false));
            }
            return Ok((self.lookup(os, name).map(|v| vec![v]), false, false));
        };
        if let [Part::Plain(all)] = index.as_slice()
            && matches!(all.as_str(), "@" | "*")
        {
            let values = match self.variables.get(name).map(|v| &v.data) {
                Some(Data::Array(array)) => Some(array.values().cloned().collect()),
                Some(Data::Map(map)) => Some(map.values().cloned().collect()),
                Some(Data::Text(text)) => Some(vec![text.clone()]),
                _ => None,
            };
            return Ok((values, true, all == "@"));
        }
        let key = self.expand_text(os, index, log)?;
        Ok((self.element(os, name, &key)?.map(|v| vec![v]), false, false))
    }

    /// An element of an array or map.
    pub(crate) fn element(&mut self, os: &mut Os<'_>, name: &str, key: &str) -> Result<Option<String>> {
        if let Some(Data::Map(map)) = self.variables.get(name).map(|v| &v.data) {
            return Ok(map.get(key).cloned());
        }
        let index = self.calculate(os, key)?;
        Ok(match self.variables.get(name).map(|v| &v.data) {
            Some(Data::Array(array)) => {
                let last = array.last_key_value().map_or(0, |(k, _)| *k + 1);
                array.get(&if index < 0 { last + index } else { index }).cloned()
            }
            Some(Data::Text(text)) if index == 0 => Some(text.clone()),
            _ => None,
        })
    }

    fn keys(&self, name: &str) -> Vec<String> {
        match self.variables.get(name).map(|v| &v.data) {
            Some(Data::Array(array)) => array.keys().map(i64::to_string).collect(),
            Some(Data::Map(map)) => map.keys().cloned().collect(),
            Some(Data::Text(_)) => vec!["0".into()],
            _ => Vec::new(),
        }
    }

    fn changed(
        &mut self,
        os: &mut Os<'_>,
        change: &Change,
        values: Vec<String>,
        list: bool,
        log: &mut Log,
    ) -> Result<Vec<String>> {
        let each = |values: Vec<String>, f: &dyn Fn(&str) -> String| values.iter().map(|v| f(v)).collect();
        Ok(match change {
            Change::None | Change::Default { .. } | Change::Bad(_) => values,
            Change::Quote => each(values, &|v| match escape::quote(v) {
                quoted if quoted == v => format!("'{v}'"),
                quoted => quoted,
            }),
            Change::Trim { prefix, longest, pattern } => {
                let pattern: Vec<char> = self.expand_pattern(os, pattern, log)?.chars().collect();
                each(values, &|v| trim(v, &pattern, *prefix, *longest))
            }
            Change::Replace { mode, pattern, with } => {
                let pattern: Vec<char> = self.expand_pattern(os, pattern, log)?.chars().collect();
                let with = self.expand_text(os, with, log)?;
                each(values, &|v| replace(v, &pattern, &with, *mode))
            }
            Change::Case { upper, all } => each(values, &|v| change_case(v, *upper, *all)),
            Change::Slice { offset, length } => {
                let offset = self.expand_text(os, offset, log)?;
                let offset = self.calculate(os, &offset)?;
                let length = match length {
                    Some(length) => {
                        let text = self.expand_text(os, length, log)?;
                        Some(self.calculate(os, &text)?)
                    }
                    None => None,
                };
                if list {
                    return slice(&values, offset, length).map(|s| s.to_vec());
                }
                let chars: Vec<char> = values.first().map_or(Vec::new(), |v| v.chars().collect());
                vec![slice(&chars, offset, length)?.iter().collect()]
            }
        })
    }
}

fn slice<T>(items: &[T], offset: i64, length: Option<i64>) -> Result<&[T]> {
    let size = items.len() as i64;
    let from = if offset < 0 { size + offset } else { offset };
    if from < 0 || from > size {
        return Ok(&[]);
    }
    let to = match length {
        None => size,
        Some(n) if n < 0 => size + n,
        Some(n) => from.saturating_add(n).min(size),
    };
    if to < from {
        return Err(Halt::Error(format!("{}: substring expression < 0", length.unwrap_or(0))));
    }
    Ok(&items[from as usize..to as usize])
}

fn trim(value: &str, pattern: &[char], prefix: bool, longest: bool) -> String {
    let chars: Vec<char> = value.chars().collect();
    let size = chars.len();
    let mut cuts: Vec<usize> = (0..=size).collect();
    if longest {
        cuts.reverse();
    }
    for n in cuts {
        let (piece, rest) =
            if prefix { (&chars[..n], &chars[n..]) } else { (&chars[size - n..], &chars[..size - n]) };
        if pattern::matches_chars(pattern, piece) {
            return rest.iter().collect();
        }
    }
    value.into()
}

fn replace(value: &str, pattern: &[char], with: &str, mode: char) -> String {
    if pattern.is_empty() {
        return value.into();
    }
    let chars: Vec<char> = value.chars().collect();
    let (mut out, mut at, mut done) = (String::new(), 0, false);
    while at <= chars.len() {
        let ends = (at + 1..=chars.len()).rev();
        let mut ends = ends.filter(|end| mode != '%' || *end == chars.len());
        let found = if done || mode == '#' && at > 0 {
            None
        } else {
            ends.find(|end| pattern::matches_chars(pattern, &chars[at..*end]))
        };
        match found {
            Some(end) => {
                out.push_str(with);
                at = end;
                done = mode != '/';
            }
            None => {
                out.extend(chars.get(at));
                at += 1;
            }
        }
    }
    out
}

fn change_case(value: &str, upper: bool, all: bool) -> String {
    let change =
        |c: char| -> String { if upper { c.to_uppercase().collect() } else { c.to_lowercase().collect() } };
    value.chars().enumerate().map(|(n, c)| if all || n == 0 { change(c) } else { c.into() }).collect()
}

/// The shell's variables as an arithmetic expression sees them.
struct Scope<'a, 'b> {
    shell: &'a mut Shell,
    os: &'a mut Os<'b>,
}

impl Names for Scope<'_, '_> {
    fn get(&mut self, name: &str, index: Option<&str>) -> String {
        match index {
            None => self.shell.lookup(self.os, name).unwrap_or_default(),
            Some(key) => self.shell.element(self.os, name, key).ok().flatten().unwrap_or_default(),
        }
    }

    fn set(&mut self, name: &str, index: Option<&str>, value: i64) -> std::result::Result<(), String> {
        let Some(key) = index else { return self.shell.assign(name, value.to_string()) };
        let index = match self.shell.variables.get(name).map(|v| &v.data) {
            Some(Data::Map(_)) => 0,
            _ => arithmetic::evaluate(key, self)?,
        };
        self.shell.assign_element(name, key, index, value.to_string())
    }
}
