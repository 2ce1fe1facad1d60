//! From what pods use to how many there should be. Mirrors podautoscaler/replica_calculator.go.

use super::metrics::PodMetric;
use crate::{conditions, podutil};
use apimachinery::{Object, Quantity, time};
use sim::collections::BTreeMap;
use sim::{Duration, Time};

/// For how long after its start a pod's CPU usage does not count unless it is ready. Mirrors
/// `--horizontal-pod-autoscaler-cpu-initialization-period`.
const CPU_INITIALIZATION: Duration = Duration::from_secs(5 * 60);
/// Within which time after its start a pod's first readiness is expected. Mirrors
/// `--horizontal-pod-autoscaler-initial-readiness-delay`.
const INITIAL_READINESS: Duration = Duration::from_secs(30);

type Metrics = BTreeMap<String, PodMetric>;

/// How far from the target usage may be before something happens.
#[derive(Clone, Copy)]
pub struct Tolerances {
    /// Above it.
    pub up: f64,
    /// Below it.
    pub down: f64,
}

impl Tolerances {
    fn allow(self, ratio: f64) -> bool {
        (1.0 - self.down..=1.0 + self.up).contains(&ratio)
    }
}

/// About which pods, and what of them.
pub struct Question<'a> {
    pub now: Time,
    /// The target's pods.
    pub pods: &'a [&'a Object],
    /// `cpu`, `memory`, ...
    pub resource: &'a str,
    /// Of this container; of all when empty.
    pub container: &'a str,
    /// How many there are.
    pub current: i64,
    pub tolerances: Tolerances,
}

/// An answer.
#[derive(Debug, PartialEq)]
pub struct Proposal {
    /// How many there should be.
    pub replicas: i64,
    /// The mean usage in percent of what is requested, if that was the question.
    pub utilization: Option<i64>,
    /// The mean usage in thousandths.
    pub average: i64,
}

/// The pods of a question, by what their measurements are worth. Mirrors groupPods.
#[derive(Default)]
struct Groups<'a> {
    ready: i64,
    unready: Vec<&'a str>,
    missing: Vec<&'a str>,
    ignored: Vec<&'a str>,
}

