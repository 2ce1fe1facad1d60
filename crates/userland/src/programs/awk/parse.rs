//! Reads awk's language.

use super::ast::*;
use crate::regex::Regex;
use crate::shell::escape::unescape;
use sim::collections::BTreeMap;

/// How deep statements and expressions may be nested.
const MAX_DEPTH: usize = 80;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// A name with `(` right after it.
    Call(String),
    Symbol(&'static str),
    Newline,
    End,
}

const SYMBOLS: [&str; 41] = [
    "&&", "||", "**=", "**", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "==", "<=", ">=", "!=", ">>",
    "!~", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":",
    "~", "$", "=",
];

const KEYWORDS: [&str; 17] = [
    "BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next",
    "exit", "return", "delete", "in", "getline",
];

/// A program.
pub(super) struct Source {
    pub rules: Vec<Rule>,
    pub functions: BTreeMap<String, Function>,
}

/// Reads a program. The error says near what.
pub(super) fn parse(text: &str) -> Result<Source, String> {
    let mut parser = Parser {
        chars: text.chars().collect(),
        at: 0,
        token: Token::Newline,
        depth: 0,
        no_in: false,
        no_greater: false,
    };
    parser.advance()?;
    let mut source = Source { rules: Vec::new(), functions: BTreeMap::new() };
    loop {
        parser.skip_ends()?;
        if parser.token == Token::End {
            return Ok(source);
        }
        if parser.is_name("function") || parser.is_name("func") {
            let (name, function) = parser.function()?;
            source.functions.insert(name, function);
        } else {
            source.rules.push(parser.rule()?);
        }
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    token: Token,
    depth: usize,
    /// In the head of `for`: `in` is not an operator.
    no_in: bool,
    /// In the arguments of `print`: `>` is a redirection.
    no_greater: bool,
}

type Result_<T> = Result<T, String>;

impl Parser {
    // --- Tokens.

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// Reads the next token. Whether `/` begins a pattern depends on the token before.
    fn advance(&mut self) -> Result_<Token> {
        let operand = match &self.token {
            Token::Number(_) | Token::Text(_) | Token::Regex(_) => true,
            Token::Name(name) => !KEYWORDS.contains(&name.as_str()) && name != "print" && name != "printf",
            Token::Symbol(symbol) => matches!(*symbol, ")" | "]" | "$" | "++" | "--"),
            _ => false,
        };
        let token = self.scan(!operand)?;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn scan(&mut self, pattern: bool) -> Result_<Token> {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.chars.get(self.at + 1) == Some(&'\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
        let Some(c) = self.peek() else { return Ok(Token::End) };
        if c == '\n' {
            self.at += 1;
            return Ok(Token::Newline);
        }
        if c == '"' {
            return self.string().map(Token::Text);
        }
        if c == '/' && pattern {
            return self.regex();
        }
        if c.is_ascii_digit() || c == '.' && self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit) {
            return Ok(self.number());
        }
        if c.is_ascii_alphabetic() || c == '_' {
            let name: String = self.chars[self.at..]
                .iter()
                .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
                .collect();
            self.at += name.len();
            let call = self.peek() == Some('(') && !KEYWORDS.contains(&name.as_str());
            return Ok(if call && name != "print" && name != "printf" {
                Token::Call(name)
            } else {
                Token::Name(name)
            });
        }
        let starts = |s: &&&str| s.chars().enumerate().all(|(i, c)| self.chars.get(self.at + i) == Some(&c));
        match SYMBOLS.iter().find(starts) {
            Some(symbol) => {
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
            None => Err(format!("syntax error at or near {c}")),
        }
    }

    fn string(&mut self) -> Result_<String> {
        let start = self.at + 1;
        self.at = start;
        loop {
            match self.peek() {
                None | Some('\n') => return Err("unterminated string".into()),
                Some('"') => break,
                Some('\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        let text: String = self.chars[start..self.at].iter().collect();
        self.at += 1;
        Ok(unescape(&text.replace("\\/", "/"), true).0)
    }

    fn regex(&mut self) -> Result_<Token> {
        self.at += 1;
        let (mut text, mut set) = (String::new(), false);
        loop {
            match self.peek() {
                None | Some('\n') => return Err("unterminated regexp".into()),
                Some('/') if !set => break,
                Some('\\') if self.chars.get(self.at + 1) == Some(&'/') => {
                    text.push('/');
                    self.at += 2;
                    continue;
                }
                Some('\\') => {
                    text.push('\\');
                    self.at += 1;
                    text.extend(self.peek());
                }
                Some(c) => {
                    set = c == '[' || set && c != ']';
                    text.push(c);
                }
            }
            self.at += 1;
        }
        self.at += 1;
        Ok(Token::Regex(text))
    }

    fn number(&mut self) -> Token {
        let start = self.at;
        let digits = |p: &mut Self| {
            while p.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
                p.at += 1;
            }
        };
        digits(self);
        if matches!(self.peek(), Some('e' | 'E')) {
            let mark = self.at;
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            if self.peek().is_some_and(|c| c.is_ascii_digit()) { digits(self) } else { self.at = mark }
        }
        let text: String = self.chars[start..self.at].iter().collect();
        Token::Number(text.parse().unwrap_or(0.0))
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(&self.token, Token::Symbol(s) if *s == symbol)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(&self.token, Token::Name(n) if n == name)
    }

    fn accept(&mut self, symbol: &str) -> Result_<bool> {
        let yes = self.is(symbol);
        if yes {
            self.advance()?;
        }
        Ok(yes)
    }

    fn expect(&mut self, symbol: &str) -> Result_<()> {
        if self.accept(symbol)? { Ok(()) } else { Err(self.unexpected()) }
    }

    fn accept_name(&mut self, name: &str) -> Result_<bool> {
        let yes = self.is_name(name);
        if yes {
            self.advance()?;
        }
        Ok(yes)
    }

    fn unexpected(&self) -> String {
        let near = match &self.token {
            Token::Number(n) => n.to_string(),
            Token::Text(t) | Token::Regex(t) | Token::Name(t) | Token::Call(t) => t.clone(),
            Token::Symbol(s) => s.to_string(),
            Token::Newline => "end of line".into(),
            Token::End => "end of file".into(),
        };
        format!("syntax error at or near {near}")
    }

    fn skip_newlines(&mut self) -> Result_<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn skip_ends(&mut self) -> Result_<()> {
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        Ok(())
    }

    fn deeper<T>(&mut self, with: impl FnOnce(&mut Self) -> Result_<T>) -> Result_<T> {
        if self.depth >= MAX_DEPTH {
            return Err("program is nested too deeply".into());
        }
        self.depth += 1;
        let result = with(self);
        self.depth -= 1;
        result
    }

    // --- Rules and statements.

    fn function(&mut self) -> Result_<(String, Function)> {
        self.advance()?;
        let (Token::Call(name) | Token::Name(name)) = self.advance()? else { return Err(self.unexpected()) };
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.accept(")")? {
            match self.advance()? {
                Token::Name(name) => parameters.push(name),
                _ => return Err(self.unexpected()),
            }
            self.accept(",")?;
            self.skip_newlines()?;
        }
        self.skip_newlines()?;
        Ok((name, Function { parameters, body: self.block()? }))
    }

    fn rule(&mut self) -> Result_<Rule> {
        let when = if self.accept_name("BEGIN")? {
            When::Begin
        } else if self.accept_name("END")? {
            When::End
        } else if self.is("{") {
            When::Always
        } else {
            let first = self.expression()?;
            match self.accept(",")? {
                true => {
                    self.skip_newlines()?;
                    When::Range(first, self.expression()?)
                }
                false => When::Pattern(first),
            }
        };
        let body = if self.is("{") { Some(self.block()?) } else { None };
        if body.is_none() && matches!(when, When::Begin | When::End) {
            return Err(self.unexpected());
        }
        Ok(Rule { when, body })
    }

    fn block(&mut self) -> Result_<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        loop {
            self.skip_ends()?;
            if self.accept("}")? {
                return Ok(statements);
            }
            statements.push(self.statement()?);
        }
    }

    fn statement(&mut self) -> Result_<Statement> {
        self.deeper(Self::statement_inner)
    }

    fn statement_inner(&mut self) -> Result_<Statement> {
        if self.is("{") {
            return self.block().map(Statement::Block);
        }
        if let Token::Name(name) = self.token.clone() {
            match name.as_str() {
                "if" => return self.if_statement(),
                "while" => {
                    self.advance()?;
                    let condition = self.parenthesized()?;
                    return Ok(Statement::While(condition, self.body()?));
                }
                "do" => {
                    self.advance()?;
                    let body = self.body()?;
                    self.skip_ends()?;
                    if !self.accept_name("while")? {
                        return Err(self.unexpected());
                    }
                    let condition = self.parenthesized()?;
                    self.end_statement()?;
                    return Ok(Statement::Do(body, condition));
                }
                "for" => return self.for_statement(),
                _ => {}
            }
        }
        let statement = self.simple_statement()?;
        self.end_statement()?;
        Ok(statement)
    }

    /// A statement as the body of something; it may stand on the next line.
    fn body(&mut self) -> Result_<Box<Statement>> {
        self.skip_newlines()?;
        if self.accept(";")? {
            return Ok(Box::new(Statement::Block(Vec::new())));
        }
        self.statement().map(Box::new)
    }

    fn end_statement(&mut self) -> Result_<()> {
        match self.token {
            Token::Newline => drop(self.advance()?),
            Token::End => {}
            _ if self.is(";") => drop(self.advance()?),
            _ if self.is("}") => {}
            _ => return Err(self.unexpected()),
        }
        Ok(())
    }

    fn parenthesized(&mut self) -> Result_<Expression> {
        self.expect("(")?;
        let expression = self.expression()?;
        self.expect(")")?;
        Ok(expression)
    }

    fn if_statement(&mut self) -> Result_<Statement> {
        self.advance()?;
        let condition = self.parenthesized()?;
        let yes = self.body()?;
        self.skip_ends()?;
        let no = if self.accept_name("else")? { Some(self.body()?) } else { None };
        Ok(Statement::If(condition, yes, no))
    }

    fn for_statement(&mut self) -> Result_<Statement> {
        self.advance()?;
        self.expect("(")?;
        self.no_in = true;
        let start = if self.is(";") { None } else { Some(self.simple_statement()?) };
        self.no_in = false;
        if let Some(Statement::Expression(Expression::Variable(name))) = &start
            && self.is_name("in")
        {
            let name = name.clone();
            self.advance()?;
            let Token::Name(array) = self.advance()? else { return Err(self.unexpected()) };
            self.expect(")")?;
            return Ok(Statement::ForIn(name, array, self.body()?));
        }
        self.expect(";")?;
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        let next = if self.is(")") { None } else { Some(Box::new(self.simple_statement()?)) };
        self.expect(")")?;
        Ok(Statement::For(start.map(Box::new), condition, next, self.body()?))
    }

    fn simple_statement(&mut self) -> Result_<Statement> {
        let Token::Name(name) = self.token.clone() else {
            return self.expression().map(Statement::Expression);
        };
        match name.as_str() {
            "print" | "printf" => {
                self.advance()?;
                self.print(name == "printf")
            }
            "next" => self.advance().map(|_| Statement::Next),
            "break" => self.advance().map(|_| Statement::Break),
            "continue" => self.advance().map(|_| Statement::Continue),
            "exit" | "return" => {
                self.advance()?;
                let ends = matches!(self.token, Token::Newline | Token::End) || self.is(";") || self.is("}");
                let value = if ends { None } else { Some(self.expression()?) };
                Ok(if name == "exit" { Statement::Exit(value) } else { Statement::Return(value) })
            }
            "delete" => {
                self.advance()?;
                let Token::Name(array) = self.advance()? else { return Err(self.unexpected()) };
                let index = if self.accept("[")? { Some(self.list("]")?) } else { None };
                Ok(Statement::Delete(array, index))
            }
            "getline" => Err("getline is not supported".into()),
            _ => self.expression().map(Statement::Expression),
        }
    }

    fn print(&mut self, formatted: bool) -> Result_<Statement> {
        let mut values = Vec::new();
        let ends = |p: &Self| {
            matches!(p.token, Token::Newline | Token::End)
                || [";", "}", ">", ">>", "|"].iter().any(|s| p.is(s))
        };
        self.no_greater = true;
        if !ends(self) {
            values = self.print_values()?;
        }
        self.no_greater = false;
        if self.is("|") {
            return Err("pipes are not supported: pipe the output of awk instead".into());
        }
        let output = match () {
            () if self.accept(">")? => Output::File(self.concatenation()?),
            () if self.accept(">>")? => Output::Append(self.concatenation()?),
            () => Output::Stdout,
        };
        if formatted && values.is_empty() {
            return Err("printf: no format".into());
        }
        Ok(if formatted { Statement::Printf(values, output) } else { Statement::Print(values, output) })
    }

    /// `print (a, b)` has a list in parentheses, `print (a) b` has not.
    fn print_values(&mut self) -> Result_<Vec<Expression>> {
        if self.is("(") {
            let (at, token) = (self.at, self.token.clone());
            self.advance()?;
            let greater = std::mem::replace(&mut self.no_greater, false);
            let list = self.list(")");
            self.no_greater = greater;
            let ends = matches!(self.token, Token::Newline | Token::End)
                || [";", "}", ">", ">>", "|"].iter().any(|s| self.is(s));
            if let (Ok(list), true) = (list, ends) {
                return Ok(list);
            }
            (self.at, self.token) = (at, token);
        }
        let mut values = vec![self.expression()?];
        while self.accept(",")? {
            self.skip_newlines()?;
            values.push(self.expression()?);
        }
        Ok(values)
    }

    /// Expressions up to a closing symbol, which is taken.
    fn list(&mut self, end: &str) -> Result_<Vec<Expression>> {
        let mut list = Vec::new();
        let no_in = std::mem::replace(&mut self.no_in, false);
        while !self.accept(end)? {
            list.push(self.expression()?);
            self.skip_newlines()?;
            if !self.accept(",")? && !self.is(end) {
                return Err(self.unexpected());
            }
            self.skip_newlines()?;
        }
        self.no_in = no_in;
        Ok(list)
    }

    // --- Expressions, the weakest first.

    fn expression(&mut self) -> Result_<Expression> {
        self.deeper(Self::assignment)
    }

    fn assignment(&mut self) -> Result_<Expression> {
        let left = self.ternary()?;
        for operator in ["=", "+=", "-=", "*=", "/=", "%=", "^=", "**="] {
            if self.is(operator) {
                if !matches!(left, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..)) {
                    return Err(self.unexpected());
                }
                self.advance()?;
                self.skip_newlines()?;
                let value = self.expression()?;
                let operator = if operator == "**=" { "^" } else { operator.trim_end_matches('=') };
                return Ok(Expression::Assign(Box::new(left), operator.into(), Box::new(value)));
            }
        }
        Ok(left)
    }

    fn ternary(&mut self) -> Result_<Expression> {
        let condition = self.or()?;
        if !self.accept("?")? {
            return Ok(condition);
        }
        self.skip_newlines()?;
        let yes = self.expression()?;
        self.skip_newlines()?;
        self.expect(":")?;
        self.skip_newlines()?;
        let no = self.expression()?;
        Ok(Expression::Ternary(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn binary(operator: &str, left: Expression, right: Expression) -> Expression {
        Expression::Binary(operator.into(), Box::new(left), Box::new(right))
    }

    fn or(&mut self) -> Result_<Expression> {
        let mut left = self.and()?;
        while self.accept("||")? {
            self.skip_newlines()?;
            left = Self::binary("||", left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result_<Expression> {
        let mut left = self.membership()?;
        while self.accept("&&")? {
            self.skip_newlines()?;
            left = Self::binary("&&", left, self.membership()?);
        }
        Ok(left)
    }

    fn membership(&mut self) -> Result_<Expression> {
        let mut left = self.matching()?;
        while !self.no_in && self.is_name("in") {
            self.advance()?;
            let Token::Name(array) = self.advance()? else { return Err(self.unexpected()) };
            left = Expression::In(vec![left], array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Result_<Expression> {
        let mut left = self.comparison()?;
        loop {
            let positive = match () {
                () if self.accept("~")? => true,
                () if self.accept("!~")? => false,
                () => return Ok(left),
            };
            left = Expression::Match(positive, Box::new(left), Box::new(self.comparison()?));
        }
    }

    fn comparison(&mut self) -> Result_<Expression> {
        let left = self.concatenation()?;
        for operator in ["==", "!=", "<=", ">=", "<", ">"] {
            if self.is(operator) && !(operator == ">" && self.no_greater) {
                self.advance()?;
                return Ok(Self::binary(operator, left, self.concatenation()?));
            }
        }
        Ok(left)
    }

    fn concatenation(&mut self) -> Result_<Expression> {
        let mut left = self.sum()?;
        loop {
            let starts = match &self.token {
                Token::Number(_) | Token::Text(_) | Token::Call(_) | Token::Regex(_) => true,
                Token::Name(name) => !KEYWORDS.contains(&name.as_str()),
                Token::Symbol(s) => matches!(*s, "(" | "$" | "!" | "-" | "+" | "++" | "--"),
                _ => false,
            };
            if !starts {
                return Ok(left);
            }
            left = Self::binary(" ", left, self.sum()?);
        }
    }

    fn sum(&mut self) -> Result_<Expression> {
        let mut left = self.product()?;
        loop {
            let operator = match () {
                () if self.accept("+")? => "+",
                () if self.accept("-")? => "-",
                () => return Ok(left),
            };
            left = Self::binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result_<Expression> {
        let mut left = self.unary()?;
        loop {
            let operator = match () {
                () if self.accept("*")? => "*",
                () if self.accept("/")? => "/",
                () if self.accept("%")? => "%",
                () => return Ok(left),
            };
            left = Self::binary(operator, left, self.unary()?);
        }
    }

    fn unary(&mut self) -> Result_<Expression> {
        for operator in ["!", "-", "+"] {
            if self.accept(operator)? {
                let operand = self.deeper(Self::unary)?;
                return Ok(Expression::Unary(operator.chars().next().unwrap_or('!'), Box::new(operand)));
            }
        }
        self.power()
    }

    fn power(&mut self) -> Result_<Expression> {
        let base = self.postfix()?;
        if self.accept("^")? || self.accept("**")? {
            let exponent = self.deeper(Self::unary)?;
            return Ok(Self::binary("^", base, exponent));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Result_<Expression> {
        for (operator, by) in [("++", 1.0), ("--", -1.0)] {
            if self.accept(operator)? {
                return Ok(Expression::Step(Box::new(self.primary()?), by, true));
            }
        }
        let value = self.primary()?;
        if matches!(value, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..)) {
            for (operator, by) in [("++", 1.0), ("--", -1.0)] {
                if self.accept(operator)? {
                    return Ok(Expression::Step(Box::new(value), by, false));
                }
            }
        }
        Ok(value)
    }

    fn primary(&mut self) -> Result_<Expression> {
        match self.advance()? {
            Token::Number(n) => Ok(Expression::Number(n)),
            Token::Text(t) => Ok(Expression::Text(t)),
            Token::Regex(source) => Regex::new(&source, true, false).map(Expression::Regex),
            Token::Symbol("$") => {
                let inner = self.deeper(Self::postfix_of_field)?;
                Ok(Expression::Field(Box::new(inner)))
            }
            Token::Symbol("(") => {
                let greater = std::mem::replace(&mut self.no_greater, false);
                let mut list = self.list(")")?;
                self.no_greater = greater;
                if self.is_name("in") && list.len() > 1 {
                    self.advance()?;
                    let Token::Name(array) = self.advance()? else { return Err(self.unexpected()) };
                    return Ok(Expression::In(list, array));
                }
                match (list.pop(), list.is_empty()) {
                    // In parentheses it is no place any more, and binds on its own.
                    (Some(one), true) => Ok(Expression::Ternary(
                        Box::new(Expression::Number(1.0)),
                        Box::new(one),
                        Box::new(Expression::Number(0.0)),
                    )),
                    _ => Err(self.unexpected()),
                }
            }
            Token::Call(name) => {
                self.expect("(")?;
                let greater = std::mem::replace(&mut self.no_greater, false);
                let list = self.list(")");
                self.no_greater = greater;
                list.map(|list| Expression::Call(name, list))
            }
            Token::Name(name) if name == "length" => Ok(Expression::Call(name, Vec::new())),
            Token::Name(name) if name == "getline" => Err("getline is not supported".into()),
            Token::Name(name) if !KEYWORDS.contains(&name.as_str()) => match self.accept("[")? {
                true => self.list("]").map(|index| Expression::Element(name, index)),
                false => Ok(Expression::Variable(name)),
            },
            other => {
                self.token = other;
                Err(self.unexpected())
            }
        }
    }

    /// What follows `$`: `$i++` steps the field, `$(i+1)` and `$NF` are plain.
    fn postfix_of_field(&mut self) -> Result_<Expression> {
        for (operator, by) in [("++", 1.0), ("--", -1.0)] {
            if self.accept(operator)? {
                return Ok(Expression::Step(Box::new(self.primary()?), by, true));
            }
        }
        if self.accept("-")? {
            return Ok(Expression::Unary('-', Box::new(self.primary()?)));
        }
        self.primary()
    }
}
