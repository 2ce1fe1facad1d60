//! How fast a target may change. Mirrors the second half of horizontal.go.

use super::{limits, set_condition};
use apimachinery::{Object, Value};
use sim::{Duration, Time};

/// How long a higher recommendation holds a lower one back. Mirrors
/// `--horizontal-pod-autoscaler-downscale-stabilization`.
const STABILIZATION: i64 = 300;
/// How far from the target usage may be. Mirrors `--horizontal-pod-autoscaler-tolerance`.
const TOLERANCE: f64 = 0.1;
/// How much may be added without a behavior: this factor, or this many pods.
const UP_FACTOR: i64 = 2;
const UP_MINIMUM: i64 = 4;
/// The longest period of a policy, in seconds: older changes are forgotten. Mirrors the API's validation.
const LONGEST_PERIOD: u64 = 1800;

/// What happened to one autoscaler of late. Bounded, as what is too old is dropped with each entry.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// (when, how many).
    recommendations: Vec<(Time, i64)>,
    /// (when, how many more or, negative, fewer).
    changes: Vec<(Time, i64)>,
}

impl History {
    /// The first recommendation is what there was. Mirrors recordInitialRecommendation.
    pub fn begin(&mut self, now: Time, replicas: i64) {
        if self.recommendations.is_empty() {
            self.recommendations.push((now, replicas));
        }
    }

    /// The target was changed by so many. Mirrors storeScaleEvent.
    pub fn rescaled(&mut self, now: Time, by: i64) {
        self.changes.retain(|(at, _)| now.since(*at) <= Duration::from_secs(LONGEST_PERIOD));
        self.changes.push((now, by));
    }

    fn since(&self, from: Time) -> impl Iterator<Item = i64> {
        self.recommendations.iter().filter(move |(at, _)| *at > from).map(|(_, n)| *n)
    }

    /// How many were (added, taken away) within so many seconds.
    fn changed(&self, now: Time, seconds: i64) -> (i64, i64) {
        let recent = || {
            let within = Duration::from_secs(seconds.max(0) as u64);
            self.changes.iter().filter(move |(at, _)| now.since(*at) < within).map(|(_, n)| *n)
        };
        (recent().filter(|n| *n > 0).sum(), -recent().filter(|n| *n < 0).sum::<i64>())
    }
}

/// The tolerance of a direction, `scaleUp` or `scaleDown`.
pub fn tolerance(hpa: &Object, direction: &str) -> f64 {
    let text = hpa.at("spec.behavior")[direction]["tolerance"].as_str();
    let quantity = text.and_then(apimachinery::Quantity::parse);
    quantity.map_or(TOLERANCE, |q| q.millis() as f64 / 1000.0)
}

fn ago(now: Time, seconds: i64) -> Time {
    now - Duration::from_secs(seconds.max(0) as u64)
}

/// From what the metrics want to what it becomes; says why in the conditions. Mirrors normalizeDesiredReplicas and
/// normalizeDesiredReplicasWithBehaviors.
pub fn normalize(history: &mut History, now: Time, hpa: &mut Object, current: i64, wanted: i64) -> i64 {
    let behavior = hpa.at("spec.behavior").clone();
    let window = |direction: &str, default| {
        behavior[direction]["stabilizationWindowSeconds"].as_i64().unwrap_or(default)
    };
    let (up, down) = (window("scaleUp", 0), window("scaleDown", STABILIZATION));
    let highest = history.since(ago(now, down)).fold(wanted, i64::max);
    let stabilized = if behavior.is_null() {
        highest
    } else {
        let lowest = history.since(ago(now, up)).fold(wanted, i64::min);
        current.max(lowest).min(highest)
    };
    let oldest = ago(now, up.max(down));
    history.recommendations.retain(|(at, _)| *at >= oldest);
    history.recommendations.push((now, wanted));
    let (reason, message) = match () {
        () if stabilized == wanted => ("ReadyForNewScale", "recommended size matches current size"),
        () if !behavior.is_null() && wanted >= current => (
            "ScaleUpStabilized",
            "recent recommendations were lower than current one, applying the lowest recent recommendation",
        ),
        () => (
            "ScaleDownStabilized",
            "recent recommendations were higher than current one, applying the highest recent recommendation",
        ),
    };
    set_condition(hpa.field_mut("status"), now, "AbleToScale", true, reason, message);
    let (min, max) = limits(hpa);
    let (replicas, reason, message) = if behavior.is_null() {
        by_rules(current, stabilized, min, max)
    } else {
        by_rate(history, now, &behavior, current, stabilized, min, max)
    };
    set_condition(hpa.field_mut("status"), now, "ScalingLimited", replicas != stabilized, reason, message);
    replicas
}

type Limited = (i64, &'static str, &'static str);

const WITHIN: (&str, &str) = ("DesiredWithinRange", "the desired count is within the acceptable range");
const TOO_FEW: (&str, &str) =
    ("TooFewReplicas", "the desired replica count is less than the minimum replica count");
const TOO_MANY: (&str, &str) =
    ("TooManyReplicas", "the desired replica count is more than the maximum replica count");
