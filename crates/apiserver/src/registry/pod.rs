//! Pods end gracefully. Mirrors pkg/registry/core/pod/strategy.go.

use apimachinery::Object;

/// How long a pod may take to end, in seconds. Mirrors CheckGracefulDelete.
pub fn grace_period(pod: &Object, asked: Option<i64>) -> i64 {
    let spec = &pod["spec"];
    let period = asked.or(spec["terminationGracePeriodSeconds"].as_i64()).unwrap_or(0);
    // Nobody runs it, or nothing is left to stop: no need to wait.
    let idle =
        spec["nodeName"].str().is_empty() || matches!(pod["status"]["phase"].str(), "Failed" | "Succeeded");
    match period {
        _ if idle => 0,
        negative if negative < 0 => 1,
        period => period,
    }
}
