//! `wget`, GNU's and busybox'

use super::net::{self, Url};
use super::support::{Args, Spec, complain, duration, options};
use crate::{Flavor, Os, Program, Step, date};
use sim::net::{Error, HttpRequest, HttpResponse, Payload, RecordType, Request, RequestId, Response};
use sim::{Duration, Time};

/// Redirects that are followed, as GNU's default.
const MAX_REDIRECTS: usize = 20;

const SPEC: Spec = Spec {
    usage: "wget [OPTION]... [URL]...",
    letters: "qO:T:t:SsPcU:Yd:nvb",
    long: &[
        ("quiet", 'q'),
        ("output-document", 'O'),
        ("timeout", 'T'),
        ("tries", 't'),
        ("server-response", 'S'),
        ("spider", 's'),
        ("user-agent", 'U'),
        ("header", 'H'),
        ("post-data", 'D'),
        ("no-check-certificate", 'k'),
        ("no-verbose", 'n'),
        ("method", 'M'),
        ("body-data", 'D'),
    ],
    code: 2,
};

#[derive(Clone, Default)]
pub(super) struct Wget {
    args: Option<Args>,
    urls: Vec<String>,
    url: Option<Url>,
    /// Address of the host, once it is known.
    address: Option<String>,
    flight: Option<RequestId>,
    redirects: usize,
    sent: Time,
    code: i32,
}

impl Wget {
    fn has(&self, letter: char) -> bool {
        self.args.as_ref().is_some_and(|a| a.has(letter))
    }

    fn say(&self, os: &mut Os<'_>, gnu: bool, text: &str) {
        if !self.has('q') && (os.flavor() == Flavor::Gnu) == gnu {
            os.eprint(text);
        }
    }

    /// Begins the current URL: the name first.
    fn begin(&mut self, os: &mut Os<'_>) {
        let Some(url) = self.url.clone() else { return };
        let now = date::format("%Y-%m-%d %H:%M:%S", os.now());
        let shown = format!("{}://{}{}", url.scheme, url.authority(), url.path);
        self.say(os, true, &format!("--{now}--  {shown}\n"));
        self.sent = os.now();
        match net::is_address(&url.host) {
            true => {
                self.address = Some(url.host.clone());
                self.ask(os);
            }
            false => {
                self.address = None;
                self.say(os, true, &format!("Resolving {0} ({0})... ", url.host));
                self.flight = Some(net::lookup(os, &url.host, RecordType::A));
            }
        }
    }

    fn timeout(&self, os: &Os<'_>) -> Duration {
        let said = self.args.as_ref().and_then(|a| a.value('T')).and_then(duration);
        said.unwrap_or(Duration::from_secs(if os.flavor() == Flavor::Gnu { 133 } else { 900 }))
    }

    fn ask(&mut self, os: &mut Os<'_>) {
        let (Some(url), Some(args)) = (self.url.clone(), self.args.clone()) else { return };
        let address = self.address.clone().unwrap_or_default();
        let name = if net::is_address(&url.host) {
            url.host.clone()
        } else {
            format!("{0} ({0})|{address}|", url.host)
        };
        self.say(os, true, &format!("Connecting to {name}:{}... ", url.port));
        self.say(os, false, &format!("Connecting to {} ({address}:{})\n", url.authority(), url.port));
        let agent = if os.flavor() == Flavor::Gnu { "Wget/1.21.3" } else { "Wget" };
        let mut headers = vec![
            ("Host".to_string(), url.authority()),
            ("User-Agent".into(), args.value('U').unwrap_or(agent).into()),
        ];
        for line in args.values('H') {
            headers.extend(line.split_once(':').map(|(n, v)| (n.trim().to_string(), v.trim().to_string())));
        }
        let body = args.value('D').unwrap_or("").as_bytes().to_vec();
        let method = match args.value('M') {
            Some(method) => method.to_string(),
            None if args.has('D') => "POST".into(),
            None if args.has('s') => "HEAD".into(),
            None => "GET".into(),
        };
        if args.has('D') {
            headers.push(("Content-Type".into(), "application/x-www-form-urlencoded".into()));
            headers.push(("Content-Length".into(), body.len().to_string()));
        }
        let payload = Payload::Http(HttpRequest { method, path: url.path.clone(), headers, body });
        let timeout = Some(self.timeout(os));
        self.flight = Some(os.send(Request { host: address, port: url.port, payload, timeout }));
    }

    fn fail(&mut self, os: &mut Os<'_>, error: &Error) {
        let (host, address) = (
            self.url.as_ref().map_or(String::new(), |u| u.host.clone()),
            self.address.clone().unwrap_or_default(),
        );
        self.url = None;
        if os.flavor() == Flavor::Busybox {
            self.code = 1;
            let text = match error {
                Error::NoSuchHost { .. } => format!("bad address '{host}'"),
                Error::Timeout | Error::Unanswered if self.has('T') => "download timed out".into(),
                Error::EmptyReply => "error getting response".into(),
                Error::Reset => "error getting response: Connection reset by peer".into(),
                error => format!("can't connect to remote host ({address}): {}", words(error)),
            };
            return complain(os, &text);
        }
        self.code = 4;
        match error {
            Error::NoSuchHost { .. } => {
                self.say(os, true, "failed: Name or service not known.\n");
                let text = format!("unable to resolve host address ‘{host}’");
                complain(os, &text);
            }
            Error::EmptyReply => {
                self.say(os, true, "connected.\nHTTP request sent, awaiting response... No data received.\n")
            }
            error => self.say(os, true, &format!("failed: {}.\n", words(error))),
        }
    }

