//! What Go's JSON decoder says about text that is no JSON. Mirrors encoding/json's scanner.

/// How deeply the text may nest. Mirrors maxNestingDepth.
const MAX_DEPTH: usize = 10_000;

/// The error for a text that does not parse; `None` when it does.
pub fn syntax_error(text: &str) -> Option<String> {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0 };
    scanner.document().err()
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
}

/// What stands around the place that is read.
enum Within {
    Array,
    Object,
}

impl Scanner {
    fn document(&mut self) -> Result<(), String> {
        let mut stack: Vec<Within> = Vec::new();
        loop {
            // A value begins here.
            self.space();
            let done = match self.peek()? {
                '{' => {
                    self.at += 1;
                    self.space();
                    if self.peek()? == '}' {
                        self.at += 1;
                        true
                    } else {
                        self.key("object key string")?;
                        stack.push(Within::Object);
                        false
                    }
                }
                '[' => {
                    self.at += 1;
                    self.space();
                    let empty = self.peek()? == ']';
                    if empty {
                        self.at += 1
                    } else {
                        stack.push(Within::Array)
                    }
                    empty
                }
                _ => {
                    self.scalar()?;
                    true
                }
            };
            if stack.len() > MAX_DEPTH {
                return Err("exceeded max depth".into());
            }
            if done && self.after_value(&mut stack)? {
                return Ok(());
            }
        }
    }

    /// Reads what follows a value, until the next one begins; true at the end of the text.
    fn after_value(&mut self, stack: &mut Vec<Within>) -> Result<bool, String> {
        loop {
            self.space();
            let Some(within) = stack.last() else {
                return match self.chars.get(self.at) {
                    None => Ok(true),
                    Some(c) => Err(invalid(*c, "after top-level value")),
                };
            };
            let c = self.peek()?;
            self.at += 1;
            match (within, c) {
                (Within::Object, ',') => {
                    self.space();
                    self.key("object key string")?;
                    return Ok(false);
                }
                (Within::Array, ',') => return Ok(false),
                (Within::Object, '}') | (Within::Array, ']') => drop(stack.pop()),
                (Within::Object, c) => return Err(invalid(c, "after object key:value pair")),
                (Within::Array, c) => return Err(invalid(c, "after array element")),
            }
        }
    }

    fn key(&mut self, what: &str) -> Result<(), String> {
        match self.peek()? {
            '"' => self.string()?,
            c => return Err(invalid(c, &format!("looking for beginning of {what}"))),
        }
        self.space();
        match self.peek()? {
            ':' => self.at += 1,
            c => return Err(invalid(c, "after object key")),
        }
        Ok(())
    }

    fn scalar(&mut self) -> Result<(), String> {
        match self.peek()? {
            '"' => self.string(),
            't' => self.word("true"),
            'f' => self.word("false"),
            'n' => self.word("null"),
            '-' | '0'..='9' => self.number(),
            c => Err(invalid(c, "looking for beginning of value")),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        for wanted in word.chars() {
            let c = self.peek()?;
            if c != wanted {
                return Err(invalid(c, &format!("in literal {word} (expecting {})", quoted(wanted))));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                '"' => return Ok(()),
                '\\' => self.escape()?,
                c if c < ' ' => return Err(invalid(c, "in string literal")),
                _ => {}
            }
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let c = self.peek()?;
        self.at += 1;
        match c {
            'u' => {
                for _ in 0..4 {
                    let c = self.peek()?;
                    if !c.is_ascii_hexdigit() {
                        return Err(invalid(c, "in \\u hexadecimal character escape"));
                    }
                    self.at += 1;
                }
                Ok(())
            }
            'b' | 'f' | 'n' | 'r' | 't' | '\\' | '/' | '"' => Ok(()),
            c => Err(invalid(c, "in string escape code")),
        }
    }

    fn number(&mut self) -> Result<(), String> {
        if self.peek()? == '-' {
            self.at += 1;
        }
        match self.peek()? {
            '0' => self.at += 1,
            '1'..='9' => self.digits(),
            c => return Err(invalid(c, "in numeric literal")),
        }
        if self.chars.get(self.at) == Some(&'.') {
            self.at += 1;
            self.expect_digit("after decimal point in numeric literal")?;
        }
        if matches!(self.chars.get(self.at), Some('e' | 'E')) {
            self.at += 1;
            if matches!(self.chars.get(self.at), Some('+' | '-')) {
                self.at += 1;
            }
            self.expect_digit("in exponent of numeric literal")?;
        }
        Ok(())
    }

    fn expect_digit(&mut self, place: &str) -> Result<(), String> {
        match self.peek()? {
            '0'..='9' => {
                self.digits();
                Ok(())
            }
            c => Err(invalid(c, place)),
        }
    }

    fn digits(&mut self) {
        while self.chars.get(self.at).is_some_and(char::is_ascii_digit) {
            self.at += 1;
        }
    }

    fn space(&mut self) {
        while matches!(self.chars.get(self.at), Some(' ' | '\t' | '\r' | '\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Result<char, String> {
        self.chars.get(self.at).copied().ok_or_else(|| "unexpected end of JSON input".into())
    }
}

fn invalid(c: char, place: &str) -> String {
    format!("invalid character {} {place}", quoted(c))
}

/// A character as Go's `%q` and quoteChar write it.
fn quoted(c: char) -> String {
    match c {
        '\'' => r"'\''".into(),
        '"' => "'\"'".into(),
        '\n' => r"'\n'".into(),
        '\t' => r"'\t'".into(),
        '\r' => r"'\r'".into(),
        c if c < ' ' => format!("'\\x{:02x}'", c as u32),
        c => format!("'{c}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::syntax_error;

    #[test]
    fn errors_are_those_of_go() {
        let cases = [
            ("{bad", "invalid character 'b' looking for beginning of object key string"),
            ("", "unexpected end of JSON input"),
            ("{\"a\":1", "unexpected end of JSON input"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            ("{\"a\":1 2}", "invalid character '2' after object key:value pair"),
            ("[1 2]", "invalid character '2' after array element"),
            ("[1,]", "invalid character ']' looking for beginning of value"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
            ("nul", "unexpected end of JSON input"),
            ("nux", "invalid character 'x' in literal null (expecting 'l')"),
            ("01", "invalid character '1' after top-level value"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal"),
            ("\"\\q\"", "invalid character 'q' in string escape code"),
            ("hello", "invalid character 'h' looking for beginning of value"),
        ];
        for (text, error) in cases {
            assert_eq!(syntax_error(text).as_deref(), Some(error), "{text}");
        }
        assert_eq!(syntax_error(" {\"a\": [1, -2.5e3, true, null, \"x\\u00e9\"], \"b\": {}} "), None);
    }
}
