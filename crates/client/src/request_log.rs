use crate::Place;
use sim::Time;
use sim::net::Error;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many requests are remembered. Older ones are forgotten.
pub const MAX_REQUESTS: usize = 4096;

/// How much of an answer is remembered, in bytes.
pub const MAX_ANSWER: usize = 1024;

/// A request that has ended: who asked for what, and what came back. Probes are not remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRecord {
    /// When it was sent.
    pub at: Time,
    /// When it ended.
    pub ended: Time,
    /// Where it was sent from.
    pub from: Place,
    /// What was asked for: `http://HOST:PORT/PATH`, `tcp://HOST:PORT`, or `dns:NAME`.
    pub url: String,
    /// The same with the host that its `Host` header names, where that is another one: `wget` looks the name up by
    /// itself and asks the address.
    pub named: Option<String>,
    /// The Service whose address it was sent to, also when it never came there, as (namespace, name).
    pub service: Option<(String, String)>,
    /// The pod that it came to, as (namespace, name).
    pub pod: Option<(String, String)>,
    /// The HTTP status, 0 for an answer without one; or why nothing came back.
    pub result: Result<u16, Error>,
    /// The beginning of the answer's text, at most [`MAX_ANSWER`] bytes.
    pub body: String,
}

/// The requests that have ended, numbered from 0; the newest [`MAX_REQUESTS`] of them.
#[derive(Clone, Debug, Default)]
pub struct RequestLog {
    first: u64,
    records: VecDeque<Arc<RequestRecord>>,
}

impl RequestLog {
    /// Adds one.
    pub fn push(&mut self, record: RequestRecord) {
        if self.records.len() >= MAX_REQUESTS {
            self.records.pop_front();
            self.first += 1;
        }
        self.records.push_back(Arc::new(record));
    }

    /// The number that the next one will have.
    pub fn end(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    /// Those from number `from` on that are still remembered.
    pub fn since(&self, from: u64) -> impl Iterator<Item = &Arc<RequestRecord>> {
        self.records.iter().skip(from.saturating_sub(self.first) as usize)
    }
}
