use crate::Problem;
use apimachinery::{Map, Value};

/// The most files a lesson's folder may hold.
pub const MAX_FILES: usize = 32;

/// The most bytes that one file of a lesson may have.
pub const MAX_FILE_BYTES: usize = 64 << 10;

/// Files that are about the lesson; all others lie in the learner's home directory.
const OWN: [&str; 2] = [LESSON_FILE, SOLUTION];

/// The file that makes a folder a lesson.
pub const LESSON_FILE: &str = "lesson.yaml";

/// The file of commands that solve the lesson.
pub(crate) const SOLUTION: &str = "solution.sh";

/// The files of a lesson's folder, by name, wherever they came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    files: Vec<(String, String)>,
}

impl Source {
    /// From names and texts.
    pub fn new(files: Vec<(String, String)>) -> Source {
        Source { files }
    }

    /// The files that are not too long, and what is wrong with the others.
    pub(crate) fn within_limits(&self) -> (Source, Vec<Problem>) {
        let (files, too_long): (Vec<_>, Vec<_>) =
            self.files.iter().take(MAX_FILES).cloned().partition(|(_, text)| text.len() <= MAX_FILE_BYTES);
        let problem = |(name, text): (String, String)| {
            let what = format!("{} bytes, and at most {MAX_FILE_BYTES} are read", text.len());
            Problem::new(&name, what, "shorten it")
        };
        (Source::new(files), too_long.into_iter().map(problem).collect())
    }

    /// From an object of file names and texts.
    pub(crate) fn from_value(value: &Value) -> Source {
        let files = value.fields().take(MAX_FILES).map(|(name, text)| (name.into(), text.str().into()));
        Source::new(files.collect())
    }

    /// An object of file names and texts, without the Markdown of the lesson.
    pub(crate) fn without_texts(&self) -> Value {
        let mut map = Map::default();
        for (name, text) in self.files.iter().filter(|(name, _)| language_of(name).is_none()) {
            map.put(name, text.as_str().into());
        }
        map.into()
    }

    /// A file's text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// All names and texts.
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }

    /// The languages there are, by their files `LANGUAGE.md`.
    pub fn languages(&self) -> Vec<&str> {
        self.files.iter().filter_map(|(name, _)| language_of(name)).collect()
    }

    /// The files that lie in the learner's home directory.
    pub fn home(&self) -> impl Iterator<Item = (&str, &str)> {
        let theirs =
            self.files.iter().filter(|(n, _)| !OWN.contains(&n.as_str()) && language_of(n).is_none());
        theirs.map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// `zh-TW` of `zh-TW.md`; `None` for what is no lesson's text.
fn language_of(name: &str) -> Option<&str> {
    let language = name.strip_suffix(".md")?;
    let tag = |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let short = language.split('-').next().is_some_and(|first| first.len() <= 3 && first.is_ascii());
    (short && first_is_lower(language) && language.split('-').all(tag)).then_some(language)
}

fn first_is_lower(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
}
