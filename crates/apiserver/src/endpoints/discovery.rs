//! What there is: groups, versions, resources, the version, health. Mirrors apiserver/pkg/endpoints/discovery and
//! apiserver/pkg/server/routes.

use super::errors;
use crate::ApiServer;
use crate::kinds::{self, Kind};
use apimachinery::{Body, Method, Request, Response, Status, Value, json};
use sim::Order;
use sim::collections::BTreeSet;

/// The version that this cluster plays.
pub const GIT_VERSION: &str = "v1.36.2";
/// Where the control plane is reached, as discovery tells it.
const SERVER_ADDRESS: &str = "192.168.49.2:8443";
/// The group of metrics-server, which is there only when it is.
const METRICS_GROUP: &str = "metrics.k8s.io";

/// The groups in the order in which the real server prefers them.
const GROUP_ORDER: [&str; 24] = [
    "",
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "storagemigration.k8s.io",
    METRICS_GROUP,
];

/// Checks of `/readyz` that neither `/livez` nor `/healthz` has.
const READY_ONLY: [&str; 2] = ["informer-sync", "shutdown"];

/// Checks of `/readyz?verbose`, in their order.
const CHECKS: [&str; 36] = [
    "ping",
    "log",
    "informer-sync",
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/peer-endpoint-reconciler-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/storage-readiness",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/aggregator-reload-proxy-client-cert",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-wait-for-first-sync",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
    "shutdown",
];

/// GET of anything that is no resource.
pub fn get(server: &ApiServer, request: &Request) -> Result<Response, Status> {
    if request.method != Method::Get {
        return Ok(errors::page_not_found());
    }
    let path = request.path.trim_end_matches('/');
    let aggregated = request.accept.contains("as=APIGroupDiscoveryList");
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let value = match parts.as_slice() {
        [] => paths(server),
        ["healthz" | "livez" | "readyz"] => return Ok(text(health(request, parts[0]))),
        ["version"] => version(),
        ["api"] if aggregated => aggregate(server, true),
        ["apis"] if aggregated => aggregate(server, false),
        ["api"] => json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": SERVER_ADDRESS}],
        }),
        ["apis"] => json!({
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": Value::array(groups(server).into_iter().filter(|g| !g.is_empty()).map(|g| group(server, g))),
        }),
        ["apis", name] if !name.is_empty() && groups(server).contains(name) => {
            let mut value = group(server, name);
            value.set("kind", "APIGroup");
            value.set("apiVersion", "v1");
            value
        }
        ["api", version] if has(server, "", version) => resources(server, "", version),
        ["apis", group, version] if !group.is_empty() && has(server, group, version) => {
            resources(server, group, version)
        }
        // Without schemas: kubectl then leaves types that it does not find here to the server. An empty document in
        // protobuf has no bytes.
        ["openapi", "v2"] if request.accept.contains("protobuf") => return Ok(text(String::new())),
        ["openapi", "v2"] => json!({
            "swagger": "2.0", "info": {"title": "Kubernetes", "version": GIT_VERSION}, "paths": {}, "definitions": {},
        }),
        ["openapi", "v3"] => openapi_index(server),
        ["openapi", "v3", "api", version] if has(server, "", version) => openapi(server, "", version),
        ["openapi", "v3", "apis", group, version] if has(server, group, version) => {
            openapi(server, group, version)
        }
        _ => return Ok(errors::page_not_found()),
    };
    Ok(Response::json(200, value))
}

fn text(text: String) -> Response {
    Response { status: 200, warnings: Vec::new(), body: Body::Text(text) }
}

/// `ok`, or every check by itself.
fn health(request: &Request, name: &str) -> String {
    if !request.flag("verbose") {
        return "ok".into();
    }
    let asked = |check: &&&str| name == "readyz" || !READY_ONLY.contains(check);
    let mut lines: String = CHECKS.iter().filter(asked).map(|check| format!("[+]{check} ok\n")).collect();
    lines.push_str(&format!("{name} check passed\n"));
    lines
}

fn version() -> Value {
    json!({
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "35", "gitVersion": GIT_VERSION,
        "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "2026-06-01T00:00:00Z", "goVersion": "go1.26.6", "compiler": "gc", "platform": "linux/amd64",
    })
}

/// The kinds that discovery shows: those that can be asked for by themselves.
fn visible(server: &ApiServer) -> impl Iterator<Item = &'static Kind> {
    let metrics = server.metrics.is_some();
    kinds::served().filter(move |k| !k.verbs.is_empty() && (metrics || k.resource.group != METRICS_GROUP))
}

/// Groups with at least one visible kind, in their order.
fn groups(server: &ApiServer) -> Vec<&'static str> {
    let there: BTreeSet<&str> = visible(server).map(|k| k.resource.group).collect();
    GROUP_ORDER.into_iter().filter(|group| there.contains(group)).collect()
}

/// Versions of a group, the preferred one first.
fn versions(server: &ApiServer, group: &str) -> Vec<&'static str> {
    let there: BTreeSet<&str> =
        visible(server).filter(|k| k.resource.group == group).map(|k| k.resource.version).collect();
    there.into_iter().rev().collect()
}

fn has(server: &ApiServer, group: &str, version: &str) -> bool {
    versions(server, group).contains(&version)
}

fn members(server: &ApiServer, group: &str, version: &str) -> Vec<&'static Kind> {
    let mut list: Vec<_> =
        visible(server).filter(|k| k.resource.group == group && k.resource.version == version).collect();
    list.order_by_key(|k| k.resource.plural);
    list
}

