//! The shell language as a tree. Shared, immutable: a fork of the shell copies pointers.

use std::sync::Arc;

/// Commands one after another.
#[derive(Debug, Default)]
pub struct List(pub Vec<Item>);

/// One element of a list: `a && b || c`, with `;` or `&` after it.
#[derive(Debug)]
pub struct Item {
    pub first: Pipeline,
    pub rest: Vec<(Join, Pipeline)>,
    pub background: bool,
    /// As it was written, for `jobs`.
    pub text: String,
}

/// What stands between pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    And,
    Or,
}

/// `[time] [!] a | b | c`
#[derive(Debug)]
pub struct Pipeline {
    pub negate: bool,
    pub time: bool,
    pub commands: Vec<Arc<Node>>,
}

/// A command with its redirections.
#[derive(Debug)]
pub struct Node {
    pub kind: Kind,
    pub redirects: Vec<Redirect>,
    pub line: u32,
}

/// The kinds of commands.
#[derive(Debug)]
pub enum Kind {
    Simple { assigns: Vec<Assign>, words: Vec<Word> },
    Group(Arc<List>),
    Subshell(Arc<List>),
    If { arms: Vec<(Arc<List>, Arc<List>)>, otherwise: Option<Arc<List>> },
    Loop { until: bool, condition: Arc<List>, body: Arc<List> },
    For { name: String, words: Option<Vec<Word>>, body: Arc<List> },
    ForArithmetic { start: Word, condition: Word, next: Word, body: Arc<List> },
    Case { word: Word, arms: Vec<Arm> },
    Function { name: String, body: Arc<Node> },
    Test(Condition),
    Arithmetic(Word),
}

/// An arm of `case`.
#[derive(Debug)]
pub struct Arm {
    pub patterns: Vec<Word>,
    pub body: Arc<List>,
    pub end: ArmEnd,
}

/// `;;`, `;&`, `;;&`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArmEnd {
    Stop,
    Through,
    Next,
}

/// What stands in `[[ ]]`.
#[derive(Debug)]
pub enum Condition {
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Unary(String, Word),
    Binary(Word, String, Word),
    Word(Word),
}

/// `name=value`, `name+=value`, `name[i]=value`, `name=(a b c)`
#[derive(Debug)]
pub struct Assign {
    pub name: String,
    pub index: Option<Word>,
    pub append: bool,
    pub value: Value,
}

/// What is assigned.
#[derive(Debug)]
pub enum Value {
    Text(Word),
    /// Elements, some with a key of their own.
    Array(Vec<(Option<Word>, Word)>),
}

/// `2> file` and its kin.
#[derive(Clone, Debug)]
pub struct Redirect {
    pub descriptor: u32,
    pub kind: RedirectKind,
    pub target: Word,
    /// Both standard output and standard error: `&>`.
    pub both: bool,
}

/// The kinds of redirections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    Read,
    Write,
    /// `>|`
    Clobber,
    Append,
    ReadWrite,
    /// `<&`, `>&`
    Duplicate,
    /// A here-document or here-string: the target is its text.
    Text,
}

/// A word: parts that are joined.
pub type Word = Vec<Part>;

/// A part of a word.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text without quotes: patterns and `~` count.
    Plain(String),
    /// Text in quotes.
    Quoted(String),
    Parameter(Arc<Parameter>, bool),
    /// `$( )`; whether it is in quotes.
    Command(Arc<List>, bool),
    /// `<( )`: the path of a file with the output.
    Output(Arc<List>),
    /// `$(( ))`; whether it is in quotes.
    Arithmetic(Word, bool),
}

/// `$name`, `${name...}`
#[derive(Debug)]
pub struct Parameter {
    pub name: String,
    /// `[i]`, `[@]`, `[*]`
    pub index: Option<Word>,
    /// `${#name}`
    pub length: bool,
    /// `${!name}`
    pub indirect: bool,
    pub change: Change,
}

/// What `${name...}` does with the value.
#[derive(Debug)]
pub enum Change {
    None,
    /// `-`, `=`, `?`, `+`; with `:` empty counts as not set.
    Default {
        operator: char,
        colon: bool,
        word: Word,
    },
    /// `#`, `##`, `%`, `%%`
    Trim {
        prefix: bool,
        longest: bool,
        pattern: Word,
    },
    /// `/`, `//`, `/#`, `/%`
    Replace {
        mode: char,
        pattern: Word,
        with: Word,
    },
    /// `:offset:length`
    Slice {
        offset: Word,
        length: Option<Word>,
    },
    /// `^`, `^^`, `,`, `,,`
    Case {
        upper: bool,
        all: bool,
    },
    /// `${!name@}` and `${name@Q}`: only `Q`.
    Quote,
    /// It cannot be: as it was written.
    Bad(String),
}
