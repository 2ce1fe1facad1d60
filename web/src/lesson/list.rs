//! The list of all lessons, as the page fetches it: titles in one language.

use apimachinery::Value;
use lessons::{Chapter, Index};

/// All lessons by chapter, in the order of learning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// The same as the terminal's programs know it.
    pub index: Index,
    /// The titles and minutes of the lessons, by chapter.
    pub chapters: Vec<Vec<Entry>>,
}

/// A lesson in the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// `CHAPTER/LESSON`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// How long it takes.
    pub minutes: i64,
}

impl List {
    /// Reads `index.LANGUAGE.json`. What has another form is left out.
    pub fn read(json: &str, language: &str) -> Result<List, String> {
        let value = Value::from_json(json).map_err(|e| e.to_string())?;
        let mut list = List::default();
        for chapter in value["chapters"].items() {
            let (id, title) = (chapter["id"].str().to_string(), chapter["title"].str().to_string());
            let entries: Vec<Entry> = chapter["lessons"].items().iter().map(|l| entry(&id, l)).collect();
            list.index.chapters.push(Chapter {
                titles: vec![(language.to_string(), title)],
                lessons: chapter["lessons"].items().iter().map(|l| l["name"].str().to_string()).collect(),
                id,
            });
            list.chapters.push(entries);
        }
        Ok(list)
    }

    /// A lesson's entry.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.chapters.iter().flatten().find(|e| e.name == name)
    }

    /// The title of a lesson's chapter.
    pub fn chapter(&self, name: &str) -> Option<&str> {
        let id = name.split('/').next()?;
        let chapter = self.index.chapters.iter().find(|c| c.id == id)?;
        chapter.titles.first().map(|(_, title)| title.as_str())
    }
}

fn entry(chapter: &str, lesson: &Value) -> Entry {
    Entry {
        name: format!("{chapter}/{}", lesson["name"].str()),
        title: lesson["title"].str().into(),
        minutes: lesson["minutes"].int(),
    }
}
