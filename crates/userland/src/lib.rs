//! A small Unix made of plain data: files, processes, pipes, a shell language, small programs, a line editor.
//!
//! The same [`Machine`] is the learner's laptop, a node's host and the inside of a container; what differs is its
//! files (programs are files too) and what its [`Kernel`] can reach. Everything is `Clone`, also in the middle of a
//! running script, because a cluster with all its containers must be cloneable at any moment.
//!
//! Knows no Kubernetes.

mod process;

pub use process::{Command, ExitStatus, Kernel, Pid, Program, Signal, SpawnError, Step, Tty};
