//! How objects are printed. Mirrors cli-runtime/pkg/genericclioptions and pkg/printers.

pub mod columns;
pub mod ordered;
pub mod sort;
pub mod table;
pub mod tabwriter;

use crate::discovery::Mapping;
use crate::flags::{Flag, on, switch, text};
use crate::jsonpath::JsonPath;
use crate::template::Template;
use crate::{Ctx, Error, go};
use apimachinery::yaml;
use apimachinery::{Object, Value};
use columns::Columns;
use sim::Order;

/// The flags of commands that print an object.
pub static PRINT_FLAGS: &[Flag] = &[
    on(
        "allow-missing-template-keys",
        ' ',
        "Ignore missing fields in templates; only for golang and jsonpath formats.",
    ),
    text(
        "output",
        'o',
        "",
        "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).",
    ),
    switch("show-managed-fields", ' ', "Keep managedFields when printing JSON or YAML."),
    text("template", ' ', "", "Template, or file with one, for -o=go-template and -o=go-template-file."),
];

/// The formats of every command that prints objects, sorted.
const FORMATS: [&str; 11] = [
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "yaml",
];

/// How to print.
enum Format {
    /// `pod/web created`; with `-o name` only `pod/web`.
    Name {
        short: bool,
    },
    Json,
    Yaml,
    Kyaml,
    JsonPath(JsonPath),
    Template(Template),
    Columns(Columns),
}

/// Prints objects in the format of `-o`.
pub struct Printer {
    format: Format,
    /// What was done, such as `created`; empty where `-o` is not about that.
    operation: String,
    managed_fields: bool,
    /// Fields in the order of Go's structs, as for objects that kubectl itself made.
    pub typed: bool,
    count: usize,
}

/// The error of a format that the command does not have.
pub fn no_printer(format: &str, extra: &[&str]) -> Error {
    let mut formats: Vec<&str> = FORMATS.iter().chain(extra).copied().collect();
    formats.order();
    Error::Message(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {}",
        formats.join(",")
    ))
}

impl Printer {
    /// The printer of `-o` for a command that did something: without `-o` it says `pod/web created`.
    pub fn new(c: &Ctx, operation: &str) -> Result<Printer, Error> {
        let output = c.text("output");
        let format = match Printer::parse(c, output, false)? {
            Some(format) => format,
            None if output.is_empty() => Format::Name { short: false },
            None => return Err(no_printer(output, &[])),
        };
        Ok(Printer::with(c, format, operation))
    }

    /// The printer of `-o` for `kubectl get`; `None` for the table.
    pub fn for_get(c: &Ctx) -> Result<Option<Printer>, Error> {
        let output = c.text("output");
        match Printer::parse(c, output, true)? {
            Some(format) => Ok(Some(Printer::with(c, format, ""))),
            None if matches!(output, "" | "wide") => Ok(None),
            None => Err(no_printer(output, &["custom-columns", "custom-columns-file", "wide"])),
        }
    }

    fn with(c: &Ctx, format: Format, operation: &str) -> Printer {
        let managed_fields = c.has_flag("show-managed-fields") && c.on("show-managed-fields");
        Printer { format, operation: operation.into(), managed_fields, typed: false, count: 0 }
    }

    fn parse(c: &Ctx, output: &str, columns: bool) -> Result<Option<Format>, Error> {
        let template = if c.has_flag("template") { c.text("template") } else { "" };
        let allow_missing = !c.has_flag("allow-missing-template-keys") || c.on("allow-missing-template-keys");
        let (name, inline) = match output.split_once('=') {
            Some((name, inline)) => (name, inline),
            None if output.is_empty() && !template.is_empty() => ("go-template", template),
            None => (output, template),
        };
        let plain = output.to_ascii_lowercase();
        let given = || match inline {
            "" => Err(Error::from("template format specified but no template given")),
            text => Ok(text.to_string()),
        };
        let file = || {
            let path = given()?;
            let bytes = c.env.files.read(&path);
            let text = bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
            text.map_err(|e| {
                Error::Message(format!("error reading --template {path}, open {path}: {}\n", e.0))
            })
        };
        Ok(Some(match name {
            _ if plain == "json" => Format::Json,
            _ if plain == "yaml" => Format::Yaml,
            _ if plain == "kyaml" => Format::Kyaml,
            _ if plain == "name" => Format::Name { short: true },
            "jsonpath" => Format::JsonPath(JsonPath::parse(&given()?, allow_missing)?),
            "jsonpath-as-json" => {
                Format::JsonPath(JsonPath::parse(&given()?, allow_missing)?.printing_json())
            }
            "jsonpath-file" => Format::JsonPath(JsonPath::parse(&file()?, allow_missing)?),
            "go-template" | "template" => Format::Template(Template::parse(&given()?, allow_missing)?),
            "go-template-file" | "templatefile" => {
                Format::Template(Template::parse(&file()?, allow_missing)?)
            }
            "custom-columns" if columns => Format::Columns(Columns::parse(inline, c.on("no-headers"))?),
            "custom-columns-file" if columns => {
                Format::Columns(Columns::from_file(c, inline, c.on("no-headers"))?)
            }
            _ => return Ok(None),
        }))
    }

