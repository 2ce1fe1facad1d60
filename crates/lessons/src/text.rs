//! A lesson's text in one language: title, introduction, and a part for each step.

use crate::{Block, Inline, Link};
use crate::{NoteKind, Problem, markdown};

/// What a learner reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The language, as in the file's name: `en`, `zh-TW`.
    pub language: String,
    /// The lesson's title.
    pub title: Vec<Inline>,
    /// What stands before the first step.
    pub introduction: Vec<Block>,
    /// The steps' texts.
    pub steps: Vec<StepText>,
    /// Every link with its line.
    pub(crate) links: Vec<(usize, Link)>,
}

/// The text of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepText {
    /// Its heading.
    pub title: Vec<Inline>,
    /// What is to be read and run, without goals and hints.
    pub blocks: Vec<Block>,
    /// The goals' texts, in order.
    pub goals: Vec<Vec<Inline>>,
    /// The hints, to be given one at a time.
    pub hints: Vec<Vec<Block>>,
    /// The line of its heading.
    pub line: usize,
}

impl Text {
    /// Reads a text; what could not be shown is left out and named.
    pub(crate) fn read(language: &str, text: &str) -> (Text, Vec<Problem>) {
        let file = format!("{language}.md");
        let markdown::Read { blocks, links, mut problems } = markdown::read(&file, text);
        let mut result = Text { language: language.into(), links, ..Text::default() };
        for (line, block) in blocks {
            let mut problem = |what: &str, fix: &str| problems.push(Problem::new(&file, what, fix).at(line));
            match block {
                Block::Heading(1, title) if result.title.is_empty() => result.title = title,
                Block::Heading(1, _) => problem("a second title", "steps begin with `## `"),
                Block::Heading(2, title) => {
                    result.steps.push(StepText { title, line, ..StepText::default() });
                }
                block => match result.steps.last_mut() {
                    Some(step) => step.take(block, &mut problem),
                    None => result.introduction.push(block),
                },
            }
        }
        if result.title.is_empty() {
            problems.push(Problem::new(&file, "no title", "begin with a line `# Title`").at(1));
        }
        (result, problems)
    }
}

impl Text {
    /// Every link with its line.
    pub fn all_links(&self) -> &[(usize, Link)] {
        &self.links
    }

    /// The links of a step, of its hints and its goals, each with its line. The first step has the introduction's too.
    pub fn links(&self, step: usize) -> impl Iterator<Item = &(usize, Link)> {
        let line = |step: usize| self.steps.get(step).map_or(usize::MAX, |s| s.line);
        let (from, to) = (if step == 0 { 0 } else { line(step) }, line(step + 1));
        self.links.iter().filter(move |(line, _)| (from..to).contains(line))
    }
}

impl StepText {
    fn take(&mut self, block: Block, problem: &mut dyn FnMut(&str, &str)) {
        match block {
            Block::Quote(Some(NoteKind::Tip), hint) => self.hints.push(hint),
            Block::List(_, items) if items.iter().any(|item| item.task) => {
                if !items.iter().all(|item| item.task) {
                    problem("a list with goals and other items", "put `[ ]` before each of them, or none");
                }
                for item in items {
                    match item.blocks.into_iter().next() {
                        Some(Block::Paragraph(text)) => self.goals.push(text),
                        _ => problem("a goal without a text", "write `- [ ] ` and one sentence"),
                    }
                }
            }
            block => self.blocks.push(block),
        }
    }
}
