//! Base64, as Go's encoding/base64 has it.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as base64 text with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |w, b| w << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= chunk.len() { digit as char } else { '=' });
        }
    }
    text
}

/// Base64 text as bytes; the error is where it is wrong, as Go counts: `illegal base64 data at input byte N`.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let digits: Vec<(usize, u8)> = text.bytes().enumerate().filter(|(_, b)| !b"\r\n".contains(b)).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let last = digits.len().saturating_sub(1) / 4;
    for (n, chunk) in digits.chunks(4).enumerate() {
        let padding = match chunk {
            [.., (_, b'='), (_, b'=')] if n == last && chunk.len() == 4 => 2,
            [.., (_, b'=')] if n == last && chunk.len() == 4 => 1,
            _ => 0,
        };
        let mut word = 0u32;
        for (at, b) in &chunk[..chunk.len() - padding] {
            word = word << 6 | DIGITS.iter().position(|d| d == b).ok_or(*at)? as u32;
        }
        if chunk.len() < 4 {
            return Err(text.len() - chunk.len());
        }
        word <<= 6 * padding;
        bytes.extend_from_slice(&word.to_be_bytes()[1..4 - padding]);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_go() {
        for (bytes, text) in
            [("", ""), ("1", "MQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("hunter2", "aHVudGVyMg==")]
        {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Ok(bytes.as_bytes()));
        }
        assert_eq!(decode("not-base64!"), Err(3));
        assert_eq!(decode("YWJ"), Err(0));
        assert_eq!(decode("YW=j"), Err(2));
    }
}
