//! Pipelines, subshells, background jobs, and waiting for them.

use super::ast::{Item, List, Node};
use super::run::{Frame, Unwind};
use super::{Shell, Style};
use crate::{ExitStatus, Os, Pid, Signal, Step};
use sim::Order;
use std::sync::Arc;

/// Background jobs of one shell.
const MAX_JOBS: usize = 64;

/// The processes of a pipeline that runs in the foreground.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub children: Vec<(Pid, Option<ExitStatus>)>,
    pub text: String,
    /// The job it was before `fg`.
    pub job: Option<u32>,
}

impl Waiting {
    pub fn one(child: Pid, text: String) -> Waiting {
        Waiting { children: vec![(child, None)], text, job: None }
    }
}

/// A job in the background, or stopped.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub number: u32,
    pub group: Pid,
    pub children: Vec<(Pid, Option<ExitStatus>)>,
    pub text: String,
    pub stopped: bool,
    /// It has ended and nobody was told yet.
    pub done: bool,
}

impl Job {
    /// Status of the last process, once all have ended.
    pub fn status(&self) -> Option<ExitStatus> {
        match self.children.iter().all(|c| c.1.is_some()) {
            true => self.children.last().and_then(|c| c.1),
            false => None,
        }
    }
}

impl Shell {
    /// Starts `a | b | c`, each in a copy of the shell.
    pub(crate) fn start_pipeline(&mut self, os: &mut Os<'_>, commands: &[Arc<Node>], text: &str) {
        let Some(children) = self.fork_pipeline(os, commands) else { return };
        if self.is_interactive()
            && let Some((first, _)) = children.first()
        {
            let group = *first;
            children.iter().for_each(|(child, _)| os.set_group(*child, group));
            os.set_foreground(group);
        }
        self.frames.push(Frame::Wait(Waiting { children, text: text.into(), job: None }));
    }

    fn fork_pipeline(
        &mut self,
        os: &mut Os<'_>,
        commands: &[Arc<Node>],
    ) -> Option<Vec<(Pid, Option<ExitStatus>)>> {
        let mut children = Vec::new();
        let mut input: Option<u32> = None;
        for (n, node) in commands.iter().enumerate() {
            let pipe = if n + 1 < commands.len() { os.pipe().ok() } else { None };
            let mut descriptors = Vec::new();
            descriptors.extend(input.map(|input| (0, input)));
            descriptors.extend(pipe.map(|(_, write)| (1, write)));
            let copy = self.copy_for(os, Frame::Node(node.clone()));
            let child = os.fork(Box::new(copy), &descriptors);
            let ends = [input, pipe.map(|p| p.0), pipe.map(|p| p.1)];
            for end in ends.into_iter().flatten() {
                if let Ok(child) = &child {
                    os.close_in(*child, end);
                }
            }
            input.into_iter().chain(pipe.map(|p| p.1)).for_each(|end| os.close(end));
            input = pipe.map(|p| p.0);
            match child {
                Ok(child) => children.push((child, None)),
                Err(_) => {
                    input.into_iter().for_each(|end| os.close(end));
                    self.no_more_processes(os);
                    return None;
                }
            }
        }
        Some(children)
    }

    /// Starts `( ... )`.
    pub(crate) fn start_subshell(&mut self, os: &mut Os<'_>, list: Arc<List>) {
        let copy = self.copy_for(os, Frame::List { list, next: 0 });
        match os.fork(Box::new(copy), &[]) {
            Ok(child) => {
                self.foreground(os, child);
                self.frames.push(Frame::Wait(Waiting::one(child, "(...)".into())));
            }
            Err(_) => self.no_more_processes(os),
        }
    }

    /// Starts `... &`.
    pub(crate) fn start_background(&mut self, os: &mut Os<'_>, list: Arc<List>, item: usize) {
        if self.jobs.len() >= MAX_JOBS {
            self.complain(os, "too many background jobs");
            self.status = 1;
            return;
        }
        let chain: &Item = &list.0[item];
        let text = chain.text.clone();
        let simple = chain.rest.is_empty() && !chain.first.negate && chain.first.commands.len() > 1;
        let children = if simple {
            match self.fork_pipeline(os, &chain.first.commands) {
                Some(children) => children,
                None => return,
            }
        } else {
            // `next` beyond 0: the copy runs it in its own foreground.
            let frame = match (chain.rest.is_empty(), chain.first.negate, chain.first.commands.as_slice()) {
                (true, false, [one]) => Frame::Node(one.clone()),
                _ => Frame::Background { list: list.clone(), item },
            };
            let mut copy = self.copy_for(os, frame);
            copy.lenient = false;
            match os.fork(Box::new(copy), &[]) {
                Ok(child) => vec![(child, None)],
                Err(_) => return self.no_more_processes(os),
            }
        };
        let group = children.first().map_or(os.pid(), |c| c.0);
        let number = self.jobs.iter().map(|j| j.number).max().unwrap_or(0) + 1;
        let last = children.last().map(|c| c.0);
        if self.is_interactive() {
            children.iter().for_each(|(child, _)| os.set_group(*child, group));
            os.eprint(&format!("[{number}] {}\n", last.map_or(0, |p| p.0)));
        } else if let Ok(null) = os.open("/dev/null", crate::Mode::Read, 10) {
            // Without job control a background command cannot take the script's input.
            children.first().into_iter().for_each(|(child, _)| os.replace_in(*child, 0, null));
            os.close(null);
        }
        self.last_background = last;
        self.jobs.push(Job { number, group, children, text, stopped: false, done: false });
        self.status = 0;
    }

