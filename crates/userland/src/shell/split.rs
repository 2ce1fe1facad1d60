//! Parts a text into the commands that a shell would run one after another, for hosts that type them.

use super::parse::{Fault, MAX_SOURCE, Parser};
use std::ops::Range;

/// A complete command of a text, or what is left of an incomplete one at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where in the text it stands, in bytes: comments and empty lines before it are left out.
    pub range: Range<usize>,
    /// A shell that read no more than this would ask for more lines.
    pub incomplete: bool,
}

/// The commands of a text, as bash would read them. One that bash cannot read is a line by itself; a text beyond the
/// longest script is one part.
pub fn split(text: &str) -> Vec<Part> {
    if text.len() > MAX_SOURCE {
        return vec![Part { range: 0..text.len(), incomplete: false }];
    }
    let aliases = Default::default();
    let mut parser = Parser::new(text, 1, true, &aliases);
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |at: usize| bytes[at.min(bytes.len() - 1)];
    let mut parts = Vec::new();
    loop {
        parser.newlines();
        let start = parser.at;
        let (end, incomplete) = match parser.complete_command() {
            Ok(None) => return parts,
            Ok(Some(_)) => (parser.at, parser.at >= parser.text.len() && is_joined(text)),
            Err(Fault::Incomplete(_)) => (parser.text.len(), true),
            Err(Fault::Syntax(..)) => (line_end(&parser.text, start), false),
        };
        let range = byte(start)..byte(end);
        let kept = text[range.clone()].trim_end().len();
        parts.push(Part { range: range.start..range.start + kept, incomplete });
        if end >= parser.text.len() {
            return parts;
        }
        // Fresh after an error: its open words and documents are not those of the next line.
        if parser.at != end {
            let rest = parser.text.split_off(end);
            let before = std::mem::replace(&mut parser, Parser::new("", 1, true, &aliases));
            parser.text = before.text.into_iter().chain(rest).collect();
            parser.at = end;
        }
    }
}

/// Whether a text that could be read ends in the middle of a joined line: `kubectl get pods \`.
pub(super) fn is_joined(text: &str) -> bool {
    let last = text.trim_end_matches('\n').rsplit('\n').next().unwrap_or("");
    let backslashes = last.len() - last.trim_end_matches('\\').len();
    let comment = last.starts_with('#') || last.contains(" #");
    backslashes % 2 == 1 && !comment
}

fn line_end(text: &[char], from: usize) -> usize {
    text[from..].iter().position(|c| *c == '\n').map_or(text.len(), |n| from + n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|part| &text[part.range]).collect()
    }

    #[test]
    fn commands_are_parted_as_bash_reads_them() {
        assert_eq!(parts("# first\na b\n\nc; d # e\n"), ["a b", "c; d # e"]);
        assert_eq!(
            parts("for i in 1 2; do\n  echo $i\ndone\nls"),
            ["for i in 1 2; do\n  echo $i\ndone", "ls"]
        );
        assert_eq!(parts("cat <<EOF > f\nx: 'y\nEOF\nls é\n"), ["cat <<EOF > f\nx: 'y\nEOF", "ls é"]);
        assert_eq!(parts("a \\\n  --b\nc"), ["a \\\n  --b", "c"]);
        assert_eq!(parts("ls )\nls"), ["ls )", "ls"]);
        assert_eq!(parts("\n# nothing\n"), [""; 0]);
    }

    #[test]
    fn what_is_not_finished_says_so() {
        let last = |text: &str| split(text).pop().is_some_and(|part| part.incomplete);
        assert!(
            last("echo 'a") && last("if true; then") && last("a &&") && last("cat <<E\nx") && last("a \\")
        );
        assert!(!last("echo a") && !last("a \\\nb") && !last("a \\\\") && !last("a # b \\"));
    }
}
