use std::fmt;

/// Something that is wrong with a lesson: where, what, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, by its name in the lesson's folder.
    pub file: String,
    /// The line, from 1; 0 when it concerns the whole file.
    pub line: usize,
    /// What is wrong, in one sentence.
    pub what: String,
    /// What the author can do.
    pub fix: String,
}

impl Problem {
    /// A problem with a whole file.
    pub fn new(file: &str, what: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem { file: file.into(), line: 0, what: what.into(), fix: fix.into() }
    }

    /// The problem with a line's number.
    pub fn at(self, line: usize) -> Problem {
        Problem { line, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}", self.what)?;
        if !self.fix.is_empty() {
            write!(f, "; {}", self.fix)?;
        }
        Ok(())
    }
}
