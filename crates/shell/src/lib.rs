//! The learner's laptop: one machine with a home, terminal sessions on it, and `kubectl` and `minikube` as programs.
//!
//! It knows the cluster only through [`World`]. Nothing here runs by itself: whoever owns a [`Laptop`] calls
//! [`Laptop::poll`] after each step of virtual time and after each input.

mod completion;
mod editor;
mod home;
mod kubectl_env;
mod laptop;
mod lesson;
mod minikube;
mod page;
mod task;

pub use laptop::{Finished, Laptop, SessionId};
pub use page::PageRequest;
pub use task::Spawn;

use client::{Clock, Driver, Network, Transport};
use sim::Duration;
use std::rc::Rc;

/// Everything that the laptop can reach.
#[derive(Clone)]
pub struct World {
    /// The API server.
    pub transport: Rc<dyn Transport>,
    /// Virtual time.
    pub clock: Rc<dyn Clock>,
    /// Packets, and the laptop's loopback.
    pub network: Rc<dyn Network>,
    /// The machine that carries the nodes.
    pub driver: Rc<dyn Driver>,
    /// How long kubectl takes to start: most of the time of a real call. Zero in the page, where nobody likes to wait.
    pub start_delay: Duration,
}
