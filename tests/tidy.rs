//! Who may use whom, how long a file may be, what has no place in it: the rules of ARCHITECTURE.md, checked.

use sim::Order;
use std::fs;
use std::path::{Path, PathBuf};
use tests::tidy::{Arrows, unlisted, unsure, untidy};

/// Folders that are not the project's own text: what git leaves out.
const FOREIGN: [&str; 5] = ["target", "dist", "node_modules", ".git", "transcripts"];

/// Files that name what is forbidden because they forbid it.
const FORBIDDING: [&str; 1] = ["tests/src/tidy.rs"];

/// Crates below `crates/` that live in the host's world, sockets and clock: only the native binary.
const OUTSIDE: [&str; 1] = ["cli"];

/// A visible list: what is listed, the file of the list, the folder of the features, and the words that make a module
/// of that folder a feature (none: every module is one).
type List = (&'static str, &'static str, &'static str, &'static str);

/// Every visible list.
const LISTS: [List; 6] = [
    ("kinds", "crates/api/src/lib.rs", "crates/api/src", "KIND: Kind"),
    (
        "controllers",
        "crates/controller-manager/src/lib.rs",
        "crates/controller-manager/src",
        " Controller for ",
    ),
    ("rules", "crates/scheduler/src/plugins/mod.rs", "crates/scheduler/src/plugins", " Plugin for "),
    ("images", "crates/kubelet/src/images/mod.rs", "crates/kubelet/src/images", "IMAGE: Definition"),
    ("commands", "crates/kubectl/src/cmd/mod.rs", "crates/kubectl/src/cmd", "COMMAND: Command"),
    (
        "create commands",
        "crates/kubectl/src/cmd/create/mod.rs",
        "crates/kubectl/src/cmd/create",
        "COMMAND: Command",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the project").to_path_buf()
}

/// Every file of the project below the folder that ends so, with its path as ARCHITECTURE.md writes it.
fn files(folder: &Path, end: &str, found: &mut Vec<(String, String)>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.order();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !FOREIGN.contains(&name.as_str()) {
                files(&path, end, found);
            }
        } else if name.ends_with(end) {
            let relative = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push((relative, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn all(end: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root(), end, &mut found);
    assert!(!found.is_empty(), "no file ends in {end}");
    found
}

/// Fails with every line, so that one run shows all there is to mend.
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn arrows() -> Arrows {
    Arrows::parse(&fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()).unwrap()
}

fn package_name(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find(|line| line.starts_with("name = "))?;
    line.split('"').nth(1)
}

#[test]
fn every_crate_uses_only_what_the_table_allows() {
    let arrows = arrows();
    let manifests = all("Cargo.toml");
    let wrong = manifests.iter().filter_map(|(_, text)| Some(arrows.wrong(package_name(text)?, text)));
    none(wrong.flatten().collect());
}

#[test]
fn the_table_has_every_crate_and_no_other() {
    let manifests = all("Cargo.toml");
    let there: Vec<&str> = manifests.iter().filter_map(|(_, text)| package_name(text)).collect();
    let arrows = arrows();
    let missing = arrows
        .crates()
        .filter(|name| !there.contains(name))
        .map(|name| format!("{name} has a row but is not there"));
    let below = manifests.iter().filter(|(path, _)| path.starts_with("crates/"));
    let without = below
        .filter_map(|(_, text)| package_name(text))
        .filter(|name| !arrows.crates().any(|known| known == *name))
        .map(|name| format!("{name} has no row"));
    none(missing.chain(without).collect());
}

#[test]
fn every_file_is_short_finished_and_at_home_anywhere() {
    let home = root().to_string_lossy().into_owned();
    let sources = [".rs", ".mjs", ".css", ".toml", ".md", ".html"].into_iter().flat_map(all);
    let sources = sources.filter(|(path, _)| !FORBIDDING.contains(&path.as_str()));
    let wrong = |(path, text): (String, String)| {
        untidy(&text, &home).into_iter().map(move |line| format!("{path}: {line}"))
    };
    none(sources.flat_map(wrong).collect());
}

#[test]
fn nothing_in_the_simulation_depends_on_the_host() {
    let outside = |path: &str| OUTSIDE.iter().any(|name| path.starts_with(&format!("crates/{name}/")));
    let sources = all(".rs").into_iter().filter(|(path, _)| path.starts_with("crates/") && !outside(path));
    let wrong =
        |(path, text): (String, String)| unsure(&text).into_iter().map(move |line| format!("{path}: {line}"));
    none(sources.flat_map(wrong).collect());
}

#[test]
fn every_feature_stands_in_its_list() {
    let mut wrong = Vec::new();
    for (what, list, folder, words) in LISTS {
        let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let mut features: Vec<String> =
            entries.filter_map(|entry| feature(&entry.unwrap().path(), words)).collect();
        features.order();
        assert!(!features.is_empty(), "{folder} has no {what}");
        let text = fs::read_to_string(root().join(list)).unwrap_or_else(|error| panic!("{list}: {error}"));
        wrong.extend(
            unlisted(&text, features.iter().map(String::as_str)).iter().map(|line| format!("{what}: {line}")),
        );
    }
    none(wrong);
}

/// The module's name, if it is a feature: a file or a folder whose text has the words.
fn feature(path: &Path, words: &str) -> Option<String> {
    let file = if path.is_dir() { path.join("mod.rs") } else { path.to_path_buf() };
    let name = path.file_stem()?.to_string_lossy().into_owned();
    let module = file.extension()? == "rs" && !["lib", "mod"].contains(&name.as_str());
    (module && fs::read_to_string(file).ok()?.contains(words)).then_some(name)
}
