//! Programs that run other programs: `timeout time nohup nice xargs watch`

use super::identity::not_started;
use super::support::{Args, Spec, complain, duration, parse};
use crate::{ExitStatus, Os, Pid, Program, Read, Signal, Step, date};
use sim::{Duration, Time};

/// Bytes of standard input that `xargs` takes.
const MAX_INPUT: usize = 1 << 20;
/// Arguments of one command that `xargs` builds.
const MAX_ARGUMENTS: usize = 1_000;

/// `timeout`
#[derive(Clone, Default)]
pub(super) struct Timeout {
    child: Option<Pid>,
    until: Option<Time>,
    /// `-k`: after that it is killed.
    kill: Option<Duration>,
    signal: Option<Signal>,
    ended: bool,
    preserve: bool,
    /// A signal came for this program itself: it is handed on.
    forward: Vec<Signal>,
}

const TIMEOUT: Spec = Spec {
    usage: "timeout [OPTION] DURATION COMMAND [ARG]...",
    letters: "k:s:fvt:",
    long: &[
        ("kill-after", 'k'),
        ("signal", 's'),
        ("foreground", 'f'),
        ("preserve-status", 'p'),
        ("verbose", 'v'),
    ],
    code: 125,
};

impl Timeout {
    fn begin(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let argv = os.argv()[1..].to_vec();
        let spec = Spec { letters: "k:s:fvpt:", ..TIMEOUT };
        let mut args = parse(os, &spec, &argv, false)?;
        // busybox of old: `timeout -t SECONDS COMMAND`.
        if let Some(time) = args.value('t').map(String::from) {
            args.operands.insert(0, time);
        }
        if args.operands.len() < 2 {
            complain(os, "missing operand");
            os.eprint("Try 'timeout --help' for more information.\n");
            return Err(125);
        }
        let Some(span) = duration(&args.operands[0]) else {
            let text = format!("invalid time interval ‘{}’", args.operands[0]);
            complain(os, &text);
            os.eprint("Try 'timeout --help' for more information.\n");
            return Err(125);
        };
        self.signal = match args.value('s') {
            None => Some(Signal::Term),
            Some(name) => Signal::parse(name),
        };
        if self.signal.is_none() {
            let text = format!("{}: invalid signal", args.value('s').unwrap_or(""));
            complain(os, &text);
            return Err(125);
        }
        self.kill = args.value('k').and_then(duration);
        self.preserve = args.has('p');
        // Zero means never.
        self.until = (!span.is_zero()).then(|| os.now() + span);
        match os.spawn(&args.operands[1..], &[]) {
            Ok(child) => self.child = Some(child),
            Err(error) => return Err(not_started(os, "timeout", &args.operands[1], &error)),
        }
        Ok(())
    }
}

impl Program for Timeout {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let Some(child) = self.child else {
            return match self.begin(os) {
                Ok(()) => Step::Yield,
                Err(code) => Step::Exit(code),
            };
        };
        for signal in std::mem::take(&mut self.forward) {
            os.kill(child, signal);
        }
        if let Some(status) = os.wait(child) {
            let killed = status == ExitStatus::Signal(Signal::Kill);
            return Step::Exit(if self.ended && !self.preserve && !killed { 124 } else { status.code() });
        }
        if self.until.is_some_and(|at| at <= os.now()) {
            let signal = if self.ended { Signal::Kill } else { self.signal.unwrap_or(Signal::Term) };
            os.kill(child, signal);
            self.until = if self.ended { None } else { self.kill.map(|k| os.now() + k) };
            self.ended = true;
        }
        Step::Wait(self.until)
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        if self.child.is_some() && matches!(signal, Signal::Term | Signal::Int | Signal::Hup | Signal::Quit) {
            self.forward.push(signal);
            return false;
        }
        true
    }
}

/// `time`, where the shell does not have it itself.
#[derive(Clone, Default)]
pub(super) struct TimeIt {
    child: Option<Pid>,
    started: Time,
}

impl Program for TimeIt {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let Some(child) = self.child else {
            let argv: Vec<String> = os.argv()[1..].iter().filter(|a| *a != "-p").cloned().collect();
            self.started = os.now();
            let Some(name) = argv.first() else { return Step::Exit(0) };
            return match os.spawn(&argv, &[]) {
                Ok(child) => {
                    self.child = Some(child);
                    Step::Wait(None)
                }
                Err(error) => Step::Exit(not_started(os, "time", name, &error)),
            };
        };
        let Some(status) = os.wait(child) else { return Step::Wait(None) };
        let elapsed = os.now().since(self.started);
        os.eprint(&format!(
            "real\t{}m {}.{:02}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n",
            elapsed.as_secs() / 60,
            elapsed.as_secs() % 60,
            elapsed.subsec_millis() / 10
        ));
        Step::Exit(status.code())
    }
}

/// `nohup`, `nice`, `stdbuf`, `setsid`: become the program; what they change makes no difference here.
#[derive(Clone)]
pub(super) struct Become;

