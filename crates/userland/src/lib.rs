//! A small Unix made of plain data: files, processes, pipes, a shell language, small programs, a line editor.
//!
//! The same [`Machine`] is the learner's laptop, a node's host and the inside of a container; what differs is its
//! files (programs are files too) and what its [`Kernel`] can reach. Everything is `Clone`, also in the middle of a
//! running script, because a cluster with all its containers must be cloneable at any moment.
//!
//! - [`Machine`] is what a host holds: it starts processes, feeds them, runs them and takes what they print.
//! - [`Os`] is what a [`Program`] sees while it takes a step: the system calls.
//! - [`Files`] is the file system.
//!
//! Knows no Kubernetes.

mod date;
mod editor;
mod files;
mod format;
mod host;
mod io;
mod machine;
mod os;
mod process;
pub mod programs;
mod regex;
mod shell;
mod terminal;
mod test;
pub mod width;

pub use files::{Content, Device, FileError, Files, Make, Meta, Node, Stat};
pub use machine::{Completion, Finished, Flavor, Machine, ProcessInfo, Usage};
pub use os::{Mode, Os, Read};
pub use process::{
    CloneProgram, Command, ExitStatus, Kernel, Pid, Program, Signal, SpawnError, Step, Stream, Tty,
};
pub use regex::{Match, Regex};
pub use shell::{Part, split};
