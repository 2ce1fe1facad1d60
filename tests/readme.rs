//! README.md and its translations are kept in step: the same headings, code, tables, figures and targets of links, in the
//! same order. Prose is for people to compare.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use sim::Order;
use std::fs;
use std::path::Path;

/// Translations, each with how it names the others and itself is named by them.
const TRANSLATIONS: [&str; 1] = ["README.zh-TW.md"];

/// What two languages of a page share, one entry for each part, in order.
fn outline(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut code, mut row) = (None, None);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => parts.push(format!("heading {level}")),
            Event::Start(Tag::Item) => parts.push("item".into()),
            Event::Start(Tag::Image { dest_url, .. }) => parts.push(format!("image {dest_url}")),
            // The links between the languages point elsewhere by their nature.
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.starts_with("README") => {
                parts.push("language".into())
            }
            Event::Start(Tag::Link { dest_url, .. }) => parts.push(format!("link {dest_url}")),
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = if let CodeBlockKind::Fenced(info) = &kind { info.as_ref() } else { "indented" };
                code = Some(format!("code {info}\n"));
            }
            Event::End(TagEnd::CodeBlock) => parts.extend(code.take()),
            Event::Start(Tag::TableHead | Tag::TableRow) => row = Some((0, String::new())),
            Event::Start(Tag::TableCell) => row.iter_mut().for_each(|(cells, _)| *cells += 1),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                parts.extend(row.take().map(|(cells, text): (usize, String)| {
                    format!("row of {cells} with {}", figures(&text).join(" "))
                }));
            }
            Event::Text(text) => match (&mut code, &mut row) {
                (Some(code), _) => code.push_str(&text),
                (_, Some((_, cells))) => cells.extend([" ", &text]),
                _ => {}
            },
            Event::Code(text) => {
                row.iter_mut().for_each(|(_, cells)| cells.extend([" `", &text.replace(' ', "_"), "` "]))
            }
            _ => {}
        }
    }
    parts
}

/// The numbers and the code of a table's row, sorted: languages put them in another order.
fn figures(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            found.push(part.into());
            continue;
        }
        let numbers = part.split(|c: char| !c.is_ascii_digit() && c != '.').map(|n| n.trim_matches('.'));
        found.extend(numbers.filter(|n| !n.is_empty()).map(String::from));
    }
    found.as_mut_slice().order();
    found
}

/// The first place where two pages part.
fn first_difference(one: &str, other: &str) -> Option<String> {
    let (one, other) = (outline(one), outline(other));
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    Some(format!("part {at}:\n{:?}\n{:?}", one.get(at), other.get(at)))
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn translations_have_the_same_headings_code_tables_and_figures() {
    let readme = read("README.md");
    assert!(outline(&readme).len() > 30, "there is something to compare");
    for name in TRANSLATIONS {
        let translation = read(name);
        if let Some(difference) = first_difference(&readme, &translation) {
            panic!("README.md and {name} part at {difference}");
        }
        assert!(readme.contains(&format!("]({name})")), "README.md does not lead to {name}");
        assert!(translation.contains("](README.md)"), "{name} does not lead to README.md");
    }
}

#[test]
fn whatever_parts_two_languages_is_found() {
    let page = "# A\n\n[B](README.b.md) ![x](x.png)\n\n## C\n\n- d\n\n```sh\nls\n```\n\n| a | b |\n|---|---|\n| 3 of 4, `x y` | 1.5 ms |\n";
    let other = "# 甲\n\n[乙](README.md) ![某](x.png)\n\n## 丙\n\n- 丁\n\n```sh\nls\n```\n\n| 甲 | 乙 |\n|---|---|\n| 4 個中的 3 個，`x y` | 1.5 毫秒。 |\n";
    assert_eq!(first_difference(page, other), None);
    for (old, new) in [
        ("## 丙", "### 丙"),
        ("## 丙", "丙"),
        ("- 丁", "- 丁\n- 戊"),
        ("ls", "ls -l"),
        ("```sh", "```sh {skip}"),
        ("x.png", "y.png"),
        ("3 個", "5 個"),
        ("1.5", "1.6"),
        ("x y", "x z"),
        ("| 4 個", "| 1 | 2 |\n| 4 個"),
    ] {
        assert!(
            first_difference(page, &other.replace(old, new)).is_some(),
            "{old} became {new}, and nobody saw it"
        );
    }
}
