//! What a node does with pods, seen through the API.

use crate::LogOptions;
use crate::testing::World;
use apimachinery::json;
use sim::Duration;
use sim::net::{Error, HttpRequest, Payload, Response};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn a_pod_comes_up_serves_and_goes() {
    let mut world = World::new();
    world.run("web", json!({"image": "nginx:1.27", "ports": [{"containerPort": 80}]}));
    world.advance(Duration::from_millis(200));
    let pod = world.pod("web");
    assert_eq!(pod.at("status.phase"), "Pending");
    assert_eq!(pod["status"]["containerStatuses"][0].at("state.waiting.reason"), "ContainerCreating");
    world.advance(secs(2));
    let pod = world.pod("web");
    let status = &pod["status"]["containerStatuses"][0];
    assert_eq!(pod.at("status.phase"), "Running");
    assert_eq!(pod.at("status.podIP"), "10.244.0.2");
    assert!(status["ready"].is_true() && status["started"].is_true());
    assert_eq!(status["image"], "docker.io/library/nginx:1.27");
    let kinds: Vec<&str> = pod.at("status.conditions").items().iter().map(|c| c["type"].str()).collect();
    assert_eq!(kinds, crate::status::CONDITIONS);
    assert!(pod.at("status.conditions").items().iter().all(|c| c["status"] == "True"));
    for part in [
        "Pulling: Pulling image \"nginx:1.27\" x1",
        "Image size: 72223946 bytes.",
        "Created: Container created",
        "Started: Container started",
    ] {
        assert!(world.has_event("web", part), "{part}: {:?}", world.events("web"));
    }
    let answer = world.ask("web", 80, Payload::Http(HttpRequest::get("/")));
    assert!(
        matches!(answer, Some(Ok(Response::Http(r))) if r.status == 200 && r.body.starts_with(b"<!DOCTYPE"))
    );
    assert_eq!(world.ask("web", 81, Payload::Connect), Some(Err(Error::ConnectionRefused)));
    let log = world
        .kubelet
        .logs("default", "web", "", &LogOptions { tail: Some(1), ..Default::default() })
        .unwrap();
    assert!(String::from_utf8_lossy(&log[0].text).contains("\"GET / HTTP/1.1\" 200"));
    world.delete("web", 30);
    world.advance(Duration::from_millis(5));
    let pod = world.pod("web");
    assert!(pod.is_null() || pod.at("status.phase") == "Succeeded", "nginx stops at once: {pod:?}");
    world.advance(secs(2));
    assert!(world.pod("web").is_null());
    assert!(world.has_event("web", "Killing: Stopping container c"));
}
