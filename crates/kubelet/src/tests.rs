//! What a node does with pods, seen through the API.

use crate::LogOptions;
use crate::testing::World;
use apimachinery::json;
use client::Component;
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
    world.advance(Duration::from_millis(100));
    assert!(
        world.pod("web")["status"]["containerStatuses"][0]["ready"].is_true(),
        "its sandbox is still there"
    );
    world.advance(Duration::from_millis(150));
    let pod = world.pod("web");
    assert!(pod.is_null() || pod.at("status.phase") == "Succeeded", "nginx stops at once: {pod:?}");
    world.advance(secs(2));
    assert!(world.pod("web").is_null());
    assert!(world.has_event("web", "Killing: Stopping container c"));
}

#[test]
fn a_pod_that_is_done_says_so_when_nothing_of_it_is_left() {
    let mut world = World::new();
    let spec = json!({"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox:1.36", "command": ["env"]}]});
    world.create(
        "pods",
        "once",
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "once"}, "spec": spec}),
    );
    let (mut seen, mut last) = (Vec::new(), String::new());
    for _ in 0..500 {
        world.advance(Duration::from_millis(10));
        let status = world.pod("once")["status"].clone();
        let ended = status["containerStatuses"][0]["state"].get("terminated").is_some();
        let sandbox = status["conditions"]
            .items()
            .iter()
            .any(|c| c["type"] == "PodReadyToStartContainers" && c["status"] == "True");
        let now = format!(
            "{} {} {}",
            status["phase"].str(),
            if ended { "ended" } else { "-" },
            if sandbox { "sandbox" } else { "-" }
        );
        if now != last {
            seen.push(now.clone());
            last = now;
        }
    }
    // The sandbox is told of before the image is pulled; a container that ran counts as Running until its pod is taken down.
    assert_eq!(
        seen[seen.len() - 5..],
        [
            "Pending - -",
            "Pending - sandbox",
            "Running - sandbox",
            "Running ended sandbox",
            "Succeeded ended -"
        ]
    );
}

#[test]
fn a_crashing_container_backs_off() {
    let mut world = World::new();
    world.run("crash", json!({"image": "example.com/crash:1"}));
    world.advance(secs(5));
    let status = |world: &World| world.pod("crash")["status"]["containerStatuses"][0].clone();
    assert_eq!(status(&world)["restartCount"].int(), 1, "the first restart is at once");
    assert_eq!(world.pod("crash").at("status.phase"), "Running");
    world.advance(secs(15));
    assert_eq!(status(&world)["restartCount"].int(), 2);
    world.advance(secs(32));
    assert_eq!(status(&world)["restartCount"].int(), 3);
    let end = status(&world);
    assert_eq!(end.at("lastState.terminated.exitCode").int(), 1);
    assert!(
        world.has_event("crash", "BackOff: Back-off restarting failed container c in pod crash_default(uid-")
    );
    world.advance(secs(30));
    assert_eq!(status(&world)["restartCount"].int(), 4, "right after 40 s more");
    world.advance(secs(16));
    let waiting = status(&world);
    let message = waiting.at("state.waiting.message").str();
    assert!(
        message.starts_with("back-off 1m20s restarting failed container=c pod=crash_default("),
        "{waiting:?}"
    );
    let log = world.kubelet.logs("default", "crash", "c", &LogOptions::default()).unwrap();
    assert_eq!(log[0].text, b"fatal: cannot start: configuration error");
    let previous = LogOptions { previous: true, ..Default::default() };
    assert!(world.kubelet.logs("default", "crash", "c", &previous).is_ok());
    world.advance(secs(3600));
    let restarts = status(&world)["restartCount"].int();
    assert!((13..20).contains(&restarts), "at most every 5 minutes: {restarts}");
}

