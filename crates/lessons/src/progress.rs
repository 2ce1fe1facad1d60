//! What a learner has done: kept between visits, exported and imported as JSON.

use crate::{Lesson, Player, World};
use apimachinery::{Value, json};
use sim::collections::{BTreeMap, BTreeSet};

/// The version of the JSON.
const VERSION: i64 = 1;
/// The most lessons that are remembered.
const MAX_LESSONS: usize = 1000;

/// The lessons that were solved, and how far the others are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    solved: BTreeSet<String>,
    /// What [`Player::save`] gave, by lesson.
    begun: BTreeMap<String, Value>,
}

impl Progress {
    /// Notes where a learner is in a lesson; nothing of one without any goal, which nobody can solve.
    pub fn note(&mut self, lesson: &Lesson, player: &Player) {
        if self.solved.len() + self.begun.len() >= MAX_LESSONS || !lesson.has_goals() {
            return;
        }
        if player.solved(lesson) {
            self.solved.insert(lesson.name.clone());
            self.begun.remove(&lesson.name);
        } else {
            self.begun.insert(lesson.name.clone(), player.save());
        }
    }

    /// Whether a lesson was solved once.
    pub fn solved(&self, lesson: &str) -> bool {
        self.solved.contains(lesson)
    }

    /// Whether a lesson was begun and not solved since.
    pub fn begun(&self, lesson: &str) -> bool {
        self.begun.contains_key(lesson)
    }

    /// How many steps of a lesson were done that was begun and not solved since.
    pub fn step(&self, lesson: &str) -> Option<usize> {
        self.begun.get(lesson).and_then(|saved| usize::try_from(saved["step"].int()).ok())
    }

    /// Forgets how far a lesson was; that it was solved once stays.
    pub fn reset(&mut self, lesson: &str) {
        self.begun.remove(lesson);
    }

    /// The learner where they left a lesson, or at its beginning.
    pub fn player(&self, lesson: &Lesson, world: &dyn World) -> Player {
        match self.begun.get(&lesson.name) {
            Some(saved) => Player::restore(lesson, world, saved),
            None => Player::new(lesson, world),
        }
    }

    /// As JSON text.
    pub fn to_json(&self) -> String {
        self.to_value().to_json()
    }

    /// As JSON.
    pub fn to_value(&self) -> Value {
        let solved = Value::array(self.solved.iter().map(Value::from));
        let mut begun = apimachinery::Map::default();
        self.begun.iter().for_each(|(lesson, saved)| begun.put(lesson, saved.clone()));
        json!({"kind": "KubariumProgress", "version": VERSION, "solved": solved, "begun": begun})
    }

    /// From JSON. The error says why it is no progress.
    pub fn from_json(text: &str) -> Result<Progress, String> {
        let value = Value::from_json(text).map_err(|e| format!("no JSON: {e}"))?;
        if value["kind"] != "KubariumProgress" {
            return Err("that is no progress of Kubarium".into());
        }
        if value["version"] != Value::Int(VERSION) {
            return Err(format!("version {} is not known here", value["version"].to_json()));
        }
        let solved = value["solved"].items().iter().filter_map(Value::as_str).take(MAX_LESSONS);
        let begun = value["begun"].fields().take(MAX_LESSONS);
        Ok(Progress {
            solved: solved.map(String::from).collect(),
            begun: begun.map(|(lesson, saved)| (lesson.to_string(), saved.clone())).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_goes_out_and_comes_back() {
        let mut progress = Progress::default();
        progress.solved.insert("basics/1".into());
        progress.begun.insert("basics/2".into(), json!({"step": 1, "hints": 0, "goals": []}));
        let text = progress.to_json();
        assert_eq!(Progress::from_json(&text), Ok(progress));
        for bad in ["", "{}", "[1]", &text.replace("\"version\":1", "\"version\":9")] {
            assert!(Progress::from_json(bad).is_err(), "{bad}");
        }
    }
}
