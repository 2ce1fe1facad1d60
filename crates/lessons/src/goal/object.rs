//! `object:` — how many objects there are that are so.

use super::{Compare, Now, Verdict, World, name_fits};
use crate::fields::{At, Doc};
use crate::links::kind_named;
use api::Kind;
use apimachinery::labels::Selector;
use apimachinery::{Object, Quantity, Value};
use client::jsonpath::{JsonPath, relaxed};
use userland::Regex;

/// The most conditions over fields.
const MAX_WHERE: usize = 16;

/// How long a value is told to the learner, in characters.
const MAX_SHOWN: usize = 60;

/// A condition over the objects of a kind. Objects on their way out do not count.
#[derive(Clone)]
pub struct ObjectGoal {
    kind: &'static Kind,
    /// A name, or its beginning and a `*`.
    name: Option<String>,
    selector: Option<Selector>,
    /// `None`: any namespace.
    namespace: Option<String>,
    count: Compare,
    fields: Vec<Field>,
}

impl std::fmt::Debug for ObjectGoal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ObjectGoal({} {:?} {:?})", self.kind.resource.kind, self.name, self.count)
    }
}

/// A condition over a field of an object.
#[derive(Clone, Debug)]
struct Field {
    path: JsonPath,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Is(String),
    Not(String),
    Matches(Regex),
    AtLeast(f64),
    AtMost(f64),
    Same(JsonPath),
    Exists(bool),
    Count(Compare),
}

const KEYS: [&str; 7] = ["kind", "name", "selector", "namespace", "count", "where", "absent"];
const TESTS: [&str; 8] = ["is", "not", "matches", "gte", "lte", "same", "exists", "count"];

impl ObjectGoal {
    pub(crate) fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value) -> Option<ObjectGoal> {
        doc.only(at, value, &KEYS);
        let before = doc.problems.len();
        let kind_name = doc.text(at, value, "kind").unwrap_or_default();
        let kind = kind_named(&kind_name);
        if kind.is_none() {
            let what = format!("unknown kind {kind_name:?}");
            doc.problem(&At::Field(at, "kind"), what, "kubectl api-resources lists the kinds there are");
        }
        let selector = doc.text(at, value, "selector").and_then(|text| {
            let parsed = Selector::parse(&text);
            if let Err(why) = &parsed {
                doc.problem(&At::Field(at, "selector"), format!("bad selector: {why}"), "write app=web");
            }
            parsed.ok()
        });
        let absent = doc.flag(at, value, "absent").unwrap_or(false);
        let count = Compare::read(doc, at, value, "count");
        if absent && count.is_some() {
            doc.problem(at, "`absent` and `count` exclude each other", "leave one of them out");
        }
        let default = if absent { Compare::NONE } else { Compare::SOME };
        let namespace = doc.text(at, value, "namespace").unwrap_or_else(|| "default".into());
        let items: Vec<Value> = doc.list(at, value, "where", MAX_WHERE).to_vec();
        let here = At::Field(at, "where");
        let mut fields = Vec::new();
        for (index, item) in items.iter().enumerate() {
            Field::read(doc, &At::Item(&here, index), item, &mut fields);
        }
        let name = doc.text(at, value, "name");
        let goal = ObjectGoal {
            kind: kind?,
            name,
            selector,
            namespace: (namespace != "*").then_some(namespace),
            count: count.unwrap_or(default),
            fields,
        };
        (doc.problems.len() == before).then_some(goal)
    }

    /// Whether it holds now.
    pub(crate) fn holds(&self, world: &dyn World) -> Verdict {
        let objects = world.objects(&self.kind.resource);
        let named: Vec<&Object> = objects.iter().filter(|o| self.means(o)).collect();
        let fits = named.iter().filter(|o| self.fields.iter().all(|f| f.holds(o).is_ok())).count() as u64;
        if self.count.fits(fits) {
            return Ok(());
        }
        // One thing that is not as it should be: its value tells more than a number.
        let wrong = match named[..] {
            [one] if fits == 0 => self.fields.iter().find_map(|field| field.holds(one).err()),
            _ => None,
        };
        Err(wrong.map_or(Now::Count(fits), Now::Value))
    }

    fn means(&self, object: &Object) -> bool {
        let namespaced = self.kind.resource.namespaced;
        !object.is_terminating()
            && self.name.as_ref().is_none_or(|name| name_fits(name, object.name()))
            && self.selector.as_ref().is_none_or(|s| s.matches(object.labels()))
            && (!namespaced || self.namespace.as_ref().is_none_or(|n| n == object.namespace()))
    }
}

