//! Markdown to the plain tree of what a lesson may hold. What is left out is named.

use crate::block::{Block, Code, Inline, Item, NoteKind};
use crate::{Link, Problem};
use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, LinkType, OffsetIter, Options, Parser, Tag, TagEnd,
};
use std::ops::Range;

/// How deep lists, quotes and marks may be nested.
const MAX_DEPTH: usize = 12;

/// The most that is named of what was left out of one text.
const MAX_PROBLEMS: usize = 50;

/// What was read of a text.
pub(crate) struct Read {
    /// Its blocks, each with the line where it begins.
    pub(crate) blocks: Vec<(usize, Block)>,
    /// Its links, each with its line, in order.
    pub(crate) links: Vec<(usize, Link)>,
    /// What was left out.
    pub(crate) problems: Vec<Problem>,
}

/// Reads a text.
pub(crate) fn read(file: &str, text: &str) -> Read {
    let options = Options::ENABLE_TASKLISTS | Options::ENABLE_TABLES | Options::ENABLE_GFM;
    let events = Parser::new_ext(text, options).into_offset_iter();
    let mut reader =
        Reader { events, file, text, problems: Vec::new(), links: Vec::new(), next: Vec::new(), depth: 0 };
    let blocks = reader.blocks();
    Read { blocks, links: reader.links, problems: reader.problems }
}

