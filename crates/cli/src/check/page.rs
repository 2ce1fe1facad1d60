//! From Markdown to what is to be checked: the blocks of commands of a page, with what the page says that they print.
//!
//! Which block is commands, and which is whose output, is said in `docs/checking-docs.md`, under "What is run and what is
//! compared".

use super::options::Options;
use pulldown_cmark::{CodeBlockKind, Event, OffsetIter, Parser, Tag, TagEnd};
use std::ops::Range;

/// Languages of blocks that hold commands and nothing else.
const SCRIPTS: [&str; 3] = ["sh", "shell", "bash"];
/// The language of blocks that hold prompts, commands and output.
const CONSOLE: &str = "console";
/// Languages of blocks that may be the output of the block before; "" is a fence without one.
const OUTPUTS: [&str; 6] = ["", "output", "text", "none", "plaintext", CONSOLE];
/// Languages of blocks that are that only behind a sentence that speaks of output: they hold files otherwise.
const DOCUMENTS: [&str; 4] = ["yaml", "json", "ini", "properties"];
/// Words of such a sentence.
const SPEAKS: [&str; 13] = [
    "output",
    "similar to",
    "look like",
    "looks like",
    "should see",
    "will see",
    "prints",
    "printed",
    "responds",
    "shows",
    "輸出",
    "输出",
    "出力",
];
/// How a comment to us begins.
const COMMENT: &str = "<!-- kubarium:";
/// The longest command, in bytes.
const MAX_COMMAND: usize = 64 << 10;
/// The most commands of a page.
const MAX_COMMANDS: usize = 2_000;

/// A page that cannot be read: a line, counted from 1, and what is wrong there.
#[derive(Debug, PartialEq)]
pub(crate) struct Broken {
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// What is to be checked on a page, in order.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// What the front matter says for all of it.
    pub(crate) head: Options,
    pub(crate) blocks: Vec<Block>,
    /// Files of `code_sample` shortcodes, below the folder of examples.
    pub(crate) samples: Vec<String>,
}

/// A block of commands.
#[derive(Debug)]
pub(crate) struct Block {
    /// The line of its fence, counted from 1.
    pub(crate) line: usize,
    pub(crate) options: Options,
    pub(crate) steps: Vec<Step>,
    /// What the page shows as the output of the block, in a block of its own.
    pub(crate) output: Option<Shown>,
}

/// A command.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) command: String,
    /// Why it cannot be run at all.
    pub(crate) refused: Option<String>,
    /// What a console block shows as its output: maybe nothing. `None`: it shows no output of any of its commands.
    pub(crate) shown: Option<Shown>,
}

/// Output that a page shows, and where.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// The first line of it, counted from 1; where it would stand if there is none.
    pub(crate) line: usize,
    pub(crate) lines: Vec<String>,
    /// Its bytes on the page: whole lines.
    pub(crate) range: Range<usize>,
    /// What stands before each line: the indentation of a list, the `>` of a quotation.
    pub(crate) prefix: String,
    /// The fence of the block: its output must not have a line that begins like that.
    pub(crate) fence: String,
}

/// A fenced block as it stands on the page.
struct Fenced {
    line: usize,
    language: String,
    info: String,
    prefix: String,
    fence: String,
    lines: Vec<Line>,
    /// Where its closing fence's line begins.
    end: usize,
}

/// A line of it: its number, its text, and where it begins and ends on the page.
struct Line {
    number: usize,
    text: String,
    range: Range<usize>,
}

/// Reads a page.
pub(crate) fn parse(text: &str) -> Result<Page, Broken> {
    let features =
        pulldown_cmark::Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | pulldown_cmark::Options::ENABLE_TABLES;
    let mut reader = Reader {
        text,
        starts: std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect(),
        page: Page { samples: samples(text), ..Page::default() },
        said: None,
        link: Link::None,
    };
    let mut events = Parser::new_ext(text, features).into_offset_iter();
    while let Some((event, range)) = events.next() {
        reader.event(event, range, &mut events)?;
    }
    reader.unused()?;
    Ok(reader.page)
}

/// What stands between the last block of commands and here.
#[derive(Debug, PartialEq)]
enum Link {
    /// Something that parts them.
    None,
    Nothing,
    /// One paragraph: its text.
    Paragraph(String),
}

