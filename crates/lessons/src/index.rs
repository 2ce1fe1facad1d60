//! The list of all lessons, in order.

use crate::fields::{At, Doc};
use crate::{Lesson, Problem, plain};
use apimachinery::{Value, json, yaml};
use sim::collections::BTreeSet;

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

    /// The languages that chapters have titles in.
    pub fn languages(&self) -> Vec<&str> {
        let all: BTreeSet<&str> = self
            .chapters
            .iter()
            .flat_map(|c| c.titles.iter().map(|(language, _)| language.as_str()))
            .collect();
        all.into_iter().collect()
    }

    /// The list in one language with the titles and minutes of the lessons, as JSON for a page to fetch.
    pub fn with_titles(&self, lessons: &[Lesson], language: &str) -> String {
        let entry = |chapter: &Chapter, name: &String| {
            let lesson = lessons.iter().find(|l| l.name == format!("{}/{name}", chapter.id));
            let title = lesson.and_then(|l| l.text(language)).map(|t| plain(&t.title));
            json!({"name": name, "title": title.unwrap_or(name.clone()), "minutes": lesson.map_or(0, |l| l.minutes)})
        };
        let chapter = |c: &Chapter| {
            let entries = Value::array(c.lessons.iter().map(|name| entry(c, name)));
            json!({"id": &c.id, "title": c.title(language), "lessons": entries})
        };
        json!({"chapters": Value::array(self.chapters.iter().map(chapter))}).to_json()
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
