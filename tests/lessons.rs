//! Plays every lesson: false at the start, each step's goals reached by its part of the solution and not before, the same
//! after a reload in the middle, the same steps in all languages. Each lesson is a test with its own name.

use lessons::Lesson;
use sim::Order;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let filters: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|f| name.contains(f.as_str()));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the project");
    let tests = tests(&root.join("crates/lessons/content"));
    let (chosen, filtered): (Vec<_>, Vec<_>) = tests.into_iter().partition(|(name, _)| wanted(name));
    println!("\nrunning {} tests", chosen.len());
    let mut failures = Vec::new();
    for (name, test) in &chosen {
        let wrong = run(test);
        println!("test {name} ... {}", if wrong.is_empty() { "ok" } else { "FAILED" });
        if !wrong.is_empty() {
            failures.push(format!("---- {name} ----\n{}", wrong.join("\n")));
        }
    }
    failures.iter().for_each(|failure| println!("\n{failure}"));
    let (passed, failed) = (chosen.len() - failures.len(), failures.len());
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    let rest = format!("0 ignored; 0 measured; {} filtered out", filtered.len());
    println!("\ntest result: {verdict}. {passed} passed; {failed} failed; {rest}\n");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is tested.
enum Test {
    /// A lesson's folder.
    Lesson(PathBuf),
    /// A lesson that uses all there is, or has mistakes; its file `.expected` says what the check names.
    Check(PathBuf),
    /// The list of lessons could not be read.
    Broken(String),
}

fn tests(content: &Path) -> Vec<(String, Test)> {
    let mut tests: Vec<(String, Test)> = match cli::lesson::content(content) {
        Err(why) => vec![("index".into(), Test::Broken(why))],
        Ok(folders) => folders
            .into_iter()
            .map(|folder| {
                let name = folder.strip_prefix(content).unwrap_or(&folder).display().to_string();
                (name, Test::Lesson(folder))
            })
            .collect(),
    };
    let checks = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let entries = std::fs::read_dir(&checks).unwrap_or_else(|e| panic!("{}: {e}", checks.display()));
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.order();
    tests.extend(folders.into_iter().map(|folder| {
        let name = format!("check/{}", folder.file_name().unwrap_or_default().to_string_lossy());
        (name, Test::Check(folder))
    }));
    tests
}

/// What a page would miss that fetches the lesson as a bundle.
fn bundles(folder: &Path) -> Vec<String> {
    let Ok(source) = cli::lesson::read(folder) else { return vec!["it cannot be read".into()] };
    let (lesson, _) = Lesson::read("chapter/lesson", &source);
    let mut wrong = Vec::new();
    for text in &lesson.texts {
        let json = lesson.bundle(&source, &text.language).unwrap_or_default();
        match Lesson::from_bundle(&json) {
            Ok((same, problems)) => {
                wrong.extend(problems.iter().map(|problem| format!("in a bundle: {problem}")));
                if same.texts.len() != 1 || same.texts[0].to_value() != text.to_value() {
                    wrong.push(format!("{}: the bundle has another text", text.language));
                }
                if same.steps.len() != lesson.steps.len() || same.home != lesson.home {
                    wrong.push(format!("{}: the bundle has other steps or files", text.language));
                }
            }
            Err(why) => wrong.push(format!("{}: {why}", text.language)),
        }
    }
    wrong
}

/// What is wrong; nothing if the test passes.
fn run(test: &Test) -> Vec<String> {
    let problems = |folder: &Path| match cli::lesson::problems(folder) {
        Ok((problems, played)) => (problems.iter().map(|p| p.to_string()).collect::<Vec<_>>(), played),
        Err(why) => (vec![why], None),
    };
    match test {
        Test::Broken(why) => vec![why.clone()],
        Test::Lesson(folder) => {
            let (mut wrong, played) = problems(folder);
            wrong.extend(bundles(folder));
            if let (false, Some(played)) = (wrong.is_empty(), played) {
                wrong.push(played.terminal);
            }
            wrong
        }
        Test::Check(folder) => {
            let expected = std::fs::read_to_string(folder.join(".expected")).unwrap_or_default();
            let found = problems(folder).0.join("\n") + "\n";
            if found == expected {
                Vec::new()
            } else {
                vec![format!("expected:\n{expected}\nfound:\n{found}")]
            }
        }
    }
}
