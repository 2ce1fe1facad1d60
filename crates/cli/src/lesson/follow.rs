//! Follows a lesson's text as a learner does: runs the commands that it shows, and looks whether they work.

use super::clean;
use super::play::{DELAYS, LOOK, SIZE, by_terminal, commands, line_of};
use super::stage::Stage;
use lessons::{Block, Code, Lesson, Player, Problem};
use shell::SessionId;
use sim::Duration;

/// How long a command may run before it is ended with Ctrl-C: it is one that shows something until then.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a command that fails is tried again, as a learner does who was too quick, and after which time.
const TRIES: usize = 6;
const AGAIN: Duration = Duration::from_secs(5);
/// What a learner needs between two commands, or a program until it reads what is typed.
const BETWEEN: Duration = Duration::from_secs(1);
/// How long a learner looks at the result of a step's commands before asking for the solution.
const WONDER: Duration = Duration::from_secs(60);
/// How long the solution may take then.
const SOLUTION: Duration = Duration::from_secs(600);
/// The solution is typed into fresh terminals: the learner's own ones may be busy.
const FRESH: usize = 8;
/// Programs that need a page.
const OF_A_PAGE: [&str; 4] = ["vi ", "vim ", "nano ", "kubectl edit"];

/// Follows the first text of a lesson, whose Markdown is `markdown`; names the commands that fail.
pub(crate) fn follow(lesson: &Lesson, markdown: &str) -> Vec<Problem> {
    let Some(text) = lesson.texts.first() else { return Vec::new() };
    let mut stage = Stage::new(lesson, DELAYS);
    if stage.set_up(lesson).is_err() {
        return Vec::new(); // the one who plays the solution has said so
    }
    let player = Player::new(lesson, &stage.view());
    let mut reader = Reader { lesson, stage, player, exit: 0 };
    let mut problems = Vec::new();
    for (index, step) in text.steps.iter().enumerate() {
        for code in codes(&step.blocks) {
            for command in commands(&code.text) {
                let Some(said) = reader.run(code, &command) else { continue };
                let what = format!("`{command}` ends with exit code {}: {said}", reader.exit);
                let fix = "mend it, or write ```sh fails if it is meant to";
                let problem = Problem::new(&format!("{}.md", text.language), what, fix);
                problems.push(problem.at(line_of(markdown, &command)));
            }
        }
        if !reader.end(index) {
            break; // what follows would fail because of that alone
        }
    }
    problems
}

struct Reader<'a> {
    lesson: &'a Lesson,
    stage: Stage,
    player: Player,
    /// How the last command ended.
    exit: i32,
}

impl Reader<'_> {
    /// Runs a command of a block. Gives the last line that it printed if it fails and is not meant to.
    fn run(&mut self, code: &Code, command: &str) -> Option<String> {
        let mut before = 0;
        let option = |name: &str| code.options.iter().find_map(|o| o.strip_prefix(name));
        let terminal = option("terminal=").and_then(|n| n.parse().ok()).unwrap_or(1);
        if OF_A_PAGE.iter().any(|program| command.starts_with(program)) {
            return None;
        }
        for _ in 0..TRIES {
            let session = self.stage.terminal(terminal, SIZE)?;
            let inside = self.stage.busy.contains(&session);
            before = self.stage.seen.len();
            self.stage.enter(session, command.trim_start());
            if inside || terminal != 1 {
                self.pass(BETWEEN * 2);
                return None;
            }
            self.stage.busy.push(session);
            self.wait(session);
            self.pass(BETWEEN);
            let well = self.stage.busy.contains(&session) || matches!(self.exit, 0 | 124 | 130);
            if well || option("fails").is_some() {
                return None;
            }
            self.pass(AGAIN);
        }
        let printed = clean(&self.stage.seen[before..]);
        let mut lines = printed.lines().filter(|line| !line.trim().is_empty() && !line.contains("$ "));
        Some(lines.next_back().unwrap_or_default().to_string())
    }

    /// Waits for a command's end, but not forever.
    fn wait(&mut self, session: SessionId) {
        let end = self.stage.now() + PATIENCE;
        while self.stage.busy.contains(&session) && self.stage.now() < end {
            self.pass(LOOK);
        }
        if self.stage.busy.contains(&session) {
            self.stage.laptop.input(session, b"\x03");
        }
    }

    /// Reaches a step's goals, with its solution where the text leaves something to the learner.
    fn end(&mut self, index: usize) -> bool {
        if self.reached(index, WONDER) {
            return true;
        }
        for (terminal, part) in by_terminal(&self.lesson.steps[index].solution) {
            for command in commands(&part) {
                let Some(session) = self.stage.terminal(terminal + FRESH, SIZE) else { return false };
                self.stage.enter(session, command.trim_start());
                self.pass(BETWEEN * 5);
                if command.contains("# ctrl-c") {
                    self.stage.laptop.input(session, b"\x03");
                }
            }
        }
        self.reached(index, SOLUTION)
    }

    fn reached(&mut self, index: usize, limit: Duration) -> bool {
        let end = self.stage.now() + limit;
        while self.player.step() <= index && self.stage.now() < end {
            self.pass(LOOK);
        }
        self.player.step() > index
    }

    /// Lets virtual time pass and looks at the goals meanwhile.
    fn pass(&mut self, time: Duration) {
        let end = self.stage.now() + time;
        while self.stage.now() < end {
            let next = end.min(self.stage.now() + LOOK);
            while self.stage.now() < next {
                self.stage.tick();
            }
            let commands = std::mem::take(&mut self.stage.finished);
            if let Some((_, exit)) = commands.last() {
                self.exit = *exit;
            }
            self.player.look(self.lesson, &self.stage.view(), &commands);
        }
    }
}

/// The blocks with commands, in order.
fn codes(blocks: &[Block]) -> Vec<&Code> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Code(code) if matches!(code.language.as_str(), "sh" | "bash") => found.push(code),
            Block::List(_, items) => items.iter().for_each(|item| found.extend(codes(&item.blocks))),
            Block::Quote(_, inner) => found.extend(codes(inner)),
            _ => {}
        }
    }
    found
}
