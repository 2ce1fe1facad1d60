//! `kubectl completion`: the shell here completes by itself, so bash's script only has the names that others build on.
//! Mirrors kubectl/pkg/cmd/completion.

use crate::{Command, Ctx, Error, go};

/// `kubectl completion`.
pub const COMMAND: Command = Command {
    name: "completion",
    usage: "SHELL",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    run: Some(|c| Box::pin(async { run(c) })),
    ..Command::NEW
};

const BASH: &str = "\
# bash completion for kubectl                               -*- shell-script -*-
# This terminal completes commands, flags and names by itself.
__start_kubectl() { :; }
complete -o default -F __start_kubectl kubectl";

fn run(c: &Ctx) -> Result<(), Error> {
    Err(match c.args.as_slice() {
        [shell] if shell == "bash" => {
            c.line(BASH);
            return Ok(());
        }
        [] => c.usage_error("Shell not specified."),
        [shell] if matches!(shell.as_str(), "bash" | "zsh" | "fish" | "powershell") => {
            Error::Message(format!("{} {shell} is not supported here", c.name))
        }
        [shell] => c.usage_error(&format!("Unsupported shell type {}.", go::quote(shell))),
        _ => c.usage_error("Too many arguments. Expected only the shell type."),
    })
}
