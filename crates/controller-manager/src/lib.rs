//! The controllers, one folder each, named as in Kubernetes' `pkg/controller`.
//!
//! [`ControllerManager`] owns one informer for each resource ([`Cache`]), hands what changed to every [`Controller`],
//! and lets each of them sync the keys that are due. A controller reads the cache, writes through the API, and keeps
//! nothing that it could not recompute from there, apart from queues, expectations and timers.
//!
//! To add one: a folder with its type, and a line in [`controllers`].

mod cache;
mod conditions;
mod expectations;
mod manager;
mod podutil;
mod ratelimit;
mod refmanager;

mod deployment;
mod endpoints;
mod endpointslice;
mod replicaset;

pub use cache::Cache;
pub use manager::{Controller, ControllerManager};

/// Every controller, in the order in which they run at the same moment.
fn controllers() -> Vec<Box<dyn Controller>> {
    vec![
        Box::new(deployment::DeploymentController::default()),
        Box::new(replicaset::ReplicaSetController::default()),
        Box::new(endpointslice::EndpointSliceController::default()),
        Box::new(endpoints::EndpointsController::default()),
    ]
}

/// Tells whoever looks on what was decided about an object, and why, in one sentence.
pub(crate) fn decide(ctx: &mut client::Context<'_>, about: &apimachinery::Object, text: String) {
    let object = client::ObjectRef::of(about);
    ctx.signal(client::SignalKind::Decision { object, text, details: Vec::new() });
}
