//! What a playground tells the page around it: each is a DOM event of the element.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The program is whole: whatever is typed is run.
    Ready,
    /// A command that was typed, by whomever, has ended.
    Command {
        /// What was typed.
        line: String,
        /// Its exit code.
        exit: i32,
    },
    /// Objects of the cluster have changed. At most a few times a second, however much changes.
    Change {
        /// Virtual time, in seconds since 1970.
        time: u64,
    },
    /// A goal of a lesson was reached for the first time.
    Solved {
        /// The lesson's name, such as `basics/2-deploy-an-app`.
        lesson: String,
        /// The step that is done.
        step: String,
        /// Whether it was the last.
        finished: bool,
    },
    /// Something could not be done, or has broken.
    Error(String),
}

impl Told {
    /// The event's name.
    pub fn name(&self) -> &'static str {
        match self {
            Told::Ready => "ready",
            Told::Command { .. } => "command",
            Told::Change { .. } => "change",
            Told::Solved { .. } => "solved",
            Told::Error(_) => "error",
        }
    }

    /// The event's `detail`.
    pub fn detail(&self) -> JsValue {
        match self {
            Told::Ready => object(&[]),
            Told::Command { line, exit } => {
                object(&[("command", line.as_str().into()), ("exit", (*exit).into())])
            }
            Told::Change { time } => object(&[("time", (*time as f64).into())]),
            Told::Solved { lesson, step, finished } => object(&[
                ("lesson", lesson.as_str().into()),
                ("step", step.as_str().into()),
                ("finished", (*finished).into()),
            ]),
            Told::Error(message) => object(&[("message", message.as_str().into())]),
        }
    }
}

/// A plain JavaScript object.
pub(super) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // A plain object takes any property.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
