//! Requests between containers: by name, through a Service, and back.

use apimachinery::{Body, Method, Request, Value, json};
use client::Transport;
use cluster::{Cluster, Config, Handle};
use sim::Duration;
use std::task::{Context, Poll, Waker};

fn create(handle: &Handle, path: &str, object: Value) {
    let response = handle.0.borrow_mut().request(Request::new(Method::Post, path).with_body(object));
    assert!(response.is_success(), "{:?}", response.value());
}

fn logs(handle: &Handle, pod: &str) -> String {
    let mut answer =
        Transport::send(handle, Request::get(format!("/api/v1/namespaces/default/pods/{pod}/log")));
    match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => match response.body {
            Body::Text(text) => text,
            other => panic!("no log: {other:?}"),
        },
        _ => panic!("the log is not there at once"),
    }
}

#[test]
fn a_container_asks_a_service_by_name_and_reads_the_answer() {
    let handle = Handle::new(Cluster::new(Config::default()));
    let labels = json!({"app": "web"});
    create(
        &handle,
        "/api/v1/namespaces/default/pods",
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": &labels},
            "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
        }),
    );
    create(
        &handle,
        "/api/v1/namespaces/default/services",
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
            "spec": {"selector": labels, "ports": [{"port": 80}]},
        }),
    );
    handle.0.borrow_mut().advance(Duration::from_secs(10));
    let script = "wget -q -O- http://web | grep title; wget -q -O- http://nobody; echo ended with $?";
    create(
        &handle,
        "/api/v1/namespaces/default/pods",
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "asks"},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1.36", "command": ["sh", "-c", script]}]},
        }),
    );
    handle.0.borrow_mut().advance(Duration::from_secs(20));
    let text = logs(&handle, "asks");
    assert!(text.contains("<title>Welcome to nginx!</title>"), "{text}");
    assert!(text.contains("bad address 'nobody'") && text.ends_with("ended with 1\n"), "{text}");
}
