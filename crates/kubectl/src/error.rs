//! What can go wrong, and how kubectl says it. Mirrors kubectl/pkg/cmd/util/helpers.go (checkErr).

use apimachinery::Status;

/// Why a command failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// A message of kubectl's own; printed after `error: `.
    Message(String),
    /// A line printed as it is.
    Plain(String),
    /// What the server answered.
    Status(Box<Status>),
    /// No connection to this server (`host:port`), and why.
    Connection(String, sim::net::Error),
    /// Several.
    Many(Vec<Error>),
    /// Everything was said already; only the exit code is left.
    Exit(i32),
    /// An error with an exit code other than 1.
    Code(i32, Box<Error>),
}

impl From<Status> for Error {
    fn from(status: Status) -> Error {
        Error::Status(Box::new(status))
    }
}

impl From<String> for Error {
    fn from(message: String) -> Error {
        Error::Message(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Error {
        Error::Message(message.into())
    }
}

impl Error {
    /// One error of several: none, the one itself, or all of them.
    pub fn all(mut errors: Vec<Error>) -> Result<(), Error> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Many(errors)),
        }
    }

    /// The HTTP reason of a Status, such as `NotFound`; empty otherwise.
    pub fn reason(&self) -> &str {
        if let Error::Status(status) = self { status.reason() } else { "" }
    }

    /// Whether the server said that it is not there.
    pub fn is_not_found(&self) -> bool {
        self.reason() == "NotFound"
    }

    /// With words before its message, keeping what kind of error it is. Mirrors cmdutil.AddSourceToErr.
    pub fn context(self, words: &str) -> Error {
        match self {
            Error::Status(mut status) => {
                let message = format!("{words}: {}", status.message());
                status.0.set("message", message);
                Error::Status(status)
            }
            other => Error::Message(format!("{words}: {}", other.text())),
        }
    }

    /// `error when creating "web.yaml": ...`; nothing is added when there is no source.
    pub fn when(self, verb: &str, source: &str) -> Error {
        if source.is_empty() { self } else { self.context(&format!("error when {verb} {source:?}")) }
    }

    /// The bare message, as Go's `err.Error()`.
    pub fn text(&self) -> String {
        match self {
            Error::Message(m) | Error::Plain(m) => m.clone(),
            Error::Status(s) => s.message().into(),
            Error::Connection(..) => self.line(),
            Error::Many(errors) => {
                let mut texts: Vec<String> = Vec::new();
                for e in errors {
                    let text = e.text();
                    if !texts.contains(&text) {
                        texts.push(text);
                    }
                }
                if texts.len() == 1 { texts.remove(0) } else { format!("[{}]", texts.join(", ")) }
            }
            Error::Exit(_) => String::new(),
            Error::Code(_, e) => e.text(),
        }
    }

    /// One of several errors in a list: without `error: ` before kubectl's own. Mirrors messageForError.
    fn line(&self) -> String {
        match self {
            Error::Status(s) if s.reason() == "Unauthorized" => {
                format!("error: You must be logged in to the server ({})", s.message())
            }
            Error::Status(s) if s.reason().is_empty() => format!("Error from server: {}", s.message()),
            Error::Status(s) => format!("Error from server ({}): {}", s.reason(), s.message()),
            Error::Connection(host, sim::net::Error::ConnectionRefused) => {
                format!(
                    "The connection to the server {host} was refused - did you specify the right host or port?"
                )
            }
            Error::Connection(host, why @ sim::net::Error::NoRoute) => {
                format!("Unable to connect to the server: dial tcp {host}: connect: {why}")
            }
            Error::Connection(host, why) => {
                format!("Unable to connect to the server: dial tcp {host}: {why}")
            }
            other => other.text(),
        }
    }

    /// What is printed to standard error, and the exit code.
    pub fn report(&self) -> (String, i32) {
        let text = match self {
            Error::Exit(code) => return (String::new(), *code),
            Error::Code(code, e) => return (e.report().0, *code),
            Error::Many(errors) => return (errors.iter().map(|e| e.line() + "\n").collect(), 1),
            Error::Status(s) if s.reason() == "Invalid" => invalid(s),
            Error::Message(m) if !m.starts_with("error: ") => format!("error: {m}"),
            other => other.line(),
        };
        (if text.ends_with('\n') { text } else { text + "\n" }, 1)
    }
}

fn invalid(status: &Status) -> String {
    let details = &status.0["details"];
    if details.is_null() {
        return match status.message() {
            "" => "The request is invalid".into(),
            message => format!("The request is invalid: {message}"),
        };
    }
    let (kind, name) = (details["kind"].str(), details["name"].str());
    let causes = details["causes"].items();
    let mut text = "The request is invalid".to_string();
    if !kind.is_empty() || !name.is_empty() {
        text = format!("The {kind} {name:?} is invalid");
    } else if causes.is_empty() && !status.message().is_empty() {
        text = format!("The request is invalid: {}", status.message());
    }
    let mut lines: Vec<String> = Vec::new();
    for cause in causes {
        let line = format!("{}: {}", cause["field"].str(), cause["message"].str());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    match lines.as_slice() {
        [] => text,
        [one] => format!("{text}: {one}"),
        many => {
            let list: String = many.iter().map(|l| format!("* {l}\n")).collect();
            format!("{text}: \n{list}")
        }
    }
}
