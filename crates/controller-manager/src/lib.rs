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

mod cronjob;
mod daemon;
mod deployment;
mod disruption;
mod endpoints;
mod endpointslice;
mod garbagecollector;
mod job;
mod namespace;
mod nodeipam;
mod nodelifecycle;
mod persistentvolume;
mod podautoscaler;
mod podgc;
mod pvcprotection;
mod pvprotection;
mod replicaset;
mod resourcequota;
mod rootca;
mod serviceaccount;
mod statefulset;
mod tainteviction;
mod ttl;
mod ttlafterfinished;

pub use cache::Cache;
pub use manager::{Controller, ControllerManager};

/// Every controller, in the order in which they run at the same moment.
fn controllers() -> Vec<Box<dyn Controller>> {
    vec![
        Box::new(daemon::DaemonSetsController::default()),
        Box::new(deployment::DeploymentController::default()),
        Box::new(replicaset::ReplicaSetController::of_replica_sets()),
        Box::new(replicaset::ReplicaSetController::of_replication_controllers()),
        Box::new(endpointslice::EndpointSliceController::default()),
        Box::new(endpoints::EndpointsController::default()),
        Box::new(garbagecollector::GarbageCollector::default()),
        Box::new(namespace::NamespaceController::default()),
        Box::new(serviceaccount::ServiceAccountController::default()),
        Box::new(rootca::RootCaPublisher::default()),
        Box::new(nodeipam::NodeIpamController::default()),
        Box::new(nodelifecycle::NodeLifecycleController::default()),
        Box::new(tainteviction::TaintEvictionController::default()),
        Box::new(podgc::PodGcController::default()),
        Box::new(ttl::TtlController::default()),
        Box::new(podautoscaler::HorizontalController::default()),
        Box::new(job::JobController::default()),
        Box::new(cronjob::CronJobController::default()),
        Box::new(disruption::DisruptionController::default()),
        Box::new(statefulset::StatefulSetController::default()),
        Box::new(persistentvolume::PersistentVolumeController::default()),
        Box::new(pvcprotection::PvcProtectionController::default()),
        Box::new(pvprotection::PvProtectionController::default()),
        Box::new(resourcequota::ResourceQuotaController::default()),
        Box::new(ttlafterfinished::TtlAfterFinishedController::default()),
    ]
}

/// Tells whoever looks on what was decided about an object, and why, in one sentence.
pub(crate) fn decide(ctx: &mut client::Context<'_>, about: &apimachinery::Object, text: String) {
    let object = client::ObjectRef::of(about);
    ctx.signal(client::SignalKind::Decision { object, text, details: Vec::new() });
}

/// The result of a creation; in a namespace that goes away nothing can be created, and nothing need be.
pub(crate) fn unless_terminating(
    written: Result<apimachinery::Object, apimachinery::Status>,
) -> Result<(), apimachinery::Status> {
    match written {
        Err(error) if !error.is_already_exists() && !is_namespace_terminating(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Whether something could not be created because its namespace goes away. Mirrors HasStatusCause.
pub(crate) fn is_namespace_terminating(error: &apimachinery::Status) -> bool {
    error.0.at("details.causes").items().iter().any(|c| c["reason"] == "NamespaceTerminating")
}
