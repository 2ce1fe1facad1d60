//! What happens to a Service before it is stored. Mirrors pkg/registry/core/service.
//! Addresses and node ports that are still missing afterwards are given by the API server.

use apimachinery::{Object, Value, json};
use std::collections::BTreeSet;

/// Of a new Service.
pub fn create(service: &mut Object) {
    service.set("status", json!({"loadBalancer": {}}));
    normalize_cluster_ips(service, None);
    default_families(service, None);
}

/// Of a changed one: what was given before stays, what belongs to another type goes.
pub fn update(new: &mut Object, old: &Object) {
    normalize_cluster_ips(new, Some(old));
    keep_allocated(new, old);
    drop_type_dependent(new, old);
    default_families(new, Some(old));
}

fn needs_cluster_ip(service: &Object) -> bool {
    service["spec"]["type"] != "ExternalName"
}

fn needs_node_port(service: &Object) -> bool {
    matches!(service["spec"]["type"].str(), "NodePort" | "LoadBalancer")
}

/// `clusterIP` and `clusterIPs` say the same; old clients know only the first. Mirrors normalizeClusterIPs.
fn normalize_cluster_ips(new: &mut Object, old: Option<&Object>) {
    let spec = &new["spec"];
    let (one, all) = (spec["clusterIP"].clone(), spec["clusterIPs"].clone());
    let changed = match old {
        None => all.is_empty() && !one.is_empty(),
        Some(old) => one != old["spec"]["clusterIP"] && all == old["spec"]["clusterIPs"],
    };
    if changed && one.is_empty() {
        new.field_mut("spec").remove("clusterIPs");
    } else if changed {
        new.field_mut("spec").set("clusterIPs", json!([one]));
    }
}

/// Mirrors patchAllocatedValues.
fn keep_allocated(new: &mut Object, old: &Object) {
    if needs_cluster_ip(new) && needs_cluster_ip(old) {
        for key in ["clusterIP", "clusterIPs"] {
            if new["spec"][key].is_empty()
                && (key == "clusterIP" || new["spec"]["clusterIP"] == old["spec"]["clusterIP"])
            {
                let value = old["spec"][key].clone();
                if !value.is_null() {
                    new.field_mut("spec").set(key, value);
                }
            }
        }
    }
    if !needs_node_port(new) || !needs_node_port(old) {
        return;
    }
    let used = |service: &Object| -> BTreeSet<i64> {
        service["spec"]["ports"].items().iter().map(|p| p["nodePort"].int()).filter(|n| *n != 0).collect()
    };
    let mut used: BTreeSet<i64> = used(new).intersection(&used(old)).copied().collect();
    for i in 0..new["spec"]["ports"].items().len() {
        let port = &new["spec"]["ports"][i];
        if port["nodePort"].int() != 0 {
            continue;
        }
        let before = old["spec"]["ports"].items().iter().find(|p| p["name"] == port["name"]);
        let before = before.map_or(0, |p| p["nodePort"].int());
        if before != 0 && used.insert(before) {
            new.at_mut("spec.ports").array_mut()[i].set("nodePort", Value::Int(before));
        }
    }
}

/// The cluster speaks IPv4 alone. Mirrors defaultOnWrite's families for a single-stack cluster.
fn default_families(new: &mut Object, old: Option<&Object>) {
    if !needs_cluster_ip(new) {
        return;
    }
    for (key, value) in [("ipFamilyPolicy", json!("SingleStack")), ("ipFamilies", json!(["IPv4"]))] {
        if new["spec"][key].is_empty() {
            let before = old.map(|o| o["spec"][key].clone()).filter(|v| !v.is_empty());
            new.field_mut("spec").set(key, before.unwrap_or(value));
        }
    }
}

/// What belongs to the old type goes with it, unless the user changed it too.
/// Mirrors dropTypeDependentFields in pkg/registry/core/service/strategy.go.
fn drop_type_dependent(new: &mut Object, old: &Object) {
    let ty = |s: &Object| s["spec"]["type"].str().to_string();
    let has = |t: &str, set: &[&str]| set.contains(&t);
    let (before, after) = (ty(old), ty(new));
    let lost = |set: &[&str]| has(&before, set) && !has(&after, set);
    let same = |new: &Object, key: &str| new["spec"][key] == old["spec"][key];
    if lost(&["ClusterIP", "NodePort", "LoadBalancer"]) && same(new, "clusterIP") && same(new, "clusterIPs") {
        for key in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            new.field_mut("spec").remove(key);
        }
    }
    if lost(&["NodePort", "LoadBalancer"]) {
        for i in 0..new["spec"]["ports"].items().len() {
            if new["spec"]["ports"][i]["nodePort"] == old["spec"]["ports"][i]["nodePort"] {
                new.at_mut("spec.ports").array_mut()[i].remove("nodePort");
            }
        }
        if new["spec"]["externalIPs"].items().is_empty() && same(new, "externalTrafficPolicy") {
            new.field_mut("spec").remove("externalTrafficPolicy");
        }
    }
    if lost(&["LoadBalancer"]) {
        for key in ["healthCheckNodePort", "allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if same(new, key) {
                new.field_mut("spec").remove(key);
            }
        }
        new.set("status", json!({"loadBalancer": {}}));
    }
    if lost(&["ExternalName"]) && same(new, "externalName") {
        new.field_mut("spec").remove("externalName");
    }
}
