//! Checks a page: types its commands in order and looks whether the page shows what they print.

use super::compare::{self, Change, Rules};
use super::options::Options;
use super::page::{self, Block, Broken, Page, Shown, Step};
use super::samples::{MAX_FILE, Samples, read_below};
use super::terminal::{Desk, End, Limit, Ran};
use cluster::Config;
use sim::Duration;
use std::path::Path;
use std::rc::Rc;

/// The largest page, in bytes.
const MAX_PAGE: u64 = 4 << 20;
/// How long a command may take if nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long a reader takes from one block to the next if nothing else is said.
const PACE: Duration = Duration::from_secs(5);
/// The most files that are taken from one folder.
const MAX_FILES: usize = 200;
/// The most lines of a failed command's output that a report shows.
const MAX_TOLD: usize = 20;

/// What came of a page.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) cases: Vec<Case>,
    /// The page with shown output as it should be, if that is another.
    pub(crate) fixed: Option<String>,
}

/// A command of a page.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) line: usize,
    pub(crate) command: String,
    /// Virtual time that it took.
    pub(crate) took: Duration,
    pub(crate) verdict: Verdict,
}

/// What came of a command.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Right,
    Skipped,
    Wrong(Problem),
}

/// What is wrong with a command.
#[derive(Debug, PartialEq)]
pub(crate) struct Problem {
    /// Where: the command's line, or the first line of the output that is not right.
    pub(crate) line: usize,
    pub(crate) what: String,
    /// Changes of the shown output, with the page's line that each begins at.
    pub(crate) changes: Vec<(usize, Vec<String>)>,
    /// What may help.
    pub(crate) hints: Vec<String>,
    /// `--fix` mends it.
    pub(crate) fixable: bool,
}

impl Problem {
    fn new(line: usize, what: impl Into<String>) -> Problem {
        Problem { line, what: what.into(), changes: Vec::new(), hints: Vec::new(), fixable: false }
    }
}

/// What holds for every page.
pub(crate) struct Checker {
    pub(crate) config: Config,
    pub(crate) samples: Rc<Samples>,
    pub(crate) rules: Rules,
}

impl Checker {
    /// Checks a page. An error: it cannot be read.
    pub(crate) fn check(&self, path: &Path) -> Result<Checked, Broken> {
        let broken = |what: String| Broken { line: 0, what };
        let size = std::fs::metadata(path).map_err(|e| broken(e.to_string()))?;
        if !size.is_file() {
            return Err(broken("is no file".into()));
        }
        if size.len() > MAX_PAGE {
            return Err(broken(format!("{} bytes; {MAX_PAGE} are the limit of a page", size.len())));
        }
        let bytes = std::fs::read(path).map_err(|e| broken(e.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|e| Broken {
            line: 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count(),
            what: "is not text: UTF-8 is needed".into(),
        })?;
        // The mark that some editors put before the first character is no part of the page, and stays where it is.
        let body = text.trim_start_matches('\u{feff}');
        let page = page::parse(body)?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut walk = Walk {
            checker: self,
            folder,
            page: &page,
            config: self.config.clone(),
            files: Vec::new(),
            desk: None,
            cases: Vec::new(),
            edits: Vec::new(),
            astray: false,
            pace: PACE,
        };
        walk.hold(&page.head).map_err(broken)?;
        for block in &page.blocks {
            walk.block(block).map_err(|what| Broken { line: block.line, what })?;
        }
        let Walk { cases, edits, .. } = walk;
        let mark = &text[..text.len() - body.len()];
        let fixed = (!edits.is_empty()).then(|| format!("{mark}{}", apply(body, edits)));
        Ok(Checked { cases, fixed })
    }
}

/// A page on its way.
struct Walk<'a> {
    checker: &'a Checker,
    folder: &'a Path,
    page: &'a Page,
    config: Config,
    /// What every cluster of the page has from the start.
    files: Vec<String>,
    /// The cluster, from the first block that is run.
    desk: Option<Desk>,
    cases: Vec<Case>,
    edits: Vec<Edit>,
    /// Something failed: what comes after it may differ for that reason alone.
    astray: bool,
    pace: Duration,
}

/// Shown output, and what should stand there.
type Edit = (Shown, Vec<String>);

