//! A lesson: what its folder holds, read and checked.

use crate::fields::{At, Doc};
use crate::{Block, Goal, Link, MAX_FILES, Named, Problem, Setup, Source, Text};
use apimachinery::{Value, json, yaml};

/// The version of the format.
const VERSION: i64 = 1;
/// The languages that a lesson has unless it says otherwise.
const LANGUAGES: [&str; 2] = ["en", "zh-TW"];
/// The most steps of a lesson, and goals of a step.
const MAX_STEPS: usize = 20;
const MAX_GOALS: usize = 12;
/// The longest that a lesson may take, in minutes.
const MAX_MINUTES: i64 = 60;

/// A lesson.
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    /// `CHAPTER/LESSON`.
    pub name: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// The cluster that it begins with.
    pub setup: Setup,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Its text, in each language there is.
    pub texts: Vec<Text>,
    /// The lesson that comes next, if it is not the one after it in the index.
    pub next: Option<String>,
    /// The files of the learner's home directory: names and texts.
    pub home: Vec<(String, String)>,
    /// The languages that it has to have.
    pub languages: Vec<String>,
    /// Files that `lesson.yaml` names because nothing else does.
    pub files: Vec<String>,
}

/// A step of a lesson.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Its name within the lesson.
    pub id: String,
    /// What has to be reached.
    pub goals: Vec<Goal>,
    /// The commands that reach it.
    pub solution: String,
    /// The line of `solution.sh` after which they stand.
    pub solution_line: usize,
}

const KEYS: [&str; 7] = ["version", "minutes", "cluster", "steps", "next", "languages", "files"];

impl Lesson {
    /// Reads a lesson. What could not be read is left out and named; what is left is always a lesson.
    pub fn read(name: &str, source: &Source) -> (Lesson, Vec<Problem>) {
        let (source, too_long) = source.within_limits();
        let text = source.get("lesson.yaml").unwrap_or_default();
        let mut doc = Doc::new("lesson.yaml", text);
        let value = match source.get("lesson.yaml").map(yaml::parse) {
            Some(Ok(value)) => value,
            Some(Err(why)) => {
                doc.problems.push(Problem::new("lesson.yaml", &why, "mend the YAML").at(line_in(&why)));
                Value::object()
            }
            // It is there, and what is wrong with it is said below.
            None if too_long.iter().any(|p| p.file == "lesson.yaml") => Value::object(),
            None => {
                doc.problem(&At::Root, "the file is missing", "`kubarium lesson new DIR` writes a template");
                Value::object()
            }
        };
        let known = doc.problems.len();
        let unread = known > 0 || source.get("lesson.yaml").is_none();
        let mut lesson = Lesson::from_yaml(name, &mut doc, &value);
        if unread {
            // What follows from it needs no words of its own.
            doc.problems.truncate(known);
        } else {
            doc.twice();
        }
        let mut problems = doc.problems;
        problems.extend(too_long);
        lesson.home = source.home().map(|(n, t)| (n.to_string(), t.to_string())).collect();
        if !unread {
            lesson.read_solution(source.get("solution.sh").unwrap_or_default(), &mut problems);
        }
        for language in source.languages() {
            let file = format!("{language}.md");
            let (text, found) = Text::read(language, source.get(&file).unwrap_or_default());
            problems.extend(found);
            lesson.texts.push(text);
        }
        lesson.leave_out_manifests(&source, &mut problems);
        (lesson, problems)
    }

    /// The lesson in one language as one JSON text, for a page to fetch: its files, and the Markdown as a tree.
    /// `None`: there is no text.
    pub fn bundle(&self, source: &Source, language: &str) -> Option<String> {
        let text = self.text(language)?.to_value();
        Some(json!({"name": &self.name, "files": source.without_texts(), "text": text}).to_json())
    }

    /// Reads what [`Lesson::bundle`] wrote. What could not be read is left out and named; the error says why nothing could.
    pub fn from_bundle(json: &str) -> Result<(Lesson, Vec<Problem>), String> {
        let value = Value::from_json(json).map_err(|e| e.to_string())?;
        if value["files"].as_object().is_none() {
            return Err("that is no lesson".into());
        }
        let source = Source::from_value(&value["files"]);
        let (mut lesson, problems) = Lesson::read(value["name"].str(), &source);
        lesson.texts = vec![Text::from_value(&value["text"])];
        Ok((lesson, problems))
    }