#[test]
fn images_that_do_not_come_say_so_in_the_registrys_words() {
    let mut world = World::new();
    world.run("tag", json!({"image": "nginx:typo"}));
    world.run("denied", json!({"image": "nonexistent-image", "imagePullPolicy": "Always"}));
    world.run("never", json!({"image": "nginx:1.27", "imagePullPolicy": "Never"}));
    world.run("name", json!({"image": "Nginx:UPPER"}));
    world.advance(secs(12));
    let reason = |world: &World, pod: &str| {
        world.pod(pod)["status"]["containerStatuses"][0].at("state.waiting.reason").str().to_string()
    };
    assert_eq!(reason(&world, "tag"), "ErrImagePull");
    assert_eq!(reason(&world, "never"), "ErrImageNeverPull");
    assert_eq!(reason(&world, "name"), "InvalidImageName");
    assert!(world.has_event("tag", "Failed: Failed to pull image \"nginx:typo\": rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nginx:typo\": failed to resolve reference \"docker.io/library/nginx:typo\": docker.io/library/nginx:typo: not found"));
    assert!(world.has_event("tag", "BackOff: Back-off pulling image \"nginx:typo\""));
    assert!(
        world.has_event(
            "denied",
            "pull access denied, repository does not exist or may require authorization"
        )
    );
    let error = world.kubelet.logs("default", "tag", "", &LogOptions::default()).unwrap_err();
    assert_eq!(
        error.message(),
        "container \"c\" in pod \"tag\" is waiting to start: trying and failing to pull image"
    );
    world.advance(secs(10));
    assert_eq!(reason(&world, "tag"), "ImagePullBackOff");
    world.advance(secs(60));
    let pulls = world.events("tag").into_iter().find(|e| e.starts_with("Pulling")).unwrap();
    assert!(
        pulls.ends_with("x4") || pulls.ends_with("x3"),
        "after 10, 20 and 40 s or somewhat more: {pulls}"
    );
    world.run("other", json!({"image": "nginx:1.27"}));
    world.advance(secs(30));
    assert_eq!(world.pod("never").at("status.phase"), "Running", "the image is on the node now");
}

#[test]
fn what_a_pod_refers_to_must_be_there() {
    let mut world = World::new();
    let key = json!({"configMapKeyRef": {"name": "missing", "key": "k"}});
    world.run("nocm", json!({"image": "nginx:1.27", "env": [{"name": "A", "valueFrom": key}]}));
    world.create(
        "pods",
        "novol",
        json!({"spec": {
            "containers": [{"name": "c", "image": "nginx:1.27", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}],
            "volumes": [{"name": "v", "configMap": {"name": "missing"}}]}}),
    );
    world.advance(secs(40));
    let nocm = world.pod("nocm");
    assert_eq!(
        nocm["status"]["containerStatuses"][0].at("state.waiting.reason"),
        "CreateContainerConfigError"
    );
    assert!(world.has_event("nocm", "Failed: Error: configmap \"missing\" not found"));
    let novol = world.pod("novol");
    assert_eq!(novol["status"]["containerStatuses"][0].at("state.waiting.reason"), "ContainerCreating");
    assert_eq!(novol.at("status.conditions")[0]["status"], "False");
    assert!(
        world.has_event(
            "novol",
            "FailedMount: MountVolume.SetUp failed for volume \"v\" : configmap \"missing\" not found x7"
        ),
        "{:?}",
        world.events("novol")
    );
    world.create("configmaps", "missing", json!({"data": {"k": "v"}}));
    world.advance(secs(70));
    assert_eq!(world.pod("nocm").at("status.phase"), "Running");
    assert_eq!(world.pod("novol").at("status.phase"), "Running");
}

#[test]
fn a_container_that_claims_too_much_memory_is_killed() {
    let mut world = World::new();
    world.run(
        "oom",
        json!({"image": "polinux/stress", "command": ["stress"], "args": ["--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"],
            "resources": {"limits": {"memory": "100Mi"}, "requests": {"memory": "50Mi"}}}),
    );
    world.advance(secs(2));
    let pod = world.pod("oom");
    // The first restart comes at once.
    let state = &pod["status"]["containerStatuses"][0]["lastState"]["terminated"];
    assert_eq!((state["reason"].str(), state["exitCode"].int()), ("OOMKilled", 137), "{pod:?}");
    assert_eq!(pod.at("status.qosClass"), "Burstable");
}

