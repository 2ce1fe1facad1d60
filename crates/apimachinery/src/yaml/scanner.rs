//! From text to tokens. Follows libyaml's scanner (indentation stack, simple keys), as Go's yaml.v2 does.

use std::collections::VecDeque;

/// A place in the text; lines and columns count from zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mark {
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag(String),
    /// Text, and whether it stood there without quotes.
    Scalar(String, bool),
    StreamEnd,
}

/// A key on one line must end within this many characters.
const MAX_SIMPLE_KEY: usize = 1024;
/// How deeply collections may nest. Go allows 10,000; our stack does not.
pub(super) const MAX_DEPTH: usize = 200;

/// Something that may turn out to be a key, once a `:` follows.
#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

pub(super) struct Scanner {
    text: Vec<char>,
    mark: Mark,
    tokens: VecDeque<(Token, Mark)>,
    taken: usize,
    ended: bool,
    indent: isize,
    indents: Vec<isize>,
    key_allowed: bool,
    keys: Vec<SimpleKey>,
}

type Result<T> = std::result::Result<T, String>;

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

impl Scanner {
    pub fn new(text: &str) -> Result<Scanner> {
        let control = |c: char| !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        if text.chars().any(control) {
            return Err("control characters are not allowed".into());
        }
        Ok(Scanner {
            text: text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect(),
            mark: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            key_allowed: true,
            keys: vec![SimpleKey::default()],
        })
    }

