//! `kubarium check`: runs the blocks of commands of Markdown pages in a simulated cluster, in virtual time, and compares
//! what the pages show with what the commands print. `docs/checking-docs.md` tells writers how.

mod compare;
mod options;
mod page;
mod report;
mod run;
mod samples;
mod terminal;

use cluster::Config;
use lexopt::prelude::*;
use report::{Format, Results};
use run::Checker;
use samples::Samples;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// How it is used.
pub const USAGE: &str = "\
kubarium check FILE.md... [options]

Runs the sh, shell, bash and console blocks of each page in order, in a fresh simulated cluster, and compares what the page
shows with what the commands print. See docs/checking-docs.md.

  --fix                      rewrites shown output in place, and nothing else
  --examples DIR             where the files of https://k8s.io/examples/ and of code_sample shortcodes are
  --nodes N, --seed N        the cluster of pages that do not say (3 nodes, seed 1)
  --format text|json|junit   the form of the report
  --out FILE                 writes the report there; a short one is still printed

Exit code: 0 all is right, 1 something differs, 2 wrong usage or a page that cannot be read.
";

/// What was asked for.
#[derive(Default)]
struct Asked {
    pages: Vec<PathBuf>,
    fix: bool,
    examples: Option<PathBuf>,
    format: Format,
    out: Option<PathBuf>,
    config: Config,
    help: bool,
}

/// Everything came to this: what to print, and the code to end with.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// For standard output.
    pub stdout: String,
    /// For standard error.
    pub stderr: String,
    /// 0: all is right. 1: something differs. 2: wrong usage, or a page that cannot be read.
    pub code: u8,
}

/// Runs `kubarium check` with the words behind it.
pub fn check(words: impl IntoIterator<Item = OsString>) -> Outcome {
    match parse(words) {
        Ok(asked) if asked.help => Outcome { stdout: USAGE.into(), stderr: String::new(), code: 0 },
        Ok(asked) => go(&asked).unwrap_or_else(|why| refuse(&why)),
        Err(why) => refuse(&format!("{why}\n\n{USAGE}")),
    }
}

fn refuse(why: &str) -> Outcome {
    Outcome { stdout: String::new(), stderr: format!("kubarium: {}\n", why.trim_end()), code: 2 }
}

fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut parser = lexopt::Parser::from_args(words);
    let text = |e: lexopt::Error| e.to_string();
    while let Some(arg) = parser.next().map_err(text)? {
        match arg {
            Value(path) => asked.pages.push(path.into()),
            Long("fix") => asked.fix = true,
            Long("examples") => asked.examples = Some(parser.value().map_err(text)?.into()),
            Long("out") => asked.out = Some(parser.value().map_err(text)?.into()),
            Long("seed") => asked.config.seed = parser.value().and_then(|v| v.parse()).map_err(text)?,
            Long("nodes") => asked.config.nodes = parser.value().and_then(|v| v.parse()).map_err(text)?,
            Long("format") => {
                let name = parser.value().and_then(|v| v.string()).map_err(text)?;
                asked.format = Format::parse(&name).ok_or(format!("--format {name}: text, json or junit"))?;
            }
            Long("help") | Short('h') => asked.help = true,
            other => return Err(other.unexpected().to_string()),
        }
    }
    match &asked.examples {
        _ if asked.help => Ok(asked),
        _ if asked.pages.is_empty() => Err("which pages?".into()),
        _ if asked.config.nodes == 0 || asked.config.nodes > options::MAX_NODES => {
            Err(format!("--nodes: 1 to {}", options::MAX_NODES))
        }
        Some(folder) if !folder.is_dir() => Err(format!("--examples {}: is no folder", folder.display())),
        _ => Ok(asked),
    }
}

fn go(asked: &Asked) -> Result<Outcome, String> {
    let checker = Checker {
        config: asked.config.clone(),
        samples: Rc::new(Samples(asked.examples.clone())),
        rules: compare::Rules::new(),
    };
    let results: Vec<_> = asked.pages.iter().map(|path| (path.clone(), checker.check(path))).collect();
    if asked.fix {
        for (path, checked) in &results {
            if let Some(fixed) = checked.as_ref().ok().and_then(|checked| checked.fixed.as_ref()) {
                write(path, fixed)?;
            }
        }
    }
    outcome(asked, &results)
}

fn outcome(asked: &Asked, results: &Results) -> Result<Outcome, String> {
    let counts = report::count(results, asked.fix);
    let mut stdout = report::report(asked.format, results, asked.fix);
    if let Some(out) = &asked.out {
        write(out, &stdout)?;
        stdout = report::report(Format::Text, results, asked.fix);
    }
    let code = match counts {
        counts if counts.broken > 0 => 2,
        counts if counts.wrong > 0 => 1,
        _ => 0,
    };
    Ok(Outcome { stdout, stderr: String::new(), code })
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
