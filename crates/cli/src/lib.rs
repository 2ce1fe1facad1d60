//! Scenarios played in a simulated shell and cluster: what `kubarium run` does, for other programs too; and lessons,
//! read and played.

#![deny(clippy::print_stdout)] // `say!` outlives its reader

pub mod check;
pub mod lesson;
pub mod run;
#[doc(hidden)]
pub mod say;
mod scenario;
mod transcript;
