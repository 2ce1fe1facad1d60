//! Runs the tree: a stack of frames, one tick at a time.

use super::ast::*;
use super::expand::{Halt, Log};
use super::interactive::Expansion;
use super::parse::{Fault, MAX_SOURCE, Parser};
use super::redirect::Saved;
use super::simple::Simple;
use super::variables::Variable;
use super::{Shell, Style, builtins, pattern};
use crate::{Os, Pid, Read, Step};
use std::sync::Arc;

/// How deep commands may be nested while they run: functions that call themselves, most of all.
const MAX_FRAMES: usize = 4_000;
/// Bytes of a script that are looked at for its next command, at first.
const WINDOW: usize = 8 << 10;

/// Where a script comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// `-c`
    Command,
    File,
    /// `source`, `.`
    Sourced,
    Eval,
    /// A trap; `$?` is put back to this afterwards.
    Trap(i32),
}

/// What is being run. The topmost frame works; a frame that ends leaves its result in `$?`.
#[derive(Clone)]
pub(crate) enum Frame {
    /// Commands of a text.
    Script {
        text: Arc<str>,
        at: usize,
        line: u32,
        source: Source,
    },
    /// Commands that are read from standard input.
    Input {
        text: String,
        ended: bool,
    },
    /// Commands that are typed.
    Prompt(Expansion),
    List {
        list: Arc<List>,
        next: usize,
    },
    /// One element of a list; `next` is the pipeline that runs when the one before has ended.
    Chain {
        list: Arc<List>,
        item: usize,
        next: usize,
    },
    /// A chain that was put into the background: this is the copy that runs it.
    Background {
        list: Arc<List>,
        item: usize,
    },
    /// `!`
    Not,
    /// `time`
    Time {
        started: sim::Time,
    },
    Node(Arc<Node>),
    Simple(Box<Simple>),
    /// Puts descriptors back.
    Redirected(Vec<Saved>),
    If {
        node: Arc<Node>,
        arm: usize,
        deciding: bool,
    },
    Loop {
        node: Arc<Node>,
        deciding: bool,
        status: i32,
    },
    For {
        node: Arc<Node>,
        values: Option<Arc<Vec<String>>>,
        next: usize,
        log: Log,
    },
    ForArithmetic {
        node: Arc<Node>,
        stage: u8,
        log: Log,
    },
    Case {
        node: Arc<Node>,
        log: Log,
    },
    Arms {
        node: Arc<Node>,
        arm: usize,
    },
    Test {
        node: Arc<Node>,
        log: Log,
    },
    Arithmetic {
        node: Arc<Node>,
        log: Log,
    },
    /// A function, with what it hides.
    Function {
        parameters: Vec<String>,
        locals: Vec<(String, Option<Variable>)>,
    },
    /// Redirections of a compound command are being expanded.
    Redirecting {
        node: Arc<Node>,
        log: Log,
    },
    /// The output of a command substitution goes to the log of the frame below.
    Substitution {
        child: Pid,
        descriptor: u32,
        output: Vec<u8>,
    },
    /// Waits for the processes of a pipeline.
    Wait(super::jobs::Waiting),
    /// A builtin that takes its time.
    Builtin(Box<builtins::Pending>),
    /// Variables that were set for one builtin only.
    Restore(Vec<(String, Option<Variable>)>),
}

/// What makes frames end before their time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Unwind {
    Break(u32),
    Continue(u32),
    Return,
    Exit,
    /// An error or Ctrl-C: back to the prompt, or the end of the script.
    Abort,
}

impl Frame {
    pub fn script(text: &str, source: Source) -> Frame {
        Frame::Script { text: text.into(), at: 0, line: 1, source }
    }

    /// Where the result of a command substitution goes.
    pub(super) fn log(&mut self) -> Option<&mut Log> {
        match self {
            Frame::Simple(simple) => Some(&mut simple.log),
            Frame::Prompt(expansion) => Some(&mut expansion.log),
            Frame::For { log, .. }
            | Frame::ForArithmetic { log, .. }
            | Frame::Case { log, .. }
            | Frame::Test { log, .. }
            | Frame::Arithmetic { log, .. }
            | Frame::Redirecting { log, .. } => Some(log),
            _ => None,
        }
    }
}

