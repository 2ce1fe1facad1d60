//! The words of processes: what to start, how it runs, how it ends, and what a machine is plugged into.

use sim::Time;
use sim::collections::BTreeMap;
use sim::net::{Error, Request, RequestId, Response};

/// Process id on one machine; a container's first process is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

/// What to start.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// Program and arguments; the program is looked up in `PATH` unless it has a slash.
    pub argv: Vec<String>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Working directory; empty means `/`.
    pub cwd: String,
    /// User: a name of `/etc/passwd`, or `uid` or `uid:gid` as numbers; empty means root.
    pub user: String,
    /// Groups beside the user's own.
    pub groups: Vec<u32>,
    /// With a terminal of this size: one output stream, line editing, Ctrl-C.
    pub tty: Option<Tty>,
    /// Whether standard input is connected; else it is at its end from the start.
    pub stdin: bool,
}

/// Size of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // its fields are their own words
pub struct Tty {
    pub columns: u16,
    pub rows: u16,
}

/// Why a process could not be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpawnError {
    /// No such program: exit code 127 in a shell.
    NotFound,
    /// The file is there but is no program: exit code 126.
    NotExecutable,
    /// It is a directory: exit code 126.
    IsDirectory,
    /// The machine has its limit of processes.
    TooMany,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// By itself.
    Code(i32),
    /// By a signal.
    Signal(Signal),
}

impl ExitStatus {
    /// As a shell and as Kubernetes say it: 128 + n for a signal.
    pub fn code(self) -> i32 {
        match self {
            ExitStatus::Code(code) => code,
            ExitStatus::Signal(signal) => 128 + signal as i32,
        }
    }
}

/// Output streams of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Unix' own words
pub enum Stream {
    Stdout,
    Stderr,
}

/// Signals, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // Unix' own words
pub enum Signal {
    Hup = 1,
    Int = 2,
    Quit = 3,
    Abrt = 6,
    Kill = 9,
    Usr1 = 10,
    Segv = 11,
    Usr2 = 12,
    Pipe = 13,
    Alrm = 14,
    Term = 15,
    Cont = 18,
    Stop = 19,
    Tstp = 20,
    Winch = 28,
}

/// Every signal with its name, in order of number.
const SIGNALS: [(Signal, &str); 15] = [
    (Signal::Hup, "HUP"),
    (Signal::Int, "INT"),
    (Signal::Quit, "QUIT"),
    (Signal::Abrt, "ABRT"),
    (Signal::Kill, "KILL"),
    (Signal::Usr1, "USR1"),
    (Signal::Segv, "SEGV"),
    (Signal::Usr2, "USR2"),
    (Signal::Pipe, "PIPE"),
    (Signal::Alrm, "ALRM"),
    (Signal::Term, "TERM"),
    (Signal::Cont, "CONT"),
    (Signal::Stop, "STOP"),
    (Signal::Tstp, "TSTP"),
    (Signal::Winch, "WINCH"),
];

impl Signal {
    /// By number, or by name with or without `SIG`, in any case.
    pub fn parse(text: &str) -> Option<Signal> {
        let name = text.to_ascii_uppercase();
        let name = name.strip_prefix("SIG").unwrap_or(&name);
        let number = text.parse::<i32>().ok();
        SIGNALS.iter().find(|(s, n)| *n == name || Some(*s as i32) == number).map(|(s, _)| *s)
    }

    /// The name without `SIG`.
    pub fn name(self) -> &'static str {
        SIGNALS.iter().find(|(s, _)| *s == self).map_or("", |(_, n)| n)
    }

    /// All of them, in order of number.
    pub fn all() -> impl Iterator<Item = (Signal, &'static str)> {
        SIGNALS.into_iter()
    }
}

/// What a machine is plugged into.
pub trait Kernel {
    /// Virtual time.
    fn now(&self) -> Time;
    /// 64 random bits.
    fn random(&mut self) -> u64;
    /// Sends a request into the network.
    fn send(&mut self, request: Request) -> RequestId;
    /// Takes the answer of a request, once it is there.
    fn poll(&mut self, id: RequestId) -> Option<Result<Response, Error>>;
    /// A process of this machine has answered a request that was delivered to it.
    fn answer(&mut self, id: RequestId, answer: Result<Response, Error>);
    /// A program that the machine does not have itself but its host does (kubectl on the laptop) was started. `true`:
    /// the host runs it, feeds it, and ends it through the machine (`Machine::external_*`). `false`: nobody runs it;
    /// the process ends with code 126.
    fn external(&mut self, pid: Pid, command: &Command) -> bool;
}

/// A running program as a state machine: plain data that can be cloned at any moment.
pub trait Program: CloneProgram {
    /// Does what can be done now, a small bit at a time. Is called again when input, an answer, a child's end, a
    /// request or a signal came, or when the time is reached that it waits for; and now and then for no reason.
    fn step(&mut self, os: &mut crate::Os<'_>) -> Step;

    /// A signal came that is not `Kill` or `Stop`. The default is to die of it; `false` means it is ignored or handled
    /// (the program is stepped soon after). As in Linux, process 1 does not die of a signal that it does not handle.
    fn dies_of(&mut self, _signal: Signal) -> bool {
        true
    }
}

/// What a program wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It has more to do, but others may run first. Counts against the machine's budget.
    Yield,
    /// It waits, for anything to happen and at the longest until this time.
    Wait(Option<Time>),
    /// It ends.
    Exit(i32),
}

/// Makes `Box<dyn Program>` cloneable; implemented for every `Program` that is `Clone`.
pub trait CloneProgram: Send {
    /// A copy.
    fn boxed_clone(&self) -> Box<dyn Program>;
}

impl<T: Program + Clone + Send + 'static> CloneProgram for T {
    fn boxed_clone(&self) -> Box<dyn Program> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Program> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}
