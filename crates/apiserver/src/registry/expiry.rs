//! Events live for an hour. Mirrors --event-ttl of kube-apiserver.

use super::prefix;
use crate::{ApiServer, kinds};
use apimachinery::{Object, time};
use sim::{Duration, Time};

/// How long an Event stays after its last write.
const EVENT_TTL: Duration = Duration::from_secs(3600);
/// How often the server looks for Events that are too old. etcd shares leases over a minute, so real ones go in batches too.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);
/// How many Events one sweep takes out at most; the next one goes on.
const MAX_SWEPT: usize = 1000;

impl ApiServer {
    /// Takes out Events that have outlived their time.
    pub(crate) fn sweep(&mut self, now: Time) {
        if now < self.next_sweep {
            return;
        }
        self.next_sweep = now + SWEEP_INTERVAL;
        let Some(kind) = kinds::find("", "v1", "events") else { return };
        let old: Vec<String> = self
            .store
            .range(&prefix(&kind.resource, ""))
            .filter(|(_, entry)| written(&entry.value).is_some_and(|at| at + EVENT_TTL < now))
            .map(|(key, _)| key.to_string())
            .take(MAX_SWEPT)
            .collect();
        old.iter().for_each(|key| self.erase(kind, key));
    }
}

/// When an Event was last written, as far as it says so itself.
fn written(event: &Object) -> Option<Time> {
    [&event["series"]["lastObservedTime"], &event["lastTimestamp"], &event["eventTime"]]
        .into_iter()
        .find_map(|t| time::parse(t.str()))
        .max(event.created())
}