impl Shell {
    /// One bit of work; `Some`: the process stops for now.
    pub(crate) fn tick(&mut self, os: &mut Os<'_>) -> Option<Step> {
        if self.interrupted && !matches!(self.frames.last(), Some(Frame::Prompt(_))) {
            self.interrupted = false;
            self.status = 130;
            self.forget_typed();
            self.unwind = Some(Unwind::Abort);
            os.eprint("\n");
        }
        if self.unwind.is_some() {
            return self.unwind_one(os);
        }
        if self.run_trap() {
            return None;
        }
        if self.frames.len() > MAX_FRAMES {
            self.complain(os, "maximum nesting level exceeded");
            self.status = 2;
            self.unwind = Some(Unwind::Abort);
            return None;
        }
        let Some(frame) = self.frames.pop() else { return self.end(os) };
        match frame {
            Frame::Script { text, at, line, source } => self.script(os, text, at, line, source),
            Frame::Input { text, ended } => return self.input(os, text, ended),
            Frame::Prompt(expansion) => return self.prompt(os, expansion),
            Frame::List { list, next } => self.list(list, next),
            Frame::Chain { list, item, next } => self.chain(os, list, item, next),
            Frame::Background { list, item } => self.run_chain(os, list, item, 0),
            Frame::Not => self.status = i32::from(self.status == 0),
            Frame::Time { started } => self.report_time(os, started),
            Frame::Node(node) => self.node(os, node),
            Frame::Simple(simple) => return self.simple(os, simple),
            Frame::Redirected(saved) => self.put_back(os, saved),
            Frame::If { node, arm, deciding } => self.if_frame(node, arm, deciding),
            Frame::Loop { node, deciding, status } => self.loop_frame(node, deciding, status),
            Frame::For { node, values, next, log } => self.for_frame(os, node, values, next, log),
            Frame::ForArithmetic { node, stage, log } => self.for_arithmetic(os, node, stage, log),
            Frame::Case { node, log } => self.case(os, node, log),
            Frame::Arms { node, arm } => self.arms(os, node, arm),
            Frame::Test { node, log } => self.test(os, node, log),
            Frame::Arithmetic { node, log } => self.arithmetic(os, node, log),
            Frame::Function { parameters, locals } => self.leave_function(parameters, locals),
            Frame::Redirecting { node, log } => self.redirecting(os, node, log),
            Frame::Substitution { child, descriptor, output } => {
                return self.substitution(os, child, descriptor, output);
            }
            Frame::Wait(waiting) => return self.wait_frame(os, waiting),
            Frame::Builtin(pending) => return self.pending(os, *pending),
            Frame::Restore(variables) => self.restore(variables),
        }
        None
    }

    /// Nothing is left to run.
    fn end(&mut self, os: &mut Os<'_>) -> Option<Step> {
        if let Some(action) = self.traps.remove("EXIT") {
            self.unwind = None;
            self.frames.push(Frame::script(&action, Source::Trap(self.status)));
            return None;
        }
        if self.is_interactive() {
            os.set_raw(false);
        }
        Some(Step::Exit(self.status))
    }

    /// Runs the trap of a signal that came.
    fn run_trap(&mut self) -> bool {
        let waiting = matches!(self.frames.last(), Some(Frame::Wait(_)));
        if self.pending.is_empty() || waiting {
            return false;
        }
        let signal = self.pending.remove(0);
        let Some(action) = self.traps.get(signal.name()).cloned() else { return false };
        // `wait` is interrupted by a signal that has a trap.
        if let Some(Frame::Builtin(pending)) = self.frames.last()
            && pending.ends_by_signal()
        {
            self.frames.pop();
            self.status = 128 + signal as i32;
        }
        self.frames.push(Frame::script(&action, Source::Trap(self.status)));
        true
    }

