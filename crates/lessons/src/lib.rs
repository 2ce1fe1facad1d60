//! Lessons: what is read from a lesson's folder, what its goals mean, and how far a learner is.
//!
//! `FORMAT.md` beside this crate tells authors what a folder holds. A [`Lesson`] is read from a [`Source`] (file names
//! and texts, wherever they came from) together with a list of [`Problem`]s: what could be read is there, what could
//! not is left out and named. A [`Player`] is a learner's place in a lesson, plain data; it looks at a [`World`].
//! Knows no screen, no shell and no cluster: those who show lessons bring them together.

mod block;
mod duration;
mod fields;
mod folder;
mod goal;
mod index;
mod lesson;
mod links;
mod markdown;
mod player;
#[cfg(test)]
mod player_tests;
mod problem;
mod progress;
pub mod render;
mod setup;
mod source;
mod terminal;
mod text;
mod tree;
mod wording;
mod words;

pub use block::{Block, Code, Inline, Item, NoteKind, plain};
pub use folder::Named;
pub use goal::{Condition, Goal, Now, World};
pub use index::{Chapter, Index};
pub use lesson::{Lesson, Step};
pub use links::{Link, Look, VIEWS};
pub use player::{Missing, News, Player};
pub use problem::Problem;
pub use progress::Progress;
pub use setup::{ExtraImage, Setup};
pub use source::{LESSON_FILE, MAX_FILE_BYTES, MAX_FILES, Source};
pub use terminal::{Answer, Desk, Then, now_in_words};
pub use text::{StepText, Text};