struct Reader<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
    page: Page,
    /// The last comment to us, and its line, until a block takes it.
    said: Option<(usize, Options)>,
    link: Link,
}

impl Reader<'_> {
    fn event(
        &mut self,
        event: Event<'_>,
        range: Range<usize>,
        events: &mut OffsetIter<'_>,
    ) -> Result<(), Broken> {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let block = self.fenced(&info, range, events)?;
                self.block(block)?;
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)) => {
                events.find(|(event, _)| matches!(event, Event::End(TagEnd::CodeBlock)));
                self.link = Link::None;
            }
            Event::Start(Tag::MetadataBlock(_)) => {
                events.find(|(event, _)| matches!(event, Event::End(TagEnd::MetadataBlock(_))));
                self.head(range)?;
            }
            Event::Start(Tag::HtmlBlock) => {
                events.find(|(event, _)| matches!(event, Event::End(TagEnd::HtmlBlock)));
                self.html(range)?;
            }
            Event::InlineHtml(_) => self.html(range)?,
            Event::Start(Tag::Paragraph) => {
                self.link = match self.link {
                    Link::Nothing => Link::Paragraph(String::new()),
                    _ => Link::None,
                };
            }
            Event::Start(Tag::Item | Tag::Heading { .. } | Tag::Table(_)) | Event::Rule => {
                self.link = Link::None
            }
            Event::Text(text) | Event::Code(text) => match &mut self.link {
                Link::Paragraph(paragraph) => paragraph.push_str(&text),
                // The items of a list without empty lines have no paragraphs.
                Link::Nothing => self.link = Link::Paragraph(text.into()),
                Link::None => {}
            },
            _ => {}
        }
        Ok(())
    }

    /// The number of the line that a byte stands in, counted from 1.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    /// The bytes of a line, counted from 1, without its end.
    fn bounds(&self, number: usize) -> Range<usize> {
        let start = self.starts[number - 1];
        let end = self.starts.get(number).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    fn broken<T>(&self, line: usize, what: impl Into<String>) -> Result<T, Broken> {
        Err(Broken { line, what: what.into() })
    }

    fn head(&mut self, range: Range<usize>) -> Result<(), Broken> {
        let first = self.line(range.start);
        for (number, line) in (first..).zip(self.text[range].lines()) {
            if let Some(words) = line.strip_prefix("kubarium:") {
                let words = words.trim().trim_matches(['"', '\'']);
                self.page.head.read(words, true).map_err(|what| Broken { line: number, what })?;
            }
        }
        Ok(())
    }

    fn html(&mut self, range: Range<usize>) -> Result<(), Broken> {
        let line = self.line(range.start);
        let html = self.text[range].trim();
        let Some(words) = html.strip_prefix(COMMENT) else { return Ok(()) };
        let Some(words) = words.strip_suffix("-->") else {
            return self.broken(line, "a comment to kubarium stands alone, and ends with `-->`");
        };
        self.unused()?;
        let mut options = Options::default();
        options.read(words, false).map_err(|what| Broken { line, what })?;
        self.said = Some((line, options));
        Ok(())
    }

    /// A comment that no block has taken is a mistake.
    fn unused(&mut self) -> Result<(), Broken> {
        match self.said.take() {
            Some((line, _)) => {
                self.broken(line, "no block of commands stands behind this comment to kubarium")
            }
            None => Ok(()),
        }
    }

    fn fenced(&self, info: &str, range: Range<usize>, events: &mut OffsetIter<'_>) -> Result<Fenced, Broken> {
        let (first, last) = (self.line(range.start), self.line(range.end.max(1) - 1));
        // Where the text of each line begins, behind the indentation of lists and the signs of quotations.
        let mut contents: Vec<Option<usize>> = vec![None; last + 1 - first];
        for (event, part) in events.by_ref() {
            match event {
                Event::End(TagEnd::CodeBlock) => break,
                _ if part.is_empty() => {}
                _ => {
                    for number in self.line(part.start)..=self.line(part.end - 1) {
                        let start = self.bounds(number).start.max(part.start);
                        if let Some(place) = contents.get_mut(number - first) {
                            *place = Some(place.map_or(start, |known| known.min(start)));
                        }
                    }
                }
            }
        }
        let opening = &self.text[range.start..self.bounds(first).end.max(range.start)];
        let sign = opening.chars().next().unwrap_or('`');
        let fence: String = opening.chars().take_while(|c| *c == sign).collect();
        let closing = self.text[self.bounds(last)].trim_start_matches([' ', '\t', '>']).trim_end();
        if first == last || closing.len() < fence.len() || closing.chars().any(|c| c != sign) {
            return self.broken(first, "the block that begins here is never closed");
        }
        let line = |number: usize| {
            let bounds = self.bounds(number);
            let start = contents[number - first].unwrap_or(bounds.end).min(bounds.end);
            Line {
                number,
                text: self.text[start..bounds.end].into(),
                range: bounds.start..self.starts[number],
            }
        };
        let before = &self.text[self.starts[first - 1]..range.start];
        Ok(Fenced {
            line: first,
            language: language(info),
            info: info.into(),
            // A list's sign stands before the first line only.
            prefix: before.chars().map(|c| if c == '>' || c == '\t' { c } else { ' ' }).collect(),
            fence,
            lines: (first + 1..last).map(line).collect(),
            end: self.starts[last - 1],
        })
    }

    fn block(&mut self, block: Fenced) -> Result<(), Broken> {
        let language = block.language.as_str();
        let console = language == CONSOLE && block.lines.iter().any(|line| prompt(&line.text).is_some());
        let commands = SCRIPTS.contains(&language) || console;
        let marked = block.info.contains("{output}");
        let ours = commands || marked || OUTPUTS.contains(&language);
        let options = if ours { Options::of_info(&block.info) } else { Ok(Options::default()) };
        let options = options.map_err(|what| Broken { line: block.line, what })?;
        let link = std::mem::replace(&mut self.link, Link::None);
        if !options.output && commands {
            let said = self.said.take().map_or(Options::default(), |(_, said)| said);
            return self.commands(block, said.and(options), console);
        }
        if self.said.as_ref().is_some_and(|(_, said)| said.skip || said.output) {
            let said = self.said.take().map_or(Options::default(), |(_, said)| said);
            return self.output(block, said.and(options), link);
        }
        self.output(block, options, link)
    }

    fn commands(&mut self, block: Fenced, options: Options, console: bool) -> Result<(), Broken> {
        if let Some(what) = options.conflict() {
            return self.broken(block.line, what);
        }
        let steps = match (options.skip, console) {
            (true, _) => Vec::new(),
            (_, true) => in_console(&block),
            (_, false) => in_script(&block),
        };
        let all: usize = self.page.blocks.iter().map(|block| block.steps.len()).sum();
        if all + steps.len() > MAX_COMMANDS {
            return self.broken(block.line, format!("more than {MAX_COMMANDS} commands"));
        }
        self.page.blocks.push(Block { line: block.line, options, steps, output: None });
        self.link = Link::Nothing;
        Ok(())
    }

    /// Takes a block as the output of the commands before, if it is.
    fn output(&mut self, block: Fenced, options: Options, link: Link) -> Result<(), Broken> {
        let language = block.language.as_str();
        if options != (Options { skip: options.skip, output: options.output, ..Options::default() }) {
            return self
                .broken(block.line, "only `output` and `skip` can be said of a block that is no commands");
        }
        let near = match &link {
            Link::None => false,
            Link::Nothing => OUTPUTS.contains(&language),
            Link::Paragraph(text) => {
                let text = text.to_lowercase();
                let speaks = SPEAKS.iter().any(|word| text.contains(word));
                let documents = ["output", "輸出", "输出", "出力"].iter().any(|word| text.contains(word));
                (OUTPUTS.contains(&language) && speaks) || (DOCUMENTS.contains(&language) && documents)
            }
        };
        let last = self.page.blocks.last_mut();
        let free =
            last.filter(|last| last.output.is_none() && last.steps.iter().all(|step| step.shown.is_none()));
        match free {
            _ if options.skip => {}
            Some(last) if near || options.output => last.output = Some(shown(&block, 0..block.lines.len())),
            _ if options.output => {
                return self.broken(
                    block.line,
                    "`{output}`, but no commands stand before it whose output it could be",
                );
            }
            _ if language == CONSOLE => {
                let what = "is in a console block without a prompt: write `$ ` before its commands, ```sh if it is \
                            commands only, or {output} if it is the output of the block before";
                let command = block.lines.iter().map(|line| line.text.trim()).find(|text| !text.is_empty());
                let command = command.unwrap_or_default().to_string();
                let step = Step { line: block.line, command, refused: Some(what.into()), shown: None };
                self.page.blocks.push(Block { line: block.line, options, steps: vec![step], output: None });
            }
            _ => {}
        }
        Ok(())
    }
}

