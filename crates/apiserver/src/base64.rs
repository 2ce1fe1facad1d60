//! Base64, as continue tokens and bodies in protobuf need it.

/// The letters of RFC 4648.
pub const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// The letters that are safe in URLs.
pub const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes to text, with `=` at the end or without.
pub fn encode(bytes: &[u8], letters: &[u8; 64], padded: bool) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            match i <= chunk.len() {
                true => out.push(letters[(word >> (18 - 6 * i)) as usize & 63] as char),
                false if padded => out.push('='),
                false => {}
            }
        }
    }
    out
}

/// Text without `=` to bytes; `None` when it is no base64.
pub fn decode(text: &str, letters: &[u8; 64]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        if chunk.len() == 1 {
            return None;
        }
        let mut word = 0u32;
        for b in chunk {
            word = word << 6 | letters.iter().position(|l| l == b)? as u32;
        }
        word <<= 6 * (4 - chunk.len());
        out.extend(&word.to_be_bytes()[1..chunk.len()]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(encode(bytes.as_bytes(), STANDARD, true), text);
            let bare = text.trim_end_matches('=');
            assert_eq!(decode(bare, STANDARD).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode("Z", URL), None);
        assert_eq!(decode("Z+==", URL), None);
    }
}
