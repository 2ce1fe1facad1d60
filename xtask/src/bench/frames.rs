//! Whether the picture moves smoothly: main-thread work per frame while much happens.

use crate::run::Outcome;

/// At the 95th percentile, in milliseconds: below one frame.
const P95: &str = "16";
/// At most, in milliseconds.
const MOST: &str = "50";

/// Rolls out 40 pods on 10 nodes under 50 requests a second and prints median, p95 and the longest.
pub fn measure() -> Outcome {
    super::in_browser("frames.mjs", &[P95, MOST])
}
