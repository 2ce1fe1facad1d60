//! How long the page stands still while it is given what nobody should give it: tests/browser/input.test.mjs with a limit.

use crate::build::{page_command, page_tool};
use crate::run::{Background, Outcome, command, run};
use crate::setup;

/// In milliseconds of the page's main thread, for a single task.
const LIMIT: &str = "100";

/// Prints the longest task of each input; fails where one is over the limit.
pub fn measure() -> Outcome {
    run(page_command("build", "index.html", "dist")?)?;
    let (_server, address) = Background::start(page_tool(&["host", "dist", "--port", "0"])?)?;
    let mut node = command("node", &["--test", "--test-reporter=spec", "tests/browser/input.test.mjs"]);
    node.env("KUBARIUM_URL", address)
        .env("KUBARIUM_FREEZE", LIMIT)
        .env("CHROMIUM", setup::browser()?.chromium);
    run(node)
}
