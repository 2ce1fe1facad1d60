//! Redirections.

use super::Shell;
use super::ast::{Redirect, RedirectKind};
use super::expand::{Halt, Log};
use crate::{Mode, Os};

/// A descriptor that was changed: its number, and where its old self is kept (`None`: it was closed).
pub(crate) type Saved = (u32, Option<u32>);

/// A redirection with its word expanded.
pub(crate) struct Target {
    descriptor: u32,
    kind: RedirectKind,
    text: String,
    both: bool,
}

impl Shell {
    /// Expands the words of redirections.
    pub(crate) fn redirects(
        &mut self,
        os: &mut Os<'_>,
        redirects: &[Redirect],
        log: &mut Log,
    ) -> Result<Vec<Target>, Halt> {
        let mut targets = Vec::new();
        for r in redirects {
            let text = if r.kind == RedirectKind::Text {
                self.expand_text(os, &r.target, log)?
            } else {
                let mut words = self.expand_words(os, std::slice::from_ref(&r.target), log)?;
                match (words.len(), words.pop()) {
                    (1, Some(word)) => word,
                    _ => return Err(Halt::Error(format!("{}: ambiguous redirect", written(&r.target)))),
                }
            };
            targets.push(Target { descriptor: r.descriptor, kind: r.kind, text, both: r.both });
        }
        Ok(targets)
    }

    /// Puts redirections into effect. On an error what was done is undone; the message lacks the shell's name.
    pub(crate) fn apply(&mut self, os: &mut Os<'_>, targets: Vec<Target>) -> Result<Vec<Saved>, String> {
        let mut saved = Vec::new();
        for target in targets {
            if let Err(message) = self.apply_one(os, &target, &mut saved) {
                self.put_back(os, saved);
                return Err(message);
            }
        }
        Ok(saved)
    }

    fn apply_one(&mut self, os: &mut Os<'_>, target: &Target, saved: &mut Vec<Saved>) -> Result<(), String> {
        let name = &target.text;
        let mode = match target.kind {
            RedirectKind::Text => {
                let source = os.text_input(name.as_bytes()).map_err(|e| format!("here-document: {e}"))?;
                return self
                    .move_to(os, source, target.descriptor, saved)
                    .map_err(|e| format!("here-document: {e}"));
            }
            RedirectKind::Duplicate => return self.duplicate(os, target, saved),
            RedirectKind::Read => Mode::Read,
            RedirectKind::Append => Mode::Append,
            RedirectKind::ReadWrite => Mode::Both,
            RedirectKind::Write | RedirectKind::Clobber => Mode::Write,
        };
        let regular = os.files().stat(&os.path(name), true).is_ok_and(|s| s.is_file());
        if target.kind == RedirectKind::Write && self.options.noclobber && regular {
            return Err(format!("{name}: cannot overwrite existing file"));
        }
        let opened = os.open(name, mode, 10).map_err(|error| self.open_error(name, mode, error))?;
        self.move_to(os, opened, target.descriptor, saved).map_err(|e| format!("{name}: {e}"))?;
        if target.both {
            save(os, 2, saved);
            os.dup(target.descriptor, 2).map_err(|e| format!("{name}: {e}"))?;
        }
        Ok(())
    }

    fn open_error(&self, name: &str, mode: Mode, error: crate::FileError) -> String {
        let verb = if mode == Mode::Read { "open" } else { "create" };
        let error = match (self.style, error) {
            (super::Style::Bash, error) => return format!("{name}: {error}"),
            (_, crate::FileError::NotFound) if mode == Mode::Read => "No such file".into(),
            (_, crate::FileError::NotFound) => "Directory nonexistent".into(),
            (_, error) => error.to_string(),
        };
        match self.style {
            super::Style::Ash if mode == Mode::Read => format!("can't open {name}: {}", error.to_lowercase()),
            super::Style::Ash => format!("can't create {name}: {}", error.to_lowercase()),
            _ => format!("cannot {verb} {name}: {error}"),
        }
    }

    fn move_to(
        &self,
        os: &mut Os<'_>,
        from: u32,
        to: u32,
        saved: &mut Vec<Saved>,
    ) -> Result<(), crate::FileError> {
        save(os, to, saved);
        let done = os.dup(from, to);
        if from != to {
            os.close(from);
        }
        done
    }

    fn duplicate(&self, os: &mut Os<'_>, target: &Target, saved: &mut Vec<Saved>) -> Result<(), String> {
        let name = &target.text;
        if name == "-" {
            save(os, target.descriptor, saved);
            os.close(target.descriptor);
            return Ok(());
        }
        let Ok(from) = name.parse::<u32>() else { return Err(format!("{name}: ambiguous redirect")) };
        if !os.is_open(from) {
            return Err(format!("{name}: Bad file descriptor"));
        }
        save(os, target.descriptor, saved);
        os.dup(from, target.descriptor).map_err(|e| format!("{name}: {e}"))
    }

    /// Undoes redirections.
    pub(crate) fn put_back(&mut self, os: &mut Os<'_>, saved: Vec<Saved>) {
        for (descriptor, old) in saved.into_iter().rev() {
            match old {
                Some(old) => {
                    // Both exist: nothing can fail.
                    let _ = os.dup(old, descriptor);
                    os.close(old);
                }
                None => os.close(descriptor),
            }
        }
    }

    /// Makes redirections permanent.
    pub(crate) fn forget_saved(&self, os: &mut Os<'_>, saved: Vec<Saved>) {
        saved.into_iter().filter_map(|s| s.1).for_each(|old| os.close(old));
    }
}

fn save(os: &mut Os<'_>, descriptor: u32, saved: &mut Vec<Saved>) {
    let old = os.save(descriptor);
    saved.push((descriptor, old));
}

/// A word about as it was written, for messages.
fn written(word: &super::ast::Word) -> String {
    use super::ast::Part;
    let part = |p: &Part| match p {
        Part::Plain(t) | Part::Quoted(t) => t.clone(),
        Part::Parameter(p, _) => format!("${}", p.name),
        Part::Command(..) => "$(...)".into(),
        Part::Output(..) => "<(...)".into(),
        Part::Arithmetic(..) => "$((...))".into(),
    };
    word.iter().map(part).collect()
}
