use super::{Writer, format_selector, joined, plain};
use crate::{Ctx, Error};
use apimachinery::{Object, Value, time};
use client::LocalFuture;

const INDENT: &str = "    ";

/// Mirrors describeNetworkPolicy.
pub(super) fn describe<'a>(
    _: &'a Ctx,
    policy: &'a Object,
    w: &'a mut Writer,
) -> LocalFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        let spec = &policy["spec"];
        w.put(0, &format!("Name:\t{}\n", policy.name()));
        w.put(0, &format!("Namespace:\t{}\n", policy.namespace()));
        let created = policy.created().map(time::format).unwrap_or_default();
        let created = created.replace('T', " ").replace('Z', " +0000 UTC");
        w.put(0, &format!("Created on:\t{created}\n"));
        w.labels("Labels", policy.labels());
        w.annotations("Annotations", policy.meta("annotations"));
        w.put(0, "Spec:\n");
        let selector = format_selector(&spec["podSelector"]);
        let selector = selector
            .as_deref()
            .unwrap_or("<none> (Allowing the specific traffic to all pods in this namespace)");
        w.put(1, "PodSelector: ");
        w.put(2, &format!("{selector}\n"));
        for (kind, list, peers, word) in
            [("Ingress", "ingress", "from", "From"), ("Egress", "egress", "to", "To")]
        {
            if spec["policyTypes"].items().iter().any(|t| *t == kind) {
                w.put(1, &format!("Allowing {list} traffic:\n"));
                rules(&spec[list], list, peers, word, w);
            } else {
                w.put(1, &format!("Not affecting {list} traffic\n"));
            }
        }
        let types = match joined(&spec["policyTypes"], ", ") {
            none if none.is_empty() => "<none>".to_string(),
            types => types,
        };
        w.put(1, &format!("Policy Types: {types}\n"));
        Ok(())
    })
}

/// Mirrors printNetworkPolicySpecIngressFrom and printNetworkPolicySpecEgressTo.
fn rules(rules: &Value, list: &str, peers: &str, word: &str, w: &mut Writer) {
    let mut line = |text: String| w.put(0, &format!("{INDENT}{text}\n"));
    if rules.is_empty() {
        return line(format!("<none> (Selected pods are isolated for {list} connectivity)"));
    }
    let last = rules.items().len() - 1;
    for (i, rule) in rules.items().iter().enumerate() {
        if rule["ports"].is_empty() {
            line("To Port: <any> (traffic allowed to all ports)".into());
        }
        for port in rule["ports"].items() {
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            let number = if port["port"].is_null() { "<nil>".to_string() } else { plain(&port["port"]) };
            line(match &port["endPort"] {
                Value::Null => format!("To Port: {number}/{protocol}"),
                end => format!("To Port Range: {number}-{}/{protocol}", plain(end)),
            });
        }
        if rule[peers].is_empty() {
            let side = if list == "ingress" { "source" } else { "destination" };
            line(format!("{word}: <any> (traffic not restricted by {side})"));
        }
        for peer in rule[peers].items() {
            line(format!("{word}:"));
            for (title, field) in [("NamespaceSelector", "namespaceSelector"), ("PodSelector", "podSelector")]
            {
                if !peer[field].is_null() {
                    let selector = format_selector(&peer[field]).unwrap_or_else(|| "<none>".into());
                    line(format!("  {title}: {selector}"));
                }
            }
            let block = &peer["ipBlock"];
            if !block.is_null() {
                line("  IPBlock:".into());
                line(format!("    CIDR: {}", block["cidr"].str()));
                line(format!("    Except: {}", joined(&block["except"], ", ")));
            }
        }
        if i != last {
            line("----------".into());
        }
    }
}
