//! `kubectl api-resources`. Mirrors kubectl/pkg/cmd/apiresources.

use crate::discovery::Mapping;
use crate::flags::{Flag, list, on, switch, text};
use crate::printers::tabwriter::TabWriter;
use crate::printers::{PRINT_FLAGS, Printer, no_printer};
use crate::{Command, Ctx, Error};
use apimachinery::{Value, json};
use sim::Order;
use std::rc::Rc;

/// `kubectl api-resources`.
pub const COMMAND: Command = Command {
    name: "api-resources",
    usage: "[flags]",
    short: "Print the supported API resources on the server",
    examples: "# What the server knows\nkubectl api-resources\n# With verbs and categories\nkubectl api-resources -o wide\n# Only what lives in namespaces\nkubectl api-resources --namespaced=true\n# Only one group\nkubectl api-resources --api-group=apps",
    flags: &[FLAGS, PRINT_FLAGS],
    run: Some(|c| Box::pin(run(c))),
    ..Command::NEW
};

static FLAGS: &[Flag] = &[
    text("api-group", ' ', "", "Only resources of this API group."),
    switch("cached", ' ', "Use what is known already."),
    list("categories", ' ', "Only resources of these categories."),
    on("namespaced", ' ', "Only what lives in namespaces, or with =false what does not."),
    switch("no-headers", ' ', "Print no titles."),
    text("sort-by", ' ', "", "Sort by 'name' or 'kind'."),
    list("verbs", ' ', "Only resources with these verbs."),
];

async fn run(c: &Ctx) -> Result<(), Error> {
    if !c.args.is_empty() {
        return Err(c.usage_error(&format!("unexpected arguments: [{}]", c.args.join(" "))));
    }
    if !matches!(c.text("sort-by"), "" | "name" | "kind") {
        return Err("--sort-by accepts only name or kind".into());
    }
    let output = c.text("output");
    if !matches!(output, "" | "wide" | "name" | "json" | "yaml" | "kyaml") {
        return Err(no_printer(output, &["wide"]));
    }
    let known = c.discovery().await?;
    let has_all = |wanted: &[String], there: &[String]| wanted.iter().all(|w| there.contains(w));
    let mut resources: Vec<&Rc<Mapping>> = known
        .0
        .iter()
        .filter(|m| {
            m.preferred
                || !known.0.iter().any(|o| o.preferred && (&o.group, &o.plural) == (&m.group, &m.plural))
        })
        .filter(|m| !m.verbs.is_empty())
        .filter(|m| !c.given("api-group") || m.group == c.text("api-group"))
        .filter(|m| !c.given("namespaced") || m.namespaced == c.on("namespaced"))
        .filter(|m| has_all(c.values("verbs"), &m.verbs) && has_all(c.values("categories"), &m.categories))
        .collect();
    resources.order_by_key(|m| {
        let first = match c.text("sort-by") {
            "name" => &m.plural,
            "kind" => &m.kind,
            _ => &m.group,
        };
        (first.clone(), m.plural.clone())
    });
    match output {
        "" | "wide" => c.out(&table(c, &resources, output == "wide")),
        "name" => resources.iter().for_each(|m| c.line(&m.group_resource())),
        _ => {
            let items = resources.iter().map(|m| described(m));
            let all = json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "", "resources": Value::array(items)});
            Printer::new(c, "")?.print(c, &all)?;
        }
    }
    Ok(())
}

fn table(c: &Ctx, resources: &[&Rc<Mapping>], wide: bool) -> String {
    let mut w = TabWriter::for_tables();
    if !c.on("no-headers") {
        let more = if wide { "\tVERBS\tCATEGORIES" } else { "" };
        w.write(&format!("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND{more}\n"));
    }
    for m in resources {
        let more =
            if wide { format!("\t{}\t{}", m.verbs.join(","), m.categories.join(",")) } else { String::new() };
        let short = m.short_names.join(",");
        w.write(&format!("{}\t{short}\t{}\t{}\t{}{more}\n", m.plural, m.api_version(), m.namespaced, m.kind));
    }
    w.flush()
}

/// A resource as the API itself describes it.
fn described(m: &Mapping) -> Value {
    let mut value = json!({
        "name": m.plural.as_str(), "singularName": m.singular.as_str(), "namespaced": m.namespaced,
        "version": m.version.as_str(), "kind": m.kind.as_str(), "verbs": m.verbs.clone(),
    });
    if !m.group.is_empty() {
        value.set("group", m.group.as_str());
    }
    for (field, list) in [("shortNames", &m.short_names), ("categories", &m.categories)] {
        if !list.is_empty() {
            value.set(field, list.clone());
        }
    }
    value
}
