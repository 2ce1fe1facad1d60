//! What the resource metrics API says of pods. Mirrors podautoscaler/metrics.

use apimachinery::{Quantity, Request, time};
use client::Context;
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// What a client says when the API is not there.
pub const NOT_SERVED: &str = "the server could not find the requested resource";

/// The window of a measurement that does not say its own.
const DEFAULT_WINDOW: Duration = Duration::from_secs(60);

/// One pod's usage of a resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PodMetric {
    /// When it was measured.
    pub at: Time,
    /// Over which time.
    pub window: Duration,
    /// In thousandths.
    pub value: i64,
}

/// The usage of a resource by pod name: of all containers, or of one (not empty).
pub fn resource(
    ctx: &mut Context<'_>,
    namespace: &str,
    selector: &str,
    resource: &str,
    container: &str,
) -> Result<BTreeMap<String, PodMetric>, String> {
    let path = format!("/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods");
    let list = ctx.send(Request::get(path).with("labelSelector", selector)).into_object();
    let list = list.map_err(|error| {
        let why = if error.code() == 404 { NOT_SERVED } else { error.message() };
        format!("unable to fetch metrics from resource metrics API: {why} (get pods.metrics.k8s.io)")
    })?;
    if list["items"].is_empty() {
        return Err("no metrics returned from resource metrics API".into());
    }
    let mut metrics = BTreeMap::new();
    for item in list["items"].items() {
        let containers = item["containers"].items().iter();
        let values: Option<Vec<i64>> = containers
            .filter(|c| container.is_empty() || c["name"] == container)
            .map(|c| c["usage"][resource].as_str().and_then(Quantity::parse).map(Quantity::millis))
            .collect();
        let (Some(values), Some(at)) = (values, time::parse(item["timestamp"].str())) else { continue };
        if values.is_empty() {
            continue;
        }
        let window = go_duration(item["window"].str()).unwrap_or(DEFAULT_WINDOW);
        metrics.insert(
            item.at("metadata.name").str().into(),
            PodMetric { at, window, value: values.iter().sum() },
        );
    }
    if metrics.is_empty() {
        return Err("no metrics returned from resource metrics API".into());
    }
    Ok(metrics)
}

/// A duration as Go writes it, such as `1m0s` or `15.024s`; hours, minutes and seconds only.
fn go_duration(text: &str) -> Option<Duration> {
    let (mut seconds, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let number: f64 = rest[..unit].parse().ok()?;
        seconds += match &rest[unit..=unit] {
            "h" => number * 3600.0,
            "m" => number * 60.0,
            "s" => number,
            _ => return None,
        };
        rest = &rest[unit + 1..];
    }
    (seconds > 0.0).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_as_go_writes_them() {
        assert_eq!(go_duration("1m0s"), Some(Duration::from_secs(60)));
        assert_eq!(go_duration("15.5s"), Some(Duration::from_millis(15_500)));
        assert_eq!((go_duration(""), go_duration("5"), go_duration("2d")), (None, None, None));
    }
}
