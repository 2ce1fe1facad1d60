use super::*;

fn value(s: &mut ApiServer, path: &str) -> Value {
    s.handle(NOW, Request::get(path)).value()
}

#[test]
fn discovery_names_every_kind() {
    let mut s = server();
    let core = value(&mut s, "/api/v1");
    let pods = core["resources"].items().iter().find(|r| r["name"] == "pods").unwrap();
    assert_eq!((pods["kind"].str(), &pods["shortNames"]), ("Pod", &json!(["po"])));
    assert!(core["resources"].items().iter().any(|r| r["name"] == "pods/log"));
    let groups = value(&mut s, "/apis");
    let names: Vec<&str> = groups["groups"].items().iter().map(|g| g["name"].str()).collect();
    assert_eq!(
        names,
        [
            "apps",
            "events.k8s.io",
            "autoscaling",
            "batch",
            "networking.k8s.io",
            "policy",
            "storage.k8s.io",
            "scheduling.k8s.io",
            "coordination.k8s.io",
            "discovery.k8s.io"
        ]
    );
    assert_eq!(value(&mut s, "/apis/autoscaling")["preferredVersion"]["version"], "v2");
    assert_eq!(value(&mut s, "/version")["gitVersion"], "v1.36.2");
}

#[test]
fn discovery_comes_in_one_piece_too() {
    let mut s = server();
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let list = s.handle(NOW, Request { accept: accept.into(), ..Request::get("/apis") }).value();
    assert_eq!(list["kind"], "APIGroupDiscoveryList");
    let apps = &list["items"][0];
    assert_eq!(apps["metadata"]["name"], "apps");
    let resources = apps["versions"][0]["resources"].items();
    let deployments = resources.iter().find(|r| r["resource"] == "deployments").unwrap();
    assert_eq!((deployments["resource"].str(), deployments["scope"].str()), ("deployments", "Namespaced"));
    let scale = deployments["subresources"].items().iter().find(|r| r["subresource"] == "scale").unwrap();
    assert_eq!(scale["responseKind"], json!({"group": "autoscaling", "version": "v1", "kind": "Scale"}));
}

#[test]
fn metrics_are_there_when_metrics_server_is() {
    let mut s = server();
    let path = "/apis/metrics.k8s.io/v1beta1/nodes";
    assert_eq!(s.handle(NOW, Request::get(path)).status, 404);
    let node = json!({
        "kind": "NodeMetrics", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": {"name": "minikube"},
        "usage": {"cpu": "100m", "memory": "1Gi"},
    });
    s.set_metrics(Some(vec![Object(node)]));
    assert_eq!(value(&mut s, path)["items"][0]["usage"]["cpu"], "100m");
    assert_eq!(value(&mut s, "/apis/metrics.k8s.io/v1beta1")["resources"][0]["kind"], "NodeMetrics");
    s.set_metrics(None);
    assert_eq!(s.handle(NOW, Request::get("/apis/metrics.k8s.io/v1beta1")).status, 404);
}

#[test]
fn kubectl_is_told_that_the_server_validates_fields() {
    let mut s = server();
    let index = value(&mut s, "/openapi/v3");
    assert_eq!(index["paths"]["apis/apps/v1"]["serverRelativeURL"], "/openapi/v3/apis/apps/v1");
    let document = value(&mut s, "/openapi/v3/apis/apps/v1");
    let (_, path) = document["paths"].fields().next().unwrap();
    assert_eq!(path["patch"]["parameters"][0]["name"], "fieldValidation");
}

#[test]
fn health_and_components() {
    let mut s = server();
    let text = |s: &mut ApiServer, request| match s.handle(NOW, request).body {
        Body::Text(text) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(text(&mut s, Request::get("/healthz")), "ok");
    let all = text(&mut s, Request::get("/readyz").with("verbose", ""));
    assert!(all.starts_with("[+]ping ok\n") && all.ends_with("readyz check passed\n"));
    assert_eq!(text(&mut s, Request::get("/nope")), "404 page not found\n");
    let components = s.handle(NOW, Request::get("/api/v1/componentstatuses"));
    assert_eq!(components.warnings, ["v1 ComponentStatus is deprecated in v1.19+"]);
    assert_eq!(components.value()["items"].items().len(), 3);
}