impl Walk<'_> {
    /// Takes what holds from here on.
    fn hold(&mut self, options: &Options) -> Result<(), String> {
        self.pace = options.pace.unwrap_or(self.pace);
        if options.nodes.is_some() || options.seed.is_some() {
            self.config.nodes = options.nodes.unwrap_or(self.config.nodes);
            self.config.seed = options.seed.unwrap_or(self.config.seed);
            self.desk = None;
            self.astray = false;
        }
        self.files.extend(options.files.iter().cloned());
        if self.desk.is_some() {
            options.files.iter().try_for_each(|name| self.bring(name, true))?;
        }
        Ok(())
    }

    fn desk(&mut self) -> Result<&mut Desk, String> {
        if self.desk.is_none() {
            self.desk = Some(Desk::new(&self.config, self.checker.samples.clone())?);
            for name in self.files.clone() {
                self.bring(&name, true)?;
            }
        }
        self.desk.as_mut().ok_or_else(|| "there is no cluster".into())
    }

    fn block(&mut self, block: &Block) -> Result<(), String> {
        self.hold(&block.options)?;
        if block.options.skip {
            let command = "(skipped)".into();
            self.cases.push(Case {
                line: block.line,
                command,
                took: Duration::ZERO,
                verdict: Verdict::Skipped,
            });
            return Ok(());
        }
        let fresh = self.desk.is_none();
        self.desk()?;
        let pause = block.options.wait.unwrap_or(if fresh { Duration::ZERO } else { self.pace });
        self.desk()?.advance(pause);
        for step in &block.steps {
            self.bring_named(&step.command)?;
        }
        if let Some(place) = &block.options.from
            && let Err(why) = self.desk()?.enter(place)
        {
            self.astray = true;
            let command = block.steps.first().map_or("", |step| step.command.as_str());
            let what = format!("could not be run: {why}");
            self.push(block.line, command, Duration::ZERO, Some(Problem::new(block.line, what)));
            return Ok(());
        }
        self.steps(block)?;
        if block.options.from.is_some() {
            self.desk()?.leave();
        }
        Ok(())
    }

    fn push(&mut self, line: usize, command: &str, took: Duration, problem: Option<Problem>) {
        let verdict = problem.map_or(Verdict::Right, Verdict::Wrong);
        self.cases.push(Case { line, command: command.into(), took, verdict });
    }

    fn steps(&mut self, block: &Block) -> Result<(), String> {
        let mut outputs: Vec<Vec<String>> = Vec::new();
        for (index, step) in block.steps.iter().enumerate() {
            let last = index + 1 == block.steps.len();
            if let Some(what) = &step.refused {
                self.astray = true;
                self.push(step.line, &step.command, Duration::ZERO, Some(Problem::new(step.line, what)));
                continue;
            }
            let (ran, took) = self.run(step, &block.options, last)?;
            let real: Vec<String> = ran.output.lines().map(String::from).collect();
            outputs.push(real.clone());
            let shown = step.shown.clone().map(|shown| (shown, real.clone()));
            let shown = shown.or_else(|| {
                let shown = block.output.clone().filter(|_| last)?;
                let real = self.told(&shown, &outputs, &step.command);
                Some((shown, real))
            });
            let failed = self.ended(step, &ran, &block.options, last);
            let differs = shown.as_ref().and_then(|(shown, real)| self.differs(step, shown, real));
            // A failure that the page shows is what its reader is to see.
            let visible =
                differs.is_none() && shown.is_some_and(|(s, _)| !compare::trim(&s.lines).is_empty());
            let mut problem = match failed {
                Some((_, true)) if visible => None,
                Some((failed, _)) => Some(failed),
                None => differs.map(|(differs, edit)| self.mend(differs, edit)),
            };
            let missing = self.desk()?.take_missing();
            if let Some(problem) = &mut problem {
                problem.hints.extend(missing.iter().map(|url| self.missing(url)));
                problem.hints.extend(self.unsampled(&step.command));
                problem.hints.extend(hints(&step.command, &ran));
                self.astray |= !problem.fixable;
            }
            self.push(step.line, &step.command, took, problem);
        }
        Ok(())
    }

    fn run(&mut self, step: &Step, options: &Options, last: bool) -> Result<(Ran, Duration), String> {
        let timeout = options.timeout.or(self.page.head.timeout).unwrap_or(TIMEOUT);
        let limit = match options.interrupt.filter(|_| last) {
            Some(time) => Limit::Interrupt(time),
            None => Limit::Within(timeout),
        };
        let background = options.background && last;
        let desk = self.desk()?;
        let begin = desk.now();
        let ran = if background { desk.start(&step.command)? } else { desk.run(&step.command, limit) };
        Ok((ran, desk.now().since(begin)))
    }

    /// What of the real output the block of output behind several commands shows: that of all, or of the last ones
    /// alone, whichever is nearest.
    fn told(&self, shown: &Shown, outputs: &[Vec<String>], command: &str) -> Vec<String> {
        let from = |first: usize| outputs[first..].concat();
        let candidates: Vec<Vec<String>> = (0..outputs.len()).rev().map(from).collect();
        let rules = &self.checker.rules;
        let equal = candidates.iter().find(|real| rules.equal(&shown.lines, real, command));
        let nearest =
            || candidates.iter().min_by_key(|real| compare::weight(&rules.diff(&shown.lines, real)));
        equal.or_else(nearest).cloned().unwrap_or_default()
    }

    /// What is wrong with how a command ended, and whether the page may show that it is so.
    fn ended(&self, step: &Step, ran: &Ran, options: &Options, last: bool) -> Option<(Problem, bool)> {
        let code = match ran.end {
            End::Code(code) => code,
            End::Wanted | End::Inside => return None,
            End::Late => {
                let timeout = options.timeout.or(self.page.head.timeout).unwrap_or(TIMEOUT);
                let what = format!(
                    "still running after {}: it waits for input, or never ends",
                    compare::time(timeout)
                );
                let mut problem = Problem::new(step.line, what);
                problem.hints.push(
                    "{timeout=5m} gives it more time, {interrupt=10s} presses Ctrl-C, {background} lets it go on in another \
                     terminal, {skip} does not run it"
                        .into(),
                );
                return Some((problem, false));
            }
            End::Open => {
                return Some((
                    Problem::new(step.line, "is not complete: the shell waits for the rest of it"),
                    false,
                ));
            }
            End::Flood => {
                return Some((Problem::new(step.line, "printed more than 1 MiB and was stopped"), false));
            }
        };
        let wanted = if last { (options.exit, options.expect_fail) } else { (None, false) };
        let what = match wanted {
            (Some(wanted), _) if wanted == code => return None,
            (Some(wanted), _) => format!("ended with code {code}, and the block says {{exit={wanted}}}"),
            (None, true) if code != 0 => return None,
            (None, true) => "succeeded, and the block says {expect=fail}".to_string(),
            (None, false) if code == 0 => return None,
            (None, false) => format!("failed with code {code}"),
        };
        let mut problem = Problem::new(step.line, what);
        let told = ran.output.lines().take(MAX_TOLD).map(|line| format!("+{line}"));
        problem.changes.push((step.line, told.collect()));
        Some((problem, wanted == (None, false)))
    }

    /// What is wrong with shown output, and what the page should show.
    fn differs(&self, step: &Step, shown: &Shown, real: &[String]) -> Option<(Problem, Edit)> {
        let rules = &self.checker.rules;
        if rules.equal(&shown.lines, real, &step.command) {
            return None;
        }
        let skipped = shown.lines.iter().take_while(|line| line.trim().is_empty()).count();
        let place = |change: Change| (shown.line + skipped + change.at, change.lines);
        let changes: Vec<_> = rules.diff(&shown.lines, real).into_iter().map(place).collect();
        let line = changes.first().map_or(shown.line, |(line, _)| *line);
        let what = match compare::trim(&shown.lines).is_empty() {
            true => "prints something, and the page shows nothing",
            false if compare::trim(real).is_empty() => "prints nothing, and the page shows something",
            false => "prints something else than the page shows",
        };
        let lines = rules.fixed(&shown.lines, real);
        Some((Problem { changes, ..Problem::new(line, what) }, (shown.clone(), lines)))
    }

    /// Notes what the page should show, if that can be written and is not the consequence of a failure.
    fn mend(&mut self, mut problem: Problem, (shown, lines): Edit) -> Problem {
        // A line of output that looks like the end of the block would end it, and one like a prompt would be a command.
        let breaks = |line: &String| line.trim_start().starts_with(&shown.fence) || line.starts_with("$ ");
        if self.astray {
            problem
                .hints
                .push("maybe because of what failed above; --fix leaves it alone until that is right".into());
        } else if lines.iter().any(breaks) {
            problem
                .hints
                .push("--fix cannot write this: a line of it would end the block or begin a command".into());
        } else {
            problem.fixable = true;
            self.edits.push((shown, lines));
        }
        problem
    }

    /// A file that the page shows by a shortcode, named by a command, and not there.
    fn unsampled(&self, command: &str) -> Option<String> {
        let named = |sample: &&String| sample.rsplit('/').next().is_some_and(|name| command.contains(name));
        let sample = self.page.samples.iter().find(named)?;
        let there = self.checker.samples.read(sample).is_some();
        (!there).then(|| {
            format!("the page shows the sample {sample}; --examples DIR names the folder that has it")
        })
    }

    fn missing(&self, url: &str) -> String {
        match &self.checker.samples.0 {
            Some(folder) => format!("{url} is not in {} (--examples)", folder.display()),
            None => format!(
                "{url}: nothing is fetched; --examples DIR names a folder that has the examples' files"
            ),
        }
    }

    /// Brings the files beside the page that a command names.
    fn bring_named(&mut self, command: &str) -> Result<(), String> {
        let parts = |c: char| c.is_whitespace() || "=,'\"@:;|&()<>`".contains(c);
        let words: Vec<String> =
            command.split(parts).map(|w| w.trim_start_matches("./").to_string()).collect();
        for word in words {
            let path = word.trim_end_matches('/');
            if !path.is_empty() && path != "." {
                self.bring(path, false)?;
            }
        }
        Ok(())
    }

    /// Brings a file, or a folder with what is in it, from beside the page, or a sample that the page shows. An error
    /// if it is not there and `must` be.
    fn bring(&mut self, name: &str, must: bool) -> Result<(), String> {
        let name = name.trim_start_matches("./");
        let folder = self.folder;
        let sample = self.page.samples.iter().find(|sample| sample.rsplit('/').next() == Some(name));
        let content = read_below(folder, name).or_else(|| self.checker.samples.read(sample?));
        if let Some(content) = content {
            self.desk()?.put(name, content);
            return Ok(());
        }
        let inside = !name.contains("..") && !name.starts_with('/') && folder.join(name).is_dir();
        if !inside {
            let why = format!("file {name:?} is not beside the page, or is larger than {MAX_FILE} bytes");
            return if must { Err(why) } else { Ok(()) };
        }
        let entries = std::fs::read_dir(folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(format!("{name}/{}", entry.ok()?.file_name().to_str()?)))
            .collect();
        sim::Order::order(names.as_mut_slice());
        if names.len() > MAX_FILES {
            return if must { Err(format!("more than {MAX_FILES} files in {name}")) } else { Ok(()) };
        }
        for file in names {
            if let Some(content) = read_below(folder, &file) {
                self.desk()?.put(&file, content);
            }
        }
        Ok(())
    }
}

