//! The same seed and the same inputs make the same trace: 100 runs natively and 100 in Chromium, one hash a scenario.

use super::bars;
use crate::run::{Outcome, output};
use std::collections::BTreeSet;

/// Runs on each side, the scenarios in turn.
const RUNS: u32 = 100;

/// Three scenarios are played; more hashes are a trace that depends on where or when it runs.
const SCENARIOS: usize = 3;

/// Fails where a scenario has more than one hash.
pub fn measure() -> Outcome {
    let bar = format!("trace={RUNS}");
    let mut hashes = BTreeSet::new();
    for text in [output(bars::natively(&bar)?)?, bars::in_chromium(&bar)?] {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| line.contains(' ')).collect();
        if lines.len() != RUNS as usize {
            return Err(format!("{} of {RUNS} runs came to an end", lines.len()));
        }
        hashes.extend(lines.into_iter().map(String::from));
    }
    match hashes.len() {
        SCENARIOS => Ok(()),
        n => Err(format!("{n} hashes for {SCENARIOS} scenarios")),
    }
}
