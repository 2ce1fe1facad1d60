//! What happens to a Service before it is stored. Mirrors dropTypeDependentFields in pkg/registry/core/service.
//! Addresses, IP families and node ports are given, and kept over a change, by the API server's registry, which knows what
//! is taken.

use apimachinery::{Object, json};

/// Of a new Service.
pub fn create(service: &mut Object) {
    service.set("status", json!({"loadBalancer": {}}));
}

/// What belongs to the old type goes with it, unless the user changed it too.
/// Mirrors dropTypeDependentFields in pkg/registry/core/service/strategy.go.
pub fn update(new: &mut Object, old: &Object) {
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
