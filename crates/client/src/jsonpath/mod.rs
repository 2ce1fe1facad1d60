//! Kubernetes' JSONPath dialect: what kubectl's templates and a lesson's goals find values with.
//! Mirrors client-go/util/jsonpath; how results are printed is kubectl's own.

mod eval;
mod parse;

use apimachinery::Value;
use parse::Node;
pub use parse::unquote;

/// A parsed template such as `{range .items[*]}{.metadata.name}{"\n"}{end}`.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    nodes: Vec<Node>,
    allow_missing: bool,
}

impl JsonPath {
    /// Parses a template. With `allow_missing`, a field that is not there is no error. The error has client-go's words,
    /// such as `unterminated array`.
    pub fn parse(text: &str, allow_missing: bool) -> Result<JsonPath, String> {
        Ok(JsonPath { nodes: parse::parse(text)?, allow_missing })
    }

    /// What it finds: one list for each part of the template.
    pub fn find(&self, data: &Value) -> Result<Vec<Vec<Value>>, String> {
        eval::find(&self.nodes, data, self.allow_missing)
    }
}

/// `{.x}`, `.x`, `x` and `{x}` all become `{.x}`. Mirrors get.RelaxedJSONPathExpression.
pub fn relaxed(path: &str) -> Result<String, &'static str> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = match path.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}'),
        None => (!path.ends_with('}')).then_some(path),
    };
    let inner = inner.filter(|i| !i.contains(['{', '}']) && !i.is_empty());
    match inner {
        Some(inner) => Ok(format!("{{.{}}}", inner.strip_prefix('.').unwrap_or(inner))),
        None => Err(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_be_written_in_short() {
        for path in [".a.b", "a.b", "{.a.b}", "{a.b}"] {
            assert_eq!(relaxed(path).as_deref(), Ok("{.a.b}"));
        }
        assert!(relaxed("{.a").is_err());
    }
}
