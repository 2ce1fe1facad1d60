//! A page with five elements: one download of the program, and little more memory than with one.

use crate::run::Outcome;

/// Five may need this much more than one, in MB of 10^6 bytes.
const LIMIT: &str = "30";

/// Prints the memory of both pages and what they fetch.
pub fn measure() -> Outcome {
    super::in_browser_alone("embed-five.mjs", &[LIMIT])
}
