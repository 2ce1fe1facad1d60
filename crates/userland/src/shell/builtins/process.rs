//! `jobs fg bg disown wait kill trap`

use super::Pending;
use crate::shell::jobs::{Job, Waiting};
use crate::shell::run::Frame;
use crate::shell::{Shell, Style, escape};
use crate::{Os, Pid, Signal, Step};

/// Traps of one shell are bounded by the signals there are; their text by this.
const MAX_TRAP: usize = 64 << 10;

/// `wait`, under way.
#[derive(Clone)]
pub(crate) struct WaitFor {
    pids: Vec<Pid>,
    /// `wait -n`: any one.
    any: bool,
}

fn job_position(shell: &Shell, spec: &str) -> Option<usize> {
    let jobs = &shell.jobs;
    match spec.strip_prefix('%')? {
        "" | "%" | "+" => jobs.len().checked_sub(1),
        "-" => jobs.len().checked_sub(2),
        number => {
            let by_number = number.parse().ok().and_then(|n: u32| jobs.iter().position(|j| j.number == n));
            by_number.or_else(|| jobs.iter().position(|j| j.text.starts_with(number)))
        }
    }
}

fn no_such_job(shell: &mut Shell, os: &mut Os<'_>, name: &str, spec: &str) {
    shell.builtin_error(os, name, &format!("{spec}: no such job"), 1);
}

pub(super) fn jobs(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.update_jobs(os);
    let pids = args.iter().any(|a| a == "-p");
    let text: String = match pids {
        true => shell.jobs.iter().map(|j| format!("{}\n", j.group.0)).collect(),
        false => shell.jobs.iter().map(|j| shell.job_line(j)).collect(),
    };
    os.print(&text);
    shell.jobs.retain(|j| !j.done);
    shell.status = 0;
}

fn take_job(shell: &mut Shell, os: &mut Os<'_>, name: &str, args: &[String]) -> Option<Job> {
    if !shell.is_interactive() {
        shell.builtin_error(os, name, "no job control", 1);
        return None;
    }
    shell.update_jobs(os);
    let spec = args.first().map_or("%+", |a| a);
    let spec = if spec.starts_with('%') { spec.to_string() } else { format!("%{spec}") };
    match job_position(shell, &spec) {
        Some(at) => Some(shell.jobs.remove(at)),
        None => {
            let shown = if args.is_empty() { "current".into() } else { args[0].clone() };
            no_such_job(shell, os, name, &shown);
            None
        }
    }
}

pub(super) fn fg(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let Some(job) = take_job(shell, os, "fg", args) else { return };
    os.print(&format!("{}\n", job.text));
    os.set_foreground(job.group);
    os.kill_group(job.group, Signal::Cont);
    shell.frames.push(Frame::Wait(Waiting { children: job.children, text: job.text, job: Some(job.number) }));
}

pub(super) fn bg(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let Some(mut job) = take_job(shell, os, "bg", args) else { return };
    os.kill_group(job.group, Signal::Cont);
    job.stopped = false;
    os.print(&format!("[{}]+ {} &\n", job.number, job.text));
    shell.jobs.push(job);
    shell.status = 0;
}

pub(super) fn disown(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let spec = args.iter().find(|a| !a.starts_with('-')).map_or("%+", |a| a);
    shell.status = 0;
    match job_position(shell, spec) {
        Some(at) => drop(shell.jobs.remove(at)),
        None => no_such_job(shell, os, "disown", "current"),
    }
}

pub(super) fn wait(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    let any = args.first().is_some_and(|a| a == "-n");
    let mut pids = Vec::new();
    for arg in args.iter().filter(|a| !a.starts_with("-")) {
        if arg.starts_with('%') {
            match job_position(shell, arg).and_then(|at| shell.jobs[at].children.last()) {
                Some((pid, _)) => pids.push(*pid),
                None => {
                    no_such_job(shell, os, "wait", arg);
                    shell.status = 127;
                    return;
                }
            }
        } else if let Ok(pid) = arg.parse() {
            if !shell.jobs.iter().any(|j| j.children.iter().any(|c| c.0 == Pid(pid))) {
                return shell.builtin_error(
                    os,
                    "wait",
                    &format!("pid {pid} is not a child of this shell"),
                    127,
                );
            }
            pids.push(Pid(pid));
        } else {
            return shell.builtin_error(os, "wait", &format!("`{arg}': not a pid or valid job spec"), 1);
        }
    }
    shell.status = 0;
    shell.frames.push(Frame::Builtin(Box::new(Pending::Wait(WaitFor { pids, any }))));
}

pub(super) fn wait_on(shell: &mut Shell, os: &mut Os<'_>, wait: WaitFor) -> (Option<Step>, Option<Pending>) {
    shell.update_jobs(os);
    let status = |pid: &Pid| {
        let job = shell.jobs.iter().find(|j| j.children.iter().any(|c| c.0 == *pid))?;
        job.children.iter().find(|c| c.0 == *pid)?.1
    };
    let result = if wait.any {
        match shell.jobs.iter().find(|j| j.done) {
            Some(job) => Some((job.status().map_or(127, |s| s.code()), vec![job.number])),
            None if shell.jobs.is_empty() => Some((127, Vec::new())),
            None => None,
        }
    } else if wait.pids.is_empty() {
        let running = shell.jobs.iter().any(|j| !j.done && !j.stopped);
        (!running).then(|| (0, shell.jobs.iter().filter(|j| j.done).map(|j| j.number).collect()))
    } else if wait.pids.iter().all(|p| status(p).is_some()) {
        Some((wait.pids.last().and_then(status).map_or(127, |s| s.code()), Vec::new()))
    } else {
        None
    };
    match result {
        Some((code, forget)) => {
            shell.status = code;
            shell.jobs.retain(|j| !forget.contains(&j.number));
            (None, None)
        }
        None => (Some(Step::Wait(None)), Some(Pending::Wait(wait))),
    }
}

