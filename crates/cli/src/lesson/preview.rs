//! A lesson in the terminal, as the learner reads it.

use super::{folder, read};
use lessons::{Lesson, render};
use std::path::Path;

/// Prints all of a lesson in a language: text, goals, hints and solutions; then what was left out.
pub(crate) fn print(dir: &Path, language: &str) -> Result<(), String> {
    let source = read(dir)?;
    let (lesson, problems) = Lesson::read(&folder::name(dir), &source);
    let text = lesson.text(language).ok_or_else(|| format!("{}: no text", dir.display()))?;
    crate::say!(
        "# {} ({} min)\n\n{}",
        render::inlines(&text.title),
        lesson.minutes,
        render::blocks(&text.introduction)
    );
    for (index, step) in text.steps.iter().enumerate() {
        crate::say!("{}", render::step(step, &|_| false));
        for hint in &step.hints {
            crate::say!("? {}", render::blocks(hint));
        }
        if let Some(step) = lesson.steps.get(index) {
            step.solution.lines().for_each(|line| crate::say!("$ {line}"));
            crate::say!("");
        }
    }
    for problem in problems {
        eprintln!("left out: {problem}");
    }
    Ok(())
}
