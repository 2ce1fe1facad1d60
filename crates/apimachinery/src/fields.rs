//! Field selectors: `status.phase=Running,metadata.name!=x`. Mirrors apimachinery/pkg/fields.

use sim::Order;

/// A field selector: every term must hold. The default one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(pub Vec<Term>);

/// One comparison of a field selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The field, such as `status.phase`.
    pub field: String,
    /// The value.
    pub value: String,
    /// Whether the field must have another value than this one.
    pub negative: bool,
}

impl Selector {
    /// Reads `a=b,c==d,e!=f`. The error has the words of fields.ParseSelector.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut terms = Vec::new();
        for part in split_terms(text).iter().filter(|part| !part.is_empty()) {
            let Some((field, operator, value)) = split_term(part) else {
                return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
            };
            let value = unescape(value)
                .map_err(|e| format!("invalid field selector: invalid escape sequence: {e}"))?;
            terms.push(Term { field: field.into(), value, negative: operator == "!=" });
        }
        terms.order_by(|a, b| a.field.cmp(&b.field));
        Ok(Selector(terms))
    }

    /// Whether an object with these fields fulfils every term. A field that it has not counts as empty.
    pub fn matches<'a>(&self, fields: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.0.iter().all(|t| (fields(&t.field).unwrap_or_default() == t.value) != t.negative)
    }

    /// Whether it has no term.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value that a field must have, if the selector says one.
    pub fn requires(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|t| t.field == field && !t.negative).map(|t| t.value.as_str())
    }

    /// The first field that is not among these: `field label not supported: ...`.
    pub fn check(&self, supported: &[&str]) -> Result<(), String> {
        match self.0.iter().find(|t| !supported.contains(&t.field.as_str())) {
            Some(term) => Err(format!("field label not supported: {}", term.field)),
            None => Ok(()),
        }
    }
}

/// Parts between commas; a backslash keeps a comma in its part.
fn split_terms(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn split_term(part: &str) -> Option<(&str, &str, &str)> {
    (0..part.len()).filter(|i| part.is_char_boundary(*i)).find_map(|i| {
        let operator = ["!=", "==", "="].into_iter().find(|op| part[i..].starts_with(op))?;
        Some((&part[..i], operator, &part[i + operator.len()..]))
    })
}

fn unescape(value: &str) -> Result<String, String> {
    let mut result = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(c @ ('\\' | ',' | '=')) => result.push(c),
                other => return Err(format!("\\{}", other.map(String::from).unwrap_or_default())),
            },
            ',' | '=' => return Err(c.to_string()),
            c => result.push(c),
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_match_and_complain() {
        let fields = |name: &str| (name == "status.phase").then_some("Running");
        for (text, expected) in [
            ("", true),
            ("status.phase=Running", true),
            ("status.phase==Pending", false),
            ("status.phase!=Pending,spec.nodeName=", true),
        ] {
            assert_eq!(Selector::parse(text).unwrap().matches(fields), expected, "{text}");
        }
        assert_eq!(
            Selector::parse("bogus").unwrap_err(),
            "invalid selector: 'bogus'; can't understand 'bogus'"
        );
        let bogus = Selector::parse("bogus=1").unwrap();
        assert_eq!(bogus.check(&["metadata.name"]), Err("field label not supported: bogus".into()));
        assert_eq!(Selector::parse("a=b\\,c").unwrap().requires("a"), Some("b,c"));
    }
}
