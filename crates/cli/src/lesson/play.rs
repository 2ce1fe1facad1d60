//! Plays a lesson's solution in a terminal, in virtual time, and looks whether its goals are what they should be.

use super::stage::{Delays, Stage};
use apimachinery::Value;
use lessons::{Goal, Lesson, Link, News, Now, Player, Problem, World, now_in_words};
use shell::SessionId;
use sim::Duration;
use userland::Tty;

/// How long kubectl takes to start, as a person's does, and how long one of its requests takes.
pub(crate) const DELAYS: Delays =
    Delays { start: Duration::from_millis(100), request: Duration::from_millis(5) };
/// The terminal's size.
pub(crate) const SIZE: Tty = Tty { columns: 160, rows: 50 };
/// How often the goals are looked at: as often as a page would, or more.
pub(crate) const LOOK: Duration = Duration::from_millis(100);
/// What a learner needs between two commands, and a program that has been started until it reads what is typed.
const BETWEEN: Duration = Duration::from_secs(1);
const UNTIL_READ: Duration = Duration::from_secs(2);
/// The longest that a command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(900);
/// How long after its last command a step may take until its goals are reached.
const WAIT_LIMIT: Duration = Duration::from_secs(600);

/// How it went.
pub struct Play {
    /// What is wrong; nothing if the lesson is well.
    pub problems: Vec<Problem>,
    /// What was seen in the terminals.
    pub terminal: String,
    /// How many steps were solved.
    pub steps: usize,
    /// The virtual time that it took, without the set-up.
    pub took: Duration,
}

/// Sets the lesson's cluster up and plays its solution.
pub fn play(lesson: &Lesson) -> Play {
    let mut stage = Stage::new(lesson, DELAYS);
    let mut problems = Vec::new();
    if let Err(why) = stage.set_up(lesson) {
        let (what, printed) = why.split_once(":\n").unwrap_or((&why, ""));
        let printed: String = printed.trim().lines().map(|line| format!("\n    | {line}")).collect();
        problems.push(Problem::new("lesson.yaml", what, format!("mend `cluster:`{printed}")));
        return Play { problems, terminal: stage.seen, steps: 0, took: Duration::ZERO };
    }
    let begin = stage.now();
    let player = Player::new(lesson, &stage.view());
    let mut run = Run { lesson, stage, twin: player.clone(), player, looks: Vec::new(), problems };
    let mut steps = 0;
    for index in 0..lesson.steps.len() {
        if !run.step(index) {
            break;
        }
        steps += 1;
    }
    let took = run.stage.now().since(begin);
    Play { problems: run.problems, terminal: run.stage.seen, steps, took }
}

/// A lesson that is being played.
struct Run<'a> {
    lesson: &'a Lesson,
    stage: Stage,
    player: Player,
    /// Another one, who reloads the page after each command.
    twin: Player,
    /// The things that the current step's text points at and that were not there yet: file, line, link.
    looks: Vec<(String, usize, lessons::Look)>,
    problems: Vec<Problem>,
}

