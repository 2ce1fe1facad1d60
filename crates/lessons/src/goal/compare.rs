use crate::fields::{At, Doc};
use apimachinery::Value;

/// A number to compare with: `3`, `>=2`, `<5`, `!=0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compare {
    operator: &'static str,
    number: u64,
}

const OPERATORS: [&str; 7] = [">=", "<=", "!=", "==", ">", "<", "="];

impl Compare {
    /// At least one.
    pub(crate) const SOME: Compare = Compare { operator: ">=", number: 1 };
    /// None.
    pub(crate) const NONE: Compare = Compare { operator: "=", number: 0 };

    /// Reads one. `None`: that is no comparison.
    pub fn parse(text: &str) -> Option<Compare> {
        let text = text.trim();
        let operator = OPERATORS.into_iter().find(|o| text.starts_with(o)).unwrap_or("");
        let number = text[operator.len()..].trim().parse().ok()?;
        Some(Compare { operator, number })
    }

    /// A field that holds one, if it is there.
    pub(crate) fn read(doc: &mut Doc<'_>, at: &At<'_>, value: &Value, key: &str) -> Option<Compare> {
        let text = doc.text(at, value, key)?;
        let compare = Compare::parse(&text);
        if compare.is_none() {
            doc.problem(
                &At::Field(at, key),
                format!("`{key}: {text}` is no comparison"),
                "write \"3\" or \">=2\"",
            );
        }
        compare
    }

    /// Whether a number fits.
    pub fn fits(self, n: u64) -> bool {
        match self.operator {
            ">=" => n >= self.number,
            "<=" => n <= self.number,
            "!=" => n != self.number,
            ">" => n > self.number,
            "<" => n < self.number,
            _ => n == self.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared() {
        for (text, fits, fails) in [
            ("3", 3, 2),
            (">=2", 2, 1),
            ("> 2", 3, 2),
            ("<=2", 2, 3),
            ("<2", 1, 2),
            ("!=0", 1, 0),
            ("=1", 1, 0),
        ] {
            let compare = Compare::parse(text).unwrap();
            assert!(compare.fits(fits) && !compare.fits(fails), "{text}");
        }
        assert_eq!(Compare::parse("some"), None);
    }
}
