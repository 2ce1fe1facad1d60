use super::{Writer, date, plain};
use crate::{Ctx, Error};
use apimachinery::{Object, Value};
use client::LocalFuture;

pub(super) fn describe<'a>(
    _: &'a Ctx,
    hpa: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let (spec, status) = (&hpa["spec"], &hpa["status"]);
        let target = &spec["scaleTargetRef"];
        super::head(hpa, w);
        w.put(0, &format!("CreationTimestamp:\t{}\n", date(hpa.meta("creationTimestamp"))));
        w.put(0, &format!("Reference:\t{}/{}\n", target["kind"].str(), target["name"].str()));
        w.put(0, "Metrics:\t( current / target )\n");
        for (i, metric) in spec["metrics"].items().iter().enumerate() {
            metric_line(metric, &status["currentMetrics"][i], w);
        }
        let min = spec["minReplicas"].as_i64().map_or("<unset>".into(), |n| n.to_string());
        w.put(0, &format!("Min replicas:\t{min}\n"));
        w.put(0, &format!("Max replicas:\t{}\n", spec["maxReplicas"].int()));
        if let Some(behavior) = spec.get("behavior") {
            w.put(0, "Behavior:\n");
            direction(w, "Scale Up", &behavior["scaleUp"]);
            direction(w, "Scale Down", &behavior["scaleDown"]);
        }
        let (current, desired) = (status["currentReplicas"].int(), status["desiredReplicas"].int());
        w.put(0, &format!("{} pods:\t{current} current / {desired} desired\n", target["kind"].str()));
        let conditions = status["conditions"].items();
        if !conditions.is_empty() {
            w.put(0, "Conditions:\n");
            w.put(1, "Type\tStatus\tReason\tMessage\n");
            w.put(1, "----\t------\t------\t-------\n");
        }
        for c in conditions {
            let text = |key: &str| c[key].str().to_string();
            w.put(
                1,
                &format!("{}\t{}\t{}\t{}\n", text("type"), text("status"), text("reason"), text("message")),
            );
        }
        Ok(())
    })
}

fn target_of(key: &str) -> &'static str {
    if key == "value" { "(target value)" } else { "(target average value)" }
}

/// The line of a metric that has a name: what it is now and what it should be.
fn named_line(what: &str, source: &Value, current: &Value, key: &str, w: &mut Writer) {
    let current = current.as_str().unwrap_or("<unknown>");
    w.put(1, &format!("{what}:\t{current} / {}\n", source["target"][key].str()));
}

fn metric_line(metric: &Value, current: &Value, w: &mut Writer) {
    let (key, container) = match metric["type"].str() {
        "Resource" => ("resource", String::new()),
        "ContainerResource" => (
            "containerResource",
            format!(" of container {:?}", metric.at("containerResource.container").str()),
        ),
        "Pods" => {
            let (source, current) = (&metric["pods"], &current["pods"]["current"]["averageValue"]);
            return named_line(
                &format!("{:?} on pods", source.at("metric.name").str()),
                source,
                current,
                "averageValue",
                w,
            );
        }
        "Object" => {
            let source = &metric["object"];
            let of = &source["describedObject"];
            let key = if source.at("target.type") == "AverageValue" { "averageValue" } else { "value" };
            let what = format!(
                "{:?} on {}/{} {}",
                source.at("metric.name").str(),
                of["kind"].str(),
                of["name"].str(),
                target_of(key)
            );
            return named_line(&what, source, &current["object"]["current"][key], key, w);
        }
        "External" => {
            let source = &metric["external"];
            let key = if source.at("target.averageValue").is_null() { "value" } else { "averageValue" };
            let what = format!("{:?} {}", source.at("metric.name").str(), target_of(key));
            return named_line(&what, source, &current["external"]["current"][key], key, w);
        }
        other => return w.put(1, &format!("<unknown metric type {other:?}>\n")),
    };
    let (spec, now) = (&metric[key], &current[key]["current"]);
    let shown = |value: &Value| if value.is_empty() { "<unknown>".to_string() } else { plain(value) };
    w.put(1, &format!("resource {}{container} on pods", spec["name"].str()));
    if let Some(average) = spec["target"].get("averageValue") {
        w.put(0, &format!(":\t{} / {}\n", shown(&now["averageValue"]), plain(average)));
        return;
    }
    let current = match now["averageUtilization"].as_i64() {
        Some(percent) => format!("{percent}% ({})", plain(&now["averageValue"])),
        None => "<unknown>".into(),
    };
    let target = spec["target"]["averageUtilization"].as_i64().map_or("<auto>".into(), |p| format!("{p}%"));
    w.put(1, &format!("(as a percentage of request):\t{current} / {target}\n"));
}

fn direction(w: &mut Writer, title: &str, rules: &Value) {
    if rules.is_null() {
        return;
    }
    w.put(1, &format!("{title}:\n"));
    if let Some(seconds) = rules["stabilizationWindowSeconds"].as_i64() {
        w.put(2, &format!("Stabilization Window: {seconds} seconds\n"));
    }
    if rules["policies"].is_empty() {
        return;
    }
    let select = if rules["selectPolicy"].is_empty() { "Max" } else { rules["selectPolicy"].str() };
    w.put(2, &format!("Select Policy: {select}\n"));
    w.put(2, "Policies:\n");
    for p in rules["policies"].items() {
        let (kind, value, period) = (p["type"].str(), p["value"].int(), p["periodSeconds"].int());
        w.put(3, &format!("- Type: {kind}\tValue: {value}\tPeriod: {period} seconds\n"));
    }
}
