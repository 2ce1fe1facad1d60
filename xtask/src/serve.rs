//! `cargo xtask serve`: the release page on loopback, built first where something changed.

use crate::build::page_command;
use crate::run::{Outcome, become_program, say};

/// Builds what is out of date, serves, prints the address. Ends with Ctrl-C.
pub fn serve(arguments: &[String]) -> Outcome {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--open" => {}
            "--port" if words.next().is_some_and(|port| port.parse::<u16>().is_ok()) => {}
            "--port" => return Err("serve: --port needs a number from 0 to 65535".into()),
            _ => return Err(format!("serve: unknown argument: {word}")),
        }
    }
    say("building the page (the first time takes some minutes, later only what changed)");
    let mut page = page_command("serve", "index.html", "dist")?;
    page.args(arguments);
    become_program(page)
}
