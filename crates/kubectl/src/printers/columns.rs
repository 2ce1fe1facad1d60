//! `-o custom-columns`. Mirrors kubectl/pkg/cmd/get/customcolumn.go.

use super::tabwriter::TabWriter;
use crate::jsonpath::JsonPath;
use crate::{Ctx, Error, go};
use apimachinery::Value;
use client::jsonpath::relaxed;

/// Columns with a title and a path each.
pub struct Columns {
    columns: Vec<(String, JsonPath)>,
    no_headers: bool,
    headers_written: bool,
}

impl Columns {
    /// From `NAME:.metadata.name,IP:.status.podIP`.
    pub fn parse(spec: &str, no_headers: bool) -> Result<Columns, Error> {
        if spec.is_empty() {
            return Err("custom-columns format specified but no custom columns given".into());
        }
        let mut columns = Vec::new();
        for part in spec.split(',') {
            let Some((title, path)) = part.split_once(':') else {
                return Err(Error::Message(format!(
                    "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
                )));
            };
            columns.push((title.to_string(), JsonPath::parse(&relaxed(path)?, true)?));
        }
        Ok(Columns { columns, no_headers, headers_written: false })
    }

    /// From a file: a line of titles and a line of paths.
    pub fn from_file(c: &Ctx, path: &str, no_headers: bool) -> Result<Columns, Error> {
        if path.is_empty() {
            return Err("custom-columns-file format specified but no file given".into());
        }
        let bytes =
            c.env.files.read(path).map_err(|e| {
                Error::Message(format!("error reading template {path}, open {path}: {}\n", e.0))
            })?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines = text.lines();
        let mut words = || lines.next().unwrap_or_default().split_whitespace().collect::<Vec<_>>();
        let (titles, paths) = (words(), words());
        if titles.len() != paths.len() {
            return Err(Error::Message(format!(
                "number of headers ({}) and field specifications ({}) don't match",
                titles.len(),
                paths.len()
            )));
        }
        let spec: Vec<String> = titles.iter().zip(&paths).map(|(t, p)| format!("{t}:{p}")).collect();
        Columns::parse(&spec.join(","), no_headers)
    }

    /// Prints an object, or the items of a list.
    pub fn render(&mut self, object: &Value) -> Result<String, Error> {
        let mut w = TabWriter::for_tables();
        if !self.no_headers && !std::mem::replace(&mut self.headers_written, true) {
            let titles: Vec<&str> = self.columns.iter().map(|(t, _)| t.as_str()).collect();
            w.write(&(titles.join("\t") + "\n"));
        }
        let single = [object.clone()];
        let rows =
            object["items"].as_array().filter(|_| object["kind"].str().ends_with("List")).unwrap_or(&single);
        for row in rows {
            let mut cells = Vec::new();
            for (_, path) in &self.columns {
                let found: Vec<String> =
                    path.find(row)?.into_iter().flatten().map(|v| go::display(&v)).collect();
                cells.push(if found.is_empty() { "<none>".into() } else { found.join(",") });
            }
            w.write(&(cells.join("\t") + "\n"));
        }
        Ok(w.flush())
    }
}