impl<'a> Groups<'a> {
    fn of(question: &Question<'a>, metrics: &Metrics) -> Groups<'a> {
        let mut groups = Groups::default();
        for pod in question.pods {
            let name = pod.name();
            if pod.is_terminating() || pod.at("status.phase") == "Failed" {
                groups.ignored.push(name);
            } else if pod.at("status.phase") == "Pending" {
                groups.unready.push(name);
            } else if let Some(metric) = metrics.get(name) {
                match question.resource == "cpu" && is_starting(question.now, pod, metric) {
                    true => groups.unready.push(name),
                    false => groups.ready += 1,
                }
            } else {
                groups.missing.push(name);
            }
        }
        groups
    }
}

/// Whether a pod's CPU usage is that of its start and does not count.
fn is_starting(now: Time, pod: &Object, metric: &PodMetric) -> bool {
    let ready = conditions::get(&pod["status"], "Ready");
    let (Some(since), Some(started)) =
        (podutil::ready_transition(pod), time::parse(pod.at("status.startTime").str()))
    else {
        return true;
    };
    if started + CPU_INITIALIZATION > now {
        // Within the first minutes only what was measured while it was ready counts.
        ready["status"] == "False" || metric.at < since + metric.window
    } else {
        // Later, one that never became ready does not count.
        ready["status"] == "False" && started + INITIAL_READINESS > since
    }
}

/// (used, requested) in thousandths, and how many pods have both.
fn sums(metrics: &Metrics, requests: &BTreeMap<&str, i64>) -> (i64, i64, i64) {
    let both = metrics.iter().filter_map(|(name, m)| Some((m.value, *requests.get(name.as_str())?)));
    both.fold((0, 0, 0), |(used, requested, n), (value, request)| (used + value, requested + request, n + 1))
}

/// How many pods there should be for them to use `percent` of what they request. Mirrors GetResourceReplicas.
pub fn by_utilization(
    question: &Question<'_>,
    mut metrics: Metrics,
    percent: i64,
) -> Result<Proposal, String> {
    let groups = begin(question, &mut metrics)?;
    let requests = requests(question)?;
    let ratio_of = |metrics: &Metrics| -> Result<(f64, i64, i64), String> {
        let (used, requested, n) = sums(metrics, &requests);
        if requested == 0 {
            return Err("no metrics returned matched known pods".into());
        }
        let utilization = used * 100 / requested;
        Ok((utilization as f64 / percent as f64, utilization, used / n))
    };
    let (ratio, utilization, average) = ratio_of(&metrics)?;
    // A pod of which nothing is known uses all that it requests, or nothing: whichever changes less.
    let fallback = |name: &str| requests.get(name).copied().unwrap_or_default() * percent.max(100) / 100;
    let replicas = settle(question, &groups, &mut metrics, ratio, fallback, |m| ratio_of(m).map(|r| r.0))?;
    Ok(Proposal { replicas, utilization: Some(utilization), average })
}

/// How many pods there should be for them to use `target` thousandths each. Mirrors GetRawResourceReplicas.
pub fn by_average(question: &Question<'_>, mut metrics: Metrics, target: i64) -> Result<Proposal, String> {
    let groups = begin(question, &mut metrics)?;
    let average_of =
        |metrics: &Metrics| metrics.values().map(|m| m.value).sum::<i64>() / (metrics.len().max(1) as i64);
    let average = average_of(&metrics);
    let ratio_of = |metrics: &Metrics| Ok(average_of(metrics) as f64 / target as f64);
    let ratio = ratio_of(&metrics)?;
    let replicas = settle(question, &groups, &mut metrics, ratio, |_| target, ratio_of)?;
    Ok(Proposal { replicas, utilization: None, average })
}

/// Sorts the pods, and leaves only the metrics that count.
fn begin<'a>(question: &Question<'a>, metrics: &mut Metrics) -> Result<Groups<'a>, String> {
    if question.pods.is_empty() {
        return Err("no pods returned by selector while calculating replica count".into());
    }
    let groups = Groups::of(question, metrics);
    for name in groups.ignored.iter().chain(&groups.unready) {
        metrics.remove(*name);
    }
    if metrics.is_empty() {
        return Err("did not receive metrics for targeted pods (pods might be unready)".into());
    }
    Ok(groups)
}

/// The number of pods for a ratio of usage to target. Where the measurements of some are missing, the ratio is taken
/// again as if they spoke against a change, and if that turns it round, nothing changes.
fn settle(
    question: &Question<'_>,
    groups: &Groups<'_>,
    metrics: &mut Metrics,
    ratio: f64,
    fallback: impl Fn(&str) -> i64,
    ratio_of: impl Fn(&Metrics) -> Result<f64, String>,
) -> Result<i64, String> {
    let (current, tolerances) = (question.current, question.tolerances);
    let up_with_unready = !groups.unready.is_empty() && ratio > 1.0;
    if !up_with_unready && groups.missing.is_empty() {
        let wanted = (ratio * groups.ready as f64).ceil() as i64;
        return Ok(if tolerances.allow(ratio) { current } else { wanted });
    }
    let assume = |value| PodMetric { at: question.now, window: Duration::ZERO, value };
    for name in &groups.missing {
        if ratio < 1.0 {
            metrics.insert((*name).into(), assume(fallback(name)));
        } else if ratio > 1.0 {
            metrics.insert((*name).into(), assume(0));
        }
    }
    if up_with_unready {
        metrics.extend(groups.unready.iter().map(|name| (name.to_string(), assume(0))));
    }
    let again = ratio_of(metrics)?;
    if tolerances.allow(again) || (ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0) {
        return Ok(current);
    }
    let wanted = (again * metrics.len() as f64).ceil() as i64;
    let turned = (again < 1.0 && wanted > current) || (again > 1.0 && wanted < current);
    Ok(if turned { current } else { wanted })
}