    pub(crate) fn from_yaml(name: &str, doc: &mut Doc<'_>, value: &Value) -> Lesson {
        let root = At::Root;
        doc.only(&root, value, &KEYS);
        if value["version"] != Value::Int(VERSION) && !doc.text.is_empty() {
            let what = match &value["version"] {
                Value::Null => "`version` is missing".into(),
                other => format!("version {} instead of {VERSION}", other.to_json()),
            };
            doc.problem(&At::Field(&root, "version"), what, format!("write `version: {VERSION}`"));
        }
        let minutes = doc.number(&root, value, "minutes", 1, MAX_MINUTES);
        if minutes.is_none() && value["minutes"].is_null() {
            doc.problem(&root, "`minutes` is missing", "say how long the lesson takes");
        }
        let steps: Vec<Value> = doc.list(&root, value, "steps", MAX_STEPS).to_vec();
        if steps.is_empty() {
            doc.problem(&At::Field(&root, "steps"), "no steps", "write at least one");
        }
        let here = At::Field(&root, "steps");
        let mut lesson = Lesson {
            name: name.into(),
            minutes: minutes.unwrap_or(5) as u32,
            setup: Setup::read(doc, &At::Field(&root, "cluster"), &value["cluster"]),
            next: doc.text(&root, value, "next"),
            languages: doc.texts(&root, value, "languages", 32),
            files: doc.texts(&root, value, "files", MAX_FILES),
            ..Lesson::default()
        };
        if lesson.languages.is_empty() {
            lesson.languages = LANGUAGES.map(String::from).to_vec();
        }
        for (index, step) in steps.iter().enumerate() {
            lesson.read_step(doc, &At::Item(&here, index), step);
        }
        lesson
    }

