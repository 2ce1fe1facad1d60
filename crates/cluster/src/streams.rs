//! The streams that the API server and the kubelets open.

use crate::connect::{kubelet_of, log_options, log_text};
use crate::handle::Handle;
use apimachinery::rest::{Connect, Cursor, WatchEvent, WatchKind};
use apimachinery::{Object, Request, Status, json};
use client::{Frame, Input, Place, Stream};
use kubelet::{LogLine, LogOptions, SessionId};
use sim::net::{self, Payload, RequestId, http1};
use std::collections::VecDeque;
use std::task::Poll;

/// The most bytes that wait in a port-forward for the rest of their message.
const MAX_FORWARD: usize = 1 << 20;

/// A watch, polled from the store's log.
pub(crate) struct Watch {
    handle: Handle,
    cursor: Cursor,
    ready: VecDeque<WatchEvent>,
    ended: bool,
}

impl Watch {
    pub(crate) fn new(handle: Handle, cursor: Cursor) -> Watch {
        Watch { handle, cursor, ready: VecDeque::new(), ended: false }
    }
}

impl Stream for Watch {
    fn poll_next(&mut self) -> Poll<Option<Frame>> {
        if self.ready.is_empty() && !self.ended {
            let mut cluster = self.handle.0.borrow_mut();
            // A server that is switched off takes its connections with it.
            self.ended = !cluster.control_plane_is_up();
            self.ready.extend(cluster.poll(&mut self.cursor));
        }
        match self.ready.pop_front() {
            Some(event) => {
                self.ended = event.kind == WatchKind::Error;
                Poll::Ready(Some(Frame::Event(
                    json!({"type": event.kind.as_str(), "object": event.object.0}),
                )))
            }
            None if self.ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    fn write(&mut self, _input: Input) {}
}

/// What is said at once and in full.
pub(crate) struct Text(Option<String>);

impl Text {
    pub(crate) fn new(text: String) -> Text {
        Text(Some(text))
    }
}

impl Stream for Text {
    fn poll_next(&mut self) -> Poll<Option<Frame>> {
        Poll::Ready(self.0.take().map(|text| Frame::Stdout(text.into_bytes())))
    }

    fn write(&mut self, _input: Input) {}
}

/// `log?follow=true`: ends when the container has.
pub(crate) struct Log {
    handle: Handle,
    pod: Object,
    container: String,
    options: LogOptions,
    timestamps: bool,
    first: Option<Vec<LogLine>>,
}

impl Log {
    pub(crate) fn open(handle: Handle, request: &Request, connect: &Connect) -> Result<Log, Status> {
        let (options, timestamps) = log_options(request, handle.0.borrow().now);
        let container = request.param("container").unwrap_or_default().to_string();
        let mut log =
            Log { handle, pod: connect.object.clone(), container, options, timestamps, first: None };
        log.first = Some(log.read()?);
        Ok(log)
    }

    fn read(&self) -> Result<Vec<LogLine>, Status> {
        let cluster = self.handle.0.borrow();
        let node = kubelet_of(&cluster, &self.pod, "containerLogs")?;
        cluster.nodes[node].kubelet.logs(
            self.pod.namespace(),
            self.pod.name(),
            &self.container,
            &self.options,
        )
    }

    /// Whether the container still writes: it is there and has not ended.
    fn goes_on(&self) -> bool {
        let cluster = self.handle.0.borrow();
        if !cluster.control_plane_is_up() {
            return false;
        }
        let pod = cluster.api.object(&api::pod::RESOURCE, self.pod.namespace(), self.pod.name());
        let same = pod.filter(|p| p.uid() == self.pod.uid());
        let lists = ["containerStatuses", "initContainerStatuses"];
        let mut statuses = same.iter().flat_map(|p| lists.iter().flat_map(|l| p["status"][*l].items()));
        statuses.any(|s| {
            (self.container.is_empty() || s["name"].str() == self.container)
                && !s.at("state.running").is_null()
        })
    }
}

impl Stream for Log {
    fn poll_next(&mut self) -> Poll<Option<Frame>> {
        let lines = match self.first.take() {
            Some(lines) => lines,
            None => self.read().unwrap_or_default(),
        };
        if let Some(last) = lines.last() {
            self.options.after = Some(last.position);
            (self.options.tail, self.options.since) = (None, None);
            return Poll::Ready(Some(Frame::Stdout(log_text(&lines, self.timestamps))));
        }
        if self.options.previous || !self.goes_on() { Poll::Ready(None) } else { Poll::Pending }
    }

    fn write(&mut self, _input: Input) {}
}

/// A process in a container or on a node's host, with its input and output.
pub(crate) struct Session {
    handle: Handle,
    node: usize,
    id: SessionId,
    ready: VecDeque<Frame>,
    ended: bool,
    /// The machine on the other side was switched off.
    lost: bool,
}

impl Session {
    pub(crate) fn new(handle: Handle, node: usize, id: SessionId) -> Session {
        Session { handle, node, id, ready: VecDeque::new(), ended: false, lost: false }
    }
}

impl Stream for Session {
    fn poll_next(&mut self) -> Poll<Option<Frame>> {
        if self.ready.is_empty() && !self.ended {
            let mut cluster = self.handle.0.borrow_mut();
            match cluster.nodes.get_mut(self.node).filter(|n| n.running) {
                Some(node) => self.ready.extend(node.kubelet.session_read(self.id)),
                None => {
                    self.lost = true;
                    self.ready.push_back(Frame::Failed("unexpected EOF".into()));
                }
            }
        }
        match self.ready.pop_front() {
            Some(frame) => {
                self.ended |= matches!(frame, Frame::Exit(_) | Frame::Failed(_));
                Poll::Ready(Some(frame))
            }
            None if self.ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    fn write(&mut self, input: Input) {
        if self.lost {
            return;
        }
        let mut cluster = self.handle.0.borrow_mut();
        let now = cluster.now;
        if let Some(node) = cluster.nodes.get_mut(self.node) {
            node.kubelet.session_write(now, self.id, input);
            cluster.pump_kubelet(self.node);
            cluster.wake_node(self.node);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.lost {
            return;
        }
        let mut cluster = self.handle.0.borrow_mut();
        let now = cluster.now;
        if let Some(node) = cluster.nodes.get_mut(self.node) {
            node.kubelet.session_close(now, self.id);
            cluster.pump_kubelet(self.node);
            cluster.wake_node(self.node);
        }
    }
}

/// One connection of a port-forward: bytes in, an HTTP exchange (or a plain one) with the pod, bytes out.
pub(crate) struct Forward {
    handle: Handle,
    pod: Place,
    port: u16,
    buffer: Vec<u8>,
    pending: Option<RequestId>,
    eof: bool,
}

impl Forward {
    pub(crate) fn new(handle: Handle, pod: Place, port: u16) -> Forward {
        Forward { handle, pod, port, buffer: Vec::new(), pending: None, eof: false }
    }

    fn send(&mut self) {
        let (payload, taken) = match http1::parse_request(&self.buffer) {
            Ok((request, taken)) => (Payload::Http(request), taken),
            Err(http1::ParseError::Incomplete) if self.buffer.len() < MAX_FORWARD => return,
            Err(_) => (Payload::Bytes(self.buffer.clone()), self.buffer.len()),
        };
        self.buffer.drain(..taken);
        let request = net::Request { host: "localhost".into(), port: self.port, payload, timeout: None };
        self.pending = Some(self.handle.0.borrow_mut().forward(self.pod.clone(), request));
    }
}

impl Stream for Forward {
    fn poll_next(&mut self) -> Poll<Option<Frame>> {
        if self.pending.is_none() && !self.buffer.is_empty() {
            self.send();
        }
        let Some(id) = self.pending else {
            return if self.eof { Poll::Ready(None) } else { Poll::Pending };
        };
        let Some(answer) = self.handle.0.borrow_mut().take_answer(id) else { return Poll::Pending };
        self.pending = None;
        Poll::Ready(Some(match answer {
            Ok(net::Response::Http(response)) => Frame::Stdout(http1::write_response(&response)),
            Ok(net::Response::Bytes(bytes)) => Frame::Stdout(bytes),
            Ok(_) => Frame::Stdout(Vec::new()),
            Err(error) => Frame::Failed(error.to_string()),
        }))
    }

    fn write(&mut self, input: Input) {
        match input {
            Input::Stdin(bytes) => self.buffer.extend(bytes),
            Input::Eof => self.eof = true,
            Input::Resize(..) => {}
        }
    }
}
