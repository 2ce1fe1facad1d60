//! What a key sends to a terminal.

/// The parts of a keyboard event that matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Ctrl is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
    /// Shift is held.
    pub shift: bool,
    /// Command or the Windows key is held.
    pub meta: bool,
}

/// The bytes that a key sends. `None`: the browser deals with it (typed text comes through the input event, so that
/// input methods work).
pub fn bytes(key: Key<'_>) -> Option<Vec<u8>> {
    if key.meta {
        return None;
    }
    let special: &[u8] = match (key.key, key.ctrl, key.alt) {
        ("Enter", ..) => b"\r",
        ("Backspace", true, _) => b"\x17",
        ("Backspace", _, true) => b"\x1b\x7f",
        ("Backspace", ..) => b"\x7f",
        ("Tab", false, false) if !key.shift => b"\t",
        ("ArrowUp", ..) => b"\x1b[A",
        ("ArrowDown", ..) => b"\x1b[B",
        ("ArrowRight", true, _) | ("ArrowRight", _, true) => b"\x1bf",
        ("ArrowLeft", true, _) | ("ArrowLeft", _, true) => b"\x1bb",
        ("ArrowRight", ..) => b"\x1b[C",
        ("ArrowLeft", ..) => b"\x1b[D",
        ("Home", ..) => b"\x1b[H",
        ("End", ..) => b"\x1b[F",
        ("Delete", ..) => b"\x1b[3~",
        _ => return letter(key),
    };
    Some(special.to_vec())
}

fn letter(key: Key<'_>) -> Option<Vec<u8>> {
    let mut chars = key.key.chars();
    let (c, None) = (chars.next()?, chars.next()) else { return None };
    match (key.ctrl, key.alt) {
        // Ctrl-V and Ctrl-Shift-C stay with the browser: paste and copy.
        (true, _) if c.eq_ignore_ascii_case(&'v') || key.shift => None,
        (true, false) if c.is_ascii_alphabetic() => Some(vec![c.to_ascii_lowercase() as u8 & 0x1f]),
        (true, false) if c == '_' || c == '/' => Some(vec![0x1f]),
        // Alt types characters on some keyboards; only the line editor's own letters are taken.
        (false, true) if "bfdBFD.".contains(c) => Some(vec![0x1b, c.to_ascii_lowercase() as u8]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_send_what_bash_expects() {
        let ctrl = |key| Key { key, ctrl: true, ..Key::default() };
        let plain = |key| Key { key, ..Key::default() };
        assert_eq!(bytes(ctrl("c")), Some(vec![3]));
        assert_eq!(bytes(ctrl("v")), None);
        assert_eq!(bytes(plain("a")), None);
        assert_eq!(bytes(plain("Enter")), Some(b"\r".to_vec()));
        assert_eq!(bytes(Key { key: "b", alt: true, ..Key::default() }), Some(b"\x1bb".to_vec()));
        assert_eq!(bytes(Key { key: "Tab", shift: true, ..Key::default() }), None);
        assert_eq!(bytes(Key { key: "c", meta: true, ..Key::default() }), None);
    }
}
