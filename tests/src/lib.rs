//! What crosses crates and needs more than a file of tests.

pub mod compare;
pub mod desk;
pub mod tidy;
