//! minikube, as far as it can mean something here: one cluster, on the docker driver, which runs from the beginning.
//! Texts mirror cmd/minikube/cmd of minikube v1.38. A command is one file and one line in [`COMMANDS`].

mod addons;
mod args;
mod dashboard;
mod delete;
mod ip;
mod kubeconfig;
mod logs;
mod node;
mod profile;
mod service;
mod ssh;
mod start;
mod status;
mod stop;
mod table;
mod tunnel;
mod version;

use crate::Spawn;
use args::{Args, Flag};
use client::LocalFuture;

/// The version that it presents itself as.
const VERSION: &str = "v1.38.1";

/// The version of Kubernetes that it runs.
const KUBERNETES: &str = "v1.36.2";

/// The name of the profile, of the cluster and of its first node.
const PROFILE: &str = "minikube";

/// A command of minikube.
struct Command {
    /// Its name.
    name: &'static str,
    /// What it does, in one line.
    short: &'static str,
    /// What must be there for it.
    needs: Needs,
    /// The flags that it takes.
    flags: &'static [Flag],
    /// Runs it; gives the exit code.
    run: for<'a> fn(&'a Spawn, &'a Args) -> LocalFuture<'a, i32>,
}

/// What a command finds, or else does not begin. Mirrors pkg/minikube/mustload.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nothing.
    Nothing,
    /// A cluster, whether it runs or not.
    Profile,
    /// A control plane that runs.
    Running,
}

/// Every command that is simulated.
const COMMANDS: &[Command] = &[
    start::COMMAND,
    status::COMMAND,
    stop::COMMAND,
    delete::COMMAND,
    dashboard::COMMAND,
    service::COMMAND,
    tunnel::COMMAND,
    addons::COMMAND,
    node::COMMAND,
    profile::COMMAND,
    ip::COMMAND,
    ssh::COMMAND,
    logs::COMMAND,
    version::COMMAND,
];

/// Commands of the real minikube that mean nothing here.
const REFUSED: &[&str] = &[
    "cache",
    "completion",
    "config",
    "cp",
    "docker-env",
    "image",
    "kubectl",
    "license",
    "mount",
    "options",
    "pause",
    "podman-env",
    "ssh-host",
    "ssh-key",
    "unpause",
    "update-check",
    "update-context",
];

/// Names of the commands, for completion.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|c| c.name)
}

/// Runs a command line; gives the exit code.
pub(crate) async fn run(spawn: &Spawn) -> i32 {
    let words = &spawn.command.argv[1..];
    let Some(name) = words.first().filter(|w| !matches!(w.as_str(), "help" | "-h" | "--help")) else {
        spawn.print(&help());
        return 0;
    };
    if REFUSED.contains(&name.as_str()) {
        return fail(spawn, 69, &format!("MK_UNIMPLEMENTED: minikube {name} is not simulated"));
    }
    let Some(command) = COMMANDS.iter().find(|c| c.name == name) else {
        spawn.complain(&format!(
            "Error: unknown command {name:?} for \"minikube\"\nRun 'minikube --help' for usage.\n"
        ));
        return 1;
    };
    match Args::parse(command.flags, &words[1..]) {
        Ok(args) if args.has("help") => {
            spawn.print(&command_help(command));
            0
        }
        Ok(args) => match missing(spawn, command.needs) {
            Some(code) => code,
            None => (command.run)(spawn, &args).await,
        },
        Err(why) => {
            spawn.complain(&format!("Error: {why}\nSee 'minikube {name} --help' for usage.\n"));
            1
        }
    }
}

/// Says what a command lacks; gives its exit code then.
fn missing(spawn: &Spawn, needs: Needs) -> Option<i32> {
    let nodes = spawn.world.driver.nodes();
    let (why, code) = match nodes.first() {
        _ if needs == Needs::Nothing => return None,
        None => {
            let hint = "Run \"minikube profile list\" to view all profiles.";
            (format!("Profile {PROFILE:?} not found. {hint}"), 85)
        }
        Some(first) if needs == Needs::Running && !first.running => {
            (format!("The control-plane node {} host is not running: state=Stopped", first.name), 83)
        }
        Some(_) => return None,
    };
    spawn.print(&format!("🤷  {why}\n👉  To start a cluster, run: \"minikube start\"\n"));
    Some(code)
}

/// Says why it ends, as minikube's exit package does; gives the exit code.
fn fail(spawn: &Spawn, code: i32, why: &str) -> i32 {
    spawn.complain(&format!("\n❌  Exiting due to {why}\n\n"));
    code
}

/// A usage error.
fn usage(spawn: &Spawn, what: &str) -> i32 {
    fail(spawn, 14, &format!("MK_USAGE: {what}"))
}

fn help() -> String {
    let mut text =
        "minikube provisions and manages local Kubernetes clusters; this one is simulated.\n\nCommands:\n"
            .to_string();
    for command in COMMANDS {
        text.push_str(&format!("  {:<12} {}\n", command.name, command.short));
    }
    text + "\nUse \"minikube <command> --help\" for more information about a given command.\n"
}

fn command_help(command: &Command) -> String {
    let mut text = format!("{}\n\nUsage:\n  minikube {} [flags]\n", command.short, command.name);
    if !command.flags.is_empty() {
        text.push_str("\nOptions:\n");
    }
    for flag in command.flags {
        let short = flag.short.map(|c| format!("-{c}, ")).unwrap_or_default();
        text.push_str(&format!("    {short}--{}: {}\n", flag.name, flag.help));
    }
    text
}
