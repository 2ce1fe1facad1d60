//! Simple commands: assignments, expansion, redirections, then a function, a builtin or a program.

use super::ast::*;
use super::expand::{Halt, Log};
use super::jobs::Waiting;
use super::redirect::Saved;
use super::run::{Frame, Unwind};
use super::variables::{Data, Variable};
use super::{Shell, Style, builtins, escape};
use crate::{Os, Pid, SpawnError, Step};
use sim::collections::BTreeMap;
use std::sync::Arc;

/// How deep functions may call each other.
const MAX_CALLS: usize = 500;

/// A simple command under way.
#[derive(Clone)]
pub(crate) struct Simple {
    node: Arc<Node>,
    /// Results of the stage that is being expanded.
    pub log: Log,
    /// Arguments, once they are expanded.
    argv: Option<Vec<String>>,
    /// Whether the redirections are in effect.
    redirected: bool,
    pub saved: Vec<Saved>,
    /// How many assignments are done.
    assigned: usize,
    /// Values that the assignments hid, to be put back.
    hidden: Vec<(String, Option<Variable>)>,
    /// Status of the last command substitution.
    pub substituted: Option<i32>,
}

impl Simple {
    pub fn new(node: Arc<Node>) -> Simple {
        Simple {
            node,
            log: Log::default(),
            argv: None,
            redirected: false,
            saved: Vec::new(),
            assigned: 0,
            hidden: Vec::new(),
            substituted: None,
        }
    }
}

impl Shell {
    pub(crate) fn simple(&mut self, os: &mut Os<'_>, mut simple: Box<Simple>) -> Option<Step> {
        let node = simple.node.clone();
        self.line = node.line;
        if let Err(halt) = self.prepare(os, &mut simple) {
            match halt {
                // A redirection failed: this command alone.
                Halt::Error(message) if simple.argv.is_some() && !simple.redirected && !self.fatal => {
                    self.complain(os, &message);
                    self.restore(std::mem::take(&mut simple.hidden));
                    self.status = 1;
                }
                halt => self.halted(os, halt, Frame::Simple(simple)),
            }
            return None;
        }
        let argv = simple.argv.take().unwrap_or_default();
        if self.options.xtrace {
            self.trace(os, &simple, &argv);
        }
        if argv.is_empty() {
            self.status = simple.substituted.unwrap_or(0);
            self.put_back(os, simple.saved);
            return None;
        }
        self.dispatch(os, *simple, argv)
    }

    /// Does everything that may need a command substitution, one stage after another.
    fn prepare(&mut self, os: &mut Os<'_>, simple: &mut Simple) -> Result<(), Halt> {
        let node = simple.node.clone();
        let Kind::Simple { assigns, words } = &node.kind else { return Ok(()) };
        if simple.argv.is_none() {
            simple.log.rewind();
            simple.argv = Some(self.expand_words(os, words, &mut simple.log)?);
            simple.log = Log::default();
        }
        if !simple.redirected {
            if !node.redirects.is_empty() {
                simple.log.rewind();
                let targets = self.redirects(os, &node.redirects, &mut simple.log)?;
                simple.saved = self.apply(os, targets).map_err(Halt::Error)?;
                simple.log = Log::default();
            }
            simple.redirected = true;
        }
        let temporary = simple.argv.as_ref().is_some_and(|a| !a.is_empty());
        while let Some(assign) = assigns.get(simple.assigned) {
            simple.log.rewind();
            if temporary && !simple.hidden.iter().any(|(n, _)| *n == assign.name) {
                simple.hidden.push((assign.name.clone(), self.variables.get(&assign.name).cloned()));
            }
            self.do_assign(os, assign, &mut simple.log)?;
            if temporary && let Some(variable) = self.variables.get_mut(&assign.name) {
                variable.exported = true;
            }
            simple.assigned += 1;
            simple.log = Log::default();
        }
        Ok(())
    }

    fn do_assign(&mut self, os: &mut Os<'_>, assign: &Assign, log: &mut Log) -> Result<(), Halt> {
        let done = match &assign.value {
            Value::Array(elements) => {
                let data = self.array(os, assign, elements, log)?;
                self.assign_data(&assign.name, data)
            }
            Value::Text(word) => {
                let mut text = self.expand_text(os, &tilde_after_colons(word), log)?;
                let key = match &assign.index {
                    Some(index) => Some(self.expand_text(os, index, log)?),
                    None => None,
                };
                if self.variables.get(&assign.name).is_some_and(|v| v.integer) {
                    text = self.calculate(os, &text)?.to_string();
                }
                if assign.append {
                    let old = match &key {
                        Some(key) => self.element(os, &assign.name, key)?.unwrap_or_default(),
                        None => self.text(&assign.name).to_string(),
                    };
                    text = match self.variables.get(&assign.name).is_some_and(|v| v.integer) {
                        true => self.calculate(os, &format!("{old}+{text}"))?.to_string(),
                        false => old + &text,
                    };
                }
                match key {
                    Some(key) => self.assign_key(os, &assign.name, &key, text)?,
                    None => self.assign(&assign.name, text),
                }
            }
        };
        done.map_err(|message| {
            self.fatal = self.style != Style::Bash;
            Halt::Error(message)
        })
    }

