use crate::home::{self, HOME};
use crate::page::Page;
use crate::task::{Spawn, Task};
use crate::{PageRequest, World, completion};
use client::{LocalFuture, Place};
use sim::collections::BTreeMap;
use sim::net::{Error, Request, RequestId, Response};
use sim::{Rng, Time};
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use userland::{Command, ExitStatus, Files, Kernel, Machine, Pid, Signal, Stream, Tty};

/// How often programs may take turns in one [`Laptop::poll`]; what is left goes on in the next.
const ROUNDS_PER_POLL: usize = 64;

/// The most terminal sessions.
pub const MAX_SESSIONS: usize = 16;

/// A terminal session, or a script that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionId(Pid);

/// A command that was typed into a session, and that has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Where it was typed.
    pub session: SessionId,
    /// What was typed; several lines where the command has them.
    pub line: String,
    /// Its exit code.
    pub exit: i32,
    /// How many bytes of the output that waits to be taken were printed before it ended.
    pub waiting: usize,
}

/// The learner's laptop.
pub struct Laptop {
    world: World,
    machine: Rc<RefCell<Machine>>,
    page: Page,
    tasks: Vec<Task>,
    completing: Vec<(Pid, LocalFuture<'static, Vec<String>>)>,
    flights: BTreeMap<RequestId, LocalFuture<'static, Result<Response, Error>>>,
    next_request: u64,
    rng: Rng,
}

impl Laptop {
    /// A laptop with a kubeconfig for the cluster; nothing runs on it yet.
    pub fn new(world: World, seed: u64) -> Laptop {
        let mut machine = Machine::new("laptop", home::files());
        machine.boot(1000);
        Laptop {
            world,
            machine: Rc::new(RefCell::new(machine)),
            page: Page::default(),
            tasks: Vec::new(),
            completing: Vec::new(),
            flights: BTreeMap::new(),
            next_request: 1,
            rng: Rng::new(seed).fork("laptop"),
        }
    }

    /// Opens a terminal with an interactive shell. `None` when there are [`MAX_SESSIONS`] or too many processes.
    pub fn open_session(&mut self, size: Tty) -> Option<SessionId> {
        if self.machine.borrow().processes().iter().filter(|p| p.terminal == Some(p.pid.0)).count()
            >= MAX_SESSIONS
        {
            return None;
        }
        self.spawn(vec!["bash".into()], Some(size))
    }

    /// Runs a script, as `bash -c` would, without a terminal.
    pub fn run_script(&mut self, script: &str) -> Option<SessionId> {
        self.spawn(vec!["bash".into(), "-c".into(), script.into()], None)
    }

    fn spawn(&mut self, argv: Vec<String>, tty: Option<Tty>) -> Option<SessionId> {
        let command = Command {
            argv,
            env: home::environment(),
            cwd: HOME.into(),
            user: "learner".into(),
            tty,
            ..Command::default()
        };
        self.machine.borrow_mut().spawn(command).ok().map(SessionId)
    }

    /// Keys typed into a terminal.
    pub fn input(&mut self, session: SessionId, bytes: &[u8]) {
        self.machine.borrow_mut().write_stdin(session.0, bytes);
    }

    /// What was printed since the last call, in order.
    pub fn take_output(&mut self, session: SessionId) -> Vec<(Stream, Vec<u8>)> {
        self.machine.borrow_mut().take_output(session.0)
    }

    /// The commands typed into the sessions that have ended since the last call, in order.
    pub fn take_finished(&mut self) -> Vec<Finished> {
        let finished = self.machine.borrow_mut().take_finished();
        let ours = |f: userland::Finished| Finished {
            session: SessionId(f.session),
            line: f.line,
            exit: f.exit,
            waiting: f.waiting,
        };
        finished.into_iter().map(ours).collect()
    }

    /// Whether a session's shell waits for a command.
    pub fn is_at_prompt(&self, session: SessionId) -> bool {
        self.machine.borrow().is_at_prompt(session.0)
    }

    /// How a session's shell has ended; `None` while it runs.
    pub fn status(&self, session: SessionId) -> Option<ExitStatus> {
        self.machine.borrow().status(session.0)
    }

    /// Sends a signal to a session's first process.
    pub fn signal(&mut self, session: SessionId, signal: Signal) {
        self.machine.borrow_mut().signal(session.0, signal);
    }

    /// The terminal has another size.
    pub fn resize(&mut self, session: SessionId, size: Tty) {
        self.machine.borrow_mut().resize(session.0, size);
    }

    /// Ends a session with everything in it.
    pub fn close(&mut self, session: SessionId) {
        self.machine.borrow_mut().forget(session.0);
    }

    /// Looks at the files.
    pub fn with_files<T>(&self, look: impl FnOnce(&mut Files) -> T) -> T {
        look(&mut self.machine.borrow_mut().files)
    }

    /// What the page is asked to do next.
    pub fn take_page_request(&mut self) -> Option<PageRequest> {
        self.page.take()
    }

    /// Says whether there is somebody who can edit a text.
    pub fn set_editor(&mut self, there: bool) {
        self.page.set_editor(there);
    }

