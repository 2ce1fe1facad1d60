//! `cargo xtask bench`: the project's bars, each a measurement with a limit.

mod bars;
mod cluster;
mod door;
mod embed_five;
mod embed_load;
mod embed_mounts;
mod first_load;
mod frames;
mod freeze;
mod page_load;
mod prompt_latency;
mod trace;
mod transcripts;

use crate::build::{page_command, page_tool};
use crate::run::{Background, Outcome, command, run, say};
use crate::setup;

/// A bar: its name, what it measures, and how. An `Err` says that the bar does not hold.
type Bar = (&'static str, &'static str, fn() -> Outcome);

/// Every bar. One line and one file each.
const BARS: [Bar; 12] = [
    ("cluster", "CPU of a rollout of 300 replicas, and of an idle minute", cluster::measure),
    ("door", "kubectl commands that work through kubarium serve", door::measure),
    ("embed-five", "memory and downloads of a page with five elements, against one", embed_five::measure),
    ("embed-load", "time to the prompt of a page with one element, against the page", embed_load::measure),
    ("embed-mounts", "memory after 1000 elements came and went", embed_mounts::measure),
    (
        "first-load",
        "what is fetched before the prompt, with a lesson; each further lesson and language; brotli",
        first_load::measure,
    ),
    ("page-load", "page load to usable prompt, against a Yew hello-world", page_load::measure),
    (
        "prompt-latency",
        "Enter to the output of kubectl get pods in the document, headless Chromium",
        prompt_latency::measure,
    ),
    (
        "frames",
        "main-thread work per frame, rollout of 40 pods on 10 nodes with 50 requests a second",
        frames::measure,
    ),
    ("freeze", "the longest that the page stands still, whatever is typed or pasted", freeze::measure),
    ("trace", "one hash natively and in Chromium, 100 runs each", trace::measure),
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

/// Builds the page, serves it, and runs a script of tests/browser/bench with its address and the limits as arguments.
fn in_browser(script: &str, limits: &[&str]) -> Outcome {
    run(page_command("build", "index.html", "dist")?)?;
    let (_server, address) = Background::start(page_tool(&["host", "dist", "--port", "0"])?)?;
    let script = format!("tests/browser/bench/{script}");
    let mut node = command("node", &[&script, &address]);
    node.args(limits).env("CHROMIUM", setup::browser()?.chromium);
    run(node)
}

/// The same for a script that has a server of its own, for pages of others around the built folder.
fn in_browser_alone(script: &str, limits: &[&str]) -> Outcome {
    run(page_command("build", "index.html", "dist")?)?;
    let mut node = command("node", &[&format!("tests/browser/bench/{script}")]);
    node.args(limits).env("CHROMIUM", setup::browser()?.chromium);
    run(node)
}
