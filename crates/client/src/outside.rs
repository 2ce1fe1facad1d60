//! What the world outside of the cluster can touch: the API, the clock, the network, the machine that carries the nodes.

use apimachinery::{Request, Response, Value};
use sim::net::{self, HttpRequest, HttpResponse};
use sim::{Duration, Time};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

/// A future that stays on its thread.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// The API server as kubectl sees it: REST over something. In the page it is the simulated cluster.
pub trait Transport {
    /// Sends a request and waits for the answer. `Err` is what a socket would say: `connection refused`.
    fn send(&self, request: Request) -> LocalFuture<'_, Result<Response, net::Error>>;
    /// Opens a stream: watch, `log?follow=true`, exec, attach, portforward. A refusal is the answer that said so.
    fn open(&self, request: Request) -> LocalFuture<'_, Result<Box<dyn Stream>, Response>>;
}

/// What comes in on a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// One watch event: `{"type": ..., "object": ...}`.
    Event(Value),
    /// Standard output of a process, or log text.
    Stdout(Vec<u8>),
    /// Standard error of a process.
    Stderr(Vec<u8>),
    /// The process has ended with this code; the stream ends after it.
    Exit(i32),
    /// The stream ended because of an error, in the server's words.
    Failed(String),
}

/// What goes out on a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Bytes for standard input.
    Stdin(Vec<u8>),
    /// Standard input ends.
    Eof,
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
}

/// A stream that was opened. Dropping it closes it.
pub trait Stream {
    /// The next frame; `Ready(None)` at the end.
    fn poll_next(&mut self) -> Poll<Option<Frame>>;
    /// Sends something to the other side; ignored when it has gone.
    fn write(&mut self, input: Input);
}

impl dyn Stream + '_ {
    /// Waits for the next frame.
    pub async fn next(&mut self) -> Option<Frame> {
        std::future::poll_fn(|_| self.poll_next()).await
    }
}

/// Virtual time, as seen from outside.
pub trait Clock {
    /// Now.
    fn now(&self) -> Time;
    /// Waits.
    fn sleep(&self, duration: Duration) -> LocalFuture<'_, ()>;
}

/// A place that packets start from or arrive at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The learner's own computer, outside of the cluster.
    Laptop,
    /// A node, by name.
    Node(String),
    /// A pod.
    Pod {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// The network as seen from the laptop, and the laptop's own loopback.
pub trait Network {
    /// Sends a request from a place and waits for what comes back.
    fn send(&self, from: Place, request: net::Request) -> LocalFuture<'_, Result<net::Response, net::Error>>;
    /// Listens on the laptop's `127.0.0.1:port` (0 picks a free one, from 32768 up). `None`: the port is in use.
    /// Dropping the listener closes the port.
    fn listen(&self, port: u16) -> Option<Rc<dyn Listener>>;
}

/// A port that is listened on, on the laptop.
pub trait Listener {
    /// The port.
    fn port(&self) -> u16;
    /// The next connection, if one has come.
    fn poll_accept(&self) -> Poll<Connection>;
}

/// An HTTP request that came in on a listener, and the way to answer it.
pub struct Connection {
    /// What was asked.
    pub request: HttpRequest,
    /// Gives the answer; dropping it unused closes the connection without one.
    pub answer: Box<dyn FnOnce(Result<HttpResponse, net::Error>)>,
}

/// The machine that carries the nodes, as minikube's docker driver sees it.
pub trait Driver {
    /// The cluster's nodes by name, in order of joining, the control plane first.
    fn nodes(&self) -> Vec<NodeState>;
    /// Does something to the cluster: `verb` is one of `delete-cluster`, `create-cluster` (of so many nodes), `start-node`, `stop-node`, `add-node`, `delete-node`,
    /// `cut-node`, `heal-node`, `fill-node`, `drain-disk`, `enable-addon`, `disable-addon`, `start-tunnel`,
    /// `stop-tunnel`, `break-image`, `mend-image`, `crash-container`; `name` says to what. The error is one line of English.
    fn act(&self, verb: &str, name: &str) -> Result<(), DriverError>;
    /// Whether an addon is enabled: (name, enabled), by name.
    fn addons(&self) -> Vec<(String, bool)>;
    /// Opens a login shell on a node (`minikube ssh`): a stream like that of exec. An empty command means interactive.
    fn ssh(&self, node: &str, command: &[String], tty: bool) -> Result<Box<dyn Stream>, DriverError>;
}

/// A node as the driver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeState {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Whether it runs the control plane.
    pub control_plane: bool,
    /// Whether its machine is up.
    pub running: bool,
    /// Whether its kubelet runs.
    pub kubelet: bool,
}

/// Why the driver could not do it, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverError(pub String);