    fn read_step(&mut self, doc: &mut Doc<'_>, at: &At<'_>, value: &Value) {
        doc.only(at, value, &["id", "goals"]);
        let id = doc.text(at, value, "id").unwrap_or_default();
        if id.is_empty() || self.steps.iter().any(|s| s.id == id) {
            doc.problem(at, format!("a step without an id of its own ({id:?})"), "give it a short name");
        }
        let items: Vec<Value> = doc.list(at, value, "goals", MAX_GOALS).to_vec();
        if items.is_empty() {
            doc.problem(at, format!("step {id:?} has no goals"), "say what has to be reached");
        }
        let here = At::Field(at, "goals");
        let mut goals: Vec<Goal> = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let place = At::Item(&here, index);
            let goal = Goal::read(doc, &place, item);
            if goals.iter().any(|g| g.id == goal.id) {
                doc.problem(
                    &place,
                    format!("a second goal {:?} in step {id:?}", goal.id),
                    "rename one of them",
                );
            }
            goals.push(goal);
        }
        self.steps.push(Step { id, goals, ..Step::default() });
    }

    /// Gives each step its part of `solution.sh`.
    fn read_solution(&mut self, text: &str, problems: &mut Vec<Problem>) {
        let file = "solution.sh";
        let mut step = None;
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(id) = line.strip_prefix("# step:") {
                step = self.steps.iter().position(|s| s.id == id.trim());
                if let Some(step) = step {
                    self.steps[step].solution_line = number;
                } else {
                    let what = format!("there is no step {:?}", id.trim());
                    problems.push(Problem::new(file, what, "write an id of lesson.yaml").at(number));
                }
                continue;
            }
            match step {
                Some(step) => self.steps[step].solution.push_str(&format!("{line}\n")),
                None if line.trim().is_empty() || line.starts_with('#') => {}
                None => {
                    let problem = Problem::new(
                        file,
                        "a command that belongs to no step",
                        "write `# step: ID` above it",
                    );
                    problems.push(problem.at(number));
                }
            }
        }
    }

    /// The text in a language; in English, or in the first there is, when it is not there.
    pub fn text(&self, language: &str) -> Option<&Text> {
        let find = |wanted: &str| self.texts.iter().find(|t| t.language.eq_ignore_ascii_case(wanted));
        find(language)
            .or_else(|| {
                let base = language.split('-').next().unwrap_or_default();
                self.texts.iter().find(|t| !base.is_empty() && t.language.split('-').next() == Some(base))
            })
            .or_else(|| find("en"))
            .or(self.texts.first())
    }

    /// What is wrong with the lesson as a whole: languages, texts and goals that do not fit together, files that are not
    /// there. Beyond what [`Lesson::read`] has said.
    pub fn check(&self, source: &Source) -> Vec<Problem> {
        let mut problems = Vec::new();
        for language in &self.languages {
            if !self.texts.iter().any(|t| t.language == *language) {
                let fix = format!("write it, or leave {language} out of `languages:` in lesson.yaml");
                problems.push(Problem::new(&format!("{language}.md"), "the file is missing", fix));
            }
        }
        if source.get("solution.sh").is_none() {
            let fix = "write the commands of each step below `# step: ID`";
            problems.push(Problem::new("solution.sh", "the file is missing", fix));
        }
        for step in &self.steps {
            if source.get("solution.sh").is_some() && step.solution.trim().is_empty() {
                let what = format!("no commands for step {:?}", step.id);
                problems.push(Problem::new(
                    "solution.sh",
                    what,
                    format!("write `# step: {}` and commands", step.id),
                ));
            }
        }
        if let Some(text) = source.get("zh-TW.md") {
            problems.extend(crate::wording::check("zh-TW.md", text));
        }
        if self.steps.is_empty() {
            return problems;
        }
        problems.extend(self.misfits());
        self.check_commands(&mut problems);
        self.check_files(source, &mut problems);
        problems
    }

    /// What does not fit between the steps and their texts.
    pub(crate) fn misfits(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.texts.iter().for_each(|text| self.check_text(text, &mut problems));
        problems
    }

    fn check_text(&self, text: &Text, problems: &mut Vec<Problem>) {
        let file = format!("{}.md", text.language);
        if text.steps.len() != self.steps.len() {
            let what = format!("{} steps, but lesson.yaml has {}", text.steps.len(), self.steps.len());
            problems.push(Problem::new(&file, what, "every `## ` heading is one step, in the same order"));
        }
        for (step, words) in self.steps.iter().zip(&text.steps) {
            if step.goals.len() != words.goals.len() {
                let (is, should) = (words.goals.len(), step.goals.len());
                let what = format!("{is} goal texts for the {should} goals of step {:?}", step.id);
                problems.push(
                    Problem::new(&file, what, "write one line `- [ ] text` for each goal").at(words.line),
                );
            }
        }
        for (line, link) in text.all_links() {
            if let Link::File(name) = link
                && !self.home.iter().any(|(n, _)| n == name)
            {
                let what = format!("file:{name} leads to a file that is not there");
                problems.push(Problem::new(&file, what, "put it into the lesson's folder").at(*line));
            }
        }
    }

    /// All languages have to show the same commands and files; comments may differ.
    fn check_commands(&self, problems: &mut Vec<Problem>) {
        let Some(first) = self.texts.first() else { return };
        for other in &self.texts[1..] {
            for (a, b) in first.steps.iter().zip(&other.steps) {
                let (a, b) = (codes(&a.blocks), (codes(&b.blocks), b.line));
                if a != b.0 {
                    let differs = a.iter().zip(&b.0).find(|(x, y)| x != y).map(|(x, _)| x.lines().next());
                    let hint = differs.flatten().unwrap_or("one block more or less").to_string();
                    let what = format!("the code blocks differ from those of {}.md: {hint}", first.language);
                    let fix = "show the same commands; only comments may differ";
                    problems.push(Problem::new(&format!("{}.md", other.language), what, fix).at(b.1));
                }
            }
        }
    }

    /// A page that reads the folder itself finds only the files that something names.
    fn check_files(&self, source: &Source, problems: &mut Vec<Problem>) {
        let mut doc = Doc::new("lesson.yaml", source.get("lesson.yaml").unwrap_or_default());
        for name in self.files.iter().filter(|name| source.get(name).is_none()) {
            let what = format!("file {name:?} is not there");
            doc.problem(&At::Field(&At::Root, "files"), what, "put it into the lesson's folder");
        }
        problems.extend(doc.problems);
        let named = Named::in_yaml(source.get("lesson.yaml").unwrap_or_default()).files;
        let linked = self.linked_files();
        for (name, _) in source.home() {
            if !named.iter().any(|n| n == name) && !linked.contains(&name) {
                let fix = "name it in `files:` of lesson.yaml, or link to it with file:";
                problems.push(Problem::new(name, "nothing names this file, so pages do not find it", fix));
            }
        }
    }

    /// Manifests that are not there or do not parse are left out and named.
    fn leave_out_manifests(&mut self, source: &Source, problems: &mut Vec<Problem>) {
        let mut doc = Doc::new("lesson.yaml", source.get("lesson.yaml").unwrap_or_default());
        self.setup.manifests.retain(|name| {
            let before = problems.len();
            let Some(text) = source.get(name) else {
                let cluster = At::Field(&At::Root, "cluster");
                let what = format!("manifest {name:?} is not there");
                doc.problem(&At::Field(&cluster, "manifests"), what, "put it into the lesson's folder");
                return false;
            };
            let mut line = 0;
            for document in yaml::documents(text) {
                if let Err(why) = yaml::parse(document) {
                    problems.push(Problem::new(name, &why, "mend the YAML").at(line + line_in(&why).max(1)));
                }
                line += document.matches('\n').count() + 2;
            }
            problems.len() == before
        });
        problems.extend(doc.problems);
    }
}

