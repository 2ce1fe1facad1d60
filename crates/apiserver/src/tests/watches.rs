use super::*;
use apimachinery::rest::{MERGE_PATCH, WatchKind};

fn watch(s: &mut ApiServer, request: Request) -> Cursor {
    match s.handle(NOW, request.with("watch", "true")).body {
        Body::Watch(cursor) => *cursor,
        other => panic!("no watch: {other:?}"),
    }
}

fn kinds(s: &mut ApiServer, cursor: &mut Cursor) -> Vec<WatchKind> {
    s.poll(NOW, cursor).iter().map(|e| e.kind).collect()
}

#[test]
fn a_watch_tells_what_enters_and_leaves_its_selection() {
    let mut s = server();
    post(&mut s, PODS, pod("a")).unwrap();
    let mut cursor = watch(&mut s, Request::get(PODS).with("labelSelector", "app=a"));
    assert_eq!(kinds(&mut s, &mut cursor), [WatchKind::Added]);
    post(&mut s, PODS, pod("b")).unwrap();
    for app in ["other", "a"] {
        let change = json!({"metadata": {"labels": {"app": app}}});
        patch(&mut s, &format!("{PODS}/a"), MERGE_PATCH, change).unwrap();
    }
    assert_eq!(kinds(&mut s, &mut cursor), [WatchKind::Deleted, WatchKind::Added]);
    assert_eq!(kinds(&mut s, &mut cursor), []);
}

#[test]
fn a_field_selector_follows_a_pod_to_its_node() {
    let mut s = server();
    let mut cursor =
        watch(&mut s, Request::get("/api/v1/pods").with("fieldSelector", "spec.nodeName=minikube"));
    running_pod(&mut s, "p");
    assert_eq!(kinds(&mut s, &mut cursor), [WatchKind::Added, WatchKind::Modified]);
    delete(&mut s, &format!("{PODS}/p"), json!({"gracePeriodSeconds": 0})).unwrap();
    let events = s.poll(NOW, &mut cursor);
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), [WatchKind::Modified, WatchKind::Deleted]);
    assert_eq!(events[1].object.resource_version(), s.revision().to_string());
}

#[test]
fn a_watch_from_a_revision_has_no_initial_objects() {
    let mut s = server();
    post(&mut s, PODS, pod("a")).unwrap();
    let revision = s.revision().to_string();
    let mut cursor = watch(&mut s, Request::get(PODS).with("resourceVersion", revision));
    post(&mut s, PODS, pod("b")).unwrap();
    assert_eq!(kinds(&mut s, &mut cursor), [WatchKind::Added]);
}

#[test]
fn a_streamed_list_ends_with_a_bookmark() {
    let mut s = server();
    post(&mut s, PODS, pod("a")).unwrap();
    let mut cursor = watch(&mut s, Request::get(PODS).with("sendInitialEvents", "true"));
    let events = s.poll(NOW, &mut cursor);
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), [WatchKind::Added, WatchKind::Bookmark]);
    assert_eq!(events[1].object.annotation("k8s.io/initial-events-end"), Some("true"));
}

#[test]
fn a_watch_that_fell_behind_is_told_so() {
    let mut s = server();
    let mut cursor = watch(&mut s, Request::get("/api/v1/pods"));
    cursor.revision = 0;
    for i in 0..=etcd::MAX_LOG {
        s.store.put("/x", Some(Object(json!({"metadata": {"n": i}}))));
    }
    let events = s.poll(NOW, &mut cursor);
    assert_eq!(events.last().map(|e| e.kind), Some(WatchKind::Error));
    let status = &events[events.len() - 1].object;
    assert_eq!((status["code"].int(), status["reason"].str()), (410, "Expired"));
    assert!(status["message"].str().starts_with("too old resource version: 0 ("));
}

#[test]
fn rows_are_watched_too() {
    let mut s = server();
    let mut request = Request::get(PODS);
    request.accept = apimachinery::rest::AS_TABLE.into();
    let mut cursor = watch(&mut s, request);
    post(&mut s, PODS, pod("a")).unwrap();
    let events = s.poll(NOW, &mut cursor);
    assert_eq!(events[0].object.kind(), "Table");
    assert_eq!(events[0].object["rows"][0]["cells"][0], "a");
}