    /// Ends the topmost frame before its time.
    fn unwind_one(&mut self, os: &mut Os<'_>) -> Option<Step> {
        let unwind = self.unwind?;
        let Some(frame) = self.frames.pop() else {
            self.unwind = None;
            return self.end(os);
        };
        match frame {
            Frame::Redirected(saved) => self.put_back(os, saved),
            Frame::Restore(variables) => self.restore(variables),
            Frame::Simple(mut simple) => {
                let saved = std::mem::take(&mut simple.saved);
                self.put_back(os, saved);
            }
            Frame::Function { parameters, locals } => {
                self.leave_function(parameters, locals);
                if unwind == Unwind::Return {
                    self.unwind = None;
                }
            }
            Frame::Substitution { descriptor, child, .. } => {
                os.close(descriptor);
                os.kill(child, crate::Signal::Pipe);
            }
            Frame::Script { source: Source::Sourced, .. } if unwind == Unwind::Return => self.unwind = None,
            Frame::Script { source: Source::Trap(_), .. } if unwind == Unwind::Return => self.unwind = None,
            // An error ends the command, not the script.
            Frame::Script { source: Source::File | Source::Command, .. } if unwind == Unwind::Abort => {
                self.unwind = None;
                self.frames.push(frame);
            }
            Frame::Prompt(expansion) if unwind != Unwind::Exit => {
                self.unwind = None;
                self.frames.push(Frame::Prompt(expansion.given_up()));
            }
            Frame::Loop { node, .. } => {
                self.unwind_loop(unwind, Frame::Loop { node, deciding: false, status: 0 })
            }
            Frame::For { node, values, next, log } => {
                self.unwind_loop(unwind, Frame::For { node, values, next, log })
            }
            Frame::ForArithmetic { node, log, .. } => {
                self.unwind_loop(unwind, Frame::ForArithmetic { node, stage: 2, log });
            }
            _ => {}
        }
        None
    }

    fn unwind_loop(&mut self, unwind: Unwind, frame: Frame) {
        match unwind {
            Unwind::Break(n) => self.unwind = (n > 1).then_some(Unwind::Break(n - 1)),
            Unwind::Continue(1) => {
                self.unwind = None;
                self.frames.push(frame);
            }
            Unwind::Continue(n) => self.unwind = Some(Unwind::Continue(n - 1)),
            _ => {}
        }
    }

    /// How many loops the topmost frame is in, up to the function or script.
    pub(crate) fn loops(&self) -> u32 {
        let is_loop =
            |f: &&Frame| matches!(f, Frame::Loop { .. } | Frame::For { .. } | Frame::ForArithmetic { .. });
        self.frames.iter().rev().take_while(|f| !matches!(f, Frame::Function { .. })).filter(is_loop).count()
            as u32
    }

    // --- Texts.

    fn script(&mut self, os: &mut Os<'_>, text: Arc<str>, at: usize, line: u32, source: Source) {
        if text.len() > MAX_SOURCE {
            self.complain(os, &format!("script is larger than {MAX_SOURCE} bytes"));
            self.status = 2;
            self.unwind = Some(Unwind::Abort);
            return;
        }
        let aliases = if self.is_interactive() { self.aliases.clone() } else { Default::default() };
        // A window is enough for nearly every command, and spares the reading of the whole rest for each.
        let rest = &text[at..];
        let mut window = rest.get(..WINDOW).and_then(|w| w.rfind('\n')).map_or(rest.len(), |n| n + 1);
        let mut parser = Parser::new(&rest[..window], line, self.bash, &aliases);
        let mut result = parser.complete_command();
        if window < rest.len() && matches!(result, Err(_) | Ok(None)) {
            parser = Parser::new(rest, line, self.bash, &aliases);
            window = rest.len();
            result = parser.complete_command();
        }
        let (next, line_after) = (at + consumed(window, &parser), parser.line);
        match result {
            Ok(None) => {
                if let Source::Trap(status) = source {
                    self.status = status;
                }
            }
            Ok(Some(list)) => {
                if self.options.verbose {
                    os.eprint(&text[at..next]);
                }
                self.frames.push(Frame::Script { text, at: next, line: line_after, source });
                if !self.options.noexec {
                    self.frames.push(Frame::List { list: Arc::new(list), next: 0 });
                }
            }
            Err(fault) => {
                let where_ = if source == Source::Command { "-c: " } else { "" };
                let offending =
                    text[at..].lines().nth((parser.line - line) as usize).unwrap_or("").to_string();
                self.line =
                    if matches!(fault, Fault::Incomplete(Some(_))) { parser.opened } else { parser.line };
                self.report_fault(os, &fault, where_, &offending);
                self.status = 2;
                if source == Source::Command || source == Source::File {
                    self.unwind = Some(Unwind::Exit);
                }
            }
        }
    }

