use super::*;
use apimachinery::rest::{APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH};

fn message(result: Result<Object, Status>) -> String {
    result.expect_err("an error").message().to_string()
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut s = server();
    for (path, text) in [
        (format!("{PODS}/nosuch"), "pods \"nosuch\" not found"),
        (format!("{DEPLOYMENTS}/nosuch"), "deployments.apps \"nosuch\" not found"),
        ("/api/v1/nodes/nosuch".into(), "nodes \"nosuch\" not found"),
        (format!("{PODS}/nosuch/log"), "pods \"nosuch\" not found"),
    ] {
        assert_eq!(message(get(&mut s, &path)), text);
    }
    let elsewhere = DEPLOYMENTS.replace("default", "nosuch");
    assert_eq!(message(post(&mut s, &elsewhere, deployment("x"))), "namespaces \"nosuch\" not found");
    assert_eq!(
        message(patch(&mut s, &format!("{DEPLOYMENTS}/nosuch"), STRATEGIC_PATCH, json!({}))),
        "deployments.apps \"nosuch\" not found"
    );
    assert_eq!(get(&mut s, &elsewhere).unwrap()["items"].items().len(), 0);
}

#[test]
fn what_is_there_already_or_for_ever() {
    let mut s = server();
    post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    assert_eq!(
        message(post(&mut s, DEPLOYMENTS, deployment("web"))),
        "deployments.apps \"web\" already exists"
    );
    let again = post(&mut s, "/api/v1/namespaces", json!({"metadata": {"name": "kube-system"}}));
    assert_eq!(message(again), "namespaces \"kube-system\" already exists");
    assert_eq!(
        message(delete(&mut s, "/api/v1/namespaces/default", json!({}))),
        "namespaces \"default\" is forbidden: this namespace may not be deleted"
    );
}

