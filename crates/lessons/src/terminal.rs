//! What `lesson`, `hint`, `solution`, `levels` and `reset` say in the terminal.

use crate::words::{self, Words, fill};
use crate::{Index, Lesson, Now, Player, Progress, World, render};

/// All that these programs look at.
pub struct Desk<'a> {
    /// All lessons.
    pub index: &'a Index,
    /// The lesson that is open.
    pub lesson: &'a Lesson,
    /// The learner in it.
    pub player: &'a mut Player,
    /// What was done before.
    pub progress: &'a Progress,
    /// The learner's language.
    pub language: &'a str,
    /// The cluster.
    pub world: &'a dyn World,
}

/// What a program answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it prints.
    pub text: String,
    /// Its exit code; with another one than 0 the text is an error.
    pub exit: i32,
    /// What has to be done then.
    pub then: Then,
}

/// What has to be done after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// Begin the lesson anew, with a fresh cluster.
    Reset,
    /// Open this lesson.
    Open(String),
}

impl Desk<'_> {
    /// Answers a program: its name and arguments.
    pub fn answer(&mut self, argv: &[String]) -> Answer {
        let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
        let words = words::of(self.language);
        match argv[..] {
            ["lesson"] => said(self.task(words)),
            ["lesson", "again"] => {
                self.player.begin(self.lesson, self.world);
                said(self.task(words))
            }
            ["lesson", "next"] => match self.next() {
                Some(next) => Answer { then: Then::Open(next), ..said(String::new()) },
                None => failed(words.last.into()),
            },
            ["hint"] => self.hint(words),
            ["solution"] => said(self.player.solution(self.lesson).unwrap_or(words.solved).trim_end().into()),
            ["levels"] => said(self.levels(words)),
            ["levels", name] => match self.index.lessons().find(|lesson| lesson == name) {
                Some(name) => Answer { then: Then::Open(name), ..said(String::new()) },
                None => failed(fill(words.unknown, &[&name])),
            },
            ["reset"] => Answer { then: Then::Reset, ..said(words.begins.into()) },
            _ => failed(words.help.into()),
        }
    }

    /// The lesson that comes next.
    pub fn next(&self) -> Option<String> {
        self.lesson.next.clone().or_else(|| self.index.after(&self.lesson.name))
    }

    /// The current step with what is still missing.
    fn task(&self, words: &Words) -> String {
        let text = self.lesson.text(self.language);
        let title = text.map(|t| render::inlines(&t.title)).unwrap_or_default();
        let step = self.player.step();
        if self.player.solved(self.lesson) {
            let next = self.next().map_or(words.last.to_string(), |next| fill(words.next, &[&next]));
            return format!("# {title}\n{}\n{next}", words.solved);
        }
        let mut out =
            format!("# {title}\n{}\n\n", fill(words.step, &[&(step + 1), &self.lesson.steps.len()]));
        if let Some(text) = text.and_then(|t| t.steps.get(step)) {
            out.push_str(&render::step(text, &|goal| self.player.reached(goal)));
        }
        let missing = self.player.missing(self.lesson, self.language, self.world);
        out.push_str(&format!("\n{}\n", words.missing));
        for missing in missing {
            let now = now_in_words(&missing.now, self.language).map(|now| format!(" ({now})"));
            out.push_str(&format!("- {}{}\n", render::inlines(missing.text), now.unwrap_or_default()));
        }
        out.trim_end().into()
    }

    fn hint(&mut self, words: &Words) -> Answer {
        let Some(number) = self.player.hint(self.lesson, self.language) else {
            return said(words.no_hint.into());
        };
        let step = self.lesson.text(self.language).and_then(|t| t.steps.get(self.player.step()));
        let hints = step.map_or(&[][..], |s| &s.hints);
        let head = fill(words.hint, &[&(number + 1), &hints.len()]);
        let text = hints.get(number).map(|hint| render::blocks(hint)).unwrap_or_default();
        said(format!("{head}\n{}", text.trim_end()))
    }

    fn levels(&self, words: &Words) -> String {
        let mut out = String::new();
        for chapter in &self.index.chapters {
            out.push_str(&format!("{}\n", chapter.title(self.language)));
            for lesson in &chapter.lessons {
                let name = format!("{}/{lesson}", chapter.id);
                let mark = match () {
                    () if self.progress.solved(&name) => 'x',
                    () if name == self.lesson.name => '>',
                    () if self.progress.begun(&name) => '~',
                    () => ' ',
                };
                let minutes = match name == self.lesson.name {
                    true => format!("  {}", fill(words.minutes, &[&self.lesson.minutes])),
                    false => String::new(),
                };
                out.push_str(&format!("  [{mark}] {name}{minutes}\n"));
            }
        }
        out.trim_end().into()
    }
}

/// How things are now, in a language that lessons have; `None` when there is nothing to tell.
pub fn now_in_words(now: &Now, language: &str) -> Option<String> {
    let words = words::of(language);
    Some(match now {
        Now::Count(n) => fill(words.now, &[n]),
        Now::Value(value) if value.is_empty() => words.now_nothing.into(),
        Now::Value(value) => fill(words.now, &[value]),
        Now::Requests(fitting, failed) => fill(words.now_requests, &[fitting, failed]),
        Now::Held(time) => fill(words.now_held, &[&time.as_secs()]),
        Now::Unknown => return None,
    })
}

fn said(text: String) -> Answer {
    let text = if text.is_empty() { text } else { text + "\n" };
    Answer { text, exit: 0, then: Then::Nothing }
}

fn failed(text: String) -> Answer {
    Answer { text: text + "\n", exit: 1, then: Then::Nothing }
}