    /// Writes why a text could not be read, as bash words it.
    pub(crate) fn report_fault(&mut self, os: &mut Os<'_>, fault: &Fault, where_: &str, offending: &str) {
        let (message, shown) = match fault {
            Fault::Syntax(message, shown) => (message.clone(), *shown),
            Fault::Incomplete(None | Some('<')) => ("syntax error: unexpected end of file".into(), false),
            Fault::Incomplete(Some(quote)) => {
                (format!("unexpected EOF while looking for matching `{quote}'"), false)
            }
        };
        let prefix = match self.style {
            Style::Bash if self.is_interactive() => format!("{}: ", self.label),
            Style::Bash => format!("{}: {where_}line {}: ", self.label, self.line),
            _ => self.prefix(),
        };
        let message = match (self.style, message.strip_prefix("syntax error near unexpected token `")) {
            (Style::Bash, _) | (_, None) => message,
            (Style::Dash, Some(token)) => {
                format!("Syntax error: \"{}\" unexpected", token.trim_end_matches('\''))
            }
            (Style::Ash, Some(token)) => {
                format!("syntax error: unexpected \"{}\"", token.trim_end_matches('\''))
            }
        };
        os.eprint(&format!("{prefix}{message}\n"));
        if shown && self.style == Style::Bash && !self.is_interactive() {
            os.eprint(&format!("{prefix}`{offending}'\n"));
        }
    }

    /// Reads commands from standard input, a line at a time, so that programs can read the rest.
    fn input(&mut self, os: &mut Os<'_>, mut text: String, mut ended: bool) -> Option<Step> {
        if !ended {
            let mut line = Vec::new();
            loop {
                match os.read(0, 1) {
                    Read::Data(byte) => {
                        line.extend(byte);
                        if line.last() == Some(&b'\n') {
                            break;
                        }
                    }
                    Read::Empty => {
                        text.push_str(&String::from_utf8_lossy(&line));
                        self.frames.push(Frame::Input { text, ended });
                        return Some(Step::Wait(None));
                    }
                    Read::End => {
                        ended = true;
                        break;
                    }
                }
            }
            text.push_str(&String::from_utf8_lossy(&line));
        }
        let mut parser = Parser::new(&text, self.line + 1, self.bash, &self.aliases);
        match parser.complete_command() {
            Err(Fault::Incomplete(_)) if !ended && text.len() < MAX_SOURCE => {
                self.frames.push(Frame::Input { text, ended });
            }
            Ok(None) if ended => {}
            Ok(list) => {
                let rest: String = parser.text[parser.at.min(parser.text.len())..].iter().collect();
                self.frames.push(Frame::Input { text: rest, ended });
                if let Some(list) = list {
                    self.frames.push(Frame::List { list: Arc::new(list), next: 0 });
                }
            }
            Err(fault) => {
                self.report_fault(os, &fault, "", text.trim_end());
                self.status = 2;
                self.unwind = Some(Unwind::Exit);
            }
        }
        None
    }

    // --- Lists.

    fn list(&mut self, list: Arc<List>, next: usize) {
        if next < list.0.len() {
            self.frames.push(Frame::List { list: list.clone(), next: next + 1 });
            self.frames.push(Frame::Chain { list, item: next, next: 0 });
        }
    }

    fn chain(&mut self, os: &mut Os<'_>, list: Arc<List>, item: usize, next: usize) {
        let chain = &list.0[item];
        if chain.background && next == 0 {
            return self.start_background(os, list, item);
        }
        self.run_chain(os, list, item, next);
    }

