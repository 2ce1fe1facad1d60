//! The project's own rules about its shape, as functions of text; `tests/tidy.rs` applies them to the real files.

use std::collections::{BTreeMap, BTreeSet};

/// The table "Who may use whom" of ARCHITECTURE.md: per crate its row and what it may use.
#[derive(Debug, Default, PartialEq)]
pub struct Arrows {
    crates: BTreeMap<String, (u32, May)>,
}

#[derive(Clone, Debug, PartialEq)]
enum May {
    /// `anything below`: every crate of a lower row.
    Below,
    /// The named crates.
    Named(BTreeSet<String>),
}

impl Arrows {
    /// Reads the table. An error where it is not there, or allows a crate that it does not know or that stands above.
    pub fn parse(architecture: &str) -> Result<Arrows, String> {
        let after =
            architecture.split("### Who may use whom").nth(1).ok_or("no heading 'Who may use whom'")?;
        let lines =
            after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
        let mut arrows = Arrows::default();
        for line in lines.skip(2) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [row, crates, may] = cells[..] else { return Err(format!("not three cells: {line}")) };
            let row: u32 = row.parse().map_err(|_| format!("a row's number is none: {line}"))?;
            let may = if may == "anything below" { May::Below } else { May::Named(names(may).collect()) };
            arrows.crates.extend(names(crates).map(|name| (name, (row, may.clone()))));
        }
        for (name, (row, may)) in &arrows.crates {
            let May::Named(named) = may else { continue };
            for other in named {
                let (below, _) =
                    arrows.crates.get(other).ok_or(format!("{name} may use {other}, which has no row"))?;
                if below > row {
                    return Err(format!("{name} may use {other}, which stands above it"));
                }
            }
        }
        if arrows.crates.is_empty() { Err("the table is empty".into()) } else { Ok(arrows) }
    }

    /// Every crate of the table.
    pub fn crates(&self) -> impl Iterator<Item = &str> {
        self.crates.keys().map(String::as_str)
    }

    /// What is wrong with a crate's manifest: each of our crates that it uses and may not. A crate without a row (a
    /// build tool) may use none of them.
    pub fn wrong(&self, name: &str, manifest: &str) -> Vec<String> {
        let ours = dependencies(manifest).into_iter().filter(|used| self.crates.contains_key(used));
        ours.filter(|used| !self.allows(name, used))
            .map(|used| format!("{name} may not use {used}"))
            .collect()
    }

    fn allows(&self, name: &str, used: &str) -> bool {
        match self.crates.get(name) {
            None => false,
            Some((_, May::Named(named))) => named.contains(used),
            Some((row, May::Below)) => self.crates[used].0 < *row,
        }
    }
}

/// The names in a cell, with or without backticks, between commas.
fn names(cell: &str) -> impl Iterator<Item = String> {
    cell.split(',').map(|name| name.trim().trim_matches('`').to_string()).filter(|name| !name.is_empty())
}

/// Every dependency of a Cargo.toml by its package's name: of the crate, of its tests, of its build script, for any
/// target.
pub fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut result = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            inside = header.ends_with("dependencies");
            if let Some((section, name)) = header.rsplit_once('.')
                && section.ends_with("dependencies")
            {
                result.insert(name.to_string());
            }
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            let renamed = value.split("package").nth(1).and_then(|rest| rest.split('"').nth(1));
            let name = key.split('.').next().unwrap_or(key).trim().trim_matches('"');
            result.insert(renamed.unwrap_or(name).to_string());
        }
    }
    result
}

/// The longest that a source file may be, in lines: one sitting's reading.
pub const LONGEST: usize = 800;

/// Words that have no place in the project: what is unfinished.
pub const UNFINISHED: [&str; 4] = ["todo!(", "unimplemented!(", "dbg!(", "FIXME"];

/// What is wrong with a source file wherever it stands. `home` is the folder that the project lies in: nobody else
/// has it.
pub fn untidy(text: &str, home: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST {
        wrong.push(format!("{lines} lines, {LONGEST} are the limit"));
    }
    for word in UNFINISHED.into_iter().chain([home]).filter(|word| text.contains(*word)) {
        wrong.push(format!("contains {word}"));
    }
    for attribute in ["#[allow(", "#![allow(", "#[ignore"] {
        let reason = |rest: &str| rest.split(']').next().is_some_and(|inside| inside.contains('"'));
        let remark = |rest: &str| rest.lines().next().is_some_and(|line| line.contains("//"));
        let unexplained = |rest: &str| !reason(rest) && !remark(rest);
        if text.split(attribute).skip(1).any(unexplained) {
            wrong.push(format!("{attribute}…] without a reason"));
        }
    }
    wrong
}