    fn answered(&mut self, os: &mut Os<'_>, response: HttpResponse) {
        let Some(url) = self.url.take() else { return };
        let line = format!("{} {}", response.status, net::reason(response.status));
        self.say(os, true, &format!("connected.\nHTTP request sent, awaiting response... {line}\n"));
        if self.has('S') {
            let head: String =
                net::head(&response).lines().filter(|l| !l.is_empty()).map(|l| format!("  {l}\n")).collect();
            os.eprint(&head);
        }
        if let Some(location) = response.header("Location").filter(|_| (300..400).contains(&response.status))
        {
            self.redirects += 1;
            self.say(os, true, &format!("Location: {location} [following]\n"));
            if self.redirects <= MAX_REDIRECTS
                && let Ok(next) = url.follow(location)
            {
                self.url = Some(next);
                return self.begin(os);
            }
        }
        if response.status >= 300 {
            let now = date::format("%Y-%m-%d %H:%M:%S", os.now());
            self.say(
                os,
                true,
                &format!("{now} ERROR {}: {}.\n\n", response.status, net::reason(response.status)),
            );
            self.code = if os.flavor() == Flavor::Gnu { 8 } else { 1 };
            if os.flavor() == Flavor::Busybox {
                complain(os, &format!("server returned error: HTTP/1.1 {line}"));
            }
            return;
        }
        self.save(os, &url, &response);
    }

    fn save(&mut self, os: &mut Os<'_>, url: &Url, response: &HttpResponse) {
        if self.has('s') {
            self.say(os, true, "Remote file exists.\n\n");
            return self.say(os, false, "remote file exists\n");
        }
        let name = url.path.split('?').next().and_then(|p| p.rsplit('/').next()).filter(|n| !n.is_empty());
        let name = name.unwrap_or("index.html").to_string();
        let file = self.args.as_ref().and_then(|a| a.value('O')).map_or(name, String::from);
        let size = response.body.len();
        let kind = response.header("Content-Type").unwrap_or("text/plain");
        let kind = kind.split(';').next().unwrap_or(kind);
        let stdout = file == "-";
        let shown = if stdout { "STDOUT" } else { &file };
        self.say(os, true, &format!("Length: {size} [{kind}]\nSaving to: ‘{shown}’\n\n"));
        self.say(
            os,
            false,
            &if stdout { "writing to stdout\n".into() } else { format!("saving to '{file}'\n") },
        );
        if stdout {
            os.write(1, &response.body);
        } else if let Err(error) = os.write_file(&file, &response.body) {
            self.code = if os.flavor() == Flavor::Gnu { 3 } else { 1 };
            let text = match os.flavor() {
                Flavor::Gnu => format!("{file}: {error}"),
                Flavor::Busybox => format!("can't open '{file}': {error}"),
            };
            return complain(os, &text);
        }
        let bar = format!(
            "{:<21}100% |{}| {size:>5}  0:00:00 ETA\n",
            if stdout { "-" } else { &file },
            "*".repeat(32)
        );
        self.say(os, false, &bar);
        self.say(os, false, &if stdout { "written to stdout\n".into() } else { format!("'{file}' saved\n") });
        let now = date::format("%Y-%m-%d %H:%M:%S", os.now());
        let meter = format!("     0K {:<66}100%  100M=0s\n\n", "");
        let done = if stdout { "written to stdout" } else { "saved" };
        let named = if stdout { "-" } else { &file };
        self.say(
            os,
            true,
            &format!(
                "{meter}{now} (100 MB/s) - {} {done} [{size}/{size}]\n\n",
                match stdout {
                    true => named.to_string(),
                    false => format!("‘{named}’"),
                }
            ),
        );
    }
}

fn words(error: &Error) -> &'static str {
    match error {
        Error::ConnectionRefused => "Connection refused",
        Error::Timeout | Error::Unanswered => "Connection timed out",
        Error::NoRoute => "No route to host",
        Error::Reset => "Connection reset by peer",
        Error::EmptyReply => "No data received",
        Error::NoSuchHost { .. } => "Name or service not known",
    }
}

impl Program for Wget {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.args.is_none() {
            let spec = Spec { letters: "qO:T:t:SsPcU:Yd:nvbH:D:M:k", ..SPEC };
            match options(os, &spec) {
                Ok(args) => {
                    self.urls = args.operands.iter().rev().cloned().collect();
                    self.args = Some(args);
                }
                Err(code) => return Step::Exit(code),
            }
            if self.urls.is_empty() {
                os.eprint("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
                return Step::Exit(1);
            }
        }
        if let Some(flight) = self.flight {
            let Some(answer) = os.poll(flight) else { return Step::Wait(None) };
            self.flight = None;
            match answer {
                Ok(Response::Records { records, .. }) => {
                    match records.iter().rev().find(|r| r.kind == RecordType::A) {
                        Some(record) => {
                            self.say(os, true, &format!("{}\n", record.data));
                            self.address = Some(record.data.clone());
                            self.ask(os);
                        }
                        None => self.fail(os, &Error::NoSuchHost { server: String::new() }),
                    }
                }
                Ok(Response::Http(response)) => self.answered(os, response),
                Ok(_) => self.fail(os, &Error::EmptyReply),
                Err(error) => self.fail(os, &error),
            }
            return Step::Yield;
        }
        let Some(text) = self.urls.pop() else { return Step::Exit(self.code) };
        self.redirects = 0;
        match Url::parse(&text) {
            Ok(url) => {
                self.url = Some(url);
                self.begin(os);
            }
            Err(_) => {
                self.code = 1;
                complain(os, &format!("{text}: Unsupported scheme or bad URL."));
            }
        }
        Step::Yield
    }
}