#[test]
fn a_command_that_is_not_there_is_a_start_error() {
    let mut world = World::new();
    world.run("badcmd", json!({"image": "nginx:1.27", "command": ["nonexistent-binary"]}));
    world.advance(secs(4));
    let status = world.pod("badcmd")["status"]["containerStatuses"][0].clone();
    let ended = ["state", "lastState"].map(|s| status[s]["terminated"].clone());
    let ended = ended.into_iter().find(|t| !t.is_null()).unwrap();
    assert_eq!((ended["reason"].str(), ended["exitCode"].int()), ("StartError", 128));
    assert_eq!(ended["startedAt"], "1970-01-01T00:00:00Z");
    assert!(world.has_event("badcmd", "exec: \"nonexistent-binary\": executable file not found in $PATH"));
}

#[test]
fn probes_decide_about_readiness_and_restarts() {
    let mut world = World::new();
    let probe = |path: &str, port: i64| json!({"httpGet": {"path": path, "port": port}, "periodSeconds": 3, "initialDelaySeconds": 3});
    world.run("live", json!({"image": "registry.k8s.io/e2e-test-images/agnhost:2.40", "args": ["liveness"], "livenessProbe": probe("/healthz", 8080)}));
    world.run("notready", json!({"image": "nginx:1.27", "readinessProbe": probe("/missing", 80)}));
    world.run(
        "wrongport",
        json!({"image": "nginx:1.27", "readinessProbe": {"tcpSocket": {"port": 81}, "periodSeconds": 3}}),
    );
    world.run("ready", json!({"image": "nginx:1.27", "readinessProbe": probe("/", 80)}));
    let tls = json!({"httpGet": {"path": "/", "port": 80, "scheme": "HTTPS"}, "periodSeconds": 3});
    world.run("tls", json!({"image": "nginx:1.27", "readinessProbe": tls}));
    let named = json!({"httpGet": {"path": "/", "port": "nosuch"}, "periodSeconds": 3});
    world.run("named", json!({"image": "nginx:1.27", "readinessProbe": named}));
    world.run("startup", json!({"image": "nginx:1.27", "startupProbe": {"httpGet": {"path": "/bad", "port": 80}, "failureThreshold": 3, "periodSeconds": 2}}));
    world.advance(secs(7));
    let status = |world: &World, pod: &str| world.pod(pod)["status"]["containerStatuses"][0].clone();
    assert!(!status(&world, "notready")["ready"].is_true() && status(&world, "ready")["ready"].is_true());
    world.advance(secs(14));
    assert_eq!(status(&world, "live")["restartCount"].int(), 1);
    assert!(
        world
            .has_event("live", "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500 x3")
    );
    let words = ":80/\": http: server gave HTTP response to HTTPS client";
    assert!(world.has_event("tls", words));
    let words = "Readiness probe errored and resulted in unknown state: port \"nosuch\" not found";
    assert!(world.has_event("named", words));
    assert!(world.has_event("live", "Killing: Container c failed liveness probe, will be restarted x1"));
    assert!(world.has_event("notready", "Readiness probe failed: HTTP probe failed with statuscode: 404"));
    assert!(world.has_event(
        "wrongport",
        "Readiness probe failed: dial tcp 10.244.0.4:81: connect: connection refused"
    ));
    assert!(world.has_event("startup", "Killing: Container c failed startup probe, will be restarted"));
    let ready = world.pod("notready").at("status.conditions")[2].clone();
    assert_eq!((ready["status"].str(), ready["reason"].str()), ("False", "ContainersNotReady"));
    assert_eq!(ready["message"], "containers with unready status: [c]");
}

