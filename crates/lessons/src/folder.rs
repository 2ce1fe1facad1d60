//! A lesson's folder behind a server, which hands out files and no list of them: what else there is says `lesson.yaml`.

use crate::fields::Doc;
use crate::links::is_file;
use crate::{Lesson, Link, MAX_FILES, Problem, Step, StepText, source};
use apimachinery::yaml;

/// What a `lesson.yaml` names of its folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    /// The languages; each has its `LANGUAGE.md`.
    pub languages: Vec<String>,
    /// Other files, each once.
    pub files: Vec<String>,
}

impl Named {
    /// Reads it. What cannot be read is left out; [`Lesson::read`] tells about it. Only names that stay in the folder count.
    pub fn in_yaml(text: &str) -> Named {
        let mut doc = Doc::new("lesson.yaml", text);
        let value = yaml::parse(text).unwrap_or_default();
        let (lesson, files) = (Lesson::from_yaml("", &mut doc, &value), source::SOLUTION.to_string());
        let all = std::iter::once(files).chain(lesson.setup.manifests).chain(lesson.files);
        let mut named = Named { languages: lesson.languages, files: Vec::new() };
        for file in all.filter(|file| is_file(file)).take(MAX_FILES) {
            if !named.files.contains(&file) {
                named.files.push(file);
            }
        }
        named
    }

    /// The languages in the order in which a reader of `wanted` would take them.
    pub fn languages_for(&self, wanted: &str) -> Vec<&str> {
        let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let rank = |language: &str| match () {
            () if language.eq_ignore_ascii_case(wanted) => 0,
            () if base(language) == base(wanted) => 1,
            () if language == "en" => 2,
            () => 3,
        };
        let of = |n: i32| self.languages.iter().map(String::as_str).filter(move |l| rank(l) == n);
        (0..4).flat_map(of).collect()
    }
}

impl Lesson {
    /// The files that its texts link to, each once.
    pub fn linked_files(&self) -> Vec<&str> {
        let mut files = Vec::new();
        for (_, link) in self.texts.iter().flat_map(|text| text.all_links()) {
            if let Link::File(name) = link
                && !files.contains(&name.as_str())
            {
                files.push(name);
            }
        }
        files
    }

    /// Makes its steps fit the text that it is shown with: those without a text are left out. Where `lesson.yaml` has told
    /// no steps, those of the text ask for nothing, and can be read. Where the text has no steps, one without words
    /// stays: a lesson without any would be done before it has begun. Gives what does not fit.
    pub fn fit_to_text(&mut self) -> Vec<Problem> {
        let problems = if self.steps.is_empty() { Vec::new() } else { self.misfits() };
        let Some(text) = self.texts.first_mut() else { return Vec::new() };
        if text.steps.is_empty() {
            text.steps.push(StepText::default());
        }
        let count = text.steps.len();
        if self.steps.is_empty() {
            self.steps = vec![Step::default(); count];
        }
        self.steps.truncate(count);
        problems
    }

    /// Whether it has a goal at all. One whose `lesson.yaml` could not be read has none: it can be leafed through, and is
    /// not solved by that.
    pub(crate) fn has_goals(&self) -> bool {
        self.steps.iter().any(|step| !step.goals.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    #[test]
    fn a_lesson_names_its_files() {
        let text = "languages: [zh-TW, en, en-GB]\nfiles: [a.sh, b/c.txt, app.yaml, ../x, /etc/y, '']\ncluster: {manifests: [app.yaml]}\n";
        let named = Named::in_yaml(text);
        assert_eq!(named.files, ["solution.sh", "app.yaml", "a.sh", "b/c.txt"]);
        assert_eq!(named.languages_for("en-US"), ["en", "en-GB", "zh-TW"]);
        assert_eq!(named.languages_for("fr"), ["en", "zh-TW", "en-GB"]);
        assert_eq!(Named::in_yaml("a: [").languages, ["en", "zh-TW"]);
    }

    #[test]
    fn steps_without_a_text_are_left_out_and_named() {
        let goal = "goals: [{id: a, object: {kind: Pod}}]";
        let yaml = format!("version: 1\nminutes: 1\nsteps:\n- {{id: a, {goal}}}\n- {{id: b, {goal}}}\n");
        let text = "# T\n\n## One\n\n[f](file:f.txt) [g](file:f.txt)\n\n- [ ] a\n";
        let file = |name: &str, text: &str| (name.to_string(), text.to_string());
        let read = |yaml: &str| {
            Lesson::read("x/y", &Source::new(vec![file("lesson.yaml", yaml), file("en.md", text)]))
        };
        let (mut lesson, problems) = read(&yaml);
        assert_eq!(problems, []);
        assert_eq!(lesson.linked_files(), ["f.txt"]);
        let misfits: Vec<String> = lesson.fit_to_text().iter().map(Problem::to_string).collect();
        assert!(misfits[0].starts_with("en.md: 1 steps, but lesson.yaml has 2"), "{misfits:?}");
        assert_eq!(lesson.steps.len(), 1);
        let (mut broken, problems) = read("version: [");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(broken.fit_to_text().is_empty() && broken.steps.len() == 1);
        for yaml in [&yaml, "version: ["] {
            let mut empty =
                Lesson::read("x/y", &Source::new(vec![file("lesson.yaml", yaml), file("en.md", "")])).0;
            empty.fit_to_text();
            assert_eq!((empty.steps.len(), empty.texts[0].steps.len()), (1, 1), "it is not done already");
        }
    }
}
