//! One clonable world: API server, controllers, scheduler, kubelets and network, moved on by virtual time.
//!
//! [`Cluster`] is the only thing that sees both sides of the API. It runs whichever component is due next, in a fixed
//! order; delivers changes to those who watch; carries packets between containers and the network; and writes down what
//! happened as signals and as a hash ([`Cluster::trace`]). [`Handle`] is how the outside (kubectl, minikube, the page)
//! holds it.

mod addons;
mod bootstrap;
mod cluster;
mod config;
mod connect;
mod faults;
mod handle;
mod listeners;
mod log;
mod packets;
mod schedule;
mod streams;

pub use bootstrap::{Boot, SETTLED};
pub use cluster::{Cluster, LimitReached};
pub use config::Config;
pub use faults::Fault;
pub use handle::Handle;
pub use kubelet::Images;
pub use kubelet::images::Image;
pub use log::SignalLog;
