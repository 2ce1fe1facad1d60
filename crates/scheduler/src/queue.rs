//! Pods that wait for a node. Mirrors pkg/scheduler/backend/queue.
//!
//! A pod waits to be tried (active), or because it failed a moment ago (back-off), or until something happens that may
//! help it (unschedulable), or for its gates to go (gated). Bounded by the number of pods without a node.

use crate::framework::{ClusterEvent, Listers, Nominated};
use crate::plugins::{PLUGINS, scheduling_gates};
use crate::pod::{PodInfo, same};
use sim::collections::{BTreeMap, BTreeSet};
use sim::{Duration, Time};
use std::cmp::Reverse;
use std::sync::Arc;

/// First and last back-off. Mirrors DefaultPodInitialBackoffDuration and DefaultPodMaxBackoffDuration.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(10);
/// After this long a pod is tried again even if nothing happened.
/// Mirrors DefaultPodMaxInUnschedulablePodsDuration.
const MAX_UNSCHEDULABLE: Duration = Duration::from_secs(5 * 60);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Active,
    Backoff,
    Unschedulable,
    Gated,
}

/// A pod in the queue.
#[derive(Clone, Debug)]
pub struct QueuedPod {
    /// The pod.
    pub pod: Arc<PodInfo>,
    /// How often it was tried.
    pub attempts: u32,
    /// Which rules refused it last time.
    pub rejectors: Vec<&'static str>,
    /// Whether the last try failed for another reason than rules.
    errored: bool,
    /// Since when it is where it is.
    since: Time,
    sequence: u64,
    place: Place,
}

/// More important first, then who came first. Mirrors plugins/queuesort.
type Rank = (Reverse<i64>, Time, u64, String);

/// The queue.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    pods: BTreeMap<String, QueuedPod>,
    active: BTreeSet<Rank>,
    backoff: BTreeSet<(Time, u64, String)>,
    unschedulable: BTreeSet<(Time, u64, String)>,
    /// Pods for which room is being made.
    pub nominated: Nominated,
    next: u64,
}

impl QueuedPod {
    fn rank(&self) -> Rank {
        (Reverse(self.pod.priority), self.since, self.sequence, self.pod.key.clone())
    }

    fn waiting_since(&self) -> (Time, u64, String) {
        (self.since, self.sequence, self.pod.key.clone())
    }

    fn backoff_end(&self) -> (Time, u64, String) {
        let doublings = self.attempts.saturating_sub(1).min(8);
        let backoff = INITIAL_BACKOFF.saturating_mul(1 << doublings).min(MAX_BACKOFF);
        (self.since + backoff, self.sequence, self.pod.key.clone())
    }
}

impl Queue {
    /// A pod without a node is new or has changed.
    pub fn update(&mut self, pod: Arc<PodInfo>, now: Time) {
        self.nominate(&pod, pod.nominated_node().to_string().as_str());
        let gated = scheduling_gates::is_gated(&pod.object);
        match self.take(&pod.key) {
            Some(mut known) if known.pod.uid() == pod.uid() => {
                let (old, new) = (&known.pod.object, &pod.object);
                let changed = !same(&old["spec"], &new["spec"]) || !same(old.labels(), new.labels());
                known.pod = pod;
                match known.place {
                    Place::Gated if !gated => {
                        known.since = now;
                        self.put(known, Place::Active);
                    }
                    Place::Unschedulable if changed => self.put_back(known, now),
                    place => self.put(known, place),
                }
            }
            _ => {
                let place = if gated { Place::Gated } else { Place::Active };
                let rejectors = if gated { vec![scheduling_gates::NAME] } else { Vec::new() };
                let sequence = self.next;
                self.next += 1;
                let fresh =
                    QueuedPod { pod, attempts: 0, rejectors, errored: false, since: now, sequence, place };
                self.put(fresh, place);
            }
        }
    }

    /// A pod is gone or has a node.
    pub fn remove(&mut self, key: &str) {
        self.take(key);
        self.denominate(key);
    }

    /// Takes the next pod to be tried: the first of the active ones, or else the first that backs off (but not one that
    /// failed by an error). Mirrors the feature SchedulerPopFromBackoffQ.
    pub fn pop(&mut self) -> Option<QueuedPod> {
        let key = self.next_key()?;
        let mut pod = self.take(&key)?;
        pod.attempts += 1;
        Some(pod)
    }

