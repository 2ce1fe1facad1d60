//! What a pod asks for in all. Mirrors PodRequests and PodLimits of component-helpers/resource.

use apimachinery::{Quantity, Value};
use sim::collections::BTreeMap;

type Amounts = BTreeMap<String, Quantity>;

/// The `requests` or `limits` of a pod's spec: containers and sidecars together, or the greatest init container with the
/// sidecars before it, and the overhead. Only what somebody asks for is there.
pub fn resources(spec: &Value, list: &str) -> Amounts {
    let (mut all, mut sidecars, mut greatest) = (Amounts::new(), Amounts::new(), Amounts::new());
    for container in spec["containers"].items() {
        add(&mut all, &container["resources"][list]);
    }
    for container in spec["initContainers"].items() {
        let wanted = &container["resources"][list];
        let mut now = sidecars.clone();
        add(&mut now, wanted);
        if container["restartPolicy"] == "Always" {
            add(&mut all, wanted);
            sidecars = now.clone();
        }
        raise(&mut greatest, now);
    }
    raise(&mut all, greatest);
    if !all.is_empty() || list == "requests" {
        add(&mut all, &spec["overhead"]);
    }
    all
}

fn add(sum: &mut Amounts, amounts: &Value) {
    for (name, amount) in amounts.fields() {
        let amount = Quantity::parse(amount.str()).unwrap_or(Quantity::ZERO);
        let known = sum.entry(name.to_string()).or_insert(Quantity::ZERO);
        *known = *known + amount;
    }
}

fn raise(to: &mut Amounts, other: Amounts) {
    for (name, amount) in other {
        let known = to.entry(name).or_insert(amount);
        if amount.more_than(*known) {
            *known = amount;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn an_init_container_counts_when_it_is_the_greatest() {
        let of = |cpu: &str| json!({"resources": {"requests": {"cpu": cpu}}});
        let mut sidecar = of("100m");
        sidecar.set("restartPolicy", "Always");
        let spec = json!({"containers": [of("200m"), of("300m")], "initContainers": [sidecar, of("700m")]});
        assert_eq!(resources(&spec, "requests")["cpu"].to_string(), "800m");
        assert!(resources(&spec, "limits").is_empty());
    }
}
