//! The page's own texts: every language says the same things, and nothing that the page does not say.

use sim::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the project").to_path_buf()
}

/// Every text below a folder whose file name ends so.
fn texts(folder: &Path, end: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path, end));
        } else if path.to_string_lossy().ends_with(end) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// Keys and texts of a language; a line that is none, and a key that stands twice, fail.
fn read(name: &str, text: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (key, text) = line.split_once(" = ").unwrap_or_else(|| panic!("{name}: no `key = text`: {line}"));
        assert!(!text.is_empty(), "{name}: {key} says nothing");
        assert!(keys.insert(key.to_string(), text.to_string()).is_none(), "{name}: {key} stands twice");
    }
    keys
}

/// The places in a text that are filled: `{0}`, `{1}`.
fn places(text: &str) -> BTreeSet<usize> {
    (0..10).filter(|n| text.contains(&format!("{{{n}}}"))).collect()
}

/// Every text of the code that has the form of a key, such as `"lesson.next"`.
fn keys_in_code() -> BTreeSet<String> {
    let is_key = |word: &&str| {
        word.split_once('.').is_some_and(|(area, rest)| {
            let plain =
                |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            plain(area) && plain(rest)
        })
    };
    let code = texts(&root().join("web/src"), ".rs");
    let words = code.iter().flat_map(|(_, text)| text.split('"').filter(is_key));
    words.map(str::to_string).collect()
}

#[test]
fn every_language_says_what_the_page_says_and_nothing_else() {
    let languages: Vec<(String, BTreeMap<String, String>)> = texts(&root().join("web/locales"), ".txt")
        .iter()
        .map(|(name, text)| (name.clone(), read(name, text)))
        .collect();
    let english = &languages.iter().find(|(name, _)| name == "en.txt").expect("en.txt is there").1;
    assert!(languages.len() >= 2, "one language only");
    let asked = keys_in_code();
    let mut wrong = Vec::new();
    for (name, keys) in &languages {
        wrong.extend(
            english.keys().filter(|k| !keys.contains_key(*k)).map(|k| format!("{name}: {k} is missing")),
        );
        wrong.extend(keys.keys().filter(|k| !asked.contains(*k)).map(|k| format!("{name}: nobody says {k}")));
        for (key, text) in keys {
            match english.get(key) {
                Some(own) if places(own) != places(text) => {
                    wrong.push(format!("{name}: {key} has other places to fill than en.txt"));
                }
                Some(_) => {}
                None => wrong.push(format!("{name}: {key} is not in en.txt")),
            }
        }
    }
    let areas: BTreeSet<&str> = english.keys().filter_map(|k| k.split('.').next()).collect();
    let unknown = asked.iter().filter(|k| areas.contains(k.split('.').next().unwrap_or_default()));
    wrong.extend(unknown.filter(|k| !english.contains_key(*k)).map(|k| format!("en.txt: {k} is missing")));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
