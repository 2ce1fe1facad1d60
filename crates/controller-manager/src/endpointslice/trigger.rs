//! Since when endpoints should be what they are. Mirrors endpointslice/trigger_time_tracker.go.

use crate::podutil;
use apimachinery::{Object, time};
use sim::Time;
use sim::collections::BTreeMap;

/// Tells since when.
pub const ANNOTATION: &str = "endpoints.kubernetes.io/last-change-trigger-time";

/// What was seen of each Service's pods the last time.
#[derive(Clone, Debug, Default)]
pub struct TriggerTimes(BTreeMap<String, BTreeMap<String, Time>>);

impl TriggerTimes {
    /// The earliest time at which something changed since the last call for this Service: the change of a pod's
    /// readiness, or the Service's creation. `None` when nothing did.
    pub fn compute(&mut self, key: &str, service: &Object, pods: &[&Object]) -> Option<Time> {
        let times: BTreeMap<String, Time> = pods
            .iter()
            .filter_map(|pod| Some((pod.name().to_string(), podutil::ready_transition(pod)?)))
            .collect();
        let Some(last) = self.0.insert(key.into(), times.clone()) else { return service.created() };
        let newer = times.iter().filter(|(name, at)| last.get(*name).is_none_or(|known| *at > known));
        newer.map(|(_, at)| *at).min()
    }

    /// The Service is gone.
    pub fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }
}

/// Writes the time into the annotation, or takes the annotation away.
pub fn annotate(object: &mut Object, trigger: Option<Time>) {
    match trigger {
        Some(at) => object.0.at_mut("metadata.annotations").set(ANNOTATION, time::format(at)),
        None if object.annotation(ANNOTATION).is_none() => {}
        None => {
            object.0.at_mut("metadata.annotations").remove(ANNOTATION);
            if object.meta("annotations").is_empty() {
                object.meta_mut().remove("annotations");
            }
        }
    }
}
