//! The machine: processes, what they have open, and who runs next.

use crate::io::{Open, OpenFile, OpenId, Pipe, Sink};
use crate::terminal::Terminal;
use crate::{Command, Device, ExitStatus, Files, Kernel, Os, Pid, Program, Signal, Step};
use sim::collections::BTreeMap;
use sim::net::{Error, Payload, RequestId, Response};
use sim::{Duration, Time};
use std::collections::VecDeque;

/// Processes that one machine holds.
pub(crate) const MAX_PROCESSES: usize = 256;
/// Steps of programs in one call of [`Machine::run`]; a busy program goes on in the next call.
const STEPS_PER_RUN: usize = 500;
/// Bytes that programs may read and write in one call, for the same reason.
const BYTES_PER_RUN: usize = 1 << 18;
/// The virtual time that those steps stand for: a busy program is called again after it.
const BUSY_SLICE: Duration = Duration::from_millis(20);
/// Requests that wait for a program to accept them, per port.
const BACKLOG: usize = 511;
/// Typed commands that wait to be taken by the host; the oldest are dropped.
pub(crate) const MAX_FINISHED: usize = 64;
/// Memory of a process that claims none, in bytes.
const PROCESS_BYTES: u64 = 1 << 20;

/// Which family the small programs belong to: their error texts and options differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// bash and the GNU tools.
    #[default]
    Gnu,
    /// busybox, as in alpine and busybox images.
    Busybox,
}

/// A computer: the learner's laptop, a node's host, or the inside of a container.
#[derive(Clone)]
pub struct Machine {
    pub(crate) hostname: String,
    pub(crate) flavor: Flavor,
    /// Its file system.
    pub files: Files,
    pub(crate) now: Time,
    pub(crate) processes: BTreeMap<Pid, Process>,
    next_pid: u32,
    /// Whose turn it was last.
    turn: Pid,
    /// The last run stopped because its steps or its bytes were used up.
    busy: bool,
    /// Bytes read and written in this run.
    moved: usize,
    opens: BTreeMap<OpenId, OpenFile>,
    next_open: OpenId,
    pub(crate) pipes: BTreeMap<u32, Pipe>,
    pub(crate) terminals: BTreeMap<u32, Terminal>,
    pub(crate) sinks: BTreeMap<u32, Sink>,
    pub(crate) listeners: BTreeMap<u16, Listener>,
    /// Requests under way, and who waits for the answer.
    pub(crate) requests: BTreeMap<RequestId, Pid>,
    /// Requests that a program has accepted and not answered.
    pub(crate) accepted: BTreeMap<RequestId, Pid>,
    /// Answers that wait for the next run.
    pub(crate) answers: Vec<(RequestId, Result<Response, Error>)>,
    /// Line editors that asked the host how a line could go on.
    pub(crate) completions: Vec<Completion>,
    /// Answers to them.
    pub(crate) completed: BTreeMap<Pid, Vec<String>>,
    /// Typed commands that have ended and were not taken yet.
    pub(crate) finished: VecDeque<Finished>,
}

/// A program listens on a port.
#[derive(Clone)]
pub(crate) struct Listener {
    pub pid: Pid,
    pub queue: VecDeque<(RequestId, Payload, String)>,
}

/// A line editor asks the host how a line could go on (Tab was pressed).
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    /// Who asks; the answer goes to `Machine::complete`.
    pub pid: Pid,
    /// The words of the simple command before the cursor; the last is the one to complete, and may be empty.
    pub words: Vec<String>,
}

/// A command that somebody typed, and that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The first process of the terminal where it was typed.
    pub session: Pid,
    /// What was typed; several lines where the command has them.
    pub line: String,
    /// Its exit code.
    pub exit: i32,
    /// How many bytes of what the terminal had printed by then were still to be taken: the rest of what waits came after.
    pub waiting: usize,
}

/// What `ps` shows.
#[derive(Clone, Debug)]
pub struct ProcessInfo {
    /// Its id.
    pub pid: Pid,
    /// Its parent's.
    pub parent: Pid,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// User id.
    pub uid: u32,
    /// When it was started.
    pub started: Time,
    /// Whether it has a terminal, and its number.
    pub terminal: Option<u32>,
    /// `R` runs, `S` sleeps, `T` is stopped, `Z` has ended.
    pub state: char,
}

