use sim::collections::BTreeMap;
use sim::net::{Payload, RequestId};
use std::collections::VecDeque;

/// How many connections wait at one port for somebody to accept them; more are refused, as by a full backlog.
const BACKLOG: usize = 128;

/// The first port that is picked for somebody who does not care which.
const FIRST_FREE: u16 = 32768;

/// The ports on which the laptop's own programs listen (`kubectl proxy`, `kubectl port-forward`), with what waits there.
#[derive(Clone, Default)]
pub(crate) struct Listeners(BTreeMap<u16, VecDeque<(RequestId, Payload)>>);

impl Listeners {
    /// Opens a port; 0 picks a free one. `None` when it is in use.
    pub(crate) fn open(&mut self, port: u16) -> Option<u16> {
        let port = match port {
            0 => (FIRST_FREE..u16::MAX).find(|p| !self.0.contains_key(p))?,
            port => port,
        };
        if self.0.contains_key(&port) {
            return None;
        }
        self.0.insert(port, VecDeque::new());
        Some(port)
    }

    /// Closes a port; gives back what still waited there.
    pub(crate) fn close(&mut self, port: u16) -> Vec<RequestId> {
        self.0.remove(&port).into_iter().flatten().map(|(id, _)| id).collect()
    }

    /// Something arrives at a port; `false` when nobody listens.
    pub(crate) fn deliver(&mut self, port: u16, id: RequestId, payload: Payload) -> bool {
        match self.0.get_mut(&port) {
            Some(queue) if queue.len() < BACKLOG => {
                queue.push_back((id, payload));
                true
            }
            _ => false,
        }
    }

    /// The next connection at a port.
    pub(crate) fn accept(&mut self, port: u16) -> Option<(RequestId, Payload)> {
        self.0.get_mut(&port)?.pop_front()
    }
}
