//! What servers in images have in common.

use sim::net::{HttpRequest, HttpResponse, Payload, Response};
use sim::{Time, net};
use userland::{Os, Program, Signal, Step};

/// Requests that a server handles in one step.
const MAX_PER_STEP: usize = 256;

/// How a server takes SIGTERM and SIGINT: noted here, looked at in its next step.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stop(bool);

impl Stop {
    /// For `Program::dies_of`: a signal came.
    pub(crate) fn signal(&mut self, signal: Signal) -> bool {
        self.0 |= matches!(signal, Signal::Term | Signal::Int | Signal::Quit);
        false
    }

    /// Whether to end.
    pub(crate) fn wanted(self) -> bool {
        self.0
    }
}

/// Answers what waits on a port with `handle`; anything but HTTP is refused in HTTP's words.
pub(crate) fn serve(
    os: &mut Os<'_>,
    port: u16,
    handle: &mut dyn FnMut(&mut Os<'_>, &HttpRequest, &str) -> HttpResponse,
) {
    for _ in 0..MAX_PER_STEP {
        let Some((id, payload, peer)) = os.accept(port) else { return };
        let answer = match payload {
            Payload::Http(request) => Ok(Response::Http(handle(os, &request, &peer))),
            Payload::Bytes(_) => {
                Ok(Response::Bytes(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".to_vec()))
            }
            Payload::Connect => Ok(Response::Connected),
            Payload::Lookup(_) => Err(net::Error::ConnectionRefused),
        };
        os.answer(id, answer);
    }
}

/// Waits for whatever comes.
pub(crate) const WAIT: Step = Step::Wait(None);

/// `23/Nov/2026:02:25:42 +0000`, as access logs have it.
pub(crate) fn log_time(now: Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = apimachinery::time::format(now);
    let month = text[5..7].parse::<usize>().unwrap_or(1);
    format!("{}/{}/{}:{} +0000", &text[8..10], MONTHS[month - 1], &text[..4], &text[11..19])
}

/// A line of an access log in the combined format.
pub(crate) fn access_line(now: Time, peer: &str, request: &HttpRequest, response: &HttpResponse) -> String {
    let agent = request.header("User-Agent").unwrap_or("-");
    let referer = request.header("Referer").unwrap_or("-");
    format!(
        "{peer} - - [{}] \"{} {} HTTP/1.1\" {} {} \"{referer}\" \"{agent}\"",
        log_time(now),
        request.method,
        request.path,
        response.status,
        response.body.len()
    )
}

/// The path of a request without its query.
pub(crate) fn path(request: &HttpRequest) -> &str {
    request.path.split('?').next().unwrap_or("/")
}

/// `Content-Type` by the end of a file's name.
pub(crate) fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "js" => "application/javascript",
        "json" => "application/json",
        "txt" => "text/plain",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

/// What an [`Http`] server remembers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct State {
    /// When it was started.
    pub(crate) started: Time,
    /// Requests so far, with the one that is being answered.
    pub(crate) count: u64,
    /// It should end with this code.
    pub(crate) exit: Option<i32>,
    /// Not healthy any more.
    pub(crate) sick: bool,
}

/// Answers one request: the system, the request, who asks, and what the server remembers.
pub(crate) type Handle = fn(&mut Os<'_>, &HttpRequest, &str, &mut State) -> HttpResponse;

/// An HTTP server on one port.
#[derive(Clone)]
pub(crate) struct Http {
    /// Prints what the server prints when it starts and says its port.
    start: fn(&mut Os<'_>) -> u16,
    handle: Handle,
    /// Exit code on SIGTERM; `None`: it ignores the signal.
    on_term: Option<i32>,
    port: Option<u16>,
    state: State,
    stop: Stop,
}

impl Http {
    /// A server that listens where `start` says.
    pub(crate) fn boxed(
        start: fn(&mut Os<'_>) -> u16,
        handle: Handle,
        on_term: Option<i32>,
    ) -> Box<dyn Program> {
        Box::new(Http { start, handle, on_term, port: None, state: State::default(), stop: Stop::default() })
    }
}

impl Program for Http {
    fn step(&mut self, os: &mut Os<'_>) -> Step {
        if let (true, Some(code)) = (self.stop.wanted(), self.on_term) {
            return Step::Exit(code);
        }
        let port = match self.port {
            Some(port) => port,
            None => {
                self.state.started = os.now();
                let port = (self.start)(os);
                self.port = Some(port);
                if !os.listen(port) {
                    os.eprint(&format!("listen tcp :{port}: bind: address already in use\n"));
                    return Step::Exit(1);
                }
                port
            }
        };
        let (handle, state) = (self.handle, &mut self.state);
        serve(os, port, &mut |os, request, peer| {
            state.count += 1;
            handle(os, request, peer, state)
        });
        self.state.exit.map_or(WAIT, Step::Exit)
    }

    fn dies_of(&mut self, signal: Signal) -> bool {
        self.stop.signal(signal)
    }
}

/// A plain text.
pub(crate) fn text(status: u16, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::new(status, "text/plain; charset=utf-8", body)
}

/// A value of the query.
pub(crate) fn query(request: &HttpRequest, key: &str) -> Option<String> {
    let (_, query) = request.path.split_once('?')?;
    let (_, value) = query.split('&').filter_map(|p| p.split_once('=')).find(|(k, _)| *k == key)?;
    let mut out = Vec::new();
    let mut bytes = value.bytes();
    while let Some(b) = bytes.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let hex: Vec<u8> = bytes.by_ref().take(2).collect();
                let code = std::str::from_utf8(&hex).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
                out.extend(code);
            }
            other => out.push(other),
        }
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// `2026/11/23 02:19:01`, as Go's log package and nginx write times.
pub(crate) fn slash_time(now: Time) -> String {
    apimachinery::time::format(now).replace('-', "/").replace('T', " ").trim_end_matches('Z').to_string()
}

/// `2026-11-23T02:19:01.123Z`, as JavaScript writes times.
pub(crate) fn iso_time(now: Time) -> String {
    let millis = now.as_micros() / 1000 % 1000;
    format!("{}.{millis:03}Z", apimachinery::time::format(now).trim_end_matches('Z'))
}
