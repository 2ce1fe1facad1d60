//! Which pods belong to which Service, and when that may have changed. Mirrors endpointslice/util/controller_utils.go.

use crate::{Cache, podutil};
use apimachinery::labels::Selector;
use apimachinery::{Object, Value, json};
use client::Delta;

/// The selector of a Service whose endpoints are kept here; those without one, and names for something outside, are
/// left alone.
pub fn selector(service: &Object) -> Option<Selector> {
    let selector = service.at("spec.selector");
    let kept = !selector.is_empty() && service.at("spec.type") != "ExternalName";
    kept.then(|| Selector::from_map(selector))
}

/// The keys of the Services whose endpoints may be others after this change of a pod.
pub fn services_of_change(cache: &Cache, delta: &Delta) -> Vec<String> {
    if let (Some(old), Some(new)) = (&delta.old, &delta.new)
        && old.labels() == new.labels()
        && facts(old) == facts(new)
    {
        return Vec::new();
    }
    let pods = || delta.old.iter().chain(&delta.new);
    let services = cache.services().namespace(delta.object().namespace());
    let matching = services
        .filter(|s| selector(s).is_some_and(|selector| pods().any(|pod| selector.matches(pod.labels()))));
    matching.map(|s| s.key()).collect()
}

/// What of a pod its endpoint is made of. Mirrors podEndpointsChanged.
fn facts(pod: &Object) -> (bool, bool, bool, &str, &str, &str, &str) {
    (
        pod.is_terminating(),
        podutil::is_ready(pod),
        podutil::is_terminal(pod),
        pod.at("status.podIP").str(),
        podutil::node(pod),
        pod.at("spec.hostname").str(),
        pod.at("spec.subdomain").str(),
    )
}

/// Whether a pod may be an endpoint: it has an address, and has not ended. Mirrors ShouldPodBeInEndpoints.
pub fn belongs(pod: &Object, include_terminating: bool) -> bool {
    !podutil::is_terminal(pod)
        && !pod.at("status.podIP").str().is_empty()
        && (include_terminating || !pod.is_terminating())
}

/// Whether a Service publishes its pods before they are ready.
pub fn publishes_not_ready(service: &Object) -> bool {
    service.at("spec.publishNotReadyAddresses").is_true()
}

/// Whether a Service has no address of its own.
pub fn is_headless(service: &Object) -> bool {
    matches!(service.at("spec.clusterIP").str(), "None" | "")
}

/// The host name that a pod has in its Service's domain, if it has one. Mirrors ShouldSetHostname.
pub fn hostname<'a>(pod: &'a Object, service: &Object) -> Option<&'a str> {
    let name = pod.at("spec.hostname").as_str().filter(|n| !n.is_empty())?;
    (pod.at("spec.subdomain") == service.name()).then_some(name)
}

/// `targetRef` of an endpoint.
pub fn target_ref(pod: &Object) -> Value {
    json!({"kind": "Pod", "namespace": pod.namespace(), "name": pod.name(), "uid": pod.uid()})
}

/// The ports of a Service as this pod serves them: (the service's port, the pod's number). A named port that the pod does
/// not have is left out.
pub fn ports<'a>(service: &'a Object, pod: &Object) -> Vec<(&'a Value, i64)> {
    let ports = service.at("spec.ports").items().iter();
    ports.filter_map(|port| Some((port, podutil::find_port(pod, port)?))).collect()
}