    pub(crate) fn run_chain(&mut self, os: &mut Os<'_>, list: Arc<List>, item: usize, mut next: usize) {
        let chain = &list.0[item];
        let last = chain.rest.len();
        self.note_status(chain, next);
        if next > last {
            let pipeline = if last == 0 { &chain.first } else { &chain.rest[last - 1].1 };
            if self.status != 0 && !pipeline.negate {
                self.failed(os);
            }
            return;
        }
        while next > 0 {
            match (chain.rest[next - 1].0, self.status == 0) {
                (Join::And, true) | (Join::Or, false) => break,
                _ if next == last => return,
                _ => next += 1,
            }
        }
        self.frames.push(Frame::Chain { list: list.clone(), item, next: next + 1 });
        let pipeline = if next == 0 { &chain.first } else { &chain.rest[next - 1].1 };
        if pipeline.negate {
            self.frames.push(Frame::Not);
        }
        if pipeline.time {
            self.frames.push(Frame::Time { started: os.now() });
        }
        match pipeline.commands.as_slice() {
            [one] => self.frames.push(Frame::Node(one.clone())),
            many => self.start_pipeline(os, many, &chain.text),
        }
    }

    /// `PIPESTATUS` of a pipeline of one command.
    fn note_status(&mut self, chain: &Item, next: usize) {
        let Some(before) = next.checked_sub(1) else { return };
        let pipeline =
            if before == 0 { Some(&chain.first) } else { chain.rest.get(before - 1).map(|r| &r.1) };
        let one = pipeline.is_some_and(|p| p.commands.len() == 1);
        if one && let Some(variable) = self.variables.get_mut("PIPESTATUS") {
            variable.data = super::variables::Data::Array([(0, self.status.to_string())].into());
        }
    }

    /// A command failed that nobody tests: `set -e`, `trap ... ERR`.
    fn failed(&mut self, _os: &mut Os<'_>) {
        if self.is_tested() {
            return;
        }
        if let Some(action) = self.traps.get("ERR").cloned() {
            self.frames.push(Frame::script(&action, Source::Trap(self.status)));
        }
        if self.options.errexit {
            match self.traps.contains_key("ERR") {
                // The trap first: then the frame below ends.
                true => self.frames.insert(self.frames.len() - 1, Frame::script("exit $?", Source::Eval)),
                false => self.unwind = Some(Unwind::Exit),
            }
        }
    }

    /// Whether the command's status is looked at by something around it.
    pub(crate) fn is_tested(&self) -> bool {
        self.lenient
            || self.frames.iter().any(|frame| match frame {
                Frame::If { deciding, .. } | Frame::Loop { deciding, .. } => *deciding,
                Frame::Chain { list, item, next } => *next <= list.0[*item].rest.len(),
                Frame::Not => true,
                _ => false,
            })
    }

    fn report_time(&self, os: &mut Os<'_>, started: sim::Time) {
        let elapsed = os.now().since(started);
        let show =
            |d: sim::Duration| format!("{}m{}.{:03}s", d.as_secs() / 60, d.as_secs() % 60, d.subsec_millis());
        let zero = show(sim::Duration::ZERO);
        os.eprint(&format!("\nreal\t{}\nuser\t{zero}\nsys\t{zero}\n", show(elapsed)));
    }

    // --- Commands.

    pub(crate) fn node(&mut self, os: &mut Os<'_>, node: Arc<Node>) {
        self.line = node.line;
        if let Kind::Simple { .. } = node.kind {
            self.frames.push(Frame::Simple(Box::new(Simple::new(node))));
        } else if let Kind::Function { name, body } = &node.kind {
            self.define(os, name, body);
        } else if node.redirects.is_empty() {
            self.compound(os, node);
        } else {
            self.frames.push(Frame::Redirecting { node, log: Log::default() });
        }
    }

    fn define(&mut self, os: &mut Os<'_>, name: &str, body: &Arc<Node>) {
        if self.functions.len() >= super::MAX_DEFINITIONS {
            self.complain(os, "too many functions");
            self.status = 1;
            return;
        }
        self.functions.insert(name.into(), body.clone());
        self.status = 0;
    }

    fn redirecting(&mut self, os: &mut Os<'_>, node: Arc<Node>, mut log: Log) {
        log.rewind();
        match self.redirects(os, &node.redirects, &mut log) {
            Ok(targets) => match self.apply(os, targets) {
                Ok(saved) => {
                    self.frames.push(Frame::Redirected(saved));
                    self.compound(os, node);
                }
                Err(message) => {
                    self.complain(os, &message);
                    self.status = 1;
                }
            },
            Err(halt) => self.halted(os, halt, Frame::Redirecting { node, log }),
        }
    }

