//! The lesson that is open, and the learner in it.

use apimachinery::{Object, Resource};
use client::RequestRecord;
use cluster::Handle;
use lessons::{Block, Lesson, News, Player, Problem, StepText, Text, World, now_in_words};
use sim::Time;
use std::sync::Arc;

/// A lesson and where the learner is.
pub struct Open {
    /// The lesson.
    pub lesson: Lesson,
    /// What could not be shown of it.
    pub problems: Vec<Problem>,
    /// The learner.
    pub player: Player,
    /// The step that was reached before, if what was done could not be done again so far.
    pub lost: Option<usize>,
    /// The step that is shown. The player goes on by itself; the reader turns the page.
    pub shown: usize,
    /// Whether what is missing is told.
    pub missing: bool,
    /// Whether the solution is shown.
    pub solution: bool,
    /// How many hints are shown of each step.
    pub hints: Vec<usize>,
    /// A command that is edited.
    pub editing: Option<String>,
    /// How things are now, by goal of the player's step.
    pub now: Vec<Option<String>>,
    /// Which goals of the player's step are reached.
    pub reached: Vec<bool>,
    /// What the last look has seen: it is dear, and often nothing has changed.
    seen: (Time, u64),
}

/// What goals see of a cluster.
pub struct View(pub Handle);

impl World for View {
    fn now(&self) -> Time {
        self.0.0.borrow().now()
    }

    fn objects(&self, resource: &Resource) -> Vec<Object> {
        self.0.0.borrow().api().objects(resource)
    }

    fn requests(&self, from: u64) -> (Vec<Arc<RequestRecord>>, u64) {
        let cluster = self.0.0.borrow();
        let log = cluster.requests();
        (log.since(from).cloned().collect(), log.end())
    }
}

impl Open {
    /// A lesson whose cluster is ready.
    pub fn new(lesson: Lesson, problems: Vec<Problem>, player: Player) -> Open {
        let mut hints = vec![0; lesson.steps.len()];
        if let Some(given) = hints.get_mut(player.step()) {
            *given = player.hints();
        }
        let mut open = Open {
            shown: player.step(),
            lost: None,
            hints,
            lesson,
            problems,
            player,
            missing: false,
            solution: false,
            editing: None,
            now: Vec::new(),
            reached: Vec::new(),
            seen: (Time::default(), u64::MAX),
        };
        open.note_reached();
        open
    }

    /// The text there is; lessons have at least one.
    pub fn text(&self) -> Option<&Text> {
        self.lesson.texts.first()
    }

    /// The text of a step.
    pub fn step_text(&self, step: usize) -> Option<&StepText> {
        self.text()?.steps.get(step)
    }

    /// The hints of the step that is shown, as far as they were given.
    pub fn given_hints(&self) -> &[Vec<Block>] {
        let hints = self.step_text(self.shown).map_or(&[][..], |s| &s.hints);
        let given = self.hints.get(self.shown).copied().unwrap_or_default();
        &hints[..given.min(hints.len())]
    }

    /// Whether there is a hint that was not given.
    pub fn has_hint(&self) -> bool {
        let hints = self.step_text(self.shown).map_or(0, |s| s.hints.len());
        self.hints.get(self.shown).is_some_and(|given| *given < hints)
    }

    /// Gives one more hint of the step that is shown.
    pub fn hint(&mut self) {
        if !self.has_hint() {
            return;
        }
        if self.shown == self.player.step() {
            let language = self.text().map(|t| t.language.clone()).unwrap_or_default();
            self.player.hint(&self.lesson, &language);
        }
        self.hints[self.shown] += 1;
    }

    /// Whether the step with this number is done.
    pub fn done(&self, step: usize) -> bool {
        step < self.player.step()
    }

    /// Whether a goal of the step that is shown is reached.
    pub fn ticked(&self, goal: usize) -> bool {
        self.done(self.shown) || self.player.reached(goal)
    }

    /// Looks at the cluster. Gives what is new; `None` when nothing that is shown has changed.
    pub fn look(&mut self, view: &View, commands: &[(String, i32)]) -> Option<Vec<News>> {
        let seen = {
            let cluster = view.0.0.borrow();
            let second = Time::from_secs(cluster.now().as_secs());
            (second, cluster.api().revision() ^ (cluster.requests().end() << 32))
        };
        if commands.is_empty() && seen == self.seen {
            return None;
        }
        self.seen = seen;
        let news = self.player.look(&self.lesson, view, commands);
        let before = (std::mem::take(&mut self.now), std::mem::take(&mut self.reached));
        self.note_reached();
        if self.missing {
            self.note_missing(view);
        }
        let changed = !news.is_empty() || before != (self.now.clone(), self.reached.clone());
        changed.then_some(news)
    }

    fn note_reached(&mut self) {
        let goals = self.lesson.steps.get(self.player.step()).map_or(0, |s| s.goals.len());
        self.reached = (0..goals).map(|goal| self.player.reached(goal)).collect();
    }

    /// Notes how things are now.
    pub fn note_missing(&mut self, view: &View) {
        let language = self.text().map(|t| t.language.clone()).unwrap_or_default();
        let goals = self.lesson.steps.get(self.player.step()).map_or(0, |s| s.goals.len());
        let mut now = vec![None; goals];
        for missing in self.player.missing(&self.lesson, &language, view) {
            now[missing.goal] = now_in_words(&missing.now, &language);
        }
        self.now = now;
    }
}
