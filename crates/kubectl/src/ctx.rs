//! What a running command holds: its flags and arguments, the way to the server, and the way to the person.

use crate::client_config::ClientConfig;
use crate::command::Command;
use crate::discovery::{Discovery, Mapping};
use crate::env::{Env, Output};
use crate::flags::{Parsed, parse_bool, parse_duration, parse_int};
use crate::{Error, Flag};
use apimachinery::rest::Body;
use apimachinery::{Object, Request, Response, Status};
use client::Stream;
use sim::Duration;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// A command line that is being carried out.
pub struct Ctx {
    /// The laptop.
    pub env: Env,
    /// The commands from the root down.
    pub path: Vec<&'static Command>,
    /// Their names: `kubectl create deployment`.
    pub name: String,
    /// What is not a flag.
    pub args: Vec<String>,
    /// How many of `args` stand before `--`, if there was one.
    pub dash: Option<usize>,
    parsed: Parsed,
    config: RefCell<Option<Rc<ClientConfig>>>,
    discovery: RefCell<Option<Rc<Discovery>>>,
    warnings: RefCell<Vec<String>>,
}

impl Ctx {
    pub(crate) fn new(env: Env, path: Vec<&'static Command>, name: String, mut parsed: Parsed) -> Ctx {
        Ctx {
            env,
            path,
            name,
            args: std::mem::take(&mut parsed.args),
            dash: parsed.dash,
            parsed,
            config: RefCell::default(),
            discovery: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// The command itself.
    pub fn command(&self) -> &'static Command {
        self.path[self.path.len() - 1]
    }

    // Flags. A name that the command does not declare is a bug and panics.

    fn flag(&self, name: &str) -> &'static Flag {
        let own = self.command().own_flags().chain(crate::globals::FLAGS.iter()).find(|f| f.name == name);
        own.unwrap_or_else(|| panic!("{} has no flag --{name}", self.name))
    }

    /// The command line again, with flags in their long form behind the arguments: what `--record` keeps.
    /// Mirrors genericclioptions.parseCommandArguments.
    pub fn command_line(&self) -> String {
        let mut line = self.name.clone();
        self.args.iter().for_each(|argument| line.extend([" ", argument]));
        for (name, value) in &self.parsed.order {
            line.extend([" --", name, "=", value]);
        }
        line
    }

    /// Whether a flag was given; `false` also where the command does not have it.
    pub fn given(&self, name: &str) -> bool {
        self.parsed.given(name)
    }

    /// Whether the command has a flag.
    pub fn has_flag(&self, name: &str) -> bool {
        self.command().own_flags().any(|f| f.name == name)
    }

    /// A text flag.
    pub fn text(&self, name: &str) -> &str {
        self.parsed.values(name).last().map_or(self.flag(name).default, String::as_str)
    }

    /// A text flag of every command; empty where the command has one of its own under that name.
    pub fn global(&self, name: &str) -> &str {
        if self.has_flag(name) { "" } else { self.text(name) }
    }

    /// A boolean flag.
    pub fn on(&self, name: &str) -> bool {
        parse_bool(self.text(name)).unwrap_or_default()
    }

    /// A number flag.
    pub fn int(&self, name: &str) -> i64 {
        parse_int(self.text(name)).unwrap_or_default()
    }

    /// A duration flag, in nanoseconds; may be negative.
    pub fn nanos(&self, name: &str) -> i64 {
        parse_duration(self.text(name)).unwrap_or_default()
    }

    /// The values of a flag that may be given several times.
    pub fn values(&self, name: &str) -> &[String] {
        debug_assert_eq!(self.flag(name).name, name);
        self.parsed.values(name)
    }

    // The terminal.

    /// Prints to standard output.
    pub fn out(&self, text: &str) {
        self.env.io.write(Output::Stdout, text.as_bytes());
    }

    /// Prints a line to standard output.
    pub fn line(&self, text: &str) {
        self.out(&format!("{text}\n"));
    }

    /// Prints a line to standard error.
    pub fn err_line(&self, text: &str) {
        self.env.io.write(Output::Stderr, format!("{text}\n").as_bytes());
    }

    /// Reads standard input to its end.
    pub async fn read_stdin(&self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(bytes) = poll_fn(|_| self.env.io.poll_read()).await {
            all.extend(bytes);
        }
        all
    }

    /// The bytes of a file; the error is that of Go's `os.ReadFile`.
    pub fn read_file(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.env.files.read(path).map_err(|e| Error::Message(format!("open {path}: {}", e.0)))
    }

    // Errors.

    /// An error that ends with where to find help. Mirrors cmdutil.UsageErrorf.
    pub fn usage_error(&self, message: &str) -> Error {
        Error::Message(format!("{message}\nSee '{} -h' for help and examples", self.name))
    }

    /// The error of a command that is not there.
    pub fn not_supported(&self) -> Error {
        Error::Message(format!("{} is not supported here", self.name))
    }

    // The cluster.

    /// The kubeconfig, read once.
    pub fn config(&self) -> Result<Rc<ClientConfig>, Error> {
        if let Some(config) = &*self.config.borrow() {
            return Ok(config.clone());
        }
        let config = Rc::new(ClientConfig::load(self)?);
        *self.config.borrow_mut() = Some(config.clone());
        Ok(config)
    }

