//! Where a packet goes and how long that takes.
//!
//! [`Network`] takes a request from a place, walks it over the hops that a real packet would take, and hands it out as a
//! [`Delivery`] to whoever lives where it arrives; the answer walks back. It opens no containers itself.
//!
//! Top-down: `network` is the component and its interface; `dns` turns a name into an address as the sender's resolver
//! would, with `coredns` answering for the cluster; `cni` knows addresses and the ways between them; `kube_proxy` sends
//! what is addressed to a Service to one of its endpoints; `outside` is the rest of the world.

mod cni;
mod coredns;
mod dns;
mod kube_proxy;
mod network;
mod outside;
mod policy;
mod record;
mod view;
mod walk;

#[cfg(test)]
mod tests;

pub use network::{Delivery, Network, Target};
