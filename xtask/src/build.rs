//! `cargo xtask build`: the release page in `dist/`, and what it weighs.

use crate::run::{Outcome, cargo, command, run, say, target};
use crate::setup;
use std::path::PathBuf;
use std::process::Command;

/// What is fetched before the prompt, with any English lesson, may weigh this much after brotli -11, in kB of 1000 bytes.
const LIMIT_KB: u32 = 700;

/// The project's own page, which has lessons; others are measured beside it.
const PAGE: &str = "index.html";

/// Builds; an error where the page is above its limit.
pub fn build(arguments: &[String]) -> Outcome {
    if let Some(word) = arguments.first() {
        return Err(format!("build: unknown argument: {word}"));
    }
    let mut page = page_command("build", PAGE, "dist")?;
    page.args(["--limit-kb", &LIMIT_KB.to_string()]);
    run(page)
}

/// The page builder for one page, with everything brought that it needs.
pub fn page_command(verb: &str, html: &str, out: &str) -> Outcome<Command> {
    setup::wasm_target()?;
    let node = setup::npm()?;
    let mut page = page_tool(&[verb, html, "--out", out])?;
    if html == PAGE {
        page.arg("--lessons").arg(lessons()?);
    }
    if node {
        page.arg("--wasm-opt").arg(setup::wasm_opt());
    }
    Ok(page)
}

/// Makes of each lesson what a page fetches, and gives the folder.
fn lessons() -> Outcome<PathBuf> {
    say("bundling the lessons");
    let folder = target()?.join("lessons");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let out = folder.to_string_lossy().into_owned();
    run(cargo(&["run", "--quiet", "--package", "cli", "--", "lesson", "bundle", "all", &out]))?;
    Ok(folder)
}

/// The page builder as it is. Paths are relative to the project's folder, where it is started.
pub fn page_tool(arguments: &[&str]) -> Outcome<Command> {
    run(cargo(&["build", "--package", "page"]))?;
    let program = target()?.join("debug").join(format!("page{}", std::env::consts::EXE_SUFFIX));
    Ok(command(program, arguments))
}

/// What Trunk calls when it has built the page (Trunk.toml): the same cut and the same optimiser as in [`build`].
pub fn finish(arguments: &[String]) -> Outcome {
    let folder = match arguments {
        [] => std::env::var("TRUNK_STAGING_DIR").map_err(|_| "finish: Trunk names no TRUNK_STAGING_DIR")?,
        [folder] => folder.clone(),
        [_, word, ..] => return Err(format!("finish: unknown argument: {word}")),
    };
    let node = setup::npm()?;
    let mut page = page_tool(&["finish", &folder, "--later", "web/later.txt"])?;
    page.arg("--lessons").arg(lessons()?);
    if node {
        page.arg("--wasm-opt").arg(setup::wasm_opt());
    }
    run(page)
}