    /// Whether [`Queue::pop`] would give something.
    pub fn has_next(&self) -> bool {
        self.next_key().is_some()
    }

    fn next_key(&self) -> Option<String> {
        let waiting = || self.backoff.iter().find(|(_, _, key)| !self.pods[key].errored).map(|b| b.2.clone());
        self.active.first().map(|rank| rank.3.clone()).or_else(waiting)
    }

    /// A pod was tried and refused by rules: it waits for an event that may help.
    pub fn add_unschedulable(&mut self, mut pod: QueuedPod, rejectors: Vec<&'static str>, now: Time) {
        (pod.rejectors, pod.errored, pod.since) = (rejectors, false, now);
        self.put(pod, Place::Unschedulable);
    }

    /// A pod was tried and something else went wrong: it backs off.
    pub fn add_errored(&mut self, mut pod: QueuedPod, now: Time) {
        (pod.rejectors, pod.errored, pod.since) = (Vec::new(), true, now);
        self.put(pod, Place::Backoff);
    }

    /// Something happened: pods that it may help are tried again. Mirrors MoveAllToActiveOrBackoffQueue.
    pub fn on_event(&mut self, event: &ClusterEvent<'_>, listers: &Listers, now: Time) {
        let helps = |pod: &QueuedPod| {
            let asked = PLUGINS.iter().filter(|p| pod.rejectors.contains(&p.name()));
            pod.rejectors.is_empty() || asked.into_iter().any(|p| p.requeue(&pod.pod, event, listers))
        };
        let waiting = self.unschedulable.iter().map(|(_, _, key)| key);
        let moved: Vec<String> = waiting.filter(|key| helps(&self.pods[*key])).cloned().collect();
        self.move_all(moved, now);
    }

    /// Moves what has waited long enough.
    pub fn flush(&mut self, now: Time) {
        let stale = self.unschedulable.iter().take_while(|(since, ..)| *since + MAX_UNSCHEDULABLE <= now);
        let stale: Vec<String> = stale.map(|(_, _, key)| key.clone()).collect();
        self.move_all(stale, now);
        let over = self.backoff.iter().take_while(|(end, ..)| *end <= now);
        let over: Vec<String> = over.map(|(_, _, key)| key.clone()).collect();
        for key in over {
            if let Some(pod) = self.take(&key) {
                self.put(pod, Place::Active);
            }
        }
    }

    /// When [`Queue::flush`] has something to do.
    pub fn wake(&self) -> Option<Time> {
        let stale = self.unschedulable.first().map(|(since, ..)| *since + MAX_UNSCHEDULABLE);
        let over = self.backoff.first().map(|(end, ..)| *end);
        stale.into_iter().chain(over).min()
    }

    fn move_all(&mut self, keys: Vec<String>, now: Time) {
        for key in keys {
            if let Some(pod) = self.take(&key) {
                self.put_back(pod, now);
            }
        }
    }

    fn put_back(&mut self, pod: QueuedPod, now: Time) {
        let place = if pod.backoff_end().0 > now { Place::Backoff } else { Place::Active };
        self.put(pod, place);
    }

    fn put(&mut self, mut pod: QueuedPod, place: Place) {
        pod.place = place;
        match place {
            Place::Active => drop(self.active.insert(pod.rank())),
            Place::Backoff => drop(self.backoff.insert(pod.backoff_end())),
            Place::Unschedulable => drop(self.unschedulable.insert(pod.waiting_since())),
            Place::Gated => {}
        }
        self.pods.insert(pod.pod.key.clone(), pod);
    }

    fn take(&mut self, key: &str) -> Option<QueuedPod> {
        let pod = self.pods.remove(key)?;
        match pod.place {
            Place::Active => drop(self.active.remove(&pod.rank())),
            Place::Backoff => drop(self.backoff.remove(&pod.backoff_end())),
            Place::Unschedulable => drop(self.unschedulable.remove(&pod.waiting_since())),
            Place::Gated => {}
        }
        Some(pod)
    }

    /// Room is being made for a pod on a node; an empty name ends that.
    pub fn nominate(&mut self, pod: &Arc<PodInfo>, node: &str) {
        self.denominate(&pod.key);
        if !node.is_empty() {
            self.nominated.entry(node.into()).or_default().insert(pod.key.clone(), pod.clone());
        }
    }

    fn denominate(&mut self, key: &str) {
        self.nominated.retain(|_, pods| {
            pods.remove(key);
            !pods.is_empty()
        });
    }
}
