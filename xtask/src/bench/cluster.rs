//! What a cluster costs: 300 replicas until all are Running, and a minute in which nothing happens; natively and in Chromium.

use super::bars;
use crate::run::{Outcome, output};

/// Milliseconds of CPU that each figure may take natively, in a release build.
const LIMITS: [(&str, f64); 2] = [("rollout-300-ms", 200.0), ("idle-60-ms", 20.0)];

/// Prints both figures, natively and in Chromium; the native ones have limits.
pub fn measure() -> Outcome {
    let native = output(bars::natively("cluster")?)?;
    println!("that was native; in Chromium:");
    bars::in_chromium("cluster")?;
    for (name, limit) in LIMITS {
        let line = native.lines().find_map(|line| line.strip_prefix(name));
        let figure: f64 = line
            .and_then(|figure| figure.trim().parse().ok())
            .ok_or_else(|| format!("{name} was not measured"))?;
        if figure > limit {
            return Err(format!("{name} is {figure}, at most {limit}"));
        }
    }
    Ok(())
}
