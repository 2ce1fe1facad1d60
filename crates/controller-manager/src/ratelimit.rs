use sim::{Duration, Time};

/// A token bucket in virtual time. Mirrors client-go/util/flowcontrol.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    per_second: f64,
    burst: f64,
    tokens: f64,
    last: Time,
}

impl RateLimiter {
    /// The limit of each controller's client (`--kube-api-qps=20 --kube-api-burst=30`). Only what comes in bulk asks it:
    /// a handful of requests never waits in the real one either.
    pub fn of_client() -> RateLimiter {
        RateLimiter::new(20.0, 30.0)
    }

    /// So many requests a second, and so many at once; the bucket is full in the beginning.
    pub fn new(per_second: f64, burst: f64) -> RateLimiter {
        RateLimiter { per_second, burst, tokens: burst, last: Time::ZERO }
    }

    /// Changes the rate from now on; tokens that are there stay.
    pub fn set_rate(&mut self, now: Time, per_second: f64) {
        self.refill(now);
        self.per_second = per_second;
    }

    fn refill(&mut self, now: Time) {
        let added = now.since(self.last).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + added).min(self.burst);
        self.last = self.last.max(now);
    }

    /// Takes a token; `false` when there is none.
    pub fn try_take(&mut self, now: Time) -> bool {
        self.refill(now);
        // Half a microsecond's worth is forgiven: time has whole microseconds, and waiting for the rest would not end.
        let there = self.tokens >= 1.0 - self.per_second * 1e-6;
        if there {
            self.tokens -= 1.0;
        }
        there
    }

    /// When the next token is there; never if the rate is 0.
    pub fn next(&self) -> Option<Time> {
        let missing = 1.0 - self.tokens;
        if missing <= 0.0 {
            return Some(self.last);
        }
        (self.per_second > 0.0).then(|| self.last + Duration::from_secs_f64(missing / self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_at_once_and_then_twenty_a_second() {
        let (mut limiter, mut now, mut taken) = (RateLimiter::of_client(), Time::from_secs(100), 0);
        let end = now + Duration::from_secs(10);
        while now < end {
            while limiter.try_take(now) {
                taken += 1;
            }
            now = limiter.next().unwrap();
        }
        assert!((229..=231).contains(&taken), "{taken}");
    }
}