/// What a writer may have meant, of a command that something is wrong with.
fn hints(command: &str, ran: &Ran) -> Vec<String> {
    let mut hints = Vec::new();
    if ran.closed {
        hints.push("its terminal had to be closed: variables and the working folder are gone".into());
    }
    let failed = !matches!(ran.end, End::Code(0) | End::Inside);
    if failed && (command.contains("{{<") || command.contains("{{%")) {
        hints.push("a shortcode can only be filled in by the site's generator: mark the block {skip}".into());
    } else if failed && let Some(name) = placeholder(command) {
        hints
            .push(format!("{name} is for the reader to fill in: use a variable, or mark the block {{skip}}"));
    } else if ran.end == End::Code(127) && command.starts_with("kubectl ") {
        hints.push("the page is still in the shell that it opened elsewhere: `exit` leads out of it".into());
    } else if ran.end == End::Code(127) {
        hints.push(
            "what is no program here is marked {skip}; what is output stands in a block of its own without a language, or in \
             a console block with `$ ` before the commands"
                .into(),
        );
    }
    hints
}

/// `<pod-name>`: something that the reader is to fill in.
fn placeholder(command: &str) -> Option<&str> {
    command.match_indices('<').find_map(|(at, _)| {
        let (name, _) = command[at + 1..].split_once('>')?;
        let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.trim_end() == name
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_ .".contains(c));
        word.then(|| &command[at..at + name.len() + 2])
    })
}

/// The page with other output, and nothing else changed.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    let mut page = text.to_string();
    sim::Order::order_by_key(edits.as_mut_slice(), |(shown, _)| shown.range.start);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    for (shown, lines) in edits.into_iter().rev() {
        let line = |line: &String| {
            let line = format!("{}{line}", shown.prefix);
            line.trim_end().to_string() + newline
        };
        let lines: String = lines.iter().map(line).collect();
        page.replace_range(shown.range, &lines);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_redirections() {
        assert_eq!(placeholder("kubectl logs <pod-name>"), Some("<pod-name>"));
        assert_eq!(placeholder("cat <a >b"), None);
        assert_eq!(placeholder("cat <<EOF >f\nx: <y>\nEOF"), Some("<y>"));
        assert_eq!(placeholder("a < b"), None);
    }
}