struct Reader<'a> {
    events: OffsetIter<'a>,
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
    links: Vec<(usize, Link)>,
    /// Events that were looked at and put back, the next one last.
    next: Vec<(Event<'a>, Range<usize>)>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn event(&mut self) -> Option<(Event<'a>, Range<usize>)> {
        self.next.pop().or_else(|| self.events.next())
    }

    fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    fn left_out(&mut self, at: usize, what: impl Into<String>, fix: &str) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let problem = Problem::new(self.file, what, fix).at(self.line(at));
        self.problems.push(problem);
    }

    /// Everything up to the end of what encloses it.
    fn blocks(&mut self) -> Vec<(usize, Block)> {
        let mut blocks = Vec::new();
        while let Some((event, range)) = self.event() {
            let line = self.line(range.start);
            match event {
                Event::End(_) => break,
                Event::Rule => blocks.push((line, Block::Rule)),
                // None of the options that bring these is on.
                Event::Html(_)
                | Event::FootnoteReference(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_) => {}
                Event::Start(tag) if is_block(&tag) => {
                    if let Some(block) = self.block(tag, range) {
                        blocks.push((line, block));
                    }
                }
                inline => {
                    // The text of a list's item without a paragraph around it.
                    self.next.push((inline, range));
                    let inlines = self.inlines();
                    if !inlines.is_empty() {
                        blocks.push((line, Block::Paragraph(inlines)));
                    }
                }
            }
        }
        blocks
    }

    fn inner(&mut self, at: usize) -> Vec<Block> {
        if !self.deeper(at) {
            return Vec::new();
        }
        let blocks = self.blocks().into_iter().map(|(_, block)| block).collect();
        self.depth -= 1;
        blocks
    }

    /// Goes one level deeper; where it is too deep already, passes over all that is there.
    fn deeper(&mut self, at: usize) -> bool {
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            return true;
        }
        self.left_out(at, "this is nested too deeply", "make the text flatter");
        let mut open = 1usize;
        while open > 0
            && let Some((event, _)) = self.event()
        {
            match event {
                Event::Start(_) => open += 1,
                Event::End(_) => open -= 1,
                _ => {}
            }
        }
        false
    }

    /// What stands between marks within a line.
    fn nested(&mut self, at: usize) -> Vec<Inline> {
        if !self.deeper(at) {
            return Vec::new();
        }
        let inlines = self.up_to_end();
        self.depth -= 1;
        inlines
    }

    fn block(&mut self, tag: Tag<'a>, range: Range<usize>) -> Option<Block> {
        Some(match tag {
            Tag::Paragraph => Block::Paragraph(self.up_to_end()),
            Tag::Heading { level, .. } => Block::Heading(number(level), self.up_to_end()),
            Tag::BlockQuote(kind) => Block::Quote(kind.map(note), self.inner(range.start)),
            Tag::CodeBlock(kind) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                if matches!(kind, CodeBlockKind::Fenced(_)) && !is_closed(&self.text[range.clone()]) {
                    let fix = "end it with a line like the one that begins it";
                    self.left_out(range.start, "a code block that is not closed", fix);
                }
                let mut words = info.split_whitespace().map(String::from);
                let language = words.next().unwrap_or_default();
                let options: Vec<String> = words.collect();
                for option in options.iter().filter(|option| !is_option(option)) {
                    let what = format!("no code block has the option {option:?}");
                    self.left_out(range.start, what, "write `terminal=2` or `fails`, or leave it out");
                }
                Block::Code(Code { language, options, text: self.raw() })
            }
            Tag::List(start) => Block::List(start, self.items()),
            Tag::Table(_) => self.table(),
            Tag::HtmlBlock => {
                let html = self.raw();
                self.html(&html, range.start);
                return None;
            }
            _ => {
                self.left_out(
                    range.start,
                    "this kind of Markdown is not shown",
                    "write it in plain paragraphs",
                );
                self.inner(range.start);
                return None;
            }
        })
    }

    /// Text up to the end, as it is.
    fn raw(&mut self) -> String {
        let mut text = String::new();
        while let Some((event, _)) = self.event() {
            match event {
                Event::End(_) => break,
                Event::Text(part) | Event::Html(part) | Event::InlineHtml(part) => text.push_str(&part),
                _ => {}
            }
        }
        text
    }

    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some((event, range)) = self.event() {
            match event {
                Event::End(_) => break,
                Event::Start(Tag::Item) => {
                    let task = self.is_task();
                    items.push(Item { task, blocks: self.inner(range.start) });
                }
                _ => {}
            }
        }
        items
    }

    /// Whether an item begins with `[ ]`, in a paragraph of its own or not.
    fn is_task(&mut self) -> bool {
        let mut seen = Vec::new();
        let mut next = self.event();
        if let Some((Event::Start(Tag::Paragraph), _)) = next {
            seen.extend(next);
            next = self.event();
        }
        let task = matches!(next, Some((Event::TaskListMarker(_), _)));
        if !task {
            seen.extend(next);
        }
        self.next.extend(seen.into_iter().rev());
        task
    }

    fn table(&mut self) -> Block {
        let (mut head, mut rows, mut row) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((event, _)) = self.event() {
            match event {
                Event::Start(Tag::TableCell) => row.push(self.up_to_end()),
                Event::End(TagEnd::TableHead) => head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        Block::Table(head, rows)
    }

    /// Inlines with the end of what encloses them.
    fn up_to_end(&mut self) -> Vec<Inline> {
        let inlines = self.inlines();
        // What stopped it was the end.
        self.next.pop();
        inlines
    }

    /// Inlines up to an end or a block, which stays.
    fn inlines(&mut self) -> Vec<Inline> {
        let mut inlines: Vec<Inline> = Vec::new();
        while let Some((event, range)) = self.event() {
            match event {
                Event::Text(text) => match inlines.last_mut() {
                    Some(Inline::Text(last)) => last.push_str(&text),
                    _ => inlines.push(Inline::Text(text.to_string())),
                },
                Event::TaskListMarker(_) => {}
                Event::SoftBreak => match inlines.last_mut() {
                    Some(Inline::Text(last)) => last.push('\n'),
                    _ => inlines.push(Inline::Text("\n".into())),
                },
                Event::HardBreak => inlines.push(Inline::Break),
                Event::Code(code) => inlines.push(Inline::Code(code.to_string())),
                Event::InlineHtml(html) => self.html(&html, range.start),
                Event::Start(Tag::Emphasis) => inlines.push(Inline::Emphasis(self.nested(range.start))),
                Event::Start(Tag::Strong) => inlines.push(Inline::Strong(self.nested(range.start))),
                Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                    let target = match link_type {
                        LinkType::Email => format!("mailto:{dest_url}"),
                        _ => dest_url.to_string(),
                    };
                    let content = self.nested(range.start);
                    match Link::parse(&target) {
                        Ok(link) => {
                            self.links.push((self.line(range.start), link.clone()));
                            inlines.push(Inline::Link(link, content));
                        }
                        Err(why) => {
                            let fix =
                                "links go to http(s):, mailto:, look:KIND/NAME, view:NAME and file:NAME";
                            self.left_out(range.start, why, fix);
                            inlines.extend(content);
                        }
                    }
                }
                Event::Start(Tag::Image { .. }) => {
                    self.left_out(
                        range.start,
                        "images are not shown",
                        "say it in words, or link to the image",
                    );
                    inlines.extend(self.nested(range.start));
                }
                stop => {
                    self.next.push((stop, range));
                    break;
                }
            }
        }
        joined(inlines)
    }

    /// Raw HTML is never shown; a comment is nothing to complain about.
    fn html(&mut self, html: &str, at: usize) {
        let html = html.trim();
        let comment = html.starts_with("<!--") && html.ends_with("-->") && html.matches("-->").count() == 1;
        if !comment && !html.is_empty() {
            let begin: String = html.chars().take(20).collect();
            self.left_out(at, format!("raw HTML `{begin}` is not shown"), "write it in Markdown");
        }
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}

/// Whether a fenced block ends with a fence as long as that which it begins with.
fn is_closed(block: &str) -> bool {
    let fence = block.trim_start().chars().next().unwrap_or_default();
    let length = |line: &str| line.chars().take_while(|c| *c == fence).count();
    let first = length(block.trim_start());
    let last = block.trim_end().lines().skip(1).last().unwrap_or_default();
    // In a quotation, each line begins with its marks.
    let last = last.trim_start_matches(['>', ' ', '\t']).trim_end();
    length(last) >= first && last.chars().all(|c| c == fence)
}

/// Whether something is done with the word behind a block's language.
fn is_option(word: &str) -> bool {
    word == "fails" || word.strip_prefix("terminal=").is_some_and(|n| matches!(n.parse(), Ok(1..=8u8)))
}

fn number(level: HeadingLevel) -> u8 {
    level as u8
}

fn note(kind: BlockQuoteKind) -> NoteKind {
    match kind {
        BlockQuoteKind::Note => NoteKind::Note,
        BlockQuoteKind::Tip => NoteKind::Tip,
        BlockQuoteKind::Important => NoteKind::Important,
        BlockQuoteKind::Warning => NoteKind::Warning,
        BlockQuoteKind::Caution => NoteKind::Caution,
    }
}

/// Texts side by side are one.
fn joined(inlines: Vec<Inline>) -> Vec<Inline> {
    let mut joined: Vec<Inline> = Vec::new();
    for inline in inlines {
        match (joined.last_mut(), inline) {
            (Some(Inline::Text(last)), Inline::Text(text)) => last.push_str(&text),
            (_, inline) => joined.push(inline),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain;

    fn shown(text: &str) -> (Vec<Block>, Vec<String>) {
        let Read { blocks, problems, .. } = read("en.md", text);
        (blocks.into_iter().map(|(_, b)| b).collect(), problems.iter().map(Problem::to_string).collect())
    }

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    #[test]
    fn what_lessons_hold_becomes_a_tree() {
        let (blocks, problems) = shown(
            "A **b** `c` [d](look:svc/web).\n\n- [ ] one `x`\n\n- [ ] two\n\n```sh terminal=2\nls\n```\n\n> [!TIP]\n> Look.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        );
        assert_eq!(problems, Vec::<String>::new());
        let Link::Look(look) = Link::parse("look:svc/web").unwrap() else { panic!("a look link") };
        assert_eq!(look.kind, "Service");
        let link = Inline::Link(Link::Look(look), vec![text("d")]);
        assert_eq!(
            blocks[0],
            Block::Paragraph(vec![
                text("A "),
                Inline::Strong(vec![text("b")]),
                text(" "),
                Inline::Code("c".into()),
                text(" "),
                link,
                text(".")
            ])
        );
        let Block::List(None, items) = &blocks[1] else { panic!("a list, not {:?}", blocks[1]) };
        assert!(items.len() == 2 && items.iter().all(|i| i.task));
        assert_eq!(items[1].blocks, [Block::Paragraph(vec![text("two")])]);
        assert_eq!(
            blocks[2],
            Block::Code(Code {
                language: "sh".into(),
                options: vec!["terminal=2".into()],
                text: "ls\n".into()
            })
        );
        assert_eq!(blocks[3], Block::Quote(Some(NoteKind::Tip), vec![Block::Paragraph(vec![text("Look.")])]));
        let cell = |t: &str| vec![text(t)];
        assert_eq!(blocks[4], Block::Table(vec![cell("a"), cell("b")], vec![vec![cell("1"), cell("2")]]));
    }

    #[test]
    fn nothing_that_could_run_comes_through() {
        let bad = "x <b onclick=y>z</b>\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](data:text/html,x) [c](../x) ![d](http://e/f.png)\n\n<!-- a remark -->\n";
        let (blocks, problems) = shown(bad);
        let shown: Vec<String> = blocks
            .iter()
            .map(|block| match block {
                Block::Paragraph(parts) if parts.iter().all(|p| matches!(p, Inline::Text(_))) => plain(parts),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(shown, ["x z", "a b c d"]);
        assert_eq!(problems.len(), 7, "{problems:#?}");
        assert!(problems[2].starts_with("en.md:3: raw HTML `<script>alert(1)</sc` is not shown"));
        assert!(problems[3].starts_with("en.md:5: links to javascript: are not allowed; links go to"));
    }

    #[test]
    fn code_blocks_that_are_not_as_meant_are_named() {
        let well = "```sh fails\na\n```\n\n- x\n\n  ~~~~ yaml terminal=2\n  ```\n  ~~~~\n\n> ````\n> ```\n> ````\n\n    indented\n\n```sh\n```\n";
        assert_eq!(shown(well).1, [""; 0]);
        let problems = shown("- x\n\n  ```sh\n  a\n\n```sh fial terminal=two\n```\n\n````\n```\n").1;
        assert_eq!(
            problems,
            [
                "en.md:3: a code block that is not closed; end it with a line like the one that begins it",
                "en.md:6: no code block has the option \"fial\"; write `terminal=2` or `fails`, or leave it out",
                "en.md:6: no code block has the option \"terminal=two\"; write `terminal=2` or `fails`, or leave it out",
                "en.md:9: a code block that is not closed; end it with a line like the one that begins it",
            ]
        );
    }

    #[test]
    fn a_text_made_to_do_harm_does_none() {
        let many = 10_000;
        let texts = [
            ">".repeat(many) + "a",
            "- ".repeat(many) + "a",
            "*a **b ".repeat(many),
            "[".repeat(many) + &"](x)".repeat(many),
            "`".repeat(many) + "a",
            (0..200).map(|n| format!("{}- a\n", "  ".repeat(n))).collect(),
            "<a ".repeat(many),
            "|".repeat(many) + "\n|-|\n",
        ];
        for text in texts {
            let read = read("en.md", &text);
            assert!(read.problems.len() <= MAX_PROBLEMS);
        }
    }
}
