//! Backslash escapes of `$'...'`, `echo -e` and `printf`, and quoting the other way round.

/// Replaces escapes. `ansi`: also `\'`, `\"`, `\?`, and octal without a leading zero. The flag says that `\c` ended
/// the text.
pub(crate) fn unescape(text: &str, ansi: bool) -> (String, bool) {
    let chars: Vec<char> = text.chars().collect();
    let mut out: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        at += 1;
        if c != '\\' || at >= chars.len() {
            push(&mut out, c);
            continue;
        }
        let e = chars[at];
        at += 1;
        match e {
            'a' => out.push(7),
            'b' => out.push(8),
            'e' | 'E' => out.push(27),
            'f' => out.push(12),
            'n' => out.push(b'\n'),
            'r' => out.push(b'\r'),
            't' => out.push(b'\t'),
            'v' => out.push(11),
            '\\' => out.push(b'\\'),
            '\'' | '"' | '?' if ansi => push(&mut out, e),
            'c' if !ansi => return (String::from_utf8_lossy(&out).into_owned(), true),
            'x' => match digits(&chars, &mut at, 16, 2) {
                Some(code) => out.push(code as u8),
                None => out.extend(b"\\x"),
            },
            'u' | 'U' => match digits(&chars, &mut at, 16, if e == 'u' { 4 } else { 8 }) {
                Some(code) => push(&mut out, char::from_u32(code).unwrap_or('\u{fffd}')),
                None => out.extend([b'\\', e as u8]),
            },
            '0' if !ansi => out.push(digits(&chars, &mut at, 8, 3).unwrap_or(0) as u8),
            '0'..='7' if ansi => {
                at -= 1;
                out.push(digits(&chars, &mut at, 8, 3).unwrap_or(0) as u8);
            }
            _ => {
                out.push(b'\\');
                push(&mut out, e);
            }
        }
    }
    (String::from_utf8_lossy(&out).into_owned(), false)
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn digits(chars: &[char], at: &mut usize, radix: u32, most: usize) -> Option<u32> {
    let mut value = None;
    for _ in 0..most {
        let Some(digit) = chars.get(*at).and_then(|c| c.to_digit(radix)) else { break };
        value = Some(value.unwrap_or(0) * radix + digit);
        *at += 1;
    }
    value
}

/// The text as it would have to be typed: in single quotes if it needs any.
pub(crate) fn quote(text: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || "%+,-./:=@_^".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.into();
    }
    if text.chars().any(|c| c.is_control()) {
        let mut out = String::from("$'");
        for c in text.chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\x1b' => out.push_str("\\E"),
                '\'' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
                c => out.push(c),
            }
        }
        return out + "'";
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// As [`quote`], but in double quotes as `declare -p` and `export -p` print values.
pub(crate) fn double_quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if "\"\\$`".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out + "\""
}
