//! How long a learner waits for an answer: from Enter to the output of `kubectl get pods` in the document.

use crate::run::Outcome;

/// At the 99th percentile, in milliseconds: one frame.
const LIMIT: &str = "16";

/// Types the command some hundred times and prints median and p99.
pub fn measure() -> Outcome {
    super::in_browser("prompt-latency.mjs", &[LIMIT])
}
