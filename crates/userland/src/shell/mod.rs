//! The shell: bash, and sh. A [`Program`] whose whole state is plain data: variables, a stack of [`Frame`]s that says
//! what is being run, and a line editor when somebody types.
//!
//! - `ast`, `parse`, `word`, `brace`: from text to tree.
//! - `split`: commands of a text, for hosts.
//! - `variables`, `expand`, `arithmetic`, `pattern`, `escape`: from words to arguments.
//! - `run`, `simple`, `redirect`, `jobs`: from the tree to processes.
//! - `builtins/`: one file per family of builtins.

mod arithmetic;
mod ast;
mod brace;
mod builtins;
pub(crate) mod escape;
mod expand;
mod interactive;
mod jobs;
mod parse;
pub(crate) mod pattern;
mod redirect;
mod run;
mod simple;
mod split;
mod substitute;
pub(crate) use expand::OUTPUTS;
mod variables;
mod word;

pub use split::{Part, split};

use crate::editor::Editor;
use crate::{Command, Flavor, Os, Pid, Program, Signal, Step};
use ast::Node;
use jobs::Job;
use run::{Frame, Unwind};
use sim::Time;
use sim::collections::BTreeMap;
use std::sync::Arc;
use variables::{Data, Options, Variable};

/// Ticks of the interpreter in one step of the process.
const TICKS_PER_STEP: usize = 16;
/// Aliases and functions of one shell.
const MAX_DEFINITIONS: usize = 2_000;

/// A running shell.
#[derive(Clone)]
pub(crate) struct Shell {
    /// `$0`
    name: String,
    /// What error messages begin with.
    label: String,
    pid: Pid,
    variables: BTreeMap<String, Variable>,
    functions: BTreeMap<String, Arc<Node>>,
    aliases: BTreeMap<String, String>,
    parameters: Vec<String>,
    options: Options,
    frames: Vec<Frame>,
    unwind: Option<Unwind>,
    /// `$?`
    status: i32,
    /// Line of the command that runs, for messages.
    line: u32,
    last_background: Option<Pid>,
    jobs: Vec<Job>,
    /// `trap`: what to run at a signal, at `EXIT` or at `ERR`. Empty: ignore the signal.
    traps: BTreeMap<String, String>,
    /// Signals that came and have a trap.
    pending: Vec<Signal>,
    /// Ctrl-C came.
    interrupted: bool,
    /// Somebody types.
    interactive: bool,
    /// A login shell, which says `logout` where others say `exit`.
    login: bool,
    /// The line editor of an interactive shell.
    editor: Option<Box<Editor>>,
    /// The lines that were typed into the shell of which this is a copy, for `history | tail`.
    past: Arc<Vec<String>>,
    started: Time,
    /// Bash's own words are known.
    bash: bool,
    /// How messages look.
    style: Style,
    /// A copy that runs one command: a program may take its place.
    one_command: bool,
    /// A copy made inside a condition: `set -e` does not hold.
    lenient: bool,
    /// The error just reported ends a script.
    fatal: bool,
    /// Depth of expansion.
    depth: usize,
    /// Depth of functions.
    calls: usize,
    /// The arguments have been read.
    begun: bool,
    /// The prompt is shown.
    prompted: bool,
    /// Lines of a command that is not complete yet.
    unfinished: String,
    /// The typed command that runs.
    typed: Option<String>,
}

/// Whose error messages a shell writes.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    Bash,
    /// Debian's `sh`.
    Dash,
    /// busybox' `sh`.
    Ash,
}

/// Makes `bash`, `sh` and their names with a path.
pub(crate) fn make(_: &Command) -> Box<dyn Program> {
    Box::new(Shell {
        name: String::new(),
        label: String::new(),
        pid: Pid(0),
        variables: BTreeMap::new(),
        functions: BTreeMap::new(),
        aliases: BTreeMap::new(),
        parameters: Vec::new(),
        options: Options::default(),
        frames: Vec::new(),
        unwind: None,
        status: 0,
        line: 0,
        last_background: None,
        jobs: Vec::new(),
        traps: BTreeMap::new(),
        pending: Vec::new(),
        interrupted: false,
        interactive: false,
        login: false,
        editor: None,
        past: Arc::default(),
        started: Time::ZERO,
        bash: true,
        style: Style::Bash,
        one_command: false,
        lenient: false,
        fatal: false,
        depth: 0,
        calls: 0,
        begun: false,
        prompted: false,
        unfinished: String::new(),
        typed: None,
    })
}

impl Program for Shell {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if !self.begun {
            self.begun = true;
            if let Err(code) = self.begin(os) {
                return Step::Exit(code);
            }
        }
        for _ in 0..TICKS_PER_STEP {
            if let Some(step) = self.tick(os) {
                return step;
            }
        }
        Step::Yield
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        if let Some(action) = self.traps.get(signal.name()) {
            if !action.is_empty() {
                self.pending.push(signal);
            }
            return false;
        }
        if !self.is_interactive() {
            return true;
        }
        self.interrupted |= signal == Signal::Int;
        !matches!(signal, Signal::Int | Signal::Term | Signal::Quit | Signal::Tstp | Signal::Winch)
    }
}

