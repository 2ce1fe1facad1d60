//! A range of pod addresses for every node. Mirrors pkg/controller/nodeipam (RangeAllocator).

use crate::{Cache, Controller};
use apimachinery::{Object, Resource, Status, json};
use client::{Context, Delta, EventRecorder, EventType, WorkQueue};
use sim::collections::BTreeSet;
use sim::{Duration, Time};

/// From a change to the sync that it causes.
const REACTION: Duration = Duration::from_millis(5);
/// How many ranges of 256 addresses the cluster's range 10.244.0.0/16 has.
const RANGES: usize = 256;
const NODES: Resource = api::node::RESOURCE;

/// The node IPAM controller.
#[derive(Clone)]
pub struct NodeIpamController {
    queue: WorkQueue,
    recorder: EventRecorder,
}

impl Default for NodeIpamController {
    fn default() -> Self {
        NodeIpamController { queue: WorkQueue::default(), recorder: EventRecorder::new("cidrAllocator", "") }
    }
}

impl Controller for NodeIpamController {
    fn name(&self) -> &'static str {
        "node-ipam-controller"
    }

    fn changed(&mut self, now: Time, resource: &Resource, delta: &Delta, _: &Cache) {
        if *resource == NODES && delta.new.as_ref().is_some_and(|node| node.at("spec.podCIDR").is_empty()) {
            self.queue.add_at(now + REACTION, delta.object().key());
        }
    }

    fn wake(&self) -> Option<Time> {
        self.queue.wake()
    }

    fn sync(&mut self, ctx: &mut Context<'_>, cache: &Cache) {
        let mut used: BTreeSet<String> =
            cache.nodes().list().map(|node| node.at("spec.podCIDR").str().to_string()).collect();
        if let Some(key) = self.queue.take(ctx.now) {
            let node = cache.nodes().get(&key).filter(|node| node.at("spec.podCIDR").is_empty());
            match node.map(|node| self.assign(ctx, node, &mut used)) {
                Some(Err(_)) => self.queue.add_rate_limited(ctx.now, key),
                _ => self.queue.forget(&key),
            }
        }
    }

    fn boxed(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

impl NodeIpamController {
    /// Gives a node the first range that no other has.
    fn assign(
        &mut self,
        ctx: &mut Context<'_>,
        node: &Object,
        used: &mut BTreeSet<String>,
    ) -> Result<(), Status> {
        // What the cache does not show yet, the node itself does.
        let fresh = match ctx.get(&NODES, "", node.name()) {
            Err(error) if error.is_not_found() => return Ok(()),
            other => other?,
        };
        if !fresh.at("spec.podCIDR").is_empty() {
            return Ok(());
        }
        let range = (0..RANGES).map(|n| format!("10.244.{n}.0/24")).find(|range| !used.contains(range));
        let Some(range) = range else {
            let message = format!("Node {} status is now: CIDRNotAvailable", node.name());
            self.recorder.event(ctx, node, EventType::Normal, "CIDRNotAvailable", &message);
            return Err(Status::internal_error("no range of pod addresses is left"));
        };
        let patch = json!({"spec": {"podCIDR": range.as_str(), "podCIDRs": [range.as_str()]}});
        ctx.patch(&NODES, "", node.name(), "", patch)?;
        used.insert(range);
        Ok(())
    }
}
