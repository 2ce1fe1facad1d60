//! The columns of `kubectl get hpa`. Mirrors printHorizontalPodAutoscaler and formatHPAMetrics.

use crate::meta::{age, column};
use apimachinery::table::Column;
use apimachinery::{Object, Value};
use sim::Time;

/// Columns.
pub const COLUMNS: &[Column] = &[
    column("Name"),
    column("Reference"),
    column("Targets"),
    column("MinPods"),
    column("MaxPods"),
    column("Replicas"),
    column("Age"),
];

/// Cells.
pub fn row(hpa: &Object, now: Time) -> Vec<Value> {
    let (spec, status) = (&hpa["spec"], &hpa["status"]);
    let target = &spec["scaleTargetRef"];
    let min = spec["minReplicas"].as_i64().map_or("<unset>".to_string(), |n| n.to_string());
    vec![
        hpa.name().into(),
        format!("{}/{}", target["kind"].str(), target["name"].str()).into(),
        targets(&spec["metrics"], &status["currentMetrics"]).into(),
        min.into(),
        spec["maxReplicas"].int().into(),
        status["currentReplicas"].int().into(),
        age(hpa, now),
    ]
}

/// `cpu: 12%/50%, memory: <unknown>/1Gi + 1 more...`.
fn targets(specs: &Value, statuses: &Value) -> String {
    const MAX: usize = 2;
    let specs = specs.items();
    if specs.is_empty() {
        return "<none>".into();
    }
    let all = specs.iter().enumerate().map(|(i, spec)| metric(spec, &statuses[i]));
    let shown = all.take(MAX).collect::<Vec<_>>().join(", ");
    match specs.len().saturating_sub(MAX) {
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}

fn metric(spec: &Value, status: &Value) -> String {
    const UNKNOWN: &str = "<unknown>";
    let source = match spec["type"].str() {
        "External" => "external",
        "Pods" => "pods",
        "Object" => "object",
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        _ => return "<unknown type>".into(),
    };
    let (target, current) = (&spec[source]["target"], &status[source]["current"]);
    let average = target["averageValue"].as_str();
    let reading = |key: &str| current[key].as_str().unwrap_or(UNKNOWN).to_string();
    let percent = |v: &Value, none: &str| v.as_i64().map_or(none.to_string(), |n| format!("{n}%"));
    match (source, average) {
        ("pods", _) => format!("{}/{}", reading("averageValue"), target["averageValue"].str()),
        ("external" | "object", Some(average)) => format!("{}/{average} (avg)", reading("averageValue")),
        ("external" | "object", None) => format!("{}/{}", reading("value"), target["value"].str()),
        (_, Some(average)) => {
            format!("{}: {}/{average}", spec[source]["name"].str(), reading("averageValue"))
        }
        (_, None) => format!(
            "{}: {}/{}",
            spec[source]["name"].str(),
            percent(&current["averageUtilization"], UNKNOWN),
            percent(&target["averageUtilization"], "<auto>")
        ),
    }
}
