//! Scenarios played in a simulated shell and cluster: what `kubarium run` does, for other programs too.

pub mod check;
pub mod run;
mod scenario;
mod transcript;