    /// The next token, which stays.
    pub fn peek(&mut self) -> Result<&(Token, Mark)> {
        loop {
            self.drop_stale_keys()?;
            let undecided = |k: &SimpleKey| k.possible && k.token == self.taken;
            if !self.tokens.is_empty() && !self.keys.iter().any(undecided) {
                break;
            }
            if self.ended {
                break;
            }
            self.fetch()?;
        }
        Ok(self.tokens.front().expect("a stream ends with StreamEnd, which is never taken"))
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Result<(Token, Mark)> {
        let token = self.peek()?.clone();
        if token.0 != Token::StreamEnd {
            self.tokens.pop_front();
            self.taken += 1;
        }
        Ok(token)
    }

    fn at(&self, offset: usize) -> Option<char> {
        self.text.get(self.mark.index + offset).copied()
    }

    /// Whether a blank, a break or the end is there.
    fn blank_or_end(&self, offset: usize) -> bool {
        self.at(offset).is_none_or(|c| is_blank(c) || is_break(c))
    }

    fn break_or_end(&self) -> bool {
        self.at(0).is_none_or(is_break)
    }

    fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Takes a line break; gives it as it is kept in texts.
    fn line_break(&mut self) -> char {
        let c = self.at(0).unwrap_or('\n');
        self.mark.index += if c == '\r' && self.at(1) == Some('\n') { 2 } else { 1 };
        self.mark.line += 1;
        self.mark.column = 0;
        if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' }
    }

    /// The error of a scanner: lines count from one, of where the scanner stands.
    fn error<T>(&self, problem: &str) -> Result<T> {
        Err(match self.mark.line {
            0 => problem.into(),
            line => format!("line {}: {problem}", line + 1),
        })
    }

    fn flow(&self) -> bool {
        self.keys.len() > 1
    }

    fn push(&mut self, token: Token, mark: Mark) {
        self.tokens.push_back((token, mark));
    }

    fn fetch(&mut self) -> Result<()> {
        self.skip_to_next_token();
        self.drop_stale_keys()?;
        self.unroll_indent(self.mark.column as isize);
        let mark = self.mark;
        let Some(c) = self.at(0) else { return self.stream_end() };
        let blank = self.blank_or_end(1);
        if mark.column == 0 && c == '%' {
            return self.directive();
        }
        if let Some(token) = self.document_indicator() {
            self.unroll_indent(-1);
            self.drop_key()?;
            self.key_allowed = false;
            (0..3).for_each(|_| self.skip());
            self.push(token, mark);
            return Ok(());
        }
        match c {
            '[' => self.flow_start(Token::FlowSequenceStart),
            '{' => self.flow_start(Token::FlowMappingStart),
            ']' => self.flow_end(Token::FlowSequenceEnd),
            '}' => self.flow_end(Token::FlowMappingEnd),
            ',' => {
                self.drop_key()?;
                self.key_allowed = true;
                self.skip();
                self.push(Token::FlowEntry, mark);
                Ok(())
            }
            '-' if blank => self.block_entry(),
            '?' if self.flow() || blank => self.explicit_key(),
            ':' if self.flow() || blank => self.value(),
            '*' | '&' => self.anchor(c),
            '!' => self.tag(),
            '|' | '>' if !self.flow() => self.block_scalar(c == '|'),
            '\'' | '"' => self.quoted(c),
            _ => {
                let indicator = "-?:,[]{}#&*!|>'\"%@`".contains(c) || is_blank(c);
                if !indicator || (c == '-' && !blank) || (!self.flow() && "?:".contains(c) && !blank) {
                    return self.plain();
                }
                self.error("found character that cannot start any token")
            }
        }
    }

    fn skip_to_next_token(&mut self) {
        loop {
            while self.at(0).is_some_and(|c| c == ' ' || (c == '\t' && (self.flow() || !self.key_allowed))) {
                self.skip();
            }
            if self.at(0) == Some('#') {
                while !self.break_or_end() {
                    self.skip();
                }
            }
            if !self.at(0).is_some_and(is_break) {
                return;
            }
            self.line_break();
            if !self.flow() {
                self.key_allowed = true;
            }
        }
    }

    fn drop_stale_keys(&mut self) -> Result<()> {
        let mark = self.mark;
        let stale = |k: &SimpleKey| {
            k.possible && (k.mark.line < mark.line || k.mark.index + MAX_SIMPLE_KEY < mark.index)
        };
        if self.keys.iter().any(|k| stale(k) && k.required) {
            return self.error("could not find expected ':'");
        }
        self.keys.iter_mut().filter(|k| stale(k)).for_each(|k| k.possible = false);
        Ok(())
    }

    fn save_key(&mut self) -> Result<()> {
        if self.key_allowed {
            let required = !self.flow() && self.indent == self.mark.column as isize;
            let token = self.taken + self.tokens.len();
            self.drop_key()?;
            *self.keys.last_mut().expect("never empty") =
                SimpleKey { possible: true, required, token, mark: self.mark };
        }
        Ok(())
    }

    fn drop_key(&mut self) -> Result<()> {
        let key = self.keys.last_mut().expect("never empty");
        if key.possible && key.required {
            return self.error("could not find expected ':'");
        }
        key.possible = false;
        Ok(())
    }

    /// Deeper: a block collection begins. `at` is the token before which its start goes.
    fn roll_indent(&mut self, column: usize, at: Option<usize>, token: Token, mark: Mark) -> Result<()> {
        let column = column as isize;
        if self.flow() || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return self.error(&format!("exceeded max depth of {MAX_DEPTH}"));
        }
        match at {
            Some(token_number) => self.tokens.insert(token_number - self.taken, (token, mark)),
            None => self.tokens.push_back((token, mark)),
        }
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        while !self.flow() && self.indent > column {
            self.push(Token::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn stream_end(&mut self) -> Result<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.drop_key()?;
        self.key_allowed = false;
        self.ended = true;
        self.push(Token::StreamEnd, self.mark);
        Ok(())
    }

    fn directive(&mut self) -> Result<()> {
        self.unroll_indent(-1);
        self.drop_key()?;
        self.key_allowed = false;
        while !self.break_or_end() {
            self.skip();
        }
        Ok(())
    }

    /// `---` or `...` at the beginning of a line.
    fn document_indicator(&self) -> Option<Token> {
        let three = |c| (0..3).all(|i| self.at(i) == Some(c));
        match self.mark.column == 0 && self.blank_or_end(3) {
            true if three('-') => Some(Token::DocumentStart),
            true if three('.') => Some(Token::DocumentEnd),
            _ => None,
        }
    }

    fn flow_start(&mut self, token: Token) -> Result<()> {
        self.save_key()?;
        self.keys.push(SimpleKey::default());
        if self.keys.len() > MAX_DEPTH {
            return self.error(&format!("exceeded max depth of {MAX_DEPTH}"));
        }
        self.key_allowed = true;
        self.push(token, self.mark);
        self.skip();
        Ok(())
    }

    fn flow_end(&mut self, token: Token) -> Result<()> {
        self.drop_key()?;
        if self.flow() {
            self.keys.pop();
        }
        self.key_allowed = false;
        self.push(token, self.mark);
        self.skip();
        Ok(())
    }

    fn block_entry(&mut self) -> Result<()> {
        if !self.flow() {
            if !self.key_allowed {
                return self.error("block sequence entries are not allowed in this context");
            }
            self.roll_indent(self.mark.column, None, Token::BlockSequenceStart, self.mark)?;
        }
        self.drop_key()?;
        self.key_allowed = true;
        self.push(Token::BlockEntry, self.mark);
        self.skip();
        Ok(())
    }

    fn explicit_key(&mut self) -> Result<()> {
        if !self.flow() {
            if !self.key_allowed {
                return self.error("mapping keys are not allowed in this context");
            }
            self.roll_indent(self.mark.column, None, Token::BlockMappingStart, self.mark)?;
        }
        self.drop_key()?;
        self.key_allowed = !self.flow();
        self.push(Token::Key, self.mark);
        self.skip();
        Ok(())
    }

    fn value(&mut self) -> Result<()> {
        let key = *self.keys.last().expect("never empty");
        if key.possible {
            self.tokens.insert(key.token - self.taken, (Token::Key, key.mark));
            self.roll_indent(key.mark.column, Some(key.token), Token::BlockMappingStart, key.mark)?;
            self.keys.last_mut().expect("never empty").possible = false;
            self.key_allowed = false;
        } else {
            if !self.flow() {
                if !self.key_allowed {
                    return self.error("mapping values are not allowed in this context");
                }
                self.roll_indent(self.mark.column, None, Token::BlockMappingStart, self.mark)?;
            }
            self.key_allowed = !self.flow();
        }
        self.push(Token::Value, self.mark);
        self.skip();
        Ok(())
    }

    fn anchor(&mut self, indicator: char) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.mark;
        self.skip();
        let mut name = String::new();
        while let Some(c) = self.at(0).filter(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)) {
            name.push(c);
            self.skip();
        }
        let ends = self.blank_or_end(0) || self.at(0).is_some_and(|c| "?:,]}%@`".contains(c));
        if name.is_empty() || !ends {
            return self.error("did not find expected alphabetic or numeric character");
        }
        self.push(if indicator == '*' { Token::Alias(name) } else { Token::Anchor(name) }, mark);
        Ok(())
    }

