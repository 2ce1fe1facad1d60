//! A lesson's text for a terminal: plain lines, indented code, marks kept where they help.

use crate::block::plain;
use crate::{Block, Inline, Item, NoteKind, StepText};

/// Blocks as lines of text, with an empty line between blocks.
pub fn blocks(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks.iter().map(block).collect();
    parts.join("\n")
}

/// A step: its heading, its text and its goals; `reached` says which of them are.
pub fn step(step: &StepText, reached: &dyn Fn(usize) -> bool) -> String {
    let mut out = format!("## {}\n\n{}", inlines(&step.title), blocks(&step.blocks));
    if !step.goals.is_empty() {
        out.push('\n');
    }
    for (index, goal) in step.goals.iter().enumerate() {
        out.push_str(&format!("[{}] {}\n", if reached(index) { 'x' } else { ' ' }, inlines(goal)));
    }
    out
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => inlines(text) + "\n",
        Block::Heading(level, text) => format!("{} {}\n", "#".repeat((*level).into()), inlines(text)),
        Block::List(start, items) => list(*start, items),
        Block::Code(code) => indent(&code.text, "    ", "    "),
        Block::Quote(kind, inner) => {
            let name = match kind {
                Some(NoteKind::Important | NoteKind::Warning | NoteKind::Caution) => "! ",
                _ => "> ",
            };
            indent(&blocks(inner), name, name)
        }
        Block::Table(head, rows) => {
            let row = |cells: &Vec<Vec<Inline>>| {
                cells.iter().map(|c| inlines(c)).collect::<Vec<_>>().join(" | ") + "\n"
            };
            row(head) + &rows.iter().map(row).collect::<String>()
        }
        Block::Rule => "----\n".into(),
    }
}

fn list(start: Option<u64>, items: &[Item]) -> String {
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        let mark = match start {
            Some(first) => format!("{}. ", first.saturating_add(index as u64)),
            None if item.task => "[ ] ".into(),
            None => "- ".into(),
        };
        out.push_str(&indent(&blocks(&item.blocks), &mark, &" ".repeat(mark.len())));
    }
    out
}

/// Lines with something before the first and before the others; empty lines stay empty.
fn indent(text: &str, first: &str, others: &str) -> String {
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        let before = if index == 0 { first } else { others };
        out.push_str(if line.is_empty() { before.trim_end() } else { before });
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// A line; code stands between backticks.
pub fn inlines(parts: &[Inline]) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Inline::Code(code) => out.push_str(&format!("`{code}`")),
            Inline::Break => out.push('\n'),
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link(_, inner) => {
                out.push_str(&inlines(inner));
            }
            text => out.push_str(&plain(std::slice::from_ref(text))),
        }
    }
    out
}