impl Run<'_> {
    /// Plays a step's part of the solution; gives whether its goals were reached.
    fn step(&mut self, index: usize) -> bool {
        let lesson = self.lesson;
        let step = &lesson.steps[index];
        if !self.early(index) {
            return false;
        }
        self.looks = points(lesson, index);
        for (terminal, part) in by_terminal(&step.solution) {
            let commands = commands(&part);
            for (at, command) in commands.iter().enumerate() {
                let feeds = commands.get(at + 1).is_some_and(|next| next.starts_with([' ', '\t']));
                if let Err(why) = self.command(terminal, command, feeds) {
                    let what = format!("step {:?}: `{command}` {why}", step.id);
                    let fix = "end it, or let it run in terminal 2";
                    let line = step.solution_line + line_of(&step.solution, command);
                    self.problems.push(Problem::new("solution.sh", what, fix).at(line));
                    return false;
                }
                self.reload();
            }
        }
        let end = self.stage.now() + WAIT_LIMIT;
        while self.player.step() <= index || self.twin.step() <= index {
            if self.stage.now() >= end {
                self.unreached(index);
                return false;
            }
            self.pass(LOOK);
        }
        for (file, line, look) in std::mem::take(&mut self.looks) {
            let what =
                format!("look:{}/{} points at nothing during step {:?}", look.kind, look.name, step.id);
            self.problems
                .push(Problem::new(&file, what, "name a thing that is there, or a label of it").at(line));
        }
        true
    }

    /// Looks whether goals of a step hold although nobody has worked at them; gives whether all is well.
    fn early(&mut self, index: usize) -> bool {
        let step = &self.lesson.steps[index];
        let view = self.stage.view();
        let open = self.player.missing(self.lesson, "en", &view);
        let really = |goal: &usize| {
            let open = open.iter().find(|missing| missing.goal == *goal);
            self.player.step() == index && open.is_some_and(|missing| !matches!(missing.now, Now::Held(_)))
        };
        let early: Vec<usize> = (0..step.goals.len()).filter(|goal| !really(goal)).collect();
        for goal in &early {
            let Goal { id, line, .. } = &step.goals[*goal];
            let what =
                format!("goal {id:?} of step {:?} already holds before its part of the solution", step.id);
            let fix = "ask for something that only this step brings about";
            self.problems.push(Problem::new("lesson.yaml", what, fix).at(*line));
        }
        early.is_empty()
    }

    /// Names the goals that were not reached.
    fn unreached(&mut self, index: usize) {
        let step = &self.lesson.steps[index];
        let view = self.stage.view();
        if self.player.step() > index {
            let what = format!("step {:?} is not reached after a reload in its middle", step.id);
            self.problems.push(Problem::new("lesson.yaml", what, "use no `last:` longer than what follows"));
        }
        for missing in self.player.missing(self.lesson, "en", &view) {
            let Goal { id, line, .. } = &step.goals[missing.goal];
            let what = format!(
                "goal {id:?} of step {:?} is not reached by its part of the solution{}",
                step.id,
                now_in_words(&missing.now, "en").map(|now| format!(" ({now})")).unwrap_or_default()
            );
            let fix = "mend the goal or solution.sh";
            self.problems.push(Problem::new("lesson.yaml", what, fix).at(*line));
        }
    }

    /// Types a command and waits for its end, unless the next line is meant for it.
    fn command(&mut self, terminal: usize, command: &str, feeds: bool) -> Result<(), String> {
        let session = self.stage.terminal(terminal, SIZE).ok_or("there is no such terminal")?;
        let (text, interrupt) = match command.rsplit_once("# ctrl-c after ") {
            Some((text, seconds)) => (text.trim_end(), seconds.trim().trim_end_matches('s').parse().ok()),
            None => (command, None),
        };
        let typed_in = text.starts_with([' ', '\t']);
        if typed_in {
            self.stage.enter(session, text.trim_start());
        } else {
            self.until_free(session)?;
            self.stage.busy.push(session);
            self.stage.enter(session, text);
        }
        if let Some(seconds) = interrupt {
            self.pass(Duration::from_secs(seconds));
            self.stage.laptop.input(session, b"\x03");
        }
        if feeds || typed_in {
            self.pass(UNTIL_READ);
            if feeds {
                return Ok(());
            }
        }
        if terminal == 1 {
            self.until_free(session)?;
        }
        self.pass(BETWEEN);
        Ok(())
    }

    /// Waits until a terminal's command has ended.
    fn until_free(&mut self, session: SessionId) -> Result<(), String> {
        let end = self.stage.now() + COMMAND_LIMIT;
        while self.stage.busy.contains(&session) {
            if self.stage.now() >= end {
                return Err(format!("does not end within {} s", COMMAND_LIMIT.as_secs()));
            }
            self.pass(LOOK);
        }
        Ok(())
    }

    /// Lets virtual time pass and looks at the goals meanwhile.
    fn pass(&mut self, time: Duration) {
        let end = self.stage.now() + time;
        while self.stage.now() < end {
            let next = end.min(self.stage.now() + LOOK);
            while self.stage.now() < next {
                self.stage.tick();
            }
            self.look();
        }
    }

    fn look(&mut self) {
        let commands = std::mem::take(&mut self.stage.finished);
        let view = self.stage.view();
        let news = self.player.look(self.lesson, &view, &commands);
        self.twin.look(self.lesson, &view, &commands);
        for news in news {
            if let News::Reached(goal) = news {
                self.stage.seen.push_str(&format!("\n[goal {} reached]\n", goal + 1));
            }
        }
        self.looks.retain(|(_, _, look)| {
            let kind = api::KINDS.iter().find(|k| k.resource.kind == look.kind);
            kind.is_none_or(|kind| !view.objects(&kind.resource).iter().any(|o| look.means(o)))
        });
    }

    /// The twin leaves the page and comes back: what it knew goes through text.
    fn reload(&mut self) {
        let text = self.twin.save().to_json();
        let saved = Value::from_json(&text).unwrap_or_default();
        self.twin = Player::restore(self.lesson, &self.stage.view(), &saved);
    }
}

/// Where a step's texts point to.
fn points(lesson: &Lesson, index: usize) -> Vec<(String, usize, lessons::Look)> {
    let mut found = Vec::new();
    for text in &lesson.texts {
        for (line, link) in text.links(index) {
            if let Link::Look(look) = link {
                found.push((format!("{}.md", text.language), *line, look.clone()));
            }
        }
    }
    found
}

/// The complete commands of a text, each with the blanks before it.
pub(crate) fn commands(text: &str) -> Vec<String> {
    let with_blanks = |part: userland::Part| {
        let line = text[..part.range.start].rfind('\n').map_or(0, |at| at + 1);
        let blanks = &text[line..part.range.start];
        let from = if blanks.trim().is_empty() { line } else { part.range.start };
        text[from..part.range.end].to_string()
    };
    userland::split(text).into_iter().map(with_blanks).collect()
}

/// The number of the line, from 1, where a command begins.
pub(crate) fn line_of(text: &str, command: &str) -> usize {
    let first = command.lines().next().unwrap_or_default().trim_end();
    text.lines().position(|line| line.trim_end() == first).map_or(0, |index| index + 1)
}

/// Splits a step's commands at lines `# terminal: N`.
pub(crate) fn by_terminal(solution: &str) -> Vec<(usize, String)> {
    let mut parts = vec![(1, String::new())];
    for line in solution.lines() {
        match line.strip_prefix("# terminal:").map(|n| n.trim().parse()) {
            Some(Ok(number)) => parts.push((number, String::new())),
            _ => {
                if let Some((_, part)) = parts.last_mut() {
                    part.push_str(line);
                    part.push('\n');
                }
            }
        }
    }
    parts
}
