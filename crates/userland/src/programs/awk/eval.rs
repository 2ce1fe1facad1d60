//! Runs awk programs.

use super::ast::*;
use super::library;
use super::parse::Source;
use crate::regex::Regex;
use crate::{Os, format};
use sim::Order;
use sim::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Steps of one rule on one line.
const MAX_STEPS: usize = 2_000_000;
/// How deep functions may call each other.
const MAX_CALLS: usize = 100;
/// Elements of all arrays.
const MAX_ELEMENTS: usize = 100_000;
/// Bytes of one text, and of one file that is written.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// Fields of a line.
const MAX_FIELDS: usize = 10_000;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Number(f64),
    Text(String),
    /// Text that came from outside: it compares as a number if it looks like one.
    Input(String),
    Unset,
}

impl Value {
    pub fn number(&self) -> f64 {
        match self {
            Value::Number(n) => *n,
            Value::Text(t) | Value::Input(t) => leading_number(t),
            Value::Unset => 0.0,
        }
    }

    pub fn text(&self) -> String {
        match self {
            Value::Number(n) => number_text(*n),
            Value::Text(t) | Value::Input(t) => t.clone(),
            Value::Unset => String::new(),
        }
    }

    pub fn is_true(&self) -> bool {
        match self {
            Value::Number(n) => *n != 0.0,
            Value::Text(t) => !t.is_empty(),
            Value::Input(t) => {
                if looks_numeric(t) {
                    leading_number(t) != 0.0
                } else {
                    !t.is_empty()
                }
            }
            Value::Unset => false,
        }
    }

    fn is_number(&self) -> bool {
        match self {
            Value::Number(_) | Value::Unset => true,
            Value::Input(t) => looks_numeric(t),
            Value::Text(_) => false,
        }
    }
}

fn looks_numeric(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.parse::<f64>().is_ok()
        && !text.chars().any(|c| c.is_alphabetic() && c != 'e' && c != 'E')
}

/// The number at the start of a text.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let mut end = 0;
    let (mut point, mut exponent) = (false, false);
    let bytes = text.as_bytes();
    while let Some(b) = bytes.get(end) {
        match b {
            b'0'..=b'9' => {}
            b'+' | b'-' if end == 0 || matches!(bytes[end - 1], b'e' | b'E') => {}
            b'.' if !point && !exponent => point = true,
            b'e' | b'E'
                if !exponent
                    && end > 0
                    && bytes.get(end + 1).is_some_and(|b| b.is_ascii_digit() || *b == b'-') =>
            {
                exponent = true;
            }
            _ => break,
        }
        end += 1;
    }
    text[..end].parse().unwrap_or(0.0)
}

/// A number as `print` shows it.
pub(super) fn number_text(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e16 { format!("{}", n as i64) } else { format::general(n, 6, false) }
}

/// What ends statements before their time.
#[derive(Clone, Debug)]
pub(super) enum Control {
    Next,
    Break,
    Continue,
    Exit(i32),
    Return(Value),
    Error(String),
}

type Result<T> = std::result::Result<T, Control>;

/// An awk program under way.
#[derive(Clone)]
pub(super) struct Awk {
    pub source: Arc<Source>,
    variables: BTreeMap<String, Value>,
    arrays: BTreeMap<String, BTreeMap<String, Value>>,
    elements: usize,
    pub line: String,
    fields: Vec<String>,
    pub open_ranges: BTreeSet<usize>,
    /// Parameters of the functions that run: values, and names of arrays.
    frames: Vec<BTreeMap<String, Local>>,
    steps: usize,
    files: BTreeMap<String, Vec<u8>>,
    pub ended: bool,
    pub rng: sim::Rng,
    pub now: u64,
}

#[derive(Clone)]
enum Local {
    Value(Value),
    /// The array of the caller with this name.
    Array(String),
}

