//! Reads `index.html`: finds the `<link data-trunk …>` tags and puts what was built in their place.
//!
//! The links are Trunk's (<https://trunkrs.dev/assets/>). Those that this project uses are understood;
//! any other is an error that names it, so that the two builds of one page cannot drift apart unseen.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One `<link data-trunk …>`: where it stands in the text and what it asks for.
#[derive(Debug, PartialEq)]
pub struct Link {
    /// The bytes of the whole tag in `index.html`.
    pub place: Range<usize>,
    /// What is asked for.
    pub asset: Asset,
}

/// What a link asks for. Paths are relative to `index.html`.
#[derive(Debug, PartialEq)]
pub enum Asset {
    /// A program: compiled, bound, cut in two as `later` says (a file beside the manifest), optimised.
    Rust { manifest: String, bin: String, profile: String, later: PathBuf },
    /// A style sheet, loaded before the first paint.
    Css { path: String },
    /// The page's icon.
    Icon { path: String, mime: String },
    /// A file that the page fetches later, under its own name.
    CopyFile { path: String },
    /// The same for a folder with all that is in it.
    CopyDir { path: String },
}

impl Asset {
    /// The file that says how a program is cut; it need not be there.
    pub fn later(&self) -> Option<&Path> {
        match self {
            Asset::Rust { later, .. } => Some(later),
            _ => None,
        }
    }
}

/// Every link of the text, in order. Links in comments do not count.
pub fn links(html: &str) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|offset| at + offset) {
        if html[start..].starts_with("<!--") {
            at = start + html[start..].find("-->").context("index.html: a comment without end")?;
            continue;
        }
        let end = start + tag_length(&html[start..]).context("index.html: a tag without end")?;
        at = end;
        let Some(inside) = html[start..end].strip_prefix("<link ") else { continue };
        let attributes = attributes(inside.trim_end_matches('>').trim_end_matches('/'));
        if attributes.contains_key("data-trunk") {
            links.push(Link { place: start..end, asset: asset(&attributes)? });
        }
    }
    Ok(links)
}

/// The text with each link replaced by what `replacement` gives for it.
pub fn replace(html: &str, links: &[Link], replacement: impl Fn(usize) -> String) -> String {
    let mut result = String::with_capacity(html.len());
    let mut at = 0;
    for (index, link) in links.iter().enumerate() {
        result.push_str(&html[at..link.place.start]);
        result.push_str(&replacement(index));
        at = link.place.end;
    }
    result.push_str(&html[at..]);
    result
}

/// The length of the tag that the text begins with; a `>` inside quotes does not end it.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (index, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(index + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// `a="1" b` as a map; an attribute without a value has the empty one.
fn attributes(mut text: &str) -> BTreeMap<String, String> {
    let mut result = BTreeMap::new();
    loop {
        text = text.trim_start();
        let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
        if end == 0 {
            return result;
        }
        let name = text[..end].to_string();
        text = &text[end..];
        let mut value = "";
        if let Some(rest) = text.strip_prefix('=') {
            let quote = rest.chars().next().filter(|c| *c == '"' || *c == '\'');
            let body = if quote.is_some() { &rest[1..] } else { rest };
            let end = body.find(|c: char| quote.map_or(c.is_whitespace(), |q| c == q)).unwrap_or(body.len());
            value = &body[..end];
            text = &body[(end + usize::from(quote.is_some())).min(body.len())..];
        }
        result.insert(name, value.to_string());
    }
}

fn asset(attributes: &BTreeMap<String, String>) -> Result<Asset> {
    let get = |name: &str| attributes.get(name).cloned();
    let rel = get("rel").context("index.html: a data-trunk link without rel")?;
    let path = get("href").with_context(|| format!("index.html: the {rel} link has no href"))?;
    let known: &[&str] = match rel.as_str() {
        "rust" => &["data-bin", "data-cargo-profile", "data-wasm-opt", "data-integrity"],
        "icon" => &["type"],
        "css" | "copy-file" | "copy-dir" => &[],
        _ => bail!("index.html: rel=\"{rel}\" is not known to this build; see tools/page/src/index.rs"),
    };
    let always = ["data-trunk", "rel", "href"];
    if let Some(other) =
        attributes.keys().find(|key| !known.contains(&key.as_str()) && !always.contains(&key.as_str()))
    {
        bail!(
            "index.html: {other} on the {rel} link is not known to this build; see tools/page/src/index.rs"
        );
    }
    Ok(match rel.as_str() {
        "rust" => Asset::Rust {
            later: Path::new(&path).with_file_name("later.txt"),
            manifest: path,
            bin: get("data-bin").context("index.html: the rust link has no data-bin")?,
            profile: get("data-cargo-profile").unwrap_or_else(|| "release".into()),
        },
        "icon" => Asset::Icon { path, mime: get("type").unwrap_or_else(|| "image/x-icon".into()) },
        "css" => Asset::Css { path },
        "copy-file" => Asset::CopyFile { path },
        _ => Asset::CopyDir { path },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_links_outside_comments_and_replaces_them() {
        let html = "<head><!-- <link data-trunk rel=\"css\" href=\"no.css\"> -->\
                    <link data-trunk rel=css href='a>b.css' /><link rel=\"next\" href=\"x\">\
                    <link data-trunk rel=\"rust\" href=\"Cargo.toml\" data-bin=\"web\" data-wasm-opt=\"z\"></head>";
        let links = links(html).unwrap();
        let assets: Vec<_> = links.iter().map(|link| &link.asset).collect();
        let rust = Asset::Rust {
            manifest: "Cargo.toml".into(),
            bin: "web".into(),
            profile: "release".into(),
            later: "later.txt".into(),
        };
        assert_eq!(assets, [&Asset::Css { path: "a>b.css".into() }, &rust]);
        let replaced = replace(html, &links, |index| format!("[{index}]"));
        assert!(replaced.ends_with("-->[0]<link rel=\"next\" href=\"x\">[1]</head>"), "{replaced}");
    }

    #[test]
    fn refuses_by_name_what_it_does_not_know() {
        let error = |html| links(html).unwrap_err().to_string();
        assert!(error("<link data-trunk rel=\"sass\" href=\"a.scss\">").contains("sass"));
        assert!(error("<link data-trunk rel=\"css\" href=\"a.css\" data-inline>").contains("data-inline"));
    }
}
