use super::rest;
use apimachinery::{Method, Request, Response, Status};
use client::{Frame, LocalFuture, Stream, Transport};
use cluster::Handle;
use sim::net::{HttpResponse, http1};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::task::{Context, Poll, Waker};

/// The most bytes of a message that has not arrived whole. The API server's own limit is 3 MiB.
const MAX_MESSAGE: usize = 4 << 20;

/// One socket: reads a request, waits for its answer, writes it, and so on.
pub(crate) struct Connection {
    socket: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
    state: State,
    closing: bool,
}

enum State {
    Idle,
    Waiting(LocalFuture<'static, Response>),
    Streaming { stream: Box<dyn Stream>, json: bool },
}

/// What a step has done.
pub(crate) struct Step {
    pub(crate) busy: bool,
    pub(crate) closed: bool,
}

impl Connection {
    pub(crate) fn new(socket: TcpStream) -> Option<Connection> {
        socket.set_nonblocking(true).ok()?;
        socket.set_nodelay(true).ok()?;
        Some(Connection { socket, input: Vec::new(), output: Vec::new(), state: State::Idle, closing: false })
    }

    /// Does what can be done now.
    pub(crate) fn step(&mut self, handle: &Handle) -> Step {
        let mut busy = false;
        match self.read() {
            Ok(got) => busy |= got,
            Err(_) => return Step { busy, closed: true },
        }
        if matches!(self.state, State::Idle) && !self.input.is_empty() {
            busy |= self.begin(handle);
        }
        busy |= self.go_on();
        match self.write() {
            Ok(wrote) => busy |= wrote,
            Err(_) => return Step { busy, closed: true },
        }
        let done = self.closing && self.output.is_empty() && matches!(self.state, State::Idle);
        Step { busy, closed: done }
    }

    fn read(&mut self) -> Result<bool, std::io::Error> {
        let mut chunk = [0; 16 * 1024];
        let mut any = false;
        loop {
            match self.socket.read(&mut chunk) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    any = true;
                    self.input.extend_from_slice(&chunk[..n]);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(any),
                Err(e) => return Err(e),
            }
        }
    }

    fn write(&mut self) -> Result<bool, std::io::Error> {
        let mut any = false;
        while !self.output.is_empty() {
            match self.socket.write(&self.output) {
                Ok(n) => {
                    any = true;
                    self.output.drain(..n);
                }
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) => return Err(e),
            }
        }
        Ok(any)
    }

    /// Begins the next request, if it has arrived whole.
    fn begin(&mut self, handle: &Handle) -> bool {
        let (http, taken) = match http1::parse_request(&self.input) {
            Ok(parsed) => parsed,
            Err(http1::ParseError::Incomplete) if self.input.len() < MAX_MESSAGE => return false,
            Err(_) => {
                self.input.clear();
                self.closing = true;
                self.answer(Status::bad_request("this is no HTTP/1.1 request").into());
                return true;
            }
        };
        self.input.drain(..taken);
        self.closing = http.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close"));
        if http.header("upgrade").is_some() {
            let words = "kubarium serve does not let exec, attach and port-forward through";
            self.answer(Status::new(501, "NotImplemented", words).into());
            return true;
        }
        match rest::request(&http) {
            Err(status) => self.answer(status.into()),
            Ok(request) if is_stream(&request) => self.open(handle, request),
            Ok(request) => {
                let handle = handle.clone();
                self.state = State::Waiting(Box::pin(async move {
                    let answer = Transport::send(&handle, request).await;
                    answer.unwrap_or_else(|e| Status::internal_error(&e.to_string()).into())
                }));
            }
        }
        true
    }

    fn open(&mut self, handle: &Handle, request: Request) {
        let json = !request.path.ends_with("/log");
        // Streams of the simulated cluster open at once.
        let opened = poll_once(&mut Transport::open(handle, request));
        match opened {
            Some(Ok(stream)) => {
                let content_type = if json { "application/json" } else { "text/plain" };
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
                );
                self.output.extend_from_slice(head.as_bytes());
                self.state = State::Streaming { stream, json };
            }
            Some(Err(response)) => self.answer(response),
            None => self.answer(Status::internal_error("the stream did not open").into()),
        }
    }

    /// Moves on whatever is under way.
    fn go_on(&mut self) -> bool {
        match &mut self.state {
            State::Idle => false,
            State::Waiting(future) => match poll_once(future) {
                Some(response) => {
                    self.state = State::Idle;
                    self.answer(response);
                    true
                }
                None => false,
            },
            State::Streaming { stream, json } => {
                let (frame, json) = (stream.poll_next(), *json);
                match frame {
                    Poll::Pending => false,
                    Poll::Ready(Some(Frame::Event(event))) if json => {
                        self.chunk(&(event.to_json() + "\n").into_bytes())
                    }
                    Poll::Ready(Some(Frame::Stdout(bytes))) => self.chunk(&bytes),
                    Poll::Ready(Some(_)) => true,
                    Poll::Ready(None) => {
                        self.state = State::Idle;
                        self.output.extend_from_slice(b"0\r\n\r\n");
                        true
                    }
                }
            }
        }
    }

    fn chunk(&mut self, bytes: &[u8]) -> bool {
        self.output.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
        self.output.extend_from_slice(bytes);
        self.output.extend_from_slice(b"\r\n");
        true
    }

    fn answer(&mut self, response: Response) {
        let http: HttpResponse = rest::response(response);
        self.output.extend(http1::write_response(&http));
    }
}

fn is_stream(request: &Request) -> bool {
    request.method == Method::Get
        && (request.flag("watch") || (request.path.ends_with("/log") && request.flag("follow")))
}

fn poll_once<T>(future: &mut LocalFuture<'_, T>) -> Option<T> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
