//! Patterns: `*`, `?`, `[a-z]`, `[[:digit:]]`, and `@(a|b)` and its kin; and the files that a pattern names.

use crate::Files;
use sim::Order;

/// How many names one pattern may become.
const MAX_MATCHES: usize = 20_000;
/// How many tries one comparison may take, so that `*a*a*a*a*b` ends.
const MAX_TRIES: usize = 100_000;

/// Puts a backslash before every character of a text that a pattern would take as special.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "*?[]\\()|!@+".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Removes the backslashes of [`escape`].
pub(crate) fn unescape(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next().or(Some('\\')) } else { Some(c) });
    }
    out
}

/// Whether there is anything special in a pattern.
pub(crate) fn is_pattern(pattern: &str) -> bool {
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '*' | '?' | '[' => return true,
            '@' | '+' | '!' if chars.as_str().starts_with('(') => return true,
            _ => {}
        }
    }
    false
}

/// Whether the whole text is as the pattern says.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    matches_chars(&pattern, &text)
}

/// As [`matches`], for characters.
pub(crate) fn matches_chars(pattern: &[char], text: &[char]) -> bool {
    let mut tries = 0;
    go(pattern, text, &mut tries)
}

fn go(mut p: &[char], mut t: &[char], tries: &mut usize) -> bool {
    loop {
        *tries += 1;
        if *tries > MAX_TRIES {
            return false;
        }
        let Some(c) = p.first() else { return t.is_empty() };
        if p.get(1) == Some(&'(')
            && "?*+@!".contains(*c)
            && let Some(close) = closing(p)
        {
            return group(*c, &p[2..close], &p[close + 1..], t, tries);
        }
        match c {
            '*' => {
                let rest = &p[1..];
                if rest.is_empty() {
                    return true;
                }
                return (0..=t.len()).any(|n| go(rest, &t[n..], tries));
            }
            '?' if !t.is_empty() => (p, t) = (&p[1..], &t[1..]),
            '[' => {
                let Some(first) = t.first() else { return false };
                match set(p, *first) {
                    Some((true, used)) => (p, t) = (&p[used..], &t[1..]),
                    Some((false, _)) => return false,
                    None if *first == '[' => (p, t) = (&p[1..], &t[1..]),
                    None => return false,
                }
            }
            '\\' if p.len() > 1 => {
                if t.first() != Some(&p[1]) {
                    return false;
                }
                (p, t) = (&p[2..], &t[1..]);
            }
            c => {
                if t.first() != Some(c) {
                    return false;
                }
                (p, t) = (&p[1..], &t[1..]);
            }
        }
    }
}