#[test]
fn a_pod_that_ignores_sigterm_takes_its_grace_period() {
    let mut world = World::new();
    world.run("boot", json!({"image": "gcr.io/google-samples/kubernetes-bootcamp:v1"}));
    world.advance(secs(4));
    let answer = world.ask("boot", 8080, Payload::Http(HttpRequest::get("/")));
    let body = match answer {
        Some(Ok(Response::Http(r))) => String::from_utf8(r.body).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(body, "Hello Kubernetes bootcamp! | Running on: boot | v=1\n");
    world.delete("boot", 30);
    world.advance(secs(29));
    assert_eq!(world.pod("boot").at("status.phase"), "Running");
    world.advance(secs(3));
    assert!(world.pod("boot").is_null());
    // A second deletion shortens it.
    world.run("boot2", json!({"image": "gcr.io/google-samples/kubernetes-bootcamp:v1"}));
    world.advance(secs(4));
    world.delete("boot2", 30);
    world.advance(secs(1));
    world.delete("boot2", 3);
    world.advance(secs(5));
    assert!(world.pod("boot2").is_null());
}

#[test]
fn a_node_comes_back_with_new_containers_and_a_kubelet_with_the_old() {
    let mut world = World::new();
    world.run("web", json!({"image": "nginx:1.27"}));
    world.advance(secs(4));
    let restarts = |world: &World| world.pod("web")["status"]["containerStatuses"][0]["restartCount"].int();
    world.kubelet.stop_kubelet();
    world.advance(secs(30));
    let answer = world.ask("web", 80, Payload::Connect);
    assert_eq!(answer, Some(Ok(Response::Connected)), "containers run on");
    let mut conditions = world.pod("web").at("status.conditions").clone();
    conditions.array_mut()[2].set("status", "False");
    world.patch("web", json!({"status": {"conditions": conditions}}));
    world.kubelet.start();
    world.advance(secs(5));
    assert_eq!(restarts(&world), 0);
    assert_eq!(
        world.pod("web").at("status.conditions")[2]["status"],
        "True",
        "what others said is corrected"
    );
    world.kubelet.stop();
    world.advance(secs(30));
    assert_eq!(world.kubelet.wake(), None);
    world.kubelet.start();
    world.advance(secs(5));
    assert_eq!(restarts(&world), 1);
    assert_eq!(world.ask("web", 80, Payload::Connect), Some(Ok(Response::Connected)));
}

#[test]
fn a_node_takes_no_more_than_it_can() {
    let mut world = World::new();
    world.run("big", json!({"image": "nginx:1.27", "resources": {"requests": {"cpu": "3"}}}));
    world.run("more", json!({"image": "nginx:1.27", "resources": {"requests": {"cpu": "2"}}}));
    world.advance(secs(3));
    let more = world.pod("more");
    assert_eq!((more.at("status.phase").str(), more.at("status.reason").str()), ("Failed", "OutOfcpu"));
    assert!(world.has_event(
        "more",
        "OutOfcpu: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000"
    ));
    world.create("pods", "else", json!({"spec": {"nodeSelector": {"disk": "nvme"}, "containers": [{"name": "c", "image": "nginx:1.27"}]}}));
    world.advance(secs(1));
    assert_eq!(world.pod("else").at("status.reason"), "NodeAffinity");
    world.kubelet.fill_disk(world.now, true);
    world.advance(secs(5));
    let big = world.pod("big");
    assert_eq!(
        (big.at("status.phase").str(), big.at("status.reason").str()),
        ("Failed", "Evicted"),
        "{big:?}"
    );
    world.delete("big", 0);
    world.advance(secs(2));
    assert!(world.pod("big").is_null());
}

#[test]
fn an_idle_node_does_next_to_nothing() {
    let mut world = World::new();
    for i in 0..100 {
        world.run(&format!("web-{i}"), json!({"image": "nginx:1.27"}));
    }
    world.advance(secs(10));
    assert!((0..100).all(|i| world.pod(&format!("web-{i}")).at("status.phase") == "Running"));
    let mut wakes = 0;
    let end = world.now + secs(60);
    while let Some(at) = world.kubelet.wake().filter(|at| *at <= end) {
        world.now = at;
        world.advance(Duration::ZERO);
        wakes += 1;
    }
    assert!(wakes <= 6, "the lease alone: {wakes}");
}

#[test]
fn commands_run_in_containers_or_say_why_not() {
    let mut world = World::new();
    world.run("redis", json!({"image": "redis:7"}));
    world.run("none", json!({"image": "nginx:typo"}));
    world.advance(secs(4));
    assert_eq!(world.exec("redis", &["redis-cli", "ping"]), ("PONG\n".into(), 0));
    assert_eq!(world.exec("redis", &["redis-cli", "set", "k", "v"]), ("OK\n".into(), 0));
    let (error, _) = world.exec("redis", &["nope"]);
    assert!(error.starts_with("Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \""), "{error}");
    assert!(error.ends_with("exec: \"nope\": executable file not found in $PATH"), "{error}");
    assert_eq!(world.exec("none", &["ls"]).0, "unable to upgrade connection: container not found (\"c\")");
    let session = world.kubelet.attach(world.now, "default", "redis", "c").unwrap();
    world.delete("redis", 30);
    world.advance(secs(1));
    let frames = world.kubelet.session_read(session);
    assert!(matches!(frames.last(), Some(client::Frame::Exit(0))), "{frames:?}");
}

#[test]
fn init_containers_run_one_after_the_other_and_sidecars_stay() {
    let mut world = World::new();
    let agnhost = "registry.k8s.io/e2e-test-images/agnhost:2.40";
    world.create(
        "pods",
        "multi",
        json!({"spec": {
            "initContainers": [
                {"name": "first", "image": "polinux/stress", "args": ["stress", "--cpu", "1", "--timeout", "4s"]},
                {"name": "side", "image": agnhost, "restartPolicy": "Always"},
                {"name": "last", "image": "polinux/stress", "args": ["stress", "--cpu", "1", "--timeout", "1s"]}],
            "containers": [{"name": "app", "image": "nginx:1.27"}]}}),
    );
    world.advance(secs(3));
    let pod = world.pod("multi");
    assert_eq!(pod.at("status.phase"), "Pending");
    assert_eq!(pod["status"]["containerStatuses"][0].at("state.waiting.reason"), "PodInitializing");
    let initialized = &pod.at("status.conditions")[1];
    assert_eq!(initialized["message"], "containers with incomplete status: [first side last]");
    assert!(!pod["status"]["initContainerStatuses"][0].at("state.running").is_null());
    world.advance(secs(15));
    let pod = world.pod("multi");
    assert_eq!(pod.at("status.phase"), "Running");
    let init = &pod["status"]["initContainerStatuses"];
    assert_eq!(init[0].at("state.terminated.reason"), "Completed");
    assert!(init[1]["ready"].is_true() && init[1]["started"].is_true());
    assert!(init.items().iter().all(|s| s["restartCount"].int() == 0));
    assert!(world.has_event("multi", "Started: Container started x1"));
    world.delete("multi", 30);
    world.advance(secs(3));
    assert!(world.pod("multi").is_null());
}

#[test]
fn hooks_run_after_the_start_and_before_the_end() {
    let mut world = World::new();
    let agnhost = "registry.k8s.io/e2e-test-images/agnhost:2.40";
    world.run("hooks", json!({"image": agnhost, "args": ["netexec"], "lifecycle": {
        "postStart": {"sleep": {"seconds": 2}}, "preStop": {"httpGet": {"path": "/echo?msg=bye", "port": 8080}}}}));
    world.run("bad", json!({"image": agnhost, "args": ["netexec"], "lifecycle": {"postStart": {"exec": {"command": ["nope"]}}}}));
    world.advance(secs(3));
    let state = |world: &World, pod: &str| world.pod(pod)["status"]["containerStatuses"][0]["state"].clone();
    assert_eq!(
        state(&world, "hooks").at("waiting.reason"),
        "ContainerCreating",
        "not before its hook is done"
    );
    world.advance(secs(3));
    assert!(!state(&world, "hooks")["running"].is_null());
    assert!(world.has_event("bad", "FailedPostStartHook: PostStartHook failed: exec: \"nope\""));
    world.delete("hooks", 30);
    world.advance(secs(1));
    let log = world.kubelet.logs("default", "hooks", "c", &LogOptions::default());
    assert!(log.is_err() || log.unwrap().iter().any(|l| l.text.ends_with(b"GET /echo")));
    world.advance(secs(3));
    assert!(world.pod("hooks").is_null());
}

#[test]
fn jobs_pods_end_and_stay() {
    let mut world = World::new();
    let pod = |seconds: &str| {
        json!({"spec": {"restartPolicy": "Never", "containers": [
        {"name": "c", "image": "polinux/stress", "args": ["stress", "--cpu", "1", "--timeout", seconds]}]}})
    };
    world.create("pods", "done", pod("1s"));
    world.create("pods", "fail", pod("bad"));
    world.create(
        "pods",
        "late",
        json!({"spec": {"activeDeadlineSeconds": 3, "containers": [{"name": "c", "image": "nginx:1.27"}]}}),
    );
    world.advance(secs(8));
    for (name, phase, reason, code) in [
        ("done", "Succeeded", "Completed", 0),
        ("fail", "Failed", "Error", 1),
        ("late", "Failed", "Completed", 0),
    ] {
        let pod = world.pod(name);
        let state = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
        assert_eq!(
            (pod.at("status.phase").str(), state["reason"].str(), state["exitCode"].int()),
            (phase, reason, code),
            "{pod:?}"
        );
        assert_eq!(pod.at("status.conditions")[0]["status"], "False", "its sandbox is gone");
    }
    assert_eq!(world.pod("done").at("status.conditions")[2]["reason"], "PodCompleted");
    assert_eq!(world.pod("fail").at("status.conditions")[2]["reason"], "PodFailed");
    let late = world.pod("late");
    assert_eq!(late.at("status.reason"), "DeadlineExceeded");
    assert_eq!(late.at("status.message"), "Pod was active on the node longer than the specified deadline");
    let log = world.kubelet.logs("default", "done", "c", &LogOptions::default()).unwrap();
    assert!(log[0].text.starts_with(b"stress: info: [1] dispatching hogs: 1 cpu"));
    world.delete("done", 30);
    world.advance(secs(1));
    assert!(world.pod("done").is_null());
}

#[test]
fn a_volume_is_shared_and_a_config_map_follows_its_source() {
    let mut world = World::new();
    world.create("configmaps", "page", json!({"data": {"index.html": "one\n"}}));
    world.create(
        "pods",
        "web",
        json!({"spec": {"restartPolicy": "Always", "containers": [{"name": "c", "image": "nginx:1.27",
            "volumeMounts": [{"name": "page", "mountPath": "/usr/share/nginx/html"}]}],
            "volumes": [{"name": "page", "configMap": {"name": "page"}}]}}),
    );
    world.advance(secs(4));
    let body = |world: &mut World| match world.ask("web", 80, Payload::Http(HttpRequest::get("/"))) {
        Some(Ok(Response::Http(r))) => String::from_utf8(r.body).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(body(&mut world), "one\n");
    world.create("configmaps", "page", json!({"data": {"index.html": "two\n"}}));
    assert_eq!(body(&mut world), "one\n");
    world.advance(secs(91));
    assert_eq!(body(&mut world), "two\n", "after about a minute");
}

#[test]
fn shells_run_in_containers_and_on_the_node() {
    let mut world = World::new();
    world.run("box", json!({"image": "busybox:1.36", "args": ["sh", "-c", "echo start $COLOR; touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"],
        "env": [{"name": "COLOR", "value": "blue"}],
        "livenessProbe": {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}}));
    world.run("exit3", json!({"image": "busybox:1.36", "command": ["sh", "-c", "echo failing; echo why > /dev/termination-log; exit 3"]}));
    world.run("boot", json!({"image": "gcr.io/google-samples/kubernetes-bootcamp:v1"}));
    world.advance(secs(3));
    let log = world.kubelet.logs("default", "box", "c", &LogOptions::default()).unwrap();
    assert_eq!(log[0].text, b"start blue");
    assert_eq!(
        world.exec("box", &["sh", "-c", "echo $HOSTNAME; whoami; cat /etc/hostname; exit 3"]),
        ("box\nroot\nbox\n".into(), 3)
    );
    assert_eq!(world.exec("box", &["false"]).1, 1);
    assert!(world.exec("boot", &["bash", "-c", "head -1 server.js"]).0.starts_with("var http = require"));
    let exit3 = world.pod("exit3")["status"]["containerStatuses"][0].clone();
    let ended = ["state", "lastState"]
        .map(|s| exit3[s]["terminated"].clone())
        .into_iter()
        .find(|t| !t.is_null())
        .unwrap();
    assert_eq!((ended["exitCode"].int(), ended["message"].str()), (3, "why\n"));
    world.advance(secs(47));
    assert!(
        world.has_event(
            "box",
            "Unhealthy: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory x3"
        ),
        "{:?}",
        world.events("box")
    );
    world.advance(secs(40));
    assert_eq!(
        world.pod("box")["status"]["containerStatuses"][0]["restartCount"].int(),
        1,
        "sh ignores SIGTERM for 30 s"
    );
    let argv = vec!["bash".to_string(), "-c".into(), "whoami; hostname; docker ps".into()];
    let session =
        world.kubelet.host_session(world.now, userland::Command { argv, ..Default::default() }).unwrap();
    world.advance(secs(1));
    let text: Vec<u8> = world
        .kubelet
        .session_read(session)
        .into_iter()
        .filter_map(|f| match f {
            client::Frame::Stdout(b) | client::Frame::Stderr(b) => Some(b),
            _ => None,
        })
        .flatten()
        .collect();
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("docker\nnode\n") && text.contains("docker: not simulated"), "{text}");
}

#[test]
fn two_containers_share_a_directory() {
    let mut world = World::new();
    let mount = json!([{"name": "shared", "mountPath": "/data"}]);
    world.create("pods", "pair", json!({"spec": {
        "containers": [
            {"name": "writer", "image": "busybox:1.36", "command": ["sh", "-c", "while true; do date > /data/now; sleep 2; done"], "volumeMounts": mount.clone()},
            {"name": "web", "image": "nginx:1.27", "volumeMounts": [{"name": "shared", "mountPath": "/usr/share/nginx/html", "readOnly": true}]}],
        "volumes": [{"name": "shared", "emptyDir": {}}]}}));
    world.advance(secs(6));
    let answer = world.ask("pair", 80, Payload::Http(HttpRequest::get("/now")));
    assert!(
        matches!(&answer, Some(Ok(Response::Http(r))) if r.status == 200 && r.body.len() > 20),
        "{answer:?}"
    );
}

#[test]
fn what_a_pod_says_of_groups_modes_and_limits_is_seen_inside() {
    let mut world = World::new();
    let volumes = json!([{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}},
        {"name": "info", "downwardAPI": {"defaultMode": 256,
            "items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}}]);
    let sleep = json!(["sh", "-c", "sleep 600"]);
    world.create("pods", "p", json!({"spec": {
        "hostname": "foo", "subdomain": "bar", "setHostnameAsFQDN": true, "imagePullSecrets": [{"name": "none"}],
        "securityContext": {"runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000, "supplementalGroups": [4000],
            "sysctls": [{"name": "kernel.shm_rmid_forced", "value": "0"}]},
        "volumes": volumes,
        "containers": [
            {"name": "a", "image": "busybox:1.36", "command": sleep.clone(), "env": [{"name": "SUB", "value": "part"}],
             "volumeMounts": [{"name": "v", "mountPath": "/logs", "subPathExpr": "$(SUB)"}, {"name": "info", "mountPath": "/info"}]},
            {"name": "b", "image": "busybox:1.36", "command": sleep,
             "volumeMounts": [{"name": "v", "mountPath": "/all"}]}]}}));
    world.advance(secs(4));
    for (script, expected) in [
        ("id", "uid=1000 gid=3000 groups=2000,3000,4000\n"),
        ("echo x > /logs/x; ls -l /logs | tail -1 | cut -c1-24", "-rw-r--r-- 1 1000 2000 2\n"),
        ("ls -ldL /logs /info/name | cut -c1-21", "drwxrwsrwx 2 root 200\n-r--r----- 1 root 200\n"),
        ("hostname; cat /proc/sys/kernel/shm_rmid_forced", "foo.bar.default.svc.cluster.local\n0\n"),
    ] {
        let (text, _) = world.exec("p", &["sh", "-c", script]);
        let sorted = |text: &str| text.lines().map(String::from).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(sorted(&text), sorted(expected), "{script}");
    }
    assert!(world.has_event("p", "Unable to retrieve some image pull secrets (none);"));
    world.exec("p", &["sh", "-c", "head -c 2000000 /dev/zero > /logs/big"]);
    world.advance(secs(12));
    let message = "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". ";
    assert!(world.has_event("p", &format!("Evicted: {message}")), "{:?}", world.events("p"));
}