impl Field {
    /// Reads a condition; one with several tests becomes several.
    fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value, fields: &mut Vec<Field>) {
        let known: Vec<&str> = ["path"].into_iter().chain(TESTS).collect();
        doc.only(at, value, &known);
        let text = doc.text(at, value, "path").unwrap_or_default();
        let Some(path) = read_path(doc, &At::Field(at, "path"), &text) else { return };
        let given: Vec<&str> = TESTS.into_iter().filter(|t| !value[*t].is_null()).collect();
        if given.is_empty() {
            doc.problem(at, "a path without a test", format!("add one of {}", TESTS.join(", ")));
        }
        for key in given {
            let here = At::Field(at, key);
            if let Some(test) = Test::read(doc, at, &here, value, key) {
                fields.push(Field { path: path.clone(), test });
            }
        }
    }

    /// `Err`: what is there instead.
    fn holds(&self, object: &Object) -> Result<(), String> {
        let values = found(&self.path, object);
        let texts: Vec<String> = values.iter().map(Value::to_go).collect();
        let holds = match &self.test {
            Test::Is(text) => texts.contains(text),
            Test::Not(text) => !texts.contains(text),
            Test::Matches(regex) => texts.iter().any(|t| regex.is_match(t)),
            Test::AtLeast(n) => values.iter().any(|v| number(v).is_some_and(|v| v >= *n)),
            Test::AtMost(n) => values.iter().any(|v| number(v).is_some_and(|v| v <= *n)),
            Test::Same(other) => !values.is_empty() && values == found(other, object),
            Test::Exists(there) => values.is_empty() != *there,
            Test::Count(count) => count.fits(values.len() as u64),
        };
        if holds {
            return Ok(());
        }
        Err(match self.test {
            Test::Count(_) => texts.len().to_string(),
            _ => texts.join(" ").chars().take(MAX_SHOWN).collect(),
        })
    }
}

impl Test {
    fn read(doc: &mut Doc<'_>, parent: &At<'_>, at: &At<'_>, value: &Value, key: &str) -> Option<Test> {
        match key {
            "exists" => return doc.flag(parent, value, key).map(Test::Exists),
            "count" => return Compare::read(doc, parent, value, key).map(Test::Count),
            _ => {}
        }
        let text = doc.text(parent, value, key)?;
        Some(match key {
            "is" => Test::Is(text),
            "not" => Test::Not(text),
            "same" => Test::Same(read_path(doc, at, &text)?),
            "matches" => match Regex::new(&text, true, false) {
                Ok(regex) => Test::Matches(regex),
                Err(why) => {
                    doc.problem(at, format!("bad pattern: {why}"), "patterns are those of grep -E");
                    return None;
                }
            },
            _ => {
                let Some(n) = Quantity::parse(&text).map(|q| q.millis() as f64 / 1000.0) else {
                    doc.problem(at, format!("{text:?} is no number"), "write one such as 3 or 100m");
                    return None;
                };
                if key == "gte" { Test::AtLeast(n) } else { Test::AtMost(n) }
            }
        })
    }
}

fn read_path(doc: &mut Doc<'_>, at: &At<'_>, text: &str) -> Option<JsonPath> {
    let parsed = match relaxed(text) {
        Ok(path) if !path.is_empty() => JsonPath::parse(&path, true),
        Ok(_) => Err("it is empty".into()),
        Err(why) => Err(why.into()),
    };
    if let Err(why) = &parsed {
        doc.problem(at, format!("bad jsonpath {text:?}: {why}"), "write one such as .status.readyReplicas");
    }
    parsed.ok()
}

/// What a path finds; nothing where it leads nowhere.
fn found(path: &JsonPath, object: &Object) -> Vec<Value> {
    path.find(object).unwrap_or_default().into_iter().flatten().filter(|v| !v.is_null()).collect()
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| Quantity::parse(value.as_str()?).map(|q| q.millis() as f64 / 1000.0))
}