/// Where the parenthesis of `@(` closes.
fn closing(p: &[char]) -> Option<usize> {
    let mut depth = 0;
    let mut at = 1;
    while at < p.len() {
        match p[at] {
            '\\' => at += 1,
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

fn group(kind: char, inner: &[char], rest: &[char], t: &[char], tries: &mut usize) -> bool {
    let mut choices = Vec::new();
    let (mut depth, mut from, mut at) = (0, 0, 0);
    while at < inner.len() {
        match inner[at] {
            '\\' => at += 1,
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => {
                choices.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    choices.push(&inner[from..]);
    if matches!(kind, '?' | '*') && go(rest, t, tries) {
        return true;
    }
    (0..=t.len()).any(|n| {
        let one = choices.iter().any(|c| go(c, &t[..n], tries));
        match kind {
            '!' => !one && go(rest, &t[n..], tries),
            '*' | '+' if one && n > 0 => go(rest, &t[n..], tries) || group('*', inner, rest, &t[n..], tries),
            _ => one && go(rest, &t[n..], tries),
        }
    })
}

/// `[...]`: whether the character is in it and how long it is; `None` if it is no set.
fn set(p: &[char], c: char) -> Option<(bool, usize)> {
    let mut at = 1;
    let negate = matches!(p.get(at), Some('!' | '^'));
    at += usize::from(negate);
    let mut found = false;
    let start = at;
    loop {
        let mut from = *p.get(at)?;
        if from == ']' && at > start {
            return Some((found != negate, at + 1));
        }
        if from == '[' && p.get(at + 1) == Some(&':') {
            let name: String = p[at + 2..].iter().take_while(|c| **c != ':').collect();
            found |= class(&name, c);
            at += name.chars().count() + 4;
            continue;
        }
        if from == '\\' {
            at += 1;
            from = *p.get(at)?;
        }
        at += 1;
        if p.get(at) == Some(&'-') && p.get(at + 1).is_some_and(|c| *c != ']') {
            found |= (from..=*p.get(at + 1)?).contains(&c);
            at += 2;
        } else {
            found |= from == c;
        }
    }
}

/// Whether a character is in a POSIX class: `alpha`, `digit`, ...
pub(crate) fn class(name: &str, c: char) -> bool {
    match name {
        "alpha" => c.is_alphabetic(),
        "digit" => c.is_ascii_digit(),
        "alnum" => c.is_alphanumeric(),
        "upper" => c.is_uppercase(),
        "lower" => c.is_lowercase(),
        "space" => c.is_whitespace(),
        "blank" => matches!(c, ' ' | '\t'),
        "punct" => c.is_ascii_punctuation(),
        "xdigit" => c.is_ascii_hexdigit(),
        "cntrl" => c.is_control(),
        "print" => !c.is_control(),
        "graph" => !c.is_control() && !c.is_whitespace(),
        _ => false,
    }
}

/// The names that a pattern stands for, sorted; empty when nothing matches.
pub(crate) fn glob(files: &Files, cwd: &str, pattern: &str) -> Vec<String> {
    let mut found: Vec<String> = vec![if pattern.starts_with('/') { "/".into() } else { String::new() }];
    let parts: Vec<&str> = pattern.split('/').filter(|p| !p.is_empty()).collect();
    for (n, part) in parts.iter().enumerate() {
        let last = n + 1 == parts.len();
        let mut next = Vec::new();
        for base in &found {
            let dir = Files::join(cwd, base);
            if !is_pattern(part) {
                let name = unescape(part);
                let path = format!("{base}{name}");
                if files.stat(&Files::join(cwd, &path), false).is_ok() || matches!(part, &"." | &"..") {
                    next.push(if last { path } else { path + "/" });
                }
                continue;
            }
            for (name, stat) in files.list(&dir).unwrap_or_default() {
                let hidden = name.starts_with('.') && !part.starts_with('.');
                if hidden || !matches(part, &name) {
                    continue;
                }
                let path = format!("{base}{name}");
                if last {
                    next.push(path);
                } else if stat.is_dir()
                    || files.stat(&Files::join(cwd, &path), true).is_ok_and(|s| s.is_dir())
                {
                    next.push(path + "/");
                }
            }
            if next.len() > MAX_MATCHES {
                break;
            }
        }
        found = next;
    }
    if pattern.ends_with('/') {
        found.retain(|p| files.stat(&Files::join(cwd, p), true).is_ok_and(|s| s.is_dir()));
        found.iter_mut().for_each(|p| p.push('/'));
    }
    found.order();
    found
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text) in [
            ("*.yaml", "a.yaml"),
            ("[a-c]?[!0-9]", "bxx"),
            ("[[:digit:]]*", "1a"),
            ("@(foo|ba*)", "bar"),
            ("!(foo)", "bar"),
            ("+(ab)", "abab"),
            ("a\\*", "a*"),
            ("[]x]", "]"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("*.yaml", "a.yml"), ("a\\*", "ab"), ("[a-c]", "d"), ("!(foo)", "foo"), ("?", "")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        let (many, text) = ("*a".repeat(30) + "b", "a".repeat(200));
        assert!(!matches(&many, &text));
    }
}
