use crate::Time;
use std::collections::BTreeMap;

/// A queue of things due at virtual times. Things due at the same moment come out in the order they went in.
///
/// Has no limit of its own: its owner bounds what it puts in.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    queue: BTreeMap<(Time, u64), T>,
    next: u64,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Timers { queue: BTreeMap::new(), next: 0 }
    }
}

impl<T> Timers<T> {
    /// Puts `what` into the queue, due at `at`.
    pub fn push(&mut self, at: Time, what: T) {
        self.queue.insert((at, self.next), what);
        self.next += 1;
    }

    /// When the earliest thing is due.
    pub fn next(&self) -> Option<Time> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the earliest thing out, if it is due at `now` or before.
    pub fn pop(&mut self, now: Time) -> Option<(Time, T)> {
        let entry = self.queue.first_entry().filter(|e| e.key().0 <= now)?;
        let ((at, _), what) = entry.remove_entry();
        Some((at, what))
    }

    /// Keeps only the things for which `keep` says yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.queue.retain(|_, what| keep(what));
    }

    /// How many things wait.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// What waits, the earliest first.
    pub fn iter(&self) -> impl Iterator<Item = (Time, &T)> {
        self.queue.iter().map(|((at, _), what)| (*at, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_moment_keeps_order_and_nothing_comes_early() {
        let mut t = Timers::default();
        t.push(Time::from_secs(2), "b");
        t.push(Time::from_secs(1), "a");
        t.push(Time::from_secs(2), "c");
        assert_eq!(t.pop(Time::ZERO), None);
        let order: Vec<_> = std::iter::from_fn(|| t.pop(Time::from_secs(2))).map(|(_, w)| w).collect();
        assert_eq!(order, ["a", "b", "c"]);
    }
}
