//! What a learner has done in a lesson, with the virtual time: after a reload it is done again, and the cluster, the
//! terminals and the goals are where they were.

use crate::app::Msg;
use crate::controls::Action;
use crate::engine::Engine;
use crate::load::Load;
use apimachinery::{Value, json};
use client::Driver;
use sim::Time;

/// The most that is kept: beyond it the lesson begins anew after a reload.
const MAX_ENTRIES: usize = 2_000;
/// The most text of it, in bytes.
const MAX_BYTES: usize = 200_000;
/// The longest virtual time that is lived again, in seconds. It takes a second or two.
const MAX_SECONDS: u64 = 3 * 3600;

/// Something that was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// Typed into a terminal, counted from 1.
    Typed(usize, String),
    /// A terminal was closed, counted from 0.
    Closed(usize),
    /// A node was switched on or off.
    Node(String, bool),
    /// The text that a program let edit; `None` where it was left.
    Edited(Option<String>),
    /// A file was written.
    File(String, String),
    /// Requests go to this Service.
    Target(String),
    /// One request was sent.
    Sent,
    /// So many requests a second are sent.
    Rate(f64),
}

/// All that was done in one lesson.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// The lesson.
    pub lesson: String,
    /// Until when it is known, in virtual time.
    pub until: Time,
    deeds: Vec<(Time, Deed)>,
    bytes: usize,
    /// More was done than is kept.
    full: bool,
}

impl Journal {
    /// Of a lesson that begins.
    pub fn new(lesson: &str) -> Journal {
        Journal { lesson: lesson.into(), ..Journal::default() }
    }

    /// Notes a deed.
    pub fn note(&mut self, at: Time, deed: Deed) {
        self.until = at;
        let plain = |text: &str| !text.contains(char::is_control);
        match (self.deeds.last_mut(), &deed) {
            // Letters at a prompt wait for what ends the line.
            (Some((time, Deed::Typed(tab, before))), Deed::Typed(now, text))
                if tab == now && plain(before) =>
            {
                *time = at;
                before.push_str(text);
            }
            _ => self.deeds.push((at, deed.clone())),
        }
        self.bytes += match &deed {
            Deed::Typed(_, text) | Deed::Edited(Some(text)) | Deed::File(_, text) => text.len(),
            _ => 16,
        };
        self.full |= self.deeds.len() > MAX_ENTRIES || self.bytes > MAX_BYTES;
    }

    /// What a message of the page means for it.
    pub fn deed(msg: &Msg, active: usize) -> Option<Deed> {
        Some(match msg {
            Msg::Input(bytes) => Deed::Typed(active + 1, String::from_utf8_lossy(bytes).into_owned()),
            Msg::Propose(text) => Deed::Typed(active + 1, text.clone()),
            Msg::Act(Action::CloseTab(index)) => Deed::Closed(*index),
            Msg::Act(Action::Node(name, on)) => Deed::Node(name.clone(), *on),
            Msg::Act(Action::Target(service)) => Deed::Target(service.clone()),
            Msg::Act(Action::Send) => Deed::Sent,
            Msg::Act(Action::Rate(rate)) => Deed::Rate(*rate),
            _ => return None,
        })
    }

    /// The next deed from number `index` on that is due by `now`, or none.
    pub fn due(&self, index: usize, now: Time) -> Option<(Time, &Deed)> {
        self.deeds.get(index).filter(|(at, _)| *at <= now).map(|(at, deed)| (*at, deed))
    }

    /// When everything is done again.
    pub fn end(&self) -> Time {
        self.deeds.last().map_or(self.until, |(at, _)| self.until.max(*at))
    }

    /// As JSON; `None` where it is more than is kept.
    pub fn to_json(&self) -> Option<String> {
        if self.full {
            return None;
        }
        let deed = |(at, deed): &(Time, Deed)| {
            let at = at.as_micros();
            match deed {
                Deed::Typed(tab, text) => json!([at, "typed", *tab as i64, text]),
                Deed::Closed(tab) => json!([at, "closed", *tab as i64]),
                Deed::Node(name, on) => json!([at, "node", name, *on]),
                Deed::Edited(Some(text)) => json!([at, "edited", text]),
                Deed::Edited(None) => json!([at, "left"]),
                Deed::File(name, text) => json!([at, "file", name, text]),
                Deed::Target(service) => json!([at, "target", service]),
                Deed::Sent => json!([at, "sent"]),
                Deed::Rate(rate) => json!([at, "rate", (*rate * 1000.0) as i64]),
            }
        };
        let deeds = Value::array(self.deeds.iter().map(deed));
        Some(json!({"lesson": &self.lesson, "until": self.until.as_micros(), "deeds": deeds}).to_json())
    }

