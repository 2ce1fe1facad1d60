use crate::cluster::Cluster;
use crate::{connect, faults, streams};
use apimachinery::{Body, Request, Response};
use client::{
    Clock, Connection, Driver, DriverError, Listener, LocalFuture, Network, NodeState, Place, Stream,
    Transport,
};
use sim::net::{self, Payload, RequestId};
use sim::{Duration, Time};
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

/// A cluster as the outside holds it: shared by the shell, kubectl, minikube and the page.
///
/// Its futures are ready as soon as virtual time has gone far enough; poll them after each advance.
#[derive(Clone)]
pub struct Handle(pub Rc<RefCell<Cluster>>, Duration);

impl Handle {
    /// Around a cluster.
    pub fn new(cluster: Cluster) -> Handle {
        Handle(Rc::new(RefCell::new(cluster)), Duration::ZERO)
    }

    /// With requests that take this long to arrive at the API server. Without, they arrive at once.
    pub fn with_latency(self, latency: Duration) -> Handle {
        Handle(self.0, latency)
    }

    async fn arrive(&self) {
        if !self.1.is_zero() {
            self.sleep(self.1).await;
        }
    }

    /// Waits for the answer of a request that was sent into the network. Dropping it cancels the request.
    pub(crate) async fn answer(&self, id: RequestId) -> Result<net::Response, net::Error> {
        let pending = Pending { handle: self, id, done: false };
        pending.wait().await
    }
}

struct Pending<'a> {
    handle: &'a Handle,
    id: RequestId,
    done: bool,
}

impl Pending<'_> {
    async fn wait(mut self) -> Result<net::Response, net::Error> {
        let (handle, id) = (self.handle, self.id);
        let answer = poll_fn(|_| match handle.0.borrow_mut().take_answer(id) {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        })
        .await;
        self.done = true;
        answer
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.handle.0.borrow_mut().cancel(self.id);
        }
    }
}

impl Transport for Handle {
    fn send(&self, request: Request) -> LocalFuture<'_, Result<Response, net::Error>> {
        Box::pin(async move {
            self.arrive().await;
            if !self.0.borrow().control_plane_is_up() {
                return Err(net::Error::NoRoute);
            }
            let response = self.0.borrow_mut().request(request.clone());
            match response.body {
                Body::Connect(connect) => Ok(connect::send(self, request, *connect).await),
                _ => Ok(response),
            }
        })
    }

    fn open(&self, request: Request) -> LocalFuture<'_, Result<Box<dyn Stream>, Response>> {
        Box::pin(async move {
            self.arrive().await;
            if !self.0.borrow().control_plane_is_up() {
                let why = "dial tcp 192.168.49.2:8443: connect: no route to host";
                return Err(apimachinery::Status::new(503, "ServiceUnavailable", why).into());
            }
            let response = self.0.borrow_mut().request(request.clone());
            match response.body.clone() {
                Body::Watch(cursor) => {
                    Ok(Box::new(streams::Watch::new(self.clone(), *cursor)) as Box<dyn Stream>)
                }
                Body::Connect(connect) => connect::open(self, &request, *connect),
                // The log of a pod that nobody runs.
                Body::Text(text) if response.is_success() => {
                    Ok(Box::new(streams::Text::new(text)) as Box<dyn Stream>)
                }
                _ => Err(response),
            }
        })
    }
}

impl Clock for Handle {
    fn now(&self) -> Time {
        self.0.borrow().now()
    }

    fn sleep(&self, duration: Duration) -> LocalFuture<'_, ()> {
        let until = self.now() + duration;
        Box::pin(poll_fn(move |_| if self.now() >= until { Poll::Ready(()) } else { Poll::Pending }))
    }
}

impl Network for Handle {
    fn send(&self, from: Place, request: net::Request) -> LocalFuture<'_, Result<net::Response, net::Error>> {
        Box::pin(async move {
            let id = self.0.borrow_mut().send(from, request);
            self.answer(id).await
        })
    }

    fn listen(&self, port: u16) -> Option<Rc<dyn Listener>> {
        let port = self.0.borrow_mut().listeners.open(port)?;
        Some(Rc::new(Port { handle: self.clone(), port }))
    }
}

struct Port {
    handle: Handle,
    port: u16,
}

impl Listener for Port {
    fn port(&self) -> u16 {
        self.port
    }

    fn poll_accept(&self) -> Poll<Connection> {
        loop {
            let Some((id, payload)) = self.handle.0.borrow_mut().listeners.accept(self.port) else {
                return Poll::Pending;
            };
            match payload {
                Payload::Http(request) => {
                    let answer = Answer { handle: self.handle.clone(), id, given: false };
                    return Poll::Ready(Connection {
                        request,
                        answer: Box::new(move |result| answer.give(result.map(net::Response::Http))),
                    });
                }
                // Somebody only looks whether the port is open.
                Payload::Connect => self.handle.0.borrow_mut().answered(id, Ok(net::Response::Connected)),
                _ => self.handle.0.borrow_mut().answered(id, Err(net::Error::Reset)),
            }
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        let mut cluster = self.handle.0.borrow_mut();
        for id in cluster.listeners.close(self.port) {
            cluster.answered(id, Err(net::Error::Reset));
        }
    }
}

/// The way back of an accepted connection; dropped unused, the connection is closed without an answer.
struct Answer {
    handle: Handle,
    id: RequestId,
    given: bool,
}

impl Answer {
    fn give(mut self, result: Result<net::Response, net::Error>) {
        self.given = true;
        self.handle.0.borrow_mut().answered(self.id, result);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.given {
            self.handle.0.borrow_mut().answered(self.id, Err(net::Error::EmptyReply));
        }
    }
}

impl Driver for Handle {
    fn nodes(&self) -> Vec<NodeState> {
        let cluster = self.0.borrow();
        let there = cluster.nodes.iter().filter(|n| !n.name.is_empty());
        let state = |(index, node): (usize, &crate::cluster::Machine)| NodeState {
            name: node.name.clone(),
            address: node.address.clone(),
            control_plane: index == 0,
            running: node.running,
            kubelet: node.running && node.kubelet.is_running(),
        };
        there.enumerate().map(state).collect()
    }

    fn act(&self, verb: &str, name: &str) -> Result<(), DriverError> {
        let fault =
            faults::Fault::parse(verb, name).ok_or_else(|| DriverError(format!("unknown verb {verb:?}")))?;
        self.0.borrow_mut().fault(&fault).map_err(DriverError)
    }

    fn addons(&self) -> Vec<(String, bool)> {
        self.0.borrow().addons.list()
    }

    fn ssh(&self, node: &str, command: &[String], tty: bool) -> Result<Box<dyn Stream>, DriverError> {
        connect::ssh(self, node, command, tty).map_err(DriverError)
    }
}
