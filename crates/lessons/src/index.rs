//! The list of all lessons, in order.

use crate::Problem;
use crate::fields::{At, Doc};
use apimachinery::{Value, yaml};

/// The most chapters, and lessons of one.
const MAX_LIST: usize = 64;

/// All lessons there are, by chapter, in the order of learning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// The chapters.
    pub chapters: Vec<Chapter>,
}

/// A chapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chapter {
    /// Its folder.
    pub id: String,
    /// Its title, by language.
    pub titles: Vec<(String, String)>,
    /// Its lessons' folders.
    pub lessons: Vec<String>,
}

impl Index {
    /// Reads `index.yaml`; what could not be read is left out and named.
    pub fn read(text: &str) -> (Index, Vec<Problem>) {
        let mut doc = Doc::new("index.yaml", text);
        let value = yaml::parse(text).unwrap_or_else(|why| {
            doc.problem(&At::Root, why, "mend the YAML");
            Value::Null
        });
        doc.only(&At::Root, &value, &["chapters"]);
        let chapters: Vec<Value> = doc.list(&At::Root, &value, "chapters", MAX_LIST).to_vec();
        let here = At::Field(&At::Root, "chapters");
        let mut index = Index::default();
        for (i, chapter) in chapters.iter().enumerate() {
            let at = At::Item(&here, i);
            doc.only(&at, chapter, &["id", "title", "lessons"]);
            index.chapters.push(Chapter {
                id: doc.text(&at, chapter, "id").unwrap_or_default(),
                titles: chapter["title"].fields().map(|(k, v)| (k.into(), v.str().into())).collect(),
                lessons: doc.texts(&at, chapter, "lessons", MAX_LIST),
            });
        }
        (index, doc.problems)
    }

    /// Every lesson as `CHAPTER/LESSON`, in order.
    pub fn lessons(&self) -> impl Iterator<Item = String> {
        self.chapters.iter().flat_map(|c| c.lessons.iter().map(move |l| format!("{}/{l}", c.id)))
    }

    /// The lesson after this one.
    pub fn after(&self, lesson: &str) -> Option<String> {
        self.lessons().skip_while(|l| l != lesson).nth(1)
    }
}

impl Chapter {
    /// The title in a language, or in the first there is.
    pub fn title(&self, language: &str) -> &str {
        let found = self.titles.iter().find(|(l, _)| l == language).or(self.titles.first());
        found.map_or(&self.id, |(_, title)| title)
    }
}
