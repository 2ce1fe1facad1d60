//! The plain tree of what a lesson's text may hold. There is no HTML in it and no link but those of [`Link`]: whoever draws
//! the tree cannot be made to run something.

use crate::Link;

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading of level 1 to 6.
    Heading(u8, Vec<Inline>),
    /// A list; ordered ones begin with a number.
    List(Option<u64>, Vec<Item>),
    /// Code.
    Code(Code),
    /// A quotation, or a box with a remark.
    Quote(Option<NoteKind>, Vec<Block>),
    /// A table: its head, then its rows; a cell is a list of inlines.
    Table(Vec<Vec<Inline>>, Vec<Vec<Vec<Inline>>>),
    /// A line across.
    Rule,
}

/// A fenced block.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// The first word after the fence: `sh` for commands that can be run.
    pub language: String,
    /// The words after it: `terminal=2` for commands that belong into another terminal.
    pub options: Vec<String>,
    /// The text, with the last line's end.
    pub text: String,
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Whether it begins with `[ ]`.
    pub task: bool,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// The kind of a box, as GitHub has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // their names say it
pub enum NoteKind {
    Note,
    Tip,
    Important,
    Warning,
    Caution,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Code within a line.
    Code(String),
    /// Emphasised.
    Emphasis(Vec<Inline>),
    /// Strong.
    Strong(Vec<Inline>),
    /// A link.
    Link(Link, Vec<Inline>),
    /// The line ends here.
    Break,
}

/// The text of inlines without any marks.
pub fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link(_, inner) => {
                out.push_str(&plain(inner));
            }
            Inline::Break => out.push(' '),
        }
    }
    out
}
