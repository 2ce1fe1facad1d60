//! The page's own texts, in the reader's language: `web/locales/LANGUAGE.txt`, one `key = text` a line.
//!
//! English is part of the program; another language is fetched when it is the reader's. What a component says comes
//! through its `words`. `{0}`, `{1}` stand for what is told. `tests/locales.rs` compares the files with the code.

use crate::fetch;
use std::cell::RefCell;
use std::fmt::Display;

/// The languages there are, each as it calls itself. The first is built in.
pub const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("zh-TW", "繁體中文")];

const ENGLISH: &str = include_str!("../locales/en.txt");

thread_local! {
    /// Languages that are there: at most one entry for each of [`LANGUAGES`], kept while the page lives.
    static LOADED: RefCell<Vec<&'static Table>> = const { RefCell::new(Vec::new()) };
}

struct Table {
    language: &'static str,
    texts: Vec<(String, String)>,
}

/// The texts of one language.
#[derive(Clone, Copy)]
pub struct Words(&'static Table);

impl PartialEq for Words {
    fn eq(&self, other: &Words) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Default for Words {
    fn default() -> Words {
        Words::loaded("en").unwrap_or_else(|| Words::keep("en", ENGLISH))
    }
}

impl Words {
    fn loaded(language: &str) -> Option<Words> {
        LOADED.with_borrow(|all| all.iter().find(|t| t.language == language).map(|t| Words(t)))
    }

    fn keep(language: &'static str, text: &str) -> Words {
        let table: &'static Table = Box::leak(Box::new(Table { language, texts: read(text) }));
        LOADED.with_borrow_mut(|all| all.push(table));
        Words(table)
    }

    /// The texts of a language, fetched unless they are there. One that cannot be fetched is English.
    pub async fn load(language: &str) -> Words {
        let english = Words::default();
        let Some((language, _)) = LANGUAGES.into_iter().find(|(l, _)| *l == language) else { return english };
        if let Some(words) = Words::loaded(language) {
            return words;
        }
        let Ok(address) = fetch::beside(&format!("locales/{language}.txt")) else { return english };
        match fetch::text(&address).await {
            // Another playground may have fetched it in the meantime.
            Ok(text) => Words::loaded(language).unwrap_or_else(|| Words::keep(language, &text)),
            Err(_) => english,
        }
    }

    /// The language, as HTML names it.
    pub fn language(self) -> &'static str {
        self.0.language
    }

    /// Whether it is the language that the cluster itself speaks.
    pub fn is_english(self) -> bool {
        self.0.language == "en"
    }

    /// A number as the language writes it.
    pub fn number(self, number: u64) -> String {
        // The first number that is asked of the browser takes it 20 ms and more.
        if number < 1000 {
            return number.to_string();
        }
        String::from(js_sys::Number::from(number as f64).to_locale_string(self.0.language))
    }

    /// The text of a key; what is missing is said in English.
    pub fn t(self, key: &str) -> &'static str {
        let find =
            |table: &'static Table| table.texts.iter().find(|(k, _)| k == key).map(|(_, t)| t.as_str());
        find(self.0).or_else(|| find(Words::default().0)).unwrap_or_default()
    }

    /// The text of a key, with what is told in it.
    pub fn tell(self, key: &str, parts: &[&dyn Display]) -> String {
        let mut text = self.t(key).to_string();
        for (index, part) in parts.iter().enumerate() {
            text = text.replace(&format!("{{{index}}}"), &part.to_string());
        }
        text
    }
}

/// Keys and texts; empty lines and lines that begin with `#` are left out.
fn read(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pair = |line: &str| line.split_once(" = ").map(|(key, text)| (key.trim().into(), text.into()));
    lines.filter_map(pair).collect()
}

/// The one of [`LANGUAGES`] that a reader of `wanted` reads; `None` if there is none.
pub fn matching(wanted: &str) -> Option<&'static str> {
    let base = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let found = LANGUAGES.iter().find(|(l, _)| l.eq_ignore_ascii_case(wanted));
    found.or_else(|| LANGUAGES.iter().find(|(l, _)| base(l) == base(wanted))).map(|(l, _)| *l)
}

/// Where the language is kept that a reader has switched to, on a page that is a playground and nothing else.
const KEPT: &str = "kubarium.language";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// The language that the reader has switched to before.
pub fn kept() -> Option<String> {
    storage()?.get_item(KEPT).ok().flatten()
}

/// Keeps it; where there is no store, it is forgotten with the page.
pub fn keep(language: &str) {
    let _ = storage().map(|s| s.set_item(KEPT, language));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_the_nearest_language() {
        let cases =
            [("zh-TW", Some("zh-TW")), ("zh-Hant-TW", Some("zh-TW")), ("en-GB", Some("en")), ("fr", None)];
        for (wanted, found) in cases {
            assert_eq!(matching(wanted), found, "{wanted}");
        }
        assert_eq!(read("# x\na.b = c = {0}\n\n"), [("a.b".to_string(), "c = {0}".to_string())]);
    }
}
