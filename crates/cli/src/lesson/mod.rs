//! `kubarium lesson new|check|preview`: for those who write lessons.

mod folder;
mod play;
mod preview;
mod stage;
mod template;

pub use folder::{content, name, read};
pub use play::{Play, play};
pub use stage::{Delays, Stage, View};

use lessons::{Lesson, Problem};
use std::path::Path;
use std::process::ExitCode;

/// What the words after `kubarium lesson` may be.
pub const USAGE: &str = "\
  kubarium lesson new DIR                           writes a lesson that passes its check, to begin from
  kubarium lesson check [DIR|all] [--verbose]       reads a lesson and plays its solution; names what is wrong
  kubarium lesson preview DIR [--lang LANG]         prints a lesson as the learner reads it
";

/// How many lines of the terminal are shown when a lesson fails.
const SHOWN_LINES: usize = 25;

/// Does what the words say. Exit codes: 0 all is well, 1 a lesson has problems, 2 it could not be done.
pub fn run(words: &[String], language: &str, verbose: bool) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["new", dir] => template::write(Path::new(dir)).map(|()| true),
        ["check"] => check(".", verbose),
        ["check", dir] => check(dir, verbose),
        ["preview", dir] => preview::print(Path::new(dir), language).map(|()| true),
        _ => Err(format!("new, check or preview?\n\n{USAGE}")),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("kubarium lesson: {why}");
            ExitCode::from(2)
        }
    }
}

/// What is wrong with a lesson: as it is written, and as it plays. It is played only if it can be read.
pub fn problems(dir: &Path) -> Result<(Vec<Problem>, Option<Play>), String> {
    let source = read(dir)?;
    let (lesson, mut problems) = Lesson::read(&folder::name(dir), &source);
    problems.extend(lesson.check(&source));
    if !problems.is_empty() {
        return Ok((problems, None));
    }
    let played = play(&lesson);
    Ok((played.problems.clone(), Some(played)))
}

/// What a terminal shows in the end: lines without escape sequences. Of those only two concern the text: the cursor goes
/// back, and the rest of the line is wiped.
fn clean(terminal: &str) -> String {
    let (mut out, mut line, mut at) = (String::new(), Vec::new(), 0usize);
    let mut chars = terminal.chars();
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                out.extend(line.drain(..).chain(['\n']));
                at = 0;
            }
            '\r' => at = 0,
            '\x1b' => {
                let sequence: String =
                    chars.by_ref().skip(1).take_while(|c| !c.is_ascii_alphabetic()).collect();
                // What ended it was taken along; a number alone means the cursor.
                match sequence.parse::<usize>() {
                    Ok(back) => at = at.saturating_sub(back),
                    Err(_) => line.truncate(at),
                }
            }
            c => {
                line.truncate(at);
                line.push(c);
                at += 1;
            }
        }
    }
    out.extend(line);
    out
}

fn check(dir: &str, verbose: bool) -> Result<bool, String> {
    let folders = match dir {
        "all" => content(Path::new("crates/lessons/content"))?,
        dir if Path::new(dir).join("index.yaml").is_file() => content(Path::new(dir))?,
        dir => vec![Path::new(dir).to_path_buf()],
    };
    let mut wrong = 0;
    for folder in &folders {
        let (problems, played) = problems(folder)?;
        for problem in &problems {
            println!("{}/{problem}", folder.display());
        }
        let Some(played) = played else {
            wrong += 1;
            continue;
        };
        let seconds = played.took.as_secs();
        if problems.is_empty() {
            println!("{}: ok, {} steps, {seconds} s of virtual time", folder.display(), played.steps);
        } else {
            wrong += 1;
        }
        if verbose || !problems.is_empty() {
            let clean = clean(&played.terminal);
            let lines: Vec<&str> = clean.lines().collect();
            let from = if verbose { 0 } else { lines.len().saturating_sub(SHOWN_LINES) };
            lines[from..].iter().for_each(|line| println!("    | {line}"));
        }
    }
    if folders.len() > 1 {
        println!("{} lessons, {wrong} with problems", folders.len());
    }
    Ok(wrong == 0)
}
