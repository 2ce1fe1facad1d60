//! What each entry of `spec.metrics` asks for. Mirrors computeReplicasForMetric.

use super::calculator::{self, Proposal, Tolerances};
use super::{behavior, metrics};
use apimachinery::labels::Selector;
use apimachinery::{Object, Quantity, Value, json};
use client::Context;

/// What the metrics come to.
pub struct Computed {
    /// The largest number that one asks for; 0 when none could be read.
    pub replicas: i64,
    /// Which one that is, in words.
    pub metric: String,
    /// `status.currentMetrics`.
    pub statuses: Value,
}

/// A metric that could not be read.
pub struct Failure {
    /// Reason of the Event and of the condition.
    pub reason: &'static str,
    /// Why, as the Event says it.
    pub event: String,
    /// Why, as the sum of all metrics says it.
    pub error: String,
}

/// The selector of the target's pods; else the reason why there is none.
pub fn selector(scale: &Object) -> Result<Selector, &'static str> {
    match scale.at("status.selector").str() {
        "" => Err("SelectorRequired"),
        text => Selector::parse(text).map_err(|_| "InvalidSelector"),
    }
}

/// Goes through `spec.metrics`. `pods` are the target's, `selector` is theirs as a text.
pub fn compute(
    ctx: &mut Context<'_>,
    hpa: &Object,
    pods: &[&Object],
    selector: &str,
    current: i64,
) -> (Computed, Vec<Failure>) {
    let mut computed = Computed { replicas: 0, metric: String::new(), statuses: Value::Null };
    let (mut failures, mut statuses) = (Vec::new(), Vec::new());
    for spec in hpa.at("spec.metrics").items() {
        match one(ctx, hpa, spec, pods, selector, current) {
            Ok((replicas, metric, status)) => {
                if computed.metric.is_empty() || replicas > computed.replicas {
                    (computed.replicas, computed.metric) = (replicas, metric);
                }
                statuses.push(status);
            }
            Err(failure) => {
                // As in reality, a metric that could not be read stands there without a type.
                statuses.push(json!({"type": ""}));
                failures.push(failure);
            }
        }
    }
    computed.statuses = Value::array(statuses);
    (computed, failures)
}

fn one(
    ctx: &mut Context<'_>,
    hpa: &Object,
    spec: &Value,
    pods: &[&Object],
    selector: &str,
    current: i64,
) -> Result<(i64, String, Value), Failure> {
    let failure = |reason, event: String, error: String| Failure { reason, event, error };
    match spec["type"].str() {
        "Resource" => {
            resource(ctx, hpa, &spec["resource"], "resource", pods, selector, current).map_err(|why| {
                let error =
                    format!("failed to get {} resource metric value: {why}", spec["resource"]["name"].str());
                failure("FailedGetResourceMetric", why, error)
            })
        }
        "ContainerResource" => {
            let source = &spec["containerResource"];
            resource(ctx, hpa, source, "containerResource", pods, selector, current).map_err(|why| {
                let error = format!("failed to get {} container metric value: {why}", source["name"].str());
                failure("FailedGetContainerResourceMetric", why, error)
            })
        }
        // There is no adapter in this cluster that serves these, and the real one says the same without one.
        "Pods" => {
            let name = spec["pods"]["metric"]["name"].str();
            let why = format!("unable to get metric {name}: {NO_CUSTOM}");
            Err(failure(
                "FailedGetPodsMetric",
                why.clone(),
                format!("failed to get pods metric value: {why}"),
            ))
        }
        "Object" => {
            let (object, name) = (&spec["object"]["describedObject"], spec["object"]["metric"]["name"].str());
            let place = format!("{} {}/{}", object["kind"].str(), hpa.namespace(), object["name"].str());
            let why = format!("unable to get metric {name}: {place}: {NO_CUSTOM}");
            Err(failure(
                "FailedGetObjectMetric",
                why.clone(),
                format!("failed to get object metric value: {why}"),
            ))
        }
        "External" => {
            let name = spec["external"]["metric"]["name"].str();
            let why = format!(
                "unable to get external metric {}/{name}/nil: unable to fetch metrics from external metrics API: {} (get {name}.external.metrics.k8s.io)",
                hpa.namespace(),
                metrics::NOT_SERVED
            );
            let error = format!("failed to get {name} external metric value: {why}");
            Err(failure("FailedGetExternalMetric", why, error))
        }
        other => {
            let why = format!("unknown metric source type {other:?}");
            Err(failure("InvalidMetricSourceType", why.clone(), why))
        }
    }
}

const NO_CUSTOM: &str = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

/// A resource of the pods, or of one container in each. Mirrors computeStatusForResourceMetricGeneric.
fn resource(
    ctx: &mut Context<'_>,
    hpa: &Object,
    source: &Value,
    field: &str,
    pods: &[&Object],
    selector: &str,
    current: i64,
) -> Result<(i64, String, Value), String> {
    let (name, container, target) = (source["name"].str(), source["container"].str(), &source["target"]);
    let average = target["averageValue"].as_str().and_then(Quantity::parse);
    let utilization = target["averageUtilization"].as_i64();
    let what = if average.is_some() { "usage" } else { "utilization" };
    if average.is_none() && utilization.is_none() {
        return Err("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set".into());
    }
    let values = metrics::resource(ctx, hpa.namespace(), selector, name, container).map_err(|why| {
        format!("failed to get {name} {what}: unable to get metrics for resource {name}: {why}")
    })?;
    let tolerances =
        Tolerances { up: behavior::tolerance(hpa, "scaleUp"), down: behavior::tolerance(hpa, "scaleDown") };
    let question =
        calculator::Question { now: ctx.now, pods, resource: name, container, current, tolerances };
    let answer = match (average, utilization) {
        (Some(average), _) => calculator::by_average(&question, values, average.millis()),
        (None, Some(percent)) => calculator::by_utilization(&question, values, percent),
        (None, None) => unreachable!("told apart above"),
    };
    let Proposal { replicas, utilization, average } =
        answer.map_err(|why| format!("failed to get {name} {what}: {why}"))?;
    let mut value = json!({"averageValue": Quantity::from_millis(average).to_string()});
    let mut metric = match container {
        "" => format!("{name} resource"),
        container => format!("{name} container resource of container {container}"),
    };
    if let Some(utilization) = utilization {
        value.set("averageUtilization", utilization);
        metric = match container {
            "" => format!("{name} resource utilization (percentage of request)"),
            _ => format!("{name} container resource utilization (percentage of request)"),
        };
    }
    let mut body = json!({"name": name, "current": value});
    if !container.is_empty() {
        body.set("container", container);
    }
    let kind = if container.is_empty() { "Resource" } else { "ContainerResource" };
    Ok((replicas, metric, json!({"type": kind, (field): body})))
}
