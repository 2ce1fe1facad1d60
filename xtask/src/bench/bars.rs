//! The program `bars`, natively and as a page in headless Chromium.

use crate::build::{page_command, page_tool};
use crate::run::{Background, Outcome, cargo, command, output, run, target};
use crate::setup;
use std::process::Command;

/// The program for a bar.
pub fn natively(bar: &str) -> Outcome<Command> {
    run(cargo(&["build", "--release", "--package", "bars"]))?;
    let program = target()?.join("release").join(format!("bars{}", std::env::consts::EXE_SUFFIX));
    Ok(command(program, &[bar]))
}

/// What the program prints in Chromium.
pub fn in_chromium(bar: &str) -> Outcome<String> {
    let folder = target()?.join("bars-page").to_string_lossy().into_owned();
    run(page_command("build", "tools/bars/index.html", &folder)?)?;
    let (_server, address) = Background::start(page_tool(&["host", &folder, "--port", "0"])?)?;
    let mut node = command("node", &["tests/browser/bench/bars.mjs", &format!("{address}#{bar}")]);
    node.env("CHROMIUM", setup::browser()?.chromium);
    output(node)
}
