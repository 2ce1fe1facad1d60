//! Scenarios played in a simulated shell and cluster: what `kubarium run` does, for other programs too; and lessons,
//! read and played.

pub mod check;
pub mod lesson;
pub mod run;
mod scenario;
mod transcript;
