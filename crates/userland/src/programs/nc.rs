//! `nc`: tries a port, sends what it reads, listens for one exchange.

use super::net;
use super::support::{Args, Spec, complain, duration, options};
use crate::{Flavor, Os, Program, Read, Step};
use sim::net::{Error, HttpResponse, Payload, Request, RequestId, Response};
use sim::{Duration, Time};

/// Bytes that are sent or answered.
const MAX_BYTES: usize = 1 << 20;
/// Ports of one range.
const MAX_PORTS: usize = 100;

const SPEC: Spec = Spec {
    usage: "nc [-zvlknu] [-w SECONDS] [-p PORT] [HOST] [PORT]",
    letters: "zvlknNuw:p:q:4",
    long: &[],
    code: 1,
};

#[derive(Clone, Default)]
pub(super) struct Nc {
    args: Option<Args>,
    input: Vec<u8>,
    input_ended: bool,
    ports: Vec<u16>,
    flight: Option<RequestId>,
    listening: Option<u16>,
    until: Option<Time>,
    code: i32,
}

impl Nc {
    fn begin(&mut self, os: &mut Os<'_>) -> Result<(), i32> {
        let args = options(os, &SPEC)?;
        if args.has('u') {
            complain(os, "UDP is not supported");
            return Err(1);
        }
        let mut operands = args.operands.clone();
        let port = operands.pop();
        let wait = args.value('w').and_then(duration);
        self.until = wait.map(|w| os.now() + w);
        if args.has('l') {
            let port = args.value('p').map(String::from).or(port).and_then(|p| p.parse::<u16>().ok());
            let Some(port) = port else {
                complain(os, "missing port number");
                return Err(1);
            };
            if !os.listen(port) {
                complain(os, "Address already in use");
                return Err(1);
            }
            self.listening = Some(port);
        } else {
            let (Some(_), Some(port)) = (operands.first(), port) else {
                os.eprint("usage: nc [-zvlkn] [-w timeout] [-p port] [destination] [port]\n");
                return Err(1);
            };
            let (from, to) = port.split_once('-').unwrap_or((&port, &port));
            let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse::<u16>()) else {
                complain(os, &format!("port number invalid: {port}"));
                return Err(1);
            };
            self.ports = (from..=to).take(MAX_PORTS).rev().collect();
        }
        self.args = Some(args);
        Ok(())
    }

    fn has(&self, letter: char) -> bool {
        self.args.as_ref().is_some_and(|a| a.has(letter))
    }

    fn host(&self) -> String {
        self.args.as_ref().and_then(|a| a.operands.first().cloned()).unwrap_or_default()
    }

    /// Reads all of standard input; `false`: more is to come.
    fn read_input(&mut self, os: &mut Os<'_>) -> bool {
        while !self.input_ended {
            match os.read_stdin() {
                Read::Data(data) if self.input.len() < MAX_BYTES => self.input.extend(data),
                Read::Empty => return false,
                Read::Data(_) | Read::End => self.input_ended = true,
            }
        }
        true
    }

    fn result(&mut self, os: &mut Os<'_>, answer: Result<Response, Error>) {
        let (host, port) = (self.host(), self.ports.pop().unwrap_or(0));
        let busybox = os.flavor() == Flavor::Busybox;
        match answer {
            Ok(response) => {
                if self.has('v') {
                    let service = match port {
                        80 => "http",
                        443 => "https",
                        53 => "domain",
                        6379 => "redis",
                        3306 => "mysql",
                        _ => "*",
                    };
                    os.eprint(&match busybox {
                        true => format!("{host} ({host}:{port}) open\n"),
                        false => format!("Connection to {host} {port} port [tcp/{service}] succeeded!\n"),
                    });
                }
                match response {
                    Response::Bytes(bytes) => os.write(1, &bytes),
                    Response::Http(response) => {
                        os.print(&net::head(&response));
                        os.write(1, &response.body);
                    }
                    _ => {}
                }
            }
            Err(error) => {
                self.code = 1;
                let words = match error {
                    Error::NoSuchHost { .. } => {
                        return os.eprint(&match busybox {
                            true => format!("nc: bad address '{host}'\n"),
                            false => format!(
                                "nc: getaddrinfo for host \"{host}\" port {port}: Name or service not known\n"
                            ),
                        });
                    }
                    Error::ConnectionRefused => "Connection refused",
                    Error::NoRoute => "No route to host",
                    Error::Timeout | Error::Unanswered => "Operation timed out",
                    Error::Reset => "Connection reset by peer",
                    Error::EmptyReply => return,
                };
                match busybox {
                    true if self.has('v') || !self.has('z') => {
                        os.eprint(&format!("nc: {host} ({host}:{port}): {words}\n"))
                    }
                    true => {}
                    false if self.has('v') => {
                        os.eprint(&format!(
                            "nc: connect to {host} ({host}) port {port} (tcp) failed: {words}\n"
                        ));
                    }
                    false => {}
                }
            }
        }
    }

    /// `-l`: waits for one exchange, or for more with `-k`.
    fn serve(&mut self, os: &mut Os<'_>, port: u16) -> Step {
        if !self.read_input(os) && !os.is_tty(0) {
            return Step::Wait(self.until);
        }
        let Some((id, payload, _)) = os.accept(port) else {
            return match self.until {
                Some(at) if at <= os.now() => Step::Exit(1),
                at => Step::Wait(at),
            };
        };
        let answer = match payload {
            Payload::Http(request) => {
                let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
                request.headers.iter().for_each(|(n, v)| text.push_str(&format!("{n}: {v}\r\n")));
                os.print(&(text + "\r\n"));
                os.write(1, &request.body);
                http_answer(&self.input).ok_or(Error::EmptyReply)
            }
            Payload::Bytes(bytes) => {
                os.write(1, &bytes);
                Ok(Response::Bytes(self.input.clone()))
            }
            Payload::Connect | Payload::Lookup(_) => Ok(Response::Connected),
        };
        os.answer(id, answer);
        if self.has('k') { Step::Yield } else { Step::Exit(0) }
    }
}

/// What was read from standard input, as an answer to an HTTP request.
fn http_answer(input: &[u8]) -> Option<Response> {
    let text = String::from_utf8_lossy(input).replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next()?.strip_prefix("HTTP/")?.split_whitespace().nth(1)?.parse().ok()?;
    let header = |l: &str| l.split_once(':').map(|(n, v)| (n.trim().to_string(), v.trim().to_string()));
    Some(Response::Http(HttpResponse {
        status,
        headers: lines.filter_map(header).collect(),
        body: body.into(),
    }))
}

impl Program for Nc {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if self.args.is_none()
            && let Err(code) = self.begin(os)
        {
            return Step::Exit(code);
        }
        if let Some(port) = self.listening {
            return self.serve(os, port);
        }
        if let Some(flight) = self.flight {
            let Some(answer) = os.poll(flight) else { return Step::Wait(None) };
            self.flight = None;
            self.result(os, answer);
        }
        let Some(port) = self.ports.last().copied() else { return Step::Exit(self.code) };
        let probe = self.has('z');
        if !probe && !self.read_input(os) {
            return Step::Wait(None);
        }
        let payload = if probe || self.input.is_empty() {
            Payload::Connect
        } else {
            Payload::Bytes(self.input.clone())
        };
        let timeout = Some(self.until.map_or(Duration::from_secs(133), |at| at.since(os.now())));
        self.flight = Some(os.send(Request { host: self.host(), port, payload, timeout }));
        Step::Yield
    }
}
