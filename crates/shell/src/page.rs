use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// The most requests that wait for the page; further ones are refused.
const MAX_WAITING: usize = 16;

/// Something that only the page around the terminal can do.
#[derive(Clone, Debug, PartialEq)]
pub enum PageRequest {
    /// Open this address in the page's own browser.
    Open(String),
    /// Let the learner edit a text; answered by [`crate::Laptop::edited`].
    Edit {
        /// Which edit.
        id: u64,
        /// The file's name.
        name: String,
        /// The text.
        text: String,
    },
    /// `lesson`, `hint`, `solution`, `levels` or `reset` was typed; answered by [`crate::Laptop::answer_lesson`].
    Lesson {
        /// Which request.
        id: u64,
        /// The program's name and its arguments.
        argv: Vec<String>,
    },
}

/// Requests to the page, and the texts that came back.
#[derive(Clone, Default)]
pub(crate) struct Page(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    waiting: VecDeque<PageRequest>,
    edited: Vec<(u64, Option<String>)>,
    answers: Vec<(u64, String, i32)>,
    next: u64,
    has_editor: bool,
}

impl Page {
    /// Asks for something; `false` when too much waits already.
    pub(crate) fn ask(&self, request: PageRequest) -> bool {
        let mut state = self.0.borrow_mut();
        let room = state.waiting.len() < MAX_WAITING;
        if room {
            state.waiting.push_back(request);
        }
        room
    }

    /// Asks for an edit; `None` when nobody is there to do it.
    pub(crate) fn edit(&self, name: &str, text: String) -> Option<u64> {
        let mut state = self.0.borrow_mut();
        if !state.has_editor || state.waiting.len() >= MAX_WAITING {
            return None;
        }
        state.next += 1;
        let id = state.next;
        state.waiting.push_back(PageRequest::Edit { id, name: name.into(), text });
        Some(id)
    }

    /// The answer to an edit, once it is there.
    pub(crate) fn take_edited(&self, id: u64) -> Option<Option<String>> {
        let edited = &mut self.0.borrow_mut().edited;
        let index = edited.iter().position(|(i, _)| *i == id)?;
        Some(edited.swap_remove(index).1)
    }

    pub(crate) fn give_edited(&self, id: u64, text: Option<String>) {
        self.0.borrow_mut().edited.push((id, text));
    }

    /// Asks whoever shows the lesson; `None` when too much waits already.
    pub(crate) fn ask_lesson(&self, argv: Vec<String>) -> Option<u64> {
        let mut state = self.0.borrow_mut();
        if state.waiting.len() >= MAX_WAITING {
            return None;
        }
        state.next += 1;
        let id = state.next;
        state.waiting.push_back(PageRequest::Lesson { id, argv });
        Some(id)
    }

    /// What a program of the lesson prints, and its exit code, once they are there.
    pub(crate) fn take_answer(&self, id: u64) -> Option<(String, i32)> {
        let answers = &mut self.0.borrow_mut().answers;
        let index = answers.iter().position(|(i, ..)| *i == id)?;
        let (_, text, exit) = answers.swap_remove(index);
        Some((text, exit))
    }

    pub(crate) fn give_answer(&self, id: u64, text: String, exit: i32) {
        let answers = &mut self.0.borrow_mut().answers;
        if answers.len() < MAX_WAITING {
            answers.push((id, text, exit));
        }
    }

    pub(crate) fn take(&self) -> Option<PageRequest> {
        self.0.borrow_mut().waiting.pop_front()
    }

    pub(crate) fn set_editor(&self, there: bool) {
        self.0.borrow_mut().has_editor = there;
    }
}