    /// Looks which background processes have ended.
    pub(crate) fn update_jobs(&mut self, os: &mut Os<'_>) {
        for job in &mut self.jobs {
            for (child, status) in &mut job.children {
                if status.is_none() {
                    *status = os.wait(*child);
                }
            }
            job.stopped = job.children.iter().any(|(c, s)| s.is_none() && os.is_stopped(*c));
            job.done = job.status().is_some();
        }
        // Without somebody to tell, ended jobs are kept for `wait` only as long as there is room.
        if self.jobs.len() >= MAX_JOBS {
            self.jobs.retain(|j| !j.done);
        }
    }

    /// Waits for the foreground.
    pub(crate) fn wait_frame(&mut self, os: &mut Os<'_>, mut waiting: Waiting) -> Option<Step> {
        for (child, status) in &mut waiting.children {
            if status.is_none() {
                *status = os.wait(*child);
            }
        }
        if waiting.children.iter().any(|(child, s)| s.is_none() && os.is_stopped(*child))
            && self.is_interactive()
        {
            self.stop_job(os, waiting);
            return None;
        }
        if waiting.children.iter().any(|(_, s)| s.is_none()) {
            self.frames.push(Frame::Wait(waiting));
            return Some(Step::Wait(None));
        }
        if self.is_interactive() {
            let group = os.group();
            os.set_foreground(group);
        }
        let codes: Vec<i32> = waiting.children.iter().filter_map(|c| c.1).map(|s| s.code()).collect();
        self.status = codes.last().copied().unwrap_or(0);
        if self.options.pipefail {
            self.status = codes.iter().rev().copied().find(|c| *c != 0).unwrap_or(0);
        }
        let elements = (0..).zip(codes.iter().map(i32::to_string)).collect();
        // A variable of the shell's own: it cannot be read-only.
        let _ = self.assign_data("PIPESTATUS", super::variables::Data::Array(elements));
        if let Some((child, Some(ExitStatus::Signal(signal)))) = waiting.children.last() {
            self.killed(os, *child, *signal, &waiting.text);
        }
        None
    }

    /// A foreground process was ended by a signal.
    fn killed(&mut self, os: &mut Os<'_>, child: Pid, signal: Signal, text: &str) {
        match (signal, self.is_interactive()) {
            (Signal::Int, true) => {
                os.eprint("\n");
                self.forget_typed();
                self.unwind = Some(Unwind::Abort);
            }
            (Signal::Int | Signal::Pipe, _) => {}
            (_, true) => os.eprint(&format!("{}\n", describe(signal))),
            (_, false) if self.style == Style::Bash => {
                let text = format!("{}{:>8} {:<24}{text}\n", self.prefix(), child.0, describe(signal));
                os.eprint(&text);
            }
            (_, false) => os.eprint(&format!("{}\n", describe(signal))),
        }
    }

    fn stop_job(&mut self, os: &mut Os<'_>, waiting: Waiting) {
        let group = waiting.children.first().map_or(os.pid(), |c| c.0);
        let used = self.jobs.iter().map(|j| j.number).max().unwrap_or(0);
        let number = waiting.job.unwrap_or(used + 1);
        os.eprint(&format!("\n[{number}]+  {:<24}{}\n", "Stopped", waiting.text));
        self.jobs.push(Job {
            number,
            group,
            children: waiting.children,
            text: waiting.text,
            stopped: true,
            done: false,
        });
        self.jobs.order_by_key(|j| j.number);
        let group = os.group();
        os.set_foreground(group);
        self.status = 128 + Signal::Tstp as i32;
        self.unwind = Some(Unwind::Abort);
    }

    /// The line of `jobs` for a job, and of the notice that it has ended.
    pub(crate) fn job_line(&self, job: &Job) -> String {
        let mark = match self.jobs.iter().rev().position(|j| j.number == job.number) {
            Some(0) => '+',
            Some(1) => '-',
            _ => ' ',
        };
        let (state, running) = match job.status() {
            _ if job.stopped => ("Stopped".to_string(), false),
            None => ("Running".into(), true),
            Some(ExitStatus::Code(0)) => ("Done".into(), false),
            Some(ExitStatus::Code(code)) => (format!("Exit {code}"), false),
            Some(ExitStatus::Signal(signal)) => (describe(signal).into(), false),
        };
        format!("[{}]{mark}  {state:<24}{}{}\n", job.number, job.text, if running { " &" } else { "" })
    }

    /// Tells which background jobs have ended, and forgets them.
    pub(crate) fn notify_jobs(&mut self, os: &mut Os<'_>) {
        self.update_jobs(os);
        let lines: String = self.jobs.iter().filter(|j| j.done).map(|j| self.job_line(j)).collect();
        os.eprint(&lines);
        self.jobs.retain(|j| !j.done);
    }
}

/// What the shell says of a process that a signal ended.
pub(crate) fn describe(signal: Signal) -> &'static str {
    match signal {
        Signal::Hup => "Hangup",
        Signal::Int => "Interrupt",
        Signal::Quit => "Quit",
        Signal::Abrt => "Aborted",
        Signal::Kill => "Killed",
        Signal::Usr1 => "User defined signal 1",
        Signal::Segv => "Segmentation fault",
        Signal::Usr2 => "User defined signal 2",
        Signal::Pipe => "Broken pipe",
        Signal::Alrm => "Alarm clock",
        Signal::Term => "Terminated",
        Signal::Cont | Signal::Winch => "",
        Signal::Stop | Signal::Tstp => "Stopped",
    }
}
