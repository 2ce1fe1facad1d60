//! What the network programs share: addresses, URLs, HTTP's words.

use crate::Os;
use sim::net::{HttpResponse, Payload, RecordType, Request, RequestId};

/// A URL, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Url {
    pub scheme: String,
    pub host: String,
    pub port: u16,
    /// Path with query, beginning with `/`.
    pub path: String,
    /// `user:password`, if it names them.
    pub user: Option<String>,
}

impl Url {
    /// Reads a URL; without a scheme it is `http`. The error is the scheme that is not known, or empty.
    pub fn parse(text: &str) -> Result<Url, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let default = match scheme {
            "http" => 80,
            "https" => 443,
            other => return Err(other.into()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, authority) =
            authority.rsplit_once('@').map_or((None, authority), |(u, a)| (Some(u.into()), a));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| String::new())?),
            None => (authority, default),
        };
        if host.is_empty() {
            return Err(String::new());
        }
        let path = path.split('#').next().unwrap_or("");
        let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
        Ok(Url { scheme: scheme.into(), host: host.into(), port, path, user })
    }

    /// What a `Host` header says.
    pub fn authority(&self) -> String {
        match (self.scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// Where a `Location` header leads.
    pub fn follow(&self, location: &str) -> Result<Url, String> {
        if location.contains("://") {
            return Url::parse(location);
        }
        let dir = &self.path[..self.path.split('?').next().unwrap_or("").rfind('/').map_or(0, |n| n + 1)];
        let path = if location.starts_with('/') { location.to_string() } else { format!("{dir}{location}") };
        Ok(Url { path, ..self.clone() })
    }
}

/// Whether a host is an address already.
pub(super) fn is_address(host: &str) -> bool {
    host.split('.').count() == 4 && host.split('.').all(|p| p.parse::<u8>().is_ok())
}

/// Asks for the records of a name.
pub(super) fn lookup(os: &mut Os<'_>, host: &str, kind: RecordType) -> RequestId {
    os.send(Request { host: host.into(), port: 0, payload: Payload::Lookup(kind), timeout: None })
}

/// The words after a status code.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        418 => "I'm a teapot",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// Status line and headers as they come over the wire, `\r\n` after each, and the empty line.
pub(super) fn head(response: &HttpResponse) -> String {
    let mut text = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if response.header("Content-Length").is_none() && response.header("Transfer-Encoding").is_none() {
        text.push_str(&format!("Content-Length: {}\r\n", response.body.len()));
    }
    text + "\r\n"
}
