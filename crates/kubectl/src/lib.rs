//! kubectl v1.36, rewritten small: what it prints, asks and refuses is what the real one prints, asks and refuses.
//!
//! It reaches the cluster only through [`client::Transport`] and the laptop only through [`Env`], so it would work
//! unchanged against a real API server. A command is one file in `cmd/` and one line in [`cmd::ROOT`]; a flag is one
//! item of one table ([`Flag`]). [`run`] is a future without wakers: whoever owns it polls it again after each step of
//! virtual time, and Ctrl-C drops it.

mod builder;
mod client_config;
mod command;
mod ctx;
mod describe;
mod discovery;
mod env;
mod error;
mod flags;
mod globals;
mod go;
mod help;
mod http;
mod jsonpath;
mod printers;
mod stream;
mod template;

pub mod cmd;

pub use command::{Command, Run};
pub use ctx::Ctx;
pub use env::{Editor, Env, FileError, FileKind, Files, Io, Output};
pub use error::Error;
pub use flags::{Flag, Kind};
use sim::Order;

use command::{find, first_word, suggestions};

/// The version of this kubectl.
pub const VERSION: &str = "v1.36.2";

/// Runs a command line (without the word `kubectl`) and gives back the exit code.
pub async fn run(args: Vec<String>, env: Env) -> i32 {
    let result = execute(args, env.clone()).await;
    match result {
        Ok(()) => 0,
        Err(error) => {
            let (text, code) = error.report();
            env.io.write(Output::Stderr, text.as_bytes());
            code
        }
    }
}

/// The commands and the flags that can follow a command line, for completion: the words below the command that the
/// line means (none when it has no subcommands), and its flags.
pub fn completions(args: &[String]) -> (Vec<&'static str>, Vec<&'static Flag>) {
    let (path, rest) = find(&cmd::ROOT, args);
    let command = path[path.len() - 1];
    let names = command.subcommands().map(|c| c.name);
    let flags = command.all_flags().into_iter().filter(|f| !f.hidden && !f.refused).collect();
    (if rest.iter().all(|a| a.starts_with('-')) { names.collect() } else { Vec::new() }, flags)
}

async fn execute(args: Vec<String>, env: Env) -> Result<(), Error> {
    let root = &cmd::ROOT;
    if args.first().is_some_and(|a| a == "help") {
        return topic(&args[1..], &env);
    }
    let (path, rest) = find(root, &args);
    let command = path[path.len() - 1];
    let names = path.iter().map(|c| c.name).collect::<Vec<_>>().join(" ");
    if path.len() == 1
        && let Some(word) = first_word(&command.all_flags(), &rest)
    {
        return Err(unknown_command(root, &rest, &rest[word]));
    }
    if command.takes_anything() && !rest.iter().any(|a| a == "-h" || a == "--help") {
        return Err(Error::Message(format!("{names} is not supported here")));
    }
    let flags = command.all_flags();
    let parsed = flags::Parsed::parse(&flags, &rest)
        .map_err(|why| Error::Message(format!("{why}\nSee '{names} --help' for usage.")))?;
    for flag in &parsed.deprecated {
        let line = format!("Flag --{} has been deprecated, {}\n", flag.name, flag.deprecated);
        env.io.write(Output::Stderr, line.as_bytes());
    }
    if parsed.help {
        env.io.write(Output::Stdout, help::help(&path).as_bytes());
        return Ok(());
    }
    check_flags(&flags, &parsed)?;
    let Some(run) = command.run else {
        return match parsed.args.join(" ") {
            words if !words.is_empty() => Err(Error::Message(format!(
                "unknown command {words:?}\nSee '{names} -h' for help and examples"
            ))),
            _ => {
                env.io.write(Output::Stdout, help::help(&path).as_bytes());
                if path.len() == 1 { Ok(()) } else { Err(Error::Exit(1)) }
            }
        };
    };
    let ctx = Ctx::new(env, path, names, parsed);
    run(&ctx).await?;
    ctx.warnings_as_errors()
}

/// Refuses flags that are not supported, and says which required ones are missing. Mirrors cobra's
/// ValidateRequiredFlags.
fn check_flags(flags: &[&'static Flag], parsed: &flags::Parsed) -> Result<(), Error> {
    // A command may take a flag of its own that is refused as a flag of all commands.
    let taken = |name: &str| flags.iter().any(|f| f.name == name && !f.refused);
    if let Some(f) = flags.iter().find(|f| f.refused && parsed.given(f.name) && !taken(f.name)) {
        return Err(Error::Message(format!("--{} is not supported here", f.name)));
    }
    let mut missing: Vec<String> = flags
        .iter()
        .filter(|f| f.required && !parsed.given(f.name))
        .map(|f| format!("{:?}", f.name))
        .collect();
    missing.order();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::Message(format!("required flag(s) {} not set", missing.join(", ")))),
    }
}

/// `kubectl help TOPIC...`.
fn topic(words: &[String], env: &Env) -> Result<(), Error> {
    let (path, rest) = find(&cmd::ROOT, words);
    if let Some(word) = rest.iter().find(|w| !w.starts_with('-')).filter(|_| path.len() == 1) {
        env.io.write(Output::Stderr, format!("Unknown help topic [`{word}`]\n").as_bytes());
    }
    env.io.write(Output::Stdout, help::help(&path).as_bytes());
    Ok(())
}

/// Mirrors cobra's legacyArgs, and kubectl's look for a plugin before it.
fn unknown_command(root: &'static Command, rest: &[String], word: &str) -> Error {
    if let Some(first) = rest.first().filter(|a| a.starts_with('-')) {
        return Error::Plain(format!("Error: flags cannot be placed before plugin name: {first}"));
    }
    let mut message = format!("unknown command {word:?} for \"kubectl\"");
    let near = suggestions(root, word);
    if !near.is_empty() {
        message.push_str("\n\nDid you mean this?");
        near.iter().for_each(|n| message.push_str(&format!("\n\t{n}")));
    }
    Error::Message(message + "\n")
}
