//! `kubectl logs`. Mirrors kubectl/pkg/cmd/logs and kubectl/pkg/polymorphichelpers/logsforobject.go.

use crate::builder::{Builder, Info};
use crate::cmd::pods::{self, Best};
use crate::env::Output;
use crate::flags::{Flag, duration, int, switch, text};
use crate::{Command, Ctx, Error, go};
use apimachinery::{Body, Object, Request};
use client::{Frame, Stream};
use sim::Duration;
use std::future::poll_fn;
use std::task::Poll;

const USAGE: &str = "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]";

/// `kubectl logs`.
pub const COMMAND: Command = Command {
    name: "logs",
    usage: USAGE,
    short: "Print the logs for a container in a pod",
    long: "Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.",
    examples: "# The log of a pod with one container\nkubectl logs nginx\n# Keep on printing\nkubectl logs -f nginx\n# Of one container\nkubectl logs nginx -c ruby\n# Of all containers, with their names\nkubectl logs nginx --all-containers --prefix\n# Of the container that ran before it was restarted\nkubectl logs -p nginx\n# The last lines, or those of the last hour\nkubectl logs --tail=20 nginx\nkubectl logs --since=1h nginx\n# Of one pod of a deployment, or of all of them\nkubectl logs deployment/nginx\nkubectl logs deployment/nginx --all-pods\n# Of all pods with a label\nkubectl logs -l app=nginx",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    switch("all-containers", ' ', "The logs of all containers of the pods."),
    switch("all-pods", ' ', "The logs of all pods; turns --prefix on."),
    text("container", 'c', "", "The log of this container."),
    switch("follow", 'f', "Keep on printing what is written."),
    switch("ignore-errors", ' ', "Errors while following are printed, and not the end."),
    switch(
        "insecure-skip-tls-verify-backend",
        ' ',
        "Do not check the certificate of the kubelet that has the logs.",
    ),
    int("limit-bytes", ' ', "0", "At most this many bytes of each log; 0 means all."),
    int("max-log-requests", ' ', "5", "How many logs may be followed at once."),
    duration(
        "pod-running-timeout",
        "20s",
        "How long to wait until a pod is there, and its log can be followed.",
    ),
    switch("prefix", ' ', "Print the names of pod and container before each line."),
    switch("previous", 'p', "The log of the container's previous instance."),
    text("selector", 'l', "", "Labels to select pods by."),
    duration("since", "0s", "Only what is newer than this, such as 5s, 2m or 3h."),
    text("since-time", ' ', "", "Only what is newer than this date (RFC3339)."),
    int("tail", ' ', "-1", "Only this many lines at the end; -1 means all, but 10 with a selector."),
    switch("timestamps", ' ', "Print a time before each line."),
];

/// How many lines of each pod a selector shows.
const SELECTOR_TAIL: i64 = 10;
/// How often a log that cannot be followed yet is asked for.
const RETRY: Duration = Duration::from_secs(1);

/// One log that is to be read.
struct Log {
    request: Request,
    prefix: String,
}

async fn run(c: &Ctx) -> Result<(), Error> {
    let selector = c.text("selector");
    match c.args.len() {
        0 if selector.is_empty() => return Err(usage(c)),
        1 if !selector.is_empty() => {
            return Err(c.usage_error("only a selector (-l) or a POD name is allowed"));
        }
        0..=2 => {}
        _ => return Err(usage(c)),
    }
    let timeout = pods::running_timeout(c)?;
    let options = options(c)?;
    let target = target(c).await?;
    validate(c)?;
    let container = c.args.get(1).map_or(c.text("container"), String::as_str);
    let pods = match target {
        Target::Pods(pods) => pods,
        Target::One(info) => pods_of(c, info, timeout).await?,
    };
    let mut logs = Vec::new();
    for pod in &pods {
        collect(c, pod, container, &options, &mut logs)?;
    }
    if c.on("follow") && logs.len() > 1 {
        let limit = c.int("max-log-requests");
        if logs.len() as i64 > limit {
            return Err(Error::Message(format!(
                "you are attempting to follow {} log streams, but maximum allowed concurrency is {limit}, use --max-log-requests to increase the limit",
                logs.len()
            )));
        }
        return follow_all(c, &logs).await;
    }
    for log in &logs {
        if c.on("follow") { follow_one(c, log, timeout).await? } else { print(c, log).await? }
    }
    Ok(())
}

fn usage(c: &Ctx) -> Error {
    c.usage_error(&format!(
        "expected 'logs {USAGE}'.\nPOD or TYPE/NAME is a required argument for the logs command"
    ))
}

