//! The system calls: what a program sees of its machine while it takes a step.

use crate::host::DEFAULT_PATH;
use crate::io::{Open, OpenedFile};
use crate::machine::{External, Listener, MAX_PROCESSES, Process, State};
use crate::{
    Command, Completion, Content, ExitStatus, FileError, Files, Flavor, Kernel, Machine, Make, Node, Pid,
    ProcessInfo, Program, Signal, SpawnError, Tty,
};
use sim::Time;
use sim::collections::BTreeMap;
use sim::net::{Error, Payload, Request, RequestId, Response};

/// Descriptors of one process.
const MAX_DESCRIPTORS: u32 = 256;
/// How often a `#!` line may lead to another.
const MAX_INTERPRETERS: usize = 4;

/// What a program sees of its machine while it takes a step.
pub struct Os<'a> {
    pub(crate) machine: &'a mut Machine,
    pub(crate) kernel: &'a mut dyn Kernel,
    pub(crate) pid: Pid,
}

/// What reading gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// At least one byte.
    Data(Vec<u8>),
    /// Nothing yet: wait, the process is stepped when something comes.
    Empty,
    /// The end.
    End,
}

/// How to open a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For reading; it must be there.
    Read,
    /// For writing, from the start; made or emptied.
    Write,
    /// For writing at the end; made if needed.
    Append,
    /// For both; made if needed.
    Both,
}

/// A program that was found, ready to be put into a process.
pub(crate) struct Loaded {
    make: Option<Make>,
    command: Command,
}

impl Loaded {
    pub(crate) fn into_process(self, process: &mut Process) {
        match self.make {
            Some(make) => process.program = Some(make(&self.command)),
            None => process.external = External::Starting,
        }
        process.command = self.command;
    }
}

/// Finds the file of a command in `PATH`: its path, or why not. Mirrors `execvp`.
pub(crate) fn find(files: &Files, command: &Command, name: &str) -> Result<String, SpawnError> {
    if name.contains('/') {
        let path = Files::join(&command.cwd, name);
        return match files.stat(&path, true) {
            Ok(stat) if stat.is_dir() => Err(SpawnError::IsDirectory),
            Ok(stat) if stat.meta().mode & 0o111 == 0 => Err(SpawnError::NotExecutable),
            Ok(_) => Ok(path),
            Err(FileError::NotADirectory | FileError::Permission) => Err(SpawnError::NotExecutable),
            Err(_) => Err(SpawnError::NotFound),
        };
    }
    let mut error = SpawnError::NotFound;
    let path = command.env.get("PATH").map_or(DEFAULT_PATH, |p| p);
    for dir in path.split(':') {
        let dir = Files::join(&command.cwd, if dir.is_empty() { "." } else { dir });
        let path = format!("{}/{name}", dir.trim_end_matches('/'));
        match files.stat(&path, true) {
            Ok(stat) if stat.is_file() && stat.meta().mode & 0o111 != 0 => return Ok(path),
            Ok(stat) if stat.is_file() => error = SpawnError::NotExecutable,
            _ => {}
        }
    }
    Err(error)
}

/// Finds the program of a command. A script is run by the program that its `#!` line names, else by `/bin/sh`.
pub(crate) fn load(files: &Files, command: &Command) -> Result<Loaded, SpawnError> {
    let mut command = command.clone();
    let name = command.argv.first().cloned().ok_or(SpawnError::NotFound)?;
    let mut path = find(files, &command, &name)?;
    for _ in 0..MAX_INTERPRETERS {
        let node = files.stat(&path, true).map_err(|_| SpawnError::NotFound)?.node;
        match node {
            Node::File(Content::Program(make), ..) => return Ok(Loaded { make: Some(make), command }),
            Node::File(Content::External, ..) => return Ok(Loaded { make: None, command }),
            Node::File(Content::Bytes(bytes), ..) => {
                let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line).into_owned();
                let interpreter = line.strip_prefix("#!").unwrap_or("/bin/sh").trim();
                let mut argv: Vec<String> = interpreter.splitn(2, ' ').map(|s| s.trim().into()).collect();
                argv.push(path.clone());
                argv.extend(command.argv.drain(1..));
                command.argv = argv;
                path = find(files, &command, &command.argv[0]).map_err(|_| SpawnError::NotExecutable)?;
            }
            _ => return Err(SpawnError::NotExecutable),
        }
    }
    Err(SpawnError::NotExecutable)
}

