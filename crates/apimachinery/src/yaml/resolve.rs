//! What a plain scalar means in YAML 1.1. Mirrors resolve.go of yaml.v2.

use crate::Value;

/// The meaning of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// A whole number beyond 64 bits with sign.
    BigInt(f64),
    Float(f64),
    Timestamp,
    Merge,
    Text,
}

/// Looks at a plain scalar.
pub(super) fn resolve(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Resolved::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Resolved::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        "<<" => return Resolved::Merge,
        _ => {}
    }
    match text.as_bytes()[0] {
        b'.' if is_float(text) => text.parse().map_or(Resolved::Text, Resolved::Float),
        b'+' | b'-' | b'0'..=b'9' => number(text),
        _ => Resolved::Text,
    }
}

fn number(text: &str) -> Resolved {
    if is_timestamp(text) {
        return Resolved::Timestamp;
    }
    let plain = text.replace('_', "");
    if let Some(whole) = whole(&plain) {
        return i64::try_from(whole).map_or(Resolved::BigInt(whole as f64), Resolved::Int);
    }
    match is_float(&plain).then(|| plain.parse()) {
        Some(Ok(float)) => Resolved::Float(float),
        _ => Resolved::Text,
    }
}

/// Mirrors strconv.ParseInt and ParseUint with base 0: `0x1f`, `0b1`, `0o17`, `017`.
fn whole(text: &str) -> Option<i128> {
    let (negative, body) = match text.strip_prefix(['+', '-']) {
        Some(body) => (text.starts_with('-'), body),
        None => (false, text),
    };
    let (digits, radix) = match body.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => (&body[2..], 16),
        Some("0b") => (&body[2..], 2),
        Some("0o") => (&body[2..], 8),
        Some(_) if body.starts_with('0') => (&body[1..], 8),
        _ => (body, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    let value = if negative { -value } else { value };
    (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value).then_some(value)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (body, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let some = if before.is_empty() { !after.is_empty() } else { true };
    some && digits(before) && digits(after) && exponent.is_none_or(|e| !e.is_empty() && digits(e))
}

/// The four forms that yaml.v2 takes for timestamps: a date, and a date with a time.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((bytes[at], &text[at + 1..]))),
        None => (text, None),
    };
    let within = |s: &str, max: u32| {
        (1..=2).contains(&s.len())
            && s.bytes().all(|b| b.is_ascii_digit())
            && s.parse::<u32>().is_ok_and(|n| n <= max)
    };
    let mut parts = date[5..].split('-');
    let date_ok = matches!((parts.next(), parts.next(), parts.next()), (Some(m), Some(d), None) if within(m, 12) && within(d, 31));
    let time_ok = time.is_none_or(|(separator, time)| {
        let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at(zone);
        let zone_ok = match separator {
            b' ' => zone.is_empty(),
            _ => zone == "Z" || (zone.len() == 6 && zone.as_bytes()[3] == b':'),
        };
        let clock = clock.split_once('.').map_or(clock, |(clock, _)| clock);
        let mut parts = clock.split(':');
        let parts = (parts.next(), parts.next(), parts.next(), parts.next());
        zone_ok && matches!(parts, (Some(h), Some(m), Some(s), None) if within(h, 23) && within(m, 59) && within(s, 59))
    });
    date_ok && time_ok
}

/// A key that is no text, as sigs.k8s.io/yaml makes one of it.
pub(super) fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) => text.to_string(),
        Value::Null => "null".into(),
        other => other.to_json(),
    }
}

/// Whether a text written plainly would be read as something else, so that it needs quotes.
pub(super) fn needs_quotes(text: &str) -> bool {
    resolve(text) != Resolved::Text || is_base60(text)
}

/// `[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?`, a number of YAML 1.1 that yaml.v2 does not read but avoids.
fn is_base60(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (body, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let mut parts = body.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let sixtieth = |s: &&str| match s.as_bytes() {
        [b] => b.is_ascii_digit(),
        [a, b] => (b'0'..=b'5').contains(a) && b.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && !rest.is_empty()
        && rest.iter().all(sixtieth)
}
