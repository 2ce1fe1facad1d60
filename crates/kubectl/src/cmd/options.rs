//! `kubectl options`: the flags that every command has.

use crate::{Command, Ctx, Error, Flag, globals, help};

/// `kubectl options`.
pub const COMMAND: Command = Command {
    name: "options",
    short: "Print the list of flags inherited by all commands",
    examples: "# The flags of every command\nkubectl options",
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

async fn run(c: &Ctx) -> Result<(), Error> {
    let flags: Vec<&Flag> = globals::FLAGS.iter().filter(|f| !f.refused).collect();
    c.out(&format!("The following options can be passed to any command:\n\n{}", help::usages(&flags)));
    Ok(())
}
