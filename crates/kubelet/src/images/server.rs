//! What servers in images have in common.

use sim::net::{HttpRequest, HttpResponse, Payload, Response};
use sim::{Time, net};
use userland::{Os, Signal, Step};

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
