//! What a page asks of its playground.

use super::told::object;
use cluster::Cluster;
use std::rc::Rc;
use userland::Files;
use wasm_bindgen::JsValue;
use yew::Callback;

/// How the outcome is told.
pub type Done<T> = Callback<Result<T, String>>;

/// Something that a page asks for.
pub enum Order {
    /// Type this, command by command.
    Run {
        /// One command or several, as they stand in a script.
        text: String,
        /// Told when the last has ended.
        done: Done<Ended>,
    },
    /// Begin anew.
    Reset(Done<()>),
    /// Keep the moment.
    Keep(Done<Rc<Snapshot>>),
    /// Go back to a moment.
    Restore {
        /// Which.
        moment: Rc<Snapshot>,
        /// Told when it is done.
        done: Done<()>,
    },
    /// Add an image.
    Register {
        /// Such as `example.com/shop:1`.
        name: String,
        /// What it runs.
        script: String,
        /// Told when it is done.
        done: Done<()>,
    },
    /// Whether nobody can see the playground.
    Suspend(bool),
}

/// Commands of the page that have ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ended {
    /// What they printed, as text.
    pub output: String,
    /// The exit code of the last.
    pub exit: i32,
}

impl Ended {
    /// `{output, exit}`.
    pub fn to_js(self) -> JsValue {
        object(&[("output", self.output.as_str().into()), ("exit", self.exit.into())])
    }
}

/// A moment.
pub struct Snapshot {
    /// The cluster, whole.
    pub cluster: Cluster,
    /// What lies on the laptop.
    pub files: Files,
}
