//! Defaults of pods and pod templates. Mirrors pkg/apis/core/v1/defaults.go.

use apimachinery::{Value, json};

const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// Of a pod. Mirrors SetDefaults_Pod.
pub fn apply(pod: &mut Value) {
    let Some(spec) = pod.get("spec") else { return };
    let mut spec = spec.clone();
    apply_spec(&mut spec);
    if spec["enableServiceLinks"].is_null() {
        spec.set("enableServiceLinks", true);
    }
    let host_network = spec["hostNetwork"].is_true();
    each_container(&mut spec, &|container| {
        requests_from_limits(container);
        if host_network && !container["ports"].items().is_empty() {
            for port in container.field_mut("ports").array_mut() {
                if port["hostPort"].int() == 0 {
                    let number = port["containerPort"].clone();
                    port.set("hostPort", number);
                }
            }
        }
    });
    pod.set("spec", spec);
}

/// Of the pod template in `spec.template` of a workload.
pub fn default_template(workload: &mut Value) {
    if !workload["spec"]["template"]["spec"].is_null() {
        apply_spec(workload.at_mut("spec.template.spec"));
    }
}

/// What holds for pods and templates alike: image pull policies, volumes without a source, the two names of the
/// service account.
fn apply_spec(spec: &mut Value) {
    each_container(spec, &|container| {
        if container["imagePullPolicy"].is_null() {
            let policy = pull_policy(container["image"].str());
            container.set("imagePullPolicy", policy);
        }
    });
    if spec["volumes"].items().iter().any(|v| v.fields().count() < 2 || !v["image"].is_null()) {
        spec.field_mut("volumes").array_mut().iter_mut().for_each(volume);
    }
    let account = match spec["serviceAccountName"].str() {
        "" => spec["serviceAccount"].clone(),
        name => Value::from(name),
    };
    if !account.str().is_empty() && spec["serviceAccount"] != spec["serviceAccountName"] {
        spec.set("serviceAccountName", account.clone());
        spec.set("serviceAccount", account);
    }
}

fn volume(volume: &mut Value) {
    if volume.fields().count() < 2 {
        volume.set("emptyDir", json!({}));
    }
    if !volume["image"].is_null() && volume["image"]["pullPolicy"].is_null() {
        let policy = pull_policy(volume["image"]["reference"].str());
        volume.field_mut("image").set("pullPolicy", policy);
    }
}

fn each_container(spec: &mut Value, change: &dyn Fn(&mut Value)) {
    for list in CONTAINERS {
        if !spec[list].items().is_empty() {
            spec.field_mut(list).array_mut().iter_mut().for_each(change);
        }
    }
}

/// `Always` for images without tag and digest or with the tag `latest`, else `IfNotPresent`.
/// Mirrors SetDefaults_Container with parsers.ParseImageName.
pub fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit_once('/').map_or(image, |(_, name)| name);
    let latest = match (name.split_once('@'), name.split_once(':')) {
        (Some((name, _)), _) => name.ends_with(":latest"),
        (None, Some((_, tag))) => tag == "latest",
        (None, None) => true,
    };
    if latest { "Always" } else { "IfNotPresent" }
}

/// A limit without a request is a request too.
fn requests_from_limits(container: &mut Value) {
    let limits = container["resources"]["limits"].clone();
    for (name, amount) in limits.fields() {
        if container["resources"]["requests"][name].is_null() {
            container.at_mut("resources.requests").set(name, amount.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_with_a_fixed_tag_are_pulled_once() {
        let cases = [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("nginx:1.27", "IfNotPresent"),
            ("localhost:5000/app", "Always"),
            ("localhost:5000/app:v1", "IfNotPresent"),
            ("app@sha256:0123", "IfNotPresent"),
        ];
        for (image, policy) in cases {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