pub(super) fn kill(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    let mut signal = Signal::Term;
    let mut targets = args;
    match args.first().map(|a| a.as_str()) {
        Some("-l" | "-L") => {
            let names: Vec<String> = match args.get(1) {
                Some(code) => {
                    let number = code.parse::<i32>().map(|n| if n > 128 { n - 128 } else { n });
                    match number {
                        Ok(n) => {
                            Signal::parse(&n.to_string()).map(|s| s.name().to_string()).into_iter().collect()
                        }
                        Err(_) => Signal::parse(code).map(|s| (s as i32).to_string()).into_iter().collect(),
                    }
                }
                None => Signal::all().map(|(s, n)| format!("{:2}) SIG{n}", s as i32)).collect(),
            };
            return os.print(&format!("{}\n", names.join("\n")));
        }
        Some("-s" | "-n") => {
            let name = args.get(1).cloned().unwrap_or_default();
            let Some(found) = Signal::parse(&name) else {
                return shell.builtin_error(os, "kill", &format!("{name}: invalid signal specification"), 1);
            };
            (signal, targets) = (found, &args[2..]);
        }
        Some("--") => targets = &args[1..],
        Some(option) if option.len() > 1 && option.starts_with('-') => {
            match Signal::parse(&option[1..]) {
                Some(found) => (signal, targets) = (found, &args[1..]),
                // `kill -0` only asks.
                None if option == "-0" => return probe(shell, os, &args[1..]),
                None => {
                    let text = format!("{}: invalid signal specification", &option[1..]);
                    return shell.builtin_error(os, "kill", &text, 1);
                }
            }
        }
        _ => {}
    }
    if targets.is_empty() {
        os.eprint(
            "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n",
        );
        shell.status = 2;
    }
    for target in targets {
        kill_one(shell, os, target, signal);
    }
}

fn kill_one(shell: &mut Shell, os: &mut Os<'_>, target: &str, signal: Signal) {
    if target.starts_with('%') {
        let Some(at) = job_position(shell, target) else { return no_such_job(shell, os, "kill", target) };
        let job = shell.jobs[at].clone();
        match shell.is_interactive() {
            true => {
                os.kill_group(job.group, signal);
            }
            false => job.children.iter().for_each(|(pid, _)| {
                os.kill(*pid, signal);
            }),
        }
        return;
    }
    let Ok(number) = target.parse::<i64>() else {
        let text = format!("{target}: arguments must be process or job IDs");
        return shell.builtin_error(os, "kill", &text, 1);
    };
    let pid = Pid(number.unsigned_abs() as u32);
    if pid == os.pid() && number > 0 {
        // A signal to itself.
        if signal == Signal::Kill || crate::Program::dies_of(shell, signal) && os.pid() != Pid(1) {
            os.end_self(signal);
        }
        return;
    }
    let there = if number < 0 { os.kill_group(pid, signal) } else { os.kill(pid, signal) };
    if !there {
        shell.complain(os, &format!("kill: ({number}) - No such process"));
        shell.status = 1;
    }
}

fn probe(shell: &mut Shell, os: &mut Os<'_>, targets: &[String]) {
    for target in targets {
        let there =
            target.parse().is_ok_and(|n| os.processes().iter().any(|p| p.pid == Pid(n) && p.state != 'Z'));
        if !there {
            shell.complain(os, &format!("kill: ({target}) - No such process"));
            shell.status = 1;
        }
    }
}

pub(super) fn trap(shell: &mut Shell, os: &mut Os<'_>, args: &[String]) {
    shell.status = 0;
    let args: Vec<&String> = args.iter().filter(|a| *a != "--").collect();
    if args.is_empty() || args[0] == "-p" {
        let show = |(name, action): (&String, &String)| {
            let prefix = if matches!(name.as_str(), "EXIT" | "ERR" | "DEBUG") { "" } else { "SIG" };
            let quoted = escape::quote(action);
            let quoted = if quoted == *action { format!("'{action}'") } else { quoted };
            format!("trap -- {quoted} {prefix}{name}\n")
        };
        let text: String = shell.traps.iter().map(show).collect();
        return os.print(&text);
    }
    let (action, names) = match args.as_slice() {
        [name] => (None, vec![*name]),
        [dash, names @ ..] if *dash == "-" => (None, names.to_vec()),
        [action, names @ ..] => (Some(action.to_string()), names.to_vec()),
        [] => return,
    };
    if action.as_ref().is_some_and(|a| a.len() > MAX_TRAP) {
        return shell.builtin_error(os, "trap", "action is too long", 1);
    }
    for name in names {
        let upper = name.to_ascii_uppercase();
        let key = match upper.as_str() {
            "0" | "EXIT" => "EXIT".to_string(),
            "ERR" if shell.style == Style::Bash => "ERR".into(),
            _ => match Signal::parse(name) {
                Some(signal) => signal.name().into(),
                None => {
                    shell.builtin_error(os, "trap", &format!("{name}: invalid signal specification"), 1);
                    continue;
                }
            },
        };
        match &action {
            Some(action) => drop(shell.traps.insert(key, action.clone())),
            None => drop(shell.traps.remove(&key)),
        }
    }
}
