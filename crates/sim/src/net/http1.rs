//! HTTP/1.1 messages as bytes, for connections that carry bytes: `kubectl port-forward` and the door for real clients.

use super::{HttpRequest, HttpResponse};

/// The most headers that a message may have.
const MAX_HEADERS: usize = 64;

/// Why bytes are no HTTP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// More bytes are needed.
    Incomplete,
    /// They will never be one.
    Invalid,
}

/// Reads a request; gives it with the number of bytes that it took. Bodies have a `Content-Length` or are chunked.
pub fn parse_request(bytes: &[u8]) -> Result<(HttpRequest, usize), ParseError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let start = complete(head.parse(bytes))?;
    let mut request = HttpRequest {
        method: head.method.unwrap_or_default().into(),
        path: head.path.unwrap_or_default().into(),
        headers: owned(head.headers),
        body: Vec::new(),
    };
    let (body, end) = body(bytes, start, &request.headers)?;
    request.body = body;
    Ok((request, end))
}

/// Reads a response; gives it with the number of bytes that it took.
pub fn parse_response(bytes: &[u8]) -> Result<(HttpResponse, usize), ParseError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let start = complete(head.parse(bytes))?;
    let mut response = HttpResponse {
        status: head.code.unwrap_or_default(),
        headers: owned(head.headers),
        body: Vec::new(),
    };
    let (body, end) = body(bytes, start, &response.headers)?;
    response.body = body;
    Ok((response, end))
}

fn complete(status: httparse::Result<usize>) -> Result<usize, ParseError> {
    match status {
        Ok(httparse::Status::Complete(start)) => Ok(start),
        Ok(httparse::Status::Partial) => Err(ParseError::Incomplete),
        Err(_) => Err(ParseError::Invalid),
    }
}

fn owned(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers.iter().map(|h| (h.name.into(), String::from_utf8_lossy(h.value).into_owned())).collect()
}

fn body(bytes: &[u8], start: usize, headers: &[(String, String)]) -> Result<(Vec<u8>, usize), ParseError> {
    let rest = &bytes[start..];
    if super::header(headers, "transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
        return chunked(rest).map(|(body, len)| (body, start + len));
    }
    let length = match super::header(headers, "content-length") {
        Some(text) => text.trim().parse::<usize>().map_err(|_| ParseError::Invalid)?,
        None => 0,
    };
    let body = rest.get(..length).ok_or(ParseError::Incomplete)?;
    Ok((body.to_vec(), start + length))
}

fn chunked(bytes: &[u8]) -> Result<(Vec<u8>, usize), ParseError> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let (head, size) = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Err(ParseError::Incomplete),
            Err(_) => return Err(ParseError::Invalid),
        };
        let (from, size) = (at + head, size as usize);
        let chunk =
            bytes.get(from..from.saturating_add(size).saturating_add(2)).ok_or(ParseError::Incomplete)?;
        body.extend_from_slice(&chunk[..size]);
        at = from + size + 2;
        if size == 0 {
            return Ok((body, at));
        }
    }
}

/// The bytes of a request, with a `Content-Length` where there is a body.
pub fn write_request(request: &HttpRequest) -> Vec<u8> {
    let head = format!("{} {} HTTP/1.1\r\n", request.method, request.path);
    message(head, &request.headers, &request.body, !request.body.is_empty())
}

/// The bytes of a response, with a `Content-Length`.
pub fn write_response(response: &HttpResponse) -> Vec<u8> {
    let head = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    message(head, &response.headers, &response.body, true)
}

fn message(mut head: String, headers: &[(String, String)], body: &[u8], with_length: bool) -> Vec<u8> {
    for (name, value) in headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case("content-length")) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if with_length {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let mut bytes = (head + "\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The words of a status code.
pub fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        409 => "Conflict",
        410 => "Gone",
        413 => "Request Entity Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_round_trip_and_half_ones_wait() {
        let request = HttpRequest {
            method: "POST".into(),
            path: "/a?b=c".into(),
            headers: vec![("Host".into(), "x".into())],
            body: b"hello".to_vec(),
        };
        let bytes = write_request(&request);
        let (read, len) = parse_request(&bytes).unwrap();
        assert_eq!((read.body, read.path, len), (request.body, request.path, bytes.len()));
        assert_eq!(parse_request(&bytes[..bytes.len() - 1]), Err(ParseError::Incomplete));
        assert_eq!(parse_request(b"\x00\x01 nonsense\r\n\r\n"), Err(ParseError::Invalid));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        assert_eq!(parse_response(chunked).unwrap().0.body, b"abc");
    }
}
