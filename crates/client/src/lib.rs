//! How everything outside the API server reaches it, and how everything outside the cluster reaches the cluster.
//!
//! - Components of the control plane and of nodes run inside virtual time and talk to the API server directly:
//!   [`Context`] with [`Informer`], [`WorkQueue`], [`EventRecorder`] (client-go's names). They are [`Component`]s.
//! - kubectl, minikube and the shell stand outside: they wait. They see [`Transport`] (the API), [`Clock`],
//!   [`Network`] (packets from a place) and [`Driver`] (the machine that carries the nodes), all of them asynchronous
//!   by polling: whoever owns the cluster polls again after each step of virtual time, wakers are not needed.
//! - [`Signal`] is what any of them says to whoever looks on.

mod component;
mod events;
mod informer;
pub mod jsonpath;
mod outside;
mod request_log;
mod signal;
mod workqueue;

pub use component::{Component, Context, Server};
pub use events::{EventRecorder, EventType};
pub use informer::{Delta, Informer};
pub use outside::{
    Clock, Connection, Driver, DriverError, Frame, Input, Listener, LocalFuture, Network, NodeState, Place,
    Stream, Transport,
};
pub use request_log::{MAX_ANSWER, RequestLog, RequestRecord};
pub use signal::{Hop, ObjectRef, Outcome, Signal, SignalKind};
pub use workqueue::WorkQueue;
