//! Reads the shell language: commands. Words are in `word.rs`.

use super::ast::*;
use sim::collections::BTreeMap;
use std::sync::Arc;

/// How deep commands and words may be nested.
const MAX_DEPTH: usize = 100;
/// How many aliases one command may be replaced by, so that aliases cannot run in circles.
const MAX_ALIASES: usize = 20;
/// How long a script may become.
pub(crate) const MAX_SOURCE: usize = 2 << 20;

/// Why it could not be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The text ends in the middle: of quotes (which), or of a command.
    Incomplete(Option<char>),
    /// An error; the message without the shell's name. The flag says that the line is shown, too.
    Syntax(String, bool),
}

type Result<T> = std::result::Result<T, Fault>;

/// What reads a script, one complete command after another.
pub(crate) struct Parser<'a> {
    pub text: Vec<char>,
    pub at: usize,
    pub line: u32,
    /// Bash's own words: `[[`, `((`, braces, arrays, here-strings.
    pub bash: bool,
    aliases: &'a BTreeMap<String, String>,
    alias_count: usize,
    pub depth: usize,
    /// The line where the quotes begin that are open.
    pub opened: u32,
    /// Here-documents that were read already: at this newline, go on there.
    skip: Option<(usize, usize)>,
}

const KEYWORDS: [&str; 17] = [
    "if", "then", "elif", "else", "fi", "while", "until", "for", "do", "done", "case", "esac", "in", "{",
    "}", "!", "function",
];

