//! How many columns a character takes in a terminal.

/// Ranges of characters that take two columns: East Asian wide and full-width, and the emoji that terminals show so.
const WIDE: [(u32, u32); 22] = [
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x23e9, 0x23ec),
    (0x25fd, 0x25fe),
    (0x2614, 0x2615),
    (0x2648, 0x2653),
    (0x26a1, 0x26a1),
    (0x26d4, 0x26d4),
    (0x2705, 0x2705),
    (0x274c, 0x274e),
    (0x2753, 0x2757),
    (0x2795, 0x2797),
    (0x2b1b, 0x2b1c),
    (0x2b50, 0x2b55),
    (0x2e80, 0x303e),
    (0x3041, 0xa4cf),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f300, 0x3fffd),
];

/// Columns of one character: 0, 1 or 2.
pub(crate) fn of(c: char) -> usize {
    let code = c as u32;
    match code {
        0..0x20 | 0x7f..0xa0 | 0x300..0x370 | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        ..0x1100 => 1,
        _ if WIDE.iter().any(|(a, b)| (*a..=*b).contains(&code)) => 2,
        _ => 1,
    }
}

/// Columns of a prompt: escape sequences, which colour it, take none.
pub(crate) fn of_prompt(prompt: &str) -> usize {
    let mut parts = prompt.split('\x1b');
    let first = parts.next().map_or(0, of_str);
    let behind = |part: &str| of_str(part.find(char::is_alphabetic).map_or("", |end| &part[end + 1..]));
    first + parts.map(behind).sum::<usize>()
}

/// Columns of a text.
pub(crate) fn of_str(text: &str) -> usize {
    text.chars().map(of).sum()
}
