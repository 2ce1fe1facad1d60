//! From tokens to a tree. Mirrors text/template/parse/parse.go.

use super::lex::{Kind, Token, lex};
use crate::{flags, go};
use apimachinery::Value;
use client::jsonpath::unquote;
use sim::collections::BTreeMap;

/// How deep blocks and parentheses may lie in each other.
const MAX_DEPTH: usize = 100;

/// A template and those that it defines.
pub struct Parsed {
    pub main: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Node {
    Text(String),
    Action(Pipe),
    If { pipe: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    With { pipe: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    Range { pipe: Pipe, then: Vec<Node>, otherwise: Vec<Node> },
    Template { name: String, pipe: Option<Pipe>, pos: usize },
    Break,
    Continue,
}

/// Commands, each of which gets the value of the one before it.
#[derive(Clone, Debug)]
pub struct Pipe {
    /// Variables that take the value.
    pub variables: Vec<String>,
    /// Whether they exist already (`=`).
    pub assign: bool,
    pub commands: Vec<Command>,
}

/// Operands; the first may be a function.
#[derive(Clone, Debug)]
pub struct Command {
    pub operands: Vec<Operand>,
}

/// An operand with where it stands in the template.
#[derive(Clone, Debug)]
pub struct Operand {
    pub kind: OperandKind,
    pub pos: usize,
    /// As Go prints the node, for errors.
    pub text: String,
}

/// What an operand is.
#[derive(Clone, Debug)]
pub enum OperandKind {
    Dot,
    Nil,
    Literal(Value),
    Function(String),
    /// Fields of the dot.
    Fields(Vec<String>),
    /// A variable and fields of it.
    Variable(String, Vec<String>),
    /// A pipe in parentheses and fields of its value.
    Pipe(Box<Pipe>, Vec<String>),
}

impl Command {
    /// As Go prints it.
    pub fn text(&self) -> String {
        self.operands.iter().map(|o| o.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

impl Pipe {
    /// As Go prints it.
    pub fn text(&self) -> String {
        let commands = self.commands.iter().map(Command::text).collect::<Vec<_>>().join(" | ");
        match self.variables.is_empty() {
            true => commands,
            false => {
                format!("{} {} {commands}", self.variables.join(", "), if self.assign { "=" } else { ":=" })
            }
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    variables: Vec<String>,
    defined: BTreeMap<String, Vec<Node>>,
    ranges: usize,
    depth: usize,
}

type Fail = (usize, String);

/// How a list of nodes ended.
#[derive(PartialEq)]
enum Ending {
    Eof,
    End,
    Else,
}

/// Parses a template. The error is Go's: `template: output:1: unclosed action`.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let at_line = |(pos, why): Fail| {
        let line = 1 + text.as_bytes()[..pos.min(text.len())].iter().filter(|b| **b == b'\n').count();
        format!("template: output:{line}: {why}")
    };
    let tokens = lex(text).map_err(at_line)?;
    let mut parser =
        Parser { tokens, at: 0, variables: vec!["$".into()], defined: BTreeMap::new(), ranges: 0, depth: 0 };
    let (main, ending) = parser.list().map_err(at_line)?;
    let pos = parser.tokens[parser.at.saturating_sub(1)].pos;
    match ending {
        Ending::Eof => Ok(Parsed { main, defined: parser.defined }),
        Ending::End => Err(at_line((pos, "unexpected {{end}}".into()))),
        Ending::Else => Err(at_line((pos, "unexpected {{else}}".into()))),
    }
}

fn unexpected<T>(token: &Token, context: &str) -> Result<T, Fail> {
    let shown = match token.kind {
        Kind::End => "EOF".into(),
        Kind::Keyword => format!("<{}>", token.text),
        _ if token.text.len() > 10 => {
            format!("{}...", go::quote(&token.text.chars().take(10).collect::<String>()))
        }
        _ => go::quote(&token.text),
    };
    Err((token.pos, format!("unexpected {shown} in {context}")))
}

impl Parser {
    fn peek(&mut self) -> &Token {
        while self.tokens[self.at].kind == Kind::Space {
            self.at += 1;
        }
        &self.tokens[self.at]
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn list(&mut self) -> Result<(Vec<Node>, Ending), Fail> {
        self.depth += 1;
        let mut nodes = Vec::new();
        loop {
            let token = self.tokens[self.at].clone();
            match token.kind {
                _ if self.depth > MAX_DEPTH => {
                    return Err((token.pos, "max expression depth exceeded".into()));
                }
                Kind::End => {
                    self.depth -= 1;
                    return Ok((nodes, Ending::Eof));
                }
                Kind::Text => {
                    self.at += 1;
                    nodes.push(Node::Text(token.text));
                }
                _ => {
                    self.at += 1; // the left delimiter
                    if let Some(ending) = self.action(&mut nodes)? {
                        self.depth -= 1;
                        return Ok((nodes, ending));
                    }
                }
            }
        }
    }

    fn action(&mut self, nodes: &mut Vec<Node>) -> Result<Option<Ending>, Fail> {
        let token = self.peek().clone();
        if token.kind != Kind::Keyword {
            let scope = self.variables.len();
            let pipe = self.pipe("command", Kind::Right)?;
            debug_assert!(self.variables.len() >= scope);
            nodes.push(Node::Action(pipe));
            return Ok(None);
        }
        self.next();
        match token.text.as_str() {
            "end" => {
                self.right("end")?;
                return Ok(Some(Ending::End));
            }
            "else" => return Ok(Some(Ending::Else)), // what follows is read by the block
            "if" | "with" | "range" => nodes.push(self.block(&token.text)?),
            "define" => self.define(&token)?,
            "template" => nodes.push(self.template(&token)?),
            "block" => {
                let name = self.name("block clause")?;
                let pipe = self.pipe("block clause", Kind::Right)?;
                self.body(&name, &token)?;
                nodes.push(Node::Template { name, pipe: Some(pipe), pos: token.pos });
            }
            word => {
                self.right(&format!("{{{{{word}}}}}"))?;
                if self.ranges == 0 {
                    return Err((token.pos, format!("{{{{{word}}}}} outside {{{{range}}}}")));
                }
                nodes.push(if word == "break" { Node::Break } else { Node::Continue });
            }
        }
        Ok(None)
    }

    fn right(&mut self, context: &str) -> Result<(), Fail> {
        match self.next() {
            token if token.kind == Kind::Right => Ok(()),
            token => unexpected(&token, context),
        }
    }

    /// `if`, `with` or `range` up to its end.
    fn block(&mut self, word: &str) -> Result<Node, Fail> {
        let scope = self.variables.len();
        let pipe = self.pipe(word, Kind::Right)?;
        let is_range = usize::from(word == "range");
        self.ranges += is_range;
        let (then, ending) = self.list()?;
        self.ranges -= is_range;
        let mut otherwise = Vec::new();
        match ending {
            Ending::End => {}
            Ending::Eof => return Err((self.tokens[self.at].pos, "unexpected EOF".into())),
            Ending::Else => {
                let token = self.peek().clone();
                if token.kind == Kind::Keyword && token.text == word && word != "range" {
                    self.next();
                    otherwise.push(self.block(word)?);
                } else {
                    self.right("else")?;
                    match self.list()? {
                        (nodes, Ending::End) => otherwise = nodes,
                        (_, Ending::Eof) => return Err((self.tokens[self.at].pos, "unexpected EOF".into())),
                        (_, Ending::Else) => {
                            return Err((self.tokens[self.at].pos, "expected end; found {{else}}".into()));
                        }
                    }
                }
            }
        }
        self.variables.truncate(scope);
        Ok(match word {
            "if" => Node::If { pipe, then, otherwise },
            "with" => Node::With { pipe, then, otherwise },
            _ => Node::Range { pipe, then, otherwise },
        })
    }

    fn name(&mut self, context: &str) -> Result<String, Fail> {
        let token = self.next();
        match token.kind {
            Kind::String | Kind::RawString => string(&token),
            _ => unexpected(&token, context),
        }
    }

    fn define(&mut self, token: &Token) -> Result<(), Fail> {
        let name = self.name("define clause")?;
        self.right("define clause")?;
        self.body(&name, token)
    }

    /// The body of a template that is defined, with variables of its own.
    fn body(&mut self, name: &str, token: &Token) -> Result<(), Fail> {
        let outside = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let ranges = std::mem::take(&mut self.ranges);
        let (nodes, ending) = self.list()?;
        if ending != Ending::End {
            return Err((token.pos, "unexpected EOF".into()));
        }
        (self.variables, self.ranges) = (outside, ranges);
        self.defined.insert(name.into(), nodes);
        Ok(())
    }

    fn template(&mut self, token: &Token) -> Result<Node, Fail> {
        let name = self.name("template clause")?;
        let pipe = match self.peek().kind {
            Kind::Right => {
                self.next();
                None
            }
            _ => Some(self.pipe("template clause", Kind::Right)?),
        };
        Ok(Node::Template { name, pipe, pos: token.pos })
    }

    /// A pipe up to (and with) the token that ends it.
    fn pipe(&mut self, context: &str, end: Kind) -> Result<Pipe, Fail> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((self.tokens[self.at].pos, "max expression depth exceeded".into()));
        }
        let (variables, assign) = self.declarations(context)?;
        let mut commands = Vec::new();
        loop {
            let token = self.peek().clone();
            if token.kind == end {
                self.next();
                if commands.is_empty() {
                    return Err((token.pos, format!("missing value for {context}")));
                }
                self.depth -= 1;
                return Ok(Pipe { variables, assign, commands });
            }
            let operands = self.operands()?;
            if operands.is_empty() {
                return match token.kind {
                    Kind::Pipe | Kind::Right | Kind::CloseParen => {
                        Err((token.pos, format!("missing value for {context}")))
                    }
                    _ => unexpected(&token, context),
                };
            }
            commands.push(Command { operands });
            if self.peek().kind == Kind::Pipe {
                let pipe = self.next();
                if matches!(self.peek().kind, Kind::Right | Kind::CloseParen) {
                    return Err((pipe.pos, format!("missing value for {context}")));
                }
            } else if self.peek().kind != end {
                let token = self.next();
                return unexpected(&token, context);
            }
        }
    }

    /// `$x :=`, `$x =`, or `$i, $e :=`; nothing where the pipe begins with something else.
    fn declarations(&mut self, context: &str) -> Result<(Vec<String>, bool), Fail> {
        let start = self.at;
        let mut names = Vec::new();
        loop {
            let token = self.next();
            if token.kind != Kind::Variable {
                break;
            }
            names.push(token.text.clone());
            let after = self.next();
            match after.kind {
                Kind::Declare | Kind::Assign => {
                    let assign = after.kind == Kind::Assign;
                    if assign && !names.iter().all(|n| self.variables.contains(n)) {
                        return Err((token.pos, format!("undefined variable {}", go::quote(&token.text))));
                    }
                    if !assign {
                        self.variables.extend(names.iter().cloned());
                    }
                    return Ok((names, assign));
                }
                Kind::Comma if context == "range" && names.len() < 2 => {}
                Kind::Comma => return Err((after.pos, format!("too many declarations in {context}"))),
                _ => break,
            }
        }
        self.at = start;
        Ok((Vec::new(), false))
    }

    fn operands(&mut self) -> Result<Vec<Operand>, Fail> {
        let mut operands = Vec::new();
        while let Some(operand) = self.operand()? {
            operands.push(operand);
            match self.tokens[self.at].kind {
                Kind::Space => {}
                Kind::Right | Kind::CloseParen | Kind::Pipe => break,
                _ => {
                    let token = self.tokens[self.at].clone();
                    return unexpected(&token, "operand");
                }
            }
        }
        Ok(operands)
    }

    fn operand(&mut self) -> Result<Option<Operand>, Fail> {
        let token = self.peek().clone();
        let literal = |value: Value| OperandKind::Literal(value);
        let kind = match token.kind {
            Kind::Identifier if super::funcs::is_function(&token.text) => {
                OperandKind::Function(token.text.clone())
            }
            Kind::Identifier => {
                return Err((token.pos, format!("function {} not defined", go::quote(&token.text))));
            }
            Kind::Dot => OperandKind::Dot,
            Kind::Nil => OperandKind::Nil,
            Kind::Bool => literal((token.text == "true").into()),
            Kind::Number => literal(number(&token.text)),
            Kind::Char => literal(character(&token)?),
            Kind::String | Kind::RawString => literal(string(&token)?.into()),
            Kind::Field => OperandKind::Fields(vec![token.text[1..].into()]),
            Kind::Variable if self.variables.contains(&token.text) => {
                OperandKind::Variable(token.text.clone(), Vec::new())
            }
            Kind::Variable => {
                return Err((token.pos, format!("undefined variable {}", go::quote(&token.text))));
            }
            Kind::OpenParen => {
                self.next();
                let pipe = self.pipe("parenthesized pipeline", Kind::CloseParen)?;
                let text = format!("({})", pipe.text());
                return self.chain(Operand {
                    kind: OperandKind::Pipe(Box::new(pipe), Vec::new()),
                    pos: token.pos,
                    text,
                });
            }
            _ => return Ok(None),
        };
        self.next();
        self.chain(Operand { kind, pos: token.pos, text: token.text })
    }

    /// Fields that follow without a space.
    fn chain(&mut self, mut operand: Operand) -> Result<Option<Operand>, Fail> {
        while self.tokens[self.at].kind == Kind::Field {
            let token = self.next();
            let fields = match &mut operand.kind {
                OperandKind::Fields(fields)
                | OperandKind::Variable(_, fields)
                | OperandKind::Pipe(_, fields) => fields,
                _ => {
                    return Err((token.pos, format!("unexpected . after term {}", go::quote(&operand.text))));
                }
            };
            fields.push(token.text[1..].into());
            operand.text.push_str(&token.text);
            operand.pos = token.pos;
        }
        Ok(Some(operand))
    }
}

fn number(text: &str) -> Value {
    match flags::parse_int(&text.replace('_', "")) {
        Ok(n) => Value::Int(n),
        Err(_) => Value::Float(text.parse().unwrap_or_default()),
    }
}

fn string(token: &Token) -> Result<String, Fail> {
    let inner = &token.text[1..token.text.len() - 1];
    if token.kind == Kind::RawString {
        return Ok(inner.into());
    }
    unquote(inner).ok_or_else(|| (token.pos, "invalid syntax".into()))
}

fn character(token: &Token) -> Result<Value, Fail> {
    let text = string(token)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(Value::Int(c as i64)),
        _ => Err((token.pos, format!("malformed character constant: {}", token.text))),
    }
}
