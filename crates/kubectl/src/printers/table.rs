//! The table that people read. Mirrors cli-runtime/pkg/printers/tableprinter.go.

use super::tabwriter::TabWriter;
use apimachinery::{Value, labels};

/// How a table is printed.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// Without the line of titles.
    pub no_headers: bool,
    /// With the columns of `-o wide`.
    pub wide: bool,
    /// With a first column for the namespace.
    pub with_namespace: bool,
    /// What stands before the name, with a slash, when there are several kinds; empty for nothing.
    pub kind: String,
    /// With a last column for all labels.
    pub show_labels: bool,
    /// With a column for each of these labels.
    pub label_columns: Vec<String>,
    /// With a first column for what happened (`--output-watch-events`).
    pub event: Option<String>,
}

/// What a cell says.
fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(s) => match s.find(['\n', '\r', '\x0c']) {
            Some(end) => format!("{}...", escape(&s[..end])),
            None => escape(s),
        },
        other => crate::go::display(other),
    }
}

/// Mirrors terminal.EscapeTerminal: no control character reaches the terminal.
fn escape(text: &str) -> String {
    text.replace('\x1b', "^[").replace('\r', "\\r")
}

/// Writes a metav1.Table; `headers` says whether the titles are still to be written.
pub fn print(table: &Value, options: &TableOptions, headers: bool, w: &mut TabWriter) {
    let columns = table["columnDefinitions"].items();
    let shown = |i: usize| columns.get(i).is_some_and(|c| options.wide || c["priority"].int() == 0);
    let mut line = Vec::new();
    if headers && !options.no_headers {
        line.extend(options.event.iter().map(|_| "EVENT".to_string()));
        if options.with_namespace {
            line.push("NAMESPACE".into());
        }
        line.extend(
            columns
                .iter()
                .enumerate()
                .filter(|(i, _)| shown(*i))
                .map(|(_, c)| c["name"].str().to_uppercase()),
        );
        line.extend(options.label_columns.iter().map(|l| label_title(l)));
        if options.show_labels {
            line.push("LABELS".into());
        }
        w.write(&(line.join("\t") + "\n"));
    }
    for row in table["rows"].items() {
        line.clear();
        line.extend(options.event.clone());
        let meta = &row["object"]["metadata"];
        if options.with_namespace {
            line.push(meta["namespace"].str().into());
        }
        for (i, cell) in row["cells"].items().iter().enumerate().filter(|(i, _)| shown(*i)) {
            let prefix = if is_name(&columns[i]) { options.kind.as_str() } else { "" };
            line.push(format!("{prefix}{}", text(cell)));
        }
        line.extend(options.label_columns.iter().map(|l| meta["labels"][l.as_str()].str().to_string()));
        if options.show_labels {
            line.push(labels::format(&meta["labels"]));
        }
        w.write(&(line.join("\t") + "\n"));
    }
}

fn is_name(column: &Value) -> bool {
    column["format"] == "name" && column["type"] == "string"
}

/// The title of a label's column: what follows the last slash, in capitals.
fn label_title(label: &str) -> String {
    label.rsplit('/').next().unwrap_or_default().to_uppercase()
}
