use apimachinery::{Map, Value};

/// The most files a lesson's folder may hold.
pub const MAX_FILES: usize = 32;

/// The most bytes that one file of a lesson may have.
pub const MAX_FILE_BYTES: usize = 64 << 10;

/// Files that are about the lesson; all others lie in the learner's home directory.
const OWN: [&str; 2] = ["lesson.yaml", "solution.sh"];

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

    /// From a JSON object of file names and texts: how a page fetches a lesson as one file. The error says what is wrong.
    pub fn from_json(text: &str) -> Result<Source, String> {
        let value = Value::from_json(text).map_err(|e| e.to_string())?;
        let Some(fields) = value.as_object() else { return Err("no JSON object of files".into()) };
        let files =
            fields.iter().take(MAX_FILES).map(|(name, text)| (name.to_string(), text.str().to_string()));
        Ok(Source::new(files.collect()))
    }

    /// The JSON that [`Source::from_json`] reads, with the Markdown of one language alone.
    pub fn to_json(&self, language: &str) -> String {
        let mut map = Map::default();
        for (name, text) in &self.files {
            if language_of(name).is_none_or(|l| l == language) {
                map.put(name, text.as_str().into());
            }
        }
        Value::from(map).to_json()
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
