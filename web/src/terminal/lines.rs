//! Draws a screen's lines into the document. Text only, never markup: each run becomes a text node.

use super::screen::{Run, Screen, Style};
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Node};

/// How many lines are drawn at a time, and how many characters; the rest follows in the next frames.
const MAX_LINES: usize = 300;
const MAX_CHARS: usize = 64 << 10;

/// Draws one screen into one element, a child a line; only what has changed.
pub struct Lines {
    document: Document,
    root: Element,
    /// The number of the line that the first child shows, and of the one after the last child's.
    first: usize,
    end: usize,
}

impl Lines {
    /// Into an element of its own, which is empty.
    pub fn new(root: Element) -> Option<Lines> {
        let document = root.owner_document()?;
        Some(Lines { document, root, first: 0, end: 0 })
    }

    /// Draws what has changed since the last time. Gives whether there are other lines than before; asks the document for
    /// nothing that would make it lay itself out.
    pub fn draw(&mut self, screen: &mut Screen) -> Option<bool> {
        let (first, end, _) = screen.range();
        let before = (self.first, self.end);
        let dirty = screen.take_dirty().max(first);
        if self.end <= first {
            self.root.set_text_content(None);
            self.first = self.end;
        }
        while self.first < first && self.first < self.end {
            self.root.first_element_child()?.remove();
            self.first += 1;
        }
        if self.first == self.end {
            (self.first, self.end) = (first, first);
        }
        while self.end > end.min(self.end).max(self.first) || self.end > dirty.max(self.first) {
            self.root.last_element_child()?.remove();
            self.end -= 1;
        }
        let mut chars = 0;
        for number in (self.end..end).take(MAX_LINES) {
            let runs = screen.runs(number);
            chars += runs.iter().map(|run| run.text.len()).sum::<usize>();
            let line = self.line(&runs)?;
            self.root.append_child(&line).ok()?;
            self.end = number + 1;
            if chars > MAX_CHARS {
                break;
            }
        }
        screen.set_behind(self.end < end);
        Some(before != (self.first, self.end))
    }

    fn line(&self, runs: &[Run]) -> Option<Element> {
        let line = self.document.create_element("div").ok()?;
        line.set_class_name("line");
        for run in runs {
            for (text, link) in split_links(&run.text) {
                line.append_child(&self.run(text, link, run.style)?).ok()?;
            }
        }
        Some(line)
    }

    fn run(&self, text: &str, link: bool, style: Style) -> Option<Node> {
        if !link && style == Style::default() {
            return Some(self.document.create_text_node(text).unchecked_into());
        }
        let element = self.document.create_element(if link { "a" } else { "span" }).ok()?;
        if link {
            element.set_attribute("href", text).ok()?;
            element.set_attribute("target", "_blank").ok()?;
            element.set_attribute("rel", "noopener noreferrer").ok()?;
        }
        let mut class = String::new();
        if let Some(color) = style.color {
            class = format!("ansi{color}");
        }
        for (on, name) in [(style.bold, " bold"), (style.inverse, " inverse")] {
            if on {
                class.push_str(name);
            }
        }
        element.set_class_name(class.trim());
        element.set_text_content(Some(text));
        Some(element.unchecked_into())
    }
}

/// Cuts a text where web addresses begin and end.
fn split_links(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|s| rest.find(s)).min() {
        let tail = &rest[start..];
        let end = tail.find(|c: char| c.is_whitespace() || "\"'<>|)]}\\$`".contains(c)).unwrap_or(tail.len());
        let link = tail[..end].trim_end_matches(['.', ',', ';', ':']);
        if start > 0 {
            parts.push((&rest[..start], false));
        }
        // An address needs more than its scheme, and what the shell has yet to fill in is none.
        let whole = !tail[end..].starts_with(['$', '`']);
        parts.push((link, whole && link.len() > "https://".len()));
        rest = &rest[start + link.len()..];
    }
    if !rest.is_empty() {
        parts.push((rest, false));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_and_end_where_they_end() {
        let found = |t| split_links(t).into_iter().filter(|p| p.1).map(|p| p.0).collect::<Vec<_>>();
        assert_eq!(
            found("see http://192.168.49.2:30080, or (https://k8s.io/docs/)."),
            ["http://192.168.49.2:30080", "https://k8s.io/docs/"]
        );
        assert!(found("http:// alone").is_empty());
        assert!(found("curl http://$(minikube ip):$PORT http://localhost:$PORT/").is_empty());
        let text = "a http://b c";
        assert_eq!(split_links(text).into_iter().map(|p| p.0).collect::<String>(), text);
    }
}
