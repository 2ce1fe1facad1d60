//! `cargo xtask recipes`: the sites below `recipes/`, each built by its own generator and opened in a browser.

use crate::build::page_command;
use crate::run::{Outcome, command, run, target};
use crate::setup;

/// Builds the page, then the named recipes, or all. Generators come from their registries.
pub fn recipes(arguments: &[String]) -> Outcome {
    run(page_command("build", "index.html", "dist")?)?;
    let mut node = command("node", &["recipes/run.mjs"]);
    node.arg(target()?.join("recipes")).args(arguments).env("CHROMIUM", setup::browser()?.chromium);
    run(node)
}