/// What a machine uses now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Memory in bytes, without the file system.
    pub memory_bytes: u64,
    /// Thousandths of a CPU.
    pub cpu_millis: u64,
}

#[derive(Clone)]
pub(crate) struct Process {
    pub parent: Pid,
    pub group: Pid,
    pub command: Command,
    pub uid: u32,
    pub gid: u32,
    /// `None` while it is being stepped, when it has ended, and for a program that the host runs.
    pub program: Option<Box<dyn Program>>,
    /// What `exec` put in its place.
    pub next: Option<Box<dyn Program>>,
    pub external: External,
    pub state: State,
    pub stopped: bool,
    /// Its output does not fit: it waits for that alone.
    pub blocked: bool,
    /// Number of the descriptor: what it names, and whether `exec` closes it.
    pub descriptors: BTreeMap<u32, (OpenId, bool)>,
    /// What it wrote and did not fit yet. It is not stepped before all of it is out.
    pub pending: VecDeque<(OpenId, Vec<u8>)>,
    pub terminal: Option<u32>,
    /// Started by the host, which takes its output from the sink or terminal with the number of this pid.
    pub root: bool,
    /// Nobody waits for it: gone when it ends.
    pub detached: bool,
    pub memory: u64,
    pub cpu: u64,
    pub started: Time,
}

/// Whether the host runs a process.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum External {
    No,
    /// The host has not been told yet.
    Starting,
    Running,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    Ready,
    Waiting(Option<Time>),
    /// Ends as soon as its output is out.
    Ending(ExitStatus),
    Ended(ExitStatus),
}

/// What became of bytes that were written.
pub(crate) enum Written {
    /// So many were taken; 0 means wait.
    Taken(usize),
    /// Nobody can read them any more.
    Broken,
    /// `/dev/full`, or the file system is full.
    NoSpace,
}

impl Machine {
    /// A machine without processes. The first process is 1, as in a container; see [`Machine::boot`] for others.
    pub fn new(hostname: &str, files: Files) -> Machine {
        Machine {
            hostname: hostname.into(),
            flavor: Flavor::Gnu,
            files,
            now: Time::ZERO,
            processes: BTreeMap::new(),
            next_pid: 1,
            turn: Pid(0),
            busy: false,
            moved: 0,
            opens: BTreeMap::new(),
            next_open: 1,
            pipes: BTreeMap::new(),
            terminals: BTreeMap::new(),
            sinks: BTreeMap::new(),
            listeners: BTreeMap::new(),
            requests: BTreeMap::new(),
            accepted: BTreeMap::new(),
            answers: Vec::new(),
            completions: Vec::new(),
            completed: BTreeMap::new(),
            finished: VecDeque::new(),
        }
    }

    /// Makes the next process have at least this id: a laptop or a node's host, whose process 1 is not ours.
    pub fn boot(&mut self, next_pid: u32) {
        self.next_pid = self.next_pid.max(next_pid);
    }

    /// Says which family the small programs belong to.
    pub fn set_flavor(&mut self, flavor: Flavor) {
        self.flavor = flavor;
    }

    /// Its name.
    pub fn hostname(&self) -> &str {
        &self.hostname
    }

    /// Runs everything that can run, until all wait, or until the steps of one call are used up (see
    /// [`Machine::wake`]). To be called after a start, input, an answer in the kernel, a delivery, a signal, and when
    /// the time of [`Machine::wake`] has come.
    pub fn run(&mut self, kernel: &mut dyn Kernel) {
        self.now = kernel.now();
        self.files.now = self.now;
        self.busy = false;
        let asking: Vec<Pid> = self.requests.values().copied().collect();
        self.wake_all(asking);
        for process in self.processes.values_mut() {
            if matches!(process.state, State::Waiting(Some(at)) if at <= self.now) {
                process.state = State::Ready;
            }
        }
        let mut steps = 0;
        self.moved = 0;
        while let Some(pid) = self.next_turn() {
            if steps == STEPS_PER_RUN || self.moved >= BYTES_PER_RUN {
                self.busy = true;
                break;
            }
            steps += 1;
            self.turn = pid;
            self.step(pid, kernel);
        }
        for (id, answer) in std::mem::take(&mut self.answers) {
            kernel.answer(id, answer);
        }
    }

