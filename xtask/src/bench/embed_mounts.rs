//! Elements that come and go leave nothing behind.

use crate::run::Outcome;

/// How many come and go.
const MOUNTS: &str = "1000";
/// Memory may grow by this much from the first tenth to the end, in percent.
const LIMIT: &str = "10";

/// Prints the memory after each tenth.
pub fn measure() -> Outcome {
    super::in_browser_alone("embed-mounts.mjs", &[MOUNTS, LIMIT])
}
