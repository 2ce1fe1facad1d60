//! Page load to usable prompt in headless Chromium, against the smallest Yew page built and loaded in the same run.

use crate::build::{page_command, page_tool};
use crate::run::{Background, Outcome, command, run, target};
use crate::setup;

/// The page may take this many times as long as the hello page.
const LIMIT: &str = "3";

/// Builds both pages, loads them in turn, prints medians and ratio.
pub fn measure() -> Outcome {
    let hello = target()?.join("hello-page").to_string_lossy().into_owned();
    run(page_command("build", "index.html", "dist")?)?;
    run(page_command("build", "tools/hello/index.html", &hello)?)?;
    let (_ours, page) = Background::start(page_tool(&["host", "dist", "--port", "0"])?)?;
    let (_theirs, yardstick) = Background::start(page_tool(&["host", &hello, "--port", "0"])?)?;
    let mut node = command("node", &["tests/browser/bench/page-load.mjs", &page, &yardstick, LIMIT]);
    node.env("CHROMIUM", setup::browser()?.chromium);
    run(node)
}
