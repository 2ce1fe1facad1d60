//! Reads the shell language: words, quotes, expansions, assignments, `[[ ]]`.

use super::ast::*;
use super::parse::{Fault, Parser, is_blank, is_meta, is_name};
use sim::collections::BTreeMap;
use std::sync::Arc;

type Result<T> = std::result::Result<T, Fault>;

/// How many words one word may become by braces.
const MAX_BRACES: usize = 10_000;

/// Where a word ends, and what quotes mean in it.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// At a blank or operator.
    Word,
    /// At the closing `"`.
    Quotes,
    /// At `}`: in `${name:-word}`, itself in quotes or not.
    Braces(bool),
    /// At the end of the text: a here-document.
    Document,
    /// At the end of the text, quotes counting.
    All,
    /// At a character.
    Until(char),
}

impl Parser<'_> {
    /// A word; not empty, unless it is quotes.
    pub fn word(&mut self) -> Result<Word> {
        let word = self.parts(Inside::Word)?;
        if word.is_empty() { Err(self.unexpected()) } else { Ok(word) }
    }

    /// A word, with braces expanded.
    pub fn braced_word(&mut self) -> Result<Vec<Word>> {
        let word = self.word()?;
        if !self.bash {
            return Ok(vec![word]);
        }
        let words = super::brace::expand(word, MAX_BRACES);
        words.ok_or_else(|| Fault::Syntax("brace expansion: too many words".into(), false))
    }

    /// The text of a here-document as a word.
    pub fn document_word(&self, text: &str) -> Result<Word> {
        self.sub(text).parts(Inside::Document)
    }

    /// A piece of text in which only `$` and quotes count, such as an arithmetic expression.
    pub fn text_word(&self, text: &str) -> Result<Word> {
        self.sub(text).parts(Inside::Document)
    }

    fn sub(&self, text: &str) -> Parser<'static> {
        static NO_ALIASES: BTreeMap<String, String> = BTreeMap::new();
        let mut parser = Parser::new(text, self.line, self.bash, &NO_ALIASES);
        parser.depth = self.depth + 1;
        parser
    }

    fn parts(&mut self, inside: Inside) -> Result<Word> {
        self.deeper(|p| p.parts_inner(inside))
    }

    fn parts_inner(&mut self, inside: Inside) -> Result<Word> {
        let mut word = Word::new();
        let quoted = matches!(inside, Inside::Quotes | Inside::Document | Inside::Braces(true));
        loop {
            let Some(c) = self.peek() else {
                return match inside {
                    Inside::Word | Inside::Document | Inside::All => Ok(word),
                    Inside::Quotes => Err(Fault::Incomplete(Some('"'))),
                    Inside::Braces(_) => Err(Fault::Incomplete(Some('}'))),
                    Inside::Until(c) => Err(Fault::Incomplete(Some(c))),
                };
            };
            match (c, inside) {
                ('"', Inside::Quotes) | ('}', Inside::Braces(_)) => return Ok(word),
                (c, Inside::Until(end)) if c == end => return Ok(word),
                ('<', Inside::Word) if word.is_empty() && self.is_output() => {
                    self.at += 2;
                    word.push(Part::Output(self.substituted()?));
                }
                (c, Inside::Word) if is_meta(c) => return Ok(word),
                ('$', _) => self.dollar(&mut word, quoted)?,
                ('`', _) => {
                    let list = self.backquotes(quoted)?;
                    word.push(Part::Command(list, quoted));
                }
                ('\\', _) => self.backslash(&mut word, inside),
                ('\'', _) if !quoted => {
                    let text = self.single_quotes()?;
                    push(&mut word, text, true);
                }
                ('"', Inside::Document) => {
                    self.at += 1;
                    push(&mut word, "\"".into(), true);
                }
                ('"', _) => {
                    self.at += 1;
                    let opened = std::mem::replace(&mut self.opened, self.line);
                    let parts = self.parts(Inside::Quotes)?;
                    self.opened = opened;
                    self.at += 1;
                    if parts.is_empty() {
                        push(&mut word, String::new(), true);
                    }
                    word.extend(parts);
                }
                (c, _) if c.is_alphanumeric() && !matches!(inside, Inside::Until(_)) => {
                    // Letters mean themselves; a long text has many.
                    let run = self.text[self.at..].iter().take_while(|c| c.is_alphanumeric());
                    let run: String = run.collect();
                    self.at += run.chars().count();
                    push(&mut word, run, quoted);
                }
                (c, _) => {
                    if c == '\n' {
                        self.line += 1;
                    }
                    self.at += 1;
                    push(&mut word, c.into(), quoted);
                }
            }
        }
    }

    fn backslash(&mut self, word: &mut Word, inside: Inside) {
        let next = self.peek_at(1);
        self.at += if next.is_some() { 2 } else { 1 };
        let special = match inside {
            Inside::Quotes | Inside::Braces(true) => "$`\"\\}",
            Inside::Document => "$`\\",
            _ => "",
        };
        match next {
            Some('\n') => self.line += 1,
            None => push(word, "\\".into(), true),
            Some('}') if inside == Inside::Quotes => push(word, "\\}".into(), true),
            Some(c) if special.is_empty() || special.contains(c) => push(word, c.into(), true),
            Some(c) => push(word, format!("\\{c}"), true),
        }
    }

    fn single_quotes(&mut self) -> Result<String> {
        self.at += 1;
        let opened = std::mem::replace(&mut self.opened, self.line);
        let text: String = self.text[self.at..].iter().take_while(|c| **c != '\'').collect();
        self.at += text.chars().count();
        self.line += text.matches('\n').count() as u32;
        if self.peek().is_none() {
            return Err(Fault::Incomplete(Some('\'')));
        }
        self.opened = opened;
        self.at += 1;
        Ok(text)
    }

    /// Whether `<(` comes: process substitution.
    pub fn is_output(&self) -> bool {
        self.bash && self.starts("<(")
    }

    /// Commands up to `)`.
    fn substituted(&mut self) -> Result<Arc<List>> {
        let list = self.list(&[")"])?;
        if self.accept(")") {
            return Ok(list);
        }
        Err(if self.peek().is_none() { Fault::Incomplete(Some(')')) } else { self.unexpected() })
    }

    /// Everything that begins with `$`.
    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Result<()> {
        self.at += 1;
        match self.peek() {
            Some('(') => {
                if self.peek_at(1) == Some('(')
                    && let Some(expression) = self.double_parentheses(2)?
                {
                    word.push(Part::Arithmetic(expression, quoted));
                    return Ok(());
                }
                self.at += 1;
                word.push(Part::Command(self.substituted()?, quoted));
            }
            Some('{') => {
                self.at += 1;
                let parameter = self.parameter(quoted)?;
                word.push(Part::Parameter(Arc::new(parameter), quoted));
            }
            Some('\'') if !quoted && self.bash => {
                let text = self.ansi_quotes()?;
                push(word, text, true);
            }
            Some('"') if !quoted && self.bash => {}
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                word.push(plain_parameter(name, quoted));
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.at += 1;
                word.push(plain_parameter(c.into(), quoted));
            }
            _ => push(word, "$".into(), quoted),
        }
        Ok(())
    }

    fn name(&mut self) -> String {
        let name: String =
            self.text[self.at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        self.at += name.len();
        name
    }

    /// `$'...'` with C's escapes.
    fn ansi_quotes(&mut self) -> Result<String> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                None => return Err(Fault::Incomplete(Some('\''))),
                Some('\'') => break,
                Some('\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        let text: String = self.text[start..self.at].iter().collect();
        self.at += 1;
        Ok(super::escape::unescape(&text, true).0)
    }

    fn backquotes(&mut self, quoted: bool) -> Result<Arc<List>> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(Fault::Incomplete(Some('`'))),
                Some('`') => break,
                Some('\\') if self.peek_at(1).is_some_and(|c| "`\\$".contains(c) || quoted && c == '"') => {
                    text.extend(self.peek_at(1));
                    self.at += 2;
                }
                Some(c) => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let mut parser = self.sub(&text);
        let list = parser.list(&[")"])?;
        if parser.peek().is_some() { Err(parser.unexpected()) } else { Ok(list) }
    }

    /// `((...))`, `open` characters before the expression; `None` if it is not one: `( (a) )`.
    pub fn double_parentheses(&mut self, open: usize) -> Result<Option<Word>> {
        let start = self.at + open;
        let (mut depth, mut at) = (0, start);
        let end = loop {
            match self.text.get(at) {
                None => return Err(Fault::Incomplete(Some(')'))),
                Some('(') => depth += 1,
                Some(')') if depth > 0 => depth -= 1,
                Some(')') if self.text.get(at + 1) == Some(&')') => break at,
                Some(')') => return Ok(None),
                _ => {}
            }
            at += 1;
        };
        let text: String = self.text[start..end].iter().collect();
        self.at = end + 2;
        self.text_word(&text).map(Some)
    }

    /// Where the `))` stands that closes what begins at `start`.
    pub fn find_closing(&self, start: usize) -> Result<usize> {
        let mut depth = 0;
        for at in start..self.text.len() {
            match self.text[at] {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' => return Ok(at),
                _ => {}
            }
        }
        Err(Fault::Incomplete(Some(')')))
    }

    // --- ${...}

    fn parameter(&mut self, quoted: bool) -> Result<Parameter> {
        let start = self.at;
        // Found when it is expanded, not before.
        let bad = |p: &mut Self| {
            let text: String = p.text[start..].iter().take_while(|c| **c != '}').collect();
            p.at = (start + text.chars().count() + 1).min(p.text.len());
            let change = Change::Bad(format!("${{{text}}}"));
            Ok(Parameter { name: String::new(), index: None, length: false, indirect: false, change })
        };
        let mut length = self.peek() == Some('#') && self.peek_at(1) != Some('}');
        if length && self.peek_at(1).is_some_and(|c| ":-=?+%/".contains(c)) && self.peek_at(2) != Some('}') {
            length = false;
        }
        self.at += usize::from(length);
        let indirect =
            self.peek() == Some('!') && self.peek_at(1).is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        self.at += usize::from(indirect);
        let name = match self.peek() {
            None => return Err(Fault::Incomplete(Some('}'))),
            Some(c) if "@*#?-$!".contains(c) => {
                self.at += 1;
                c.to_string()
            }
            _ => self.name(),
        };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<u32>().is_err() {
            return bad(self);
        }
        let mut index = None;
        if self.bash && is_name(&name) && self.accept("[") {
            index = Some(self.parts(Inside::Until(']'))?);
            self.at += 1;
        }
        let change = if length { Change::None } else { self.change(quoted)? };
        if self.peek().is_none() {
            return Err(Fault::Incomplete(Some('}')));
        }
        if !self.accept("}") {
            return bad(self);
        }
        Ok(Parameter { name, index, length, indirect, change })
    }

    fn change(&mut self, quoted: bool) -> Result<Change> {
        let colon = self.peek() == Some(':') && self.peek_at(1).is_some_and(|c| "-=?+".contains(c));
        let at = usize::from(colon);
        let Some(operator) = self.peek_at(at) else { return Ok(Change::None) };
        match operator {
            '-' | '=' | '?' | '+' => {
                self.at += at + 1;
                let word = self.parts(Inside::Braces(quoted))?;
                Ok(Change::Default { operator, colon, word })
            }
            '#' | '%' => {
                self.at += 1;
                let longest = self.accept(&operator.to_string());
                let pattern = self.parts(Inside::Braces(false))?;
                Ok(Change::Trim { prefix: operator == '#', longest, pattern })
            }
            '/' if self.bash => {
                self.at += 1;
                let mode = self.peek().filter(|c| "/#%".contains(*c));
                self.at += usize::from(mode.is_some());
                let (pattern, with) = self.replacement()?;
                Ok(Change::Replace { mode: mode.unwrap_or(' '), pattern, with })
            }
            ':' if self.bash => {
                self.at += 1;
                let text: String = self.balanced_until_brace();
                let (offset, length) = match text.split_once(':') {
                    Some((offset, length)) => (offset.to_string(), Some(self.text_word(length)?)),
                    None => (text, None),
                };
                Ok(Change::Slice { offset: self.text_word(&offset)?, length })
            }
            '^' | ',' if self.bash => {
                self.at += 1;
                let all = self.accept(&operator.to_string());
                Ok(Change::Case { upper: operator == '^', all })
            }
            '@' if self.bash && self.peek_at(1) == Some('Q') => {
                self.at += 2;
                Ok(Change::Quote)
            }
            _ => Ok(Change::None),
        }
    }

    /// `pattern/with}`: both parts, the `}` not taken.
    fn replacement(&mut self) -> Result<(Word, Word)> {
        let start = self.at;
        let mut probe = start;
        // A `/` in quotes or after a backslash belongs to the pattern.
        let (mut quote, mut depth) = (None, 0);
        while let Some(c) = self.text.get(probe).copied() {
            match (c, quote) {
                ('\\', _) => probe += 1,
                (c, Some(q)) if c == q => quote = None,
                (_, Some(_)) => {}
                ('"' | '\'', None) => quote = Some(c),
                ('{', None) => depth += 1,
                ('}', None) if depth > 0 => depth -= 1,
                ('/' | '}', None) if depth == 0 => break,
                _ => {}
            }
            probe += 1;
        }
        if self.text.get(probe) != Some(&'/') {
            return Ok((self.parts(Inside::Braces(false))?, Word::new()));
        }
        let pattern: String = self.text[start..probe].iter().collect();
        let pattern = self.sub(&pattern).parts(Inside::All)?;
        self.at = probe + 1;
        Ok((pattern, self.parts(Inside::Braces(false))?))
    }

    fn balanced_until_brace(&mut self) -> String {
        let (start, mut depth) = (self.at, 0);
        while let Some(c) = self.peek() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.text[start..self.at].iter().collect()
    }

    // --- Assignments.

    /// `name=value`, if one stands here.
    pub fn assignment(&mut self) -> Result<Option<Assign>> {
        let start = self.at;
        let name = self.name();
        let mut index = None;
        let mut probe = self.at;
        if self.bash && !name.is_empty() && self.text.get(probe) == Some(&'[') {
            while self.text.get(probe).is_some_and(|c| *c != ']' && !is_blank(*c)) {
                probe += 1;
            }
            if self.text.get(probe) == Some(&']') && matches!(self.text.get(probe + 1), Some('=' | '+')) {
                self.at += 1;
                index = Some(self.parts(Inside::Until(']'))?);
                self.at += 1;
            }
        }
        let append = self.bash && self.starts("+=");
        if !is_name(&name) || !(append || self.peek() == Some('=')) {
            self.at = start;
            return Ok(None);
        }
        self.at += 1 + usize::from(append);
        if self.bash && index.is_none() && self.accept("(") {
            let value = Value::Array(self.elements()?);
            return Ok(Some(Assign { name, index, append, value }));
        }
        let value = Value::Text(self.parts(Inside::Word)?);
        Ok(Some(Assign { name, index, append, value }))
    }

    fn elements(&mut self) -> Result<Vec<(Option<Word>, Word)>> {
        let mut elements = Vec::new();
        loop {
            self.newlines();
            if self.accept(")") {
                return Ok(elements);
            }
            if self.peek().is_none() {
                return Err(Fault::Incomplete(Some(')')));
            }
            if self.accept("[") {
                let key = self.parts(Inside::Until(']'))?;
                self.at += 1;
                if !self.accept("=") {
                    return Err(self.unexpected());
                }
                elements.push((Some(key), self.parts(Inside::Word)?));
            } else {
                elements.extend(self.braced_word()?.into_iter().map(|w| (None, w)));
            }
        }
    }

    // --- [[ ]]

    /// After `[[`, up to and with `]]`.
    pub fn condition(&mut self) -> Result<Condition> {
        let condition = self.condition_or()?;
        self.newlines();
        if !self.word_is("]]") {
            return Err(match self.peek() {
                None => Fault::Incomplete(None),
                _ => Fault::Syntax("syntax error in conditional expression".into(), false),
            });
        }
        self.at += 2;
        Ok(condition)
    }

    fn condition_or(&mut self) -> Result<Condition> {
        let mut left = self.condition_and()?;
        loop {
            self.newlines();
            if !self.accept("||") {
                return Ok(left);
            }
            left = Condition::Or(Box::new(left), Box::new(self.condition_and()?));
        }
    }

    fn condition_and(&mut self) -> Result<Condition> {
        let mut left = self.condition_one()?;
        loop {
            self.newlines();
            if !self.accept("&&") {
                return Ok(left);
            }
            left = Condition::And(Box::new(left), Box::new(self.condition_one()?));
        }
    }

    fn condition_one(&mut self) -> Result<Condition> {
        self.deeper(|p| p.condition_one_inner())
    }

    fn condition_one_inner(&mut self) -> Result<Condition> {
        self.newlines();
        if self.word_is("!") {
            self.at += 1;
            return Ok(Condition::Not(Box::new(self.condition_one()?)));
        }
        if self.accept("(") {
            let inner = self.condition_or()?;
            self.newlines();
            return if self.accept(")") { Ok(inner) } else { Err(self.unexpected()) };
        }
        if self.word_is("]]") {
            return Err(Fault::Syntax("syntax error near `]]'".into(), true));
        }
        let left = self.word()?;
        self.blanks();
        if let [Part::Plain(operator)] = left.as_slice()
            && operator.len() == 2
            && operator.starts_with('-')
            && !self.word_is("]]")
            && !self.starts("&&")
            && !self.starts("||")
        {
            return Ok(Condition::Unary(operator.clone(), self.word()?));
        }
        let operators =
            ["==", "=~", "!=", "=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];
        let found = operators.into_iter().find(|o| {
            self.starts(o) && (self.peek_at(o.len()).is_none_or(is_blank) || matches!(*o, "<" | ">"))
        });
        let Some(operator) = found else { return Ok(Condition::Word(left)) };
        self.at += operator.len();
        self.blanks();
        let right = if operator == "=~" { self.regex_word()? } else { self.word()? };
        Ok(Condition::Binary(left, operator.into(), right))
    }

    /// A word in which parentheses and bars are plain characters.
    fn regex_word(&mut self) -> Result<Word> {
        let mut word = Word::new();
        loop {
            match self.peek() {
                Some(c) if is_blank(c) => return Ok(word),
                None => return Ok(word),
                Some(c @ ('(' | ')' | '|' | '<' | '>' | ';' | '&')) => {
                    self.at += 1;
                    push(&mut word, c.into(), false);
                }
                // A backslash stays: it belongs to the expression.
                Some('\\') => {
                    let text: String = self.text[self.at..].iter().take(2).collect();
                    self.at += text.chars().count();
                    push(&mut word, text, false);
                }
                Some(_) => word.extend(self.parts(Inside::Word)?),
            }
        }
    }
}

fn plain_parameter(name: String, quoted: bool) -> Part {
    let parameter = Parameter { name, index: None, length: false, indirect: false, change: Change::None };
    Part::Parameter(Arc::new(parameter), quoted)
}

/// Adds text to a word; neighbours of one kind become one part.
pub(crate) fn push(word: &mut Word, text: String, quoted: bool) {
    match (word.last_mut(), quoted) {
        (Some(Part::Plain(last)), false) | (Some(Part::Quoted(last)), true) => last.push_str(&text),
        (_, false) => word.push(Part::Plain(text)),
        (_, true) => word.push(Part::Quoted(text)),
    }
}
