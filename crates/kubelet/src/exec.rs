//! Sessions: commands in containers (exec), looking at a container's first process (attach), logins on the node.
//! Mirrors pkg/kubelet/server and containerd's exec.

use crate::Kubelet;
use crate::config::{MAX_SESSION_BYTES, MAX_SESSIONS};
use crate::logs::{LogLine, LogOptions};
use crate::net::Owner;
use crate::runtime::{exec_error, exec_in};
use crate::worker::{ContainerNo, WorkerId};
use apimachinery::Status;
use client::{Frame, Input};
use sim::Time;
use sim::collections::{BTreeMap, BTreeSet};
use std::collections::VecDeque;
use userland::{Command, Machine, Pid, Stream, Tty};

/// Names a session of one kubelet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// The sessions of a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions {
    open: BTreeMap<u64, Session>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Session {
    owner: Owner,
    /// The process; of an attached session the container's first.
    pid: Pid,
    attached: bool,
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The last frame is in.
    ended: bool,
}

impl Sessions {
    fn add(&mut self, owner: Owner, pid: Pid, attached: bool) -> SessionId {
        self.next += 1;
        let session = Session { owner, pid, attached, frames: VecDeque::new(), bytes: 0, ended: false };
        self.open.insert(self.next, session);
        SessionId(self.next)
    }

    /// Takes what the processes of a machine's sessions have printed, and sees which have ended.
    pub(crate) fn collect(&mut self, owner: Owner, machine: &mut Machine) {
        for session in self.open.values_mut().filter(|s| s.owner == owner && !s.attached && !s.ended) {
            let room = MAX_SESSION_BYTES.saturating_sub(session.bytes);
            // Nobody reads: the process has to wait, as with a real pipe.
            if room == 0 {
                continue;
            }
            for (stream, bytes) in machine.take_output(session.pid) {
                session.push(stream, &bytes);
            }
            if let Some(status) = machine.status(session.pid) {
                session.frames.push_back(Frame::Exit(status.code()));
                session.ended = true;
                machine.forget(session.pid);
            }
        }
    }

    /// What a container's first process printed goes to those who are attached, too.
    pub(crate) fn attached_output(&mut self, attached: &BTreeSet<u64>, stream: Stream, bytes: &[u8]) {
        for id in attached {
            if let Some(session) = self.open.get_mut(id) {
                session.push(stream, bytes);
            }
        }
    }

    /// A container has ended, and everything in it.
    pub(crate) fn container_ended(&mut self, owner: Owner, attached: &BTreeSet<u64>, code: i32) {
        for (id, session) in self.open.iter_mut().filter(|(_, s)| s.owner == owner && !s.ended) {
            let code = if attached.contains(id) { code } else { 137 };
            session.frames.push_back(Frame::Exit(code));
            session.ended = true;
        }
    }
}

impl Session {
    fn push(&mut self, stream: Stream, bytes: &[u8]) {
        if bytes.is_empty() || self.bytes >= MAX_SESSION_BYTES {
            return;
        }
        self.bytes += bytes.len();
        let frame = match stream {
            Stream::Stdout => Frame::Stdout(bytes.to_vec()),
            Stream::Stderr => Frame::Stderr(bytes.to_vec()),
        };
        self.frames.push_back(frame);
    }
}

/// What stands in the way of exec and attach, in the words that kubectl shows after `error: `.
fn upgrade_error(message: String) -> Status {
    Status::new(500, "", format!("unable to upgrade connection: {message}"))
}

