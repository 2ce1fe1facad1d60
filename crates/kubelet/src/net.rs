//! What goes in and out of a node's machines: requests and answers, and the kernel that machines are plugged into.

use crate::worker::{ContainerNo, WorkerId};
use client::Place;
use sim::collections::{BTreeMap, BTreeSet};
use sim::net::{Error, Request, RequestId, Response};
use sim::{Rng, Time};
use userland::{Command, Kernel, Pid};

/// How many requests of one node may be under way; more are answered by a time-out.
const MAX_ASKING: usize = 10_000;

/// What a kubelet's machines send into the network. Taken with `Kubelet::take_outgoing`.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// A process sends a request; its answer comes back by `Kubelet::answer`.
    Request {
        /// Its id, unlike that of any other kubelet's.
        id: RequestId,
        /// The pod or the node that it starts from.
        from: Place,
        /// What is asked.
        request: Request,
    },
    /// The answer to a request that was delivered.
    Answer {
        /// The id with which it was delivered.
        id: RequestId,
        /// What came back.
        result: Result<Response, Error>,
    },
    /// Nobody waits for the answer of this request any more.
    Cancel {
        /// The id with which it was sent.
        id: RequestId,
    },
}

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A container's.
    Container(WorkerId, ContainerNo),
    /// The node's own.
    Host,
}

/// The node's side of the network.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    /// The node's index in the high bits.
    high: u64,
    next: u64,
    pub(crate) outgoing: Vec<Outgoing>,
    /// Requests under way.
    pub(crate) asking: BTreeMap<RequestId, Owner>,
    /// Requests of the kubelet itself (probes and hooks) and their answers.
    pub(crate) own: BTreeMap<RequestId, Option<Result<Response, Error>>>,
}

impl Net {
    pub(crate) fn new(index: u16) -> Net {
        let high = (u64::from(index) + 1) << 48;
        Net { high, next: 0, outgoing: Vec::new(), asking: BTreeMap::new(), own: BTreeMap::new() }
    }

    /// A new id.
    pub(crate) fn fresh(&mut self) -> RequestId {
        self.next += 1;
        RequestId(self.high | self.next)
    }

    /// Sends an answer out, or keeps it if the kubelet itself asked.
    pub(crate) fn answer(&mut self, id: RequestId, result: Result<Response, Error>) {
        match self.own.get_mut(&id) {
            Some(slot) => *slot = Some(result),
            None if id.0 >> 48 == self.high >> 48 && !self.asking.contains_key(&id) => {} // a probe that was given up
            None => self.outgoing.push(Outgoing::Answer { id, result }),
        }
    }
}

/// What one machine is plugged into while it runs.
pub(crate) struct Socket<'a> {
    pub(crate) now: Time,
    pub(crate) rng: &'a mut Rng,
    pub(crate) net: &'a mut Net,
    pub(crate) owner: Owner,
    pub(crate) place: &'a Place,
    pub(crate) answers: &'a mut BTreeMap<RequestId, Result<Response, Error>>,
    pub(crate) asking: &'a mut BTreeSet<RequestId>,
    pub(crate) serving: &'a mut BTreeSet<RequestId>,
}

impl Kernel for Socket<'_> {
    fn now(&self) -> Time {
        self.now
    }

    fn random(&mut self) -> u64 {
        self.rng.next_u64()
    }

    fn send(&mut self, request: Request) -> RequestId {
        let id = self.net.fresh();
        if self.net.asking.len() >= MAX_ASKING {
            self.answers.insert(id, Err(Error::Timeout));
            return id;
        }
        self.net.asking.insert(id, self.owner);
        self.asking.insert(id);
        self.net.outgoing.push(Outgoing::Request { id, from: self.place.clone(), request });
        id
    }

    fn poll(&mut self, id: RequestId) -> Option<Result<Response, Error>> {
        self.answers.remove(&id)
    }

    fn answer(&mut self, id: RequestId, answer: Result<Response, Error>) {
        self.serving.remove(&id);
        self.net.answer(id, answer);
    }

    fn external(&mut self, _pid: Pid, _command: &Command) -> bool {
        false
    }
}
