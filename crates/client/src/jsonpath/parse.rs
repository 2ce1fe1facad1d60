//! The parser. Mirrors client-go/util/jsonpath/parser.go.

use apimachinery::Value;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Text, or a quoted text.
    Text(String),
    /// What stands between braces.
    List(Vec<Node>),
    /// `.name`.
    Field(String),
    /// `*`.
    Wildcard,
    /// `..`.
    Recursive,
    /// `[start:end:step]`; an end that only follows from a single index is `derived`.
    Slice { start: Option<i64>, end: Option<i64>, derived: bool, step: Option<i64> },
    /// `[a,b]`.
    Union(Vec<Vec<Node>>),
    /// `[?(left op right)]`; without an operator the left side has to exist.
    Filter { left: Vec<Node>, operator: String, right: Vec<Node> },
    /// `range`, `end` or a mistake.
    Identifier(String),
    /// A number or a boolean.
    Literal(Value),
}

/// How deep unions and filters may lie in each other.
const MAX_DEPTH: usize = 32;

struct Parser<'a> {
    input: &'a [char],
    start: usize,
    pos: usize,
    depth: usize,
}

/// Parses a template.
pub fn parse(text: &str) -> Result<Vec<Node>, String> {
    parse_at(text, 0)
}

fn parse_at(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    if depth > MAX_DEPTH {
        return Err("expression is nested too deeply".into());
    }
    let input: Vec<char> = text.chars().collect();
    Parser { input: &input, start: 0, pos: 0, depth }.text()
}

/// What stands between braces, parsed by itself.
fn action(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    match parse_at(&format!("{{{text}}}"), depth)?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.input.get(self.pos).copied();
        self.pos += 1;
        c
    }

    fn consume(&mut self) -> String {
        let end = self.pos.min(self.input.len());
        let text = self.input[self.start.min(end)..end].iter().collect();
        self.start = self.pos;
        text
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.input.get(self.pos + i) == Some(&c))
    }

    fn text(&mut self) -> Result<Vec<Node>, String> {
        let mut root = Vec::new();
        loop {
            if self.looking_at("{") {
                if self.pos > self.start {
                    root.push(Node::Text(self.consume()));
                }
                self.pos += 1;
                self.consume();
                let mut list = Vec::new();
                self.inside(&mut list)?;
                root.push(Node::List(list));
            } else if self.next().is_none() {
                self.pos = self.input.len();
                break;
            }
        }
        if self.pos > self.start {
            root.push(Node::Text(self.consume()));
        }
        Ok(root)
    }

    fn inside(&mut self, list: &mut Vec<Node>) -> Result<(), String> {
        loop {
            if self.looking_at("}") {
                self.pos += 1;
                self.consume();
                return Ok(());
            }
            if self.looking_at("[?(") {
                self.filter(list)?;
                continue;
            }
            if self.looking_at("..") {
                if list.last() == Some(&Node::Recursive) {
                    return Err("invalid multiple recursive descent".into());
                }
                self.pos += 2;
                self.consume();
                list.push(Node::Recursive);
                if self.input.get(self.pos).is_some_and(|c| c.is_alphanumeric() || *c == '_') {
                    self.field(list);
                }
                continue;
            }
            match self.next() {
                None | Some('\n' | '\r') => return Err("unclosed action".into()),
                Some(' ' | '@' | '$') => drop(self.consume()),
                Some('[') => self.array(list)?,
                Some(quote @ ('"' | '\'')) => self.quote(list, quote)?,
                Some('.') => self.field(list),
                Some(c) if c == '+' || c == '-' || c.is_ascii_digit() => self.number(list)?,
                Some(c) if c.is_alphanumeric() || c == '_' => self.identifier(list),
                Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
            }
        }
    }

    /// Moves to the next terminator that is not escaped.
    fn advance(&mut self) {
        while let Some(c) = self.input.get(self.pos) {
            match c {
                '\\' => self.pos += 2,
                c if is_terminator(*c) => break,
                _ => self.pos += 1,
            }
        }
        self.pos = self.pos.min(self.input.len());
    }

    fn field(&mut self, list: &mut Vec<Node>) {
        self.start = self.pos;
        self.advance();
        let name = self.consume();
        list.push(if name == "*" { Node::Wildcard } else { Node::Field(name.replace('\\', "")) });
    }

    fn identifier(&mut self, list: &mut Vec<Node>) {
        while self.input.get(self.pos).is_some_and(|c| !is_terminator(*c)) {
            self.pos += 1;
        }
        let name = self.consume();
        list.push(match name.as_str() {
            "true" => Node::Literal(true.into()),
            "false" => Node::Literal(false.into()),
            _ => Node::Identifier(name),
        });
    }

    fn number(&mut self, list: &mut Vec<Node>) -> Result<(), String> {
        while self.input.get(self.pos).is_some_and(|c| *c == '.' || c.is_ascii_digit()) {
            self.pos += 1;
        }
        let text = self.consume();
        let whole = text.parse::<i64>().map(Value::Int);
        let number = whole.or_else(|_| text.parse::<f64>().map(Value::Float));
        list.push(Node::Literal(number.map_err(|_| format!("cannot parse number {text}"))?));
        Ok(())
    }

    fn quote(&mut self, list: &mut Vec<Node>, quote: char) -> Result<(), String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".into()),
                Some(c) if c == quote && self.input[self.pos - 2] != '\\' => break,
                Some(_) => {}
            }
        }
        let text = self.consume();
        let inner: String = text.chars().skip(1).take(text.chars().count() - 2).collect();
        let unquoted = unquote(&inner);
        list.push(Node::Text(unquoted.ok_or_else(|| format!("unquote string {text} error invalid syntax"))?));
        Ok(())
    }

    fn array(&mut self, list: &mut Vec<Node>) -> Result<(), String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".into()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = self.consume();
        let text = &text[1..text.len() - 1];
        if text.contains(',') {
            let parts =
                text.split(',').map(|part| action(&format!("[{}]", part.trim_matches(' ')), self.depth + 1));
            list.push(Node::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        if let Some(key) =
            text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')).filter(|k| !k.contains('\''))
        {
            list.extend(action(&format!(".{key}"), self.depth + 1)?);
            return Ok(());
        }
        list.push(slice(if text == "*" { ":" } else { text })?);
        Ok(())
    }

    fn filter(&mut self, list: &mut Vec<Node>) -> Result<(), String> {
        self.pos += 3;
        self.consume();
        let (mut begin, mut end, mut pair) = (false, false, ' ');
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".into()),
                Some(c @ ('"' | '\'')) if !begin => (begin, pair) = (true, c),
                Some(c @ ('"' | '\'')) if self.input[self.pos - 2] != '\\' && c == pair => end = true,
                Some(')') if begin == end => break,
                Some(_) => {}
            }
        }
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".into());
        }
        let text = self.consume();
        let text = &text[..text.len() - 2];
        let operators = ['!', '<', '>', '='];
        let parts = text.find(operators).filter(|at| *at > 0).and_then(|at| {
            let rest = &text[at..];
            let end = rest.find(|c| !operators.contains(&c))?;
            Some((&text[..at], &rest[..end], &rest[end..]))
        });
        let (left, operator, right) = parts.unwrap_or((text, "", ""));
        list.push(Node::Filter {
            left: action(left, self.depth + 1)?,
            operator: operator.into(),
            right: if operator.is_empty() { Vec::new() } else { action(right, self.depth + 1)? },
        });
        Ok(())
    }
}

