use super::containers::containers;
use super::volumes::volumes;
use super::{Writer, format_selector};
use apimachinery::Value;
use sim::Order;

/// A pod template as `kubectl rollout history --revision` prints it, with tabs as they are.
pub fn pod_template(template: &Value) -> String {
    let mut w = Writer::plain();
    describe(&mut w, template);
    w.finish()
}

/// Mirrors DescribePodTemplate.
pub(super) fn describe(w: &mut Writer, template: &Value) {
    w.put(0, "Pod Template:\n");
    let (meta, spec) = (&template["metadata"], &template["spec"]);
    w.labels("  Labels", &meta["labels"]);
    if !meta["annotations"].is_empty() {
        w.annotations("  Annotations", &meta["annotations"]);
    }
    if !spec["serviceAccountName"].is_empty() {
        w.put(1, &format!("Service Account:\t{}\n", spec["serviceAccountName"].str()));
    }
    if !spec["initContainers"].is_empty() {
        containers(w, "Init Containers", &spec["initContainers"], &Value::Null, None, "  ");
    }
    containers(w, "Containers", &spec["containers"], &Value::Null, None, "  ");
    volumes(w, &spec["volumes"], "  ");
    spread(w, &spec["topologySpreadConstraints"], "  ");
    if !spec["priorityClassName"].is_empty() {
        w.put(1, &format!("Priority Class Name:\t{}\n", spec["priorityClassName"].str()));
    }
    w.labels("  Node-Selectors", &spec["nodeSelector"]);
    w.tolerations("  Tolerations", &spec["tolerations"]);
}

/// Topology spread constraints, by key.
pub(super) fn spread(w: &mut Writer, constraints: &Value, space: &str) {
    if constraints.is_empty() {
        return;
    }
    let mut sorted: Vec<&Value> = constraints.items().iter().collect();
    sorted.order_by_key(|t| t["topologyKey"].str());
    w.put(0, &format!("{space}Topology Spread Constraints:\t"));
    for (i, t) in sorted.iter().enumerate() {
        let before = if i == 0 { String::new() } else { format!("{space}\t") };
        let selector = match format_selector(&t["labelSelector"]) {
            Some(text) => format!(" for selector {text}"),
            None if t["labelSelector"].is_null() => String::new(),
            None => " for selector <none>".into(),
        };
        let (key, when, skew) = (t["topologyKey"].str(), t["whenUnsatisfiable"].str(), t["maxSkew"].int());
        w.put(0, &format!("{before}{key}:{when} when max skew {skew} is exceeded{selector}\n"));
    }
}
