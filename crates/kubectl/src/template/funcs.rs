//! The functions of templates. Mirrors text/template/funcs.go, fmt's verbs, and what kubectl adds.

use crate::go;
use apimachinery::{Value, base64};
use std::cmp::Ordering;

/// Why a call failed.
pub enum CallError {
    /// The number of arguments is wrong.
    Arguments(String),
    /// The function itself failed.
    Failed(String),
}

/// Name, least and most arguments. `and` and `or` are evaluated by the caller.
const FUNCTIONS: [(&str, usize, usize); 21] = [
    ("and", 1, usize::MAX),
    ("or", 1, usize::MAX),
    ("not", 1, 1),
    ("len", 1, 1),
    ("index", 1, usize::MAX),
    ("slice", 1, usize::MAX),
    ("print", 0, usize::MAX),
    ("printf", 1, usize::MAX),
    ("println", 0, usize::MAX),
    ("html", 0, usize::MAX),
    ("js", 0, usize::MAX),
    ("urlquery", 0, usize::MAX),
    ("eq", 1, usize::MAX),
    ("ne", 2, 2),
    ("lt", 2, 2),
    ("le", 2, 2),
    ("gt", 2, 2),
    ("ge", 2, 2),
    ("exists", 1, usize::MAX),
    ("base64decode", 1, 1),
    ("call", 1, usize::MAX),
];

/// Whether there is such a function.
pub fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|(n, ..)| *n == name)
}

/// Whether a value counts as true: not empty, not zero.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(b) => *b,
        Value::Int(i) => *i != 0,
        Value::Float(f) => *f != 0.0,
        other => !other.is_empty(),
    }
}

/// Calls a function.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, CallError> {
    let (_, least, most) =
        FUNCTIONS.iter().find(|(n, ..)| *n == name).expect("the parser knows the functions");
    let n = arguments.len();
    if n < *least {
        let want = if least == most { format!("{least}") } else { format!("at least {least}") };
        return Err(CallError::Arguments(format!("wrong number of args for {name}: want {want} got {n}")));
    }
    if n > *most {
        return Err(CallError::Arguments(format!("wrong number of args for {name}: want {most} got {n}")));
    }
    let result = match name {
        "not" => Ok((!truth(&arguments[0])).into()),
        "len" => length(&arguments[0]),
        "index" => index(arguments),
        "slice" => slice(arguments),
        "print" => Ok(print(arguments).into()),
        "println" => Ok((arguments.iter().map(go::display).collect::<Vec<_>>().join(" ") + "\n").into()),
        "printf" => Ok(printf(&go::display(&arguments[0]), &arguments[1..]).into()),
        "html" => Ok(html(&joined(arguments)).into()),
        "js" => Ok(js(&joined(arguments)).into()),
        "urlquery" => Ok(urlquery(&joined(arguments)).into()),
        "eq" => equal(arguments).map(Value::from),
        "ne" => equal(arguments).map(|e| (!e).into()),
        "lt" => compare(arguments).map(|o| o.is_lt().into()),
        "le" => compare(arguments).map(|o| o.is_le().into()),
        "gt" => compare(arguments).map(|o| o.is_gt().into()),
        "ge" => compare(arguments).map(|o| o.is_ge().into()),
        "exists" => Ok(index(arguments).is_ok_and(|v| !v.is_null()).into()),
        "base64decode" => decode(&arguments[0]),
        _ => Err(format!("non-function {} of type {}", go::display(&arguments[0]), type_name(&arguments[0]))),
    };
    result.map_err(CallError::Failed)
}

fn length(value: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(s) => s.len().into(),
        Value::Array(a) => a.len().into(),
        Value::Object(o) => o.len().into(),
        Value::Null => return Err("reflect: call of reflect.Value.Type on zero Value".into()),
        other => return Err(format!("len of type {}", type_name(other))),
    })
}