/// The language of a fence: the first word, MkDocs' `{ .sh }`, or MyST's `{code-block} sh`. Another of MyST's directives, such
/// as `{note}`, is none of ours.
fn language(info: &str) -> String {
    let word = |text: &str| {
        text.trim_start()
            .split(|c: char| c.is_whitespace() || "{},".contains(c))
            .next()
            .unwrap_or("")
            .to_lowercase()
    };
    let Some((inside, behind)) = info.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return word(info);
    };
    let inside = inside.trim();
    match inside.strip_prefix('.') {
        Some(class) => word(class),
        None if ["code-block", "code", "sourcecode"].contains(&inside) => word(behind),
        None if Options::of_info(info).is_ok() || inside.contains('=') => String::new(),
        None => format!("{{{inside}}}"),
    }
}

/// The commands of a block without prompts.
fn in_script(block: &Fenced) -> Vec<Step> {
    let text: String = block.lines.iter().map(|line| line.text.clone() + "\n").collect();
    let one = |part: userland::Part| {
        let line = block.line + 1 + text[..part.range.start].matches('\n').count();
        step(line, text[part.range].to_string(), part.incomplete, None)
    };
    userland::split(&text).into_iter().map(one).collect()
}

/// The commands of a block with prompts, with their output.
fn in_console(block: &Fenced) -> Vec<Step> {
    let mut steps: Vec<(usize, String, bool, Range<usize>)> = Vec::new();
    let mut early = None;
    for (index, line) in block.lines.iter().enumerate() {
        if let Some(command) = prompt(&line.text) {
            steps.push((line.number, command.into(), is_incomplete(command), index + 1..index + 1));
            continue;
        }
        match steps.last_mut() {
            Some((_, command, incomplete, output)) if *incomplete => {
                let more = line.text.strip_prefix("> ").unwrap_or(&line.text);
                command.push('\n');
                command.push_str(if line.text == ">" { "" } else { more });
                *incomplete = is_incomplete(command);
                *output = index + 1..index + 1;
            }
            Some((.., output)) => output.end = index + 1,
            None if line.text.trim().is_empty() => {}
            None => early = early.or(Some(line)),
        }
    }
    let full =
        |lines: &Range<usize>| block.lines[lines.clone()].iter().any(|line| !line.text.trim().is_empty());
    let any = steps.iter().any(|(.., lines)| full(lines));
    let early = early.map(|line| Step {
        line: line.number,
        command: line.text.trim().into(),
        refused: Some("stands before the first prompt `$ ` of a console block".into()),
        shown: None,
    });
    let one = |(line, command, incomplete, lines)| {
        step(line, command, incomplete, any.then(|| shown(block, trimmed(block, lines))))
    };
    early.into_iter().chain(steps.into_iter().map(one)).collect()
}

