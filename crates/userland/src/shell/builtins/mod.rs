//! Builtins: one file per family, one line each in [`BUILTINS`].

mod control;
mod directory;
mod info;
mod process;
mod read;
mod text;
mod variables;

use super::run::Frame;
use super::{Shell, Style};
use crate::{Os, Step};

/// A builtin: its arguments without its name. It sets `$?`.
pub(crate) type Builtin = fn(&mut Shell, &mut Os<'_>, &[String]);

/// Every builtin.
const BUILTINS: [(&str, Builtin); 49] = [
    (".", control::source),
    (":", control::colon),
    ("[", text::bracket),
    ("alias", variables::alias),
    ("bg", process::bg),
    ("break", control::break_),
    ("builtin", control::builtin),
    ("cd", directory::cd),
    ("command", control::command),
    ("continue", control::continue_),
    ("declare", variables::declare),
    ("dirs", directory::dirs),
    ("disown", process::disown),
    ("echo", text::echo),
    ("eval", control::eval),
    ("exec", control::exec),
    ("exit", control::exit),
    ("export", variables::export),
    ("false", control::false_),
    ("fg", process::fg),
    ("getopts", variables::getopts),
    ("hash", info::hash),
    ("help", info::help),
    ("history", info::history),
    ("jobs", process::jobs),
    ("kill", process::kill),
    ("let", variables::let_),
    ("local", variables::local),
    ("logout", control::exit),
    ("mapfile", read::mapfile),
    ("popd", directory::popd),
    ("printf", text::printf),
    ("pushd", directory::pushd),
    ("pwd", directory::pwd),
    ("read", read::read),
    ("readarray", read::mapfile),
    ("readonly", variables::readonly),
    ("return", control::return_),
    ("set", variables::set),
    ("shift", variables::shift),
    ("shopt", variables::shopt),
    ("source", control::source),
    ("test", text::test),
    ("trap", process::trap),
    ("true", control::colon),
    ("type", info::type_),
    ("umask", info::umask),
    ("unset", variables::unset),
    ("wait", process::wait),
];

/// Builtins that are not in the table because their order there would be wrong.
const MORE: [(&str, Builtin); 5] = [
    ("typeset", variables::declare),
    ("unalias", variables::unalias),
    ("ulimit", info::ulimit),
    ("enable", info::unsupported),
    ("complete", info::complete),
];

/// The builtin of this name.
pub(crate) fn find(name: &str) -> Option<Builtin> {
    BUILTINS.iter().chain(&MORE).find(|(n, _)| *n == name).map(|(_, f)| *f)
}

/// All names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().chain(&MORE).map(|(n, _)| *n)
}

/// A builtin that takes its time.
#[derive(Clone)]
pub(crate) enum Pending {
    Read(read::Reading),
    Lines(read::Lines),
    /// `wait`: for these processes, or all when there are none named.
    Wait(process::WaitFor),
}

impl Pending {
    /// Whether a signal with a trap ends it.
    pub fn ends_by_signal(&self) -> bool {
        matches!(self, Pending::Wait(_))
    }
}

impl Shell {
    /// Goes on with a builtin that takes its time.
    pub(crate) fn pending(&mut self, os: &mut Os<'_>, pending: Pending) -> Option<Step> {
        let (step, again) = match pending {
            Pending::Read(reading) => read::go_on(self, os, reading),
            Pending::Lines(lines) => read::lines_on(self, os, lines),
            Pending::Wait(wait) => process::wait_on(self, os, wait),
        };
        self.frames.extend(again.map(|p| Frame::Builtin(Box::new(p))));
        step
    }

    /// An error message of a builtin: `bash: cd: x: No such file or directory`.
    fn builtin_error(&mut self, os: &mut Os<'_>, name: &str, text: &str, status: i32) {
        self.complain(os, &format!("{name}: {text}"));
        self.status = status;
    }

    /// An option that a builtin does not have.
    fn bad_option(&mut self, os: &mut Os<'_>, name: &str, option: &str, usage: &str) {
        self.builtin_error(os, name, &format!("{option}: invalid option"), 2);
        if self.style == Style::Bash {
            os.eprint(&format!("{name}: usage: {usage}\n"));
        }
    }
}
