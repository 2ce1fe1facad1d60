//! From a value to text. Mirrors encode.go and the emitter of yaml.v2: block style, keys in natural order, long lines
//! folded at 80 columns.

use super::resolve::needs_quotes;
use crate::Value;
use sim::Order;
use std::cmp::Ordering;

/// Where lines are folded.
const WIDTH: usize = 80;
/// Longer keys are written with `? `.
const MAX_SIMPLE_KEY: usize = 128;

/// Writes a value.
pub(super) fn emit(value: &Value) -> String {
    let mut e = Emitter { out: String::new(), column: 0 };
    match value {
        Value::Object(map) if !map.is_empty() => e.mapping(value, 0),
        Value::Array(items) if !items.is_empty() => e.sequence(items, 0),
        other => {
            e.scalar(other, 2, false);
            e.line_break();
        }
    }
    e.out
}

struct Emitter {
    out: String,
    column: usize,
}

impl Emitter {
    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line_break(&mut self) {
        if !self.out.ends_with('\n') || self.column > 0 {
            self.out.push('\n');
        }
        self.column = 0;
    }

    fn indent(&mut self, indent: usize) {
        while self.column < indent {
            self.write(" ");
        }
    }

    /// The fields of a mapping; the first one may stand behind `- `.
    fn mapping(&mut self, value: &Value, indent: usize) {
        let mut fields: Vec<(&str, &Value)> = value.fields().collect();
        fields.order_by(|a, b| natural_order(a.0, b.0));
        for (key, value) in fields {
            self.indent(indent);
            let simple = key.len() <= MAX_SIMPLE_KEY && !key.contains('\n');
            if !simple {
                self.write("? ");
            }
            self.scalar(&Value::from(key), indent + 2, true);
            if !simple {
                self.line_break();
                self.indent(indent);
            }
            self.write(":");
            match value {
                Value::Object(map) if !map.is_empty() => {
                    self.line_break();
                    self.mapping(value, indent + 2);
                }
                Value::Array(items) if !items.is_empty() => {
                    self.line_break();
                    self.sequence(items, indent);
                }
                other => {
                    self.write(" ");
                    self.scalar(other, indent + 2, false);
                    self.line_break();
                }
            }
        }
    }