    fn assign_key(
        &mut self,
        os: &mut Os<'_>,
        name: &str,
        key: &str,
        text: String,
    ) -> Result<Result<(), String>, Halt> {
        let index = match self.variables.get(name).map(|v| &v.data) {
            Some(Data::Map(_)) => 0,
            _ => self.calculate(os, key)?,
        };
        Ok(self.assign_element(name, key, index, text))
    }

    fn array(
        &mut self,
        os: &mut Os<'_>,
        assign: &Assign,
        elements: &[(Option<Word>, Word)],
        log: &mut Log,
    ) -> Result<Data, Halt> {
        let old = self.variables.get(&assign.name).map(|v| v.data.clone());
        if let Some(Data::Map(old)) = old {
            let mut map = if assign.append { old } else { BTreeMap::new() };
            for (key, value) in elements {
                let Some(key) = key else { continue };
                map.insert(self.expand_text(os, key, log)?, self.expand_text(os, value, log)?);
            }
            return Ok(Data::Map(map));
        }
        let mut array = match old {
            Some(Data::Array(old)) if assign.append => old,
            Some(Data::Text(old)) if assign.append => BTreeMap::from([(0, old)]),
            _ => BTreeMap::new(),
        };
        let mut next = array.last_key_value().map_or(0, |(k, _)| *k + 1);
        for (key, value) in elements {
            if let Some(key) = key {
                let text = self.expand_text(os, key, log)?;
                next = self.calculate(os, &text)?;
                array.insert(next, self.expand_text(os, value, log)?);
                next += 1;
                continue;
            }
            for text in self.expand_words(os, std::slice::from_ref(value), log)? {
                array.insert(next, text);
                next += 1;
            }
        }
        Ok(Data::Array(array))
    }

    fn trace(&mut self, os: &mut Os<'_>, simple: &Simple, argv: &[String]) {
        let mark = self.text("PS4").to_string();
        let mut text = String::new();
        if let Kind::Simple { assigns, .. } = &simple.node.kind {
            for assign in assigns {
                let value = escape::quote(self.text(&assign.name));
                let value = if value == "''" { "" } else { &value };
                text.push_str(&format!("{mark}{}={value}\n", assign.name));
            }
        }
        if !argv.is_empty() {
            let words: Vec<String> = argv.iter().map(|a| escape::quote(a)).collect();
            text.push_str(&format!("{mark}{}\n", words.join(" ")));
        }
        os.eprint(&text);
    }

    /// Runs a command whose redirections and assignments are in effect.
    fn dispatch(&mut self, os: &mut Os<'_>, mut simple: Simple, argv: Vec<String>) -> Option<Step> {
        let name = argv[0].clone();
        if let Some(body) = self.functions.get(&name).cloned() {
            self.push_cleanup(&mut simple);
            self.call(os, body, &argv[1..]);
            return None;
        }
        if let Some(builtin) = builtins::find(&name) {
            // `exec` with redirections alone keeps them; assignments before a special builtin stay.
            let keep = name == "exec" && argv.len() == 1;
            if keep {
                let saved = std::mem::take(&mut simple.saved);
                self.forget_saved(os, saved);
            }
            self.push_cleanup(&mut simple);
            builtin(self, os, &argv[1..]);
            return None;
        }
        self.push_cleanup(&mut simple);
        self.start_program(os, &argv)
    }

    /// Frames that put descriptors and variables back when the command has ended.
    fn push_cleanup(&mut self, simple: &mut Simple) {
        if !simple.saved.is_empty() {
            self.frames.push(Frame::Redirected(std::mem::take(&mut simple.saved)));
        }
        if !simple.hidden.is_empty() {
            self.frames.push(Frame::Restore(std::mem::take(&mut simple.hidden)));
        }
    }

    /// Calls a function.
    fn call(&mut self, os: &mut Os<'_>, body: Arc<Node>, arguments: &[String]) {
        if self.calls >= MAX_CALLS {
            self.complain(os, &format!("maximum function nesting level exceeded ({MAX_CALLS})"));
            self.status = 1;
            self.unwind = Some(Unwind::Abort);
            return;
        }
        self.calls += 1;
        let parameters = std::mem::replace(&mut self.parameters, arguments.to_vec());
        self.frames.push(Frame::Function { parameters, locals: Vec::new() });
        self.frames.push(Frame::Node(body));
    }

