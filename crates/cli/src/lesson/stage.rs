//! A cluster and a laptop as a lesson wants them.

use apimachinery::{Object, Resource};
use client::RequestRecord;
use cluster::{Cluster, Config, Handle, Image};
use lessons::{Lesson, World};
use shell::{Laptop, SessionId};
use sim::{Duration, Time};
use std::rc::Rc;
use std::sync::Arc;
use userland::Tty;

/// The grain of virtual time.
const GRAIN: Duration = Duration::from_millis(20);
/// The longest that the set-up of a lesson may take.
const SET_UP_LIMIT: Duration = Duration::from_secs(900);
/// Where a lesson's files lie.
const HOME: &str = "/home/learner";

/// How long things take that take no time in the page.
#[derive(Clone, Copy, Default)]
pub struct Delays {
    /// Until kubectl has started.
    pub start: Duration,
    /// Until a request has arrived at the API server.
    pub request: Duration,
}

/// A cluster and a laptop as a lesson wants them.
pub struct Stage {
    /// The cluster.
    pub handle: Handle,
    /// The laptop.
    pub laptop: Laptop,
    /// The terminals by their number, from 1.
    sessions: Vec<SessionId>,
    /// What was seen in the terminals.
    pub(crate) seen: String,
    /// Commands that have ended and were not told to the player.
    pub(crate) finished: Vec<(String, i32)>,
    /// In which terminals a command runs.
    pub(crate) busy: Vec<SessionId>,
}

/// What goals see of a cluster.
pub struct View(pub Handle);

impl World for View {
    fn now(&self) -> Time {
        self.0.0.borrow().now()
    }

    fn objects(&self, resource: &Resource) -> Vec<Object> {
        self.0.0.borrow().api().objects(resource)
    }

    fn requests(&self, from: u64) -> (Vec<Arc<RequestRecord>>, u64) {
        let cluster = self.0.0.borrow();
        let log = cluster.requests();
        (log.since(from).cloned().collect(), log.end())
    }
}

impl Stage {
    /// The cluster that a lesson begins with, not set up yet, and the laptop with the lesson's files.
    pub fn new(lesson: &Lesson, delays: Delays) -> Stage {
        let setup = &lesson.setup;
        let mut config = Config { nodes: setup.nodes, seed: setup.seed, ..Config::default() };
        for image in &setup.images {
            config.images.register(&image.name, Image::script(image.size, &image.script));
        }
        let handle = Handle::new(Cluster::new(config)).with_latency(delays.request);
        let shared = Rc::new(handle.clone());
        let world = shell::World {
            transport: shared.clone(),
            clock: shared.clone(),
            network: shared.clone(),
            driver: shared,
            start_delay: delays.start,
        };
        let laptop = Laptop::new(world, setup.seed);
        laptop.with_files(|files| {
            for (name, text) in &lesson.home {
                files.put(&format!("{HOME}/{name}"), text.as_str());
            }
        });
        Stage {
            handle,
            laptop,
            sessions: Vec::new(),
            seen: String::new(),
            finished: Vec::new(),
            busy: Vec::new(),
        }
    }

    /// What goals see of it.
    pub fn view(&self) -> View {
        View(self.handle.clone())
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.handle.0.borrow().now()
    }

    /// Runs the lesson's set-up. The error has what it printed.
    pub fn set_up(&mut self, lesson: &Lesson) -> Result<(), String> {
        let script = lesson.setup.script();
        let session = self.laptop.run_script(&script).ok_or("the set-up could not be started")?;
        let end = self.now() + SET_UP_LIMIT;
        let mut printed = String::new();
        loop {
            self.laptop.poll();
            for (_, bytes) in self.laptop.take_output(session) {
                printed.push_str(&String::from_utf8_lossy(&bytes));
            }
            if let Some(status) = self.laptop.status(session) {
                self.laptop.close(session);
                let code = status.code();
                return if code == 0 {
                    Ok(())
                } else {
                    Err(format!("the set-up ends with exit code {code}:\n{printed}"))
                };
            }
            if self.now() >= end {
                return Err(format!("the set-up does not end within {} s", SET_UP_LIMIT.as_secs()));
            }
            self.handle.0.borrow_mut().advance(GRAIN);
        }
    }

    /// The session of a terminal; opens it when it is new.
    pub(crate) fn terminal(&mut self, number: usize, size: Tty) -> Option<SessionId> {
        while self.sessions.len() < number {
            self.sessions.push(self.laptop.open_session(size)?);
            self.tick();
        }
        self.sessions.get(number.checked_sub(1)?).copied()
    }

    /// Types lines, each with Enter.
    pub(crate) fn enter(&mut self, session: SessionId, text: &str) {
        for line in text.lines() {
            self.laptop.input(session, line.as_bytes());
            self.laptop.input(session, b"\r");
        }
    }

    /// Lets a grain of virtual time pass.
    pub(crate) fn tick(&mut self) {
        self.handle.0.borrow_mut().advance(GRAIN);
        self.laptop.poll();
        for session in &self.sessions {
            for (_, bytes) in self.laptop.take_output(*session) {
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        for command in self.laptop.take_finished() {
            self.finished.push((command.line, command.exit));
            if let Some(at) = self.busy.iter().position(|s| *s == command.session) {
                self.busy.swap_remove(at);
            }
        }
        // Nobody is here who could open a page or an editor.
        while self.laptop.take_page_request().is_some() {}
    }
}
