//! `base64`

use super::support::{Filter, Flow, Spec, complain, options};
use crate::Os;

/// Bytes that are coded.
const MAX_BYTES: usize = 4 << 20;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const SPEC: Spec = Spec {
    usage: "base64 [OPTION]... [FILE]",
    letters: "diw:D",
    long: &[("decode", 'd'), ("ignore-garbage", 'i'), ("wrap", 'w')],
    code: 1,
};

#[derive(Clone)]
struct Base64 {
    decode: bool,
    garbage: bool,
    wrap: usize,
    data: Vec<u8>,
}

pub(super) fn start(os: &mut Os<'_>) -> Result<(Box<dyn Filter>, Vec<String>), i32> {
    let args = options(os, &SPEC)?;
    let wrap = args.value('w').unwrap_or("76").to_string();
    let Ok(wrap) = wrap.parse() else {
        complain(os, &format!("invalid wrap size: ‘{wrap}’"));
        return Err(1);
    };
    let base64 =
        Base64 { decode: args.has('d') || args.has('D'), garbage: args.has('i'), wrap, data: Vec::new() };
    Ok((Box::new(base64), args.operands))
}

/// Base64 of bytes.
pub(crate) fn encode(data: &[u8]) -> String {
    let mut out = String::new();
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            match n <= chunk.len() {
                true => out.push(ALPHABET[(bits >> (18 - 6 * n)) as usize & 63] as char),
                false => out.push('='),
            }
        }
    }
    out
}

/// Bytes of base64; the flag says that the input was valid.
fn decode(data: &[u8], garbage: bool) -> (Vec<u8>, bool) {
    let (mut out, mut bits, mut count, mut padding) = (Vec::new(), 0u32, 0, 0);
    for b in data.iter().filter(|b| !matches!(b, b'\n' | b'\r')) {
        if *b == b'=' {
            padding += 1;
            continue;
        }
        let Some(value) = ALPHABET.iter().position(|a| a == b) else {
            if garbage {
                continue;
            }
            return (out, false);
        };
        bits = bits << 6 | value as u32;
        count += 1;
        if count == 4 {
            out.extend(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        2 => out.push((bits >> 4) as u8),
        3 => out.extend(&((bits >> 2) as u16).to_be_bytes()),
        _ => {}
    }
    (out, count == 0 || count + padding == 4)
}

impl Filter for Base64 {
    fn line(&mut self, os: &mut Os<'_>, line: &[u8]) -> Flow {
        self.data.extend(line);
        if self.data.len() > MAX_BYTES {
            complain(os, &format!("input is larger than {MAX_BYTES} bytes"));
            return Flow::Stop(1);
        }
        Flow::Go
    }

    fn end(&mut self, os: &mut Os<'_>) -> i32 {
        if self.decode {
            let (out, valid) = decode(&self.data, self.garbage);
            os.write(1, &out);
            if !valid {
                complain(os, "invalid input");
            }
            return i32::from(!valid);
        }
        let text = encode(&self.data);
        if self.wrap == 0 {
            os.print(&text);
            return 0;
        }
        for row in text.as_bytes().chunks(self.wrap) {
            os.write(1, row);
            os.print("\n");
        }
        0
    }
}