/// What would make two runs differ: the host's clock, threads, and the order of hash maps.
const UNSURE: [&str; 7] =
    ["Instant", "SystemTime", "HashMap", "HashSet", "RandomState", "std::thread", "thread::spawn"];

/// What is unsure in a file of the simulation; comments do not count.
pub fn unsure(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect();
    let used = |word: &&str| code.iter().any(|line| has_word(line, word));
    UNSURE.into_iter().filter(|word| used(word)).map(|word| format!("uses {word}")).collect()
}

/// True where the word stands in the line, and not as a part of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word)
        .any(|(at, _)| !part(line[..at].chars().next_back()) && !part(line[at + word.len()..].chars().next()))
}

/// The features of a folder that its list does not have: each module must stand in the list as `NAME::…`.
pub fn unlisted<'a>(list: &str, modules: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let code: Vec<&str> = list.lines().map(|line| line.split("//").next().unwrap_or(line)).collect();
    let listed =
        |name: &str| code.iter().any(|line| has_word(line, name) && line.contains(&format!("{name}::")));
    modules
        .into_iter()
        .filter(|name| !listed(name))
        .map(|name| format!("{name} is not in its list"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "### Who may use whom\n\ntext\n\n| row | crates | may use |\n|---|---|---|\n\
                         | 2 | `page`, `run` | anything below |\n| 1 | `server` | store |\n| 1 | `control` | api |\n\
                         | 0 | `store` | |\n| 0 | `api` | |\n\n| other | table | here |\n";

    #[test]
    fn a_wrong_arrow_is_found_wherever_it_hides() {
        let arrows = Arrows::parse(TABLE).unwrap();
        let wrong = |name, manifest| arrows.wrong(name, manifest).join("; ");
        assert_eq!(wrong("control", "[dependencies]\napi.workspace = true\nserde = \"1\"\n"), "");
        assert_eq!(wrong("control", "[dependencies]\nstore.workspace = true\n"), "control may not use store");
        assert_eq!(
            wrong("control", "[dev-dependencies]\nstore = { path = \"../store\" }\n"),
            "control may not use store"
        );
        assert_eq!(
            wrong("control", "[target.'cfg(unix)'.dependencies.store]\npath = \"x\"\n"),
            "control may not use store"
        );
        assert_eq!(
            wrong("control", "[dependencies]\ns = { package = \"store\" }\n"),
            "control may not use store"
        );
        assert_eq!(
            wrong("page", "[dependencies]\nserver.workspace = true\nrun.workspace = true\n"),
            "page may not use run"
        );
        assert_eq!(wrong("tool", "[build-dependencies]\napi.workspace = true\n"), "tool may not use api");
    }

    #[test]
    fn a_table_that_cannot_be_is_an_error() {
        let error = |row: &str| Arrows::parse(&TABLE.replace("| 0 | `api` | |", row)).unwrap_err();
        assert!(error("| 0 | `api` | nobody |").contains("no row"));
        assert!(error("| 0 | `api` | server |").contains("above"));
        assert!(Arrows::parse("# Architecture").is_err());
    }

    #[test]
    fn untidy_files_are_found() {
        assert_eq!(untidy("fn main() {}\n", "/here"), [""; 0]);
        assert_eq!(untidy(&"\n".repeat(801), "/here").len(), 1);
        assert_eq!(untidy("dbg!(1); // see /here/x", "/here"), ["contains dbg!(", "contains /here"]);
        assert_eq!(untidy("#[allow(dead_code)]\nfn f() {}", "/here"), ["#[allow(…] without a reason"]);
        assert_eq!(untidy("#[allow(missing_docs)] // their names say it", "/here"), [""; 0]);
        assert_eq!(untidy("#[allow(dead_code, reason = \"x\")]", "/here"), [""; 0]);
    }

    #[test]
    fn what_is_unsure_is_found_in_code_only() {
        assert_eq!(unsure("use std::collections::HashMap;"), ["uses HashMap"]);
        assert_eq!(unsure("let t = std::time::Instant::now();"), ["uses Instant"]);
        assert_eq!(unsure("// a HashMap would do\nstruct InstantNoodles;"), [""; 0]);
    }

    #[test]
    fn a_feature_outside_its_list_is_found() {
        let list = "mod pod;\nmod node;\nconst KINDS: [Kind; 1] = [pod::KIND]; // node::KIND";
        assert_eq!(unlisted(list, ["pod", "node"]), ["node is not in its list"]);
    }
}
