//! autoscaling/v1 HorizontalPodAutoscaler: one metric, the use of CPU. Mirrors pkg/apis/autoscaling/v1/conversion.go.

use super::Version;
use api::horizontalpodautoscaler::KIND;
use api::kind::{BASE, Kind};
use apimachinery::{Resource, Value, json};

/// The version.
pub static VERSION: Version = Version {
    kind: Kind {
        resource: Resource { version: "v1", ..KIND_RESOURCE },
        singular: "horizontalpodautoscaler",
        short_names: &["hpa"],
        categories: &["all"],
        schema: "autoscaling1.HorizontalPodAutoscaler",
        ..BASE
    },
    stored: &KIND,
    to_stored,
    from_stored,
};

const KIND_RESOURCE: Resource = api::horizontalpodautoscaler::RESOURCE;
/// Where v1 keeps what it has no field for.
const METRICS_ANNOTATION: &str = "autoscaling.alpha.kubernetes.io/metrics";

fn to_stored(hpa: &mut Value) {
    let Some(spec) = hpa.get("spec") else { return };
    let mut spec = spec.clone();
    if let Some(percentage) = spec.remove("targetCPUUtilizationPercentage") {
        let target = json!({"type": "Utilization", "averageUtilization": percentage});
        spec.set("metrics", vec![json!({"type": "Resource", "resource": {"name": "cpu", "target": target}})]);
    }
    hpa.set("spec", spec);
    hpa.remove("status");
    if let Some(text) = hpa.field_mut("metadata").field_mut("annotations").remove(METRICS_ANNOTATION)
        && let Ok(Value::Array(others)) = Value::from_json(text.str())
    {
        hpa.at_mut("spec.metrics").array_mut().extend(others.iter().cloned());
    }
    if hpa["metadata"]["annotations"].is_empty() {
        hpa.field_mut("metadata").remove("annotations");
    }
}

fn from_stored(hpa: &mut Value) {
    let utilization = |m: &&Value| {
        m["resource"]["name"] == "cpu" && !m["resource"]["target"]["averageUtilization"].is_null()
    };
    let metrics = hpa.field_mut("spec").remove("metrics").unwrap_or_default();
    let (cpu, others): (Vec<&Value>, Vec<&Value>) = metrics.items().iter().partition(utilization);
    if let Some(metric) = cpu.first() {
        let target = metric["resource"]["target"]["averageUtilization"].clone();
        hpa.set_at("spec.targetCPUUtilizationPercentage", target);
    }
    if !others.is_empty() {
        let text = Value::array(others.into_iter().cloned()).to_json();
        hpa.field_mut("metadata").field_mut("annotations").set(METRICS_ANNOTATION, text);
    }
    hpa.field_mut("spec").remove("behavior");
    let status = hpa.field_mut("status");
    let metrics = status.remove("currentMetrics").unwrap_or_default();
    let current = metrics.items().iter().find(|m| m["resource"]["name"] == "cpu");
    if let Some(average) = current.map(|m| &m["resource"]["current"]["averageUtilization"])
        && !average.is_null()
    {
        status.set("currentCPUUtilizationPercentage", average);
    }
    status.remove("conditions");
    for key in ["currentReplicas", "desiredReplicas"] {
        let number = status[key].int();
        status.set(key, number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::Object;

    #[test]
    fn the_percentage_becomes_a_metric_and_comes_back() {
        let spec = json!({
            "scaleTargetRef": {"kind": "Deployment", "name": "web", "apiVersion": "apps/v1"},
            "minReplicas": 2, "maxReplicas": 6, "targetCPUUtilizationPercentage": 50,
        });
        let stored = VERSION.store(Object(json!({"metadata": {"name": "web"}, "spec": spec.clone()})));
        assert_eq!(stored.api_version(), "autoscaling/v2");
        assert_eq!(stored.at("spec.metrics")[0].at("resource.target.averageUtilization").int(), 50);
        assert_eq!(VERSION.serve(stored)["spec"], spec);
    }
}
