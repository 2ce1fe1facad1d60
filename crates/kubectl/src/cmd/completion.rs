//! `kubectl completion`: the shell here completes by itself, so there are no scripts.
//! Mirrors kubectl/pkg/cmd/completion.

use crate::{Command, Ctx, Error, go};

/// `kubectl completion`.
pub const COMMAND: Command = Command {
    name: "completion",
    usage: "SHELL",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    run: Some(|c| Box::pin(async { Err(run(c)) })),
    ..Command::NEW
};

fn run(c: &Ctx) -> Error {
    match c.args.as_slice() {
        [] => c.usage_error("Shell not specified."),
        [shell] if matches!(shell.as_str(), "bash" | "zsh" | "fish" | "powershell") => {
            Error::Message(format!("{} {shell} is not supported here", c.name))
        }
        [shell] => c.usage_error(&format!("Unsupported shell type {}.", go::quote(shell))),
        _ => c.usage_error("Too many arguments. Expected only the shell type."),
    }
}
