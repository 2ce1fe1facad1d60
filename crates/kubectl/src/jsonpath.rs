//! `-o jsonpath`: client-go's JSONPath, printed with kubectl's words. Mirrors cli-runtime/pkg/printers/jsonpath.go.

use crate::{Error, go};
use apimachinery::Value;
use client::jsonpath::JsonPath as Template;

/// A parsed template such as `{range .items[*]}{.metadata.name}{"\n"}{end}`.
pub struct JsonPath {
    text: String,
    template: Template,
    as_json: bool,
}

impl JsonPath {
    /// Parses a template. With `allow_missing`, a field that is not there is no error.
    pub fn parse(text: &str, allow_missing: bool) -> Result<JsonPath, Error> {
        let template = Template::parse(text, allow_missing)
            .map_err(|why| Error::Message(format!("error parsing jsonpath {text}, {why}")))?;
        Ok(JsonPath { text: text.into(), template, as_json: false })
    }

    /// Results are printed as one JSON list (`-o jsonpath-as-json`).
    pub fn printing_json(self) -> JsonPath {
        JsonPath { as_json: true, ..self }
    }

    /// What it finds: one list for each part of the template.
    pub fn find(&self, data: &Value) -> Result<Vec<Vec<Value>>, Error> {
        self.template.find(data).map_err(Error::Message)
    }

    /// What it prints. The error has kubectl's words for people who debug a template.
    pub fn render(&self, data: &Value) -> Result<String, Error> {
        let results = match self.template.find(data) {
            Ok(results) => results,
            Err(why) => {
                return Err(Error::Message(format!(
                    "error executing jsonpath {}: Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n\n",
                    go::quote(&self.text),
                    self.text,
                    go::source(data)
                )));
            }
        };
        if self.as_json {
            let all = Value::array(results.into_iter().flatten());
            return Ok(go::json(&all, "    ") + "\n");
        }
        Ok(results.iter().map(|part| part.iter().map(text).collect::<Vec<_>>().join(" ")).collect())
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Object(_) | Value::Array(_) => go::json(value, ""),
        Value::Null => "null".into(),
        other => go::display(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    fn data() -> Value {
        json!({
            "kind": "List",
            "items": [
                {"name": "a", "phase": "Running", "port": 80, "labels": {"app": "web", "app.kubernetes.io/x": "y"}},
                {"name": "b", "phase": "Pending", "port": 443, "labels": {"app": "db"}},
                {"name": "c", "phase": "Running", "port": 8080, "ready": true},
            ],
            "html": "<a>", "empty": [], "nothing": null,
        })
    }

    #[test]
    fn renders_what_kubectl_renders() {
        let cases = [
            ("{.kind}", "List"),
            ("{$.kind}", "List"),
            ("{@.kind}", "List"),
            ("{.items[*].name}", "a b c"),
            ("{.items[0].name}", "a"),
            ("{.items[-1:].name}", "c"),
            ("{.items[-1].name}", "c"),
            ("{.items[0:2].name}", "a b"),
            ("{.items[::2].name}", "a c"),
            ("{.items[0,2].name}", "a c"),
            ("{.items[*]['name','port']}", "a b c 80 443 8080"),
            ("{..name}", "a b c"),
            ("{.items..app}", "web db"),
            ("{.items[0].labels}", r#"{"app":"web","app.kubernetes.io/x":"y"}"#),
            (r"{.items[0].labels.app\.kubernetes\.io/x}", "y"),
            ("{.items[0].labels['app']}", "web"),
            ("{.items[?(@.phase==\"Running\")].name}", "a c"),
            ("{.items[?(@.phase!='Running')].name}", "b"),
            ("{.items[?(@.port>100)].name}", "b c"),
            ("{.items[?(@.port<=80)].name}", "a"),
            ("{.items[?(@.ready)].name}", "c"),
            ("{.items[?(@.ready==true)].name}", "c"),
            ("{range .items[*]}{.name}{\"\\t\"}{.port}{\"\\n\"}{end}", "a\t80\nb\t443\nc\t8080\n"),
            ("{range .items[*]}[{.name}, {.port}] {end}", "[a, 80] [b, 443] [c, 8080] "),
            ("{range .empty[*]}{.x}{end}done", "done"),
            ("{range .items[*]}{.name}", "abc"),
            ("{.}|{.items.[0].name}|{range .items[*].name}{.}{@}{end}", "||abc"),
            ("{.items[*].labels.*}", "web y db"),
            ("{.nope}", ""),
            ("{.nope.deeper}", ""),
            ("text {.kind} more", "text List more"),
            ("{'quoted'}", "quoted"),
            ("{.nothing}", "null"),
            ("{.html}", "<a>"),
            ("{.empty}", "[]"),
        ];
        for (template, expected) in cases {
            let rendered = JsonPath::parse(template, true).unwrap().render(&data());
            assert_eq!(rendered.as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn errors_are_those_of_kubectl() {
        let cases = [
            ("{.items[*}", "error parsing jsonpath {.items[*}, unterminated array"),
            ("{.items[x]}", "error parsing jsonpath {.items[x]}, invalid array index x"),
            ("{.items", "error parsing jsonpath {.items, unclosed action"),
            ("{.a....b}", "error parsing jsonpath {.a....b}, invalid multiple recursive descent"),
            ("{\"x}", "error parsing jsonpath {\"x}, unterminated quoted string"),
            ("{.items[?(@.a==1]}", "error parsing jsonpath {.items[?(@.a==1]}, unterminated filter"),
        ];
        for (template, expected) in cases {
            assert_eq!(JsonPath::parse(template, true).err().map(|e| e.text()).as_deref(), Some(expected));
        }
        let run = |t: &str, missing| JsonPath::parse(t, missing).unwrap().render(&data()).unwrap_err().text();
        assert!(run("{.nope}", false).contains("Error executing template: nope is not found. Printing"));
        let wanted = "error executing jsonpath \"{.items[7].name}\": Error executing template: array index out of bounds: index 7, length 3. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{.items[7].name}\n\tobject given to jsonpath engine was:\n\t\tmap[string]interface {}{\"empty\":[]interface {}{}, ";
        assert!(run("{.items[7].name}", true).starts_with(wanted));
        assert!(run("{.kind[0]}", true).contains("string is not array or slice"));
        assert!(run("{end}", true).contains("not in range, nothing to end"));
        assert!(run("{bogus}", true).contains("unrecognized identifier bogus"));
    }
}
