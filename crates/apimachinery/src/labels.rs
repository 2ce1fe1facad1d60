//! Label selectors. Mirrors apimachinery/pkg/labels.

use crate::Value;
use sim::Order;

/// A label selector: every requirement must hold. The default one matches everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selector(pub Vec<Requirement>);

/// One requirement of a selector.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// How the label's value is compared.
    pub operator: Operator,
    /// With what.
    pub values: Vec<String>,
}

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Kubernetes' own words
pub enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl Requirement {
    /// Whether these labels fulfil it. A missing label fulfils only `NotIn` and `DoesNotExist`.
    pub fn matches(&self, labels: &Value) -> bool {
        let value = labels[self.key.as_str()].as_str();
        let has = |v: &str| self.values.iter().any(|x| x == v);
        let compare = |f: fn(i64, i64) -> bool| {
            let pair =
                value.and_then(|v| v.parse().ok()).zip(self.values.first().and_then(|v| v.parse().ok()));
            pair.is_some_and(|(a, b)| f(a, b))
        };
        match self.operator {
            Operator::In => value.is_some_and(has),
            Operator::NotIn => !value.is_some_and(has),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => compare(|a, b| a > b),
            Operator::LessThan => compare(|a, b| a < b),
        }
    }
}

impl Selector {
    /// Whether these labels (an object of texts, or null) fulfil every requirement.
    pub fn matches(&self, labels: &Value) -> bool {
        self.0.iter().all(|r| r.matches(labels))
    }

    /// Whether it has no requirement.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// From a map of labels, as a Service's or a ReplicationController's selector.
    pub fn from_map(labels: &Value) -> Selector {
        let equal = |(k, v): (&str, &Value)| Requirement {
            key: k.into(),
            operator: Operator::In,
            values: vec![v.str().into()],
        };
        Selector(labels.fields().map(equal).collect())
    }

    /// From a metav1.LabelSelector. `None` (matches nothing) when it is null. Mirrors metav1.LabelSelectorAsSelector.
    pub fn from_label_selector(selector: &Value) -> Option<Selector> {
        selector.as_object()?;
        let mut result = Selector::from_map(&selector["matchLabels"]);
        for e in selector["matchExpressions"].items() {
            let operator = match e["operator"].str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => return None,
            };
            let values = e["values"].items().iter().map(|v| v.str().into()).collect();
            result.0.push(Requirement { key: e["key"].str().into(), operator, values });
        }
        Some(result)
    }

    /// Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. The error has the words of labels.Parse.
    pub fn parse(text: &str) -> Result<Selector, String> {
        let mut parser = Parser { tokens: lex(text), pos: 0 };
        let mut requirements = Vec::new();
        if parser.peek() == &Token::End {
            return Ok(Selector::default());
        }
        loop {
            requirements.push(parser.requirement().map_err(|e| format!("unable to parse requirement: {e}"))?);
            match parser.take() {
                Token::End => break,
                Token::Comma if !matches!(parser.peek(), Token::Word(_) | Token::Op("!")) => {
                    return Err(format!("found '{}', expected: identifier after ','", parser.peek().text()));
                }
                Token::Comma => {}
                other => return Err(format!("found '{}', expected: ',' or 'end of string'", other.text())),
            }
        }
        // Mirrors ByKey: the requirements are kept sorted by key.
        requirements.order_by(|a, b| a.key.cmp(&b.key));
        Ok(Selector(requirements))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Op(&'static str),
    Open,
    Close,
    Comma,
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(w) => w,
            Token::Op(o) => o,
            Token::Open => "(",
            Token::Close => ")",
            Token::Comma => ",",
            Token::End => "",
        }
    }
}

fn lex(text: &str) -> Vec<Token> {
    const OPS: [&str; 6] = ["==", "!=", "=", "!", ">", "<"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, len) = match c {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            _ => match OPS.iter().find(|op| rest.starts_with(**op)) {
                Some(op) => (Token::Op(op), op.len()),
                None => {
                    let end = |c: char| c.is_whitespace() || "(),=!><".contains(c);
                    let len = rest.find(end).unwrap_or(rest.len());
                    (Token::Word(rest[..len].into()), len)
                }
            },
        };
        tokens.push(token);
        rest = rest[len..].trim_start();
    }
    tokens.push(Token::End);
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    pos: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.pos.min(self.tokens.len() - 1)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.pos += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let absent = self.peek() == &Token::Op("!");
        if absent {
            self.take();
        }
        let key = match self.take() {
            Token::Word(w) => w,
            other => return Err(format!("found '{}', expected: identifier", other.text())),
        };
        check_key(&key)?;
        let (operator, values) = match self.peek().clone() {
            Token::End | Token::Comma if absent => (Operator::DoesNotExist, vec![]),
            Token::End | Token::Comma => (Operator::Exists, vec![]),
            Token::Op("=" | "==") => (Operator::In, self.exact_value()?),
            Token::Op("!=") => (Operator::NotIn, self.exact_value()?),
            Token::Op(">") => (Operator::GreaterThan, self.exact_value()?),
            Token::Op("<") => (Operator::LessThan, self.exact_value()?),
            Token::Word(w) if w == "in" || w == "notin" => {
                self.take();
                (if w == "in" { Operator::In } else { Operator::NotIn }, self.list()?)
            }
            other => {
                return Err(format!("found '{}', expected: in, notin, =, ==, !=, gt, lt", other.text()));
            }
        };
        for value in &values {
            check_value(&key, value)?;
        }
        Ok(Requirement { key, operator, values })
    }

    fn exact_value(&mut self) -> Result<Vec<String>, String> {
        self.take();
        match self.peek().clone() {
            Token::End | Token::Comma => Ok(vec![String::new()]),
            Token::Word(w) => {
                self.take();
                Ok(vec![w])
            }
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        match self.take() {
            Token::Open => {}
            other => return Err(format!("found '{}' expected: '('", other.text())),
        }
        let mut values = Vec::new();
        loop {
            match self.take() {
                Token::Word(w) => values.push(w),
                Token::Comma => values.push(String::new()),
                Token::Close => return Ok(values),
                other => return Err(format!("found '{}', expected: ',', ')' or identifier", other.text())),
            }
            match self.take() {
                Token::Comma => {}
                Token::Close => {
                    values.order();
                    return Ok(values);
                }
                other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
            }
        }
    }
}