    fn tag(&mut self) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.mark;
        let mut tag = String::new();
        while let Some(c) = self.at(0) {
            if self.blank_or_end(0) || (self.flow() && ",[]{}".contains(c)) {
                break;
            }
            tag.push(c);
            self.skip();
        }
        self.push(Token::Tag(tag), mark);
        Ok(())
    }

    fn block_scalar(&mut self, literal: bool) -> Result<()> {
        self.drop_key()?;
        self.key_allowed = true;
        let mark = self.mark;
        self.skip();
        let (mut chomping, mut increment) = (None, 0);
        for _ in 0..2 {
            match self.at(0) {
                Some(c @ ('+' | '-')) if chomping.is_none() => {
                    chomping = Some(c);
                    self.skip();
                }
                Some('0') => return self.error("found an indentation indicator equal to 0"),
                Some(c @ '1'..='9') if increment == 0 => {
                    increment = c as isize - '0' as isize;
                    self.skip();
                }
                _ => {}
            }
        }
        while self.at(0).is_some_and(is_blank) {
            self.skip();
        }
        if self.at(0) == Some('#') {
            while !self.break_or_end() {
                self.skip();
            }
        }
        if !self.break_or_end() {
            return self.error("did not find expected comment or line break");
        }
        if self.at(0).is_some() {
            self.line_break();
        }
        let text = self.block_text(literal, chomping, increment)?;
        self.push(Token::Scalar(text, false), mark);
        Ok(())
    }

    fn block_text(&mut self, literal: bool, chomping: Option<char>, increment: isize) -> Result<String> {
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let (mut text, mut leading, mut leading_blank) = (String::new(), None::<char>, false);
        let mut trailing = self.block_breaks(&mut indent)?;
        while self.mark.column as isize == indent && self.at(0).is_some() {
            let blank = self.at(0).is_some_and(is_blank);
            match leading.take() {
                Some('\n') if !literal && !leading_blank && !blank => {
                    if trailing.is_empty() {
                        text.push(' ');
                    }
                }
                other => text.extend(other),
            }
            text.push_str(&trailing);
            leading_blank = blank;
            while !self.break_or_end() {
                text.extend(self.at(0));
                self.skip();
            }
            if self.at(0).is_some() {
                leading = Some(self.line_break());
            }
            trailing = self.block_breaks(&mut indent)?;
        }
        if chomping != Some('-') {
            text.extend(leading);
        }
        if chomping == Some('+') {
            text.push_str(&trailing);
        }
        Ok(text)
    }

    /// Indentation and empty lines of a block scalar; finds its indentation if that is not known yet (0).
    fn block_breaks(&mut self, indent: &mut isize) -> Result<String> {
        let (mut breaks, mut widest) = (String::new(), 0);
        loop {
            let inside = |s: &Scanner| *indent == 0 || (s.mark.column as isize) < *indent;
            while inside(self) && self.at(0) == Some(' ') {
                self.skip();
            }
            widest = widest.max(self.mark.column as isize);
            if inside(self) && self.at(0) == Some('\t') {
                return self.error("found a tab character where an indentation space is expected");
            }
            if !self.at(0).is_some_and(is_break) {
                break;
            }
            breaks.push(self.line_break());
        }
        if *indent == 0 {
            *indent = widest.max(self.indent + 1).max(1);
        }
        Ok(breaks)
    }

    fn quoted(&mut self, quote: char) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.mark;
        self.skip();
        let mut text = String::new();
        loop {
            if self.document_indicator().is_some() {
                return self.error("found unexpected document indicator");
            }
            if self.at(0).is_none() {
                return self.error("found unexpected end of stream");
            }
            let mut escaped_break = false;
            while !self.blank_or_end(0) {
                let c = self.at(0).expect("not at the end");
                match c {
                    '\'' if quote == '\'' && self.at(1) == Some('\'') => {
                        text.push('\'');
                        (0..2).for_each(|_| self.skip());
                    }
                    _ if c == quote => break,
                    '\\' if quote == '"' && self.at(1).is_some_and(is_break) => {
                        self.skip();
                        self.line_break();
                        escaped_break = true;
                        break;
                    }
                    '\\' if quote == '"' => text.push(self.escape()?),
                    _ => {
                        text.push(c);
                        self.skip();
                    }
                }
            }
            if self.at(0) == Some(quote) {
                break;
            }
            self.fold(&mut text, escaped_break, None)?;
        }
        self.skip();
        self.push(Token::Scalar(text, false), mark);
        Ok(())
    }

    /// Blanks and line breaks inside of a scalar: one break is a space, more are one less. Gives whether there was a
    /// break. With an `indent`, tabs before it are refused.
    fn fold(&mut self, text: &mut String, mut after_break: bool, indent: Option<isize>) -> Result<bool> {
        let (mut blanks, mut leading, mut trailing) = (String::new(), None, String::new());
        while let Some(c) = self.at(0).filter(|c| is_blank(*c) || is_break(*c)) {
            if is_blank(c) {
                let too_left = indent.is_some_and(|i| (self.mark.column as isize) < i);
                if after_break && too_left && c == '\t' {
                    return self.error("found a tab character that violates indentation");
                }
                if !after_break {
                    blanks.push(c);
                }
                self.skip();
            } else if after_break {
                trailing.push(self.line_break());
            } else {
                blanks.clear();
                leading = Some(self.line_break());
                after_break = true;
            }
        }
        match leading {
            Some('\n') if trailing.is_empty() => text.push(' '),
            Some('\n') => {}
            Some(other) => text.push(other),
            None if after_break => {}
            None => text.push_str(&blanks),
        }
        text.push_str(&trailing);
        Ok(after_break)
    }

    fn escape(&mut self) -> Result<char> {
        let (c, digits) = match self.at(1) {
            Some('0') => ('\0', 0),
            Some('a') => ('\x07', 0),
            Some('b') => ('\x08', 0),
            Some('t' | '\t') => ('\t', 0),
            Some('n') => ('\n', 0),
            Some('v') => ('\x0b', 0),
            Some('f') => ('\x0c', 0),
            Some('r') => ('\r', 0),
            Some('e') => ('\x1b', 0),
            Some('N') => ('\u{85}', 0),
            Some('_') => ('\u{a0}', 0),
            Some('L') => ('\u{2028}', 0),
            Some('P') => ('\u{2029}', 0),
            Some(c @ (' ' | '"' | '\'' | '\\' | '/')) => (c, 0),
            Some('x') => (' ', 2),
            Some('u') => (' ', 4),
            Some('U') => (' ', 8),
            _ => return self.error("found unknown escape character"),
        };
        (0..2).for_each(|_| self.skip());
        if digits == 0 {
            return Ok(c);
        }
        let mut code = 0;
        for _ in 0..digits {
            let Some(digit) = self.at(0).and_then(|c| c.to_digit(16)) else {
                return self.error("did not find expected hexdecimal number");
            };
            code = code << 4 | digit;
            self.skip();
        }
        // JSON writes what does not fit 16 bits as two halves.
        if (0xd800..0xdc00).contains(&code) && self.at(0) == Some('\\') && self.at(1) == Some('u') {
            let low: String = (2..6).filter_map(|i| self.at(i)).collect();
            if let Some(low) = u32::from_str_radix(&low, 16).ok().filter(|l| (0xdc00..0xe000).contains(l)) {
                (0..6).for_each(|_| self.skip());
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        match char::from_u32(code) {
            Some(c) => Ok(c),
            None => self.error("found invalid Unicode character escape code"),
        }
    }

    fn plain(&mut self) -> Result<()> {
        self.save_key()?;
        self.key_allowed = false;
        let mark = self.mark;
        let indent = self.indent + 1;
        let (mut text, mut gap, mut broke) = (String::new(), String::new(), false);
        loop {
            if self.document_indicator().is_some() || self.at(0) == Some('#') {
                break;
            }
            while !self.blank_or_end(0) {
                let c = self.at(0).expect("not at the end");
                if (c == ':' && self.blank_or_end(1)) || (self.flow() && ",?[]{}".contains(c)) {
                    break;
                }
                text.push_str(&std::mem::take(&mut gap));
                text.push(c);
                broke = false;
                self.skip();
            }
            if self.at(0).is_none_or(|c| !is_blank(c) && !is_break(c)) {
                break;
            }
            broke = self.fold(&mut gap, false, Some(indent))?;
            if !self.flow() && (self.mark.column as isize) < indent {
                break;
            }
        }
        if broke {
            self.key_allowed = true;
        }
        self.push(Token::Scalar(text, true), mark);
        Ok(())
    }
}
