use super::*;
use apimachinery::json;
use apimachinery::rest::{MERGE_PATCH, WatchKind};

pub fn server() -> ApiServer {
    let mut server = ApiServer::new(Rng::new(1));
    for name in ["default", "kube-system"] {
        post(&mut server, "/api/v1/namespaces", json!({"metadata": {"name": name}})).unwrap();
    }
    post(&mut server, "/api/v1/namespaces/default/serviceaccounts", json!({"metadata": {"name": "default"}}))
        .unwrap();
    server
}

pub const NOW: Time = Time::from_secs(1_795_000_000);

pub fn send(server: &mut ApiServer, request: Request) -> Result<Object, Status> {
    server.handle(NOW, request).into_object()
}

pub fn post(server: &mut ApiServer, path: &str, body: Value) -> Result<Object, Status> {
    send(server, Request::new(Method::Post, path).with_body(body))
}

pub const PODS: &str = "/api/v1/namespaces/default/pods";

pub fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    })
}

#[test]
fn a_pod_is_created_read_changed_listed_and_deleted() {
    let mut s = server();
    let made = post(&mut s, PODS, pod("p")).unwrap();
    assert_eq!(made["status"]["phase"], "Pending");
    assert_eq!(made["spec"]["serviceAccountName"], "default");
    let got = send(&mut s, Request::get(format!("{PODS}/p"))).unwrap();
    assert_eq!(got, made);
    let patch = Request::patch(format!("{PODS}/p"), MERGE_PATCH, json!({"metadata": {"labels": {"x": "y"}}}));
    let patched = send(&mut s, patch).unwrap();
    assert_eq!(patched.label("x"), Some("y"));
    let stale = send(&mut s, Request::new(Method::Put, format!("{PODS}/p")).with_body(made)).unwrap_err();
    assert_eq!(
        stale.message(),
        "Operation cannot be fulfilled on pods \"p\": the object has been modified; please apply your changes to the latest version and try again"
    );
    let list = send(&mut s, Request::get(PODS).with("labelSelector", "x=y")).unwrap();
    assert_eq!((list.kind(), list["items"].items().len()), ("PodList", 1));
    send(&mut s, Request::new(Method::Delete, format!("{PODS}/p"))).unwrap();
    let gone = send(&mut s, Request::get(format!("{PODS}/p"))).unwrap_err();
    assert_eq!((gone.code(), gone.message()), (404, "pods \"p\" not found"));
}

#[test]
fn a_watch_tells_what_enters_and_leaves_its_selection() {
    let mut s = server();
    post(&mut s, PODS, pod("a")).unwrap();
    let request = Request::get(PODS).with("watch", "true").with("labelSelector", "app=a");
    let Body::Watch(mut cursor) = s.handle(NOW, request).body else { panic!("no watch") };
    let kinds = |s: &mut ApiServer, c: &mut Cursor| s.poll(NOW, c).iter().map(|e| e.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&mut s, &mut cursor), [WatchKind::Added]);
    post(&mut s, PODS, pod("b")).unwrap();
    for app in ["other", "a"] {
        let patch = json!({"metadata": {"labels": {"app": app}}});
        send(&mut s, Request::patch(format!("{PODS}/a"), MERGE_PATCH, patch)).unwrap();
    }
    assert_eq!(kinds(&mut s, &mut cursor), [WatchKind::Deleted, WatchKind::Added]);
    assert_eq!(kinds(&mut s, &mut cursor), []);
}