/// Whether a text is a qualified name (a label's or annotation's key); the errors of IsQualifiedName.
pub fn qualified_name_errors(key: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let name = match key.split_once('/') {
        Some((_, name)) if name.contains('/') => {
            return vec![format!(
                "a qualified name {NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
        Some(("", _)) => {
            errors.push("prefix part must be non-empty".into());
            key.split_once('/').map_or("", |(_, n)| n)
        }
        Some((prefix, name)) => {
            errors.extend(dns1123_subdomain_errors(prefix).into_iter().map(|e| format!("prefix part {e}")));
            name
        }
        None => key,
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".into());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 bytes".into());
    }
    if !is_name(name) {
        errors.push(format!("name part {NAME_RULE}"));
    }
    errors
}

/// Whether a text may be a label's value; the errors of IsValidLabelValue.
pub fn label_value_errors(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push("must be no more than 63 bytes".into());
    }
    if !value.is_empty() && !is_name(value) {
        errors.push(VALUE_RULE.into());
    }
    errors
}

/// Whether a text is a DNS-1123 subdomain, as most names must be; the errors of IsDNS1123Subdomain.
pub fn dns1123_subdomain_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push("must be no more than 253 characters".into());
    }
    if text.is_empty() || !text.split('.').all(is_dns_label) {
        errors.push(SUBDOMAIN_RULE.into());
    }
    errors
}

/// Whether a text is a DNS-1123 label, as names of namespaces and containers must be; the errors of IsDNS1123Label.
pub fn dns1123_label_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push("must be no more than 63 characters".into());
    }
    if !is_dns_label(text) {
        errors.push(LABEL_RULE.into());
    }
    errors
}

/// Whether a text is a DNS-1035 label, as names of Services must be; the errors of IsDNS1035Label.
pub fn dns1035_label_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push("must be no more than 63 characters".into());
    }
    if !is_dns_label(text) || text.starts_with(|c: char| c.is_ascii_digit()) {
        errors.push(DNS1035_RULE.into());
    }
    errors
}

const NAME_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const SUBDOMAIN_RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const DNS1035_RULE: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

fn is_name(text: &str) -> bool {
    let ends = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(text.bytes().next())
        && ends(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn is_dns_label(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    !text.is_empty()
        && text.bytes().all(|b| ok(b) || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn check_key(key: &str) -> Result<(), String> {
    match qualified_name_errors(key).as_slice() {
        [] => Ok(()),
        errors => Err(format!("<nil>: Invalid value: {key:?}: {}", errors.join("; "))),
    }
}

fn check_value(key: &str, value: &str) -> Result<(), String> {
    match label_value_errors(value).as_slice() {
        [] => Ok(()),
        errors => Err(format!("values[0][{key}]: Invalid value: {value:?}: {}", errors.join("; "))),
    }
}

/// `a=b,c=d`, or `<none>`: how labels are shown in a row. Mirrors labels.FormatLabels.
pub fn format(labels: &Value) -> String {
    let list: Vec<String> = labels.fields().map(|(k, v)| format!("{k}={}", v.str())).collect();
    if list.is_empty() { "<none>".into() } else { list.join(",") }
}

/// A metav1.LabelSelector as it is shown in a row: `a=b,c in (d,e)`, or `<none>`.
/// Mirrors metav1.FormatLabelSelector.
pub fn format_selector(selector: &Value) -> String {
    let equal = selector["matchLabels"].fields().map(|(k, v)| (k, format!("{k}={}", v.str())));
    let expressions = selector["matchExpressions"].items().iter().map(|e| {
        let key = e["key"].str();
        let mut values: Vec<&str> = e["values"].items().iter().map(Value::str).collect();
        values.order();
        let values = values.join(",");
        let text = match e["operator"].str() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_string(),
        };
        (key, text)
    });
    let mut all: Vec<(&str, String)> = equal.chain(expressions).collect();
    all.order_by_key(|(key, _)| *key);
    let all: Vec<String> = all.into_iter().map(|(_, text)| text).collect();
    if all.is_empty() { "<none>".into() } else { all.join(",") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn selectors_match_as_documented() {
        let labels = json!({"app": "web", "tier": "front", "n": "5"});
        let cases = [
            ("app=web", true),
            ("app==api", false),
            ("app!=api", true),
            ("app in (web, api)", true),
            ("app notin (web)", false),
            ("tier", true),
            ("!tier", false),
            ("nope!=x", true),
            ("nope=x", false),
            ("app=web,tier=front", true),
            ("n>4,n<6", true),
            ("", true),
            ("empty=", false),
        ];
        for (text, expected) in cases {
            assert_eq!(Selector::parse(text).unwrap().matches(&labels), expected, "{text}");
        }
    }

    #[test]
    fn a_broken_selector_says_where() {
        let error = Selector::parse("app in web").unwrap_err();
        assert_eq!(error, "unable to parse requirement: found 'web' expected: '('");
        assert!(Selector::parse("a=b,").unwrap_err().contains("identifier after ','"));
    }
}
