//! `kubectl exec`. Mirrors kubectl/pkg/cmd/exec.

use crate::builder::Builder;
use crate::cmd::pods;
use crate::flags::{Flag, duration, list, switch, text};
use crate::{Command, Ctx, Error, stream};
use apimachinery::rest::Method;
use apimachinery::{Object, Request};
use client::Stream;

/// `kubectl exec`.
pub const COMMAND: Command = Command {
    name: "exec",
    usage: "(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]",
    short: "Execute a command in a container",
    examples: "# Run date in the first container of a pod\nkubectl exec mypod -- date\n# In another container\nkubectl exec mypod -c ruby -- date\n# A shell\nkubectl exec mypod -it -- bash\n# In one pod of a deployment, or of a service\nkubectl exec deploy/web -- date\nkubectl exec svc/web -- date",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    CONTAINER,
    list("filename", 'f', "File that says which resource is meant."),
    duration("pod-running-timeout", "1m0s", "How long to wait until a pod is there."),
    switch("quiet", 'q', "Print nothing but what the command prints."),
    switch("stdin", 'i', "Pass standard input on."),
    switch("tty", 't', "Standard input is a terminal."),
];

/// `--container` of commands that go into one.
pub const CONTAINER: Flag = text(
    "container",
    'c',
    "",
    "The container; if omitted, the one that the pod's annotation kubectl.kubernetes.io/default-container names, or the first.",
);

async fn run(c: &Ctx) -> Result<(), Error> {
    let files = !c.values("filename").is_empty();
    let name = c.args.first().filter(|_| c.dash != Some(0));
    let command = match c.dash {
        Some(dash) => &c.args[dash..],
        None if c.args.len() > 1 || !c.args.is_empty() && files => {
            return Err(c.usage_error(
                "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
            ));
        }
        None => &[],
    };
    let timeout = pods::running_timeout(c).map_err(|e| c.usage_error(&e.text()))?;
    if name.is_none() && !files {
        return Err("pod, type/name or --filename must be specified".into());
    }
    if command.is_empty() {
        return Err("you must specify at least one command for the container".into());
    }
    let builder = Builder::new(c)?;
    let info = match name {
        Some(name) if !files => pods::named(builder, c, std::slice::from_ref(name)).await?,
        _ => {
            let words: Vec<String> = name.into_iter().cloned().collect();
            let mut infos = builder.latest().args(&words, false).find(c).await?.all()?;
            if infos.len() != 1 {
                return Err("cannot exec into multiple objects at a time".into());
            }
            infos.remove(0)
        }
    };
    let pod = pods::attachable(c, &info, timeout).await?;
    let phase = pod.at("status.phase").str();
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Error::Message(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let container = pods::container_or_default(c, &pod, c.text("container"), c.on("quiet"))?;
    let stdin = c.on("stdin");
    let tty = terminal(c, stdin, c.on("tty"), c.on("quiet"));
    let mut request = request(&pod, "exec", &container, stdin, tty);
    for word in command {
        request = request.with("command", word.as_str());
    }
    let opened = open(c, request).await?;
    match stream::pump(c, opened, stdin, tty).await? {
        None | Some(0) => Ok(()),
        Some(code) => {
            let line = format!("command terminated with exit code {code}");
            Err(Error::Code(code, Box::new(Error::Plain(line))))
        }
    }
}

/// Whether there can be a terminal, and if not, why. Mirrors StreamOptions.SetupTTY.
pub fn terminal(c: &Ctx, stdin: bool, tty: bool, quiet: bool) -> bool {
    if !stdin || !tty {
        return false;
    }
    let fits = c.env.io.stdin_is_tty();
    if !fits && !quiet {
        c.err_line("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    fits
}

/// The request that connects with a container.
pub fn request(pod: &Object, subresource: &str, container: &str, stdin: bool, tty: bool) -> Request {
    let path = api::pod::RESOURCE.object_path(pod.namespace(), pod.name());
    let mut request =
        Request::new(Method::Post, format!("{path}/{subresource}")).with("container", container);
    for (key, wanted) in [("stdin", stdin), ("stdout", true), ("stderr", !tty), ("tty", tty)] {
        if wanted {
            request = request.with(key, "true");
        }
    }
    request
}

/// Opens the connection. A refusal is no Status for kubectl: the connection could not be upgraded.
pub async fn open(c: &Ctx, request: Request) -> Result<Box<dyn Stream>, Error> {
    const UPGRADE: &str = "unable to upgrade connection: ";
    c.open(request).await.map_err(|e| match &e {
        Error::Status(s) if s.message().starts_with(UPGRADE) => Error::Message(e.text()),
        Error::Status(s) if s.reason() == "BadRequest" => Error::Message(format!("{UPGRADE}{}", s.message())),
        _ => e,
    })
}