    /// When [`Machine::run`] wants to be called again if nothing else happens before; `None`: never.
    pub fn wake(&self) -> Option<Time> {
        if self.busy {
            return Some(self.now + BUSY_SLICE);
        }
        if self.next_turn().is_some() || !self.answers.is_empty() {
            return Some(self.now);
        }
        let timer = |p: &Process| match p.state {
            State::Waiting(at) if !p.stopped => at,
            _ => None,
        };
        self.processes.values().filter_map(timer).min()
    }

    /// Whether the last run stopped because its steps were used up.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// The next process that can do something, in turn.
    fn next_turn(&self) -> Option<Pid> {
        let ready = |(pid, p): (&Pid, &Process)| self.can_step(p).then_some(*pid);
        let after = (std::ops::Bound::Excluded(self.turn), std::ops::Bound::Unbounded);
        self.processes
            .range(after)
            .find_map(ready)
            .or_else(|| self.processes.range(..=self.turn).find_map(ready))
    }

    fn can_step(&self, p: &Process) -> bool {
        let active = matches!(p.state, State::Ready | State::Ending(_));
        active
            && !p.stopped
            && !p.blocked
            && (p.external != External::Running || matches!(p.state, State::Ending(_)))
    }

    fn step(&mut self, pid: Pid, kernel: &mut dyn Kernel) {
        if !self.flush(pid) {
            return;
        }
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if let State::Ending(status) = process.state {
            return self.finish(pid, status);
        }
        if process.external == External::Starting {
            process.external = External::Running;
            let command = process.command.clone();
            if !kernel.external(pid, &command) {
                let text = format!("{}: not available here\n", command.argv.first().map_or("", |s| s));
                self.external_write(pid, crate::Stream::Stderr, text.as_bytes());
                self.external_exit(pid, 126);
            }
            return;
        }
        let Some(mut program) = process.program.take() else { return };
        process.state = State::Waiting(None);
        let step = program.step(&mut Os { machine: self, kernel, pid });
        let Some(process) = self.processes.get_mut(&pid) else { return };
        if let State::Ending(_) | State::Ended(_) = process.state {
            return;
        }
        if let Some(next) = process.next.take() {
            process.program = Some(next);
            process.state = State::Ready;
            return;
        }
        if process.external == External::Starting {
            // It has become a program that the host runs.
            process.state = State::Ready;
            return;
        }
        process.program = Some(program);
        match step {
            Step::Yield => process.state = State::Ready,
            Step::Exit(code) => process.state = State::Ending(ExitStatus::Code(code & 0xff)),
            // Something may have come in during the step already.
            Step::Wait(at) if process.state == State::Waiting(None) => {
                process.state = match at {
                    Some(at) if at <= self.now => State::Ready,
                    at if process.pending.is_empty() => State::Waiting(at),
                    // Flushed first; then it is stepped once more.
                    _ => State::Ready,
                }
            }
            Step::Wait(_) => {}
        }
    }

    /// Writes what a process has pending. `false`: it has to wait (and does), or it died of it.
    fn flush(&mut self, pid: Pid) -> bool {
        loop {
            let Some(process) = self.processes.get_mut(&pid) else { return false };
            let Some((open, bytes)) = process.pending.pop_front() else { return true };
            match self.write_open(pid, open, &bytes) {
                Written::Taken(n) if n == bytes.len() => self.release(open),
                Written::Taken(n) => {
                    let Some(process) = self.processes.get_mut(&pid) else { return false };
                    process.pending.push_front((open, bytes[n..].to_vec()));
                    process.blocked = true;
                    return false;
                }
                Written::NoSpace => self.release(open),
                Written::Broken => {
                    self.release(open);
                    if self.broken_pipe(pid) {
                        return false;
                    }
                }
            }
        }
    }