impl Shell {
    fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Reads the arguments of the shell and decides what it runs. `Err`: it ends with this code.
    fn begin(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let argv = os.argv().to_vec();
        let invoked = argv.first().cloned().unwrap_or_else(|| "sh".into());
        let base = invoked.trim_start_matches('-').rsplit('/').next().unwrap_or("sh").to_string();
        self.bash = base != "ash" && base != "dash";
        self.style = match base.as_str() {
            "bash" | "rbash" => Style::Bash,
            _ if os.flavor() == Flavor::Busybox => Style::Ash,
            _ => Style::Dash,
        };
        self.name = invoked.clone();
        self.label =
            if self.style == Style::Bash { base.clone() } else { invoked.trim_start_matches('-').into() };
        self.pid = os.pid();
        self.started = os.now();
        self.inherit(os);
        let mut at = 1;
        let (mut command, mut stdin, mut interactive) = (false, false, false);
        self.login = invoked.starts_with('-');
        while let Some(arg) =
            argv.get(at).filter(|a| a.len() > 1 && (a.starts_with('-') || a.starts_with('+')))
        {
            at += 1;
            match arg.as_str() {
                "--" => break,
                "--version" if self.style == Style::Bash => {
                    os.print("GNU bash, version 5.2.37(1)-release (x86_64-pc-linux-gnu)\n");
                    return Err(0);
                }
                "--login" => {
                    self.login = true;
                    continue;
                }
                "--norc" | "--noprofile" | "--posix" => continue,
                long if long.starts_with("--") => {
                    os.eprint(&format!("{}: {long}: invalid option\n", self.label));
                    return Err(2);
                }
                _ => {}
            }
            let on = arg.starts_with('-');
            for c in arg[1..].chars() {
                match c {
                    'c' => command = true,
                    's' => stdin = true,
                    'i' => interactive = true,
                    'l' => self.login = true,
                    'm' => {}
                    'o' => {
                        let name = argv.get(at).cloned().unwrap_or_default();
                        at += 1;
                        self.set_option(os, &name, on)?;
                    }
                    c => self.set_flag(os, c, on)?,
                }
            }
        }
        let rest = argv.get(at..).unwrap_or_default().to_vec();
        if command {
            return self.begin_command(os, &rest);
        }
        if let Some(script) = rest.first().filter(|_| !stdin) {
            return self.begin_script(os, script, &rest[1..]);
        }
        self.parameters = rest;
        if interactive || os.is_tty(0) {
            self.begin_interactive(os);
        } else {
            self.frames.push(Frame::Input { text: String::new(), ended: false });
        }
        Ok(())
    }

    fn begin_command(&mut self, os: &mut Os<'_>, rest: &[String]) -> Result<(), i32> {
        let Some(text) = rest.first() else {
            os.eprint(&format!("{}: -c: option requires an argument\n", self.label));
            return Err(2);
        };
        if let Some(name) = rest.get(1) {
            self.name = name.clone();
            self.label = name.clone();
        }
        self.parameters = rest.get(2..).unwrap_or_default().to_vec();
        self.frames.push(Frame::script(text, run::Source::Command));
        Ok(())
    }

    fn begin_script(&mut self, os: &mut Os<'_>, script: &str, rest: &[String]) -> Result<(), i32> {
        let path = match os.files().exists(&os.path(script)) || script.contains('/') {
            true => script.to_string(),
            false => os.find(script).unwrap_or_else(|_| script.into()),
        };
        match os.read_file(&path) {
            Ok(bytes) => {
                self.name = script.into();
                self.label = script.into();
                self.parameters = rest.to_vec();
                let text = String::from_utf8_lossy(&bytes).into_owned();
                self.frames.push(Frame::script(&text, run::Source::File));
                Ok(())
            }
            Err(error) => {
                let text = match self.style {
                    Style::Bash => format!("{}: {script}: {error}\n", self.label),
                    Style::Dash => format!("{}: 0: cannot open {script}: {error}\n", self.label),
                    Style::Ash => format!("{}: can't open '{script}': {error}\n", self.label),
                };
                os.eprint(&text);
                Err(if error == crate::FileError::NotFound { 127 } else { 126 })
            }
        }
    }

    fn inherit(&mut self, os: &Os<'_>) {
        for (name, value) in os.env() {
            if parse::is_name(name) {
                let data = Data::Text(value.clone());
                self.variables.insert(name.clone(), Variable { exported: true, ..Variable::new(data) });
            }
        }
        let cwd = os.cwd().to_string();
        self.variables.insert("PWD".into(), Variable { exported: true, ..Variable::new(Data::Text(cwd)) });
        for (name, value) in [("IFS", " \t\n"), ("OPTIND", "1"), ("PS2", "> "), ("PS4", "+ ")] {
            self.variables.insert(name.into(), Variable::new(Data::Text(value.into())));
        }
        if self.style == Style::Bash {
            self.variables
                .insert("BASH_VERSION".into(), Variable::new(Data::Text("5.2.37(1)-release".into())));
            self.variables.insert("BASH".into(), Variable::new(Data::Text("/bin/bash".into())));
        }
        self.variables
            .entry("PATH".into())
            .or_insert_with(|| Variable::new(Data::Text(crate::host::DEFAULT_PATH.into())));
    }

    // --- Messages.

    /// `bash: line 3: `, `script.sh: line 3: `, `sh: 1: `, `sh: `
    fn prefix(&self) -> String {
        match self.style {
            Style::Ash => format!("{}: ", self.label),
            Style::Dash => format!("{}: {}: ", self.label, self.line.max(1)),
            Style::Bash if self.is_interactive() => format!("{}: ", self.label),
            Style::Bash => format!("{}: line {}: ", self.label, self.line.max(1)),
        }
    }

    /// Writes an error message.
    fn complain(&self, os: &mut Os<'_>, text: &str) {
        os.eprint(&format!("{}{text}\n", self.prefix()));
    }
}
