//! The project's commands. Without dependencies, so that it is there a moment after the clone;
//! the heavy work (binding, compressing, serving) is done by the programs in `tools/`.

mod bench;
mod build;
mod package;
mod recipes;
mod run;
mod serve;
mod setup;
mod test;

use run::Outcome;
use std::process::ExitCode;

/// A command of `cargo xtask`: its name, what it does, and how.
type Command = (&'static str, &'static str, fn(&[String]) -> Outcome);

/// Every command. One line and one file each.
const COMMANDS: [Command; 7] = [
    ("serve", "[--port N] [--open]  build the page and serve it on 127.0.0.1:8080", serve::serve),
    ("build", "build the page into dist/ and print what it weighs", build::build),
    (
        "test",
        "[STAGE...]  everything that must hold: format, lints, tests, the page in a browser",
        test::test,
    ),
    ("finish", "[DIR]  what Trunk calls: cut the program in two and optimise it", build::finish),
    ("package", "the npm package and the archive of static files, in target/package", package::package),
    ("recipes", "[NAME...]  build the sites below recipes/ and open each in a browser", recipes::recipes),
    ("bench", "[NAME...]  measure; without names, everything", bench::bench),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = words.first().and_then(|name| COMMANDS.iter().find(|(known, ..)| known == name));
    let Some((_, _, run)) = command else {
        println!("cargo xtask COMMAND\n");
        for (name, about, _) in COMMANDS {
            println!("  {name:8} {about}");
        }
        let asked = words.first().is_none_or(|word| word == "help" || word == "--help");
        return if asked { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    match run(&words[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
