//! Go's text/template over JSON values, with what kubectl adds to it. Mirrors text/template and
//! cli-runtime/pkg/printers/template.go.

mod exec;
mod funcs;
mod lex;
mod parse;

use crate::{Error, go};
use apimachinery::Value;

/// A parsed template.
pub struct Template {
    text: String,
    parsed: parse::Parsed,
    allow_missing: bool,
}

impl Template {
    /// Parses a template. With `allow_missing`, a field that is not there is no error.
    pub fn parse(text: &str, allow_missing: bool) -> Result<Template, Error> {
        match parse::parse(text) {
            Ok(parsed) => Ok(Template { text: text.into(), parsed, allow_missing }),
            Err(why) => Err(Error::Message(format!("error parsing template {text}, {why}\n"))),
        }
    }

    /// What it prints. A failure prints what it has and words for people who debug a template, and is an error too.
    pub fn render(&self, data: &Value) -> Result<String, (String, Error)> {
        let mut out = String::new();
        let Err(why) = exec::execute(&self.parsed, &self.text, data, self.allow_missing, &mut out) else {
            return Ok(out);
        };
        out.push_str(&format!(
            "Error executing template: {why}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{}\n\traw data was:\n\t\t{}\n\tobject given to template engine was:\n\t\t{}\n\n",
            self.text,
            go::json(data, ""),
            go::display(data)
        ));
        Err((out, Error::Message(format!("error executing template {}: {why}", go::quote(&self.text)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    fn data() -> Value {
        json!({
            "kind": "List", "count": 3, "big": 1234567890123i64, "none": null, "secret": "aHVudGVyMg==",
            "items": [
                {"metadata": {"name": "a", "labels": {"app": "web", "app.kubernetes.io/x": "y"}}, "phase": "Running"},
                {"metadata": {"name": "b"}, "phase": "Pending"},
            ],
            "ports": [80, 443],
        })
    }

    #[test]
    fn renders_what_go_renders() {
        let cases = [
            ("{{.kind}}", "List"),
            ("{{.count}} {{.big}}", "3 1234567890123"),
            ("{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}", "a\nb\n"),
            ("{{range $i, $e := .items}}{{$i}}={{$e.metadata.name}} {{end}}", "0=a 1=b "),
            ("{{(index .items 0).metadata.name}}", "a"),
            ("{{(index .ports 1)}}", "443"),
            ("{{index .items 0 \"metadata\" \"labels\" \"app.kubernetes.io/x\"}}", "y"),
            ("{{.nope}} {{.nope.deeper}}", "<no value> <no value>"),
            ("{{.none}}", "<no value>"),
            ("{{if .nope}}yes{{else if .kind}}kind{{else}}no{{end}}", "kind"),
            ("{{with .kind}}<{{.}}>{{end}}{{with .nope}}x{{else}}none{{end}}", "<List>none"),
            ("{{range .nope}}x{{else}}empty{{end}}", "empty"),
            ("{{$x := .kind}}{{$x}}{{$x = \"y\"}}{{$x}}", "Listy"),
            ("{{range .items}}{{if eq .phase \"Running\"}}{{.metadata.name}}{{end}}{{end}}", "a"),
            ("{{if and .kind (gt .count 2)}}ok{{end}}", "ok"),
            ("{{or .nope \"default\"}}", "default"),
            ("{{not .kind}}", "false"),
            ("{{len .items}} {{len .kind}}", "2 4"),
            ("{{.kind | printf \"%s-%d-%v\" \"x\" 7}}", "x-7-List"),
            (
                "{{printf \"%5s|%-5s|%q|%05.1f|%t\" .kind .kind .kind 2.5 true}}",
                " List|List |\"List\"|002.5|true",
            ),
            ("{{printf \"%d %T\" .count .count}}", "3 int64"),
            ("{{if gt .count 2}}many{{end}}", "many"),
            ("{{print 1 2 \"a\" \"b\" 3}}", "1 2ab3"),
            ("{{println .kind \"x\"}}", "List x\n"),
            ("{{.secret | base64decode}}", "hunter2"),
            ("{{html \"<a href='x'>\"}}", "&lt;a href=&#39;x&#39;&gt;"),
            ("{{js \"it's <b>\"}}", "it\\'s \\u003Cb\\u003E"),
            ("{{urlquery \"a b&c\"}}", "a+b%26c"),
            ("{{slice .kind 1 3}}", "is"),
            ("a {{- \" b \" -}} c", "a b c"),
            ("{{/* nothing */}}x", "x"),
            ("{{define \"t\"}}[{{.}}]{{end}}{{template \"t\" .kind}}{{template \"t\" \"x\"}}", "[List][x]"),
            ("{{block \"b\" .kind}}<{{.}}>{{end}}", "<List>"),
            ("{{range .ports}}{{if eq . 443}}{{break}}{{end}}{{.}}{{end}}", "80"),
            (
                "{{range $k, $v := (index .items 0).metadata.labels}}{{$k}}:{{$v}},{{end}}",
                "app:web,app.kubernetes.io/x:y,",
            ),
            ("{{(index .items 0).metadata.labels}}", "map[app:web app.kubernetes.io/x:y]"),
            ("{{$.kind}}{{range .ports}}{{$.kind}}{{end}}", "ListListList"),
            (
                "{{eq .kind \"x\" \"List\"}} {{ne .kind \"x\"}} {{lt 1 2}} {{ge \"b\" \"a\"}}",
                "true true true true",
            ),
            ("{{exists . \"kind\"}} {{exists . \"nope\"}}", "true false"),
            ("{{`raw \\n`}}{{'a'}}{{true}}", "raw \\n97true"),
            ("{{range 3}}{{.}}{{end}}", "012"),
        ];
        for (template, expected) in cases {
            let rendered = Template::parse(template, true).map_err(|e| e.text()).map(|t| t.render(&data()));
            assert_eq!(rendered, Ok(Ok(expected.to_string())), "{template}");
        }
    }

    #[test]
    fn errors_are_those_of_go() {
        let parse = |t: &str| Template::parse(t, true).err().map(|e| e.text()).unwrap_or_default();
        let cases = [
            ("{{.items", "template: output:1: unclosed action"),
            ("{{if .x}}", "template: output:1: unexpected EOF"),
            ("{{end}}", "template: output:1: unexpected {{end}}"),
            ("{{foo .x}}", "template: output:1: function \"foo\" not defined"),
            ("{{$x}}", "template: output:1: undefined variable \"$x\""),
            ("{{}}", "template: output:1: missing value for command"),
            ("{{\"x}}", "template: output:1: unterminated quoted string"),
            ("\n{{.a | }}", "template: output:2: missing value for command"),
            ("{{(.a}}", "template: output:1: unclosed left paren"),
        ];
        for (template, expected) in cases {
            assert_eq!(parse(template), format!("error parsing template {template}, {expected}\n"));
        }
        let run =
            |t: &str, missing| Template::parse(t, missing).unwrap().render(&data()).unwrap_err().1.text();
        let cases = [
            (
                "{{.kind.x}}",
                "output:1:7: executing \"output\" at <.kind.x>: can't evaluate field x in type interface {}",
            ),
            (
                "{{.none.x}}",
                "output:1:7: executing \"output\" at <.none.x>: nil pointer evaluating interface {}.x",
            ),
            (
                "{{index .ports 5}}",
                "output:1:2: executing \"output\" at <index .ports 5>: error calling index: index out of range: 5",
            ),
            (
                "{{index .ports 2}}",
                "output:1:2: executing \"output\" at <index .ports 2>: error calling index: reflect: slice index out of range",
            ),
            (
                "{{if eq .count 3.0}}{{end}}",
                "output:1:5: executing \"output\" at <eq .count 3.0>: error calling eq: incompatible types for comparison",
            ),
            (
                "{{range .kind}}{{end}}",
                "output:1:8: executing \"output\" at <.kind>: range can't iterate over List",
            ),
        ];
        for (template, expected) in cases {
            assert_eq!(
                run(template, true),
                format!("error executing template {}: template: {expected}", go::quote(template))
            );
        }
        assert!(run("{{.nope}}", false).ends_with("<.nope>: map has no entry for key \"nope\""));
    }
}
