//! What a host does with a machine: start processes, feed them, take what they print, end them.

use crate::io::Open;
use crate::machine::{External, Process, State, Written};
use crate::os::load;
use crate::terminal::Terminal;
use crate::{
    Command, Completion, Device, ExitStatus, Finished, Machine, Pid, ProcessInfo, Read, Signal, SpawnError,
    Stream, Tty, Usage,
};
use sim::net::{Error, Payload, RequestId};

/// What a host may write to a process ahead of its reading, in bytes; further bytes are dropped.
const MAX_STDIN: usize = 4 << 20;
/// `PATH` where the environment has none.
pub(crate) const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Machine {
    /// Starts a process; it runs with the next [`Machine::run`]. The program is looked up in `PATH` of the command's
    /// environment. Its output waits in [`Machine::take_output`], its end in [`Machine::status`], until
    /// [`Machine::forget`].
    pub fn spawn(&mut self, mut command: Command) -> Result<Pid, SpawnError> {
        if self.processes.len() >= crate::machine::MAX_PROCESSES {
            return Err(SpawnError::TooMany);
        }
        if command.cwd.is_empty() {
            command.cwd = "/".into();
        }
        command.env.entry("PATH".into()).or_insert_with(|| DEFAULT_PATH.into());
        let loaded = load(&self.files, &command)?;
        let ids = self.ids(&command.user);
        let (tty, stdin) = (command.tty, command.stdin);
        let pid = self.add_process(Pid(0), command, ids);
        let opens = match tty {
            Some(size) => {
                self.terminals.insert(pid.0, Terminal::new(size, pid));
                let open = self.add_open(Open::Terminal(pid.0));
                self.retain(open);
                self.retain(open);
                [open; 3]
            }
            None => {
                self.sinks.insert(pid.0, Default::default());
                let input = match stdin {
                    true => {
                        self.pipes.entry(host_pipe(pid)).or_default().writers = 1;
                        Open::PipeRead(host_pipe(pid))
                    }
                    false => Open::Device(Device::Null),
                };
                [input, Open::Sink(pid.0, Stream::Stdout), Open::Sink(pid.0, Stream::Stderr)]
                    .map(|open| self.add_open(open))
            }
        };
        if let Some(process) = self.processes.get_mut(&pid) {
            process.descriptors = (0..).zip(opens.map(|o| (o, false))).collect();
            process.terminal = tty.map(|_| pid.0);
            process.root = true;
            loaded.into_process(process);
        }
        Ok(pid)
    }

    /// User and group of a user's name or numbers; an unknown name is root.
    pub(crate) fn ids(&self, user: &str) -> (u32, u32) {
        let (user, group) = user.split_once(':').map_or((user, None), |(u, g)| (u, Some(g)));
        let passwd = self.files.read("/etc/passwd").unwrap_or_default();
        let passwd = String::from_utf8_lossy(&passwd).into_owned();
        let known = passwd.lines().map(|l| l.split(':').collect::<Vec<_>>()).find_map(|f| {
            let (uid, gid) = (f.get(2)?.parse().ok()?, f.get(3)?.parse().ok()?);
            (f[0] == user || f[2] == user).then_some((uid, gid))
        });
        let (uid, gid) = known.unwrap_or((user.parse().unwrap_or(0), 0));
        (uid, group.and_then(|g| g.parse().ok()).unwrap_or(gid))
    }

    /// Keys typed, or bytes for standard input. Dropped when the process has ended or much waits already.
    pub fn write_stdin(&mut self, pid: Pid, bytes: &[u8]) {
        if let Some(terminal) = self.terminals.get_mut(&pid.0) {
            let signals = terminal.keys(bytes);
            let (group, waiting) = (terminal.foreground, std::mem::take(&mut terminal.waiting));
            self.wake_all(waiting);
            for signal in signals {
                self.signal_group(group, signal);
            }
        } else if let Some(pipe) = self.pipes.get_mut(&host_pipe(pid)) {
            let room = MAX_STDIN.saturating_sub(pipe.data.len());
            pipe.data.extend(&bytes[..bytes.len().min(room)]);
            let waiting = std::mem::take(&mut pipe.waiting);
            self.wake_all(waiting);
        }
    }

    /// Standard input ends; a terminal hangs up.
    pub fn close_stdin(&mut self, pid: Pid) {
        if let Some(terminal) = self.terminals.get_mut(&pid.0) {
            terminal.closed = true;
            let waiting = std::mem::take(&mut terminal.waiting);
            self.wake_all(waiting);
        } else if let Some(pipe) = self.pipes.get_mut(&host_pipe(pid)) {
            pipe.writers = pipe.writers.saturating_sub(1);
            let waiting = std::mem::take(&mut pipe.waiting);
            self.wake_all(waiting);
        }
    }

    /// The terminal has another size.
    pub fn resize(&mut self, pid: Pid, size: Tty) {
        let Some(terminal) = self.terminals.get_mut(&pid.0) else { return };
        terminal.size = size;
        let group = terminal.foreground;
        self.signal_group(group, Signal::Winch);
    }

    /// Takes what a process (and what it started) printed since the last call, in order. With a terminal everything is
    /// standard output.
    pub fn take_output(&mut self, pid: Pid) -> Vec<(Stream, Vec<u8>)> {
        let (output, waiting) = if let Some(terminal) = self.terminals.get_mut(&pid.0) {
            if terminal.output.is_empty() {
                return Vec::new(); // who waits for input goes on waiting
            }
            let output = vec![(Stream::Stdout, std::mem::take(&mut terminal.output))];
            (output, std::mem::take(&mut terminal.waiting))
        } else if let Some(sink) = self.sinks.get_mut(&pid.0) {
            sink.bytes = 0;
            (std::mem::take(&mut sink.chunks), std::mem::take(&mut sink.waiting))
        } else {
            return Vec::new();
        };
        self.wake_all(waiting);
        output
    }

    /// Sends a signal. Process 1 only gets what it handles, `Kill` always. `false`: there is no such process.
    pub fn signal(&mut self, pid: Pid, signal: Signal) -> bool {
        self.send_signal(pid, signal)
    }

    /// How a process has ended; `None` while it runs.
    pub fn status(&self, pid: Pid) -> Option<ExitStatus> {
        match self.processes.get(&pid)?.state {
            State::Ended(status) => Some(status),
            _ => None,
        }
    }

    /// Forgets a process that the host started and that has ended, with its output. What it left running and still
    /// prints gets a broken pipe. A process that still runs is killed.
    pub fn forget(&mut self, pid: Pid) {
        if self.status(pid).is_none() {
            self.send_signal(pid, Signal::Kill);
        }
        if self.terminals.contains_key(&pid.0) {
            let group = |p: &Process| p.terminal == Some(pid.0);
            let left: Vec<Pid> = self.processes.iter().filter(|(_, p)| group(p)).map(|(p, _)| *p).collect();
            for pid in left {
                self.send_signal(pid, Signal::Hup);
            }
        }
        self.close_stdin(pid);
        self.processes.remove(&pid);
        self.sinks.remove(&pid.0);
        self.terminals.remove(&pid.0);
        self.pipes.remove(&host_pipe(pid));
    }

    /// The processes there are, by id.
    pub fn processes(&self) -> Vec<ProcessInfo> {
        self.processes.iter().map(|(pid, p)| info(*pid, p)).collect()
    }

    /// A request arrives at a port. Without a listener it is refused at once; else the program's answer comes out by
    /// `Kernel::answer` during some [`Machine::run`]. Opening a connection alone is answered by the machine itself.
    pub fn deliver(&mut self, port: u16, id: RequestId, payload: Payload, peer: &str) -> Result<(), Error> {
        self.enqueue(port, id, payload, peer)
    }

    /// Whether a program listens on a port.
    pub fn listening(&self, port: u16) -> bool {
        self.listeners.contains_key(&port)
    }

    /// What the machine uses now: what its programs claim (each at least 1 MiB), and a whole CPU when it is busy.
    pub fn usage(&self) -> Usage {
        let sum = |f: fn(&Process) -> u64| self.processes.values().map(f).sum::<u64>();
        let busy = if self.is_busy() { 1000 } else { 0 };
        Usage { memory_bytes: sum(|p| p.memory), cpu_millis: sum(|p| p.cpu).max(busy) }
    }

    // --- Programs that the host runs.

    /// The command of a process.
    pub fn command(&self, pid: Pid) -> Option<&Command> {
        self.processes.get(&pid).map(|p| &p.command)
    }

    /// Reads standard input on behalf of a program that the host runs.
    pub fn external_read_stdin(&mut self, pid: Pid) -> Read {
        let Some(open) = self.descriptor(pid, 0) else { return Read::End };
        match self.read_open(pid, open, crate::io::PIPE_BYTES, 0) {
            None => Read::Empty,
            Some(data) if data.is_empty() => Read::End,
            Some(data) => Read::Data(data),
        }
    }

    /// Writes output on behalf of a program that the host runs. `false`: what was written before does not fit yet;
    /// the host had better wait before it writes more.
    pub fn external_write(&mut self, pid: Pid, stream: Stream, bytes: &[u8]) -> bool {
        let descriptor = if stream == Stream::Stdout { 1 } else { 2 };
        if let Some(open) = self.descriptor(pid, descriptor) {
            self.queue_write(pid, open, bytes);
        }
        self.external_flush(pid)
    }

    /// Ends a program that the host runs; its output goes out first.
    pub fn external_exit(&mut self, pid: Pid, code: i32) {
        if let Some(process) = self.processes.get_mut(&pid)
            && !matches!(process.state, State::Ended(_))
        {
            process.state = State::Ending(ExitStatus::Code(code & 0xff));
        }
    }

    /// Whether a program that the host runs should still run: `false` once it was killed (Ctrl-C, a broken pipe).
    pub fn external_alive(&mut self, pid: Pid) -> bool {
        self.external_flush(pid);
        self.processes.get(&pid).is_some_and(|p| !matches!(p.state, State::Ended(_)))
    }

    /// Whether a descriptor of a process is a terminal, and its size.
    pub fn external_tty(&self, pid: Pid, descriptor: u32) -> Option<Tty> {
        match self.open(self.descriptor(pid, descriptor)?)? {
            Open::Terminal(terminal) => self.terminals.get(terminal).map(|t| t.size),
            _ => None,
        }
    }

    /// Every key goes to the program as it is (`exec -it`), Ctrl-C too, or lines again.
    pub fn external_raw(&mut self, pid: Pid, raw: bool) {
        let terminal = self.processes.get(&pid).and_then(|p| p.terminal);
        if let Some(terminal) = terminal.and_then(|t| self.terminals.get_mut(&t)) {
            terminal.set_raw(raw);
        }
    }

    /// The commands typed into its terminals that have ended since the last call, in order; the newest few dozen.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.finished).into()
    }

    /// Whether the first process of a terminal is a shell that waits for a command.
    pub fn is_at_prompt(&self, session: Pid) -> bool {
        let group = self.processes.get(&session).map(|p| p.group);
        self.terminals.get(&session.0).is_some_and(|t| t.is_raw() && Some(t.foreground) == group)
    }

    /// Line editors that wait for [`Machine::complete`].
    pub fn take_completions(&mut self) -> Vec<Completion> {
        std::mem::take(&mut self.completions)
    }

    /// Answers a [`Completion`]: how its last word could read. A candidate that ends in `=` or `/` gets no space after it.
    pub fn complete(&mut self, pid: Pid, candidates: Vec<String>) {
        self.completed.insert(pid, candidates);
        self.wake_process(pid);
    }

    fn external_flush(&mut self, pid: Pid) -> bool {
        let Some(process) = self.processes.get_mut(&pid) else { return false };
        let Some((open, bytes)) = process.pending.pop_front() else { return true };
        match self.write_open(pid, open, &bytes) {
            Written::Taken(n) if n < bytes.len() => {
                if let Some(process) = self.processes.get_mut(&pid) {
                    process.pending.push_front((open, bytes[n..].to_vec()));
                }
                false
            }
            Written::Broken => {
                self.release(open);
                self.finish(pid, ExitStatus::Signal(Signal::Pipe));
                false
            }
            Written::Taken(_) | Written::NoSpace => {
                self.release(open);
                self.external_flush(pid)
            }
        }
    }

    pub(crate) fn descriptor(&self, pid: Pid, number: u32) -> Option<u32> {
        self.processes.get(&pid)?.descriptors.get(&number).map(|d| d.0)
    }

    /// Writes at once what fits and keeps the rest pending.
    pub(crate) fn queue_write(&mut self, pid: Pid, open: u32, bytes: &[u8]) {
        let Some(process) = self.processes.get(&pid) else { return };
        let done = match process.pending.is_empty() {
            true => match self.write_open(pid, open, bytes) {
                Written::Taken(n) => n,
                Written::NoSpace => bytes.len(),
                Written::Broken => 0,
            },
            false => 0,
        };
        if done < bytes.len() {
            self.retain(open);
            if let Some(process) = self.processes.get_mut(&pid) {
                process.pending.push_back((open, bytes[done..].to_vec()));
            }
        }
    }
}

/// The pipe of standard input that the host writes to; the numbers of other pipes never get this high.
fn host_pipe(pid: Pid) -> u32 {
    u32::MAX - pid.0
}

fn info(pid: Pid, p: &Process) -> ProcessInfo {
    let state = match p.state {
        State::Ended(_) => 'Z',
        _ if p.stopped => 'T',
        State::Ready | State::Ending(_) if p.external == External::No => 'R',
        _ => 'S',
    };
    ProcessInfo {
        pid,
        parent: p.parent,
        argv: p.command.argv.clone(),
        uid: p.uid,
        started: p.started,
        terminal: p.terminal,
        state,
    }
}