const UP_LIMIT: (&str, &str) =
    ("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
const DOWN_LIMIT: (&str, &str) =
    ("ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate");

/// Mirrors convertDesiredReplicasWithRules.
fn by_rules(current: i64, wanted: i64, min: i64, max: i64) -> Limited {
    let limit = (UP_FACTOR * current).max(UP_MINIMUM);
    let (highest, why) = if max > limit { (limit, UP_LIMIT) } else { (max, TOO_MANY) };
    match wanted {
        n if n < min => (min, TOO_FEW.0, TOO_FEW.1),
        n if n > highest => (highest, why.0, why.1),
        n => (n, WITHIN.0, WITHIN.1),
    }
}

/// Mirrors convertDesiredReplicasWithBehaviorRate.
fn by_rate(
    history: &History,
    now: Time,
    behavior: &Value,
    current: i64,
    wanted: i64,
    min: i64,
    max: i64,
) -> Limited {
    if wanted > current {
        let limit = rate_limit(history, now, &behavior["scaleUp"], current, true).max(current);
        let (highest, why) = if max > limit { (limit, UP_LIMIT) } else { (max, TOO_MANY) };
        if wanted > highest {
            return (highest, why.0, why.1);
        }
    } else if wanted < current {
        let limit = rate_limit(history, now, &behavior["scaleDown"], current, false).min(current);
        let (lowest, why) = if min < limit { (limit, DOWN_LIMIT) } else { (min, TOO_FEW) };
        if wanted < lowest {
            return (lowest, why.0, why.1);
        }
    }
    (wanted, WITHIN.0, WITHIN.1)
}

/// What the policies of a direction allow. Mirrors calculateScaleUpLimitWithScalingRules and
/// calculateScaleDownLimitWithBehaviors.
fn rate_limit(history: &History, now: Time, rules: &Value, current: i64, up: bool) -> i64 {
    let select = rules["selectPolicy"].str();
    if select == "Disabled" {
        return current;
    }
    let allowed = rules["policies"].items().iter().map(|policy| {
        let (added, taken) = history.changed(now, policy["periodSeconds"].int());
        let (before, value) = (current - added + taken, policy["value"].int());
        let percent = value as f64 / 100.0;
        match (policy["type"].str(), up) {
            ("Pods", true) => before + value,
            ("Pods", false) => before - value,
            (_, true) => (before as f64 * (1.0 + percent)).ceil() as i64,
            (_, false) => (before as f64 * (1.0 - percent)) as i64,
        }
    });
    // The policy that changes most, unless the one that changes least is asked for.
    let most = select != "Min";
    let chosen = if up == most { allowed.max() } else { allowed.min() };
    chosen.unwrap_or(current)
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    fn hpa(behavior: Value) -> Object {
        Object(json!({"spec": {"minReplicas": 1, "maxReplicas": 100, "behavior": behavior}}))
    }

    fn reason<'a>(hpa: &'a Object, kind: &str) -> &'a str {
        crate::conditions::get(&hpa["status"], kind)["reason"].str()
    }

    #[test]
    fn without_a_behavior_it_grows_twofold_and_shrinks_after_five_minutes() {
        let (mut history, mut hpa, at) = (History::default(), hpa(Value::Null), Time::from_secs);
        history.begin(at(1000), 3);
        assert_eq!(normalize(&mut history, at(1000), &mut hpa, 3, 20), 6);
        assert_eq!(reason(&hpa, "ScalingLimited"), "ScaleUpLimit");
        assert_eq!(normalize(&mut history, at(1015), &mut hpa, 6, 2), 12);
        assert_eq!(reason(&hpa, "AbleToScale"), "ScaleDownStabilized");
        assert_eq!(normalize(&mut history, at(1301), &mut hpa, 12, 2), 2);
        assert_eq!(
            (reason(&hpa, "AbleToScale"), reason(&hpa, "ScalingLimited")),
            ("ReadyForNewScale", "DesiredWithinRange")
        );
        assert_eq!(normalize(&mut history, at(9000), &mut hpa, 2, 0), 1);
        assert_eq!(reason(&hpa, "ScalingLimited"), "TooFewReplicas");
    }

    #[test]
    fn policies_limit_the_rate_by_what_happened_in_their_period() {
        let at = Time::from_secs;
        let mut hpa = hpa(json!({
            "scaleUp": {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [
                {"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15},
            ]},
            "scaleDown": {"stabilizationWindowSeconds": 0, "selectPolicy": "Min", "policies": [
                {"type": "Pods", "value": 1, "periodSeconds": 60}, {"type": "Percent", "value": 50, "periodSeconds": 60},
            ]},
        }));
        let mut history = History::default();
        assert_eq!(normalize(&mut history, at(1000), &mut hpa, 3, 50), 7);
        history.rescaled(at(1000), 4);
        assert_eq!(normalize(&mut history, at(1010), &mut hpa, 7, 50), 7);
        assert_eq!(normalize(&mut history, at(1020), &mut hpa, 7, 50), 14);
        assert_eq!(normalize(&mut history, at(2000), &mut hpa, 10, 2), 9);
        history.rescaled(at(2000), -1);
        assert_eq!(normalize(&mut history, at(2015), &mut hpa, 9, 2), 9);
        assert_eq!(reason(&hpa, "ScalingLimited"), "ScaleDownLimit");
        hpa.0.set_at("spec.behavior.scaleDown.selectPolicy", "Disabled");
        assert_eq!(normalize(&mut history, at(3000), &mut hpa, 9, 2), 9);
    }
}
