//! Goals: conditions over what is there, over requests that were made, over commands that were typed.
//!
//! A kind of condition is one file here, one variant of [`Condition`] and one line in [`Condition::read`].

mod command;
mod compare;
mod object;
mod request;

pub use command::CommandGoal;
pub use compare::Compare;
pub use object::ObjectGoal;
pub use request::RequestGoal;

use crate::fields::{At, Doc};
use apimachinery::{Object, Resource, Value};
use client::RequestRecord;
use sim::{Duration, Time};
use std::sync::Arc;

/// How deep `all` and `any` may be nested.
const MAX_DEPTH: usize = 4;

/// The most conditions of an `all` or `any`.
const MAX_CONDITIONS: usize = 16;

/// What goals are looked up in: the cluster, seen from outside.
pub trait World {
    /// The virtual time.
    fn now(&self) -> Time;
    /// All objects of a resource, of all namespaces.
    fn objects(&self, resource: &Resource) -> Vec<Object>;
    /// The requests that have ended from number `from` on, and the number that the next will have.
    fn requests(&self, from: u64) -> (Vec<Arc<RequestRecord>>, u64);
}

/// What has to be so.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Its name within the step.
    pub id: String,
    /// The condition.
    pub condition: Condition,
    /// How long it has to hold without a break.
    pub hold: Duration,
    /// Once passed, it stays passed; otherwise it has to hold when the step ends.
    pub keep: bool,
    /// The line of `lesson.yaml` where it begins.
    pub line: usize,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// Over objects.
    Object(ObjectGoal),
    /// Over requests made since the step began.
    Request(RequestGoal),
    /// Over commands typed since the step began.
    Command(CommandGoal),
    /// All of them.
    All(Vec<Condition>),
    /// One of them at least.
    Any(Vec<Condition>),
    /// It could not be read and was left out: it holds.
    LeftOut,
}

/// How things are now, for a goal that is not reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Now {
    /// So many things are as they should be.
    Count(u64),
    /// The field has this value; empty when it is not there.
    Value(String),
    /// So many requests were as they should be, so many failed.
    Requests(u64, u64),
    /// It holds, but not for long enough yet.
    Held(Duration),
    /// Nothing to say about it.
    Unknown,
}

/// What a condition remembers while its step lasts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    /// Of each request and command condition, in the order of the file.
    pub(crate) requests: Vec<request::Seen>,
    pub(crate) commands: Vec<bool>,
}

/// Whether a condition holds, and how things are if not.
pub(crate) type Verdict = Result<(), Now>;

const KEYS: [&str; 8] = ["id", "for", "keep", "object", "request", "command", "all", "any"];

impl Goal {
    /// Reads a goal of a `lesson.yaml`.
    pub(crate) fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value) -> Goal {
        doc.only(at, value, &KEYS);
        let id = doc.text(at, value, "id").unwrap_or_default();
        if id.is_empty() {
            doc.problem(at, "a goal without `id`", "give it a short name, such as `id: two-pods`");
        }
        Goal {
            id,
            condition: Condition::read(doc, at, value, 0),
            hold: doc.duration(at, value, "for").unwrap_or_default(),
            keep: doc.flag(at, value, "keep").unwrap_or(true),
            line: doc.line(at),
        }
    }
}

impl Condition {
    fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value, depth: usize) -> Condition {
        let kinds = ["object", "request", "command", "all", "any"];
        let given: Vec<&str> = kinds.into_iter().filter(|k| !value[*k].is_null()).collect();
        let [kind] = given[..] else {
            let fix = format!("write exactly one of {}", kinds.join(", "));
            doc.problem(at, format!("{} conditions instead of one", given.len()), fix);
            return Condition::LeftOut;
        };
        let here = At::Field(at, kind);
        let read = match kind {
            "object" => ObjectGoal::read(doc, &here, &value[kind]).map(Condition::Object),
            "request" => RequestGoal::read(doc, &here, &value[kind]).map(Condition::Request),
            "command" => CommandGoal::read(doc, at, value).map(Condition::Command),
            _ if depth >= MAX_DEPTH => {
                doc.problem(&here, "conditions are nested too deeply", "make two goals of it");
                None
            }
            kind => {
                let items: Vec<Value> = doc.list(at, value, kind, MAX_CONDITIONS).to_vec();
                let mut conditions = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let place = At::Item(&here, index);
                    doc.only(&place, item, &kinds);
                    conditions.push(Condition::read(doc, &place, item, depth + 1));
                }
                Some(if kind == "all" { Condition::All(conditions) } else { Condition::Any(conditions) })
            }
        };
        read.unwrap_or(Condition::LeftOut)
    }

    /// A memory for a step that begins now.
    pub(crate) fn memory(&self) -> Memory {
        let mut memory = Memory::default();
        self.each(&mut |condition| match condition {
            Condition::Request(_) => memory.requests.push(request::Seen::default()),
            Condition::Command(_) => memory.commands.push(false),
            _ => {}
        });
        memory
    }

    /// Visits the condition and all within, in the order of the file.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&Condition)) {
        visit(self);
        if let Condition::All(parts) | Condition::Any(parts) = self {
            parts.iter().for_each(|part| part.each(visit));
        }
    }

    /// Remembers a request that has ended.
    pub(crate) fn note_request(&self, memory: &mut Memory, record: &RequestRecord) {
        let mut seen = memory.requests.iter_mut();
        self.each(&mut |condition| {
            if let Condition::Request(goal) = condition
                && let Some(seen) = seen.next()
            {
                goal.note(seen, record);
            }
        });
    }

    /// Remembers a command that has ended well.
    pub(crate) fn note_command(&self, memory: &mut Memory, line: &str) {
        let mut seen = memory.commands.iter_mut();
        self.each(&mut |condition| {
            if let Condition::Command(goal) = condition
                && let Some(seen) = seen.next()
            {
                *seen |= goal.matches(line);
            }
        });
    }

    /// Whether it holds now.
    pub(crate) fn holds(&self, world: &dyn World, memory: &Memory) -> Verdict {
        self.judge(world, &mut memory.requests.iter(), &mut memory.commands.iter())
    }

    fn judge<'m>(
        &self,
        world: &dyn World,
        requests: &mut dyn Iterator<Item = &'m request::Seen>,
        commands: &mut dyn Iterator<Item = &'m bool>,
    ) -> Verdict {
        match self {
            Condition::LeftOut => Ok(()),
            Condition::Object(goal) => goal.holds(world),
            Condition::Request(goal) => goal.holds(requests.next().ok_or(Now::Unknown)?, world.now()),
            Condition::Command(_) => match commands.next() {
                Some(true) => Ok(()),
                _ => Err(Now::Unknown),
            },
            // Every part is judged, so that each takes its own memory.
            Condition::All(parts) => {
                let verdicts: Vec<Verdict> =
                    parts.iter().map(|part| part.judge(world, requests, commands)).collect();
                verdicts.into_iter().collect()
            }
            Condition::Any(parts) => {
                let verdicts: Vec<Verdict> =
                    parts.iter().map(|part| part.judge(world, requests, commands)).collect();
                let holds = verdicts.iter().any(Result::is_ok);
                if holds { Ok(()) } else { verdicts.into_iter().next().unwrap_or(Err(Now::Unknown)) }
            }
        }
    }
}

/// Whether a name is meant by a pattern: the name itself, or its beginning and a `*`.
pub(crate) fn name_fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

/// The pattern may name a namespace: `NAMESPACE/NAME`; without one it is `default`.
pub(crate) fn in_namespace(pattern: &str) -> (&str, &str) {
    pattern.split_once('/').unwrap_or(("default", pattern))
}
