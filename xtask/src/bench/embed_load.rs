//! A page with one element against the stand-alone page: time to the prompt.

use crate::run::Outcome;

/// The element may take this many times as long.
const LIMIT: &str = "1.1";

/// Loads both in turn and prints medians and ratio.
pub fn measure() -> Outcome {
    super::in_browser_alone("embed-load.mjs", &[LIMIT])
}