    fn compound(&mut self, os: &mut Os<'_>, node: Arc<Node>) {
        let frame = match &node.kind {
            Kind::Group(list) => Frame::List { list: list.clone(), next: 0 },
            Kind::Subshell(list) => return self.start_subshell(os, list.clone()),
            Kind::If { .. } => Frame::If { node, arm: 0, deciding: false },
            Kind::Loop { .. } => Frame::Loop { node, deciding: false, status: 0 },
            Kind::For { .. } => Frame::For { node, values: None, next: 0, log: Log::default() },
            Kind::ForArithmetic { .. } => Frame::ForArithmetic { node, stage: 0, log: Log::default() },
            Kind::Case { .. } => Frame::Case { node, log: Log::default() },
            Kind::Test(_) => Frame::Test { node, log: Log::default() },
            Kind::Arithmetic(_) => Frame::Arithmetic { node, log: Log::default() },
            Kind::Simple { .. } | Kind::Function { .. } => return,
        };
        self.frames.push(frame);
    }

    fn if_frame(&mut self, node: Arc<Node>, arm: usize, deciding: bool) {
        let Kind::If { arms, otherwise } = &node.kind else { return };
        let body = |list: &Arc<List>| Frame::List { list: list.clone(), next: 0 };
        match (deciding, arms.get(arm)) {
            (true, Some((_, then))) if self.status == 0 => self.frames.push(body(then)),
            (true, _) => self.frames.push(Frame::If { node, arm: arm + 1, deciding: false }),
            (false, Some((condition, _))) => {
                let condition = body(condition);
                self.frames.push(Frame::If { node, arm, deciding: true });
                self.frames.push(condition);
            }
            (false, None) => {
                self.status = 0;
                self.frames.extend(otherwise.as_ref().map(body));
            }
        }
    }

    fn loop_frame(&mut self, node: Arc<Node>, deciding: bool, status: i32) {
        let Kind::Loop { until, condition, body } = &node.kind else { return };
        if !deciding {
            // The body has ended, or it is the start: then the status is that of a loop that never ran.
            let list = condition.clone();
            let status =
                if matches!(self.frames.last(), Some(Frame::Loop { .. })) { status } else { self.status };
            self.frames.push(Frame::Loop { node, deciding: true, status });
            self.frames.push(Frame::List { list, next: 0 });
        } else if (self.status == 0) != *until {
            let list = body.clone();
            self.frames.push(Frame::Loop { node, deciding: false, status });
            self.frames.push(Frame::List { list, next: 0 });
        } else {
            self.status = status;
        }
    }

    fn for_frame(
        &mut self,
        os: &mut Os<'_>,
        node: Arc<Node>,
        values: Option<Arc<Vec<String>>>,
        next: usize,
        mut log: Log,
    ) {
        let Kind::For { name, words, body } = &node.kind else { return };
        let Some(values) = values else {
            log.rewind();
            let values = match words {
                None => Ok(self.parameters.clone()),
                Some(words) => self.expand_words(os, words, &mut log),
            };
            match values {
                Ok(values) => {
                    self.status = 0;
                    let values = Some(Arc::new(values));
                    self.frames.push(Frame::For { node, values, next: 0, log });
                }
                Err(halt) => self.halted(os, halt, Frame::For { node, values: None, next, log }),
            }
            return;
        };
        let Some(value) = values.get(next).cloned() else { return };
        if let Err(message) = self.assign(name, value) {
            self.complain(os, &message);
            self.status = 1;
            return;
        }
        let list = body.clone();
        self.frames.push(Frame::For { node, values: Some(values), next: next + 1, log });
        self.frames.push(Frame::List { list, next: 0 });
    }

