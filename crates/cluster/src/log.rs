use client::Signal;
use std::collections::VecDeque;
use std::hash::Hasher;

/// How many signals are kept for those who look on. Older ones are forgotten.
pub const MAX_SIGNALS: usize = 20_000;

/// The signals of a cluster, numbered from 0, the newest [`MAX_SIGNALS`] of them.
#[derive(Clone, Default)]
pub struct SignalLog {
    first: u64,
    signals: VecDeque<Signal>,
}

impl SignalLog {
    pub(crate) fn push(&mut self, signal: Signal) {
        if self.signals.len() >= MAX_SIGNALS {
            self.signals.pop_front();
            self.first += 1;
        }
        self.signals.push_back(signal);
    }

    /// The number that the next signal will have.
    pub fn end(&self) -> u64 {
        self.first + self.signals.len() as u64
    }

    /// The signals from number `from` on that are still kept.
    pub fn since(&self, from: u64) -> impl Iterator<Item = &Signal> {
        self.signals.iter().skip(from.saturating_sub(self.first) as usize)
    }
}

/// A running FNV-1a hash of everything that happened: equal traces, equal hashes.
#[derive(Clone)]
pub(crate) struct Trace(u64);

impl Default for Trace {
    fn default() -> Trace {
        Trace(0xcbf2_9ce4_8422_2325)
    }
}

impl Trace {
    pub(crate) fn value(&self) -> u64 {
        self.0
    }
}

/// Every number goes in with the same bytes on machines of 32 and of 64 bits.
impl Hasher for Trace {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn write_u16(&mut self, n: u16) {
        self.write(&n.to_le_bytes());
    }

    fn write_u32(&mut self, n: u32) {
        self.write(&n.to_le_bytes());
    }

    fn write_u64(&mut self, n: u64) {
        self.write(&n.to_le_bytes());
    }

    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }

    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as i64 as u64);
    }
}