    /// From JSON, if it is of this lesson, which begins at `begin`.
    pub fn read(json: &str, lesson: &str, begin: Time) -> Option<Journal> {
        let value = Value::from_json(json).ok()?;
        if value["lesson"].str() != lesson {
            return None;
        }
        let time = |v: &Value| Time::from_micros(v.int().unsigned_abs());
        let mut journal = Journal::new(lesson);
        for item in value["deeds"].items().iter().take(MAX_ENTRIES) {
            journal.note(time(&item[0]), read(item)?);
        }
        journal.until = time(&value["until"]);
        (journal.end().since(begin).as_secs() <= MAX_SECONDS).then_some(journal)
    }
}

fn read(item: &Value) -> Option<Deed> {
    let number = |v: &Value| usize::try_from(v.int()).unwrap_or_default();
    Some(match item[1].str() {
        "typed" => Deed::Typed(number(&item[2]), item[3].str().into()),
        "closed" => Deed::Closed(number(&item[2])),
        "node" => Deed::Node(item[2].str().into(), item[3].is_true()),
        "edited" => Deed::Edited(Some(item[2].str().into())),
        "left" => Deed::Edited(None),
        "file" => Deed::File(item[2].str().into(), item[3].str().into()),
        "target" => Deed::Target(item[2].str().into()),
        "sent" => Deed::Sent,
        "rate" => Deed::Rate(item[2].int() as f64 / 1000.0),
        _ => return None,
    })
}

impl Deed {
    /// Does it again.
    pub fn again(&self, engine: &mut Engine) {
        match self {
            Deed::Typed(tab, text) => {
                engine.show_terminal(*tab);
                engine.input(text.as_bytes());
            }
            Deed::Closed(tab) => engine.close_tab(*tab),
            Deed::Node(name, on) => {
                // What is on the page is there; nothing to say if it is not.
                let _ = engine.handle.act(if *on { "start-node" } else { "stop-node" }, name);
            }
            Deed::Edited(text) => {
                while let Some(request) = engine.take_page_request() {
                    if let shell::PageRequest::Edit { id, .. } = request {
                        engine.edited(id, text.clone());
                    }
                }
            }
            Deed::File(name, text) => engine.laptop().with_files(|files| files.put(name, text.as_str())),
            Deed::Target(service) => engine.load = Some(Load::new(service, engine.now())),
            Deed::Sent => {
                let handle = engine.handle.clone();
                if let Some(load) = &mut engine.load {
                    load.send(&mut handle.0.borrow_mut());
                }
            }
            Deed::Rate(rate) => {
                let now = engine.now();
                if let Some(load) = &mut engine.load {
                    load.set_rate(*rate, now);
                }
            }
        }
        engine.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_goes_out_and_comes_back() {
        let at = Time::from_secs;
        let mut journal = Journal::new("basics/1");
        journal.note(at(1), Deed::Typed(1, "ls".into()));
        journal.note(at(2), Deed::Typed(1, "\r".into()));
        journal.note(at(3), Deed::Node("minikube-m02".into(), false));
        journal.note(at(4), Deed::Edited(None));
        journal.note(at(5), Deed::Rate(0.5));
        assert_eq!(journal.deeds[0], (at(2), Deed::Typed(1, "ls\r".into())));
        let text = journal.to_json().unwrap_or_default();
        assert_eq!(Journal::read(&text, "basics/1", at(0)).map(|j| j.deeds), Some(journal.deeds.clone()));
        assert_eq!(Journal::read(&text, "basics/2", at(0)), None);
        journal.note(at(9), Deed::Typed(1, "x".repeat(MAX_BYTES + 1)));
        assert_eq!(journal.to_json(), None);
    }
}