#[test]
fn selectors_that_cannot_be_read() {
    let mut s = server();
    let cases = [
        ("fieldSelector", "bogus=1", "field label not supported: bogus"),
        ("fieldSelector", "bogus", "invalid selector: 'bogus'; can't understand 'bogus'"),
        ("labelSelector", "a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("labelSelector", "app in (a", "unable to parse requirement: found '', expected: ',' or ')'"),
        (
            "labelSelector",
            "bad key",
            "unable to parse requirement: found 'key', expected: in, notin, =, ==, !=, gt, lt",
        ),
    ];
    for (key, text, words) in cases {
        let error = send(&mut s, Request::get(PODS).with(key, text)).unwrap_err();
        assert_eq!((error.code(), error.message()), (400, words), "{text}");
    }
}

#[test]
fn patches_that_cannot_be_applied() {
    let mut s = server();
    let path = format!("{DEPLOYMENTS}/web");
    post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    let cases = [
        (
            JSON_PATCH,
            json!([{"op": "remove", "path": "/spec/nope"}]),
            422,
            "the server rejected our request due to an error in our request",
        ),
        (
            JSON_PATCH,
            json!([{"op": "test", "path": "/spec/replicas", "value": 9}]),
            422,
            "the server rejected our request due to an error in our request",
        ),
        (
            JSON_PATCH,
            json!({"a": 1}),
            400,
            "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        ),
        (
            STRATEGIC_PATCH,
            json!({"spec": {"replicas": "three"}}),
            422,
            " \"\" is invalid: patch: Invalid value: \"map[spec:map[replicas:three]]\": unrecognized type: int32",
        ),
        (
            STRATEGIC_PATCH,
            json!([1]),
            400,
            "json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            MERGE_PATCH,
            json!({"metadata": {"name": "other"}}),
            400,
            "the name of the object (other) does not match the name on the URL (web)",
        ),
        (
            APPLY_PATCH,
            json!({}),
            415,
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json",
        ),
    ];
    for (kind, body, code, words) in cases {
        let error = patch(&mut s, &path, kind, body).unwrap_err();
        assert_eq!((error.code(), error.message()), (code, words));
    }
    let mut broken = Request::patch(path.as_str(), STRATEGIC_PATCH, Value::Null);
    broken.body = Body::Text("{bad".into());
    assert_eq!(
        message(send(&mut s, broken)),
        "invalid character 'b' looking for beginning of object key string"
    );
}

#[test]
fn unknown_fields_are_refused_or_warned_of() {
    let mut s = server();
    let mut body = deployment("web");
    body.set_at("spec.replica", 3);
    body.at_mut("spec.template.spec.containers").array_mut()[0].set("imagePullpolicy", "Always");
    let request = |mode: &str| {
        Request::new(Method::Post, DEPLOYMENTS).with("fieldValidation", mode).with_body(body.clone())
    };
    assert_eq!(
        message(send(&mut s, request("Strict"))),
        "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: unknown field \"spec.replica\", unknown field \"spec.template.spec.containers[0].imagePullpolicy\""
    );
    let warned = s.handle(NOW, request("Warn"));
    let wanted = [
        "unknown field \"spec.replica\"",
        "unknown field \"spec.template.spec.containers[0].imagePullpolicy\"",
    ];
    assert_eq!((warned.status, warned.warnings.as_slice()), (201, wanted.map(String::from).as_slice()));
    assert!(warned.value().at("spec.replica").is_null());
    let typed = json!({"spec": {"replicas": "three"}, "metadata": {"name": "x"}});
    assert_eq!(
        message(post(&mut s, DEPLOYMENTS, typed)),
        "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"
    );
    assert!(message(send(&mut s, request("Loose"))).contains("Unsupported value: \"Loose\""));
}

#[test]
fn bodies_that_do_not_belong_here() {
    let mut s = server();
    let cases = [
        (
            json!({"apiVersion": "apps/v1", "kind": "Deployment"}),
            "the API version in the data (apps/v1) does not match the expected API version (v1)",
        ),
        (
            json!({"metadata": {"name": "p", "namespace": "other"}, "spec": {"containers": []}}),
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
    ];
    for (body, words) in cases {
        let error = post(&mut s, PODS, body).unwrap_err();
        assert_eq!((error.code(), error.message()), (400, words));
    }
    let text = |text: &str, kind: &str| {
        let mut request = Request::new(Method::Post, PODS);
        request.body = Body::Text(text.into());
        request.content_type = kind.into();
        request
    };
    assert_eq!(
        message(send(&mut s, text("hello", ""))),
        "invalid character 'h' looking for beginning of value"
    );
    assert_eq!(send(&mut s, text("x", "text/html")).unwrap_err().code(), 415);
    let long = "x".repeat(MAX_REQUEST_BYTES + 1);
    assert_eq!(message(send(&mut s, text(&long, ""))), "Request entity is too large: limit is 3145728");
    let mut large = json!({"metadata": {"name": "large"}, "data": {"x": "y".repeat(900_000).as_str()}});
    let maps = "/api/v1/namespaces/default/configmaps";
    post(&mut s, maps, large.clone()).unwrap();
    large.set("data", json!({"x": "y".repeat(MAX_OBJECT_BYTES).as_str()}));
    assert!(post(&mut s, maps, large).is_err());
}

#[test]
fn methods_and_paths_that_are_not_served() {
    let mut s = server();
    assert_eq!(send(&mut s, Request::new(Method::Delete, "/api/v1/namespaces")).unwrap_err().code(), 405);
    assert_eq!(
        send(&mut s, Request::new(Method::Post, "/api/v1/pods").with_body(pod("p"))).unwrap_err().code(),
        405
    );
    assert_eq!(s.handle(NOW, Request::get("/api/v1/podz")).status, 404);
    assert_eq!(s.handle(NOW, Request::get("/api/v1/nodes/n/scale")).status, 404);
    post(&mut s, PODS, pod("p")).unwrap();
    let refused =
        patch(&mut s, &format!("{PODS}/p/ephemeralcontainers"), MERGE_PATCH, json!({})).unwrap_err();
    assert_eq!(
        refused.message(),
        "the subresource pods/ephemeralcontainers is not simulated in this cluster"
    );
}

#[test]
fn connections_are_checked_before_they_are_made() {
    let mut s = server();
    let mut two = pod("two");
    two.at_mut("spec.containers").array_mut().push(json!({"name": "side", "image": "redis"}));
    post(&mut s, PODS, two).unwrap();
    running_pod(&mut s, "p");
    let ask = |s: &mut ApiServer, path: &str, container: &str| {
        send(s, Request::get(format!("{PODS}/{path}")).with("container", container).with("command", "ls"))
    };
    assert_eq!(
        message(ask(&mut s, "two/log", "")),
        "a container name must be specified for pod two, choose one of: [c side]"
    );
    assert_eq!(message(ask(&mut s, "two/exec", "nope")), "container nope is not valid for pod two");
    assert_eq!(message(ask(&mut s, "two/exec", "c")), "pod two does not have a host assigned");
    let silent = s.handle(NOW, Request::get(format!("{PODS}/two/log")).with("container", "c"));
    assert!(matches!(silent.body, Body::Text(text) if text.is_empty()));
    let connected = s.handle(NOW, Request::get(format!("{PODS}/p:8080/proxy/a/b")));
    let Body::Connect(connect) = connected.body else { panic!("no connection") };
    assert_eq!(
        (connect.object.name(), connect.rest.as_str(), connect.target.1.as_str()),
        ("p", "/a/b", "8080")
    );
    post(&mut s, SERVICES, json!({"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})).unwrap();
    assert_eq!(
        message(get(&mut s, &format!("{SERVICES}/web:99/proxy/"))),
        "no service port \"99\" found for service \"web\""
    );
}

#[test]
fn conflicts_and_old_versions() {
    let mut s = server();
    let made = post(&mut s, DEPLOYMENTS, deployment("web")).unwrap();
    let path = format!("{DEPLOYMENTS}/web");
    patch(&mut s, &path, MERGE_PATCH, json!({"spec": {"replicas": 2}})).unwrap();
    let words = "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; please apply your changes to the latest version and try again";
    assert_eq!(message(put(&mut s, &path, made.clone())), words);
    let old = json!({"metadata": {"resourceVersion": "1", "labels": {"a": "b"}}});
    assert_eq!(message(patch(&mut s, &path, MERGE_PATCH, old)), words);
    let mut unconditional = made;
    unconditional.meta_mut().remove("resourceVersion");
    assert_eq!(put(&mut s, &path, unconditional.clone()).unwrap().at("spec.replicas").int(), 1);
    unconditional.meta_mut().insert("uid", "other".into());
    assert!(
        message(put(&mut s, &path, unconditional))
            .contains("Precondition failed: UID in precondition: other")
    );
    let far = send(&mut s, Request::get(PODS).with("resourceVersion", "999999")).unwrap_err();
    assert!(far.message().starts_with("Timeout: Too large resource version: 999999, current: "));
}

#[test]
fn endpoints_are_deprecated() {
    let mut s = server();
    let response = s.handle(NOW, Request::get("/api/v1/namespaces/default/endpoints"));
    assert_eq!(
        response.warnings,
        ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    );
}
