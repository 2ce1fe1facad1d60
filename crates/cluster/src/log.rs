use client::Signal;
use std::collections::VecDeque;
use std::fmt::Write;

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

impl Write for Trace {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        Ok(())
    }
}
