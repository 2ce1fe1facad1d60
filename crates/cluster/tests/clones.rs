//! A clone of a cluster in which much is under way goes on by itself, exactly as the original does.

use apimachinery::{Method, Request, Value, json};
use client::{Driver, Frame, Input, Network, Place, Stream, Transport};
use cluster::{Cluster, Config, Handle};
use sim::Duration;
use sim::net::{self, HttpRequest, Payload};
use std::task::{Context, Poll, Waker};

fn create(handle: &Handle, path: &str, object: Value) {
    let response = handle.0.borrow_mut().request(Request::new(Method::Post, path).with_body(object));
    assert!(response.is_success(), "{:?}", response.value());
}

fn poll<T>(future: &mut client::LocalFuture<'_, T>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn open(handle: &Handle, request: Request) -> Box<dyn Stream> {
    match poll(&mut handle.open(request)) {
        Poll::Ready(Ok(stream)) => stream,
        _ => panic!("the stream opens at once"),
    }
}

fn output(stream: &mut dyn Stream) -> String {
    let mut text = String::new();
    while let Poll::Ready(Some(frame)) = stream.poll_next() {
        if let Frame::Stdout(bytes) | Frame::Stderr(bytes) = frame {
            text += &String::from_utf8_lossy(&bytes);
        }
    }
    text
}

/// A web server behind a Service, a client that asks it every second, and one that is asked slowly.
fn busy_cluster() -> Handle {
    let handle = Handle::new(Cluster::new(Config::default()));
    let pods = "/api/v1/namespaces/default/pods";
    let pod = |name: &str, container: Value| {
        create(
            &handle,
            pods,
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}},
                   "spec": {"containers": [(container)]}}),
        )
    };
    pod("web", json!({"name": "c", "image": "nginx:1.27", "readinessProbe": {"httpGet": {"port": 80}}}));
    let script = "while true; do wget -q -O- http://web | grep title; sleep 1; done";
    pod("asks", json!({"name": "c", "image": "busybox:1.36", "command": ["sh", "-c", script]}));
    create(
        &handle,
        "/api/v1/namespaces/default/services",
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
               "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80, "nodePort": 30080}]}}),
    );
    handle.0.borrow_mut().advance(Duration::from_secs(20));
    handle
}

#[test]
fn a_clone_in_the_middle_of_sessions_and_requests_has_the_same_future() {
    let handle = busy_cluster();
    let pod = |name: &str, sub: &str| {
        Request::new(Method::Post, format!("/api/v1/namespaces/default/pods/{name}/{sub}"))
    };
    let script = "while read line; do echo got $line; wget -q -O- http://web | head -1; sleep 2; done";
    let mut exec = pod("asks", "exec").with("stdin", "true").with("tty", "true").with("stdout", "true");
    for word in ["sh", "-c", script] {
        exec = exec.with("command", word);
    }
    let mut session = open(&handle, exec);
    let mut node = handle.ssh("minikube-m02", &["while true; do date; sleep 1; done".into()], false).unwrap();
    let mut forward = open(&handle, pod("web", "portforward").with("ports", "80"));
    handle.0.borrow_mut().advance(Duration::from_millis(300));
    session.write(Input::Stdin(b"one\ntwo\nthree\n".to_vec()));
    forward.write(Input::Stdin(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /none HT".to_vec()));
    assert_eq!(forward.poll_next(), Poll::Pending, "the answer needs virtual time");
    let request = net::Request {
        host: "192.168.49.3".into(),
        port: 30080,
        payload: Payload::Http(HttpRequest::get("/")),
        timeout: None,
    };
    let mut asked = Network::send(&handle, Place::Laptop, request);
    assert!(poll(&mut asked).is_pending());
    handle.0.borrow_mut().advance(Duration::from_micros(300));
    assert!(poll(&mut asked).is_pending(), "the request is on its way at the moment of the clone");

    let mut clone = handle.0.borrow().clone();
    let mut untouched = clone.clone();
    clone.advance(Duration::from_secs(30));
    // The original, whose outside looks on: that it reads changes nothing, and the clone has taken nothing from it.
    handle.0.borrow_mut().advance(Duration::from_secs(2));
    assert!(matches!(poll(&mut asked), Poll::Ready(Ok(net::Response::Http(r))) if r.status == 200));
    assert!(output(forward.as_mut()).starts_with("HTTP/1.1 200 OK"));
    assert!(output(session.as_mut()).contains("got one"));
    handle.0.borrow_mut().advance(Duration::from_secs(28));
    assert!(output(session.as_mut()).contains("got three"));
    assert!(output(node.as_mut()).lines().count() > 25);
    assert_eq!(handle.0.borrow().trace(), clone.trace());

    // What the outside does to the original from now on is nothing to its clones.
    let (trace, before) = (clone.trace(), untouched.trace());
    drop((session, node, forward));
    handle.0.borrow_mut().advance(Duration::from_secs(5));
    assert_eq!((clone.trace(), untouched.trace()), (trace, before));
    untouched.advance(Duration::from_secs(30));
    assert_eq!(untouched.trace(), trace, "two clones of one moment agree");
}
