//! awk's functions.

use super::ast::Expression;
use super::eval::{Awk, Control, MAX_TEXT, Value, split};
use crate::{Os, date, format};
use sim::Time;

type Result<T> = std::result::Result<T, Control>;

/// Calls a function by name.
pub(super) fn call(awk: &mut Awk, os: &mut Os<'_>, name: &str, args: &[Expression]) -> Result<Value> {
    match name {
        "length" => return length(awk, os, args),
        "split" => return split_into(awk, os, args),
        "sub" | "gsub" => return substitute(awk, os, args, name == "gsub"),
        "match" => return find(awk, os, args),
        "sprintf" => return awk.formatted(os, args).map(Value::Text),
        _ => {}
    }
    let mut values = Vec::new();
    for arg in args {
        values.push(awk.evaluate(os, arg)?);
    }
    let number = |n: usize| values.get(n).map_or(0.0, Value::number);
    let text = |n: usize| values.get(n).map_or(String::new(), Value::text);
    Ok(match name {
        "substr" => {
            // Characters are counted from 1; both numbers are rounded.
            let chars: Vec<char> = text(0).chars().collect();
            let from = number(1).round();
            let to = if values.len() > 2 { from + number(2).round() } else { f64::INFINITY };
            let (from, to) = (from.max(1.0) as usize, to.min(chars.len() as f64 + 1.0).max(1.0) as usize);
            Value::Text(chars.get(from - 1..to.max(from) - 1).unwrap_or(&[]).iter().collect())
        }
        "index" => {
            let (hay, needle) = (text(0), text(1));
            Value::Number(hay.find(&needle).map_or(0.0, |n| (hay[..n].chars().count() + 1) as f64))
        }
        "toupper" => Value::Text(text(0).to_uppercase()),
        "tolower" => Value::Text(text(0).to_lowercase()),
        "int" => Value::Number(number(0).trunc()),
        "sqrt" => Value::Number(number(0).sqrt()),
        "exp" => Value::Number(number(0).exp()),
        "log" => Value::Number(number(0).ln()),
        "sin" => Value::Number(number(0).sin()),
        "cos" => Value::Number(number(0).cos()),
        "atan2" => Value::Number(number(0).atan2(number(1))),
        "rand" => Value::Number(awk.rng.fraction()),
        "srand" => {
            let seed = if values.is_empty() { awk.now } else { number(0) as u64 };
            awk.rng = sim::Rng::new(seed);
            Value::Number(0.0)
        }
        "systime" => Value::Number(os.now().as_secs() as f64),
        "strftime" => {
            let template = if values.is_empty() { "%a %b %e %H:%M:%S UTC %Y".into() } else { text(0) };
            let time = if values.len() > 1 { Time::from_secs(number(1).max(0.0) as u64) } else { os.now() };
            Value::Text(date::format(&template, time))
        }
        // Everything goes out at once.
        "fflush" | "close" => Value::Number(0.0),
        "system" => return Err(Control::Error("system() is not supported".into())),
        _ => return Err(Control::Error(format!("calling undefined function {name}"))),
    })
}

fn length(awk: &mut Awk, os: &mut Os<'_>, args: &[Expression]) -> Result<Value> {
    let count = match args.first() {
        None => awk.line.chars().count(),
        Some(Expression::Variable(array)) if awk.is_array(array) => awk.array(array).len(),
        Some(e) => awk.evaluate(os, e)?.text().chars().count(),
    };
    Ok(Value::Number(count as f64))
}

fn split_into(awk: &mut Awk, os: &mut Os<'_>, args: &[Expression]) -> Result<Value> {
    let [text, Expression::Variable(array), rest @ ..] = args else {
        return Err(Control::Error("split: wrong arguments".into()));
    };
    let text = awk.evaluate(os, text)?.text();
    let parts = match rest.first() {
        Some(e @ Expression::Regex(_)) => {
            let regex = awk.regex(os, e)?;
            split(&text, "", Some(&regex))
        }
        Some(e) => {
            let separator = awk.evaluate(os, e)?.text();
            split(&text, &separator, None)
        }
        None => split(&text, &awk.get("FS").text(), None),
    };
    let count = parts.len() as f64;
    *awk.array(array) =
        (1..).map(|n: usize| n.to_string()).zip(parts.into_iter().map(Value::Input)).collect();
    Ok(Value::Number(count))
}

