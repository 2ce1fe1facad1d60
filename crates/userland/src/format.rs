//! `printf` and `echo`, for the shell's builtins, the programs of that name, and awk.

use crate::date;
use crate::shell::escape;
use sim::Time;

/// Bytes of one `printf`.
const MAX_OUTPUT: usize = 1 << 20;
/// Widest field.
const MAX_WIDTH: usize = 4096;

/// What `printf` gave.
pub(crate) struct Printed {
    pub text: String,
    /// Messages without a name before them.
    pub errors: Vec<String>,
}

/// `echo`: `escapes` are looked at without `-e`, as in Debian's `sh`.
pub(crate) fn echo(args: &[String], escapes: bool) -> String {
    let (mut newline, mut escapes, mut at) = (true, escapes, 0);
    let plain = escapes;
    while let Some(option) = args.get(at).filter(|a| a.len() > 1 && a.starts_with('-')) {
        let letters = if plain { "n" } else { "neE" };
        if !option[1..].chars().all(|c| letters.contains(c)) {
            break;
        }
        for letter in option[1..].chars() {
            match letter {
                'n' => newline = false,
                letter => escapes = letter == 'e',
            }
        }
        at += 1;
    }
    let text = args[at..].join(" ");
    let (mut text, stop) = if escapes { escape::unescape(&text, false) } else { (text, false) };
    if newline && !stop {
        text.push('\n');
    }
    text
}

/// One conversion: `%-08.3f`.
#[derive(Clone, Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

impl Spec {
    fn pad(&self, text: String, numeric: bool) -> String {
        let size = text.chars().count();
        if size >= self.width {
            return text;
        }
        let fill = self.width - size;
        if self.left {
            return text + &" ".repeat(fill);
        }
        if self.zero && numeric {
            let sign = text.len() - text.trim_start_matches(['-', '+', ' ']).len();
            return format!("{}{}{}", &text[..sign], "0".repeat(fill), &text[sign..]);
        }
        " ".repeat(fill) + &text
    }

    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (.., true) => " ",
            _ => "",
        }
    }
}

/// The shell's `printf`: the format is used again until all arguments are.
pub(crate) fn printf(format: &str, args: &[String], now: Time) -> Printed {
    let mut out = Printed { text: String::new(), errors: Vec::new() };
    let mut args = args.iter();
    loop {
        let before = args.len();
        let stop = once(format, &mut args, &mut out, now);
        if stop || args.len() == 0 || args.len() == before || out.text.len() > MAX_OUTPUT {
            return out;
        }
    }
}

/// The format, used once. awk's escapes were replaced when it was read; here they would be replaced twice.
pub(crate) fn awk_sprintf(format: &str, args: &[String]) -> String {
    sprintf(&format.replace('\\', "\\\\"), args)
}

/// The format, used once.
pub(crate) fn sprintf(format: &str, args: &[String]) -> String {
    let mut out = Printed { text: String::new(), errors: Vec::new() };
    once(format, &mut args.iter(), &mut out, Time::ZERO);
    out.text
}

fn once(format: &str, args: &mut std::slice::Iter<'_, String>, out: &mut Printed, now: Time) -> bool {
    let chars: Vec<char> = format.chars().collect();
    let mut at = 0;
    while at < chars.len() && out.text.len() <= MAX_OUTPUT {
        match chars[at] {
            '\\' => {
                // An escape is at most ten characters long.
                let end = (at + 1..chars.len().min(at + 11))
                    .find(|i| !chars[*i].is_ascii_hexdigit() && *i > at + 1)
                    .unwrap_or(chars.len().min(at + 11));
                let text: String = chars[at..end].iter().collect();
                if text.starts_with("\\c") {
                    return true;
                }
                let octal = text[1..].starts_with(|c: char| ('0'..='7').contains(&c));
                out.text.push_str(
                    &escape::unescape(&text, octal || text.starts_with("\\\"") || text.starts_with("\\'")).0,
                );
                at = end;
            }
            '%' if chars.get(at + 1) == Some(&'%') => {
                out.text.push('%');
                at += 2;
            }
            '%' => {
                at += 1;
                if conversion(&chars, &mut at, args, out, now) {
                    return true;
                }
            }
            c => {
                out.text.push(c);
                at += 1;
            }
        }
    }
    false
}

fn number(chars: &[char], at: &mut usize, args: &mut std::slice::Iter<'_, String>) -> Option<i64> {
    if chars.get(*at) == Some(&'*') {
        *at += 1;
        return args.next().and_then(|a| a.parse().ok());
    }
    let digits: String = chars[*at..].iter().take_while(|c| c.is_ascii_digit()).collect();
    *at += digits.len();
    digits.parse().ok()
}

