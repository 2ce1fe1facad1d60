//! Exponential back-off per key. Mirrors client-go/util/flowcontrol/backoff.go.

use crate::config::BACKOFF;
use sim::{Duration, Time};

/// The back-off of one key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Backoff {
    delay: Duration,
    updated: Time,
}

impl Backoff {
    /// Whether an attempt is too early: less than the delay after `event`. Long after the last update it is forgotten.
    pub(crate) fn is_in_backoff_since(&self, event: Time, now: Time) -> bool {
        !self.delay.is_zero() && !self.expired(event) && now.since(event) < self.delay
    }

    /// Whether an attempt is too early, counted from the last update.
    pub(crate) fn is_in_backoff(&self, now: Time) -> bool {
        !self.delay.is_zero() && !self.expired(now) && now.since(self.updated) < self.delay
    }

    /// Counts one more attempt: 10 s, 20 s, ... 300 s.
    pub(crate) fn next(&mut self, event: Time, now: Time) {
        self.delay = if self.delay.is_zero() || self.expired(event) {
            BACKOFF.0
        } else {
            (self.delay * 2).min(BACKOFF.1)
        };
        self.updated = now;
    }

    /// The delay.
    pub(crate) fn delay(&self) -> Duration {
        self.delay
    }

    fn expired(&self, event: Time) -> bool {
        event.since(self.updated) > BACKOFF.1 * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_five_minutes_and_are_forgotten_after_ten() {
        let mut b = Backoff::default();
        let t = Time::from_secs(1000);
        assert!(!b.is_in_backoff_since(t, t), "the first restart is at once");
        let delays: Vec<u64> = (0..7)
            .map(|_| {
                b.next(t, t);
                b.delay().as_secs()
            })
            .collect();
        assert_eq!(delays, [10, 20, 40, 80, 160, 300, 300]);
        assert!(b.is_in_backoff_since(t, t + Duration::from_secs(299)));
        assert!(!b.is_in_backoff_since(t, t + Duration::from_secs(300)));
        let late = t + Duration::from_secs(601);
        b.next(late, late);
        assert_eq!(b.delay().as_secs(), 10);
    }
}