fn is_terminator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn slice(text: &str) -> Result<Node, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let fits = |p: &&str| p.strip_prefix('-').unwrap_or(p).chars().all(|c| c.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(fits) {
        return Err(format!("invalid array index {text}"));
    }
    let number = |i: usize| match parts.get(i) {
        None | Some(&"") => Ok(None),
        Some(p) => p.parse::<i64>().map(Some).map_err(|_| format!("array index {p} is not a number")),
    };
    let (start, mut end, step) = (number(0)?, number(1)?, number(2)?);
    let derived = parts.len() == 1;
    if derived {
        end = Some(start.unwrap_or_default() + 1);
    }
    Ok(Node::Slice { start, end, derived, step })
}

/// Go's escapes in a quoted text.
pub fn unquote(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut i) = (String::new(), 0);
    while i < chars.len() {
        let c = chars[i];
        i += 1;
        if c != '\\' {
            out.push(c);
            continue;
        }
        let escaped = *chars.get(i)?;
        i += 1;
        let here = i;
        let mut code = |n: usize, radix: u32, from: usize| {
            let digits: String = chars.get(from..from + n)?.iter().collect();
            i = from + n;
            char::from_u32(u32::from_str_radix(&digits, radix).ok()?)
        };
        out.push(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'v' => '\x0b',
            '\\' | '"' | '\'' => escaped,
            'x' => code(2, 16, here)?,
            'u' => code(4, 16, here)?,
            'U' => code(8, 16, here)?,
            '0'..='7' => code(3, 8, here - 1)?,
            _ => return None,
        });
    }
    Some(out)
}
