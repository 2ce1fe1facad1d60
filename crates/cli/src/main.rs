//! `kubarium`: the simulated cluster outside of a page.

#![deny(clippy::print_stdout)] // `say!` outlives its reader

mod host;
mod serve;
mod shell;

use cli::{check, lesson, run};
use cluster::Config;
use lexopt::prelude::*;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
kubarium: a simulated Kubernetes cluster

  kubarium run SCENARIO... [--out DIR] [--seed N]   runs scenarios in virtual time; writes transcripts, or prints them
  kubarium replay SCENARIO [--seed N]               runs one and prints the hash of everything that happened
  kubarium check FILE.md... [--fix] [...]           checks the commands and the output that pages show; see check --help
  kubarium shell [--nodes N] [--seed N]             the terminal of the page, in this one
  kubarium shell --lesson DIR [--lang LANG]         the same, with a lesson: lesson, hint, solution, levels, reset
  kubarium serve [--port N] [--nodes N] [--seed N]  a small door for real clients: plain HTTP on loopback
";

/// What was asked for on the command line.
#[derive(Default)]
struct Options {
    words: Vec<String>,
    out: Option<PathBuf>,
    port: u16,
    config: Config,
    lesson: Option<PathBuf>,
    language: String,
    verbose: bool,
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == "check") {
        let outcome = check::check(words);
        // A closed pipe has nothing to say to us, nor we to it.
        let _ = std::io::stdout().write_all(outcome.stdout.as_bytes());
        let _ = std::io::stderr().write_all(outcome.stderr.as_bytes());
        return ExitCode::from(outcome.code);
    }
    let parsed = parse();
    if let Ok(options) = &parsed
        && let Some(("lesson", words)) =
            options.words.split_first().map(|(first, rest)| (first.as_str(), rest))
    {
        return lesson::run(words, &options.language, options.verbose);
    }
    let result = parsed.and_then(|options| match options.words.first().map(String::as_str) {
        Some("run") => run::run(&options.words[1..], options.out.as_deref(), &options.config),
        Some("replay") => run::replay(&options.words[1..], &options.config),
        Some("shell") => shell::shell(options.config, options.lesson, &options.language),
        Some("serve") => serve::serve(options.config, options.port),
        Some(other) => Err(format!("unknown command {other:?}\n\n{USAGE}{}", lesson::USAGE)),
        None => {
            cli::say!("{}", format!("{USAGE}{}", lesson::USAGE).trim_end());
            Ok(())
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("kubarium: {why}");
            ExitCode::FAILURE
        }
    }
}

fn parse() -> Result<Options, String> {
    let mut options = Options { port: 8001, language: "en".into(), ..Options::default() };
    let mut parser = lexopt::Parser::from_env();
    let words = |e: lexopt::Error| e.to_string();
    while let Some(arg) = parser.next().map_err(words)? {
        match arg {
            Value(word) => options.words.push(word.string().map_err(words)?),
            Long("out") => options.out = Some(parser.value().map_err(words)?.into()),
            Long("seed") => options.config.seed = parser.value().and_then(|v| v.parse()).map_err(words)?,
            Long("nodes") => options.config.nodes = parser.value().and_then(|v| v.parse()).map_err(words)?,
            Long("port") => options.port = parser.value().and_then(|v| v.parse()).map_err(words)?,
            Long("lesson") => options.lesson = Some(parser.value().map_err(words)?.into()),
            Long("lang") => options.language = parser.value().and_then(|v| v.string()).map_err(words)?,
            Long("verbose") | Short('v') => options.verbose = true,
            Long("help") | Short('h') => options.words.clear(),
            other => return Err(other.unexpected().to_string()),
        }
    }
    Ok(options)
}
