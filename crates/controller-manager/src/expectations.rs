use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Time};

/// After this long an expectation no longer counts: something was missed. Mirrors ExpectationsTimeout.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// What a controller did that its cache does not show yet, by the key of the object that it did it for.
/// Mirrors UIDTrackingControllerExpectations.
#[derive(Clone, Debug, Default)]
pub struct Expectations(BTreeMap<String, Expected>);

#[derive(Clone, Debug, Default)]
struct Expected {
    creations: usize,
    deletions: BTreeSet<String>,
    since: Time,
}

impl Expectations {
    /// Whether everything that was expected has been seen (or given up).
    pub fn satisfied(&self, now: Time, key: &str) -> bool {
        self.0
            .get(key)
            .is_none_or(|e| (e.creations == 0 && e.deletions.is_empty()) || now.since(e.since) > TIMEOUT)
    }

    /// Begins anew: so many creations, and the deletion of these keys.
    pub fn expect(&mut self, now: Time, key: &str, creations: usize, deletions: BTreeSet<String>) {
        self.0.insert(key.into(), Expected { creations, deletions, since: now });
    }

    /// One creation was seen, or will not be.
    pub fn creation_observed(&mut self, key: &str) {
        if let Some(e) = self.0.get_mut(key) {
            e.creations = e.creations.saturating_sub(1);
        }
    }

    /// The deletion of an object was seen, or will not be.
    pub fn deletion_observed(&mut self, key: &str, object: &str) {
        if let Some(e) = self.0.get_mut(key) {
            e.deletions.remove(object);
        }
    }

    /// Nothing is expected any more.
    pub fn delete(&mut self, key: &str) {
        self.0.remove(key);
    }
}
