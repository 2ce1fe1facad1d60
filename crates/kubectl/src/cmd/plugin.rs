//! `kubectl plugin`: there are none. Mirrors kubectl/pkg/cmd/plugin.

use crate::{Command, Error};

/// `kubectl plugin`.
pub const COMMAND: Command = Command {
    name: "plugin",
    usage: "[flags]",
    short: "Provides utilities for interacting with plugins",
    subs: &[("Available Commands:", &[&LIST])],
    ..Command::NEW
};

const LIST: Command = Command {
    name: "list",
    usage: "[flags]",
    short: "List all visible plugin executables on a user's PATH",
    run: Some(|_| Box::pin(async { Err(Error::from("unable to find any kubectl plugins in your PATH")) })),
    ..Command::NEW
};
