//! A lesson's text as JSON, so that a page needs no Markdown reader: `kubarium lesson bundle` writes it, a page reads it.
//!
//! An inline is a text, or a list that begins with a letter: `["c", code]`, `["e", [...]]` emphasis, `["s", [...]]` strong,
//! `["l", target, [...]]` link, `["b"]` line break. A block is a list too: `["p", inlines]`, `["h", level, inlines]`,
//! `["u" or "o", first, items]`, `["c", language, options, text]`, `["q", kind, blocks]`, `["t", head, rows]`, `["r"]`.
//! Links are read as strictly as in Markdown; what is not known is left out.

use crate::block::{Code, NoteKind};
use crate::{Block, Inline, Item, Link, StepText, Text};
use apimachinery::{Value, json};

const KINDS: [(&str, NoteKind); 5] = [
    ("note", NoteKind::Note),
    ("tip", NoteKind::Tip),
    ("important", NoteKind::Important),
    ("warning", NoteKind::Warning),
    ("caution", NoteKind::Caution),
];

impl Text {
    /// The text as a value.
    pub fn to_value(&self) -> Value {
        let steps = self.steps.iter().map(|step| {
            json!({
                "title": inlines(&step.title),
                "blocks": blocks(&step.blocks),
                "goals": Value::array(step.goals.iter().map(|goal| inlines(goal))),
                "hints": Value::array(step.hints.iter().map(|hint| blocks(hint))),
            })
        });
        json!({
            "language": &self.language,
            "title": inlines(&self.title),
            "introduction": blocks(&self.introduction),
            "steps": Value::array(steps),
        })
    }

    /// The text of a value. It knows no lines, and [`Text::links`] finds none.
    pub fn from_value(value: &Value) -> Text {
        let steps = value["steps"].items().iter().map(|step| StepText {
            title: to_inlines(&step["title"]),
            blocks: to_blocks(&step["blocks"]),
            goals: step["goals"].items().iter().map(to_inlines).collect(),
            hints: step["hints"].items().iter().map(to_blocks).collect(),
            line: 0,
        });
        Text {
            language: value["language"].str().into(),
            title: to_inlines(&value["title"]),
            introduction: to_blocks(&value["introduction"]),
            steps: steps.collect(),
            ..Text::default()
        }
    }
}

fn blocks(blocks: &[Block]) -> Value {
    Value::array(blocks.iter().map(block))
}

fn block(block: &Block) -> Value {
    match block {
        Block::Paragraph(text) => json!(["p", inlines(text)]),
        Block::Heading(level, text) => json!(["h", i64::from(*level), inlines(text)]),
        Block::List(first, items) => {
            let items = Value::array(items.iter().map(|item| blocks(&item.blocks)));
            json!([if first.is_some() { "o" } else { "u" }, first.unwrap_or_default(), items])
        }
        Block::Code(code) => json!(["c", &code.language, code.options.clone(), &code.text]),
        Block::Quote(kind, inner) => {
            let name = KINDS.iter().find(|(_, k)| Some(*k) == *kind).map_or("", |(name, _)| name);
            json!(["q", name, blocks(inner)])
        }
        Block::Table(head, rows) => {
            let row = |cells: &Vec<Vec<Inline>>| Value::array(cells.iter().map(|cell| inlines(cell)));
            json!(["t", row(head), Value::array(rows.iter().map(row))])
        }
        Block::Rule => json!(["r"]),
    }
}

fn inlines(parts: &[Inline]) -> Value {
    Value::array(parts.iter().map(|part| match part {
        Inline::Text(text) => text.into(),
        Inline::Code(code) => json!(["c", code]),
        Inline::Emphasis(inner) => json!(["e", inlines(inner)]),
        Inline::Strong(inner) => json!(["s", inlines(inner)]),
        Inline::Link(link, inner) => json!(["l", link.to_string(), inlines(inner)]),
        Inline::Break => json!(["b"]),
    }))
}

fn to_blocks(value: &Value) -> Vec<Block> {
    value.items().iter().filter_map(to_block).collect()
}

fn to_block(value: &Value) -> Option<Block> {
    let number = |value: &Value| u64::try_from(value.int()).unwrap_or_default();
    Some(match value[0].str() {
        "p" => Block::Paragraph(to_inlines(&value[1])),
        "h" => Block::Heading(number(&value[1]).clamp(1, 6) as u8, to_inlines(&value[2])),
        list @ ("o" | "u") => {
            let items = value[2].items().iter().map(|item| Item { task: false, blocks: to_blocks(item) });
            Block::List((list == "o").then(|| number(&value[1])), items.collect())
        }
        "c" => Block::Code(Code {
            language: value[1].str().into(),
            options: value[2].items().iter().map(|o| o.str().to_string()).collect(),
            text: value[3].str().into(),
        }),
        "q" => {
            let kind = KINDS.iter().find(|(name, _)| value[1] == **name).map(|(_, kind)| *kind);
            Block::Quote(kind, to_blocks(&value[2]))
        }
        "t" => {
            let row = |cells: &Value| cells.items().iter().map(to_inlines).collect::<Vec<_>>();
            Block::Table(row(&value[1]), value[2].items().iter().map(row).collect())
        }
        "r" => Block::Rule,
        _ => return None,
    })
}

fn to_inlines(value: &Value) -> Vec<Inline> {
    let mut parts = Vec::new();
    for part in value.items() {
        match (part.as_str(), part[0].str()) {
            (Some(text), _) => parts.push(Inline::Text(text.into())),
            (_, "c") => parts.push(Inline::Code(part[1].str().into())),
            (_, "e") => parts.push(Inline::Emphasis(to_inlines(&part[1]))),
            (_, "s") => parts.push(Inline::Strong(to_inlines(&part[1]))),
            (_, "b") => parts.push(Inline::Break),
            (_, "l") => match Link::parse(part[1].str()) {
                Ok(link) => parts.push(Inline::Link(link, to_inlines(&part[2]))),
                Err(_) => parts.extend(to_inlines(&part[2])),
            },
            _ => {}
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_goes_out_and_comes_back() {
        let markdown = "# A `b`\n\nx **y** *z*\\\nw [l](look:svc/web) [m](https://e/).\n\n## S\n\n1. a\n   - b\n2. c\n\n```sh terminal=2\nls\n```\n\n> [!NOTE]\n> n\n\n> q\n\n| a |\n|---|\n| `b` |\n\n---\n\n### h\n\n- [ ] goal\n\n> [!TIP]\n> hint\n";
        let (text, problems) = Text::read("en", markdown);
        assert_eq!(problems, []);
        let value = text.to_value();
        let back = Text::from_value(&Value::from_json(&value.to_json()).unwrap());
        assert_eq!(back.to_value(), value);
        assert_eq!(back.steps[0].blocks, text.steps[0].blocks);
        assert_eq!(back.introduction, text.introduction);
        let bad = json!([["l", "javascript:alert(1)", ["x"]], ["html", "<b>"], "y"]);
        assert_eq!(to_inlines(&bad), [Inline::Text("x".into()), Inline::Text("y".into())]);
    }
}