    /// A process wrote to a pipe that nobody reads. `true`: it dies of it.
    fn broken_pipe(&mut self, pid: Pid) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return true };
        if let State::Ending(status) = process.state {
            self.finish(pid, status);
            return true;
        }
        if process.program.as_mut().is_some_and(|p| !p.dies_of(Signal::Pipe)) {
            return false;
        }
        self.finish(pid, ExitStatus::Signal(Signal::Pipe));
        true
    }

    /// Wakes a process that waits.
    pub(crate) fn wake_process(&mut self, pid: Pid) {
        if let Some(process) = self.processes.get_mut(&pid) {
            process.blocked = false;
            if let State::Waiting(_) = process.state {
                process.state = State::Ready;
            }
        }
    }

    pub(crate) fn wake_all(&mut self, pids: Vec<Pid>) {
        for pid in pids {
            self.wake_process(pid);
        }
    }

    // --- Processes.

    /// Adds a process; descriptors are the caller's to add.
    pub(crate) fn add_process(&mut self, parent: Pid, command: Command, ids: (u32, u32)) -> Pid {
        let pid = Pid(self.next_pid);
        self.next_pid += 1;
        let process = Process {
            parent,
            group: pid,
            command,
            uid: ids.0,
            gid: ids.1,
            program: None,
            next: None,
            external: External::No,
            state: State::Ready,
            stopped: false,
            blocked: false,
            descriptors: BTreeMap::new(),
            pending: VecDeque::new(),
            terminal: None,
            root: false,
            detached: false,
            memory: PROCESS_BYTES,
            cpu: 0,
            started: self.now,
        };
        self.processes.insert(pid, process);
        pid
    }

    /// Ends a process at once: everything it holds is given back, its parent is told.
    pub(crate) fn finish(&mut self, pid: Pid, status: ExitStatus) {
        let Some(process) = self.processes.get_mut(&pid) else { return };
        process.state = State::Ended(status);
        process.program = None;
        process.next = None;
        (process.memory, process.cpu, process.stopped) = (0, 0, false);
        let parent = process.parent;
        let opens = std::mem::take(&mut process.descriptors).into_values().map(|(open, _)| open);
        let opens: Vec<OpenId> =
            opens.chain(std::mem::take(&mut process.pending).into_iter().map(|p| p.0)).collect();
        opens.into_iter().for_each(|open| self.release(open));
        self.drop_network(pid);
        self.completions.retain(|c| c.pid != pid);
        self.completed.remove(&pid);
        let orphans: Vec<Pid> =
            self.processes.iter().filter(|(_, p)| p.parent == pid).map(|(p, _)| *p).collect();
        for orphan in orphans {
            let Some(process) = self.processes.get_mut(&orphan) else { continue };
            (process.parent, process.detached) = (Pid(1), true);
            if matches!(process.state, State::Ended(_)) && !process.root {
                self.processes.remove(&orphan);
            }
        }
        let gone = self.processes.get(&pid).is_some_and(|p| !p.root && p.detached);
        if gone || !self.processes.contains_key(&parent) && !self.processes.get(&pid).is_some_and(|p| p.root)
        {
            self.processes.remove(&pid);
        }
        self.wake_process(parent);
    }

    /// Requests that a process was to answer are answered by its end; requests that it sent are forgotten.
    fn drop_network(&mut self, pid: Pid) {
        self.requests.retain(|_, p| *p != pid);
        let mut lost: Vec<RequestId> =
            self.accepted.iter().filter(|(_, p)| **p == pid).map(|(id, _)| *id).collect();
        self.accepted.retain(|_, p| *p != pid);
        let ports: Vec<u16> = self.listeners.iter().filter(|(_, l)| l.pid == pid).map(|(p, _)| *p).collect();
        for port in ports {
            if let Some(listener) = self.listeners.remove(&port) {
                lost.extend(listener.queue.into_iter().map(|q| q.0));
            }
        }
        self.answers.extend(lost.into_iter().map(|id| (id, Err(Error::Reset))));
    }

    /// Sends a signal. `false`: there is no such process.
    pub(crate) fn send_signal(&mut self, pid: Pid, signal: Signal) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        if let State::Ended(_) = process.state {
            return true;
        }
        match signal {
            // It kills itself: that waits for the end of its step.
            Signal::Kill if process.program.is_none() && process.external == External::No => {
                process.state = State::Ending(ExitStatus::Signal(signal));
                return true;
            }
            Signal::Kill => {
                self.finish(pid, ExitStatus::Signal(signal));
                return true;
            }
            Signal::Cont => process.stopped = false,
            Signal::Stop => process.stopped = true,
            _ => {}
        }
        let external = process.external != External::No;
        // A program that is being stepped right now handles what it sends to itself on its own.
        let dies = match &mut process.program {
            Some(program) => program.dies_of(signal),
            None => external,
        };
        let parent = process.parent;
        match signal {
            Signal::Cont | Signal::Stop => self.wake_process(parent),
            Signal::Winch => {}
            Signal::Tstp if dies && pid != Pid(1) => {
                process.stopped = true;
                self.wake_process(parent);
            }
            _ if dies && pid != Pid(1) => self.finish(pid, ExitStatus::Signal(signal)),
            _ => {}
        }
        self.wake_process(pid);
        true
    }

    /// Sends a signal to a whole process group. `false`: nobody is in it.
    pub(crate) fn signal_group(&mut self, group: Pid, signal: Signal) -> bool {
        let alive = |p: &Process| !matches!(p.state, State::Ended(_));
        let members: Vec<Pid> =
            self.processes.iter().filter(|(_, p)| p.group == group && alive(p)).map(|(p, _)| *p).collect();
        for pid in &members {
            self.send_signal(*pid, signal);
        }
        !members.is_empty()
    }

    // --- Open files.

    /// Adds an open file with one reference.
    pub(crate) fn add_open(&mut self, open: Open) -> OpenId {
        match &open {
            Open::PipeRead(p) => self.pipes.entry(*p).or_default().readers += 1,
            Open::PipeWrite(p) => self.pipes.entry(*p).or_default().writers += 1,
            _ => {}
        }
        let id = self.next_open;
        self.next_open += 1;
        self.opens.insert(id, OpenFile { open, refs: 1 });
        id
    }

    /// A pipe without ends yet.
    pub(crate) fn add_pipe(&mut self) -> u32 {
        let id = self.next_open;
        self.next_open += 1;
        self.pipes.insert(id, Pipe::default());
        id
    }

    /// One more descriptor names it.
    pub(crate) fn retain(&mut self, open: OpenId) {
        if let Some(file) = self.opens.get_mut(&open) {
            file.refs += 1;
        }
    }

    /// One descriptor fewer names it; the last closes it.
    pub(crate) fn release(&mut self, open: OpenId) {
        let Some(file) = self.opens.get_mut(&open) else { return };
        file.refs -= 1;
        if file.refs > 0 {
            return;
        }
        let closed = self.opens.remove(&open).map(|f| f.open);
        if let Some(Open::PipeRead(id) | Open::PipeWrite(id)) = &closed {
            let Some(pipe) = self.pipes.get_mut(id) else { return };
            match closed {
                Some(Open::PipeRead(_)) => pipe.readers -= 1,
                _ => pipe.writers -= 1,
            }
            let waiting = std::mem::take(&mut pipe.waiting);
            if pipe.readers == 0 && pipe.writers == 0 {
                self.pipes.remove(id);
            }
            self.wake_all(waiting);
        }
    }

    /// Moves the place of the next reading back, in a file.
    pub(crate) fn seek_back(&mut self, id: OpenId, count: usize) {
        if let Some(OpenFile { open: Open::File(file), .. }) = self.opens.get_mut(&id) {
            file.offset = file.offset.saturating_sub(count);
        }
    }

    pub(crate) fn open(&self, id: OpenId) -> Option<&Open> {
        self.opens.get(&id).map(|f| &f.open)
    }

    /// Reads; `None`: wait (the process is noted and will be woken); empty: the end.
    pub(crate) fn read_open(&mut self, pid: Pid, id: OpenId, max: usize, random: u64) -> Option<Vec<u8>> {
        let data = self.take_open(pid, id, max, random);
        self.moved += data.as_ref().map_or(0, Vec::len);
        data
    }

    fn take_open(&mut self, pid: Pid, id: OpenId, max: usize, random: u64) -> Option<Vec<u8>> {
        match &mut self.opens.get_mut(&id)?.open {
            Open::Device(Device::Zero | Device::Full) => Some(vec![0; max.min(4096)]),
            Open::Device(Device::Random) => {
                let mut rng = sim::Rng::new(random);
                Some((0..max.min(4096)).map(|_| rng.next_u64() as u8).collect())
            }
            Open::File(file) => {
                let live = match self.files.stat(&file.path, false).map(|s| s.node) {
                    Ok(crate::Node::File(crate::Content::Bytes(bytes), _, n)) if n == file.id => bytes,
                    _ => file.snapshot.clone(),
                };
                let from = file.offset.min(live.len());
                let data = live[from..(from + max).min(live.len())].to_vec();
                file.offset = from + data.len();
                Some(data)
            }
            Open::PipeRead(pipe) => {
                let pipe = self.pipes.get_mut(pipe)?;
                if pipe.data.is_empty() && pipe.writers > 0 {
                    pipe.waiting.push(pid);
                    return None;
                }
                let n = max.min(pipe.data.len());
                let data = pipe.data.drain(..n).collect();
                let waiting = std::mem::take(&mut pipe.waiting);
                self.wake_all(waiting);
                Some(data)
            }
            Open::Terminal(terminal) => {
                let terminal = self.terminals.get_mut(terminal)?;
                // A background process may not take what is typed to another.
                let group = self.processes.get(&pid).map(|p| p.group);
                let data = (group == Some(terminal.foreground)).then(|| terminal.read(max)).flatten();
                if data.is_none() {
                    terminal.waiting.push(pid);
                }
                data
            }
            Open::Device(_) | Open::PipeWrite(_) | Open::Sink(..) => Some(Vec::new()),
        }
    }

    /// Writes as much as fits.
    pub(crate) fn write_open(&mut self, pid: Pid, id: OpenId, bytes: &[u8]) -> Written {
        self.moved += bytes.len();
        let Some(file) = self.opens.get_mut(&id) else { return Written::Taken(bytes.len()) };
        let waiting = match &mut file.open {
            Open::Device(Device::Full) => return Written::NoSpace,
            Open::Device(_) | Open::PipeRead(_) => return Written::Taken(bytes.len()),
            Open::File(file) => {
                if file.append {
                    file.offset = self.files.stat(&file.path, false).map_or(0, |s| s.size());
                }
                let done = self.files.write_at(&file.path, file.id, file.offset, bytes);
                file.offset += bytes.len();
                return if done.is_ok() { Written::Taken(bytes.len()) } else { Written::NoSpace };
            }
            Open::PipeWrite(pipe) => {
                let Some(pipe) = self.pipes.get_mut(pipe) else { return Written::Broken };
                if pipe.readers == 0 {
                    return Written::Broken;
                }
                let n = bytes.len().min(crate::io::PIPE_BYTES.saturating_sub(pipe.data.len()));
                pipe.data.extend(&bytes[..n]);
                let woken = std::mem::take(&mut pipe.waiting);
                if n < bytes.len() {
                    pipe.waiting.push(pid);
                }
                (n, woken)
            }
            Open::Terminal(terminal) => {
                let Some(terminal) = self.terminals.get_mut(terminal) else { return Written::Broken };
                let n = bytes.len().min(crate::terminal::OUTPUT_BYTES.saturating_sub(terminal.output.len()));
                terminal.write(&bytes[..n]);
                if n < bytes.len() {
                    terminal.waiting.push(pid);
                }
                (n, Vec::new())
            }
            Open::Sink(sink, stream) => {
                let Some(sink) = self.sinks.get_mut(sink) else { return Written::Broken };
                let n = bytes.len().min(crate::io::SINK_BYTES.saturating_sub(sink.bytes));
                sink.push(*stream, &bytes[..n]);
                if n < bytes.len() {
                    sink.waiting.push(pid);
                }
                (n, Vec::new())
            }
        };
        self.wake_all(waiting.1);
        Written::Taken(waiting.0)
    }

    /// Takes a delivered request into the queue of whoever listens.
    pub(crate) fn enqueue(
        &mut self,
        port: u16,
        id: RequestId,
        payload: Payload,
        peer: &str,
    ) -> Result<(), Error> {
        let listener = self.listeners.get_mut(&port).ok_or(Error::ConnectionRefused)?;
        if listener.queue.len() >= BACKLOG {
            return Err(Error::Timeout);
        }
        if payload == Payload::Connect {
            // The kernel opens connections, however busy the program is.
            self.answers.push((id, Ok(Response::Connected)));
            return Ok(());
        }
        listener.queue.push_back((id, payload, peer.into()));
        let pid = listener.pid;
        self.wake_process(pid);
        Ok(())
    }
}