    /// Whether it prints names, as without `-o` and with `-o name`.
    pub fn is_name(&self) -> bool {
        matches!(self.format, Format::Name { .. })
    }

    /// Says that something else was done from now on.
    pub fn operation(&mut self, operation: &str) {
        self.operation = operation.into();
    }

    /// Prints one object (or a list).
    pub fn print(&mut self, c: &Ctx, object: &Value) -> Result<(), Error> {
        let rendered = self.render(object);
        self.count += 1;
        let (text, result) = match rendered {
            Ok(text) => (text, Ok(())),
            Err((text, error)) => (text, Err(error)),
        };
        c.out(&text);
        result
    }

    /// Prints what happened to an object: JSON on one line, and of the names only that of the object.
    pub fn print_event(&mut self, c: &Ctx, event: &Value) -> Result<(), Error> {
        match self.format {
            Format::Json => {
                let object = go::json(&event["object"], "");
                c.line(&format!("{{\"type\":{},\"object\":{object}}}", go::json(&event["type"], "")));
                Ok(())
            }
            Format::Name { .. } => self.print(c, &event["object"]),
            _ => self.print(c, event),
        }
    }

    /// The text, or what of it there is before an error.
    fn render(&mut self, object: &Value) -> Result<String, (String, Error)> {
        let nothing = |e: Error| (String::new(), e);
        let tidy = |managed: bool| if managed { object.clone() } else { without_managed_fields(object) };
        Ok(match &mut self.format {
            Format::Name { short } => names(object, if *short { "" } else { &self.operation }),
            Format::Json => {
                let value = tidy(self.managed_fields);
                let text = if self.typed { ordered::json(&value, "    ") } else { go::json(&value, "    ") };
                text + "\n"
            }
            Format::Yaml => {
                let separator = if self.count > 0 { "---\n" } else { "" };
                format!("{separator}{}", yaml::to_string(&tidy(self.managed_fields)))
            }
            Format::Kyaml => format!("---\n{}\n", ordered::kyaml(&tidy(self.managed_fields))),
            Format::JsonPath(path) => path.render(object).map_err(nothing)?,
            Format::Template(template) => return template.render(object),
            Format::Columns(columns) => columns.render(object).map_err(nothing)?,
        })
    }
}

/// `pod/web created`, one line an object.
fn names(object: &Value, operation: &str) -> String {
    if let (Some(items), true) = (object["items"].as_array(), object["kind"].str().ends_with("List")) {
        return items.iter().map(|item| names(item, operation)).collect();
    }
    let (group, _) = object["apiVersion"].str().rsplit_once('/').unwrap_or(("", ""));
    let kind =
        Mapping { group: group.into(), kind: object["kind"].str().into(), ..Mapping::default() }.title();
    let name = match object["metadata"]["name"].str() {
        "" => "<unknown>",
        name => name,
    };
    let gap = if operation.is_empty() { "" } else { " " };
    format!("{kind}/{name}{gap}{operation}\n")
}

/// Mirrors printers.OmitManagedFieldsPrinter.
fn without_managed_fields(value: &Value) -> Value {
    let mut value = value.clone();
    if !value["metadata"]["managedFields"].is_null() {
        value.remove_at("metadata.managedFields");
    }
    if value["kind"].str().ends_with("List")
        && value["items"].items().iter().any(|i| !i["metadata"]["managedFields"].is_null())
    {
        for item in value.field_mut("items").array_mut() {
            item.remove_at("metadata.managedFields");
        }
    }
    value
}

/// A list of objects of any kind, as `kubectl get -o yaml` prints it.
pub fn list_of(items: impl IntoIterator<Item = Object>) -> Value {
    apimachinery::json!({
        "apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""},
        "items": Value::array(items.into_iter().map(|o| o.0)),
    })
}
