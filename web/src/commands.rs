//! Commands that the page around the playground asks for: typed into a terminal that waits for one, one after another.

use crate::embed::{Done, Ended};
use crate::engine::{self, Engine};
use std::collections::VecDeque;

/// The most commands that wait; further ones are refused.
const MAX_WAITING: usize = 256;

/// The page's commands, in order.
#[derive(Default)]
pub struct Commands {
    waiting: VecDeque<Job>,
    /// The terminal in which the first of them runs.
    terminal: Option<u32>,
}

/// What one call asked for.
struct Job {
    parts: VecDeque<String>,
    ended: Ended,
    done: Done<Ended>,
}

impl Commands {
    /// Whether nothing waits or runs.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// One call's commands: a text as it would stand in a script.
    pub fn push(&mut self, text: &str, done: Done<Ended>) {
        if self.waiting.len() >= MAX_WAITING {
            return done.emit(Err(format!("{MAX_WAITING} commands are waiting already")));
        }
        let parts = userland::split(text);
        if parts.last().is_some_and(|part| part.incomplete) {
            return done.emit(Err("the command is not complete".into()));
        }
        let parts = parts.into_iter().map(|part| text[part.range].to_string()).collect();
        self.waiting.push_back(Job { parts, ended: Ended::default(), done });
    }

    /// Takes what has ended, and types the next.
    pub fn go_on(&mut self, engine: &mut Engine, ended: &[engine::Ended]) {
        for command in ended.iter().filter(|c| self.terminal == Some(c.terminal)) {
            if let (Some(output), Some(job)) = (&command.output, self.waiting.front_mut()) {
                job.ended.output.push_str(output);
                job.ended.exit = command.exit;
                self.terminal = None;
                break;
            }
        }
        while self.terminal.is_none() {
            let Some(job) = self.waiting.front_mut() else { return };
            match job.parts.pop_front() {
                Some(part) => {
                    self.terminal = engine.type_command(&part);
                    if self.terminal.is_none() {
                        // All terminals are busy, and there can be no more of them.
                        job.parts.push_front(part);
                        return;
                    }
                }
                None => {
                    if let Some(job) = self.waiting.pop_front() {
                        job.done.emit(Ok(job.ended));
                    }
                }
            }
        }
    }

    /// The terminals are gone: whoever waits is told.
    pub fn give_up(&mut self, why: &str) {
        self.terminal = None;
        for job in self.waiting.drain(..) {
            job.done.emit(Err(why.into()));
        }
    }
}
