//! awk's language as a tree.

use crate::regex::Regex;

/// A rule: when, and what.
#[derive(Debug)]
pub(super) struct Rule {
    pub when: When,
    /// `None`: print the line.
    pub body: Option<Vec<Statement>>,
}

#[derive(Debug)]
pub(super) enum When {
    Begin,
    End,
    Always,
    Pattern(Expression),
    Range(Expression, Expression),
}

#[derive(Debug)]
pub(super) enum Statement {
    Expression(Expression),
    Print(Vec<Expression>, Output),
    Printf(Vec<Expression>, Output),
    If(Expression, Box<Statement>, Option<Box<Statement>>),
    While(Expression, Box<Statement>),
    Do(Box<Statement>, Expression),
    For(Option<Box<Statement>>, Option<Expression>, Option<Box<Statement>>, Box<Statement>),
    ForIn(String, String, Box<Statement>),
    Block(Vec<Statement>),
    Next,
    Exit(Option<Expression>),
    Break,
    Continue,
    Return(Option<Expression>),
    Delete(String, Option<Vec<Expression>>),
}

/// Where `print` goes.
#[derive(Debug)]
pub(super) enum Output {
    Stdout,
    File(Expression),
    Append(Expression),
}

/// A function of the program's own.
#[derive(Debug)]
pub(super) struct Function {
    pub parameters: Vec<String>,
    pub body: Vec<Statement>,
}

#[derive(Debug)]
pub(super) enum Expression {
    Number(f64),
    Text(String),
    Regex(Regex),
    Variable(String),
    Field(Box<Expression>),
    Element(String, Vec<Expression>),
    In(Vec<Expression>, String),
    /// The place, the operator (`=` or that before it), the value.
    Assign(Box<Expression>, String, Box<Expression>),
    Unary(char, Box<Expression>),
    Binary(String, Box<Expression>, Box<Expression>),
    /// Whether it matches, the text, the pattern.
    Match(bool, Box<Expression>, Box<Expression>),
    Ternary(Box<Expression>, Box<Expression>, Box<Expression>),
    /// The place, by how much, and whether the new value counts.
    Step(Box<Expression>, f64, bool),
    Call(String, Vec<Expression>),
}
