//! Lessons beside the terminal and the picture: what is read, what is to be reached, and which lesson comes next.
//!
//! All of this is loaded after the prompt (`web/later.txt`). [`Lessons`] is what one playground knows of lessons;
//! [`hooks`] is what it does to that playground; the rest draws it.

mod folder;
pub mod hooks;
pub mod journal;
mod list;
mod menu;
mod open;
mod pane;
mod prose;
mod stage;
mod store;

pub use list::List;
pub use open::Open;
pub use pane::view;

use crate::words::Words;
use folder::Come;
use gloo::timers::callback::Interval;
use journal::Journal;
use lessons::{Look, Progress};
use std::cell::RefCell;
use std::rc::Rc;

/// What can be done with lessons.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Opens a lesson by its name.
    Open(String),
    /// A lesson has come, or why not.
    Fetched(String, Result<Come, String>),
    /// Its cluster is ready, or why not; how many clusters were begun before it.
    Ready(u32, Result<(), String>),
    /// The list of lessons has come, or why not.
    Listed(Result<String, String>),
    /// The text of the open lesson has come in another language.
    Translated(String, Result<Come, String>),
    /// Looks at the goals.
    Look,
    /// Runs a command in a terminal, counted from 1.
    Run(String, usize),
    /// Types a command without running it.
    Type(String, usize),
    /// Types the next letter.
    Letter,
    /// Lets a command be edited before it is run; the second time leaves it.
    Edit(String),
    /// Points at a thing in the picture.
    Point(Look),
    /// Brings a part of the picture into view.
    View(String),
    /// Opens a file of the learner.
    File(String),
    /// Shows what is missing, or hides it.
    Missing,
    /// Gives a hint more.
    Hint,
    /// Shows the solution, or hides it.
    Solution,
    /// Shows a step; what is past the last one is the end.
    Show(usize),
    /// Begins the lesson anew.
    Restart,
    /// Opens or closes the list.
    Menu,
    /// Leaves the lesson.
    Leave,
    /// Folds the text, where there is little room.
    Fold,
    /// Progress from a file.
    Import(String),
}

/// What a playground knows of lessons.
pub struct Lessons {
    /// The page's texts.
    pub words: Words,
    /// All lessons there are; empty until they were fetched.
    pub list: List,
    /// What the learner has done.
    pub progress: Progress,
    /// The lesson that is open.
    pub open: Option<Open>,
    /// Which lesson is on its way.
    pub coming: Option<String>,
    /// Why the last one did not come.
    pub trouble: Option<String>,
    /// Whether the list is shown.
    pub menu: bool,
    /// Whether the text is folded.
    pub folded: bool,
    /// What is said to those who listen.
    pub said: String,
    /// What has become of a file with progress.
    pub told: String,
    /// Counts what has to be drawn again.
    pub version: u32,
    /// What is typed by itself: the letters left.
    typing: String,
    /// Types it.
    typist: Option<Interval>,
    /// The address of the lesson that is open, if it is not one of the project's.
    at: Option<String>,
    /// Looks at the goals while a lesson is open.
    looks: Option<Interval>,
    /// What is done in the lesson that is open.
    journal: Journal,
    /// Counts the clusters that were begun: only the last one is of use.
    turn: u32,
    /// A lesson whose cluster is ready.
    prepared: Option<Box<stage::Prepared>>,
}

/// Shared by the playground and the pane that draws it.
pub type Shared = Rc<RefCell<Lessons>>;

impl Lessons {
    /// Before anything was fetched.
    pub fn new(words: Words) -> Lessons {
        Lessons {
            words,
            list: List::default(),
            progress: store::progress(),
            open: None,
            coming: None,
            trouble: None,
            menu: false,
            folded: false,
            said: String::new(),
            told: String::new(),
            version: 0,
            typing: String::new(),
            at: None,
            typist: None,
            looks: None,
            journal: Journal::default(),
            turn: 0,
            prepared: None,
        }
    }

    /// Whether there is anything to be shown.
    pub fn is_shown(&self) -> bool {
        self.open.is_some() || self.coming.is_some() || self.trouble.is_some() || self.menu
    }

    /// The lesson after the one that is open.
    pub fn next(&self) -> Option<String> {
        let lesson = &self.open.as_ref()?.lesson;
        lesson.next.clone().or_else(|| self.list.index.after(&lesson.name))
    }
}
