use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Time};
use std::collections::VecDeque;

/// First and last delay of a key that keeps failing. Mirrors client-go DefaultControllerRateLimiter.
const BASE_DELAY: Duration = Duration::from_millis(5);
const MAX_DELAY: Duration = Duration::from_secs(1000);

/// Keys that wait to be synced: each at most once, first in first out, some of them later.
/// Mirrors client-go/util/workqueue. Bounded by the number of objects, as keys are.
#[derive(Clone, Debug, Default)]
pub struct WorkQueue {
    ready: VecDeque<String>,
    waiting: BTreeSet<String>,
    later: BTreeSet<(Time, u64, String)>,
    due: BTreeMap<String, (Time, u64)>,
    sequence: u64,
    failures: BTreeMap<String, u32>,
}

impl WorkQueue {
    /// Adds a key, unless it waits already.
    pub fn add(&mut self, key: impl Into<String>) {
        let key = key.into();
        if self.waiting.insert(key.clone()) {
            self.ready.push_back(key);
        }
    }

    /// Adds a key at a later time. If it is waiting for a time already, the earlier one counts.
    pub fn add_at(&mut self, at: Time, key: impl Into<String>) {
        let key = key.into();
        if let Some((known, sequence)) = self.due.get(&key).copied() {
            if known <= at {
                return;
            }
            self.later.remove(&(known, sequence, key.clone()));
        }
        self.due.insert(key.clone(), (at, self.sequence));
        self.later.insert((at, self.sequence, key));
        self.sequence += 1;
    }

    /// Adds a key that failed, later each time it fails: 5 ms doubling to 1000 s.
    pub fn add_rate_limited(&mut self, now: Time, key: impl Into<String>) {
        let key = key.into();
        let failures = self.failures.entry(key.clone()).or_default();
        let delay = BASE_DELAY.saturating_mul(1u32.checked_shl(*failures).unwrap_or(u32::MAX)).min(MAX_DELAY);
        *failures = failures.saturating_add(1);
        self.add_at(now + delay, key);
    }

    /// How often a key has failed in a row.
    pub fn requeues(&self, key: &str) -> u32 {
        self.failures.get(key).copied().unwrap_or_default()
    }

    /// A key has succeeded: its next failure counts as the first.
    pub fn forget(&mut self, key: &str) {
        self.failures.remove(key);
    }

    /// Takes the next key that is due.
    pub fn take(&mut self, now: Time) -> Option<String> {
        while self.later.first().is_some_and(|(at, ..)| *at <= now) {
            if let Some((_, _, key)) = self.later.pop_first() {
                self.due.remove(&key);
                self.add(key);
            }
        }
        let key = self.ready.pop_front()?;
        self.waiting.remove(&key);
        Some(key)
    }

    /// When the next key is due: now (`Time::ZERO`) if one is ready.
    pub fn wake(&self) -> Option<Time> {
        if self.ready.is_empty() { self.later.first().map(|(at, ..)| *at) } else { Some(Time::ZERO) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_waits_once_and_failures_back_off() {
        let mut q = WorkQueue::default();
        let t = Time::from_secs(1);
        q.add("a");
        q.add("a");
        assert_eq!((q.take(t).as_deref(), q.take(t)), (Some("a"), None));
        q.add_rate_limited(t, "a");
        q.add_rate_limited(t, "a");
        assert_eq!(q.take(t), None);
        assert_eq!(q.wake(), Some(t + BASE_DELAY));
        assert_eq!(q.take(t + BASE_DELAY).as_deref(), Some("a"));
        assert_eq!(q.requeues("a"), 2);
        q.forget("a");
        assert_eq!(q.requeues("a"), 0);
    }

    #[test]
    fn the_earlier_of_two_times_counts() {
        let mut q = WorkQueue::default();
        let at = Time::from_secs;
        q.add_at(at(9), "a");
        q.add_at(at(5), "b");
        q.add_at(at(3), "a");
        q.add_at(at(7), "a");
        let order: Vec<_> = std::iter::from_fn(|| q.take(at(10))).collect();
        assert_eq!(order, ["a", "b"]);
        assert_eq!(q.wake(), None);
    }
}