fn step(line: usize, command: String, incomplete: bool, shown: Option<Shown>) -> Step {
    let control = command.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    let refused = if incomplete {
        Some("does not end in its block: a quote, a loop or a `<<` is open".into())
    } else if command.len() > MAX_COMMAND {
        Some(format!("has {} bytes; {MAX_COMMAND} are the limit of a command", command.len()))
    } else {
        control.then(|| "has a control character, which cannot be typed".into())
    };
    Step { line, command, refused, shown }
}

/// Whether a shell would ask for another line: then the next line belongs to the command.
fn is_incomplete(command: &str) -> bool {
    userland::split(command).last().is_some_and(|part| part.incomplete)
}

/// The command behind a prompt: `$ ` or `somebody@somewhere:~/folder$ `, and of a shell in a pod, `/ # ` or `root@web-0:/# `.
fn prompt(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let sign = |sign: char| {
        let (before, command) = line.split_once(sign)?;
        let spaced = command.is_empty() || command.starts_with(' ');
        spaced.then_some((before, command.trim_start()))
    };
    let path = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "~/._-".contains(c));
    let user = |before: &str| {
        before
            .split_once('@')
            .is_some_and(|(name, rest)| path(name) && !rest.is_empty() && path(&rest.replace(':', "")))
    };
    let inside = |before: &str| before.starts_with(['/', '~']) && before.strip_suffix(' ').is_some_and(path);
    match sign('$') {
        Some((before, command)) if before.is_empty() || user(before) || inside(before) => {
            return Some(command);
        }
        _ => {}
    }
    sign('#').filter(|(before, _)| user(before) || inside(before)).map(|(_, command)| command)
}

