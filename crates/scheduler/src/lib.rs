//! kube-scheduler: finds a node for each pod that has none, and says why where there is none.
//!
//! Top-down: [`Scheduler`] watches pods and nodes and takes pods from its queue one by one (`scheduler`); one pod's way
//! from the queue to a node stands in `schedule_one`; the rules are in `plugins`, one file each, all of them in the list
//! `plugins::PLUGINS`. What the rules look at is the `cache`, kept up to date from watch deltas.

mod cache;
mod event_handlers;
mod events;
mod framework;
mod node_selector;
mod plugins;
mod pod;
mod queue;
mod schedule_one;
mod scheduler;

#[cfg(test)]
mod tests;

pub use scheduler::Scheduler;
