//! A learner's place in a lesson: plain data, looked at again whenever something may have changed.

use crate::Inline;
use crate::goal::Memory;
use crate::{Lesson, Now, World};
use apimachinery::{Value, json};
use sim::Time;
use sim::collections::BTreeSet;

/// A learner in a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Player {
    step: usize,
    goals: Vec<State>,
    /// The number of the next request to look at.
    requests: u64,
    hints: usize,
}

/// How far a goal of the current step is.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    passed: bool,
    /// Since when its condition has held without a break.
    since: Option<Time>,
    memory: Memory,
}

/// What has changed at a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A goal of the current step is reached.
    Reached(usize),
    /// A goal that has to hold at the end of its step does not hold any more.
    Lost(usize),
    /// The step with this number is done.
    StepDone(usize),
    /// The lesson is done.
    Solved,
}

/// A goal that is not reached yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing<'a> {
    /// Its number in the step.
    pub goal: usize,
    /// Its text, if the lesson has one.
    pub text: &'a [Inline],
    /// How things are instead.
    pub now: Now,
}

impl Player {
    /// A learner at the beginning of a lesson, whose cluster is set up.
    pub fn new(lesson: &Lesson, world: &dyn World) -> Player {
        let mut player = Player { step: 0, goals: Vec::new(), requests: 0, hints: 0 };
        player.begin(lesson, world);
        player
    }

    /// Begins the current step, or begins it again: what was seen in it is forgotten.
    pub fn begin(&mut self, lesson: &Lesson, world: &dyn World) {
        let goals = lesson.steps.get(self.step).map_or(&[][..], |step| &step.goals);
        self.goals =
            goals.iter().map(|g| State { memory: g.condition.memory(), ..State::default() }).collect();
        self.requests = world.requests(u64::MAX).1;
    }

    /// The number of the current step; the number of steps when the lesson is solved.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Whether the lesson is solved.
    pub fn solved(&self, lesson: &Lesson) -> bool {
        self.step >= lesson.steps.len()
    }

    /// Whether a goal of the current step is reached.
    pub fn reached(&self, goal: usize) -> bool {
        self.goals.get(goal).is_some_and(|g| g.passed)
    }

    /// Looks at the world again. `commands` are those typed since the last look, with their exit codes.
    pub fn look(&mut self, lesson: &Lesson, world: &dyn World, commands: &[(String, i32)]) -> Vec<News> {
        let mut news = Vec::new();
        let Some(step) = lesson.steps.get(self.step) else { return news };
        self.remember(lesson, world, commands);
        let now = world.now();
        for (index, (goal, state)) in step.goals.iter().zip(&mut self.goals).enumerate() {
            if state.passed && goal.keep {
                continue;
            }
            let holds = goal.condition.holds(world, &state.memory).is_ok();
            // A clock that went back begins the time again.
            let since = state.since.filter(|since| holds && *since <= now);
            state.since = holds.then(|| since.unwrap_or(now));
            let passed = state.since.is_some_and(|since| now.since(since) >= goal.hold);
            if passed != state.passed {
                news.push(if passed { News::Reached(index) } else { News::Lost(index) });
            }
            state.passed = passed;
        }
        if self.goals.iter().all(|g| g.passed) {
            news.push(News::StepDone(self.step));
            self.step += 1;
            self.hints = 0;
            self.begin(lesson, world);
            if self.solved(lesson) {
                news.push(News::Solved);
            }
        }
        news
    }

    fn remember(&mut self, lesson: &Lesson, world: &dyn World, commands: &[(String, i32)]) {
        let Some(step) = lesson.steps.get(self.step) else { return };
        let (records, end) = world.requests(self.requests);
        self.requests = end;
        for (goal, state) in step.goals.iter().zip(&mut self.goals) {
            records.iter().for_each(|record| goal.condition.note_request(&mut state.memory, record));
            for (line, _) in commands.iter().filter(|(_, exit)| ended_well(*exit)) {
                goal.condition.note_command(&mut state.memory, line);
            }
        }
    }

