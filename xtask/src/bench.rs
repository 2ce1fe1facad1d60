//! `cargo xtask bench`: the project's bars, each a measurement with a limit.

mod door;
mod first_load;
mod page_load;
mod transcripts;

use crate::run::{Outcome, say};

/// A bar: its name, what it measures, and how. An `Err` says that the bar does not hold.
type Bar = (&'static str, &'static str, fn() -> Outcome);

/// Every bar. One line and one file each.
const BARS: [Bar; 4] = [
    ("door", "kubectl commands that work through kubarium serve", door::measure),
    ("first-load", "what is fetched before the prompt, brotli", first_load::measure),
    ("page-load", "page load to usable prompt, against a Yew hello-world", page_load::measure),
    ("transcripts", "commands that print what the real kubectl printed", transcripts::measure),
];

/// Measures the named bars, or all; one that does not hold does not stop the others.
pub fn bench(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.iter().find(|word| !BARS.iter().any(|(name, ..)| name == word)) {
        let names: Vec<&str> = BARS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("bench: no bar {word}; there are {}", names.join(", ")));
    }
    let mut broken = Vec::new();
    for (name, about, measure) in
        BARS.iter().filter(|(name, ..)| arguments.is_empty() || arguments.iter().any(|a| a == name))
    {
        say(&format!("\n== {name}: {about}"));
        if let Err(error) = measure() {
            println!("{name}: {error}");
            broken.push(*name);
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("bars that do not hold: {}", broken.join(", "))) }
}