impl<'a> Parser<'a> {
    pub fn new(text: &str, line: u32, bash: bool, aliases: &'a BTreeMap<String, String>) -> Parser<'a> {
        Parser {
            text: text.chars().collect(),
            at: 0,
            line,
            bash,
            aliases,
            alias_count: 0,
            depth: 0,
            opened: line,
            skip: None,
        }
    }

    /// The next complete command: a list up to the end of its line. `None` at the end of the text.
    pub fn complete_command(&mut self) -> Result<Option<List>> {
        self.newlines();
        if self.peek().is_none() {
            return Ok(None);
        }
        let mut list = List::default();
        loop {
            let before = self.at;
            let item = self.item()?;
            list.0.push(item);
            self.blanks();
            match self.peek() {
                None => break,
                Some('\n') => {
                    self.newline();
                    break;
                }
                _ if self.separated(before) => {}
                _ => return Err(self.unexpected()),
            }
        }
        Ok(Some(list))
    }

    /// Whether the item just read ended with `;` or `&`.
    fn separated(&self, from: usize) -> bool {
        let read = &self.text[from..self.at.min(self.text.len())];
        matches!(read.iter().rev().find(|c| !matches!(c, ' ' | '\t')), Some(';' | '&'))
    }

    // --- Characters.

    pub fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    pub fn peek_at(&self, n: usize) -> Option<char> {
        self.text.get(self.at + n).copied()
    }

    pub fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.peek_at(i) == Some(c))
    }

    pub fn accept(&mut self, text: &str) -> bool {
        let yes = self.starts(text);
        if yes {
            self.at += text.chars().count();
        }
        yes
    }

    pub fn newline(&mut self) {
        self.line += 1;
        self.at = match self.skip {
            Some((newline, end)) if newline == self.at => {
                self.skip = None;
                let lines = self.text[newline + 1..end].iter().filter(|c| **c == '\n').count();
                self.line += lines as u32;
                end
            }
            _ => self.at + 1,
        };
    }

    /// Skips blanks, comments and joined lines.
    pub fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    pub fn newlines(&mut self) {
        self.blanks();
        while self.peek() == Some('\n') {
            self.newline();
            self.blanks();
        }
    }

    // --- Errors.

    /// `syntax error near unexpected token`, or incomplete at the end of the text.
    pub fn unexpected(&self) -> Fault {
        let token = match self.peek() {
            None => return Fault::Incomplete(None),
            Some('\n') => "newline".into(),
            Some(c) if is_meta(c) => {
                let operators =
                    [";;&", "&>>", "<<<", "<<-", "&&", "||", ";;", ";&", "|&", "<<", ">>", "<&", ">&", "&>"];
                operators.iter().find(|o| self.starts(o)).map_or(c.to_string(), |o| o.to_string())
            }
            Some(_) => self.text[self.at..].iter().take_while(|c| !is_meta(**c)).collect(),
        };
        Fault::Syntax(format!("syntax error near unexpected token `{token}'"), true)
    }

    pub fn deeper<T>(&mut self, with: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault::Syntax("commands are nested too deeply".into(), false));
        }
        self.depth += 1;
        let result = with(self);
        self.depth -= 1;
        result
    }

    // --- Lists.

    /// A list up to one of these keywords (not taken), or `)` or `;;`.
    pub fn list(&mut self, ends: &[&str]) -> Result<Arc<List>> {
        self.deeper(|p| p.list_inner(ends))
    }

    fn list_inner(&mut self, ends: &[&str]) -> Result<Arc<List>> {
        let mut list = List::default();
        loop {
            self.newlines();
            // At the end of the text whoever wanted this list says what is missing.
            if self.peek().is_none() || self.at_end(ends) {
                break;
            }
            list.0.push(self.item()?);
            self.blanks();
            let before = self.text[..self.at].iter().rev().find(|c| !matches!(c, ' ' | '\t')).copied();
            let separated = matches!(before, Some(';' | '&')) || self.peek() == Some('\n');
            if !separated
                && !matches!(self.peek(), None | Some(')'))
                && !self.starts(";;")
                && !self.starts(";&")
            {
                return Err(self.unexpected());
            }
        }
        if list.0.is_empty() && !ends.contains(&"esac") && !ends.contains(&")") {
            return Err(self.unexpected());
        }
        Ok(Arc::new(list))
    }

    fn at_end(&self, ends: &[&str]) -> bool {
        match self.peek() {
            Some(')') => true,
            Some(';') => self.starts(";;") || self.starts(";&"),
            _ => self.keyword().is_some_and(|k| ends.contains(&k)),
        }
    }

    fn item(&mut self) -> Result<Item> {
        self.blanks();
        let start = self.at;
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.blanks();
            let join = match () {
                () if self.accept("&&") => Join::And,
                () if self.accept("||") => Join::Or,
                () => break,
            };
            self.newlines();
            rest.push((join, self.pipeline()?));
        }
        let text: String = self.text[start..self.at.min(self.text.len())].iter().collect();
        let background = !self.starts("&&") && !self.starts("&>") && self.accept("&");
        if !background && !self.starts(";;") && !self.starts(";&") {
            self.accept(";");
        }
        Ok(Item { first, rest, background, text: text.trim_end().into() })
    }

    fn pipeline(&mut self) -> Result<Pipeline> {
        let (mut negate, mut time) = (false, false);
        loop {
            self.blanks();
            if self.keyword() == Some("!") {
                self.at += 1;
                negate = !negate;
            } else if self.bash && self.word_is("time") && !self.time_is_program() {
                self.at += 4;
                time = true;
            } else {
                break;
            }
        }
        let mut commands = vec![self.command()?];
        loop {
            self.blanks();
            if self.starts("||") || !self.starts("|") {
                break;
            }
            self.at += 1;
            if self.accept("&") {
                let last = commands.pop().and_then(|n| Arc::try_unwrap(n).ok());
                if let Some(mut node) = last {
                    let target = vec![Part::Plain("1".into())];
                    node.redirects.push(Redirect {
                        descriptor: 2,
                        kind: RedirectKind::Duplicate,
                        target,
                        both: false,
                    });
                    commands.push(Arc::new(node));
                }
            }
            self.newlines();
            commands.push(self.command()?);
        }
        Ok(Pipeline { negate, time, commands })
    }

    /// `time -p` is left to the program.
    fn time_is_program(&self) -> bool {
        self.text[self.at..].iter().skip(4).find(|c| !matches!(c, ' ' | '\t')) == Some(&'-')
    }

    /// Whether a bare word stands here.
    pub fn word_is(&self, word: &str) -> bool {
        self.starts(word) && self.peek_at(word.len()).is_none_or(is_meta)
    }

    /// The reserved word that stands here.
    pub fn keyword(&self) -> Option<&'static str> {
        KEYWORDS.into_iter().find(|k| self.word_is(k))
    }

    fn expect(&mut self, keyword: &str) -> Result<()> {
        self.newlines();
        if !self.word_is(keyword) {
            return Err(self.unexpected());
        }
        self.at += keyword.len();
        Ok(())
    }

    // --- Commands.

    fn command(&mut self) -> Result<Arc<Node>> {
        self.deeper(|p| p.command_inner())
    }

    fn command_inner(&mut self) -> Result<Arc<Node>> {
        self.blanks();
        let line = self.line;
        let kind = self.compound()?;
        let Some(kind) = kind else { return self.simple(line) };
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect()? {
                Some(redirect) => redirects.extend(redirect),
                None => break,
            }
        }
        Ok(Arc::new(Node { kind, redirects, line }))
    }

    fn compound(&mut self) -> Result<Option<Kind>> {
        if self.bash
            && self.starts("((")
            && let Some(word) = self.double_parentheses(2)?
        {
            return Ok(Some(Kind::Arithmetic(word)));
        }
        if self.accept("(") {
            let list = self.list(&[])?;
            if list.0.is_empty() || !self.accept(")") {
                return Err(self.unexpected());
            }
            return Ok(Some(Kind::Subshell(list)));
        }
        if self.bash && self.word_is("[[") {
            self.at += 2;
            return self.condition().map(|c| Some(Kind::Test(c)));
        }
        let Some(keyword) = self.keyword() else { return self.function() };
        let kind = match keyword {
            "{" => {
                self.at += 1;
                let list = self.list(&["}"])?;
                self.expect("}")?;
                Kind::Group(list)
            }
            "if" => self.if_command()?,
            "while" | "until" => {
                self.at += 5;
                let condition = self.list(&["do"])?;
                Kind::Loop { until: keyword == "until", condition, body: self.do_body()? }
            }
            "for" => self.for_command()?,
            "case" => self.case_command()?,
            "function" if self.bash => {
                self.at += 8;
                self.blanks();
                let name = self.bare();
                self.blanks();
                if self.accept("(") {
                    self.blanks();
                    self.accept(")");
                }
                return self.function_body(name).map(Some);
            }
            "in" => return Ok(None),
            _ => return Err(self.unexpected()),
        };
        Ok(Some(kind))
    }

    fn do_body(&mut self) -> Result<Arc<List>> {
        self.expect("do")?;
        let body = self.list(&["done"])?;
        self.expect("done")?;
        Ok(body)
    }

    fn if_command(&mut self) -> Result<Kind> {
        self.at += 2;
        let mut arms = Vec::new();
        loop {
            let condition = self.list(&["then"])?;
            self.expect("then")?;
            let body = self.list(&["elif", "else", "fi"])?;
            arms.push((condition, body));
            match self.keyword() {
                Some("elif") => self.at += 4,
                Some("else") => {
                    self.at += 4;
                    let otherwise = Some(self.list(&["fi"])?);
                    self.expect("fi")?;
                    return Ok(Kind::If { arms, otherwise });
                }
                _ => {
                    self.expect("fi")?;
                    return Ok(Kind::If { arms, otherwise: None });
                }
            }
        }
    }

    fn for_command(&mut self) -> Result<Kind> {
        self.at += 3;
        self.blanks();
        if self.bash && self.starts("((") {
            return self.for_arithmetic();
        }
        let name = self.bare();
        if !is_name(&name) {
            return match name.is_empty() {
                true => Err(self.unexpected()),
                false => Err(Fault::Syntax(format!("`{name}': not a valid identifier"), false)),
            };
        }
        self.newlines();
        let mut words = None;
        if self.word_is("in") {
            self.at += 2;
            let mut list = Vec::new();
            loop {
                self.blanks();
                match self.peek() {
                    Some('\n' | ';') => break,
                    Some(c) if is_meta(c) => return Err(self.unexpected()),
                    None => return Err(Fault::Incomplete(None)),
                    _ => list.extend(self.braced_word()?),
                }
            }
            words = Some(list);
        }
        self.blanks();
        self.accept(";");
        Ok(Kind::For { name, words, body: self.do_body()? })
    }

    fn for_arithmetic(&mut self) -> Result<Kind> {
        let start = self.at + 2;
        let end = self.find_closing(start)?;
        let text: String = self.text[start..end].iter().collect();
        let mut parts = text.split(';').map(|t| self.text_word(t)).collect::<Result<Vec<_>>>()?;
        if parts.len() != 3 {
            return Err(Fault::Syntax("syntax error: arithmetic expression required".into(), false));
        }
        self.at = end + 2;
        self.blanks();
        self.accept(";");
        let (next, condition, start) = (parts.pop(), parts.pop(), parts.pop());
        let part = |p: Option<Word>| p.unwrap_or_default();
        Ok(Kind::ForArithmetic {
            start: part(start),
            condition: part(condition),
            next: part(next),
            body: self.do_body()?,
        })
    }

    fn case_command(&mut self) -> Result<Kind> {
        self.at += 4;
        self.blanks();
        let word = self.word()?;
        self.expect("in")?;
        let mut arms = Vec::new();
        loop {
            self.newlines();
            if self.word_is("esac") {
                self.at += 4;
                return Ok(Kind::Case { word, arms });
            }
            self.accept("(");
            let mut patterns = Vec::new();
            loop {
                self.blanks();
                patterns.push(self.word()?);
                self.blanks();
                if !self.accept("|") {
                    break;
                }
            }
            if !self.accept(")") {
                return Err(self.unexpected());
            }
            let body = self.list(&["esac"])?;
            let end = match () {
                () if self.accept(";;&") => ArmEnd::Next,
                () if self.accept(";;") => ArmEnd::Stop,
                () if self.accept(";&") => ArmEnd::Through,
                () if self.word_is("esac") => ArmEnd::Stop,
                () => return Err(self.unexpected()),
            };
            arms.push(Arm { patterns, body, end });
        }
    }

    /// `name() command`
    fn function(&mut self) -> Result<Option<Kind>> {
        let start = self.at;
        let name = self.bare();
        self.blanks();
        if !name.is_empty() && !name.contains('=') && self.accept("(") {
            self.blanks();
            if !self.accept(")") {
                return Err(self.unexpected());
            }
            return self.function_body(name).map(Some);
        }
        self.at = start;
        Ok(None)
    }

    fn function_body(&mut self, name: String) -> Result<Kind> {
        self.newlines();
        let body = self.command()?;
        if let Kind::Simple { .. } = body.kind {
            return Err(self.unexpected());
        }
        Ok(Kind::Function { name, body })
    }

    /// Characters up to a blank or operator, as they are; nothing if there are quotes or expansions.
    fn bare(&mut self) -> String {
        let text: String = self.text[self.at..].iter().take_while(|c| !is_meta(**c)).collect();
        if text.contains(['"', '\'', '$', '`', '\\', '{']) {
            return String::new();
        }
        self.at += text.chars().count();
        text
    }

    fn simple(&mut self, line: u32) -> Result<Arc<Node>> {
        let (mut assigns, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.extend(redirect);
                continue;
            }
            match self.peek() {
                None => break,
                Some('(') if !words.is_empty() => return Err(self.unexpected()),
                Some(c) if is_meta(c) && !self.is_output() => break,
                _ => {}
            }
            if words.is_empty() && self.expand_alias() {
                continue;
            }
            if (words.is_empty() || self.is_declaration(&words))
                && let Some(assign) = self.assignment()?
            {
                match words.is_empty() {
                    true => assigns.push(assign),
                    false => words.push(declared(assign)),
                }
                continue;
            }
            words.extend(self.braced_word()?);
        }
        if assigns.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Arc::new(Node { kind: Kind::Simple { assigns, words }, redirects, line }))
    }

    /// `declare a=(1 2)` and its kin take assignments as words.
    fn is_declaration(&self, words: &[Word]) -> bool {
        let [Part::Plain(name)] = words[0].as_slice() else { return false };
        matches!(name.as_str(), "declare" | "typeset" | "local" | "readonly" | "export")
            && !self.text[self.at..].iter().take_while(|c| !is_meta(**c)).any(|c| *c == '-')
            && {
                let rest: String = self.text[self.at..].iter().take_while(|c| !is_blank(**c)).collect();
                rest.contains("=(")
            }
    }

    fn expand_alias(&mut self) -> bool {
        let word: String = self.text[self.at..].iter().take_while(|c| !is_meta(**c)).collect();
        let Some(value) = self.aliases.get(&word) else { return false };
        // An alias that begins with its own name is not replaced again.
        let again = value.split_whitespace().next() == Some(&word);
        if self.alias_count >= MAX_ALIASES || again && self.alias_count > 0 {
            return false;
        }
        self.alias_count += if again { MAX_ALIASES } else { 1 };
        let value: Vec<char> = value.chars().collect();
        let (old, new) = (word.chars().count(), value.len());
        self.text.splice(self.at..self.at + old, value);
        if let Some((newline, end)) = &mut self.skip {
            (*newline, *end) = (*newline + new - old, *end + new - old);
        }
        true
    }

    // --- Redirections.

    fn redirect(&mut self) -> Result<Option<Vec<Redirect>>> {
        let start = self.at;
        let digits: String = self.text[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        let both = digits.is_empty() && self.bash && (self.starts("&>>") || self.starts("&>"));
        if both {
            self.at += 1;
        }
        let operators = ["<<<", "<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">"];
        let operator = operators.into_iter().find(|o| self.starts(o));
        let Some(operator) = operator.filter(|_| digits.len() < 4) else {
            self.at = start;
            return Ok(None);
        };
        if digits.is_empty() && self.is_output() {
            return Ok(None);
        }
        if operator == ">" && self.peek_at(1) == Some('(') && digits.is_empty() {
            return Err(Fault::Syntax("process substitution to a command is not supported".into(), false));
        }
        self.at += operator.len();
        self.blanks();
        let input = operator.starts_with('<');
        let descriptor = digits.parse().unwrap_or(if input { 0 } else { 1 });
        let (kind, target) = match operator {
            "<<" | "<<-" => (RedirectKind::Text, self.here_document(operator == "<<-")?),
            "<<<" => {
                let mut word = self.word()?;
                word.push(Part::Quoted("\n".into()));
                (RedirectKind::Text, word)
            }
            _ => {
                if self.peek().is_none_or(is_meta) && !self.is_output() {
                    return Err(match self.peek() {
                        // `>` at the end of a line is an error, not an unfinished command.
                        None => Fault::Syntax("syntax error near unexpected token `newline'".into(), true),
                        _ => self.unexpected(),
                    });
                }
                let kind = match operator {
                    "<" => RedirectKind::Read,
                    ">" => RedirectKind::Write,
                    ">|" => RedirectKind::Clobber,
                    ">>" => RedirectKind::Append,
                    "<>" => RedirectKind::ReadWrite,
                    _ => RedirectKind::Duplicate,
                };
                (kind, self.word()?)
            }
        };
        // `>&file` is `&>file`.
        let file = kind == RedirectKind::Duplicate
            && !input
            && digits.is_empty()
            && matches!(target.as_slice(), [Part::Plain(t)] if t != "-" && !t.starts_with(|c: char| c.is_ascii_digit()));
        let kind = if file { RedirectKind::Write } else { kind };
        Ok(Some(vec![Redirect { descriptor, kind, target, both: both || file }]))
    }

    /// The text of a here-document, which begins after this line; the operator has been read.
    fn here_document(&mut self, strip_tabs: bool) -> Result<Word> {
        let start = self.at;
        let word = self.word()?;
        if word.is_empty() {
            return Err(self.unexpected());
        }
        let raw: String = self.text[start..self.at].iter().collect();
        let quoted = raw.contains(['"', '\'', '\\']);
        let mut end_word = String::new();
        for part in &word {
            match part {
                Part::Plain(t) | Part::Quoted(t) => end_word.push_str(t),
                _ => end_word = raw.clone(),
            }
        }
        let newline = match self.skip {
            Some((newline, _)) => newline,
            None => self.at + self.text[self.at..].iter().take_while(|c| **c != '\n').count(),
        };
        let mut at = self.skip.map_or(newline + 1, |(_, end)| end);
        let mut body = String::new();
        loop {
            if at >= self.text.len() {
                return Err(Fault::Incomplete(Some('<')));
            }
            let line: String = self.text[at..].iter().take_while(|c| **c != '\n').collect();
            at = (at + line.chars().count() + 1).min(self.text.len());
            let line = if strip_tabs { line.trim_start_matches('\t') } else { &line };
            if line == end_word {
                break;
            }
            body.push_str(line);
            body.push('\n');
        }
        self.skip = Some((newline, at));
        if quoted { Ok(vec![Part::Quoted(body)]) } else { self.document_word(&body) }
    }
}

/// An assignment as an argument of `declare`: `name=(...)` is done by the builtin from this word.
fn declared(assign: Assign) -> Word {
    let mut word = vec![Part::Quoted(format!("{}=", assign.name))];
    match assign.value {
        Value::Text(text) => word.extend(text),
        Value::Array(elements) => {
            word.push(Part::Quoted("(".into()));
            for (_, element) in elements {
                word.push(Part::Quoted(ARRAY_SEPARATOR.into()));
                word.extend(element);
            }
        }
    }
    word
}

/// Stands before each element of an array in an argument of `declare`: no one types it.
pub(crate) const ARRAY_SEPARATOR: &str = "\u{1f}";

pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What ends a word.
pub(crate) fn is_meta(c: char) -> bool {
    is_blank(c) || matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// A valid name of a variable.
pub(crate) fn is_name(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
}
