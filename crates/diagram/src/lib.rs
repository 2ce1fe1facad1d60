//! Turns a cluster's objects and signals into a scene: what is drawn, where, in which state, and what it says.
//!
//! Plain data, no DOM, no language but English nouns of Kubernetes. [`Scene`] remembers places, so that nothing jumps:
//! a node keeps its column, a Service its bar, a pod its slot for life. [`Picture`] is one look at it; whoever draws
//! compares it with the last one. Requests are [`Dot`]s and, where there are many,
//! [`Stream`]s, computed for a moment of time.

mod layout;
mod lines;
mod packets;
mod pod_state;
mod scene;
mod slots;
mod words;

pub use layout::{Area, Link, NodeBox, Outside, Picture, PodMark, ServiceBar, Spot, Workload};
pub use packets::{Dot, Moment, Stream, Traffic};
pub use pod_state::PodState;
pub use scene::{News, Scene};