fn index(arguments: &[Value]) -> Result<Value, String> {
    let mut item = arguments[0].clone();
    if item.is_null() {
        return Err("index of untyped nil".into());
    }
    for at in &arguments[1..] {
        item = match (&item, at) {
            (Value::Array(items), Value::Int(_)) => {
                let i = at.int();
                match usize::try_from(i).ok().and_then(|i| items.get(i)) {
                    Some(v) => v.clone(),
                    // Go lets the length itself pass here, and then stumbles over it.
                    None if i == items.len() as i64 => {
                        return Err("reflect: slice index out of range".into());
                    }
                    None => return Err(format!("index out of range: {i}")),
                }
            }
            (Value::String(s), Value::Int(i)) => {
                if *i == s.len() as i64 {
                    return Err("reflect: string index out of range".into());
                }
                let byte = usize::try_from(*i).ok().and_then(|i| s.as_bytes().get(i).copied());
                Value::Int(byte.ok_or_else(|| format!("index out of range: {i}"))?.into())
            }
            (Value::Array(_) | Value::String(_), Value::Null) => {
                return Err("cannot index slice/array with nil".into());
            }
            (Value::Array(_) | Value::String(_), at) => {
                return Err(format!("cannot index slice/array with type {}", type_name(at)));
            }
            (Value::Object(map), Value::String(key)) => map.get(key).cloned().unwrap_or_default(),
            (Value::Object(_), at) => {
                return Err(format!("value has type {}; should be string", type_name(at)));
            }
            (Value::Null, _) => return Err("index of nil pointer".into()),
            (other, _) => return Err(format!("can't index item of type {}", type_name(other))),
        };
    }
    Ok(item)
}

fn slice(arguments: &[Value]) -> Result<Value, String> {
    let item = &arguments[0];
    let length = match item {
        Value::String(s) => s.len(),
        Value::Array(a) => a.len(),
        Value::Null => return Err("slice of untyped nil".into()),
        other => return Err(format!("can't slice item of type {}", type_name(other))),
    };
    if arguments.len() > 4 {
        return Err(format!("too many slice indexes: {}", arguments.len() - 1));
    }
    let bound = |i: usize, default: usize| match arguments.get(i) {
        None => Ok(default),
        Some(v) => match v.as_i64() {
            None => Err(format!("cannot index slice/array with type {}", type_name(v))),
            Some(n) => {
                usize::try_from(n).ok().filter(|n| *n <= length).ok_or(format!("index out of range: {n}"))
            }
        },
    };
    let (from, to) = (bound(1, 0)?, bound(2, length)?);
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}"));
    }
    Ok(match item {
        Value::String(s) => s.get(from..to).unwrap_or_default().into(),
        _ => Value::array(item.items()[from..to].iter().cloned()),
    })
}

/// `fmt.Sprint`: a space between operands when neither is a text.
fn print(arguments: &[Value]) -> String {
    let mut out = String::new();
    for (i, v) in arguments.iter().enumerate() {
        if i > 0 && v.as_str().is_none() && arguments[i - 1].as_str().is_none() {
            out.push(' ');
        }
        out.push_str(&go::display(v));
    }
    out
}

fn joined(arguments: &[Value]) -> String {
    match arguments {
        [Value::String(s)] => s.to_string(),
        many => print(many),
    }
}