impl Awk {
    pub fn new(source: Arc<Source>, os: &mut Os<'_>) -> Awk {
        let mut awk = Awk {
            source,
            variables: BTreeMap::new(),
            arrays: BTreeMap::new(),
            elements: 0,
            line: String::new(),
            fields: Vec::new(),
            open_ranges: BTreeSet::new(),
            frames: Vec::new(),
            steps: 0,
            files: BTreeMap::new(),
            ended: false,
            // As the real awk: the same numbers each time, until srand().
            rng: sim::Rng::new(1),
            now: os.now().as_secs(),
        };
        for (name, value) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\u{1c}")] {
            awk.variables.insert(name.into(), Value::Text(value.into()));
        }
        awk.variables.insert("NR".into(), Value::Number(0.0));
        awk.variables.insert("NF".into(), Value::Number(0.0));
        let environment = os.env().iter().map(|(n, v)| (n.clone(), Value::Input(v.clone()))).collect();
        awk.arrays.insert("ENVIRON".into(), environment);
        awk
    }

    // --- Variables.

    pub fn get(&self, name: &str) -> Value {
        if let Some(local) = self.frames.last().and_then(|f| f.get(name)) {
            return match local {
                Local::Value(value) => value.clone(),
                Local::Array(_) => Value::Unset,
            };
        }
        self.variables.get(name).cloned().unwrap_or(Value::Unset)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        if let Some(local) = self.frames.last_mut().and_then(|f| f.get_mut(name)) {
            *local = Local::Value(value);
            return;
        }
        if name == "NF" {
            let count = (value.number().max(0.0) as usize).min(MAX_FIELDS);
            self.fields.resize(count, String::new());
            self.join_fields();
        }
        self.variables.insert(name.into(), value);
    }

    /// The real name of an array, behind parameters.
    fn array_name(&mut self, name: &str) -> String {
        let depth = self.frames.len();
        match self.frames.last_mut().and_then(|f| f.get_mut(name)) {
            Some(Local::Array(real)) => real.clone(),
            Some(local @ Local::Value(Value::Unset)) => {
                // A local array.
                let real = format!("{depth}:{name}");
                *local = Local::Array(real.clone());
                self.arrays.remove(&real);
                real
            }
            _ => name.into(),
        }
    }

    pub fn array(&mut self, name: &str) -> &mut BTreeMap<String, Value> {
        let name = self.array_name(name);
        self.arrays.entry(name).or_default()
    }

    fn key(&mut self, os: &mut Os<'_>, index: &[Expression]) -> Result<String> {
        let mut parts = Vec::new();
        for part in index {
            parts.push(self.evaluate(os, part)?.text());
        }
        let separator = self.get("SUBSEP").text();
        Ok(parts.join(&separator))
    }

    // --- Lines and fields.

    pub fn set_line(&mut self, line: &str) {
        self.line = line.into();
        let separator = self.get("FS").text();
        self.fields = split(line, &separator, None);
        self.fields.truncate(MAX_FIELDS);
        self.variables.insert("NF".into(), Value::Number(self.fields.len() as f64));
    }

    fn join_fields(&mut self) {
        let separator = self.variables.get("OFS").map_or(" ".into(), |v| v.text());
        self.line = self.fields.join(&separator);
    }

    fn field(&self, n: f64) -> Result<Value> {
        match n as i64 {
            0 => Ok(Value::Input(self.line.clone())),
            n if n < 0 => Err(Control::Error(format!("trying to access out of range field {n}"))),
            n => Ok(self.fields.get(n as usize - 1).map_or(Value::Unset, |f| Value::Input(f.clone()))),
        }
    }

    fn set_field(&mut self, n: f64, text: String) -> Result<()> {
        let n = n as usize;
        if n == 0 {
            self.set_line(&text);
            return Ok(());
        }
        if n > MAX_FIELDS {
            return Err(Control::Error(format!("trying to access out of range field {n}")));
        }
        if self.fields.len() < n {
            self.fields.resize(n, String::new());
            self.variables.insert("NF".into(), Value::Number(n as f64));
        }
        self.fields[n - 1] = text;
        self.join_fields();
        Ok(())
    }

    // --- Statements.

    pub fn run(&mut self, os: &mut Os<'_>, statements: &[Statement]) -> Result<()> {
        if self.frames.is_empty() {
            self.steps = 0;
        }
        statements.iter().try_for_each(|s| self.statement(os, s))
    }

    fn tick(&mut self) -> Result<()> {
        self.steps += 1;
        match self.steps > MAX_STEPS {
            true => Err(Control::Error(format!("more than {MAX_STEPS} steps for one line"))),
            false => Ok(()),
        }
    }

    fn statement(&mut self, os: &mut Os<'_>, statement: &Statement) -> Result<()> {
        self.tick()?;
        match statement {
            Statement::Expression(e) => self.evaluate(os, e).map(|_| ()),
            Statement::Print(values, output) => {
                let mut parts = Vec::new();
                for value in values {
                    parts.push(self.evaluate(os, value)?.text());
                }
                let text =
                    if values.is_empty() { self.line.clone() } else { parts.join(&self.get("OFS").text()) };
                let end = self.get("ORS").text();
                self.output(os, output, &(text + &end))
            }
            Statement::Printf(values, output) => {
                let text = self.formatted(os, values)?;
                self.output(os, output, &text)
            }
            Statement::If(condition, yes, no) => match (self.evaluate(os, condition)?.is_true(), no) {
                (true, _) => self.statement(os, yes),
                (false, Some(no)) => self.statement(os, no),
                (false, None) => Ok(()),
            },
            Statement::While(condition, body) => {
                while self.evaluate(os, condition)?.is_true() {
                    if self.turn(os, body)? {
                        break;
                    }
                }
                Ok(())
            }
            Statement::Do(body, condition) => loop {
                if self.turn(os, body)? || !self.evaluate(os, condition)?.is_true() {
                    return Ok(());
                }
            },
            Statement::For(start, condition, next, body) => {
                if let Some(start) = start {
                    self.statement(os, start)?;
                }
                loop {
                    if let Some(condition) = condition
                        && !self.evaluate(os, condition)?.is_true()
                    {
                        return Ok(());
                    }
                    if self.turn(os, body)? {
                        return Ok(());
                    }
                    if let Some(next) = next {
                        self.statement(os, next)?;
                    }
                }
            }
            Statement::ForIn(name, array, body) => {
                let mut keys: Vec<String> = self.array(array).keys().cloned().collect();
                // Numbers in their order: nothing says how, and this is what one expects.
                if keys.iter().all(|k| looks_numeric(k)) {
                    keys.order_by(|a, b| leading_number(a).total_cmp(&leading_number(b)));
                }
                for key in keys {
                    self.set(name, Value::Input(key));
                    if self.turn(os, body)? {
                        break;
                    }
                }
                Ok(())
            }
            Statement::Block(statements) => statements.iter().try_for_each(|s| self.statement(os, s)),
            Statement::Next => Err(Control::Next),
            Statement::Break => Err(Control::Break),
            Statement::Continue => Err(Control::Continue),
            Statement::Exit(code) => {
                let code = match code {
                    Some(code) => self.evaluate(os, code)?.number() as i32,
                    None => 0,
                };
                Err(Control::Exit(code & 0xff))
            }
            Statement::Return(value) => {
                let value = match value {
                    Some(value) => self.evaluate(os, value)?,
                    None => Value::Unset,
                };
                Err(Control::Return(value))
            }
            Statement::Delete(array, index) => {
                match index {
                    Some(index) => {
                        let key = self.key(os, index)?;
                        if self.array(array).remove(&key).is_some() {
                            self.elements = self.elements.saturating_sub(1);
                        }
                    }
                    None => {
                        let count = self.array(array).len();
                        self.array(array).clear();
                        self.elements = self.elements.saturating_sub(count);
                    }
                }
                Ok(())
            }
        }
    }

    /// One turn of a loop; `true`: it ends.
    fn turn(&mut self, os: &mut Os<'_>, body: &Statement) -> Result<bool> {
        self.tick()?;
        match self.statement(os, body) {
            Err(Control::Break) => Ok(true),
            Err(Control::Continue) => Ok(false),
            other => other.map(|()| false),
        }
    }

    fn output(&mut self, os: &mut Os<'_>, output: &Output, text: &str) -> Result<()> {
        let (name, append) = match output {
            Output::Stdout => {
                os.print(text);
                return Ok(());
            }
            Output::File(name) => (self.evaluate(os, name)?.text(), false),
            Output::Append(name) => (self.evaluate(os, name)?.text(), true),
        };
        match name.as_str() {
            "/dev/stderr" => os.eprint(text),
            "/dev/stdout" | "-" => os.print(text),
            _ => {
                if !self.files.contains_key(&name) {
                    let old = if append {
                        os.read_file(&name).map(|b| b.to_vec()).unwrap_or_default()
                    } else {
                        Vec::new()
                    };
                    self.files.insert(name.clone(), old);
                }
                let file = self.files.entry(name.clone()).or_default();
                file.extend(text.bytes());
                if file.len() > MAX_TEXT {
                    return Err(Control::Error(format!("{name}: more than {MAX_TEXT} bytes")));
                }
            }
        }
        Ok(())
    }

    /// Files are written when the program ends.
    pub fn write_files(&mut self, os: &mut Os<'_>) {
        for (name, content) in std::mem::take(&mut self.files) {
            if let Err(error) = os.write_file(&name, &content) {
                super::complain(os, &format!("can't redirect to {name}: {error}"));
            }
        }
    }

    pub fn formatted(&mut self, os: &mut Os<'_>, values: &[Expression]) -> Result<String> {
        let mut texts = Vec::new();
        for value in values {
            texts.push(self.evaluate(os, value)?);
        }
        let Some((template, rest)) = texts.split_first() else { return Ok(String::new()) };
        Ok(library::sprintf(&template.text(), rest))
    }

    // --- Expressions.

    pub fn evaluate(&mut self, os: &mut Os<'_>, e: &Expression) -> Result<Value> {
        self.tick()?;
        Ok(match e {
            Expression::Number(n) => Value::Number(*n),
            Expression::Text(t) => Value::Text(t.clone()),
            Expression::Regex(regex) => Value::Number(f64::from(regex.is_match(&self.line))),
            Expression::Variable(name) => self.get(name),
            Expression::Field(n) => {
                let n = self.evaluate(os, n)?.number();
                self.field(n)?
            }
            Expression::Element(array, index) => {
                let key = self.key(os, index)?;
                self.check_room(array, &key)?;
                self.array(array).entry(key).or_insert(Value::Unset).clone()
            }
            Expression::In(index, array) => {
                let key = self.key(os, index)?;
                Value::Number(f64::from(self.array(array).contains_key(&key)))
            }
            Expression::Assign(place, operator, value) => {
                let value = self.evaluate(os, value)?;
                let value = match operator.as_str() {
                    "" => value,
                    operator => {
                        let old = self.evaluate(os, place)?.number();
                        Value::Number(calculate(operator, old, value.number())?)
                    }
                };
                self.store(os, place, value.clone())?;
                value
            }
            Expression::Unary('!', e) => Value::Number(f64::from(!self.evaluate(os, e)?.is_true())),
            Expression::Unary(sign, e) => {
                let n = self.evaluate(os, e)?.number();
                Value::Number(if *sign == '-' { -n } else { n })
            }
            Expression::Binary(operator, a, b) => self.binary(os, operator, a, b)?,
            Expression::Match(positive, text, pattern) => {
                let text = self.evaluate(os, text)?.text();
                let regex = self.regex(os, pattern)?;
                Value::Number(f64::from(regex.is_match(&text) == *positive))
            }
            Expression::Ternary(condition, yes, no) => match self.evaluate(os, condition)?.is_true() {
                true => self.evaluate(os, yes)?,
                false => self.evaluate(os, no)?,
            },
            Expression::Step(place, by, new) => {
                let old = self.evaluate(os, place)?.number();
                self.store(os, place, Value::Number(old + by))?;
                Value::Number(if *new { old + by } else { old })
            }
            Expression::Call(name, arguments) => return self.call(os, name, arguments),
        })
    }

    fn binary(&mut self, os: &mut Os<'_>, operator: &str, a: &Expression, b: &Expression) -> Result<Value> {
        let left = self.evaluate(os, a)?;
        match operator {
            "&&" if !left.is_true() => return Ok(Value::Number(0.0)),
            "||" if left.is_true() => return Ok(Value::Number(1.0)),
            _ => {}
        }
        let right = self.evaluate(os, b)?;
        Ok(match operator {
            "&&" | "||" => Value::Number(f64::from(right.is_true())),
            " " => {
                let text = left.text() + &right.text();
                if text.len() > MAX_TEXT {
                    return Err(Control::Error(format!("text is larger than {MAX_TEXT} bytes")));
                }
                Value::Text(text)
            }
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                let order = match left.is_number() && right.is_number() {
                    true => left.number().partial_cmp(&right.number()).unwrap_or(std::cmp::Ordering::Equal),
                    false => left.text().cmp(&right.text()),
                };
                Value::Number(f64::from(match operator {
                    "==" => order.is_eq(),
                    "!=" => order.is_ne(),
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                }))
            }
            operator => Value::Number(calculate(operator, left.number(), right.number())?),
        })
    }

    fn check_room(&mut self, array: &str, key: &str) -> Result<()> {
        if !self.array(array).contains_key(key) {
            self.elements += 1;
            if self.elements > MAX_ELEMENTS {
                return Err(Control::Error(format!("more than {MAX_ELEMENTS} array elements")));
            }
        }
        Ok(())
    }

    pub fn store(&mut self, os: &mut Os<'_>, place: &Expression, value: Value) -> Result<()> {
        match place {
            Expression::Variable(name) => self.set(name, value),
            Expression::Field(n) => {
                let n = self.evaluate(os, n)?.number();
                self.set_field(n, value.text())?;
            }
            Expression::Element(array, index) => {
                let key = self.key(os, index)?;
                self.check_room(array, &key)?;
                self.array(array).insert(key, value);
            }
            _ => return Err(Control::Error("assignment to something that is no variable".into())),
        }
        Ok(())
    }

    /// An expression as a pattern: a literal one, or a text that is one.
    pub fn regex(&mut self, os: &mut Os<'_>, e: &Expression) -> Result<Regex> {
        if let Expression::Regex(regex) = e {
            return Ok(regex.clone());
        }
        let source = self.evaluate(os, e)?.text();
        Regex::new(&source, true, false).map_err(Control::Error)
    }

    fn call(&mut self, os: &mut Os<'_>, name: &str, arguments: &[Expression]) -> Result<Value> {
        let source = self.source.clone();
        let Some(function) = source.functions.get(name) else {
            return library::call(self, os, name, arguments);
        };
        if self.frames.len() >= MAX_CALLS {
            return Err(Control::Error(format!(
                "function {name}: more than {MAX_CALLS} calls inside each other"
            )));
        }
        if arguments.len() > function.parameters.len() {
            return Err(Control::Error(format!("function {name} called with {} args", arguments.len())));
        }
        let mut frame = BTreeMap::new();
        for (n, parameter) in function.parameters.iter().enumerate() {
            let local = match arguments.get(n) {
                None => Local::Value(Value::Unset),
                Some(Expression::Variable(array)) if self.is_array(array) => {
                    Local::Array(self.array_name(array))
                }
                Some(e) => Local::Value(self.evaluate(os, e)?),
            };
            frame.insert(parameter.clone(), local);
        }
        self.frames.push(frame);
        let result = function.body.iter().try_for_each(|s| self.statement(os, s));
        self.frames.pop();
        match result {
            Ok(()) => Ok(Value::Unset),
            Err(Control::Return(value)) => Ok(value),
            Err(other) => Err(other),
        }
    }

    /// Whether a name that is passed on is an array.
    pub fn is_array(&self, name: &str) -> bool {
        match self.frames.last().and_then(|f| f.get(name)) {
            Some(local) => matches!(local, Local::Array(_)),
            None => self.arrays.contains_key(name),
        }
    }
}

