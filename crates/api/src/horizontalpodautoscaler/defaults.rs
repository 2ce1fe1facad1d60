//! Defaults. Mirrors pkg/apis/autoscaling/v2/defaults.go.

use apimachinery::{Value, json};

/// The target of cpu utilization when no metric is named, in percent.
const CPU_UTILIZATION: i64 = 80;

/// Of an autoscaler.
pub fn apply(hpa: &mut Value) {
    if hpa["spec"].is_null() {
        return;
    }
    if hpa["spec"]["metrics"].items().is_empty() {
        let target = json!({"type": "Utilization", "averageUtilization": CPU_UTILIZATION});
        hpa.set_at(
            "spec.metrics",
            json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]),
        );
    }
    if hpa["spec"]["behavior"].is_null() {
        return;
    }
    let up = json!({
        "stabilizationWindowSeconds": 0, "selectPolicy": "Max",
        "policies": [{"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15}],
    });
    let down = json!({
        "selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    });
    for (key, defaults) in [("scaleUp", up), ("scaleDown", down)] {
        let rules = hpa.at_mut("spec.behavior").field_mut(key);
        for (key, default) in defaults.fields() {
            if rules[key].is_null() {
                rules.set(key, default.clone());
            }
        }
    }
}