    fn sequence(&mut self, items: &[Value], indent: usize) {
        for item in items {
            self.indent(indent);
            self.write("- ");
            match item {
                Value::Object(map) if !map.is_empty() => self.mapping(item, indent + 2),
                Value::Array(items) if !items.is_empty() => self.sequence(items, indent + 2),
                other => {
                    self.scalar(other, indent + 2, false);
                    self.line_break();
                }
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize, key: bool) {
        match value {
            Value::Null => self.write("null"),
            Value::Array(_) => self.write("[]"),
            Value::Object(_) => self.write("{}"),
            Value::Float(f) => {
                let text = float(*f);
                self.write(&text);
            }
            Value::String(text) => self.text(text, indent, key),
            other => {
                let text = other.to_json();
                self.write(&text);
            }
        }
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        let analysis = Analysis::of(text);
        if text.contains('\n') {
            match analysis.block_allowed && !key {
                true => self.literal(text, indent),
                false => self.double_quoted(text, indent, !key),
            }
        } else if needs_quotes(text) {
            self.double_quoted(text, indent, !key);
        } else if analysis.plain_allowed {
            self.folded(text, indent, !key);
        } else if analysis.single_allowed {
            self.write("'");
            self.folded(&text.replace('\'', "''"), indent, !key);
            self.write("'");
        } else {
            self.double_quoted(text, indent, !key);
        }
    }

    /// Text whose single spaces may become line breaks once the line is long.
    fn folded(&mut self, text: &str, indent: usize, fold: bool) {
        let chars: Vec<char> = text.chars().collect();
        for (i, c) in chars.iter().enumerate() {
            let alone = *c == ' '
                && i > 0
                && chars[i - 1] != ' '
                && chars.get(i + 1).is_some_and(|next| *next != ' ');
            if fold && alone && self.column > WIDTH {
                self.line_break();
                self.indent(indent);
            } else {
                self.out.push(*c);
                self.column += 1;
            }
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.write("|");
        if text.starts_with([' ', '\n']) {
            self.write("2");
        }
        let lines: Vec<&str> = text.split('\n').collect();
        match lines.as_slice() {
            [_] | [.., ""] if lines.len() >= 2 => {
                // It ends with a line break; more than one, or nothing else, must be kept.
                if lines.len() == 2 && lines[0].is_empty()
                    || lines.len() >= 3 && lines[lines.len() - 2].is_empty()
                {
                    self.write("+");
                }
            }
            _ => self.write("-"),
        }
        let last = lines.len() - 1;
        for (i, line) in lines.iter().enumerate() {
            if i == last && line.is_empty() {
                break;
            }
            self.out.push('\n');
            self.column = 0;
            if !line.is_empty() {
                self.indent(indent);
                self.write(line);
            }
        }
        if text.ends_with('\n') {
            self.column = 1; // the caller ends the line
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.write("\"");
        let chars: Vec<char> = text.chars().collect();
        let mut after_space = false;
        for (i, c) in chars.iter().enumerate() {
            if *c == ' ' && fold && !after_space && self.column > WIDTH && i > 0 && i + 1 < chars.len() {
                self.line_break();
                self.indent(indent);
                if chars[i + 1] == ' ' {
                    self.write("\\");
                }
                after_space = true;
                continue;
            }
            after_space = *c == ' ';
            let escaped = match c {
                '"' => "\\\"".to_string(),
                '\\' => "\\\\".into(),
                '\0' => "\\0".into(),
                '\x07' => "\\a".into(),
                '\x08' => "\\b".into(),
                '\t' => "\\t".into(),
                '\n' => "\\n".into(),
                '\x0b' => "\\v".into(),
                '\x0c' => "\\f".into(),
                '\r' => "\\r".into(),
                '\x1b' => "\\e".into(),
                '\u{85}' => "\\N".into(),
                '\u{a0}' => "\\_".into(),
                '\u{2028}' => "\\L".into(),
                '\u{2029}' => "\\P".into(),
                c if is_printable(*c) => c.to_string(),
                c if (*c as u32) < 0x100 => format!("\\x{:02X}", *c as u32),
                c if (*c as u32) < 0x10000 => format!("\\u{:04X}", *c as u32),
                c => format!("\\U{:08X}", *c as u32),
            };
            self.write(&escaped);
        }
        self.write("\"");
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        || c as u32 >= 0x10000
}

/// How a text may be written. Mirrors yaml_emitter_analyze_scalar.
struct Analysis {
    plain_allowed: bool,
    single_allowed: bool,
    block_allowed: bool,
}

impl Analysis {
    fn of(text: &str) -> Analysis {
        let chars: Vec<char> = text.chars().collect();
        let blank_after = |i: usize| chars.get(i + 1).is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        for (i, c) in chars.iter().enumerate() {
            indicators |= match c {
                '#' if i > 0 => matches!(chars[i - 1], ' ' | '\t' | '\n'),
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
                | '`' => i == 0,
                '?' | '-' => i == 0 && blank_after(i),
                ':' => blank_after(i),
                _ => false,
            };
        }
        let special = chars.iter().any(|c| !is_printable(*c));
        let space_break = text.contains(" \n");
        let break_space = text.contains("\n ");
        let edge = |c: Option<&char>| matches!(c, Some(' ' | '\n'));
        let edges = edge(chars.first()) || edge(chars.last());
        Analysis {
            plain_allowed: !(indicators || special || edges || text.contains('\n') || text.is_empty()),
            single_allowed: !(special || space_break || break_space),
            block_allowed: !(special || space_break || chars.last() == Some(&' ') || text.is_empty()),
        }
    }
}

/// As Go's `%g` with the shortest form: `0.5`, `1e+21`.
fn float(f: f64) -> String {
    let text = format!("{f:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return format!("{f}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// The order of keys: letters by code, numbers by value, other characters before letters. Mirrors keyList.Less.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(i) = a.iter().zip(&b).position(|(x, y)| x != y) else { return a.len().cmp(&b.len()) };
    let (x, y) = (a[i], b[i]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let zero_counts =
        (x == '0' || y == '0') && a[..i].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
    let run = |s: &[char]| s[i..].iter().take_while(|c| c.is_ascii_digit()).count();
    let number = |s: &[char], len: usize| {
        s[i..i + len].iter().fold(u64::from(zero_counts), |n, c| {
            n.saturating_mul(10).saturating_add(u64::from(c.to_digit(10).unwrap_or(0)))
        })
    };
    let (run_a, run_b) = (run(&a), run(&b));
    number(&a, run_a).cmp(&number(&b, run_b)).then(run_a.cmp(&run_b)).then(x.cmp(&y))
}