    /// The learner has edited a text; `None`: left without saving.
    pub fn edited(&mut self, id: u64, text: Option<String>) {
        self.page.give_edited(id, text);
    }

    /// Puts `lesson`, `hint`, `solution`, `levels` and `reset` on the laptop: from now on somebody answers
    /// [`PageRequest::Lesson`].
    pub fn install_lesson_programs(&mut self) {
        self.with_files(|files| {
            for name in home::LESSON_PROGRAMS {
                files.install_external(&format!("/usr/local/bin/{name}"));
            }
        });
    }

    /// The answer to a [`PageRequest::Lesson`]: what the program prints, and its exit code.
    pub fn answer_lesson(&mut self, id: u64, text: String, exit: i32) {
        self.page.give_answer(id, text, exit);
    }

    /// When the machine wants to be polled again, apart from input and from what happens in the cluster.
    pub fn wake(&self) -> Option<Time> {
        self.machine.borrow().wake()
    }

    /// Runs everything that can go on now. To be called after input and after each step of virtual time.
    pub fn poll(&mut self) {
        for _ in 0..ROUNDS_PER_POLL {
            let started = self.run_machine();
            let ended = self.run_tasks();
            let completed = self.run_completions();
            if !started
                && !ended
                && !completed
                && self.machine.borrow().wake().is_none_or(|at| at > self.world.clock.now())
            {
                break;
            }
        }
    }

    /// Runs the machine's own programs; gives whether others were started by them.
    fn run_machine(&mut self) -> bool {
        let mut kernel = LaptopKernel {
            world: &self.world,
            flights: &mut self.flights,
            next_request: &mut self.next_request,
            rng: &mut self.rng,
            started: Vec::new(),
        };
        self.machine.borrow_mut().run(&mut kernel);
        let started = kernel.started;
        let any = !started.is_empty();
        for (pid, command) in started {
            let spawn = Spawn {
                world: self.world.clone(),
                machine: self.machine.clone(),
                page: self.page.clone(),
                pid,
                command,
            };
            self.tasks.extend(Task::start(spawn));
        }
        any
    }

    /// Answers line editors that asked how a line could go on; gives whether one was answered.
    fn run_completions(&mut self) -> bool {
        let asked = self.machine.borrow_mut().take_completions();
        for question in asked {
            let future = completion::complete(self.world.clone(), question.words);
            self.completing.push((question.pid, Box::pin(future)));
        }
        let (machine, before) = (self.machine.clone(), self.completing.len());
        let mut context = Context::from_waker(Waker::noop());
        self.completing.retain_mut(|(pid, future)| match future.as_mut().poll(&mut context) {
            Poll::Pending => true,
            Poll::Ready(candidates) => {
                machine.borrow_mut().complete(*pid, candidates);
                false
            }
        });
        before != self.completing.len()
    }

    /// Polls the programs that are futures; gives whether one has ended.
    fn run_tasks(&mut self) -> bool {
        let (machine, before) = (self.machine.clone(), self.tasks.len());
        let mut context = Context::from_waker(Waker::noop());
        self.tasks.retain_mut(|task| {
            if !machine.borrow_mut().external_alive(task.pid) {
                return false; // Ctrl-C, or nobody reads what it prints
            }
            match task.future.as_mut().poll(&mut context) {
                Poll::Pending => true,
                Poll::Ready(code) => {
                    machine.borrow_mut().external_exit(task.pid, code);
                    false
                }
            }
        });
        before != self.tasks.len()
    }
}

/// The laptop's system calls that leave the machine.
struct LaptopKernel<'a> {
    world: &'a World,
    flights: &'a mut BTreeMap<RequestId, LocalFuture<'static, Result<Response, Error>>>,
    next_request: &'a mut u64,
    rng: &'a mut Rng,
    started: Vec<(Pid, Command)>,
}

impl Kernel for LaptopKernel<'_> {
    fn now(&self) -> Time {
        self.world.clock.now()
    }

    fn random(&mut self) -> u64 {
        self.rng.next_u64()
    }

    fn send(&mut self, request: Request) -> RequestId {
        let id = RequestId(*self.next_request);
        *self.next_request += 1;
        let network = self.world.network.clone();
        self.flights.insert(id, Box::pin(async move { network.send(Place::Laptop, request).await }));
        id
    }

    fn poll(&mut self, id: RequestId) -> Option<Result<Response, Error>> {
        let flight = self.flights.get_mut(&id)?;
        match flight.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => {
                self.flights.remove(&id);
                Some(answer)
            }
            Poll::Pending => None,
        }
    }

    fn answer(&mut self, _id: RequestId, _answer: Result<Response, Error>) {
        // Nothing is ever delivered to the laptop's own machine: its ports are those of `kubectl proxy` and the like.
    }

    fn external(&mut self, pid: Pid, command: &Command) -> bool {
        let program = command.argv.first().map_or("", |a| a.rsplit('/').next().unwrap_or_default());
        let known = home::EXTERNALS.contains(&program) || home::LESSON_PROGRAMS.contains(&program);
        if known {
            self.started.push((pid, command.clone()));
        }
        known
    }
}
