//! The substrate of the simulation: virtual [`Time`], a queue of [`Timers`], seeded random numbers ([`Rng`]) and
//! the messages that travel on a network ([`net`]).
//!
//! Nothing here knows Kubernetes, and nothing reads the host's clock or its randomness: time and seed are inputs.

pub mod collections;
pub mod net;
mod order;
mod rng;
mod time;
mod timers;

pub use order::Order;
pub use rng::Rng;
pub use time::Time;
pub use timers::Timers;

/// A span of virtual time.
pub use std::time::Duration;