    /// Starts a program and waits for it; in a copy of the shell made for it, becomes it.
    pub(crate) fn start_program(&mut self, os: &mut Os<'_>, argv: &[String]) -> Option<Step> {
        let environment = self.environment();
        os.set_env(environment);
        // Only frames that put something back are left: there will be nobody to put it back for.
        let last = self.one_command
            && self.frames.iter().all(|f| {
                matches!(
                    f,
                    Frame::Redirected(_) | Frame::Restore(_) | Frame::Chain { .. } | Frame::List { .. }
                ) && self.is_last(f)
            });
        if last && self.traps.is_empty() {
            match os.exec(argv) {
                Ok(()) => return Some(Step::Yield),
                Err(error) => self.not_started(os, &argv[0], &error),
            }
            return None;
        }
        match os.spawn(argv, &[]) {
            Ok(child) => {
                let text = argv.join(" ");
                self.foreground(os, child);
                self.frames.push(Frame::Wait(Waiting::one(child, text)));
            }
            Err(error) => self.not_started(os, &argv[0], &error),
        }
        None
    }

    /// Whether nothing comes after a frame's command.
    fn is_last(&self, frame: &Frame) -> bool {
        match frame {
            Frame::List { list, next } => *next >= list.0.len(),
            Frame::Chain { list, item, next } => *next > list.0[*item].rest.len(),
            _ => true,
        }
    }

    /// Says why a program was not started, and sets the status.
    pub(crate) fn not_started(&mut self, os: &mut Os<'_>, name: &str, error: &SpawnError) {
        let (text, status) = match (error, self.style) {
            (SpawnError::TooMany, _) => return self.no_more_processes(os),
            (SpawnError::NotFound, _) if name.contains('/') => {
                (if self.style == Style::Bash { "No such file or directory" } else { "not found" }, 127)
            }
            (SpawnError::NotFound, Style::Bash) => ("command not found", 127),
            (SpawnError::NotFound, _) => ("not found", 127),
            (SpawnError::IsDirectory, Style::Bash) => ("Is a directory", 126),
            (SpawnError::NotExecutable | SpawnError::IsDirectory, _) => ("Permission denied", 126),
        };
        self.complain(os, &format!("{name}: {text}"));
        self.status = status;
    }

    pub(crate) fn no_more_processes(&mut self, os: &mut Os<'_>) {
        self.complain(os, "fork: Resource temporarily unavailable");
        self.status = 254;
        self.unwind = Some(Unwind::Abort);
    }

    /// A copy of this shell that runs one frame and ends: a subshell.
    pub(crate) fn copy_for(&self, os: &mut Os<'_>, frame: Frame) -> Shell {
        let _ = os;
        let mut copy = self.clone();
        copy.lenient = self.is_tested();
        copy.frames = vec![frame];
        copy.unwind = None;
        copy.past = self.editor.as_ref().map_or_else(|| self.past.clone(), |e| e.history());
        copy.editor = None;
        copy.interactive = false;
        copy.jobs.clear();
        copy.pending.clear();
        copy.interrupted = false;
        // Ignored signals stay ignored; traps are the parent's.
        copy.traps.retain(|_, action| action.is_empty());
        copy.one_command = true;
        copy
    }

    /// Lets a child that was just started have the terminal.
    pub(crate) fn foreground(&self, os: &mut Os<'_>, child: Pid) {
        if self.is_interactive() {
            os.set_group(child, child);
            os.set_foreground(child);
        }
    }
}

/// `PATH=~/bin:~/x`: a tilde counts after each colon.
fn tilde_after_colons(word: &Word) -> Word {
    // The first part is looked at by the expansion itself; colons before a tilde are rare enough to be left alone
    // unless they are there.
    let mut out = Word::new();
    for part in word {
        match part {
            Part::Plain(text) if text.contains(":~") => {
                let mut rest = text.as_str();
                while let Some(cut) = rest.find(":~") {
                    out.push(Part::Plain(rest[..=cut].into()));
                    rest = &rest[cut + 1..];
                    let end = rest.find([':', '/']).unwrap_or(rest.len());
                    let home = Parameter {
                        name: "HOME".into(),
                        index: None,
                        length: false,
                        indirect: false,
                        change: Change::None,
                    };
                    out.push(Part::Parameter(Arc::new(home), true));
                    rest = &rest[end..];
                }
                out.push(Part::Plain(rest.into()));
            }
            other => out.push(other.clone()),
        }
    }
    out
}
