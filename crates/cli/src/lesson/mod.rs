//! `kubarium lesson new|check|preview`: for those who write lessons.

mod folder;
mod follow;
mod play;
mod preview;
mod stage;
mod template;

pub use folder::{content, name, read};
pub use play::{Play, play};
pub use stage::{Delays, Stage, View};

use lessons::{Index, Lesson, Problem};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the words after `kubarium lesson` may be.
// It begins on this line: a line that goes on would lose its blanks.
pub const USAGE: &str = "  kubarium lesson new DIR                           writes a lesson that passes its check, to begin from
  kubarium lesson check [DIR|all] [--verbose]       reads a lesson and plays its solution; names what is wrong
  kubarium lesson preview DIR [--lang LANG]         prints a lesson as the learner reads it
  kubarium lesson bundle DIR|all OUT                writes what a page fetches: a JSON file a lesson and language
";

/// Where the project's lessons are, from its top.
const CONTENT: &str = "crates/lessons/content";

/// How many lines of the terminal are shown when a lesson fails.
const SHOWN_LINES: usize = 25;

/// Does what the words say. Exit codes: 0 all is well, 1 a lesson has problems, 2 it could not be done.
pub fn run(words: &[String], language: &str, verbose: bool) -> ExitCode {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["new", dir] => template::write(Path::new(dir)).map(|()| true),
        ["check"] => check(".", verbose),
        ["check", dir] => check(dir, verbose),
        ["bundle", dir, out] => bundle(dir, Path::new(out)).map(|()| true),
        ["preview", dir] => preview::print(Path::new(dir), language).map(|()| true),
        _ => Err(format!("new, check, preview or bundle?\n\n{USAGE}")),
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
    problems.extend(played.problems.iter().cloned());
    if problems.is_empty() {
        let language = lesson.texts.first().map(|text| format!("{}.md", text.language));
        let markdown = language.and_then(|file| source.get(&file)).unwrap_or_default();
        problems.extend(follow::follow(&lesson, markdown));
    }
    // Where another lesson is named, it lies beside this one's chapter.
    if let (Some(next), Some(content)) =
        (&lesson.next, dir.canonicalize().ok().as_deref().and_then(|d| d.ancestors().nth(2)))
        && !content.join(next).is_dir()
    {
        let what = format!("there is no lesson {next:?}");
        problems.push(Problem::new("lesson.yaml", what, "write CHAPTER/LESSON, or leave `next:` out"));
    }
    Ok((problems, Some(played)))
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

/// Writes `OUT/CHAPTER/LESSON.LANGUAGE.json` of each lesson, and where there is a list of lessons `OUT/index.LANGUAGE.json`
/// with their titles.
fn bundle(dir: &str, out: &Path) -> Result<(), String> {
    let write = |path: &Path, text: &str| {
        let folder = path.parent().unwrap_or(out);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(path, text))
            .map_err(|e| format!("{}: {e}", path.display()))
    };
    let mut all = Vec::new();
    for folder in folders(dir)? {
        let source = read(&folder)?;
        let (lesson, problems) = Lesson::read(&name(&folder), &source);
        if let Some(problem) = problems.first() {
            return Err(format!("{}/{problem}", folder.display()));
        }
        for language in source.languages() {
            let json = lesson.bundle(&source, language).ok_or("no text")?;
            write(&out.join(format!("{}.{language}.json", lesson.name)), &json)?;
        }
        all.push(lesson);
    }
    let list = Path::new(if dir == "all" { CONTENT } else { dir }).join("index.yaml");
    if let Ok(text) = std::fs::read_to_string(&list) {
        let index = Index::read(&text).0;
        for language in index.languages() {
            write(&out.join(format!("index.{language}.json")), &index.with_titles(&all, language))?;
        }
    }
    Ok(())
}

/// The lessons that are meant: all of the project, all below a folder with a list, or one.
fn folders(dir: &str) -> Result<Vec<PathBuf>, String> {
    match dir {
        "all" => content(Path::new(CONTENT)),
        dir if Path::new(dir).join("index.yaml").is_file() => content(Path::new(dir)),
        dir => Ok(vec![Path::new(dir).to_path_buf()]),
    }
}

fn check(dir: &str, verbose: bool) -> Result<bool, String> {
    let folders = folders(dir)?;
    let mut wrong = 0;
    for folder in &folders {
        let (problems, played) = problems(folder)?;
        for problem in &problems {
            crate::say!("{}/{problem}", folder.display());
        }
        let Some(played) = played else {
            wrong += 1;
            continue;
        };
        let seconds = played.took.as_secs();
        if problems.is_empty() {
            crate::say!("{}: ok, {} steps, {seconds} s of virtual time", folder.display(), played.steps);
        } else {
            wrong += 1;
        }
        if verbose || !problems.is_empty() {
            let clean = clean(&played.terminal);
            let lines: Vec<&str> = clean.lines().collect();
            let from = if verbose { 0 } else { lines.len().saturating_sub(SHOWN_LINES) };
            lines[from..].iter().for_each(|line| crate::say!("    | {line}"));
        }
    }
    if folders.len() > 1 {
        crate::say!("{} lessons, {wrong} with problems", folders.len());
    }
    Ok(wrong == 0)
}
