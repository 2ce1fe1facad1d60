use crate::printers::tabwriter::TabWriter;
use apimachinery::Value;
use sim::Order;

/// The longest annotation that stands on one line.
const MAX_ANNOTATION: usize = 140;

/// Writes lines at levels of indentation; columns are aligned, unless it is plain.
pub struct Writer {
    table: Option<TabWriter>,
    done: String,
}

impl Writer {
    /// With Go's tabwriter, as describe sets it.
    pub fn tabbed() -> Writer {
        Writer { table: Some(TabWriter::new(0, 2)), done: String::new() }
    }

    /// With tabs as they are.
    pub fn plain() -> Writer {
        Writer { table: None, done: String::new() }
    }

    /// Writes at a level: two spaces each.
    pub fn put(&mut self, level: usize, text: &str) {
        let text = format!("{}{text}", "  ".repeat(level));
        match &mut self.table {
            Some(table) => table.write(&text),
            None => self.done.push_str(&text),
        }
    }

    /// Ends the columns; new ones begin.
    pub fn flush(&mut self) {
        if let Some(table) = &mut self.table {
            self.done.push_str(&table.flush());
        }
    }

    /// All that was written.
    pub fn finish(mut self) -> String {
        self.flush();
        self.done
    }

    /// A titled list: the first on the title's line, the others below it.
    pub fn column(&mut self, title: &str, lines: &[String]) {
        self.put(0, &format!("{title}:\t"));
        if lines.is_empty() {
            self.put(0, "<none>\n");
        }
        for (i, line) in lines.iter().enumerate() {
            self.put(0, &format!("{}{line}\n", if i == 0 { "" } else { "\t" }));
        }
    }

    /// Labels, one a line.
    pub fn labels(&mut self, title: &str, labels: &Value) {
        let lines: Vec<String> = labels.fields().map(|(k, v)| format!("{k}={}", v.str())).collect();
        self.column(title, &lines);
    }

    /// Annotations, one a line, long ones cut; not the one that apply keeps for itself.
    pub fn annotations(&mut self, title: &str, annotations: &Value) {
        let mut lines = Vec::new();
        for (key, value) in annotations.fields().filter(|(k, _)| *k != crate::cmd::LAST_APPLIED) {
            let value = value.str().strip_suffix('\n').unwrap_or(value.str());
            if value.len() + key.len() + 2 > MAX_ANNOTATION || value.contains('\n') {
                lines.push(format!("{key}:"));
                lines.extend(value.split('\n').map(|part| format!("  {}", shorten(part))));
            } else {
                lines.push(format!("{key}: {value}"));
            }
        }
        self.column(title, &lines);
    }

    /// Tolerations, by key.
    pub fn tolerations(&mut self, title: &str, tolerations: &Value) {
        let mut sorted: Vec<&Value> = tolerations.items().iter().collect();
        sorted.order_by_key(|t| t["key"].str());
        let line = |t: &&Value| {
            let (key, value, effect) = (t["key"].str(), t["value"].str(), t["effect"].str());
            let mut text = key.to_string();
            if !value.is_empty() {
                text.push_str(&format!("={value}"));
            }
            if !effect.is_empty() {
                text.push_str(&format!(":{effect}"));
            }
            if t["operator"] == "Exists" && value.is_empty() {
                text.push_str(if key.is_empty() && effect.is_empty() { "op=Exists" } else { " op=Exists" });
            }
            if let Some(seconds) = t["tolerationSeconds"].as_i64() {
                text.push_str(&format!(" for {seconds}s"));
            }
            text
        };
        let lines: Vec<String> = sorted.iter().map(line).collect();
        self.column(title, &lines);
    }
}

fn shorten(text: &str) -> String {
    let limit = MAX_ANNOTATION - 2;
    if text.len() <= limit {
        return text.into();
    }
    let cut = (0..=limit).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    format!("{}...", &text[..cut])
}