fn group_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.into() } else { format!("{group}/{version}") }
}

fn group(server: &ApiServer, name: &str) -> Value {
    let entry = |v: &str| json!({"groupVersion": group_version(name, v), "version": v});
    let versions = versions(server, name);
    json!({
        "name": name, "versions": Value::array(versions.iter().map(|v| entry(v))),
        "preferredVersion": entry(versions.first().copied().unwrap_or_default()),
    })
}

fn texts(list: &[&str]) -> Value {
    Value::array(list.iter().map(|t| Value::from(*t)))
}

/// APIResourceList of one group and version.
fn resources(server: &ApiServer, group: &str, version: &str) -> Value {
    let mut list = Vec::new();
    for kind in members(server, group, version) {
        let r = &kind.resource;
        let mut entry = json!({
            "name": r.plural, "singularName": kind.singular, "namespaced": r.namespaced, "kind": r.kind,
            "verbs": texts(kind.verbs),
        });
        for (key, names) in [("shortNames", kind.short_names), ("categories", kind.categories)] {
            if !names.is_empty() {
                entry.set(key, texts(names));
            }
        }
        list.push(entry);
        for sub in kind.subresources {
            let mut entry = json!({
                "name": format!("{}/{}", r.plural, sub.name), "singularName": "", "namespaced": r.namespaced,
                "kind": sub.kind, "verbs": texts(sub.verbs),
            });
            if let Some((group, version)) = sub.group_version {
                entry.set("group", group);
                entry.set("version", version);
            }
            list.push(entry);
        }
    }
    json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version(group, version),
        "resources": list,
    })
}

/// APIGroupDiscoveryList: everything of `/api` or of `/apis` in one answer.
fn aggregate(server: &ApiServer, core: bool) -> Value {
    let groups = groups(server).into_iter().filter(|g| g.is_empty() == core);
    let items = groups.map(|group| {
        let versions = versions(server, group).into_iter().map(|version| {
            let resources = members(server, group, version).into_iter().map(aggregated);
            json!({"version": version, "resources": Value::array(resources), "freshness": "Current"})
        });
        let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
        json!({"metadata": metadata, "versions": Value::array(versions)})
    });
    json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
        "items": Value::array(items),
    })
}

fn aggregated(kind: &'static Kind) -> Value {
    let r = &kind.resource;
    let response =
        |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
    let mut entry = json!({
        "resource": r.plural, "responseKind": response(r.group, r.version, r.kind),
        "scope": if r.namespaced { "Namespaced" } else { "Cluster" }, "singularResource": kind.singular,
        "verbs": texts(kind.verbs),
    });
    for (key, names) in [("shortNames", kind.short_names), ("categories", kind.categories)] {
        if !names.is_empty() {
            entry.set(key, texts(names));
        }
    }
    if !kind.subresources.is_empty() {
        let subresources = kind.subresources.iter().map(|sub| {
            let (group, version) = sub.group_version.unwrap_or((r.group, r.version));
            json!({
                "subresource": sub.name, "responseKind": response(group, version, sub.kind),
                "verbs": texts(sub.verbs),
            })
        });
        entry.set("subresources", Value::array(subresources));
    }
    entry
}

/// The paths that exist, as GET of `/` lists them.
fn paths(server: &ApiServer) -> Value {
    let fixed = [
        "/api",
        "/apis",
        "/apis/",
        "/healthz",
        "/livez",
        "/openapi/v3",
        "/openapi/v3/",
        "/readyz",
        "/version",
    ];
    let mut all: BTreeSet<String> = fixed.iter().map(|path| path.to_string()).collect();
    for kind in visible(server) {
        let r = &kind.resource;
        if r.group.is_empty() {
            all.insert(format!("/api/{}", r.version));
        } else {
            all.insert(format!("/apis/{}", r.group));
            all.insert(format!("/apis/{}/{}", r.group, r.version));
        }
    }
    json!({"paths": Value::array(all.into_iter().map(Value::from))})
}

/// Which documents there are below `/openapi/v3`.
fn openapi_index(server: &ApiServer) -> Value {
    let mut paths = json!({});
    for kind in visible(server) {
        let r = &kind.resource;
        let path = match r.group {
            "" => format!("api/{}", r.version),
            group => format!("apis/{group}/{}", r.version),
        };
        paths.set(&path, json!({"serverRelativeURL": format!("/openapi/v3/{path}")}));
    }
    json!({"paths": paths})
}

/// As much of OpenAPI as kubectl wants before it leaves validation to the server: that PATCH takes `fieldValidation`.
/// There are no schemas in it; kubectl then merges with the types that are built into it.
fn openapi(server: &ApiServer, group: &str, version: &str) -> Value {
    let mut paths = json!({});
    for kind in members(server, group, version) {
        let r = &kind.resource;
        let parameter = json!({"name": "fieldValidation", "in": "query", "schema": {"type": "string"}});
        let patch = json!({
            "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": r.kind},
            "x-kubernetes-action": "patch", "parameters": [parameter], "responses": {},
        });
        paths.set(&r.object_path("{namespace}", "{name}"), json!({"patch": patch}));
    }
    json!({
        "openapi": "3.0.0", "info": {"title": "Kubernetes", "version": GIT_VERSION}, "paths": paths,
    })
}
