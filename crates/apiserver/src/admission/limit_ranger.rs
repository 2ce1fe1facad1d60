//! LimitRanger: gives containers the requests and limits of their namespace, and refuses what is out of its ranges.
//! Mirrors plugin/pkg/admission/limitranger.

use crate::{ApiServer, Call};
use api::limitrange::RESOURCE;
use apimachinery::{Object, Quantity, Status, Value};

/// Tells what the pod did not ask for itself.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";
/// Lists of containers and how the annotation calls them.
const CONTAINERS: [(&str, &str); 2] = [("containers", "container"), ("initContainers", "init container")];

fn ranges(server: &ApiServer, namespace: &str) -> impl Iterator<Item = Object> {
    let ranges = server.objects(&RESOURCE).into_iter();
    ranges.filter(move |range| range.namespace() == namespace)
}

/// Sets what the containers of a new pod leave open.
pub fn create(server: &ApiServer, call: &Call<'_>, pod: &mut Object) {
    let mut set = Vec::new();
    for range in ranges(server, call.namespace) {
        let items = range.at("spec.limits").items().iter().filter(|item| item["type"] == "Container");
        for item in items {
            for (list, called) in CONTAINERS {
                if pod["spec"][list].is_empty() {
                    continue;
                }
                for container in pod.at_mut("spec").field_mut(list).array_mut() {
                    set.extend(fill(container, item, called));
                }
            }
        }
    }
    if !set.is_empty() {
        let text = format!("LimitRanger plugin set: {}", set.join("; "));
        pod.at_mut("metadata.annotations").set(ANNOTATION, text);
    }
}

/// Mirrors mergeContainerResources.
fn fill(container: &mut Value, item: &Value, called: &str) -> Vec<String> {
    let mut said = Vec::new();
    for (list, from, word) in [("requests", "defaultRequest", "request"), ("limits", "default", "limit")] {
        let missing: Vec<(&str, &Value)> = item[from]
            .fields()
            .filter(|(name, _)| container["resources"][list].get(name).is_none())
            .collect();
        if missing.is_empty() {
            continue;
        }
        let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
        said.push(format!("{} {word} for {called} {}", names.join(", "), container["name"].str()));
        for (name, amount) in missing {
            container.field_mut("resources").field_mut(list).set(name, amount.clone());
        }
    }
    said
}

/// Refuses a pod that is out of a range.
pub fn validate(server: &ApiServer, call: &Call<'_>, pod: &Object) -> Result<(), Status> {
    let mut errors = Vec::new();
    for range in ranges(server, call.namespace) {
        for item in range.at("spec.limits").items() {
            match item["type"].str() {
                "Container" => {
                    let containers = CONTAINERS.iter().flat_map(|(list, _)| pod["spec"][*list].items());
                    for container in containers {
                        check(item, &container["resources"], &mut errors);
                    }
                }
                "Pod" => check(item, &of_pod(pod), &mut errors),
                _ => {}
            }
        }
    }
    match errors.as_slice() {
        [] => Ok(()),
        [one] => Err(call.forbidden(pod.name(), one)),
        many => Err(call.forbidden(pod.name(), &format!("[{}]", many.join(", ")))),
    }
}

/// What a whole pod asks for, as the `resources` of one container.
fn of_pod(pod: &Object) -> Value {
    let mut resources = Value::object();
    for list in ["requests", "limits"] {
        for (name, amount) in api::pod::resources(&pod["spec"], list) {
            resources.field_mut(list).set(&name, amount.to_string());
        }
    }
    resources
}

/// Mirrors minConstraint, maxConstraint and limitRequestRatioConstraint.
fn check(item: &Value, resources: &Value, errors: &mut Vec<String>) {
    let of = item["type"].str();
    let amount = |value: &Value| Quantity::parse(value.str());
    let asked = |list: &str, name: &str| resources[list].get(name).and_then(amount);
    for (name, least) in item["min"].fields() {
        let Some(least) = amount(least) else { continue };
        let text = format!("minimum {name} usage per {of} is {least}");
        match (asked("requests", name), asked("limits", name)) {
            (None, _) => errors.push(format!("{text}.  No request is specified")),
            (Some(request), _) if least.more_than(request) => {
                errors.push(format!("{text}, but request is {request}"));
            }
            (_, Some(limit)) if least.more_than(limit) => {
                errors.push(format!("{text}, but limit is {limit}"))
            }
            _ => {}
        }
    }
    for (name, most) in item["max"].fields() {
        let Some(most) = amount(most) else { continue };
        let text = format!("maximum {name} usage per {of} is {most}");
        match (asked("requests", name), asked("limits", name)) {
            (_, None) => errors.push(format!("{text}.  No limit is specified")),
            (_, Some(limit)) if limit.more_than(most) => errors.push(format!("{text}, but limit is {limit}")),
            (Some(request), _) if request.more_than(most) => {
                errors.push(format!("{text}, but request is {request}"));
            }
            _ => {}
        }
    }
    for (name, most) in item["maxLimitRequestRatio"].fields() {
        let Some(most) = amount(most) else { continue };
        let text = format!("{name} max limit to request ratio per {of} is {most}, but");
        let (request, limit) = (asked("requests", name), asked("limits", name));
        let (Some(request), Some(limit)) = (request.filter(|q| !q.is_zero()), limit.filter(|q| !q.is_zero()))
        else {
            let what = if request.is_none_or(Quantity::is_zero) { "request" } else { "limit" };
            errors.push(format!("{text} no {what} is specified or {what} is 0"));
            continue;
        };
        let ratio = limit.millis() as f64 / request.millis() as f64;
        if ratio > most.millis() as f64 / 1000.0 {
            errors.push(format!("{text} provided ratio is {ratio:.6}"));
        }
    }
}