    /// The namespace, and whether it was asked for on the command line.
    pub fn namespace(&self) -> Result<(String, bool), Error> {
        let given = self.global("namespace");
        let config = self.config()?;
        Ok(if given.is_empty() { (config.namespace(), false) } else { (given.into(), true) })
    }

    /// What the server can do, asked once.
    pub async fn discovery(&self) -> Result<Rc<Discovery>, Error> {
        if let Some(known) = &*self.discovery.borrow() {
            return Ok(known.clone());
        }
        let found = Rc::new(Discovery::ask(self).await?);
        *self.discovery.borrow_mut() = Some(found.clone());
        Ok(found)
    }

    /// What a word such as `po` or `deployments.apps` means; warns when a short name could mean something else too.
    pub async fn resource(&self, word: &str) -> Result<Rc<Mapping>, Error> {
        let discovery = self.discovery().await?;
        let also = discovery.also(word).into_iter();
        let warn = |name| format!("short name {word:?} could also match lower priority resource {name}");
        self.warn(&also.map(warn).collect::<Vec<_>>());
        discovery.resource(word)
    }

    async fn prepare(&self, request: &mut Request) -> Result<(), Error> {
        self.config()?.reach(self).await?;
        request.agent = "kubectl".into();
        Ok(())
    }

    /// Sends a request. Warnings are printed; an answer that is no success is an error.
    pub async fn send(&self, mut request: Request) -> Result<Response, Error> {
        self.prepare(&mut request).await?;
        let limit = self.request_timeout()?;
        let mut sent = self.env.transport.send(request);
        let mut limit = limit.map(|d| self.env.clock.sleep(d));
        let answer = poll_fn(|cx| match sent.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => match &mut limit {
                Some(limit) => limit.as_mut().poll(cx).map(|()| None),
                None => Poll::Pending,
            },
        })
        .await;
        let response = match answer {
            None => {
                return Err(
                    "net/http: request canceled (Client.Timeout exceeded while awaiting headers)".into()
                );
            }
            Some(Err(why)) => return Err(Error::Connection(host_of(&self.env.server), why)),
            Some(Ok(response)) => response,
        };
        self.warn(&response.warnings);
        if response.is_success() { Ok(response) } else { Err(status_of(response).into()) }
    }

    /// Sends a request and expects an object.
    pub async fn object(&self, request: Request) -> Result<Object, Error> {
        Ok(Object(self.send(request).await?.value()))
    }

    /// Opens a stream: a watch, a log that is followed, exec, attach, portforward.
    pub async fn open(&self, mut request: Request) -> Result<Box<dyn Stream>, Error> {
        self.prepare(&mut request).await?;
        self.env.transport.open(request).await.map_err(|refusal| {
            self.warn(&refusal.warnings);
            status_of(refusal).into()
        })
    }

    /// Prints warnings of the server, each one once. Mirrors rest.NewWarningWriter with deduplication.
    fn warn(&self, warnings: &[String]) {
        for warning in warnings {
            if !self.warnings.borrow().contains(warning) {
                self.err_line(&format!("Warning: {warning}"));
                self.warnings.borrow_mut().push(warning.clone());
            }
        }
    }

    /// With `--warnings-as-errors`, the error that there were warnings.
    pub(crate) fn warnings_as_errors(&self) -> Result<(), Error> {
        match self.warnings.borrow().len() {
            n if n > 0 && self.on("warnings-as-errors") => {
                Err(Error::Message(format!("{n} warning{} received", if n == 1 { "" } else { "s" })))
            }
            _ => Ok(()),
        }
    }

    fn request_timeout(&self) -> Result<Option<Duration>, Error> {
        let text = self.text("request-timeout");
        let nanos = match text.parse::<i64>() {
            Ok(seconds) => Ok(seconds * 1_000_000_000),
            Err(_) => parse_duration(text),
        };
        match nanos {
            Ok(nanos) if nanos > 0 => Ok(Some(Duration::from_nanos(nanos as u64))),
            Ok(_) => Ok(None),
            Err(_) => Err("Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)".into()),
        }
    }
}

/// The Status of an answer that is no success. Mirrors client-go's transformResponse for answers without one.
fn status_of(response: Response) -> Status {
    match response.body {
        Body::Value(value) if value["kind"] == "Status" => Status::from_value(value),
        Body::Text(text) if response.status != 404 && !text.is_empty() => {
            Status::new(response.status, "", text)
        }
        _ => {
            let (reason, message) = match response.status {
                404 => ("NotFound", "the server could not find the requested resource"),
                405 => {
                    ("MethodNotAllowed", "the server does not allow this method on the requested resource")
                }
                _ => ("InternalError", "an error on the server has prevented the request from succeeding"),
            };
            Status::new(response.status, reason, message)
        }
    }
}

/// `host:port` of an address such as `https://192.168.49.2:8443`.
pub fn host_of(server: &str) -> String {
    let (scheme, rest) = server.split_once("://").unwrap_or(("http", server));
    let host = rest.split('/').next().unwrap_or_default();
    if host.contains(':') {
        host.into()
    } else {
        format!("{host}:{}", if scheme == "https" { 443 } else { 80 })
    }
}
