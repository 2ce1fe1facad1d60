//! What the page says of a playground: the attributes of its element.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The parts that `controls` names, one bit each.
const PARTS: [&str; 9] =
    ["title", "lessons", "time", "theme", "language", "tabs", "nodes", "requests", "news"];

/// What of the picture is brought into view, as in lessons, or the only pane that is shown.
const VIEWS: [&str; 6] = ["cluster", "services", "nodes", "events", "terminal", "picture"];

const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// Which of the page's parts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown(u16);

impl Default for Shown {
    /// All.
    fn default() -> Shown {
        Shown((1 << PARTS.len()) - 1)
    }
}

impl Shown {
    /// Reads names with blanks between them; `none` and nothing are none. The other value is a word that is no name.
    pub fn parse(text: &str) -> (Shown, Option<String>) {
        let words = || text.split_ascii_whitespace().filter(|word| *word != "none");
        let place = |word: &str| PARTS.iter().position(|part| *part == word);
        let shown = words().filter_map(place).fold(0, |shown, place| shown | 1 << place);
        (Shown(shown), words().find(|word| place(word).is_none()).map(str::to_string))
    }

    /// Whether the part of this name is shown.
    pub fn has(self, part: &str) -> bool {
        PARTS.iter().position(|name| *name == part).is_some_and(|place| self.0 & 1 << place != 0)
    }
}

/// How the playground shows itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// `services`, `nodes` or `events`: what is brought into view first; `terminal` or `picture`: the only one shown.
    pub view: Option<&'static str>,
    /// `light` or `dark`, where the reader's system does not decide.
    pub theme: Option<&'static str>,
    /// Nobody types: commands are the page's.
    pub readonly: bool,
    /// Which parts are shown.
    pub shown: Shown,
    /// It stands in a page of others, whose focus is not its own.
    pub embedded: bool,
}

/// Every option; what is not said is `None` or the default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// How many nodes the cluster has.
    pub nodes: Option<usize>,
    /// All randomness comes from this.
    pub seed: Option<u64>,
    /// The lesson to show, such as `basics/2-deploy-an-app`.
    pub lesson: Option<String>,
    /// The language, as HTML writes it.
    pub lang: Option<String>,
    /// The address of a lesson's folder or bundle, instead.
    pub src: Option<String>,
    /// How it shows itself.
    pub page: Page,
}

impl Options {
    /// From a JavaScript object with the properties `nodes`, `seed`, `lesson`, `lang`, `src`, `view`, `theme`,
    /// `readonly` and `controls`: texts (but for `readonly`), or null. What cannot be read is left out, and said.
    pub fn read(object: &JsValue) -> (Options, Vec<String>) {
        let get = |name: &str| Reflect::get(object, &name.into()).unwrap_or(JsValue::UNDEFINED);
        let text = |name: &str| get(name).as_string().filter(|text| !text.is_empty());
        let mut complaints = Vec::new();
        let mut number = |name: &str, least: u64, most: u64| {
            let text = text(name)?;
            let number = text.parse().ok().filter(|n| (least..=most).contains(n));
            if number.is_none() {
                complaints.push(format!("{name}: {text:?} is not a whole number from {least} to {most}"));
            }
            number
        };
        let nodes = number("nodes", 1, crate::app::MAX_NODES as u64).map(|n| n as usize);
        let seed = number("seed", 0, u64::MAX);
        let mut one_of = |name: &str, words: &[&'static str]| {
            let text = text(name)?;
            let word = words.iter().find(|word| **word == text);
            if word.is_none() {
                complaints.push(format!("{name}: there is no {text:?}; there are {}", words.join(", ")));
            }
            word.copied().filter(|word| *word != words[0])
        };
        let (view, theme) = (one_of("view", &VIEWS), one_of("theme", &THEMES));
        let (shown, unknown) = match get("controls").as_string() {
            Some(text) => Shown::parse(&text),
            None => (Shown::default(), None),
        };
        if let Some(word) = unknown {
            complaints.push(format!("controls: there is no {word:?}; there are {}, none", PARTS.join(", ")));
        }
        let readonly = get("readonly").is_truthy();
        let (lesson, lang, src) = (text("lesson"), text("lang"), text("src"));
        let page = Page { view, theme, readonly, shown, embedded: true };
        (Options { nodes, seed, lesson, lang, src, page }, complaints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_names_with_blanks_between_them() {
        let (shown, unknown) = Shown::parse(" time  news ");
        assert!(shown.has("time") && shown.has("news") && !shown.has("tabs") && unknown.is_none());
        assert!(Shown::default().has("requests") && !Shown::default().has("nonsense"));
        assert_eq!(Shown::parse("none"), (Shown(0), None));
        assert_eq!(Shown::parse("time clock").1.as_deref(), Some("clock"));
    }
}
