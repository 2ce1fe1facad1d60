//! Brace expansion: `a{b,c}d`, `{1..5}`, `{01..10..2}`, `{a..e}`.

use super::ast::{Part, Word};
use super::word::push;

/// The words that a word becomes; `None` when they are more than `limit`.
pub(crate) fn expand(word: Word, limit: usize) -> Option<Vec<Word>> {
    if !word.iter().any(|p| matches!(p, Part::Plain(t) if t.contains('{'))) {
        return Some(vec![word]);
    }
    // One atom per plain character, so that braces can be found across parts.
    let mut atoms: Vec<Part> = Vec::new();
    for part in word {
        match part {
            Part::Plain(text) => atoms.extend(text.chars().map(|c| Part::Plain(c.into()))),
            other => atoms.push(other),
        }
    }
    let words = expand_atoms(&atoms, limit)?;
    Some(words.into_iter().map(join).collect())
}

fn join(atoms: Vec<Part>) -> Word {
    let mut word = Word::new();
    for atom in atoms {
        match atom {
            Part::Plain(text) => push(&mut word, text, false),
            other => word.push(other),
        }
    }
    word
}

fn is(atom: &Part, c: char) -> bool {
    matches!(atom, Part::Plain(t) if t.starts_with(c))
}

fn expand_atoms(atoms: &[Part], limit: usize) -> Option<Vec<Vec<Part>>> {
    for open in (0..atoms.len()).filter(|i| is(&atoms[*i], '{')) {
        let Some((close, commas)) = matching(atoms, open) else { continue };
        let inner = &atoms[open + 1..close];
        let choices: Vec<Vec<Part>> = if commas.is_empty() {
            match range(inner) {
                Some(items) if items.len() <= limit => items
                    .into_iter()
                    .map(|text| text.chars().map(|c| Part::Plain(c.into())).collect())
                    .collect(),
                Some(_) => return None,
                None => continue,
            }
        } else {
            let mut cuts = vec![open];
            cuts.extend(commas);
            cuts.push(close);
            let mut choices = Vec::new();
            for pair in cuts.windows(2) {
                choices.extend(expand_atoms(&atoms[pair[0] + 1..pair[1]], limit)?);
            }
            choices
        };
        let rest = expand_atoms(&atoms[close + 1..], limit)?;
        if choices.len().saturating_mul(rest.len()) > limit {
            return None;
        }
        let mut words = Vec::new();
        for choice in &choices {
            for tail in &rest {
                words.push([&atoms[..open], choice, tail].concat());
            }
        }
        return Some(words);
    }
    Some(vec![atoms.to_vec()])
}

/// Where the brace opened at `open` closes, and where the commas of its own stand.
fn matching(atoms: &[Part], open: usize) -> Option<(usize, Vec<usize>)> {
    let (mut depth, mut commas) = (0, Vec::new());
    for (at, atom) in atoms.iter().enumerate().skip(open + 1) {
        match atom {
            a if is(a, '{') => depth += 1,
            a if is(a, '}') && depth == 0 => return Some((at, commas)),
            a if is(a, '}') => depth -= 1,
            a if is(a, ',') && depth == 0 => commas.push(at),
            _ => {}
        }
    }
    None
}

fn range(inner: &[Part]) -> Option<Vec<String>> {
    let mut text = String::new();
    for atom in inner {
        let Part::Plain(c) = atom else { return None };
        text.push_str(c);
    }
    let fields: Vec<&str> = text.split("..").collect();
    let (from, to) = (fields.first()?, fields.get(1)?);
    let step = match fields.get(2) {
        Some(step) => step.parse::<i64>().ok()?.unsigned_abs().max(1),
        None => 1,
    };
    if fields.len() > 3 {
        return None;
    }
    let letter =
        |t: &str| (t.len() == 1).then(|| t.chars().next()).flatten().filter(char::is_ascii_alphabetic);
    let (a, b, width) = match (letter(from), letter(to)) {
        (Some(a), Some(b)) => (i64::from(a as u32), i64::from(b as u32), None),
        _ => {
            let padded =
                |t: &str| t.trim_start_matches('-').starts_with('0') && t.trim_start_matches('-').len() > 1;
            let width = if padded(from) || padded(to) { from.len().max(to.len()) } else { 0 };
            (from.parse().ok()?, to.parse().ok()?, Some(width))
        }
    };
    let count = a.abs_diff(b) / step + 1;
    let value = |i: u64| if a <= b { a + (i * step) as i64 } else { a - (i * step) as i64 };
    // One more than any limit is enough to be refused.
    Some((0..count.min(100_000)).map(|i| show(value(i), width)).collect())
}

fn show(value: i64, width: Option<usize>) -> String {
    match width {
        None => char::from_u32(value as u32).unwrap_or(' ').to_string(),
        Some(width) if value < 0 => format!("-{:0>1$}", -value, width.saturating_sub(1)),
        Some(width) => format!("{value:0>width$}"),
    }
}