/// Without the empty lines that part output from the next prompt.
fn trimmed(block: &Fenced, lines: Range<usize>) -> Range<usize> {
    let kept = block.lines[lines.clone()].iter().rposition(|line| !line.text.trim().is_empty());
    lines.start..kept.map_or(lines.start, |kept| lines.start + kept + 1)
}

fn shown(block: &Fenced, lines: Range<usize>) -> Shown {
    let place = |index: usize| block.lines.get(index).map_or(block.end, |line| line.range.start);
    Shown {
        line: block.line + 1 + lines.start,
        range: place(lines.start)..place(lines.end),
        lines: block.lines[lines].iter().map(|line| line.text.clone()).collect(),
        prefix: block.prefix.clone(),
        fence: block.fence.clone(),
    }
}

/// `{{% code_sample file="pods/web.yaml" %}}` and its older names.
fn samples(text: &str) -> Vec<String> {
    let names = ["code_sample", "codenew", "code"];
    let file = |shortcode: &str| {
        let words = shortcode.trim_start_matches(['<', '%']).trim_start();
        let rest =
            names.iter().find_map(|name| words.strip_prefix(name)).filter(|rest| rest.starts_with(' '))?;
        rest.split_once("file=\"")?.1.split('"').next().map(String::from)
    };
    text.split("{{").skip(1).filter_map(|rest| file(rest.split("}}").next()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        parse(text).unwrap_or_else(|broken| panic!("line {}: {}", broken.line, broken.what))
    }

    fn error(text: &str) -> String {
        let broken = parse(text).unwrap_err();
        format!("{}: {}", broken.line, broken.what)
    }

    /// Every block as its commands, with `=` and the shown lines.
    fn read(text: &str) -> Vec<String> {
        let lines = |shown: &Shown| shown.lines.join("|");
        let step = |step: &Step| match &step.shown {
            _ if step.refused.is_some() => format!("{}!", step.command),
            Some(shown) => format!("{}={}", step.command, lines(shown)),
            None => step.command.clone(),
        };
        let block = |block: &Block| {
            let steps: Vec<String> = block.steps.iter().map(step).collect();
            let output =
                block.output.as_ref().map(|shown| format!(" => {}", lines(shown))).unwrap_or_default();
            steps.join("; ") + &output
        };
        page(text).blocks.iter().map(block).collect()
    }

    #[test]
    fn a_console_block_is_prompts_commands_and_output() {
        let text = "```console\n$ a \\\n>  b\nout\n\n$ cat <<E\n> x\n> E\nx\n$ c\n```\n";
        assert_eq!(read(text), ["a \\\n b=out; cat <<E\nx\nE=x; c="]);
        assert_eq!(read("```console\n$ a\n$ b\n```\n"), ["a; b"]);
        assert_eq!(read("```console\nme@here:~/x$ a\n> no continuation\n```\n"), ["a=> no continuation"]);
    }

    #[test]
    fn prompts_are_those_of_shells() {
        for (line, command) in [
            ("$ ls -l", Some("ls -l")),
            ("$", Some("")),
            ("me@laptop:~/web$ ls", Some("ls")),
            ("/ # ls", Some("ls")),
            ("~ $ ls", Some("ls")),
            ("root@web-0:/usr/share# cat x # y", Some("cat x # y")),
            ("# ls", None),
            ("$HOME is x", None),
            ("price: 3$ each", None),
            ("a@b.c costs 3# or so", None),
            ("  $ ls", None),
        ] {
            assert_eq!(prompt(line), command, "{line}");
        }
    }

    #[test]
    fn a_language_stands_where_generators_put_it() {
        for (info, wanted) in [
            ("sh", "sh"),
            ("Bash {skip}", "bash"),
            ("sh,ignore", "sh"),
            ("sh{linenos=true}", "sh"),
            ("{ .console .copy }", "console"),
            ("{code-block} sh", "sh"),
            ("{output}", ""),
            ("{wiat=3s}", ""),
            ("{note}", "{note}"),
            ("", ""),
        ] {
            assert_eq!(language(info), wanted, "{info}");
        }
    }

    #[test]
    fn output_stands_right_behind_its_commands_or_behind_a_sentence_that_says_so() {
        let after = |between: &str, language: &str| {
            read(&format!("```sh\na\nb\n```\n{between}\n```{language}\nout\n```\n")).concat()
        };
        assert_eq!(after("", ""), "a; b => out");
        assert_eq!(after("", "output"), "a; b => out");
        assert_eq!(after("The output is similar to this:\n", ""), "a; b => out");
        assert_eq!(after("The output is similar to this:\n", "yaml"), "a; b => out");
        assert_eq!(after("", "yaml"), "a; b");
        assert_eq!(after("Here is a file:\n", ""), "a; b");
        assert_eq!(after("The output is:\n\nor\n", ""), "a; b");
        assert_eq!(after("## The output\n", ""), "a; b");
        assert_eq!(after("Some words.\n", "text {output}"), "a; b => out");
        assert_eq!(after("", "{skip}"), "a; b");
    }

    #[test]
    fn lists_quotations_and_line_ends_keep_their_places() {
        let text = "1. Do:\n\n   ```sh\n   a\n\n   b\n   ```\n   The output is:\n   ```\n   out\n     in\n   ```\n> ```console\n> $ c\n> out\n> ```\n";
        assert_eq!(read(text), ["a; b => out|  in", "c=out"]);
        let shown = page(text).blocks[0].output.clone().unwrap();
        assert_eq!((shown.line, shown.prefix.as_str(), &text[shown.range]), (10, "   ", "   out\n     in\n"));
        let shown = page(text).blocks[1].steps[0].shown.clone().unwrap();
        assert_eq!((shown.line, shown.prefix.as_str(), &text[shown.range]), (15, "> ", "> out\n"));
        let text = "```console\r\n$ a\r\nout\r\n```\r\n";
        assert_eq!(read(text), ["a=out"]);
    }

    #[test]
    fn options_come_from_the_head_the_comment_and_the_fence() {
        let text = "---\ntitle: T\nkubarium: nodes=2\n---\n<!-- kubarium: seed=3 timeout=5s -->\n\n~~~sh {timeout=9s}\na\n~~~\n";
        let page = page(text);
        assert_eq!(page.head.nodes, Some(2));
        assert_eq!(page.blocks[0].options.seed, Some(3));
        assert_eq!(page.blocks[0].options.timeout, Some(sim::Duration::from_secs(9)));
    }

    #[test]
    fn broken_pages_are_errors_with_a_line() {
        assert!(error("x\n\n```sh\na\n").starts_with("3: the block that begins here"));
        assert!(error("- ```sh\n  a\n\nx\n").ends_with("is never closed"));
        assert!(error("```sh {wiat=1s}\na\n```\n").starts_with("1: unknown option `wiat=1s`"));
        assert!(error("<!-- kubarium: skip -->\n\nwords\n").starts_with("1: no block of commands"));
        assert!(error("```text {output}\na\n```\n").starts_with("1: `{output}`, but no commands"));
        assert!(error("```sh {background} {from=node}\na\n```\n").ends_with("do not go together"));
        assert!(
            error("```sh\na\n```\n```text {wait=3s}\nb\n```\n").starts_with("4: only `output` and `skip`")
        );
        assert!(error(&format!("```sh\n{}```\n", "a\n".repeat(2001))).ends_with("more than 2000 commands"));
    }

    #[test]
    fn commands_that_cannot_be_run_are_told_and_the_rest_goes_on() {
        assert_eq!(read("```sh\nls\necho 'a\n```\n"), ["ls; echo 'a!"]);
        assert_eq!(read("```console\nkubectl get pods\n```\n"), ["kubectl get pods!"]);
        assert_eq!(read("```console\nout\n$ a\n```\n"), ["out!; a"]);
        assert_eq!(read("```sh\na\u{1b}b\n```\n"), ["a\u{1b}b!"]);
    }

    #[test]
    fn code_samples_are_found() {
        let text = "{{% code_sample file=\"a/b.yaml\" %}}\n{{< codenew language=\"yaml\" file=\"c.yaml\" >}} {{< note >}}";
        assert_eq!(page(text).samples, ["a/b.yaml", "c.yaml"]);
    }
}