    /// Stages: 0 the start, 1 the condition, 2 the step.
    fn for_arithmetic(&mut self, os: &mut Os<'_>, node: Arc<Node>, stage: u8, mut log: Log) {
        let Kind::ForArithmetic { start, condition, next, body } = &node.kind else { return };
        let word = [start, condition, next][usize::from(stage)];
        log.rewind();
        let value = self.expand_text(os, word, &mut log);
        let value = value.and_then(|text| match text.trim().is_empty() {
            true => Ok(1),
            false => self.calculate(os, &text),
        });
        match value {
            Err(halt) => self.halted(os, halt, Frame::ForArithmetic { node, stage, log }),
            Ok(0) if stage == 1 => self.status = 0,
            Ok(_) => {
                let (list, after) = (body.clone(), [1, 2, 1][usize::from(stage)]);
                self.frames.push(Frame::ForArithmetic { node, stage: after, log: Log::default() });
                if stage == 1 {
                    self.frames.push(Frame::List { list, next: 0 });
                }
            }
        }
    }

    fn case(&mut self, os: &mut Os<'_>, node: Arc<Node>, log: Log) {
        self.choose(os, node, 0, log);
    }

    /// Finds the first arm from `from` on that fits.
    fn choose(&mut self, os: &mut Os<'_>, node: Arc<Node>, from: usize, mut log: Log) {
        let Kind::Case { word, arms } = &node.kind else { return };
        log.rewind();
        let mut find = || -> Result<Option<usize>, Halt> {
            let text = self.expand_text(os, word, &mut log)?;
            for (n, arm) in arms.iter().enumerate().skip(from) {
                for pattern in &arm.patterns {
                    if pattern::matches(&self.expand_pattern(os, pattern, &mut log)?, &text) {
                        return Ok(Some(n));
                    }
                }
            }
            Ok(None)
        };
        match find() {
            Ok(found) => {
                self.status = 0;
                self.frames.extend(found.map(|arm| Frame::Arms { node, arm }));
            }
            Err(halt) => self.halted(os, halt, Frame::Case { node, log }),
        }
    }

    fn arms(&mut self, os: &mut Os<'_>, node: Arc<Node>, arm: usize) {
        let Kind::Case { arms, .. } = &node.kind else { return };
        let Some(this) = arms.get(arm) else { return };
        let (list, end) = (this.body.clone(), this.end);
        match end {
            ArmEnd::Stop => {}
            ArmEnd::Through => self.frames.push(Frame::Arms { node, arm: arm + 1 }),
            ArmEnd::Next => self.choose(os, node, arm + 1, Log::default()),
        }
        self.frames.push(Frame::List { list, next: 0 });
    }

    fn test(&mut self, os: &mut Os<'_>, node: Arc<Node>, mut log: Log) {
        let Kind::Test(condition) = &node.kind else { return };
        log.rewind();
        match self.condition(os, condition, &mut log) {
            Ok(yes) => self.status = i32::from(!yes),
            Err(halt) => self.halted(os, halt, Frame::Test { node, log }),
        }
    }

    fn arithmetic(&mut self, os: &mut Os<'_>, node: Arc<Node>, mut log: Log) {
        let Kind::Arithmetic(word) = &node.kind else { return };
        log.rewind();
        let value = self.expand_text(os, word, &mut log).and_then(|text| self.calculate(os, &text));
        match value {
            Ok(value) => self.status = i32::from(value == 0),
            Err(Halt::Error(message)) => {
                self.complain(os, &format!("((: {message}"));
                self.status = 1;
            }
            Err(halt) => self.halted(os, halt, Frame::Arithmetic { node, log }),
        }
    }

    // --- Functions.

    pub(crate) fn leave_function(
        &mut self,
        parameters: Vec<String>,
        locals: Vec<(String, Option<Variable>)>,
    ) {
        self.parameters = parameters;
        self.calls -= 1;
        self.restore(locals);
    }

    pub(crate) fn restore(&mut self, variables: Vec<(String, Option<Variable>)>) {
        for (name, old) in variables.into_iter().rev() {
            match old {
                Some(old) => drop(self.variables.insert(name, old)),
                None => drop(self.variables.remove(&name)),
            }
        }
    }
}

/// How many bytes of a text a parser has read. Aliases may have changed its copy of the text, but not what follows.
fn consumed(window: usize, parser: &Parser<'_>) -> usize {
    let left: usize = parser.text[parser.at.min(parser.text.len())..].iter().map(|c| c.len_utf8()).sum();
    window - left
}