fn calculate(operator: &str, a: f64, b: f64) -> Result<f64> {
    Ok(match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" if b == 0.0 => return Err(Control::Error("division by zero".into())),
        "/" => a / b,
        "%" if b == 0.0 => return Err(Control::Error("division by zero in %".into())),
        "%" => a % b,
        _ => a.powf(b),
    })
}

/// Parts a text as `FS` says: a blank means runs of blanks, one character is itself, more is a pattern.
pub(super) fn split(text: &str, separator: &str, regex: Option<&Regex>) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let own;
    let regex = match (regex, separator) {
        (Some(regex), _) => regex,
        (None, " ") => return text.split_whitespace().map(String::from).collect(),
        (None, "") => return text.chars().map(String::from).collect(),
        (None, one) if one.chars().count() == 1 && one != "\\" => {
            return text.split(one).map(String::from).collect();
        }
        (None, source) => match Regex::new(source, true, false) {
            Ok(regex) => {
                own = regex;
                &own
            }
            Err(_) => return vec![text.into()],
        },
    };
    let (mut parts, mut at) = (Vec::new(), 0);
    while let Some(found) = regex.find(text, at).filter(|f| f.end() > f.start()) {
        parts.push(text[at..found.start()].to_string());
        at = found.end();
    }
    parts.push(text[at..].into());
    parts
}
