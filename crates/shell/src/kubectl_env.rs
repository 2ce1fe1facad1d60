//! The laptop as kubectl sees it.

use crate::home::HOME;
use crate::task::Spawn;
use client::LocalFuture;
use kubectl::{Editor, Env, FileError, FileKind, Files, Io, Output};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use userland::{Command, Read, Stream};

/// The address in the kubeconfig that the laptop's transport speaks to.
const SERVER: &str = "https://192.168.49.2:8443";

/// Everything that kubectl needs, around one process of the laptop.
pub(crate) fn env(spawn: &Spawn) -> Env {
    let around = Rc::new(Around(spawn.clone()));
    Env {
        transport: spawn.world.transport.clone(),
        server: SERVER.into(),
        clock: spawn.world.clock.clone(),
        network: spawn.world.network.clone(),
        io: around.clone(),
        files: around.clone(),
        vars: spawn.command.env.clone(),
        editor: around,
    }
}

struct Around(Spawn);

impl Io for Around {
    fn write(&self, to: Output, bytes: &[u8]) {
        let stream = match to {
            Output::Stdout => Stream::Stdout,
            Output::Stderr => Stream::Stderr,
        };
        self.0.machine.borrow_mut().external_write(self.0.pid, stream, bytes);
    }

    fn poll_read(&self) -> Poll<Option<Vec<u8>>> {
        match self.0.machine.borrow_mut().external_read_stdin(self.0.pid) {
            Read::Data(bytes) => Poll::Ready(Some(bytes)),
            Read::End => Poll::Ready(None),
            Read::Empty => Poll::Pending,
        }
    }

    fn stdin_is_tty(&self) -> bool {
        self.0.machine.borrow().external_tty(self.0.pid, 0).is_some()
    }

    fn terminal(&self) -> Option<(u16, u16)> {
        self.0.machine.borrow().external_tty(self.0.pid, 1).map(|t| (t.columns, t.rows))
    }

    fn set_raw(&self, raw: bool) {
        self.0.machine.borrow_mut().external_raw(self.0.pid, raw);
    }
}

impl Files for Around {
    fn kind(&self, path: &str) -> Option<FileKind> {
        let path = self.0.path(path);
        let machine = self.0.machine.borrow();
        let stat = machine.files.stat(&path, true).ok()?;
        Some(if stat.is_dir() { FileKind::Directory } else { FileKind::File })
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let path = self.0.path(path);
        self.0.machine.borrow().files.read(&path).map(|b| b.to_vec()).map_err(words)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        let path = self.0.path(path);
        let mut machine = self.0.machine.borrow_mut();
        if let Some((parent, _)) = path.rsplit_once('/') {
            machine.files.make_dirs(parent);
        }
        machine.files.write(&path, bytes, false).map_err(words)
    }

    fn list(&self, path: &str) -> Result<Vec<String>, FileError> {
        let path = self.0.path(path);
        let list = self.0.machine.borrow().files.list(&path).map_err(words)?;
        Ok(list.into_iter().map(|(name, _)| name).collect())
    }
}

fn words(error: userland::FileError) -> FileError {
    FileError(error.to_string().to_lowercase())
}

impl Editor for Around {
    /// The learner's own editor where `KUBE_EDITOR` or `EDITOR` names one, else the page's editor pane.
    fn edit(&self, name: &str, text: String) -> LocalFuture<'_, Option<String>> {
        let name = name.to_string();
        let variables = ["KUBE_EDITOR", "EDITOR"];
        let chosen =
            variables.iter().find_map(|v| self.0.command.env.get(*v)).filter(|e| !e.is_empty()).cloned();
        Box::pin(async move {
            match chosen {
                Some(editor) => self.run_editor(&editor, &name, text).await,
                None => self.ask_page(&name, text).await,
            }
        })
    }
}

impl Around {
    async fn ask_page(&self, name: &str, text: String) -> Option<String> {
        let id = self.0.page.edit(name, text)?;
        let page = self.0.page.clone();
        poll_fn(move |_| match page.take_edited(id) {
            Some(text) => Poll::Ready(text),
            None => Poll::Pending,
        })
        .await
    }

    async fn run_editor(&self, editor: &str, name: &str, text: String) -> Option<String> {
        let path = format!("/tmp/{name}");
        Files::write(self, &path, text.as_bytes()).ok()?;
        let command = Command {
            argv: vec!["sh".into(), "-c".into(), format!("{editor} {path}")],
            env: self.0.command.env.clone(),
            cwd: HOME.into(),
            ..Command::default()
        };
        let pid = self.0.machine.borrow_mut().spawn(command).ok()?;
        let machine = self.0.machine.clone();
        let status = poll_fn(move |_| match machine.borrow().status(pid) {
            Some(status) => Poll::Ready(status),
            None => Poll::Pending,
        })
        .await;
        let mut machine = self.0.machine.borrow_mut();
        machine.forget(pid);
        let edited = machine.files.read(&path).ok()?;
        (status.code() == 0).then(|| String::from_utf8_lossy(&edited).into_owned())
    }
}
