//! Messages that travel on the simulated network, as plain data.
//!
//! Only what is observable matters here: a name lookup, a connection that opens or fails, an HTTP exchange, or lines of
//! text on a plain TCP connection. There are no byte streams and no partial messages.

pub mod http1;

use std::fmt;

/// What a process sends out.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Host name or address, as the process wrote it.
    pub host: String,
    /// Port; 0 for a name lookup.
    pub port: u16,
    /// What is said.
    pub payload: Payload,
    /// The sender gives up after this long (`curl --connect-timeout`, `--max-time`); `None` waits as long as a real one.
    pub timeout: Option<crate::Duration>,
}

/// What is said on a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// A DNS question for `host`.
    Lookup(RecordType),
    /// Opens a TCP connection and closes it.
    Connect,
    /// One HTTP/1.1 exchange.
    Http(HttpRequest),
    /// Sends these bytes and reads what comes back.
    Bytes(Vec<u8>),
}

/// The DNS record types that are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // their names say it
pub enum RecordType {
    A,
    Aaaa,
    Cname,
    Srv,
    Ptr,
}

/// An HTTP request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpRequest {
    /// `GET`, `POST`, ...
    pub method: String,
    /// Path with query, beginning with `/`.
    pub path: String,
    /// Header lines in order; names as written.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

/// An HTTP answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Header lines in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// A GET of `path`.
    pub fn get(path: &str) -> HttpRequest {
        HttpRequest { method: "GET".into(), path: path.into(), ..Default::default() }
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

impl HttpResponse {
    /// An answer with a content type and a text body.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> HttpResponse {
        HttpResponse {
            status,
            headers: vec![("Content-Type".into(), content_type.into())],
            body: body.into(),
        }
    }

    /// The value of a header, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// What comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// The connection opened.
    Connected,
    /// An HTTP answer.
    Http(HttpResponse),
    /// Bytes from a plain connection.
    Bytes(Vec<u8>),
    /// The records of a lookup, in order (a CNAME before what it leads to), with the server that answered.
    Records {
        /// Address of the DNS server.
        server: String,
        /// The answer section.
        records: Vec<Record>,
    },
}

/// One DNS record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Fully qualified name, without the last dot.
    pub name: String,
    /// Its type.
    pub kind: RecordType,
    /// Address, or name that it points at.
    pub data: String,
}

/// Why nothing came back: what a real socket would report, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// The name has no record (NXDOMAIN), said by this server.
    NoSuchHost {
        /// Address of the DNS server; empty when none could be asked.
        server: String,
    },
    /// Nothing listens there (RST).
    ConnectionRefused,
    /// No connection in time: the packet was lost or the other side is gone.
    Timeout,
    /// A connection, but no answer in time.
    Unanswered,
    /// No route to that address from here.
    NoRoute,
    /// The other side closed the connection in the middle.
    Reset,
    /// The other side closed without an answer.
    EmptyReply,
}

impl fmt::Display for Error {
    /// The words of Go's and C's network libraries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::NoSuchHost { .. } => "no such host",
            Error::ConnectionRefused => "connection refused",
            Error::Timeout | Error::Unanswered => "i/o timeout",
            Error::NoRoute => "no route to host",
            Error::Reset => "connection reset by peer",
            Error::EmptyReply => "EOF",
        })
    }
}

/// Names a request that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RequestId(pub u64);
