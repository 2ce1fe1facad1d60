//! When a node was last heard of. Mirrors tryUpdateNodeHealth.

use crate::conditions;
use apimachinery::{Object, json, time};
use sim::{Duration, Time};

/// How long a node may be silent. Mirrors `--node-monitor-grace-period`.
const GRACE: Duration = Duration::from_secs(50);
/// How long a node that never said anything may be silent. Mirrors `--node-startup-grace-period`.
const STARTUP_GRACE: Duration = Duration::from_secs(60);
/// The conditions that nothing is known of any more.
const CONDITIONS: [&str; 4] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/// What was last heard of a node.
#[derive(Clone, Debug)]
pub struct Health {
    /// `metadata.uid`.
    pub uid: String,
    heartbeat: String,
    renewed: String,
    probed: Time,
}

impl Health {
    /// A node that is seen for the first time.
    pub fn new(now: Time, node: &Object) -> Health {
        let never = conditions::get(&node["status"], "Ready").is_null();
        let probed = if never { node.created().unwrap_or(now) } else { now };
        Health { uid: node.uid().into(), heartbeat: heartbeat(node), renewed: String::new(), probed }
    }

    /// It is as if it had just been heard of.
    pub fn heard(&mut self, now: Time) {
        self.probed = now;
    }

    /// Whether its status or its lease is newer than at the last look.
    pub fn observe(&mut self, now: Time, node: &Object, lease: Option<&Object>) {
        let heartbeat = heartbeat(node);
        if heartbeat != self.heartbeat {
            self.heartbeat = heartbeat;
            self.heard(now);
        }
        // Timestamps of one form compare as texts.
        if let Some(renewed) = lease.map(|lease| lease.at("spec.renewTime").str())
            && *renewed > *self.renewed
        {
            self.renewed = renewed.into();
            self.heard(now);
        }
    }

    /// Whether it has been silent for too long.
    pub fn is_over_due(&self, now: Time, node: &Object) -> bool {
        let never = conditions::get(&node["status"], "Ready").is_null();
        now > self.probed + if never { STARTUP_GRACE } else { GRACE }
    }
}

fn heartbeat(node: &Object) -> String {
    conditions::get(&node["status"], "Ready")["lastHeartbeatTime"].str().into()
}

/// The node with conditions of which nothing is known; `None` when it says so already.
pub fn unknown(node: &Object, now: Time) -> Option<Object> {
    let mut changed = node.clone();
    let status = changed.field_mut("status");
    for kind in CONDITIONS {
        let at = status["conditions"].items().iter().position(|c| c["type"] == kind);
        let list = status.field_mut("conditions").array_mut();
        match at.map(|at| &mut list[at]) {
            Some(condition) if condition["status"] == "Unknown" => {}
            Some(condition) => {
                condition.set("status", "Unknown");
                condition.set("reason", "NodeStatusUnknown");
                condition.set("message", "Kubelet stopped posting node status.");
                condition.set("lastTransitionTime", time::format(now));
            }
            None => list.push(json!({
                "type": kind, "status": "Unknown", "reason": "NodeStatusNeverUpdated",
                "message": "Kubelet never posted node status.",
                "lastHeartbeatTime": node.meta("creationTimestamp"), "lastTransitionTime": time::format(now),
            })),
        }
    }
    (changed["status"] != node["status"]).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(heartbeat: u64) -> Object {
        let at = time::format(Time::from_secs(heartbeat));
        Object(json!({
            "metadata": {"name": "n", "uid": "u", "creationTimestamp": "1970-01-01T00:00:00Z"},
            "status": {"conditions": [
                {"type": "DiskPressure", "status": "False", "lastHeartbeatTime": at.as_str()},
                {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": at.as_str()},
            ]},
        }))
    }

    #[test]
    fn a_lease_or_a_heartbeat_is_a_sign_of_life() {
        let at = Time::from_secs;
        let lease = |s: u64| Object(json!({"spec": {"renewTime": time::format_micro(at(s))}}));
        let mut health = Health::new(at(100), &node(100));
        assert!(!health.is_over_due(at(150), &node(100)));
        assert!(health.is_over_due(at(151), &node(100)));
        health.observe(at(140), &node(100), Some(&lease(139)));
        assert!(!health.is_over_due(at(190), &node(100)));
        health.observe(at(190), &node(100), Some(&lease(139)));
        assert!(health.is_over_due(at(191), &node(100)));
        health.observe(at(200), &node(199), Some(&lease(139)));
        assert!(!health.is_over_due(at(250), &node(199)));
    }

    #[test]
    fn nothing_is_known_of_a_silent_node() {
        let silent = unknown(&node(100), Time::from_secs(151)).unwrap();
        let list = silent.at("status.conditions").items();
        let all: Vec<_> =
            list.iter().map(|c| (c["type"].str(), c["status"].str(), c["reason"].str())).collect();
        assert_eq!(
            all,
            [
                ("DiskPressure", "Unknown", "NodeStatusUnknown"),
                ("Ready", "Unknown", "NodeStatusUnknown"),
                ("MemoryPressure", "Unknown", "NodeStatusNeverUpdated"),
                ("PIDPressure", "Unknown", "NodeStatusNeverUpdated"),
            ]
        );
        assert_eq!(list[1]["lastHeartbeatTime"], "1970-01-01T00:01:40Z");
        assert!(unknown(&silent, Time::from_secs(160)).is_none());
    }
}