impl Os<'_> {
    // --- Who and where.

    /// Its own process id.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// The process that started it.
    pub fn parent(&self) -> Pid {
        self.process().parent
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.machine.now
    }

    /// 64 random bits.
    pub fn random(&mut self) -> u64 {
        self.kernel.random()
    }

    /// Program and arguments.
    pub fn argv(&self) -> &[String] {
        &self.process().command.argv
    }

    /// The environment.
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.process().command.env
    }

    /// One variable of the environment, empty when it is not set.
    pub fn var(&self, name: &str) -> &str {
        self.env().get(name).map_or("", |v| v)
    }

    /// Changes the environment of this process, as its children inherit it.
    pub fn set_env(&mut self, env: BTreeMap<String, String>) {
        self.process_mut().command.env = env;
    }

    /// The working directory.
    pub fn cwd(&self) -> &str {
        &self.process().command.cwd
    }

    /// Changes the working directory.
    pub fn set_cwd(&mut self, path: &str) -> Result<(), FileError> {
        let path = self.path(path);
        if !self.machine.files.stat(&path, true)?.is_dir() {
            return Err(FileError::NotADirectory);
        }
        self.process_mut().command.cwd = if path == "/" { path } else { path.trim_end_matches('/').into() };
        Ok(())
    }

    /// Name of the machine.
    pub fn hostname(&self) -> &str {
        &self.machine.hostname
    }

    /// Which family the small programs belong to.
    pub fn flavor(&self) -> Flavor {
        self.machine.flavor
    }

    /// User and group.
    pub fn ids(&self) -> (u32, u32) {
        (self.process().uid, self.process().gid)
    }

    /// Becomes another user. Whether that is allowed is for the program to know.
    pub(crate) fn set_ids(&mut self, ids: (u32, u32)) {
        let process = self.process_mut();
        (process.uid, process.gid) = ids;
        process.command.groups.clear();
    }

    /// Groups beside the user's own.
    pub fn groups(&self) -> &[u32] {
        &self.process().command.groups
    }

    /// Whether this process is in a group.
    fn in_group(&self, gid: u32) -> bool {
        self.process().gid == gid || self.groups().contains(&gid)
    }

    /// User and group of `name`, `uid` or either with `:group`.
    pub fn ids_of(&self, user: &str) -> (u32, u32) {
        self.machine.ids(user)
    }

    /// The name of a user, if `/etc/passwd` has it.
    pub fn user_name(&self, uid: u32) -> Option<String> {
        self.name_of("/etc/passwd", uid)
    }

    /// The name of a group, if `/etc/group` has it.
    pub fn group_name(&self, gid: u32) -> Option<String> {
        self.name_of("/etc/group", gid)
    }

    fn name_of(&self, file: &str, id: u32) -> Option<String> {
        let text = self.machine.files.read(file).ok()?;
        let text = String::from_utf8_lossy(&text);
        let id = id.to_string();
        text.lines()
            .find(|l| l.split(':').nth(2) == Some(&id))
            .and_then(|l| l.split(':').next())
            .map(String::from)
    }

    // --- Files.

    /// A path as this process means it: absolute.
    pub fn path(&self, path: &str) -> String {
        Files::join(self.cwd(), path)
    }

    /// The file system, for looking at it; paths must be absolute ([`Os::path`]).
    pub fn files(&self) -> &Files {
        &self.machine.files
    }

    /// The file system, for changing something in the directory that holds `path` or in the file itself; refused when
    /// the user may not.
    pub fn change(&mut self, path: &str) -> Result<&mut Files, FileError> {
        let path = self.path(path);
        let real = self.machine.files.resolve(path.trim_end_matches('/'), false)?;
        self.machine.files.check_writable(&real)?;
        let (uid, _) = self.ids();
        let dir = real.rsplit_once('/').map_or("/", |(d, _)| if d.is_empty() { "/" } else { d });
        let may = |path: &str| {
            self.machine.files.stat(path, true).is_ok_and(|stat| {
                let meta = stat.meta();
                uid == 0
                    || meta.uid == uid && meta.mode & 0o200 != 0
                    || self.in_group(meta.gid) && meta.mode & 0o020 != 0
                    || meta.mode & 0o002 != 0
            })
        };
        let file = self.machine.files.stat(&real, true).is_ok_and(|s| !s.is_dir());
        let allowed = may(dir) || file && may(&real);
        if allowed { Ok(&mut self.machine.files) } else { Err(FileError::Permission) }
    }

    /// Whether the user may read a file.
    pub fn may_read(&self, path: &str) -> bool {
        let (uid, _) = self.ids();
        self.machine.files.stat(&self.path(path), true).is_ok_and(|stat| {
            let meta = stat.meta();
            let shift = if meta.uid == uid {
                6
            } else if self.in_group(meta.gid) {
                3
            } else {
                0
            };
            uid == 0 || meta.mode >> shift & 4 != 0
        })
    }

    /// The content of a file.
    pub fn read_file(&self, path: &str) -> Result<std::sync::Arc<Vec<u8>>, FileError> {
        let data = self.machine.files.read(&self.path(path))?;
        if self.may_read(path) { Ok(data) } else { Err(FileError::Permission) }
    }

    /// Replaces the content of a file, or makes one.
    pub fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        let absolute = self.path(path);
        let new = !self.machine.files.exists(&absolute);
        self.change(path)?.write(&absolute, bytes, false)?;
        self.own(&absolute, new)
    }

    /// Keeps the output of a `<( )`, the n-th of its command, and says where: as bash does, from 63 down. What stood
    /// there before is gone.
    pub(crate) fn keep_output(&mut self, output: &str, n: usize) -> String {
        const HIGHEST: usize = 63;
        let path = format!("{}{}", crate::shell::OUTPUTS, HIGHEST.saturating_sub(n));
        let end = if output.is_empty() { "" } else { "\n" };
        self.machine.files.put(&path, format!("{output}{end}"));
        path
    }

    /// Gives what was made just now to the user of this process, and to the group of a directory with the setgid bit.
    pub fn own(&mut self, absolute: &str, new: bool) -> Result<(), FileError> {
        const SETGID: u16 = 0o2000;
        if !new {
            return Ok(());
        }
        let (uid, mut gid) = self.ids();
        let files = &mut self.machine.files;
        let dir = absolute
            .trim_end_matches('/')
            .rsplit_once('/')
            .map_or("/", |(d, _)| if d.is_empty() { "/" } else { d });
        if let Ok(above) = files.stat(dir, true)
            && above.meta().mode & SETGID != 0
        {
            gid = above.meta().gid;
            let made = files.stat(absolute, true)?;
            if made.is_dir() {
                files.set_mode(absolute, made.meta().mode | SETGID)?;
            }
        }
        if (uid, gid) == (0, 0) { Ok(()) } else { files.set_owner(absolute, uid, gid) }
    }

    // --- Descriptors.

    /// Opens a file and gives the lowest free descriptor from `at_least` up.
    pub fn open(&mut self, path: &str, mode: Mode, at_least: u32) -> Result<u32, FileError> {
        let absolute = self.path(path);
        let stat = self.machine.files.stat(&absolute, true);
        if let Ok(crate::Stat { node: Node::File(Content::Device(device), ..) }) = stat {
            return self.open_device(device, at_least);
        }
        let real = match mode {
            Mode::Read => {
                let stat = stat?;
                if !self.may_read(path) {
                    return Err(FileError::Permission);
                }
                if stat.is_dir() {
                    return Err(FileError::IsADirectory);
                }
                self.machine.files.resolve(&absolute, true)?
            }
            _ => {
                let new = stat.is_err();
                if stat.is_ok_and(|s| s.is_dir()) {
                    return Err(FileError::IsADirectory);
                }
                let real = self.change(path)?.create(&absolute)?;
                self.own(&real, new)?;
                if mode == Mode::Write {
                    self.machine.files.write(&real, b"", false)?;
                }
                real
            }
        };
        let id = match self.machine.files.stat(&real, false)?.node {
            Node::File(_, _, id) => id,
            _ => return Err(FileError::NotFound),
        };
        let snapshot = self.machine.files.read(&real)?;
        let append = mode == Mode::Append;
        self.install(Open::File(OpenedFile { path: real, id, snapshot, offset: 0, append }), at_least)
    }

    fn open_device(&mut self, device: crate::Device, at_least: u32) -> Result<u32, FileError> {
        match device {
            crate::Device::Descriptor(n) => {
                let free = self.free_descriptor(at_least)?;
                self.dup(n, free)?;
                Ok(free)
            }
            crate::Device::Terminal => {
                let terminal = self.process().terminal.ok_or(FileError::NoDevice)?;
                self.install(Open::Terminal(terminal), at_least)
            }
            other => self.install(Open::Device(other), at_least),
        }
    }

    fn install(&mut self, open: Open, at_least: u32) -> Result<u32, FileError> {
        let free = self.free_descriptor(at_least)?;
        let id = self.machine.add_open(open);
        self.process_mut().descriptors.insert(free, (id, false));
        Ok(free)
    }

    fn free_descriptor(&self, at_least: u32) -> Result<u32, FileError> {
        let used = &self.process().descriptors;
        (at_least..MAX_DESCRIPTORS).find(|n| !used.contains_key(n)).ok_or(FileError::Busy)
    }

    /// A pipe: (read end, write end).
    pub fn pipe(&mut self) -> Result<(u32, u32), FileError> {
        let pipe = self.machine.add_pipe();
        Ok((self.install(Open::PipeRead(pipe), 3)?, self.install(Open::PipeWrite(pipe), 3)?))
    }

    /// A descriptor that gives these bytes and then its end: a here-document.
    pub fn text_input(&mut self, bytes: &[u8]) -> Result<u32, FileError> {
        let pipe = self.machine.add_pipe();
        let descriptor = self.install(Open::PipeRead(pipe), 10)?;
        if let Some(pipe) = self.machine.pipes.get_mut(&pipe) {
            pipe.data.extend(bytes);
        }
        Ok(descriptor)
    }

    /// Makes descriptor `to` name what `from` names.
    pub fn dup(&mut self, from: u32, to: u32) -> Result<(), FileError> {
        let open = self.machine.descriptor(self.pid, from).ok_or(FileError::BadDescriptor)?;
        if from == to {
            return Ok(());
        }
        self.machine.retain(open);
        self.close(to);
        self.process_mut().descriptors.insert(to, (open, false));
        Ok(())
    }

    /// Keeps a copy of a descriptor that children do not inherit; `None` if it is not open.
    pub fn save(&mut self, descriptor: u32) -> Option<u32> {
        let open = self.machine.descriptor(self.pid, descriptor)?;
        let free = self.free_descriptor(10).ok()?;
        self.machine.retain(open);
        self.process_mut().descriptors.insert(free, (open, true));
        Some(free)
    }

    /// Closes a descriptor.
    pub fn close(&mut self, descriptor: u32) {
        if let Some((open, _)) = self.process_mut().descriptors.remove(&descriptor) {
            self.machine.release(open);
        }
    }

    /// Whether a descriptor is open.
    pub fn is_open(&self, descriptor: u32) -> bool {
        self.process().descriptors.contains_key(&descriptor)
    }

    /// Reads at most `max` bytes.
    pub fn read(&mut self, descriptor: u32, max: usize) -> Read {
        let Some(open) = self.machine.descriptor(self.pid, descriptor) else { return Read::End };
        let random = match self.machine.open(open) {
            Some(Open::Device(crate::Device::Random)) => self.kernel.random(),
            _ => 0,
        };
        match self.machine.read_open(self.pid, open, max, random) {
            None => Read::Empty,
            Some(data) if data.is_empty() => Read::End,
            Some(data) => Read::Data(data),
        }
    }

    /// Reads standard input.
    pub fn read_stdin(&mut self) -> Read {
        self.read(0, crate::io::PIPE_BYTES)
    }

    /// Gives back bytes that were read from a file and not used; from anything else they are lost.
    pub fn unread(&mut self, descriptor: u32, count: usize) {
        let Some(open) = self.machine.descriptor(self.pid, descriptor) else { return };
        self.machine.seek_back(open, count);
    }

    /// Writes. All of it is taken; what does not fit now holds the process up before its next step. To a pipe without
    /// a reader it dies by `Pipe`, unless it handles that.
    pub fn write(&mut self, descriptor: u32, bytes: &[u8]) {
        if let Some(open) = self.machine.descriptor(self.pid, descriptor) {
            self.machine.queue_write(self.pid, open, bytes);
        }
    }

    /// Writes text to standard output.
    pub fn print(&mut self, text: &str) {
        self.write(1, text.as_bytes());
    }

    /// Writes text to standard error.
    pub fn eprint(&mut self, text: &str) {
        self.write(2, text.as_bytes());
    }

    /// Whether a descriptor is a terminal.
    pub fn is_tty(&self, descriptor: u32) -> bool {
        self.machine.external_tty(self.pid, descriptor).is_some()
    }

    /// Size of the terminal of this process, if it has one.
    pub fn tty(&self) -> Option<Tty> {
        self.process().terminal.and_then(|t| self.machine.terminals.get(&t)).map(|t| t.size)
    }

    /// Every key as it is, or lines.
    pub fn set_raw(&mut self, raw: bool) {
        self.machine.external_raw(self.pid, raw);
    }

    // --- Processes.

    /// Where a program of this name is found.
    pub fn find(&self, name: &str) -> Result<String, SpawnError> {
        find(&self.machine.files, &self.process().command, name)
    }

    /// Starts a program as a child. It inherits everything open; `descriptors` says (number in the child, number here)
    /// for what is different.
    pub fn spawn(&mut self, argv: &[String], descriptors: &[(u32, u32)]) -> Result<Pid, SpawnError> {
        let command = Command { argv: argv.to_vec(), ..self.process().command.clone() };
        let loaded = load(&self.machine.files, &command)?;
        let pid = self.child(descriptors, true)?;
        if let Some(process) = self.machine.processes.get_mut(&pid) {
            loaded.into_process(process);
        }
        Ok(pid)
    }

    /// Starts a copy of this process with another state: a subshell.
    pub fn fork(&mut self, program: Box<dyn Program>, descriptors: &[(u32, u32)]) -> Result<Pid, SpawnError> {
        let pid = self.child(descriptors, false)?;
        if let Some(process) = self.machine.processes.get_mut(&pid) {
            process.program = Some(program);
        }
        Ok(pid)
    }

    /// Becomes another program: takes effect when the step ends.
    pub fn exec(&mut self, argv: &[String]) -> Result<(), SpawnError> {
        let command = Command { argv: argv.to_vec(), ..self.process().command.clone() };
        let loaded = load(&self.machine.files, &command)?;
        let hidden: Vec<u32> =
            self.process().descriptors.iter().filter(|(_, d)| d.1).map(|(n, _)| *n).collect();
        hidden.into_iter().for_each(|n| self.close(n));
        let process = self.process_mut();
        loaded.into_process(process);
        // `into_process` put it where this program is taken from; the machine swaps them when the step ends.
        match process.program.take() {
            Some(program) => process.next = Some(program),
            None => process.state = State::Ready,
        }
        Ok(())
    }

    fn child(&mut self, descriptors: &[(u32, u32)], exec: bool) -> Result<Pid, SpawnError> {
        if self.machine.processes.len() >= MAX_PROCESSES {
            return Err(SpawnError::TooMany);
        }
        let process = self.process();
        let (group, terminal, ids) = (process.group, process.terminal, (process.uid, process.gid));
        let command = process.command.clone();
        let mut inherited: BTreeMap<u32, (u32, bool)> =
            process.descriptors.iter().filter(|(_, d)| !(exec && d.1)).map(|(n, d)| (*n, *d)).collect();
        for (child, here) in descriptors {
            if let Some((open, _)) = process.descriptors.get(here) {
                inherited.insert(*child, (*open, false));
            }
        }
        inherited.values().for_each(|(open, _)| self.machine.retain(*open));
        let pid = self.machine.add_process(self.pid, command, ids);
        if let Some(child) = self.machine.processes.get_mut(&pid) {
            (child.group, child.terminal, child.descriptors) = (group, terminal, inherited);
        }
        Ok(pid)
    }

    /// Closes a descriptor of a child that has not run yet.
    pub fn close_in(&mut self, child: Pid, descriptor: u32) {
        let process = self.machine.processes.get_mut(&child);
        if let Some((open, _)) = process.and_then(|p| p.descriptors.remove(&descriptor)) {
            self.machine.release(open);
        }
    }

    /// Makes a descriptor of a child that has not run yet name what `here` names.
    pub fn replace_in(&mut self, child: Pid, descriptor: u32, here: u32) {
        let Some(open) = self.machine.descriptor(self.pid, here) else { return };
        self.close_in(child, descriptor);
        if let Some(process) = self.machine.processes.get_mut(&child) {
            process.descriptors.insert(descriptor, (open, false));
            self.machine.retain(open);
        }
    }

    /// How a child has ended; it is forgotten then. `None` while it runs.
    pub fn wait(&mut self, child: Pid) -> Option<ExitStatus> {
        match self.machine.processes.get(&child) {
            Some(process) => match process.state {
                State::Ended(status) if !process.root => {
                    self.machine.processes.remove(&child);
                    Some(status)
                }
                _ => None,
            },
            None => Some(ExitStatus::Code(127)),
        }
    }

    /// Whether a child is stopped (Ctrl-Z).
    pub fn is_stopped(&self, child: Pid) -> bool {
        self.machine.processes.get(&child).is_some_and(|p| p.stopped)
    }

    /// The processes of this machine.
    pub fn processes(&self) -> Vec<ProcessInfo> {
        self.machine.processes()
    }

    /// Sends a signal to a process. `false`: there is none.
    pub fn kill(&mut self, pid: Pid, signal: Signal) -> bool {
        self.machine.send_signal(pid, signal)
    }

    /// Sends a signal to a process group. `false`: nobody is in it.
    pub fn kill_group(&mut self, group: Pid, signal: Signal) -> bool {
        self.machine.signal_group(group, signal)
    }

    /// Ends this process by a signal when the step is over.
    pub fn end_self(&mut self, signal: Signal) {
        self.process_mut().state = State::Ending(ExitStatus::Signal(signal));
    }

    /// The process group of this process.
    pub fn group(&self) -> Pid {
        self.process().group
    }

    /// Puts a child into a process group.
    pub fn set_group(&mut self, child: Pid, group: Pid) {
        if let Some(process) = self.machine.processes.get_mut(&child) {
            process.group = group;
        }
    }

    /// Says which process group gets Ctrl-C and may read from the terminal.
    pub fn set_foreground(&mut self, group: Pid) {
        let terminal = self.process().terminal;
        if let Some(terminal) = terminal.and_then(|t| self.machine.terminals.get_mut(&t)) {
            terminal.foreground = group;
            let waiting = std::mem::take(&mut terminal.waiting);
            self.machine.wake_all(waiting);
        }
    }

    // --- Network.

    /// Sends a request; [`Os::poll`] has the answer later, and the process is stepped when it is there.
    pub fn send(&mut self, request: Request) -> RequestId {
        let id = self.kernel.send(request);
        self.machine.requests.insert(id, self.pid);
        id
    }

    /// Takes the answer of a request once it is there.
    pub fn poll(&mut self, id: RequestId) -> Option<Result<Response, Error>> {
        let answer = self.kernel.poll(id)?;
        self.machine.requests.remove(&id);
        Some(answer)
    }

    /// Listens on a port. `false`: another program does already.
    pub fn listen(&mut self, port: u16) -> bool {
        if self.machine.listeners.contains_key(&port) {
            return false;
        }
        self.machine.listeners.insert(port, Listener { pid: self.pid, queue: Default::default() });
        true
    }

    /// Stops listening on a port.
    pub fn unlisten(&mut self, port: u16) {
        if let Some(listener) = self.machine.listeners.remove(&port) {
            let lost = listener.queue.into_iter().map(|q| (q.0, Err(Error::Reset)));
            self.machine.answers.extend(lost);
        }
    }

    /// The next request on a port that this program listens on, with the address of who asks; it must be answered.
    pub fn accept(&mut self, port: u16) -> Option<(RequestId, Payload, String)> {
        let listener = self.machine.listeners.get_mut(&port).filter(|l| l.pid == self.pid)?;
        let request = listener.queue.pop_front()?;
        self.machine.accepted.insert(request.0, self.pid);
        Some(request)
    }

    /// Answers a request that was accepted.
    pub fn answer(&mut self, id: RequestId, answer: Result<Response, Error>) {
        if self.machine.accepted.remove(&id).is_some() {
            self.kernel.answer(id, answer);
        }
    }

    // --- Resources.

    /// Says how much memory this process holds, in bytes.
    pub fn claim_memory(&mut self, bytes: u64) {
        self.process_mut().memory = bytes;
    }

    /// Says how much CPU this process uses, in thousandths.
    pub fn claim_cpu(&mut self, millis: u64) {
        self.process_mut().cpu = millis;
    }

    /// Tells the host that a command typed into this terminal has ended.
    pub(crate) fn tell_finished(&mut self, line: String, exit: i32) {
        let Some(terminal) = self.process().terminal else { return };
        if self.machine.finished.len() >= crate::machine::MAX_FINISHED {
            self.machine.finished.pop_front();
        }
        let waiting = self.machine.terminals.get(&terminal).map_or(0, |t| t.output.len());
        self.machine.finished.push_back(crate::Finished { session: Pid(terminal), line, exit, waiting });
    }

    // --- Completion.

    /// Asks the host how a line could go on.
    pub fn ask_completion(&mut self, words: Vec<String>) {
        let pid = self.pid;
        self.machine.completions.push(Completion { pid, words });
    }

    /// The host's answer.
    pub fn completed(&mut self) -> Option<Vec<String>> {
        self.machine.completed.remove(&self.pid)
    }

    fn process(&self) -> &Process {
        self.machine.processes.get(&self.pid).expect("a process that is stepped exists")
    }

    fn process_mut(&mut self) -> &mut Process {
        self.machine.processes.get_mut(&self.pid).expect("a process that is stepped exists")
    }
}
