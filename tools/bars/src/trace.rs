//! The same seed and the same inputs make the same trace, wherever they run.

use crate::host::say;
use cli::run::Session;
use cluster::Config;

/// What is played, by name and text.
const SCENARIOS: [(&str, &str); 3] = [
    ("12-rollouts", include_str!("../../../tests/transcripts/12-rollouts.txt")),
    ("15-labels-annotations", include_str!("../../../tests/transcripts/15-labels-annotations.txt")),
    ("18-failures-crash", include_str!("../../../tests/transcripts/18-failures-crash.txt")),
];

/// Plays scenarios in turn, each in a session of its own, and prints each scenario and its hash, a line a run.
pub fn measure(runs: usize) {
    for (name, text) in SCENARIOS.iter().cycle().take(runs) {
        let mut session = Session::new(&Config::default());
        match session.play(name, text, false) {
            Ok(_) => say(&format!("{name} {:016x}", session.trace())),
            Err(why) => say(&format!("{name} {why}")),
        }
    }
}
