//! From bytes to keys.

/// A key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// Characters to be put in.
    Text(String),
    Enter,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    /// Ctrl and a letter.
    Control(char),
    /// Alt (or Esc before) and a character.
    Alt(char),
    Unknown,
}

/// Begins and ends a bracketed paste.
const PASTE: (&[u8], &[u8]) = (b"\x1b[200~", b"\x1b[201~");
/// Longest escape sequence that is waited for.
const MAX_SEQUENCE: usize = 16;

/// Takes the next key off the input; `None`: more bytes are needed.
pub(super) fn next(input: &mut Vec<u8>, pasting: &mut bool) -> Option<Key> {
    loop {
        let first = *input.first()?;
        if *pasting {
            if input.starts_with(PASTE.1) {
                input.drain(..PASTE.1.len());
                *pasting = false;
                continue;
            }
            if first == 0x1b && input.len() < PASTE.1.len() && PASTE.1.starts_with(input) {
                return None;
            }
        } else if input.starts_with(PASTE.0) {
            input.drain(..PASTE.0.len());
            *pasting = true;
            continue;
        }
        let (key, used) = match first {
            // Pasted lines are run line by line, like typed ones.
            b'\r' => (Key::Enter, if input.get(1) == Some(&b'\n') { 2 } else { 1 }),
            b'\n' => (Key::Enter, 1),
            b'\t' if *pasting => (Key::Text("\t".into()), 1),
            b'\t' => (Key::Tab, 1),
            0x7f => (Key::Backspace, 1),
            0x1b if *pasting => (Key::Unknown, 1),
            0x1b => escape(input)?,
            1..=26 if !*pasting => (Key::Control((b'a' + first - 1) as char), 1),
            ..0x20 => (Key::Unknown, 1),
            _ => text(input)?,
        };
        input.drain(..used);
        return Some(key);
    }
}

/// As many printable characters as there are.
fn text(input: &[u8]) -> Option<(Key, usize)> {
    let end = input.iter().position(|b| *b < 0x20 || *b == 0x7f).unwrap_or(input.len());
    match std::str::from_utf8(&input[..end]) {
        Ok(text) => Some((Key::Text(text.into()), end)),
        Err(error) if error.valid_up_to() > 0 => {
            let used = error.valid_up_to();
            Some((Key::Text(String::from_utf8_lossy(&input[..used]).into_owned()), used))
        }
        // The rest of the character is still to come.
        Err(error) if error.error_len().is_none() && end == input.len() => None,
        Err(error) => Some((Key::Unknown, error.error_len().unwrap_or(1))),
    }
}

fn escape(input: &[u8]) -> Option<(Key, usize)> {
    let second = *input.get(1)?;
    if second != b'[' && second != b'O' {
        let key = if second.is_ascii() { Key::Alt(second as char) } else { Key::Unknown };
        return Some((key, 2));
    }
    let end = input[2..].iter().position(|b| (0x40..=0x7e).contains(b));
    let Some(end) = end else {
        return (input.len() > MAX_SEQUENCE).then_some((Key::Unknown, input.len()));
    };
    let sequence = std::str::from_utf8(&input[2..2 + end + 1]).unwrap_or("");
    let key = match sequence {
        "A" => Key::Up,
        "B" => Key::Down,
        "C" => Key::Right,
        "D" => Key::Left,
        "H" | "1~" | "7~" => Key::Home,
        "F" | "4~" | "8~" => Key::End,
        "3~" => Key::Delete,
        // Ctrl or Alt and an arrow: by words.
        "1;5C" | "1;3C" => Key::Alt('f'),
        "1;5D" | "1;3D" => Key::Alt('b'),
        _ => Key::Unknown,
    };
    Some((key, 2 + end + 1))
}
