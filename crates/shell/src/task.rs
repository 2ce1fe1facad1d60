use crate::World;
use crate::page::Page;
use client::LocalFuture;
use std::cell::RefCell;
use std::rc::Rc;
use userland::{Command, Machine, Pid};

/// What a program that the laptop runs as a future stands in.
#[derive(Clone)]
pub struct Spawn {
    /// What the laptop can reach.
    pub world: World,
    /// The laptop's machine: files, and the process's own input and output.
    pub machine: Rc<RefCell<Machine>>,
    /// The page around the terminal.
    pub(crate) page: Page,
    /// The process that it plays.
    pub pid: Pid,
    /// How it was called.
    pub command: Command,
}

impl Spawn {
    /// Prints on standard output.
    pub fn print(&self, text: &str) {
        self.machine.borrow_mut().external_write(self.pid, userland::Stream::Stdout, text.as_bytes());
    }

    /// Prints on standard error.
    pub fn complain(&self, text: &str) {
        self.machine.borrow_mut().external_write(self.pid, userland::Stream::Stderr, text.as_bytes());
    }

    /// Prints what came in on a stream.
    pub(crate) fn show(&self, frame: client::Frame) {
        let (stream, bytes) = match frame {
            client::Frame::Stdout(bytes) => (userland::Stream::Stdout, bytes),
            client::Frame::Stderr(bytes) => (userland::Stream::Stderr, bytes),
            _ => return,
        };
        self.machine.borrow_mut().external_write(self.pid, stream, &bytes);
    }

    /// Asks the page for something; `false` when nobody is there to do it.
    pub(crate) fn ask_page(&self, request: crate::PageRequest) -> bool {
        self.page.ask(request)
    }

    /// An absolute path, from the process's working directory.
    pub fn path(&self, path: &str) -> String {
        userland::Files::join(&self.command.cwd, path)
    }
}

/// A program that runs as a future; it gives its exit code.
pub(crate) struct Task {
    pub(crate) pid: Pid,
    pub(crate) future: LocalFuture<'static, i32>,
}

impl Task {
    /// Starts a program by its name. `None`: there is none of that name.
    pub(crate) fn start(spawn: Spawn) -> Option<Task> {
        let pid = spawn.pid;
        let program = spawn.command.argv.first().cloned().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default().to_string();
        let delay = spawn.world.start_delay;
        let future: LocalFuture<'static, i32> = match name.as_str() {
            "kubectl" => Box::pin(async move {
                if !delay.is_zero() {
                    let clock = spawn.world.clock.clone();
                    clock.sleep(delay).await;
                }
                let args = spawn.command.argv[1..].to_vec();
                kubectl::run(args, crate::kubectl_env::env(&spawn)).await
            }),
            "minikube" => Box::pin(async move { crate::minikube::run(&spawn).await }),
            "vi" | "vim" | "nano" => Box::pin(async move { crate::editor::run(&spawn).await }),
            _ if crate::home::LESSON_PROGRAMS.contains(&name.as_str()) => {
                Box::pin(async move { crate::lesson::run(&spawn).await })
            }
            _ => return None,
        };
        Some(Task { pid, future })
    }
}