/// The query of every request. Mirrors ToLogOptions.
fn options(c: &Ctx) -> Result<Vec<(&'static str, String)>, Error> {
    let mut options = Vec::new();
    for (flag, key) in [("follow", "follow"), ("previous", "previous"), ("timestamps", "timestamps")] {
        if c.on(flag) {
            options.push((key, "true".to_string()));
        }
    }
    let since_time = c.text("since-time");
    if !since_time.is_empty() {
        if apimachinery::time::parse(since_time).is_none() {
            let quoted = go::quote(since_time);
            return Err(Error::Message(format!(
                "parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted} as \"2006\""
            )));
        }
        options.push(("sinceTime", since_time.into()));
    }
    if c.int("limit-bytes") != 0 {
        options.push(("limitBytes", c.int("limit-bytes").to_string()));
    }
    if c.nanos("since") != 0 {
        let seconds = (c.nanos("since") as f64 / 1e9).round() as i64;
        options.push(("sinceSeconds", seconds.to_string()));
    }
    match c.int("tail") {
        -1 if !c.text("selector").is_empty() && !c.given("tail") => {
            options.push(("tailLines", SELECTOR_TAIL.to_string()));
        }
        -1 => {}
        lines => options.push(("tailLines", lines.to_string())),
    }
    Ok(options)
}

/// What the command line is about.
enum Target {
    One(Box<Info>),
    Pods(Vec<Object>),
}

async fn target(c: &Ctx) -> Result<Target, Error> {
    let (namespace, _) = c.namespace()?;
    let in_namespace = |e: Error| match e.is_not_found() {
        true => Error::Message(format!(
            "error from server (NotFound): {} in namespace {}",
            e.text(),
            go::quote(&namespace)
        )),
        false => e,
    };
    let builder = Builder::new(c)?.single_type();
    if let Some(word) = c.args.first() {
        let info = pods::named(builder, c, std::slice::from_ref(word)).await.map_err(in_namespace)?;
        return Ok(Target::One(Box::new(info)));
    }
    let types = ["pods".to_string()];
    let found = builder.selector(c.text("selector")).args(&types, false).find(c).await?.all();
    let pods: Vec<Object> = found.map_err(in_namespace)?.into_iter().map(|i| i.object).collect();
    if pods.is_empty() {
        c.err_line(&format!("No resources found in {namespace} namespace."));
    }
    Ok(Target::Pods(pods))
}

fn validate(c: &Ctx) -> Result<(), Error> {
    let inline = c.args.get(1).map_or("", String::as_str);
    let container = if inline.is_empty() { c.text("container") } else { inline };
    if !c.text("since-time").is_empty() && c.nanos("since") != 0 {
        return Err("at most one of `sinceTime` or `sinceSeconds` may be specified".into());
    }
    if c.on("all-containers") && !container.is_empty() {
        return Err(Error::Message(format!(
            "--all-containers=true should not be specified with container name {container}"
        )));
    }
    if c.given("container") && c.args.len() == 2 {
        return Err("only one of -c or an inline [CONTAINER] arg is allowed".into());
    }
    if c.int("limit-bytes") < 0 {
        return Err("--limit-bytes must be greater than 0".into());
    }
    if c.nanos("since") < 0 {
        return Err("--since must be greater than 0".into());
    }
    if c.int("tail") < -1 {
        return Err("--tail must be greater than or equal to -1".into());
    }
    Ok(())
}

/// The pods of a deployment, job or the like: the best one, or with `--all-pods` all of them.
async fn pods_of(c: &Ctx, info: Box<Info>, timeout: Duration) -> Result<Vec<Object>, Error> {
    if info.mapping.kind == "Pod" {
        return Ok(vec![info.object]);
    }
    let selector = pods::selector(&info)
        .map_err(|why| Error::Message(format!("cannot get the logs from {}: {why}", pods::go_type(&info))))?;
    let mut found = pods::list(c, &info.namespace, &selector, timeout, Best::Logging).await?;
    if !c.on("all-pods") {
        if found.len() > 1 {
            c.err_line(&format!("Found {} pods, using pod/{}", found.len(), found[0].name()));
        }
        found.truncate(1);
    }
    Ok(found)
}

