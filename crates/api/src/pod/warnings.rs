//! What the server warns of when it takes a pod or a pod template. Mirrors pkg/api/pod/warnings.go.

use apimachinery::{Quantity, Value};

/// Labels of nodes that have other names today, with the words of the warning.
/// Mirrors pkg/api/node/util.go.
const OLD_LABELS: [(&str, &str); 5] = [
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
    ),
    (
        "beta.kubernetes.io/instance-type",
        "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    ),
];
/// Kinds of volumes that are on their way out or gone.
const OLD_VOLUMES: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// Of a pod spec that stands at `path`: `spec` or `spec.template.spec`.
pub fn warnings(spec: &Value, path: &str) -> Vec<String> {
    let mut list = Vec::new();
    for (key, _) in spec["nodeSelector"].fields() {
        list.extend(old_label(key).map(|words| format!("{path}.nodeSelector[{key}]: {words}")));
    }
    for (i, c) in spec["topologySpreadConstraints"].items().iter().enumerate() {
        let path = format!("{path}.topologySpreadConstraints[{i}]");
        let key = c["topologyKey"].str();
        list.extend(old_label(key).map(|words| format!("{path}.topologyKey: {key} is {words}")));
        if c["labelSelector"].is_null() {
            list.push(format!("{path}.labelSelector: a null labelSelector results in matching no pod"));
        }
    }
    for (i, volume) in spec["volumes"].items().iter().enumerate() {
        let old = OLD_VOLUMES.iter().filter(|(kind, _)| !volume[*kind].is_null());
        list.extend(old.map(|(kind, words)| format!("{path}.volumes[{i}].{kind}: {words}")));
    }
    list.extend(duplicates(&spec["hostAliases"], "ip", &format!("{path}.hostAliases")));
    list.extend(duplicates(&spec["imagePullSecrets"], "name", &format!("{path}.imagePullSecrets")));
    for (at, container) in containers(spec, path) {
        list.extend(fractions(container, &at));
        list.extend(hidden_env(container, &at));
    }
    list.extend(ports(spec, path));
    if spec["terminationGracePeriodSeconds"].int() < 0 {
        list.push(format!(
            "{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ));
    }
    list
}

fn old_label(key: &str) -> Option<&'static str> {
    OLD_LABELS.iter().find(|(old, _)| *old == key).map(|(_, words)| *words)
}

fn containers<'a>(spec: &'a Value, path: &str) -> Vec<(String, &'a Value)> {
    let mut all = Vec::new();
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let items = spec[list].items().iter().enumerate();
        all.extend(items.map(|(i, container)| (format!("{path}.{list}[{i}]"), container)));
    }
    all
}

fn duplicates(list: &Value, key: &str, path: &str) -> Vec<String> {
    let items = list.items();
    let again = items.iter().enumerate().filter(|(i, v)| items[..*i].iter().any(|o| o[key] == v[key]));
    again.map(|(i, v)| format!("{path}[{i}].{key}: duplicate {key} {:?}", v[key].str())).collect()
}

/// Memory in parts of a byte: `400m` is not what it looks like.
fn fractions(container: &Value, path: &str) -> Vec<String> {
    let mut list = Vec::new();
    for resource in ["memory", "ephemeral-storage"] {
        for kind in ["limits", "requests"] {
            let amount = &container["resources"][kind][resource];
            if amount.as_str().and_then(Quantity::parse).is_some_and(|q| q.millis() % 1000 != 0) {
                let at = format!("{path}.resources.{kind}[{resource}]");
                list.push(format!("{at}: fractional byte value {amount:?} is invalid, must be an integer"));
            }
        }
    }
    list
}

/// A variable that is set twice, unless the second value builds on the first.
fn hidden_env(container: &Value, path: &str) -> Vec<String> {
    let env = container["env"].items();
    let hides = |(i, v): &(usize, &Value)| {
        let own = format!("$({})", v["name"].str());
        let value = v["value"].str();
        let builds_on = v["valueFrom"].is_null() && value != own && value.contains(&own);
        env[..*i].iter().any(|o| o["name"] == v["name"]) && !builds_on
    };
    let words = "which may be dropped when using apply";
    let hiding = env.iter().enumerate().filter(hides);
    hiding
        .map(|(i, v)| format!("{path}.env[{i}]: hides previous definition of {:?}, {words}", v["name"].str()))
        .collect()
}

fn ports(spec: &Value, path: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut seen: Vec<(String, &Value)> = Vec::new();
    for (at, container) in containers(spec, path) {
        for (i, port) in container["ports"].items().iter().enumerate() {
            let at = format!("{at}.ports[{i}]");
            let same =
                |o: &Value| o["containerPort"] == port["containerPort"] && o["protocol"] == port["protocol"];
            for (other_at, other) in seen.iter().filter(|(_, o)| same(o)) {
                let hosts = (port["hostPort"].int(), other["hostPort"].int());
                if port["hostIP"] == other["hostIP"] && hosts.0 == hosts.1 {
                    list.push(format!("{at}: duplicate port definition with {other_at}"));
                } else if hosts.0 == 0 || hosts.1 == 0 {
                    list.push(format!("{at}: overlapping port definition with {other_at}"));
                }
            }
            seen.push((at, port));
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use apimachinery::json;

    #[test]
    fn traps_are_named() {
        let spec = json!({
            "nodeSelector": {"beta.kubernetes.io/os": "linux"},
            "containers": [
                {"name": "a", "ports": [{"containerPort": 80, "protocol": "TCP"}], "resources": {"requests": {"memory": "400m"}}},
                {"name": "b", "ports": [{"containerPort": 80, "protocol": "TCP"}],
                 "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}, {"name": "A", "value": "$(A)3"}]},
            ],
        });
        assert_eq!(
            warnings(&spec, "spec"),
            [
                "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
                "spec.containers[0].resources.requests[memory]: fractional byte value \"400m\" is invalid, must be an integer",
                "spec.containers[1].env[1]: hides previous definition of \"A\", which may be dropped when using apply",
                "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]",
            ]
        );
    }
}
