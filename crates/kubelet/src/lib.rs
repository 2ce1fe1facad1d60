//! The node agent and everything below it: pods and their containers, images, probes, logs, exec, the Node object.
//!
//! - [`Kubelet`] is one node: a [`client::Component`] that watches the pods that are bound to it and makes them run.
//! - A container is a [`userland::Machine`]; [`images`] says what is in it. Its packets leave by
//!   [`Kubelet::take_outgoing`] and arrive by [`Kubelet::deliver`]: the network is somebody else's.
//! - Names and structure follow `pkg/kubelet`: each pod has a worker ([`worker`]) that goes from syncing over
//!   terminating to terminated ([`sync`], [`stopping`]); the runtime is asked once a second what changed.

mod backoff;
mod config;
mod env;
mod eviction;
mod exec;
mod faults;
mod furnish;
mod hooks;
mod host;
pub mod images;
mod ipam;
mod kubelet;
mod local_storage;
mod logs;
mod machine_id;
mod manager;
mod net;
mod node;
mod prober;
mod pull;
mod qos;
mod runtime;
mod status;
mod stopping;
mod sync;
mod sysctl;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod traffic;
mod volumes;
mod worker;

pub use config::{KUBELET_VERSION, MAX_PODS, NodeConfig, RUNTIME_VERSION};
pub use exec::SessionId;
pub use images::Images;
pub use kubelet::Kubelet;
pub use logs::{LogLine, LogOptions};
pub use net::Outgoing;
pub use traffic::{NodeUsage, PodUsage};