/// The logs of one pod. Mirrors logsForObjectWithClient.
fn collect(
    c: &Ctx,
    pod: &Object,
    container: &str,
    options: &[(&'static str, String)],
    logs: &mut Vec<Log>,
) -> Result<(), Error> {
    let mut add = |name: &str| {
        let path = api::pod::RESOURCE.object_path(pod.namespace(), pod.name());
        let mut request = Request::get(format!("{path}/log")).with("container", name);
        for (key, value) in options {
            request = request.with(key, value.as_str());
        }
        let prefixed = c.on("prefix") || c.on("all-pods");
        let prefix = if prefixed { format!("[pod/{}/{name}] ", pod.name()) } else { String::new() };
        logs.push(Log { request, prefix });
    };
    if c.on("all-containers") {
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            pod["spec"][list].items().iter().for_each(|container| add(container["name"].str()));
        }
        return Ok(());
    }
    let mut name = container;
    if name.is_empty() {
        name = pods::annotated_container(pod);
        if !name.is_empty() && pods::container(pod, name).is_none() {
            let quoted = go::quote(name);
            c.err_line(&format!("Default container name {quoted} not found in pod {}", pod.name()));
            name = "";
        }
    }
    if name.is_empty() {
        name = pod["spec"]["containers"][0]["name"].str();
        if !c.on("all-pods") {
            pods::say_default(c, pod, name);
        }
    }
    if pods::container(pod, name).is_none() {
        return Err(pods::no_container(pod, name));
    }
    add(name);
    Ok(())
}

/// Prints a log as it is now.
async fn print(c: &Ctx, log: &Log) -> Result<(), Error> {
    match c.send(log.request.clone()).await {
        Ok(response) => {
            if let Body::Text(text) = response.body {
                Lines::new(log).push(c, text.as_bytes(), true);
            }
            Ok(())
        }
        Err(e) if c.on("ignore-errors") => {
            c.line(&format!("error: {}", e.text()));
            Ok(())
        }
        Err(e) => Err(e),
    }
}

/// Opens a log that is followed; tries again while the server says that it is not there yet. `None` after an error that
/// does not matter. Mirrors consumeWithRetry.
async fn open(c: &Ctx, log: &Log, timeout: Duration) -> Result<Option<Box<dyn Stream>>, Error> {
    let end = c.env.clock.now() + timeout;
    loop {
        let error = match c.open(log.request.clone()).await {
            Ok(stream) => return Ok(Some(stream)),
            Err(e) => e,
        };
        if c.on("ignore-errors") {
            c.line(&format!("error: {}", error.text()));
            return Ok(None);
        }
        c.err_line(&error.text());
        if !matches!(error, Error::Status(_)) {
            return Err(error);
        }
        if c.env.clock.now() + RETRY >= end {
            return Err("context deadline exceeded".into());
        }
        c.env.clock.sleep(RETRY).await;
    }
}

async fn follow_one(c: &Ctx, log: &Log, timeout: Duration) -> Result<(), Error> {
    let Some(mut stream) = open(c, log, timeout).await? else { return Ok(()) };
    let mut lines = Lines::new(log);
    poll_fn(|_| poll_log(c, stream.as_mut(), &mut lines)).await
}

/// Follows several logs at once, line by line.
async fn follow_all(c: &Ctx, logs: &[Log]) -> Result<(), Error> {
    let timeout = pods::running_timeout(c)?;
    let mut following: Vec<_> = logs.iter().map(|log| Box::pin(follow_one(c, log, timeout))).collect();
    poll_fn(|cx| {
        let mut i = 0;
        while i < following.len() {
            match following[i].as_mut().poll(cx) {
                Poll::Ready(Ok(())) => drop(following.remove(i)),
                Poll::Ready(Err(e)) => return Poll::Ready(Err(e)),
                Poll::Pending => i += 1,
            }
        }
        if following.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    })
    .await
}

fn poll_log(c: &Ctx, stream: &mut dyn Stream, lines: &mut Lines) -> Poll<Result<(), Error>> {
    loop {
        match stream.poll_next() {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Some(Frame::Stdout(bytes))) => lines.push(c, &bytes, false),
            Poll::Ready(Some(Frame::Failed(why))) => return Poll::Ready(Err(Error::Message(why))),
            Poll::Ready(None) => {
                lines.push(c, b"", true);
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Some(_)) => {}
        }
    }
}

/// Prints whole lines, each with the prefix.
struct Lines {
    prefix: String,
    rest: Vec<u8>,
}

impl Lines {
    fn new(log: &Log) -> Lines {
        Lines { prefix: log.prefix.clone(), rest: Vec::new() }
    }

    fn push(&mut self, c: &Ctx, bytes: &[u8], end: bool) {
        self.rest.extend_from_slice(bytes);
        let whole = match self.rest.iter().rposition(|b| *b == b'\n') {
            _ if end => self.rest.len(),
            Some(last) => last + 1,
            None => 0,
        };
        let mut out = Vec::new();
        for line in self.rest[..whole].split_inclusive(|b| *b == b'\n') {
            out.extend_from_slice(self.prefix.as_bytes());
            out.extend_from_slice(line);
        }
        self.rest.drain(..whole);
        if !out.is_empty() {
            c.env.io.write(Output::Stdout, &out);
        }
    }
}