impl Program for Become {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let who = super::support::name(os);
        let mut argv = os.argv()[1..].to_vec();
        while argv.first().is_some_and(|a| a.starts_with('-') || who == "nice" && a.parse::<i32>().is_ok()) {
            argv.remove(0);
        }
        let Some(name) = argv.first().cloned() else {
            complain(os, "missing operand");
            return Step::Exit(125);
        };
        match os.exec(&argv) {
            Ok(()) => Step::Yield,
            Err(error) => Step::Exit(not_started(os, &who, &name, &error)),
        }
    }
}

const XARGS: Spec = Spec {
    usage: "xargs [OPTION]... COMMAND [INITIAL-ARGS]...",
    letters: "0I:n:L:P:rtd:i",
    long: &[
        ("null", '0'),
        ("replace", 'I'),
        ("max-args", 'n'),
        ("max-lines", 'L'),
        ("max-procs", 'P'),
        ("no-run-if-empty", 'r'),
        ("verbose", 't'),
        ("delimiter", 'd'),
    ],
    code: 1,
};

/// `xargs`
#[derive(Clone, Default)]
pub(super) struct Xargs {
    args: Option<Args>,
    input: Vec<u8>,
    /// Commands still to run, the next one last.
    commands: Option<Vec<Vec<String>>>,
    child: Option<Pid>,
    code: i32,
}

impl Xargs {
    /// The items of the input.
    fn items(&self, args: &Args) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.input);
        if args.has('0') {
            return text.split('\0').filter(|t| !t.is_empty()).map(String::from).collect();
        }
        if let Some(delimiter) = args.value('d') {
            let delimiter = crate::shell::escape::unescape(delimiter, true).0;
            return text.trim_end_matches('\n').split(delimiter.as_str()).map(String::from).collect();
        }
        if args.has('I') || args.has('L') {
            return text.lines().map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect();
        }
        let (mut items, mut item, mut quote, mut any) = (Vec::new(), String::new(), None, false);
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match (c, quote) {
                (c, Some(q)) if c == q => quote = None,
                (c, Some(_)) => item.push(c),
                ('"' | '\'', None) => (quote, any) = (Some(c), true),
                ('\\', None) => item.extend(chars.next()),
                (c, None) if c.is_whitespace() => {
                    if any || !item.is_empty() {
                        items.push(std::mem::take(&mut item));
                    }
                    any = false;
                }
                (c, None) => item.push(c),
            }
        }
        if any || !item.is_empty() {
            items.push(item);
        }
        items
    }

    fn plan(&self, args: &Args) -> Vec<Vec<String>> {
        let base = if args.operands.is_empty() { vec!["echo".to_string()] } else { args.operands.clone() };
        let items = self.items(args);
        if let Some(mark) = args.value('I') {
            let put = |item: &String| base.iter().map(|a| a.replace(mark, item)).collect();
            return items.iter().rev().map(put).collect();
        }
        if items.is_empty() {
            return if args.has('r') { Vec::new() } else { vec![base] };
        }
        let most =
            args.value('n').or(args.value('L')).and_then(|n| n.parse().ok()).unwrap_or(MAX_ARGUMENTS).max(1);
        let chunks: Vec<&[String]> = items.chunks(most).collect();
        chunks.iter().rev().map(|chunk| [&base[..], chunk].concat()).collect()
    }
}

impl Program for Xargs {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        let Some(args) = self.args.clone() else {
            let argv = os.argv()[1..].to_vec();
            return match parse(os, &XARGS, &argv, false) {
                Ok(args) => {
                    self.args = Some(args);
                    Step::Yield
                }
                Err(code) => Step::Exit(code),
            };
        };
        let Some(commands) = &mut self.commands else {
            return match os.read_stdin() {
                Read::Data(data) if self.input.len() < MAX_INPUT => {
                    self.input.extend(data);
                    Step::Yield
                }
                Read::Data(_) => {
                    complain(os, &format!("input is larger than {MAX_INPUT} bytes"));
                    Step::Exit(1)
                }
                Read::Empty => Step::Wait(None),
                Read::End => {
                    self.commands = Some(self.plan(&args));
                    Step::Yield
                }
            };
        };
        if let Some(child) = self.child {
            let Some(status) = os.wait(child) else { return Step::Wait(None) };
            self.child = None;
            match status.code() {
                0 => {}
                255 => {
                    let text = format!(
                        "{}: exited with status 255; aborting",
                        args.operands.first().map_or("echo", |a| a)
                    );
                    complain(os, &text);
                    return Step::Exit(124);
                }
                126 | 127 => self.code = status.code(),
                _ => self.code = 123,
            }
        }
        let Some(command) = commands.pop() else { return Step::Exit(self.code) };
        if args.has('t') {
            os.eprint(&format!("{}\n", command.join(" ")));
        }
        // The commands get nothing of what xargs reads.
        let input = os.open("/dev/null", crate::Mode::Read, 10).ok();
        let descriptors: Vec<(u32, u32)> = input.iter().map(|d| (0, *d)).collect();
        let started = os.spawn(&command, &descriptors);
        input.into_iter().for_each(|d| os.close(d));
        match started {
            Ok(child) => {
                self.child = Some(child);
                Step::Wait(None)
            }
            Err(error) => Step::Exit(not_started(os, "xargs", &command[0], &error)),
        }
    }
}

