//! What kubectl stands in: the laptop's terminal, files, variables, and the ways to the cluster.

use client::{Clock, LocalFuture, Network, Transport};
use sim::collections::BTreeMap;
use std::rc::Rc;
use std::task::Poll;

/// Everything outside of kubectl. Clones share.
#[derive(Clone)]
pub struct Env {
    /// The API server of the current cluster.
    pub transport: Rc<dyn Transport>,
    /// The address that `transport` speaks to, as it stands in a kubeconfig: `https://192.168.49.2:8443`.
    pub server: String,
    /// Virtual time.
    pub clock: Rc<dyn Clock>,
    /// Packets from the laptop, and its loopback ports.
    pub network: Rc<dyn Network>,
    /// The terminal or the pipes.
    pub io: Rc<dyn Io>,
    /// The laptop's files, relative to the working directory.
    pub files: Rc<dyn Files>,
    /// Environment variables: `HOME`, `KUBECONFIG`, `KUBE_EDITOR`, ...
    pub vars: BTreeMap<String, String>,
    /// Lets the person edit a text.
    pub editor: Rc<dyn Editor>,
}

/// One of the two ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Unix' own words
pub enum Output {
    Stdout,
    Stderr,
}

/// Standard input, output and error.
pub trait Io {
    /// Writes to one of the two ways out. A reader that has gone is no error.
    fn write(&self, to: Output, bytes: &[u8]);
    /// The next bytes of standard input as they come; `Ready(None)` at its end.
    fn poll_read(&self) -> Poll<Option<Vec<u8>>>;
    /// Whether standard input is a terminal.
    fn stdin_is_tty(&self) -> bool;
    /// Columns and rows of the terminal that standard output is; `None` when it is a pipe or a file.
    fn terminal(&self) -> Option<(u16, u16)>;
    /// While raw, each key goes to whoever reads, also Ctrl-C (`exec -it`).
    fn set_raw(&self, raw: bool);
}

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // their names say it
pub enum FileKind {
    File,
    Directory,
}

/// Why a file operation failed, in C's words: `no such file or directory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError(pub String);

/// The laptop's files. Relative paths start from the working directory.
pub trait Files {
    /// What is there; `None` for nothing.
    fn kind(&self, path: &str) -> Option<FileKind>;
    /// The bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;
    /// Makes or replaces a file, and the directories above it.
    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError>;
    /// The names in a directory, sorted.
    fn list(&self, path: &str) -> Result<Vec<String>, FileError>;
}

/// The editor pane.
pub trait Editor {
    /// Shows a text under a file name; gives back what it was changed into, or `None` when the editor could not be
    /// started or was left with an error.
    fn edit(&self, name: &str, text: String) -> LocalFuture<'_, Option<String>>;
}