impl Kubelet {
    /// The container that a request means: the named one, or the first.
    fn running_container(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> Result<(WorkerId, ContainerNo), Status> {
        let worker = self
            .pod_worker(namespace, pod)
            .ok_or_else(|| upgrade_error(format!("pod does not exist: {pod}_{namespace}")))?;
        let first = worker.pod["spec"]["containers"][0]["name"].str().to_string();
        let name = if container.is_empty() { &first } else { container };
        match worker.current(name).filter(|c| c.is_running()) {
            Some(c) => Ok((worker.id, c.no)),
            None => Err(upgrade_error(format!("container not found ({name:?})"))),
        }
    }

    /// Starts a command in a container (empty name: the first). Directory, user and environment are the container's;
    /// of `command` count `argv`, `tty` and `stdin`. A program that cannot be started is a session with one
    /// [`Frame::Failed`]; a container that is not there is an error without a reason, as a failed upgrade is.
    pub fn exec(
        &mut self,
        now: Time,
        namespace: &str,
        pod: &str,
        container: &str,
        command: Command,
    ) -> Result<SessionId, Status> {
        let (id, no) = self.running_container(namespace, pod, container)?;
        self.check_sessions()?;
        let argv = command.argv.clone();
        let spawned = self
            .with_worker(id, |_, w| exec_in(w, no, argv.clone(), command.tty, command.stdin))
            .ok_or_else(|| upgrade_error(format!("pod does not exist: {pod}_{namespace}")))?;
        let pid = match spawned {
            Ok(pid) => pid,
            Err(error) => {
                let exec_id = self.hex_id();
                let text = format!(
                    "Internal error occurred: Internal error occurred: error executing command in container: failed to \
                     exec in container: failed to start exec {exec_id:?}: OCI runtime exec failed: exec failed: unable \
                     to start container process: {}",
                    exec_error(&argv, &error)
                );
                let session = self.sessions.add(Owner::Container(id, no), Pid(0), true);
                if let Some(open) = self.sessions.open.get_mut(&session.0) {
                    open.frames.push_back(Frame::Failed(text));
                    open.ended = true;
                }
                return Ok(session);
            }
        };
        let session = self.sessions.add(Owner::Container(id, no), pid, false);
        self.run_container(now, id, no);
        Ok(session)
    }

    /// Attaches to a container's first process (empty name: the first container): what it prints from now on, and its
    /// standard input if the pod asked for one.
    pub fn attach(
        &mut self,
        now: Time,
        namespace: &str,
        pod: &str,
        container: &str,
    ) -> Result<SessionId, Status> {
        let (id, no) = self.running_container(namespace, pod, container)?;
        self.check_sessions()?;
        let main = self.with_worker(id, |_, w| w.container(no).map(|c| c.main)).flatten().unwrap_or(Pid(1));
        let session = self.sessions.add(Owner::Container(id, no), main, true);
        self.with_worker(id, |_, w| w.container(no).map(|c| c.attached.insert(session.0)));
        self.run_container(now, id, no);
        Ok(session)
    }

    /// Starts a login shell (empty `argv`) or a command on the node itself, as `minikube ssh` does.
    pub fn host_session(&mut self, now: Time, command: Command) -> Result<SessionId, Status> {
        self.check_sessions()?;
        let pid = self
            .host
            .spawn(command)
            .map_err(|e| Status::internal_error(&exec_error(&["bash".into()], &e)))?;
        let session = self.sessions.add(Owner::Host, pid, false);
        self.host.run(now, &mut self.rng, &mut self.net, &mut self.sessions);
        self.poke();
        Ok(session)
    }

    fn check_sessions(&self) -> Result<(), Status> {
        if self.sessions.open.len() >= MAX_SESSIONS {
            return Err(upgrade_error(format!("this node carries {MAX_SESSIONS} sessions already")));
        }
        Ok(())
    }

    /// Sends something into a session; ignored when it has ended.
    pub fn session_write(&mut self, now: Time, session: SessionId, input: Input) {
        let Some(open) = self.sessions.open.get(&session.0).filter(|s| !s.ended) else { return };
        let (owner, pid) = (open.owner, open.pid);
        let apply = |machine: &mut Machine| match &input {
            Input::Stdin(bytes) => machine.write_stdin(pid, bytes),
            Input::Eof => machine.close_stdin(pid),
            Input::Resize(columns, rows) => machine.resize(pid, Tty { columns: *columns, rows: *rows }),
        };
        match owner {
            Owner::Host => {
                apply(&mut self.host.machine);
                self.host.run(now, &mut self.rng, &mut self.net, &mut self.sessions);
                self.poke();
            }
            Owner::Container(id, no) => {
                self.with_worker(id, |_, w| w.container(no).and_then(|c| c.machine.as_mut()).map(apply));
                self.run_container(now, id, no);
            }
        }
    }

    /// Takes what has come out of a session; after [`Frame::Exit`] or [`Frame::Failed`] nothing more comes.
    pub fn session_read(&mut self, session: SessionId) -> Vec<Frame> {
        let Some(open) = self.sessions.open.get_mut(&session.0) else { return Vec::new() };
        let full = open.bytes >= MAX_SESSION_BYTES;
        open.bytes = 0;
        let frames = open.frames.drain(..).collect();
        if full {
            // A process that had to wait may go on.
            if let Owner::Container(id, no) = open.owner {
                self.with_worker(id, |_, w| w.container(no).map(|c| c.wake = Some(Time::ZERO)));
            }
            self.machines = Some(Time::ZERO);
        }
        frames
    }

    /// Closes a session: its process loses its terminal or its pipes.
    pub fn session_close(&mut self, now: Time, session: SessionId) {
        let Some(closed) = self.sessions.open.remove(&session.0) else { return };
        let end = |machine: &mut Machine| {
            if !closed.attached && !closed.ended {
                // What runs without a terminal goes on, as in reality, and loses only its input.
                machine.close_stdin(closed.pid);
                if machine.external_tty(closed.pid, 0).is_some() || machine.status(closed.pid).is_some() {
                    machine.forget(closed.pid);
                }
            }
        };
        match closed.owner {
            Owner::Host => {
                end(&mut self.host.machine);
                self.host.run(now, &mut self.rng, &mut self.net, &mut self.sessions);
                self.poke();
            }
            Owner::Container(id, no) => {
                self.with_worker(id, |_, w| {
                    if let Some(c) = w.container(no) {
                        c.attached.remove(&session.0);
                        c.machine.as_mut().map(end);
                    }
                });
                self.run_container(now, id, no);
            }
        }
    }

    /// A container's log. The errors are those of GET .../log. Mirrors validateContainerLogStatus.
    pub fn logs(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        options: &LogOptions,
    ) -> Result<Vec<LogLine>, Status> {
        let Some(w) = self.pod_worker(namespace, pod) else {
            // The kubelet has not seen it yet.
            let text =
                format!("container {container:?} in pod {pod:?} is waiting to start: ContainerCreating");
            return Err(Status::bad_request(text));
        };
        let first = w.pod["spec"]["containers"][0]["name"].str().to_string();
        let name = if container.is_empty() { &first } else { container };
        let bad = |text: String| Err(Status::bad_request(text));
        if w.spec(name).is_none() {
            return bad(format!("container {name} is not valid for pod {pod}"));
        }
        let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
        let status = lists.iter().flat_map(|l| w.status[*l].items()).find(|s| s["name"] == name);
        let Some(status) = status else {
            return bad(format!("container {name:?} in pod {pod:?} is not available"));
        };
        let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
        let wanted = if options.previous {
            if last["containerID"].is_empty() {
                return bad(format!("previous terminated container {name:?} in pod {pod:?} not found"));
            }
            last["containerID"].str()
        } else if state.get("running").is_some() || state.get("terminated").is_some() {
            status["containerID"].str()
        } else if !last["containerID"].is_empty() {
            last["containerID"].str()
        } else {
            let why = match state["waiting"]["reason"].str() {
                "ErrImagePull" | "ImagePullBackOff" => "trying and failing to pull image",
                reason => reason,
            };
            return bad(format!("container {name:?} in pod {pod:?} is waiting to start: {why}"));
        };
        let id = wanted.trim_start_matches("containerd://");
        match w.containers.iter().find(|c| c.id == id) {
            Some(c) => Ok(c.log.read(options)),
            // The container was removed meanwhile.
            None => bad(format!("unable to retrieve container logs for containerd://{id}")),
        }
    }
}