const WATCH: Spec = Spec {
    usage: "watch [options] command",
    letters: "n:dtegxc",
    long: &[
        ("interval", 'n'),
        ("differences", 'd'),
        ("no-title", 't'),
        ("exec", 'x'),
        ("errexit", 'e'),
        ("chgexit", 'g'),
        ("color", 'c'),
    ],
    code: 1,
};

/// `watch`
#[derive(Clone, Default)]
pub(super) struct Watch {
    args: Option<Args>,
    interval: Duration,
    child: Option<Pid>,
    pipe: u32,
    output: Vec<u8>,
    before: Option<Vec<u8>>,
    next: Option<Time>,
    leaving: bool,
}

impl Watch {
    fn begin(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let argv = os.argv()[1..].to_vec();
        let args = parse(os, &WATCH, &argv, false)?;
        if args.operands.is_empty() {
            os.eprint("Usage:\n watch [options] command\n");
            return Err(1);
        }
        let text = args.value('n').unwrap_or("2").to_string();
        let Some(seconds) = text.parse::<f64>().ok().filter(|s| (0.0..1e6).contains(s)) else {
            complain(os, &format!("failed to parse argument: '{text}'"));
            return Err(1);
        };
        self.interval = Duration::from_secs_f64(seconds.max(0.1));
        self.args = Some(args);
        // Another screen, which goes away with the program.
        os.print("\x1b[?1049h\x1b[H\x1b[2J");
        Ok(())
    }

    fn start(&mut self, os: &mut Os<'_>, args: &Args) -> Result<(), i32> {
        let command = match args.has('x') {
            true => args.operands.clone(),
            false => vec!["sh".into(), "-c".into(), args.operands.join(" ")],
        };
        let Ok((read, write)) = os.pipe() else { return Err(1) };
        let child = os
            .spawn(&command, &[(1, write), (2, write)])
            .map_err(|e| not_started(os, "watch", &command[0], &e))?;
        os.close_in(child, read);
        os.close_in(child, write);
        os.close(write);
        (self.child, self.pipe) = (Some(child), read);
        self.output.clear();
        Ok(())
    }

    fn draw(&mut self, os: &mut Os<'_>, args: &Args) {
        let size = os.tty().unwrap_or(crate::Tty { columns: 80, rows: 24 });
        let (columns, rows) = (usize::from(size.columns), usize::from(size.rows));
        let mut lines: Vec<String> = Vec::new();
        if !args.has('t') {
            let left = format!("Every {:.1}s: {}", self.interval.as_secs_f64(), args.operands.join(" "));
            let right = format!("{}: {}", os.hostname(), date::format("%a %b %e %H:%M:%S %Y", os.now()));
            let gap = columns.saturating_sub(crate::width::of_str(&left) + right.len()).max(1);
            lines.push(format!("{left}{}{right}", " ".repeat(gap)));
            lines.push(String::new());
        }
        lines
            .extend(String::from_utf8_lossy(&self.output).lines().map(|l| l.chars().take(columns).collect()));
        lines.truncate(rows);
        let text: Vec<String> = lines.iter().map(|l| format!("{l}\x1b[K")).collect();
        os.print(&format!("\x1b[H{}\x1b[J", text.join("\n")));
    }
}

/// Bytes of one command's output that `watch` keeps.
const MAX_SCREEN: usize = 256 << 10;

impl Program for Watch {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.leaving {
            if let Some(child) = self.child {
                os.kill(child, Signal::Term);
            }
            os.print("\x1b[?1049l");
            return Step::Exit(0);
        }
        let Some(args) = self.args.clone() else {
            return match self.begin(os) {
                Ok(()) => Step::Yield,
                Err(code) => Step::Exit(code),
            };
        };
        if let Some(at) = self.next {
            if os.now() < at {
                return Step::Wait(Some(at));
            }
            self.next = None;
        }
        let Some(child) = self.child else {
            return match self.start(os, &args) {
                Ok(()) => Step::Yield,
                Err(code) => Step::Exit(code),
            };
        };
        match os.read(self.pipe, 64 << 10) {
            Read::Data(data) => {
                let room = MAX_SCREEN.saturating_sub(self.output.len());
                self.output.extend(&data[..data.len().min(room)]);
                return Step::Yield;
            }
            Read::Empty => return Step::Wait(None),
            Read::End => {}
        }
        let Some(status) = os.wait(child) else { return Step::Wait(None) };
        os.close(self.pipe);
        self.child = None;
        self.draw(os, &args);
        let changed = self.before.as_ref().is_some_and(|b| *b != self.output);
        if args.has('g') && changed || args.has('e') && status.code() != 0 {
            os.print("\x1b[?1049l");
            return Step::Exit(if args.has('e') { 8 } else { 0 });
        }
        self.before = Some(self.output.clone());
        self.next = Some(os.now() + self.interval);
        Step::Wait(self.next)
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        // It first gives the terminal its own screen back.
        self.leaving = matches!(signal, Signal::Int | Signal::Term | Signal::Hup);
        !self.leaving && signal != Signal::Winch
    }
}
