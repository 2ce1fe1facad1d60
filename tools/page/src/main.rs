//! Builds a page from its `index.html`, the file that Trunk reads too, weighs it and serves it.
//!
//! ```text
//! page build INDEX --out DIR [--lessons DIR] [--wasm-opt PATH] [--limit-kb N]
//! page serve INDEX --out DIR [--lessons DIR] [--wasm-opt PATH] [--port N] [--open]
//! page host DIR [--port N]
//! page finish DIR --later FILE [--lessons DIR] [--wasm-opt PATH]
//! ```
//!
//! `finish` does for a page that Trunk has built what `build` does itself: cut the program in two and optimise it.
//! `cargo xtask` is the door to this for people: it brings what is missing and fills in the arguments.

mod build;
mod element;
mod host;
mod index;
mod split;
mod weigh;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// What the arguments said.
#[derive(Default)]
struct Options {
    subject: PathBuf,
    out: PathBuf,
    wasm_opt: Option<PathBuf>,
    later: PathBuf,
    lessons: Option<PathBuf>,
    limit_kb: Option<u64>,
    port: u16,
    open: bool,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Options> {
        let mut options = Options { port: 8080, ..Options::default() };
        options.subject = words.next().context("what to build or serve is missing")?.into();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--out" => options.out = value()?.into(),
                "--later" => options.later = value()?.into(),
                "--lessons" => options.lessons = Some(value()?.into()),
                "--wasm-opt" => options.wasm_opt = Some(value()?.into()),
                "--limit-kb" => {
                    options.limit_kb = Some(value()?.parse().context("--limit-kb needs a number")?)
                }
                "--port" => {
                    options.port = value()?.parse().context("--port needs a number from 0 to 65535")?
                }
                "--open" => options.open = true,
                _ => bail!("unknown argument: {word}"),
            }
        }
        Ok(options)
    }

    fn build(&self) -> Result<weigh::Table> {
        if self.out == Path::new("") {
            bail!("--out is missing");
        }
        build::build(&self.subject, &self.out, self.lessons.as_deref(), self.wasm_opt.as_deref())
    }
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let command = words.next().context("one of build, serve, host is missing")?;
    let options = Options::parse(words)?;
    match command.as_str() {
        "build" => {
            let table = options.build()?;
            print!("{table}");
            options.limit_kb.map_or(Ok(()), |limit| table.check(limit))
        }
        "serve" => {
            print!("{}", options.build()?);
            host::host(&options.out, options.port, options.open)
        }
        "finish" => build::finish(
            &options.subject,
            &options.later,
            options.lessons.as_deref(),
            options.wasm_opt.as_deref(),
        ),
        "host" => host::host(&options.subject, options.port, options.open),
        _ => bail!("unknown command: {command}"),
    }
}