fn conversion(
    chars: &[char],
    at: &mut usize,
    args: &mut std::slice::Iter<'_, String>,
    out: &mut Printed,
    now: Time,
) -> bool {
    let mut spec = Spec::default();
    let start = *at;
    while let Some(flag) = chars.get(*at) {
        match flag {
            '-' => spec.left = true,
            '0' => spec.zero = true,
            '+' => spec.plus = true,
            ' ' => spec.space = true,
            '#' => spec.alternate = true,
            '\'' => {}
            _ => break,
        }
        *at += 1;
    }
    if let Some(width) = number(chars, at, args) {
        spec.left |= width < 0;
        spec.width = (width.unsigned_abs() as usize).min(MAX_WIDTH);
    }
    if chars.get(*at) == Some(&'.') {
        *at += 1;
        spec.precision = Some(number(chars, at, args).unwrap_or(0).clamp(0, MAX_WIDTH as i64) as usize);
    }
    if chars.get(*at) == Some(&'(')
        && let Some(end) = chars[*at..].iter().position(|c| *c == ')')
    {
        let format: String = chars[*at + 1..*at + end].iter().collect();
        *at += end + 2;
        let seconds = args.next().and_then(|a| a.parse::<i64>().ok()).filter(|s| *s >= 0);
        let time = seconds.map_or(now, |s| Time::from_secs(s as u64));
        out.text.push_str(&spec.pad(date::format(&format, time), false));
        return false;
    }
    while chars.get(*at).is_some_and(|c| "lhjzt".contains(*c)) {
        *at += 1;
    }
    let Some(kind) = chars.get(*at).copied() else {
        let text: String = chars[start..].iter().collect();
        out.errors.push(format!("`%{text}': missing format character"));
        return true;
    };
    *at += 1;
    let arg = args.next().map_or("", |a| a.as_str());
    match kind {
        's' => {
            let text: String = arg.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
            out.text.push_str(&spec.pad(text, false));
        }
        'b' => {
            let (text, stop) = escape::unescape(arg, false);
            out.text.push_str(&spec.pad(text, false));
            return stop;
        }
        'q' => out.text.push_str(&spec.pad(escape::quote(arg), false)),
        'c' => out.text.push_str(&spec.pad(arg.chars().next().map_or(String::new(), String::from), false)),
        'd' | 'i' => {
            let value = integer(arg, out);
            let digits = value.unsigned_abs().to_string();
            out.text.push_str(&spec.pad(with_digits(&spec, value < 0, digits), spec.precision.is_none()));
        }
        'u' | 'x' | 'X' | 'o' => {
            let value = integer(arg, out);
            let digits = match kind {
                'u' => (value as u64).to_string(),
                'x' => format!("{}{value:x}", if spec.alternate && value != 0 { "0x" } else { "" }),
                'X' => format!("{}{value:X}", if spec.alternate && value != 0 { "0X" } else { "" }),
                _ => format!("{}{value:o}", if spec.alternate { "0" } else { "" }),
            };
            let spec = Spec { plus: false, space: false, ..spec };
            out.text.push_str(&spec.pad(with_digits(&spec, false, digits), spec.precision.is_none()));
        }
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
            let value: f64 = match arg.trim().parse() {
                Ok(value) => value,
                Err(_) if arg.is_empty() => 0.0,
                Err(_) => {
                    out.errors.push(format!("{arg}: invalid number"));
                    0.0
                }
            };
            let text = format!(
                "{}{}",
                spec.sign(value.is_sign_negative() && value != 0.0),
                real(&spec, kind, value.abs())
            );
            out.text.push_str(&spec.pad(text, true));
        }
        other => {
            out.errors.push(format!("`{other}': invalid format character"));
            return true;
        }
    }
    false
}

fn with_digits(spec: &Spec, negative: bool, digits: String) -> String {
    let least = spec.precision.unwrap_or(1);
    format!("{}{digits:0>least$}", spec.sign(negative))
}

fn integer(arg: &str, out: &mut Printed) -> i64 {
    let text = arg.trim();
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        return quoted.chars().next().map_or(0, |c| i64::from(c as u32));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let parsed = if let Some(hex) = digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()
    } else {
        digits.parse().ok()
    };
    match parsed {
        Some(value) => {
            if negative {
                -value
            } else {
                value
            }
        }
        None if text.is_empty() => 0,
        None => {
            out.errors.push(format!("{arg}: invalid number"));
            let lead: String = digits.chars().take_while(|c| c.is_ascii_digit()).collect();
            lead.parse().unwrap_or(0)
        }
    }
}

fn real(spec: &Spec, kind: char, value: f64) -> String {
    let precision = spec.precision.unwrap_or(6);
    let text = match kind {
        'f' | 'F' => format!("{value:.precision$}"),
        'e' | 'E' => exponent(value, precision),
        _ => general(value, precision.max(1), spec.alternate),
    };
    if kind.is_uppercase() { text.to_uppercase() } else { text }
}

/// C's `%e`.
fn exponent(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// C's `%g`.
pub(crate) fn general(value: f64, precision: usize, keep_zeros: bool) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "nan".into()
        } else if value < 0.0 {
            "-inf".into()
        } else {
            "inf".into()
        };
    }
    let scientific = format!("{:.*e}", precision - 1, value);
    let power: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trim = |text: String| match !keep_zeros && text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    };
    if power < -4 || power >= precision as i32 {
        let text = exponent(value, precision - 1);
        return match text.split_once('e') {
            Some((mantissa, exponent)) => format!("{}e{exponent}", trim(mantissa.into())),
            None => text,
        };
    }
    trim(format!("{value:.*}", (precision as i32 - 1 - power).max(0) as usize))
}