    /// The goals of the current step that are not reached yet, with how things are now.
    pub fn missing<'a>(&self, lesson: &'a Lesson, language: &str, world: &dyn World) -> Vec<Missing<'a>> {
        let Some(step) = lesson.steps.get(self.step) else { return Vec::new() };
        let words = lesson.text(language).and_then(|text| text.steps.get(self.step));
        let open = (0..).zip(step.goals.iter().zip(&self.goals)).filter(|(_, (_, state))| !state.passed);
        open.map(|(index, (goal, state))| Missing {
            goal: index,
            text: words.and_then(|w| w.goals.get(index)).map_or(&[], |t| t),
            now: match goal.condition.holds(world, &state.memory) {
                Err(now) => now,
                Ok(()) => Now::Held(state.since.map(|since| world.now().since(since)).unwrap_or_default()),
            },
        })
        .collect()
    }

    /// How many hints of the current step were given.
    pub fn hints(&self) -> usize {
        self.hints
    }

    /// Gives one more hint of the current step, by its number; `None` when there is no further one.
    pub fn hint(&mut self, lesson: &Lesson, language: &str) -> Option<usize> {
        let words = lesson.text(language)?.steps.get(self.step)?;
        let hint = self.hints;
        (hint < words.hints.len()).then(|| {
            self.hints += 1;
            hint
        })
    }

    /// The commands that solve the current step.
    pub fn solution<'a>(&self, lesson: &'a Lesson) -> Option<&'a str> {
        lesson.steps.get(self.step).map(|step| step.solution.as_str())
    }

    /// What is kept over a reload.
    pub fn save(&self) -> Value {
        let goals = self.goals.iter().map(|goal| {
            let requests = goal.memory.requests.iter().map(|seen| {
                let answers = seen.answers.iter().map(|a| Value::from(format!("{a:x}")));
                json!({"fitting": seen.fitting, "failed": seen.failed, "answers": Value::array(answers)})
            });
            json!({
                "passed": goal.passed,
                "since": goal.since.map(Time::as_micros),
                "requests": Value::array(requests),
                "commands": goal.memory.commands.clone(),
            })
        });
        json!({"step": self.step, "hints": self.hints, "goals": Value::array(goals)})
    }

    /// What was kept. Where it does not fit the lesson (which may have changed), the step begins anew.
    pub fn restore(lesson: &Lesson, world: &dyn World, saved: &Value) -> Player {
        let mut player = Player::new(lesson, world);
        player.step = usize::try_from(saved["step"].int()).unwrap_or_default().min(lesson.steps.len());
        player.begin(lesson, world);
        let goals = saved["goals"].items();
        if goals.len() != player.goals.len() {
            return player;
        }
        player.hints = usize::try_from(saved["hints"].int()).unwrap_or_default();
        for (state, saved) in player.goals.iter_mut().zip(goals) {
            state.passed = saved["passed"].is_true();
            state.since = saved["since"].as_i64().map(|at| Time::from_micros(at.unsigned_abs()));
            for (seen, saved) in state.memory.requests.iter_mut().zip(saved["requests"].items()) {
                seen.fitting = saved["fitting"].int().unsigned_abs();
                seen.failed = saved["failed"].int().unsigned_abs();
                let answers = saved["answers"].items().iter();
                let answers = answers.filter_map(|a| u64::from_str_radix(a.str(), 16).ok());
                seen.answers = answers.collect::<BTreeSet<u64>>();
            }
            for (seen, saved) in state.memory.commands.iter_mut().zip(saved["commands"].items()) {
                *seen = saved.is_true();
            }
        }
        player
    }
}

/// Commands count that succeeded, and those that were looked at long enough and then ended with Ctrl-C.
fn ended_well(exit: i32) -> bool {
    exit == 0 || exit == 130
}
