//! `kubectl explain`. Mirrors kubectl/pkg/cmd/explain and kubectl/pkg/explain/v2.
//!
//! What there is to say about a field is its type: the schema of this cluster carries no prose, so descriptions read as
//! those of fields that have none.

use crate::discovery::Mapping;
use crate::flags::{Flag, switch, text};
use crate::{Command, Ctx, Error};
use api::schema::{Struct, Type, schema};
use sim::Order;

/// How deep `--recursive` looks; deeper than any type that does not hold itself.
const MAX_DEPTH: usize = 16;

/// `kubectl explain`.
pub const COMMAND: Command = Command {
    name: "explain",
    usage: "TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext]",
    short: "Get documentation for a resource",
    long: "Describe fields and structure of various resources.\n\n Fields are named by their path: <type>.<field>[.<field>].\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples: "# What a pod is made of\nkubectl explain pods\n# All of it, field in field\nkubectl explain pods --recursive\n# One field\nkubectl explain pods.spec.containers\n# In another version of the API\nkubectl explain hpa --api-version=autoscaling/v2",
    flags: &[FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("api-version", ' ', "", "Explain it in this version of the API, such as autoscaling/v2."),
    text("output", 'o', "plaintext", "How to write it: plaintext."),
    switch("recursive", 'R', "The fields of fields too, without descriptions."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    let path = match c.args.as_slice() {
        [] => {
            return Err("You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n".into());
        }
        [path] => path.trim_end_matches('.'),
        _ => return Err("We accept only this format: explain RESOURCE\n".into()),
    };
    let (word, _) = path.split_once('.').unwrap_or((path, ""));
    let mapping = c.resource(word).await.map_err(|e| Error::Plain(e.text()))?;
    // `deployments.apps.spec`: the group is no field.
    let rest = path.strip_prefix(&mapping.group_resource()).or_else(|| path.strip_prefix(word));
    let fields: Vec<&str> = rest.unwrap_or_default().split('.').filter(|f| !f.is_empty()).collect();
    match c.text("output") {
        "plaintext" => {}
        "plaintext-openapiv2" => return Err("--output=plaintext-openapiv2 is not supported here".into()),
        other => return Err(Error::Message(format!("unrecognized format: {other}"))),
    }
    let mapping = in_version(&mapping, c.text("api-version"));
    let kind = api::by_kind(&mapping.api_version(), &mapping.kind);
    let Some(top) = kind.and_then(|k| schema().type_by_name(k.schema)) else {
        return Err(Error::Message(format!("couldn't find resource for {:?}", mapping.gvr())));
    };
    let group =
        if mapping.group.is_empty() { String::new() } else { format!("GROUP:      {}\n", mapping.group) };
    c.out(&format!("{group}KIND:       {}\nVERSION:    {}\n\n", mapping.kind, mapping.version));
    let Some(shown) = found(top, &fields) else {
        let name = fields.last().copied().unwrap_or_default();
        return Err(Error::Message(format!("field {name:?} does not exist")));
    };
    let mut out = String::new();
    if let Some(name) = fields.last() {
        out.push_str(&format!("FIELD: {name} <{}>\n\n\n", word_of(shown)));
    }
    out.push_str("DESCRIPTION:\n    <empty>\n");
    if let Some(structure) = inner(shown) {
        out.push_str("FIELDS:\n");
        list(structure, 1, c.on("recursive"), &mut out);
    }
    c.line(&out);
    Ok(())
}

/// The same kind in another version of the API.
fn in_version(mapping: &Mapping, api_version: &str) -> Mapping {
    let mut mapping = mapping.clone();
    if !api_version.is_empty() {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        (mapping.group, mapping.version) = (group.into(), version.into());
    }
    mapping
}

/// The struct that a type holds, in a list or a map or by itself.
fn inner(ty: &Type) -> Option<&'static Struct> {
    match ty {
        Type::Struct(index) => Some(schema().structure(*index)),
        Type::List(item) | Type::Map(.., item) => inner(item),
        _ => None,
    }
}

/// The type of the field at the end of a path.
fn found<'a>(top: &'a Type, path: &[&str]) -> Option<&'a Type>
where
    'static: 'a,
{
    path.iter().try_fold(top, |ty, name| inner(ty)?.field(name).map(|f| &f.ty))
}

/// A type as OpenAPI has it. Mirrors typeGuess of explain's plaintext.tmpl.
fn word_of(ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".into(),
        Type::Int32 | Type::Int64 => "integer".into(),
        Type::String(_) | Type::Bytes | Type::Time | Type::MicroTime | Type::Duration => "string".into(),
        Type::Quantity => "Quantity".into(),
        Type::IntOrString => "IntOrString".into(),
        Type::Any(name) => name.name.into(),
        Type::Struct(index) => schema().structure(*index).go.name.into(),
        Type::List(item) => format!("[]{}", word_of(item)),
        Type::Map(.., item) => format!("map[string]{}", word_of(item)),
    }
}

/// The fields of a struct, sorted. Mirrors fieldList and fieldDetail of explain's plaintext.tmpl.
fn list(structure: &Struct, level: usize, recursive: bool, out: &mut String) {
    let mut fields: Vec<_> = structure.fields.iter().collect();
    fields.order_by(|a, b| a.name.cmp(b.name));
    let pad = "  ".repeat(level);
    for field in fields {
        let required = if field.required { " -required-" } else { "" };
        out.push_str(&format!("{pad}{}\t<{}>{required}\n", field.name, word_of(&field.ty)));
        match inner(&field.ty) {
            Some(structure) if recursive && level < MAX_DEPTH => list(structure, level + 1, true, out),
            _ if recursive => {}
            _ => out.push_str(&format!("{pad}  <no description>\n\n")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_through_lists_and_maps() {
        let pod = schema().type_by_name("Pod").expect("a kind of the schema");
        let word = |path: &str| found(pod, &path.split('.').collect::<Vec<_>>()).map(word_of);
        assert_eq!(word("spec.containers").as_deref(), Some("[]Container"));
        assert_eq!(word("spec.containers.resources.limits").as_deref(), Some("map[string]Quantity"));
        assert_eq!(word("spec.containers.livenessProbe.httpGet.port").as_deref(), Some("IntOrString"));
        assert_eq!(word("metadata.creationTimestamp").as_deref(), Some("string"));
        assert_eq!(word("spec.nope"), None);
        assert_eq!(word("metadata.name.nope"), None);
    }
}
