//! `command:` — what was typed, for the few goals that leave no trace in the cluster, such as having looked.

use crate::fields::{At, Doc};
use apimachinery::Value;
use userland::Regex;

/// A condition over typed commands that ended well.
#[derive(Clone, Debug)]
pub struct CommandGoal {
    pattern: Regex,
}

impl CommandGoal {
    pub(crate) fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value) -> Option<CommandGoal> {
        let text = doc.text(at, value, "command")?;
        match Regex::new(&text, true, false) {
            Ok(pattern) if !text.trim().is_empty() => Some(CommandGoal { pattern }),
            Ok(_) => {
                doc.problem(&At::Field(at, "command"), "an empty pattern", "write a part of the command");
                None
            }
            Err(why) => {
                let what = format!("bad pattern: {why}");
                doc.problem(&At::Field(at, "command"), what, "patterns are those of grep -E");
                None
            }
        }
    }

    /// Whether a line is meant. Runs of blanks count as one.
    pub(crate) fn matches(&self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.pattern.is_match(&words.join(" "))
    }
}