/// The number after the last `line ` of an error's text; 0 if there is none.
fn line_in(why: &str) -> usize {
    let after = why.rsplit_once("line ").map_or("", |(_, after)| after);
    after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or("").parse().unwrap_or(0)
}

/// The code blocks of a text without their comments.
fn codes(blocks: &[Block]) -> Vec<String> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Code(code) => {
                let lines = code.text.lines().map(|l| l.split(" #").next().unwrap_or(l).trim_end());
                let lines: Vec<&str> = lines.filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
                found.push(lines.join("\n"));
            }
            Block::List(_, items) => items.iter().for_each(|item| found.extend(codes(&item.blocks))),
            Block::Quote(_, inner) => found.extend(codes(inner)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about a `lesson.yaml` and a text in English.
    fn said(yaml: &str, text: &str) -> Vec<String> {
        let files = [("lesson.yaml", yaml), ("en.md", text), ("solution.sh", "")];
        let files = files.map(|(name, text)| (name.to_string(), text.to_string())).to_vec();
        Lesson::read("x/y", &Source::new(files)).1.iter().map(Problem::to_string).collect()
    }

    const STEPS: &str = "steps:\n- id: a\n  goals: [{id: a, command: ls}]\n";
    const TEXT: &str = "# T\n\n## S\n\n- [ ] a\n";

    #[test]
    fn what_a_yaml_reader_would_pass_over_is_named() {
        let yaml =
            format!("version: 1\nminutes: 1\ncluster: {{nodes: 1}}\ncluster:\n  seed: 2\n{STEPS}---\na: b\n");
        assert_eq!(
            said(&yaml, TEXT),
            [
                "lesson.yaml:4: `cluster` stands here a second time; write all of it in one place",
                "lesson.yaml:9: a second document; one file is one lesson",
            ]
        );
        assert_eq!(said(&format!("# mine\n---\nversion: 1\nminutes: 1\n{STEPS}"), TEXT), [""; 0]);
    }

    #[test]
    fn what_is_missing_and_what_is_too_long_is_told_apart() {
        let missing = said(&format!("minutes: 1\n{STEPS}"), TEXT);
        assert_eq!(missing, ["lesson.yaml:1: `version` is missing; write `version: 1`"]);
        let long = said(&"#".repeat(70_000), TEXT);
        assert_eq!(long, ["lesson.yaml: 70000 bytes, and at most 65536 are read; shorten it"]);
    }
}
