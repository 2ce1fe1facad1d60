//! `kubectl attach`. Mirrors kubectl/pkg/cmd/attach.

use crate::builder::Builder;
use crate::cmd::{exec, pods};
use crate::flags::{Flag, duration, switch, text};
use crate::{Command, Ctx, Error, stream};
use apimachinery::Object;

/// `kubectl attach`.
pub const COMMAND: Command = Command {
    name: "attach",
    usage: "(POD | TYPE/NAME) -c CONTAINER",
    short: "Attach to a running container",
    long: "Attach to a process that is already running inside an existing container.",
    examples: "# See what a pod prints\nkubectl attach mypod\n# What one of its containers prints\nkubectl attach mypod -c ruby\n# Type into it\nkubectl attach mypod -c ruby -i -t\n# The first pod of a replica set\nkubectl attach rs/nginx",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    exec::CONTAINER,
    text("detach-keys", ' ', "ctrl-p,ctrl-q", "The keys that leave the container as it is.").refused(),
    duration("pod-running-timeout", "1m0s", "How long to wait until a pod is there."),
    switch("quiet", 'q', "Print nothing but what the process prints."),
    switch("stdin", 'i', "Pass standard input on."),
    switch("tty", 't', "Standard input is a terminal."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let timeout = pods::running_timeout(c).map_err(|e| c.usage_error(&e.text()))?;
    match c.args.len() {
        0 => return Err("at least 1 argument is required for attach".into()),
        1 | 2 => {}
        n => {
            return Err(Error::Message(format!(
                "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {n}: [{}]",
                c.args.join(" ")
            )));
        }
    }
    let info = pods::named(Builder::new(c)?, c, &c.args).await?;
    let pod = pods::attachable(c, &info, timeout).await?;
    let phase = pod.at("status.phase").str();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Error::Message(format!(
            "cannot attach a container in a completed pod; current phase is {phase}"
        )));
    }
    attach(c, &pod, c.text("container")).await
}

/// Attaches to a container, with the flags `stdin`, `tty` and `quiet`; `kubectl run` does it too.
/// Mirrors AttachOptions.Run.
pub async fn attach(c: &Ctx, pod: &Object, container: &str) -> Result<(), Error> {
    let (stdin, quiet) = (c.on("stdin"), c.on("quiet"));
    let name = pods::container_or_default(c, pod, container, quiet)
        .map_err(|e| Error::Message(format!("cannot attach to the container: {}", e.text())))?;
    // A container that was started with a terminal is always attached to as one.
    let has_tty = pods::container(pod, &name).is_some_and(|(spec, _)| spec["tty"].is_true());
    if c.on("tty") && !has_tty && !quiet {
        c.err_line(&format!("error: Unable to use a TTY - container {name} did not allocate one"));
    }
    let tty = exec::terminal(c, stdin, has_tty, quiet);
    if !quiet {
        c.err_line("All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.");
        c.err_line("If you don't see a command prompt, try pressing enter.");
    }
    let opened = exec::open(c, exec::request(pod, "attach", &name, stdin, tty)).await?;
    stream::pump(c, opened, stdin, tty).await?;
    if tty && !quiet {
        c.line(&format!(
            "Session ended, resume using 'kubectl attach {} -c {name} -n {} -i -t' command",
            pod.name(),
            pod.namespace()
        ));
    }
    Ok(())
}
