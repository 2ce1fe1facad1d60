//! DaemonSet.

mod validation;

use crate::kind::{BASE, Kind, spec_changed, status_of};
use crate::meta::{age, column, container_cells, number, wide};
use crate::pod;
use apimachinery::{Object, Resource, Value, labels};
use sim::Time;

/// Where it lives in the API.
pub const RESOURCE: Resource =
    Resource { group: "apps", version: "v1", kind: "DaemonSet", plural: "daemonsets", namespaced: true };

/// How often the template was changed, as an annotation.
pub const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// The kind.
pub static KIND: Kind = Kind {
    resource: RESOURCE,
    singular: "daemonset",
    short_names: &["ds"],
    categories: &["all"],
    subresources: &[status_of("DaemonSet")],
    schema: "DaemonSet",
    defaults,
    validate: validation::validate,
    validate_update: validation::validate_update,
    validate_status_update: validation::validate_status_update,
    warnings: |object| pod::template_warnings(object),
    strategy_create: |ds| set_template_generation(ds, 1),
    strategy_update: |new, old| {
        let before = old.annotation(TEMPLATE_GENERATION).and_then(|n| n.parse().ok()).unwrap_or(1);
        let changed = new["spec"]["template"] != old["spec"]["template"];
        set_template_generation(new, before + i64::from(changed));
    },
    generation: Some(spec_changed),
    columns: &[
        column("Name"),
        number("Desired"),
        number("Current"),
        number("Ready"),
        number("Up-to-date"),
        number("Available"),
        column("Node Selector"),
        column("Age"),
        wide("Containers"),
        wide("Images"),
        wide("Selector"),
    ],
    row,
    ..BASE
};

fn set_template_generation(ds: &mut Object, generation: i64) {
    ds.0.at_mut("metadata.annotations").set(TEMPLATE_GENERATION, generation.to_string());
}

/// Mirrors SetDefaults_DaemonSet.
fn defaults(ds: &mut Value) {
    if ds["spec"]["updateStrategy"]["type"] == "RollingUpdate" {
        let rolling = ds.at_mut("spec.updateStrategy.rollingUpdate");
        for (key, value) in [("maxUnavailable", 1), ("maxSurge", 0)] {
            if rolling[key].is_null() {
                rolling.set(key, value);
            }
        }
    }
    pod::default_template(ds);
}

/// Mirrors printDaemonSet.
fn row(ds: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&ds["spec"]["template"]["spec"], &ds["status"]);
    let [containers, images] = container_cells(spec);
    let count = |field: &str| Value::from(status[field].int());
    vec![
        ds.name().into(),
        count("desiredNumberScheduled"),
        count("currentNumberScheduled"),
        count("numberReady"),
        count("updatedNumberScheduled"),
        count("numberAvailable"),
        labels::format(&spec["nodeSelector"]).into(),
        age(ds, now),
        containers,
        images,
        labels::format_selector(&ds["spec"]["selector"]).into(),
    ]
}