/// What each pod requests, in thousandths. Mirrors calculateRequests.
fn requests<'a>(question: &Question<'a>) -> Result<BTreeMap<&'a str, i64>, String> {
    let mut all = BTreeMap::new();
    for pod in question.pods {
        let sidecars =
            pod.at("spec.initContainers").items().iter().filter(|c| c["restartPolicy"] == "Always");
        let containers = pod.at("spec.containers").items().iter().chain(sidecars);
        let mut sum = 0;
        for c in containers.filter(|c| question.container.is_empty() || c["name"] == question.container) {
            let request = c.at("resources.requests")[question.resource].as_str().and_then(Quantity::parse);
            sum += request.map(Quantity::millis).ok_or_else(|| {
                let (resource, container) = (question.resource, c["name"].str());
                format!("missing request for {resource} in container {container} of Pod {}", pod.name())
            })?;
        }
        all.insert(pod.name(), sum);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    const NOW: Time = Time::from_secs(10_000);

    fn pod(i: usize, ready: &str, age: u64) -> Object {
        let since = time::format(Time::from_secs(10_000 - age));
        Object(json!({
            "metadata": {"name": format!("p{i}")},
            "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]},
            "status": {"phase": "Running", "startTime": since.as_str(), "conditions": [
                {"type": "Ready", "status": ready, "lastTransitionTime": since.as_str()},
            ]},
        }))
    }

    fn ask(pods: &[Object], usage: &[i64], percent: i64) -> Result<(i64, Option<i64>), String> {
        let metric = |value| PodMetric { at: NOW, window: Duration::from_secs(15), value };
        let metrics = usage.iter().enumerate().map(|(i, v)| (format!("p{i}"), metric(*v))).collect();
        let pods: Vec<&Object> = pods.iter().collect();
        let question = Question {
            now: NOW,
            pods: &pods,
            resource: "cpu",
            container: "",
            current: pods.len() as i64,
            tolerances: Tolerances { up: 0.1, down: 0.1 },
        };
        by_utilization(&question, metrics, percent).map(|p| (p.replicas, p.utilization))
    }

    #[test]
    fn the_cases_of_the_replica_calculator() {
        let old = |n: usize| (0..n).map(|i| pod(i, "True", 3600)).collect::<Vec<_>>();
        // Plain: up, down, within the tolerance.
        assert_eq!(ask(&old(3), &[300, 500, 700], 30), Ok((5, Some(50))));
        assert_eq!(ask(&old(5), &[100, 300, 500, 250, 250], 50), Ok((3, Some(28))));
        assert_eq!(ask(&old(3), &[1010, 1030, 1020], 100), Ok((3, Some(102))));
        // Unready ones hold a scale up back.
        let mut pods = old(3);
        pods[0] = pod(0, "False", 100);
        assert_eq!(ask(&pods, &[100, 500, 700], 30), Ok((4, Some(60))));
        pods[1] = pod(1, "False", 100);
        assert_eq!(ask(&pods, &[400, 500, 700], 30), Ok((3, Some(70))));
        // Missing ones hold a scale down back.
        assert_eq!(ask(&old(4), &[100, 300, 500], 50), Ok((4, Some(30))));
        assert_eq!(ask(&old(5), &[100, 100, 100, 100], 50), Ok((3, Some(10))));
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut pods = vec![pod(0, "True", 3600)];
        pods[0].0.set_at("spec.containers", json!([{"name": "c"}]));
        assert_eq!(ask(&pods, &[100], 50), Err("missing request for cpu in container c of Pod p0".into()));
        let starting = [pod(0, "False", 10)];
        let error = "did not receive metrics for targeted pods (pods might be unready)";
        assert_eq!(ask(&starting, &[100], 50), Err(error.into()));
        assert_eq!(
            ask(&[], &[], 50),
            Err("no pods returned by selector while calculating replica count".into())
        );
    }
}