/// `fmt.Sprintf`, for the verbs that make sense with JSON.
pub fn printf(format: &str, arguments: &[Value]) -> String {
    let mut out = String::new();
    let mut rest = format.chars().peekable();
    let mut next = 0;
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = String::new();
        while let Some(f) = rest.next_if(|f| "+-# 0".contains(*f)) {
            flags.push(f);
        }
        let digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut text = String::new();
            while let Some(d) = rest.next_if(char::is_ascii_digit) {
                text.push(d);
            }
            text.parse::<usize>().ok()
        };
        const MAX_WIDTH: usize = 10_000;
        let width = digits(&mut rest).unwrap_or_default().min(MAX_WIDTH);
        let precision = rest.next_if_eq(&'.').map(|_| digits(&mut rest).unwrap_or_default().min(MAX_WIDTH));
        let Some(verb) = rest.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        if verb == '%' {
            out.push('%');
            continue;
        }
        let Some(value) = arguments.get(next) else {
            out.push_str(&format!("%!{verb}(MISSING)"));
            continue;
        };
        next += 1;
        let text = verb_text(verb, value, &flags, precision);
        let gap = width.saturating_sub(text.chars().count());
        if flags.contains('-') {
            out.push_str(&text);
            out.extend(std::iter::repeat_n(' ', gap));
        } else if flags.contains('0') && value.as_f64().is_some() {
            let (sign, number) = text.strip_prefix('-').map_or(("", text.as_str()), |n| ("-", n));
            out.push_str(sign);
            out.extend(std::iter::repeat_n('0', gap));
            out.push_str(number);
        } else {
            out.extend(std::iter::repeat_n(' ', gap));
            out.push_str(&text);
        }
    }
    if next < arguments.len() {
        let extra: Vec<String> =
            arguments[next..].iter().map(|v| format!("{}={}", type_name(v), go::display(v))).collect();
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

fn verb_text(verb: char, value: &Value, flags: &str, precision: Option<usize>) -> String {
    let plus = if flags.contains('+') && value.as_f64().is_some_and(|f| f >= 0.0) { "+" } else { "" };
    match (verb, value) {
        ('v', _) if flags.contains('#') => go::source(value),
        ('v', _) => format!("{plus}{}", go::display(value)),
        ('s', Value::String(s)) => match precision {
            Some(n) => s.chars().take(n).collect(),
            None => s.to_string(),
        },
        ('s', Value::Array(_) | Value::Object(_)) => go::display(value),
        ('q', Value::String(s)) => go::quote(s),
        ('d', Value::Int(i)) => format!("{plus}{i}"),
        ('x', Value::Int(i)) => format!("{i:x}"),
        ('X', Value::Int(i)) => format!("{i:X}"),
        ('o', Value::Int(i)) => format!("{i:o}"),
        ('b', Value::Int(i)) => format!("{i:b}"),
        ('c', Value::Int(i)) => u32::try_from(*i).ok().and_then(char::from_u32).unwrap_or('\u{fffd}').into(),
        ('x', Value::String(s)) => s.bytes().map(|b| format!("{b:02x}")).collect(),
        ('f' | 'F', Value::Float(f)) => format!("{plus}{f:.*}", precision.unwrap_or(6)),
        ('g', Value::Float(f)) => format!("{plus}{}", go::float(*f)),
        ('t', Value::Bool(b)) => b.to_string(),
        ('T', _) => type_name(value).into(),
        (_, Value::Null) => format!("%!{verb}(<nil>)"),
        _ => format!("%!{verb}({}={})", type_name(value), go::display(value)),
    }
}

fn html(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{fffd}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

fn js(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", c as u32)),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

fn urlquery(text: &str) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        match b {
            b' ' => out.push('+'),
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => out.push(b as char),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

fn equal(arguments: &[Value]) -> Result<bool, String> {
    let first = &arguments[0];
    if arguments.len() < 2 {
        return Err("missing argument for comparison".into());
    }
    for other in &arguments[1..] {
        let same = match (first, other) {
            (Value::Null, _) | (_, Value::Null) => first.is_null() && other.is_null(),
            (Value::Array(_) | Value::Object(_), _) => {
                return Err(format!("non-comparable type {}: {}", go::display(first), type_name(first)));
            }
            (_, Value::Array(_) | Value::Object(_)) => {
                return Err(format!("non-comparable type {}: {}", go::display(other), type_name(other)));
            }
            _ if type_name(first) != type_name(other) => {
                return Err("incompatible types for comparison".into());
            }
            _ => first == other,
        };
        if same {
            return Ok(true);
        }
    }
    Ok(false)
}

fn compare(arguments: &[Value]) -> Result<Ordering, String> {
    match (&arguments[0], &arguments[1]) {
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b).unwrap_or(Ordering::Equal)),
        (Value::Bool(_), Value::Bool(_)) => Err("invalid type for comparison".into()),
        (Value::Array(_) | Value::Object(_) | Value::Null, _)
        | (_, Value::Array(_) | Value::Object(_) | Value::Null) => Err("invalid type for comparison".into()),
        _ => Err("incompatible types for comparison".into()),
    }
}

fn decode(value: &Value) -> Result<Value, String> {
    let bytes = base64::decode(value.str());
    let bytes =
        bytes.map_err(|at| format!("base64 decode failed: illegal base64 data at input byte {at}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
