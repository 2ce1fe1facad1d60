//! A packet on its way: the hops so far and the time they took.

use client::{Hop, Place};
use sim::net::Error;
use sim::{Duration, Time};

/// Through the virtual cable between a pod and its node.
pub const VETH: Duration = Duration::from_micros(25);
/// From one node to another.
pub const BETWEEN_NODES: Duration = Duration::from_micros(300);
/// Between the laptop and a node.
pub const LAPTOP: Duration = Duration::from_micros(500);
/// From a machine to something outside.
pub const OUTSIDE: Duration = Duration::from_millis(20);
/// Through the rules of kube-proxy, or over the loopback interface.
pub const RULES: Duration = Duration::from_micros(10);
/// How long Linux asks for the owner of an address before it says `no route to host`.
pub const ARP: Duration = Duration::from_secs(3);
/// How long Linux tries to connect (tcp_syn_retries 6).
pub const GIVE_UP: Duration = Duration::from_secs(131);

/// One hop.
#[derive(Clone, Debug)]
pub struct Leg {
    /// From where.
    pub from: Hop,
    /// To where.
    pub to: Hop,
    /// When it left.
    pub left: Time,
    /// When it arrived.
    pub arrives: Time,
    /// Why this way.
    pub why: String,
}

/// A packet on its way.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Where it is.
    pub here: Hop,
    /// When it is there.
    pub at: Time,
    /// How it came there.
    pub legs: Vec<Leg>,
}

/// Why a walk ended before its target.
#[derive(Clone, Debug)]
pub struct Lost {
    /// What the sender's socket says.
    pub error: Error,
    /// When, at the latest.
    pub at: Time,
    /// Why, in one sentence.
    pub why: String,
}

impl Walk {
    /// Begins at a place.
    pub fn begin(place: Place, now: Time) -> Walk {
        Walk { here: Hop::Place(place), at: now, legs: Vec::new() }
    }

    /// One hop.
    pub fn go(&mut self, to: Hop, took: Duration, why: impl Into<String>) {
        let (left, arrives) = (self.at, self.at + took);
        let from = std::mem::replace(&mut self.here, to.clone());
        self.at = arrives;
        self.legs.push(Leg { from, to, left, arrives, why: why.into() });
    }

    /// One hop to a node.
    pub fn go_node(&mut self, node: &str, took: Duration, why: impl Into<String>) {
        self.go(Hop::Place(Place::Node(node.into())), took, why);
    }

    /// How long the way back takes.
    pub fn way_back(&self) -> Duration {
        self.legs.iter().map(|leg| leg.arrives.since(leg.left)).sum()
    }

    /// The packet is dropped here without a word.
    pub fn dropped(&self, why: impl Into<String>) -> Lost {
        Lost { error: Error::Timeout, at: self.at + GIVE_UP, why: why.into() }
    }

    /// Nobody answers for the address on the last stretch.
    pub fn unreachable(&self, why: impl Into<String>) -> Lost {
        Lost { error: Error::NoRoute, at: self.at + ARP + self.way_back(), why: why.into() }
    }

    /// The packet is refused here.
    pub fn refused(&self, why: impl Into<String>) -> Lost {
        Lost { error: Error::ConnectionRefused, at: self.at + self.way_back(), why: why.into() }
    }
}