fn substitute(awk: &mut Awk, os: &mut Os<'_>, args: &[Expression], all: bool) -> Result<Value> {
    let [pattern, with, rest @ ..] = args else {
        return Err(Control::Error("sub: wrong arguments".into()));
    };
    let regex = awk.regex(os, pattern)?;
    let with = awk.evaluate(os, with)?.text();
    let whole = Expression::Field(Box::new(Expression::Number(0.0)));
    let place = rest.first().unwrap_or(&whole);
    let text = awk.evaluate(os, place)?.text();
    let (mut out, mut at, mut count) = (String::new(), 0, 0);
    while at <= text.len() && (all || count == 0) {
        let Some(found) = regex.find(&text, at) else { break };
        count += 1;
        out.push_str(&text[at..found.start()]);
        put(&mut out, &with, &text[found.start()..found.end()]);
        at = found.end();
        if found.end() == found.start() {
            let next = text[at..].chars().next();
            out.extend(next);
            at += next.map_or(1, char::len_utf8);
        }
        if out.len() > MAX_TEXT {
            return Err(Control::Error(format!("text is larger than {MAX_TEXT} bytes")));
        }
    }
    out.push_str(text.get(at..).unwrap_or(""));
    if count > 0 {
        awk.store(os, place, Value::Text(out))?;
    }
    Ok(Value::Number(f64::from(count)))
}

/// The right side of `sub`: `&` is the match, `\&` is not.
fn put(out: &mut String, with: &str, found: &str) {
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str(found),
            '\\' => match chars.next() {
                Some('&') => out.push('&'),
                Some('\\') => out.push('\\'),
                other => {
                    out.push('\\');
                    out.extend(other);
                }
            },
            c => out.push(c),
        }
    }
}

fn find(awk: &mut Awk, os: &mut Os<'_>, args: &[Expression]) -> Result<Value> {
    let [text, pattern] = args else {
        return Err(Control::Error("match: wrong arguments".into()));
    };
    let text = awk.evaluate(os, text)?.text();
    let regex = awk.regex(os, pattern)?;
    let (start, length) = match regex.find(&text, 0) {
        Some(found) => {
            let chars = |a: usize, b: usize| text[a..b].chars().count() as f64;
            (chars(0, found.start()) + 1.0, chars(found.start(), found.end()))
        }
        None => (0.0, -1.0),
    };
    awk.set("RSTART", Value::Number(start));
    awk.set("RLENGTH", Value::Number(length));
    Ok(Value::Number(start))
}

/// `sprintf`: numbers for `%d` lose what is after the point, `%c` of a number is that character.
pub(super) fn sprintf(template: &str, values: &[Value]) -> String {
    let mut texts = Vec::new();
    let mut values = values.iter();
    let mut chars = template.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        if chars.peek() == Some(&'%') {
            chars.next();
            continue;
        }
        for kind in chars.by_ref() {
            match kind {
                '*' => texts.extend(values.next().map(|v| format!("{}", v.number() as i64))),
                c if c.is_ascii_alphabetic() => {
                    let Some(value) = values.next() else { break };
                    texts.push(match (c, value) {
                        ('d' | 'i' | 'x' | 'X' | 'o' | 'u', value) => format!("{}", value.number() as i64),
                        ('e' | 'E' | 'f' | 'F' | 'g' | 'G', value) => format!("{}", value.number()),
                        ('c', Value::Number(n)) => {
                            char::from_u32(*n as u32).map_or(String::new(), String::from)
                        }
                        (_, value) => value.text(),
                    });
                    break;
                }
                _ => {}
            }
        }
    }
    format::awk_sprintf(template, &texts)
}
